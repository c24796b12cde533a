// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_state.h: what Slurm says of a job, in plain words. States and reasons are those of Slurm 22.05
// [squeue(1), "Job reason codes" and "Job state codes"]. On the way of the data: scontrol's and sbatch's
// output -> here -> engine/slurm_job.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/engine/launcher.h"

namespace concertina {

// In place of a state: of a job that Slurm had, and does not know any more.
inline constexpr char kSlurmForgotten[] = "FORGOTTEN";

struct SlurmState {
  std::string state;   // "PENDING"
  std::string reason;  // "Resources"; "" for none
  std::string nodes;   // "n[1-2]"; "" before it has any
  int exit_code = 0;   // of the batch script
  int signal = 0;
  friend bool operator==(const SlurmState&, const SlurmState&) = default;
};

// The one line of `scontrol --oneliner show job`. kNotFound: Slurm knows no such job, or no more.
// kUnavailable: it answered something else, which the message quotes.
absl::StatusOr<SlurmState> ParseSlurmState(std::string_view output);
// The number of the job that `sbatch --parsable` made, among its warnings; kUnavailable: it made none.
absl::StatusOr<std::string> ParseSlurmId(std::string_view output);

// No process of it is left, and none will be started any more.
bool IsOver(const SlurmState& job);
// "waits: the partition has no free nodes (Resources)"; unknown names are told as they are.
std::string SlurmWords(const SlurmState& job);
// How the workers of a job that is over ended, where they did not leave word themselves.
WorkerExit SlurmEnd(const std::string& id, const SlurmState& job, bool has_started);
// What `sbatch --test-only` says of a job that could be started: where and when it would be.
struct SlurmEstimate {
  std::string start, nodes, partition;
  int64_t cores = 0;
};
// kUnavailable: it would be refused; the message says why.
absl::StatusOr<SlurmEstimate> ParseSlurmEstimate(std::string_view output, int exit_code);
// Why sbatch refused a job, from what it wrote, with what to do where that is known.
std::string SlurmRefusal(std::string_view output, int exit_code);

}  // namespace concertina
