// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// acknowledged_checks.cc: see acknowledged_checks.h.
#include "tests/core/engine/simulation/acknowledged_checks.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "core/engine/run_marks.h"

namespace concertina::simulation {
namespace {

uint32_t ColorOf(int64_t number) { return static_cast<uint32_t>(1 + number % kMostColor); }
std::string TagOf(int64_t number) { return fmt::format("t{}", number); }

}  // namespace

proto::MarkRunsRequest AcknowledgedChecks::MarkRequest(const std::string& run, int64_t number, bool pins) {
  proto::MarkRunsRequest request;
  request.add_runs(run);
  request.set_note(fmt::format("{}", number));
  request.set_color(ColorOf(number));
  request.add_add_tags(TagOf(number));
  if (pins) request.set_pinned(true);
  return request;
}

void AcknowledgedChecks::Marked(const std::string& run, int64_t number, bool pins) {
  runs_[run].mark = std::max(runs_[run].mark, number);
  if (!pins) return;
  // Answers come in the order of the requests, but for those that were refused.
  const auto asked = std::find(pins_.begin(), pins_.end(), run);
  if (asked == pins_.end()) return;
  pins_.erase(pins_.begin(), asked);
  pin_is_told_ = true;
}

int64_t AcknowledgedChecks::AskBin(const std::string& run, bool is_binned) {
  Told& told = runs_[run];
  told.is_binned = is_binned;
  told.bin_is_told = false;
  return ++told.bin_request;
}

void AcknowledgedChecks::Binned(const std::string& run, int64_t number) {
  Told& told = runs_[run];
  if (number == told.bin_request) told.bin_is_told = true;
}

void AcknowledgedChecks::Resumed(const std::string& run, int64_t attempt) {
  runs_[run].attempt = std::max(runs_[run].attempt, attempt);
}

void AcknowledgedChecks::AfterStart(RunTable& table) {
  std::map<std::string, const proto::RunSummary*> all, bin;
  for (const proto::RunSummary* run : table.All()) all[run->run()] = run;
  for (const proto::RunSummary* run : table.InBin()) bin[run->run()] = run;
  for (const auto& [id, told] : runs_) {
    const bool is_in_bin = bin.contains(id);
    const auto found = all.find(id);
    CheckRun(id, told, is_in_bin ? bin[id] : found == all.end() ? nullptr : found->second, is_in_bin);
  }
  std::vector<std::string> pinned;
  for (const auto* runs : {&all, &bin})
    for (const auto& [id, run] : *runs)
      if (run->marks().pinned()) pinned.push_back(id);
  if (pinned.size() > 1) world_.Violate("runs {} and {} are both pinned", pinned[0], pinned[1]);
  // The one that is pinned may be gone for good.
  const bool is_any_gone = std::any_of(pins_.begin(), pins_.end(), [&](const std::string& id) {
    return !all.contains(id) && !bin.contains(id);
  });
  if (pin_is_told_ && !is_any_gone) {
    ++held_;
    if (pinned.empty())
      world_.Violate("run {} was acknowledged to be pinned, and none is", pins_.front());
    else if (std::find(pins_.begin(), pins_.end(), pinned[0]) == pins_.end())
      world_.Violate("run {} was acknowledged to be pinned, and run {} is", pins_.front(), pinned[0]);
  }
  // What it is now was perhaps never answered; nothing rests on that.
  pin_is_told_ = pin_is_told_ && pins_.size() == 1 && !is_any_gone;
  if (!pin_is_told_) pins_ = pinned;
}

void AcknowledgedChecks::CheckRun(const std::string& id, const Told& told, const proto::RunSummary* run,
                                  bool is_in_bin) {
  if (told.is_purged) {
    ++held_;
    if (run != nullptr) world_.Violate("run {} was acknowledged to be gone for good, and is there", id);
    return;
  }
  if (run == nullptr) return;  // being emptied away, or one that was never acknowledged itself
  if (told.bin_is_told) {
    ++held_;
    if (is_in_bin != told.is_binned)
      world_.Violate("run {} was acknowledged to be {}, and is {}", id,
                     told.is_binned ? "in the bin" : "out of the bin", is_in_bin ? "in it" : "not");
  }
  if (told.attempt > 0) {
    ++held_;
    if (run->attempt() < told.attempt)
      world_.Violate("run {} was acknowledged to be resumed, as attempt {}, and is at attempt {}", id,
                     told.attempt, run->attempt());
  }
  if (told.mark == 0) return;
  ++held_;
  int64_t found = 0;
  if (!absl::SimpleAtoi(run->marks().note(), &found) || found < told.mark)
    return world_.Violate("run {} was acknowledged to have mark {}, and has \"{}\"", id, told.mark,
                          run->marks().note());
  const auto& tags = run->marks().tags();
  const bool has_tag = std::find(tags.begin(), tags.end(), TagOf(told.mark)) != tags.end();
  if (run->marks().color() != ColorOf(found) || !has_tag)
    world_.Violate("run {} has the note of mark {}, but not all else of it and of mark {}", id, found,
                   told.mark);
}

}  // namespace concertina::simulation
