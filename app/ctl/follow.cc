// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// follow.cc: see follow.h.
#include "app/ctl/follow.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/ctl/output.h"
#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "fmt/format.h"

namespace concertina::ctl {

namespace {

// So much of a text as stands in the terminal's line behind `before` columns: a line that wraps could not be
// drawn over. 0: all of it.
std::string WithinColumns(const std::string& text, int before) {
  winsize size = {};
  if (before == 0 || ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return text;
  return CutUtf8(text, static_cast<size_t>(std::max(0, size.ws_col - before)));
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) != 0) {}

void ProgressBar::Update(const proto::RunSummary& run) {
  Update(run, run.has_train_loss() ? run.train_loss() : NAN, run.has_test() ? run.test_accuracy() : NAN);
}

void ProgressBar::Update(const proto::RunSummary& run, double loss, double accuracy) {
  const double now = Clock::Real().SteadySeconds();
  const bool ended = Ended(run.state());
  if (!ended && now - drawn_ < (terminal_ ? 0.1 : 5.0)) return;
  drawn_ = now;
  const double share =
      run.total_steps() > 0 ? static_cast<double>(run.steps()) / static_cast<double>(run.total_steps()) : 0;
  constexpr int kWidth = 28;
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += share * kWidth >= i + 1 ? "━" : "─";
  std::string line =
      fmt::format("{} {:3.0f} %  {}  epoch {:.2f}", bar, share * 100, StateName(run.state()), run.epochs());
  if (!run.doing().empty()) {
    line += "  " + WithinColumns(run.doing(), terminal_ ? kWidth + 36 : 0);
    Tell("{}{}{}", terminal_ ? "\r\033[K" : "", line, terminal_ && !ended ? "" : "\n");
    return;
  }
  if (loss == loss) line += fmt::format("  loss {:.4f}", loss);
  if (accuracy == accuracy) line += fmt::format("  accuracy {:.4f}", accuracy);
  if (run.samples_per_second() > 0)
    line += fmt::format("  {} samples/s", CountText(run.samples_per_second()));
  line += fmt::format("  {} sent", BytesText(static_cast<double>(run.bytes_sent())));
  if (terminal_) {
    Tell("\r\033[K{}{}", line, ended ? "\n" : "");
  } else {
    Tell("{}\n", line);
  }
}

}  // namespace concertina::ctl
