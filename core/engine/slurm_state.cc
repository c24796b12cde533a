// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_state.cc: see slurm_state.h.
#include "core/engine/slurm_state.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/numbers.h"
#include "core/base/descriptor.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

struct StateWords {
  std::string_view state;
  bool is_over;
  std::string_view words;  // behind "the job …"
};
constexpr StateWords kStates[] = {
    {"PENDING", false, "waits"},
    {"CONFIGURING", false, "has its nodes, which are being made ready"},
    {"RUNNING", false, "runs"},
    {"COMPLETING", false, "is ending"},
    {"COMPLETED", true, "has ended"},
    {"CANCELLED", true, "was cancelled"},
    {"FAILED", true, "failed"},
    {"TIMEOUT", true, "reached its time limit (\"time_minutes\")"},
    {"NODE_FAIL", true, "lost one of its nodes"},
    {"PREEMPTED", true, "had to make room for a job of higher priority"},
    {"OUT_OF_MEMORY", true, "used more memory than it was given (ask for more with --mem in \"extra\")"},
    {"BOOT_FAIL", true, "was given a node that could not be started"},
    {"DEADLINE", true, "could not end before its deadline"},
    {"LAUNCH_FAILED", true, "could not be started on its nodes"},
    {"RECONFIG_FAIL", true, "could not be started, since its nodes could not be set up"},
    {kSlurmForgotten, true, "is not known to Slurm any more"},
    {"REVOKED", true, "was started by another cluster of the federation"},
    {"REQUEUED", false, "was put back into the queue"},
    {"REQUEUE_FED", false, "is moved to another cluster of the federation"},
    {"REQUEUE_HOLD", false, "was put back into the queue, and is held there"},
    {"RESV_DEL_HOLD", false, "is held, since its reservation was deleted"},
    {"RESIZING", false, "is being resized"},
    {"SIGNALING", false, "is being signalled"},
    {"SPECIAL_EXIT", false, "was put back into the queue by the site's rules, and is held there"},
    {"STAGE_OUT", false, "is staging out its files"},
    {"STOPPED", false, "was stopped by a signal, and keeps its nodes"},
    {"SUSPENDED", false, "is suspended: its processes stand still"},
};

struct ReasonWords {
  std::string_view reason;  // a beginning, where it ends in '*'
  std::string_view words;
};
// In this order: the first that fits.
constexpr ReasonWords kReasonWords[] = {
    {"WaitingForScheduling", "Slurm has not looked at it yet"},
    {"Resources", "the partition has no free nodes"},
    {"Priority", "jobs of higher priority come first"},
    {"Dependency", "for a job that it depends on"},
    {"DependencyNeverSatisfied", "for ever: what it depends on will never be"},
    {"BeginTime", "for the time that it may begin at"},
    {"JobHeldUser", "it is held by its user (scontrol release lets it go)"},
    {"JobHeldAdmin", "it is held by an administrator"},
    {"Licenses", "for a licence"},
    {"Reservation", "for its reservation to begin"},
    {"ReservationDeleted", "its reservation was deleted"},
    {"PartitionDown", "the partition is down"},
    {"PartitionInactive", "the partition starts no jobs now"},
    {"PartitionNodeLimit", "it asks for more nodes than the partition allows, or has"},
    {"PartitionTimeLimit", "it asks for more time than the partition allows: lower \"time_minutes\""},
    {"BadConstraints", "no node has all that it asks for: look at \"extra\""},
    {"ReqNodeNotAvail*", "nodes that it needs are down, drained or reserved"},
    {"Nodes_required_for_job_are_DOWN*", "nodes that it needs are down, drained or reserved"},
    {"NodeDown", "a node that it needs is down"},
    {"FrontEndDown", "no front end is available"},
    {"InvalidAccount", "its account is not valid: look at \"account\""},
    {"AccountNotAllowed", "its account may not use the partition: look at \"account\""},
    {"AccountingPolicy", "a limit of its account is reached"},
    {"InvalidQOS", "its quality of service is not valid"},
    {"QOSNotAllowed", "its quality of service may not be used here"},
    {"QOSUsageThreshold", "its quality of service needs a better usage factor"},
    {"QOSMaxJobsPerUserLimit", "you have as many jobs running as your quality of service allows"},
    {"AssocMaxJobsLimit", "you have as many jobs running as your account allows"},
    {"QOSGrp*", "the quality of service has no more to give until other jobs end"},
    {"QOSMax*", "it asks for more than its quality of service allows"},
    {"QOSMin*", "it asks for less than its quality of service demands"},
    {"QOS*", "a limit of its quality of service is reached"},
    {"AssocGrp*", "the account has no more to give until other jobs end"},
    {"AssocMax*", "it asks for more than its account allows"},
    {"Association*", "a limit of its account is reached"},
    {"MaxMemPerLimit", "it asks for more memory than is allowed"},
    {"MaxMemoryPerAccount", "the account has no more memory to give until other jobs end"},
    {"BurstBuffer*", "for its burst buffer"},
    {"Cleaning", "its last start is being cleaned up"},
    {"Prolog", "its nodes are being prepared"},
    {"NonZeroExitCode", "its script ended with an error"},
    {"RaisedSignal*", "its script was killed by a signal"},
    {"JobLaunchFailure", "it could not be started on its nodes: is the folder there, and may you use them?"},
    {"launch_failed_requeued_held", "it could not be started on its nodes, and is held"},
    {"TimeLimit", "its time was over"},
    {"InactiveLimit", "it did nothing for too long"},
    {"OutOfMemory", "its memory was not enough"},
    {"SystemFailure", "Slurm, a file system or the network failed"},
    {"DeadLine", "its deadline is over"},
};

