// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mpi_world.cc: see mpi_world.h.
// On the way of the data: engine/local_launcher.cc -> here -> mpirun -> app/worker.
#include "core/engine/mpi_world.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/str_join.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// The number at the beginning of `text`.
std::optional<int> NumberOf(std::string_view text) {
  int number = 0;
  const std::from_chars_result read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && number >= 0 ? std::optional<int>(number) : std::nullopt;
}

// The number behind `words` in a line; none: they are not in it.
std::optional<int> NumberBehind(std::string_view line, std::string_view words) {
  const size_t at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + words.size());
  return NumberOf(rest.substr(std::min(rest.find_first_not_of(' '), rest.size())));
}

}  // namespace

absl::StatusOr<ChildCommand> MpirunCommand(const std::string& worker_program,
                                           std::span<const LaunchOrder> orders) {
  const LaunchRequest& first = orders.front().request;
  ASSIGN_OR_RETURN(const std::string mpirun, FindOnPath("mpirun", "openmpi-bin"));
  ChildCommand command;
  command.arguments = {mpirun, "-np", std::to_string(orders.size()), "--tag-output",
                       // The engine decides how many run here, and each worker how many threads it has.
                       "--oversubscribe", "--bind-to", "none",
                       // Nothing but this machine (mpi_world.h says what is left open).
                       "--host", "localhost", "--mca", "plm", "isolated", "--mca", "oob_tcp_if_include", "lo",
                       "--mca", "oob_tcp_disable_ipv6_family", "1", "--mca", "pml", "ob1", "--mca", "btl",
                       "self,vader",
                       // What a rank says is its own.
                       "--mca", "btl_base_warn_component_unused", "0"};
  command.arguments.insert(command.arguments.end(),
                           {worker_program, "--engine", first.engine_address, "--run", first.run,
                            "--first-rank", std::to_string(first.rank)});
  for (const std::string& folder : first.plugin_folders)
    command.arguments.insert(command.arguments.end(), {"--plugins", folder});
  std::vector<std::string> tokens;
  for (const LaunchOrder& order : orders) tokens.push_back(order.request.token);
  command.environment = {"CONCERTINA_TOKENS=" + absl::StrJoin(tokens, ",")};
  // As root it asks whether one is sure; the engine runs as whoever started it.
  if (geteuid() == 0)
    command.environment.insert(command.environment.end(),
                               {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"});
  return command;
}

void MpirunOutput::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const size_t taken =
        std::min(end == std::string_view::npos ? bytes.size() : end + 1, kMostLineBytes - partial_.size());
    partial_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (partial_.back() != '\n' && partial_.size() < kMostLineBytes) continue;
    Line(partial_);
    partial_.clear();
  }
}

void MpirunOutput::Finish() {
  if (!partial_.empty()) Line(partial_);
  partial_.clear();
}

// "[1,3]<stderr>:what rank 3 wrote"
void MpirunOutput::Line(std::string_view line) {
  constexpr std::string_view kBegin = "[1,", kStdout = "]<stdout>:", kStderr = "]<stderr>:";
  if (line.starts_with(kBegin)) {
    const std::optional<int> rank = NumberOf(line.substr(kBegin.size()));
    const std::string_view tag =
        line.substr(std::min(line.find(']'), line.size()));  // what follows may quote one
    if (rank && *rank < ranks_ && (tag.starts_with(kStdout) || tag.starts_with(kStderr)))
      return on_line_(*rank, tag.substr(kStdout.size()));
  }
  HearMpirun(line);
  on_line_(0, line);
}

void MpirunOutput::HearMpirun(std::string_view line) {
  const auto blame = [this](std::optional<int> rank) {
    if (rank && *rank < ranks_ && !culprit_) culprit_ = rank;
  };
  // "mpirun noticed that process rank 1 with PID 0 on node box exited on signal 9 (Killed)."
  if (const auto signal = NumberBehind(line, "exited on signal")) {
    blame(NumberBehind(line, "process rank"));
    signal_ = *signal;
  }
  // "  Process name: [[17571,1],1]", then "  Exit code:    3"
  if (line.find("Process name: [[") != std::string_view::npos) blame(NumberBehind(line, ",1],"));
  if (const auto code = NumberBehind(line, "Exit code:")) exit_code_ = *code;
}

WorkerExit MpirunOutput::ExitOf(int rank, const ChildExit& ended) const {
  WorkerExit exit;
  if (ended.signal == 0 && ended.exit_code == 0) return exit;
  if (culprit_ == rank) {
    exit.signal = signal_;
    exit.exit_code = exit_code_;
    exit.is_cause = true;
    return exit;
  }
  exit.signal = ended.signal;
  exit.exit_code = ended.exit_code;
  if (ended.signal == 0)
    exit.message = culprit_
                       ? fmt::format("mpirun ended all when rank {} of the MPI world had ended", *culprit_)
                       : fmt::format("mpirun ended with exit code {}", ended.exit_code);
  return exit;
}

}  // namespace concertina