// sbatch's own words, and what can be done.
constexpr std::pair<std::string_view, std::string_view> kRefusals[] = {
    {"Invalid partition", "sinfo lists the partitions; look at \"partition\""},
    {"Invalid account", "sacctmgr show associations lists yours; look at \"account\""},
    {"Invalid feature", "no node has that feature; look at --constraint in \"extra\""},
    {"time limit is invalid", "the partition allows less; lower \"time_minutes\""},
    {"More processors requested",
     "the partition has fewer cores; lower \"count\" or the threads of a worker"},
    {"Node count specification invalid", "the partition allows fewer nodes; lower \"nodes\""},
    {"node configuration is not available", "no nodes of the partition fit; look at \"nodes\" and \"extra\""},
    {"nrecognized option", "sbatch does not know one of the options in \"extra\""},
    {"Unable to contact slurm controller", "is slurmctld running, and is SLURM_CONF right?"},
    {"timed out", "is slurmctld running, and can it keep up?"},
    {"configuration source", "Slurm finds no slurm.conf here; set SLURM_CONF for the engine"},
    {"Invalid authentication credential", "is munge running with the same key, and are the clocks right?"},
    {"Munge", "is munge running with the same key, and are the clocks right?"},
    {"ccess/permission denied", "you may not use the partition, or have no account"},
};

const StateWords* FindState(const std::string& state) {
  const auto* found = std::find_if(std::begin(kStates), std::end(kStates),
                                   [&](const auto& each) { return each.state == state; });
  return found == std::end(kStates) ? nullptr : found;
}

std::string_view WordsOfReason(const std::string& reason) {
  for (const ReasonWords& each : kReasonWords) {
    const bool is_beginning = each.reason.ends_with('*');
    if (is_beginning ? reason.starts_with(each.reason.substr(0, each.reason.size() - 1))
                     : reason == each.reason)
      return each.words;
  }
  return "";
}

// Lines without their blanks at the ends, and without empty ones.
std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())) != 0)
      line.remove_prefix(1);
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

// The value of " NAME=" in a line; "" also for "(null)".
std::string Field(std::string_view line, std::string_view name) {
  const std::string sign = fmt::format(" {}=", name);
  size_t at = line.find(sign);
  if (at == std::string_view::npos) return "";
  at += sign.size();
  std::string value(line.substr(at, line.find(' ', at) - at));
  return value == "(null)" || value == "None" ? "" : value;
}

std::string WithReason(std::string_view words, const std::string& reason) {
  if (reason.empty()) return std::string(words);
  const std::string_view known = WordsOfReason(reason);
  return known.empty() ? fmt::format("{} ({})", words, Shortened(reason))
                       : fmt::format("{}: {} ({})", words, known, Shortened(reason));
}

}  // namespace

absl::StatusOr<SlurmState> ParseSlurmState(std::string_view output) {
  for (const std::string& line : LinesOf(output)) {
    if (line.find("Invalid job id") != std::string::npos)
      return absl::NotFoundError("Slurm knows no such job");
    if (!line.starts_with("JobId=")) continue;
    SlurmState job{
        .state = Field(line, "JobState"), .reason = Field(line, "Reason"), .nodes = Field(line, "NodeList")};
    const std::string exit = Field(line, "ExitCode");  // "137:0": of the script, and a signal
    const size_t colon = exit.find(':');
    if (job.state.empty() || colon == std::string::npos ||
        !absl::SimpleAtoi(exit.substr(0, colon), &job.exit_code) ||
        !absl::SimpleAtoi(exit.substr(colon + 1), &job.signal))
      break;
    return job;
  }
  const std::vector<std::string> lines = LinesOf(output);
  return absl::UnavailableError(fmt::format("Slurm does not say how the job is: {}",
                                            lines.empty() ? "no answer" : Shortened(lines.back())));
}

absl::StatusOr<std::string> ParseSlurmId(std::string_view output) {
  std::string id;
  for (const std::string& line : LinesOf(output)) {
    // "12", or "12;cluster"
    const std::string number = line.substr(0, line.find(';'));
    const bool is_number =
        !number.empty() && number.size() < 12 &&
        std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (is_number) id = number;
  }
  if (!id.empty()) return id;
  return absl::UnavailableError("sbatch named no job");
}

bool IsOver(const SlurmState& job) {
  const StateWords* words = FindState(job.state);
  return words != nullptr && words->is_over;
}

std::string SlurmWords(const SlurmState& job) {
  const StateWords* words = FindState(job.state);
  if (words == nullptr) return WithReason("is " + Shortened(job.state), job.reason);
  if (job.state == "RUNNING")
    return job.nodes.empty() ? "runs" : fmt::format("runs on {}", Shortened(job.nodes));
  // The reason of a job that is over is the last that it waited for, except where it says how it failed.
  if (words->is_over && job.state != "FAILED") return std::string(words->words);
  return WithReason(words->words, job.reason);
}

WorkerExit SlurmEnd(const std::string& id, const SlurmState& job, bool has_started) {
  WorkerExit exit;
  if (job.state == "COMPLETED") return exit;
  exit.exit_code = job.exit_code != 0 ? job.exit_code : 1;
  exit.is_cause = true;
  exit.never_started = !has_started;
  exit.message = fmt::format("Slurm job {} {}", id, SlurmWords(job));
  if (job.state != "FAILED") return exit;
  if (job.signal != 0)
    exit.message += fmt::format(", by signal {}", job.signal);
  else if (job.exit_code != 0)
    exit.message += fmt::format(", exit code {}", job.exit_code);
  return exit;
}

absl::StatusOr<SlurmEstimate> ParseSlurmEstimate(std::string_view output, int exit_code) {
  // "sbatch: Job 4 to start at 2026-11-27T16:51:43 using 2 processors on nodes n[1-2] in partition main"
  const auto word_after = [](const std::string& line, std::string_view sign) {
    const size_t at = line.find(sign);
    if (at == std::string::npos) return std::string();
    const size_t begin = at + sign.size();
    return line.substr(begin, line.find(' ', begin) - begin);
  };
  for (const std::string& line : LinesOf(output)) {
    SlurmEstimate estimate{.start = word_after(line, " to start at "),
                           .nodes = word_after(line, " on nodes "),
                           .partition = word_after(line, " in partition ")};
    if (exit_code == 0 && !estimate.start.empty() &&
        absl::SimpleAtoi(word_after(line, " using "), &estimate.cores) && estimate.cores >= 0)
      return estimate;
  }
  return absl::UnavailableError(SlurmRefusal(output, exit_code));
}

std::string SlurmRefusal(std::string_view output, int exit_code) {
  std::vector<std::string> lines = LinesOf(output);
  if (lines.empty())
    return fmt::format("sbatch ended with exit code {}{}", exit_code,
                       exit_code == 127 ? " (it could not be run)" : "");
  constexpr std::string_view kPrefixes[] = {
      "sbatch: ", "error: ", "fatal: ", "Batch job submission failed: ", "allocation failure: "};
  std::string reason = lines.back();
  for (const std::string_view prefix : kPrefixes)
    if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  std::string text = fmt::format("Slurm refused the job: {}", reason);
  for (const auto& [sign, advice] : kRefusals)
    if (output.find(sign) != std::string_view::npos) return fmt::format("{} ({})", text, advice);
  return text;
}

}  // namespace concertina
