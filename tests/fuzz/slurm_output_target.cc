// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_output_target.cc: what sbatch and scontrol write, taken apart and told in plain words.
// Input: what u8 (of four readers) | exit code u8 | the output.
#include <algorithm>

#include "core/engine/slurm_state.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const auto add = [&](uint8_t what, std::string_view output) {
    FuzzBytes& seed = inputs.seeds.emplace_back(FuzzBytes{what, 0});
    seed.insert(seed.end(), output.begin(), output.end());
  };
  add(0,
      "JobId=4 JobName=c UserId=u(0) JobState=RUNNING Reason=None Dependency=(null) ExitCode=0:0 "
      "NodeList=n[1-2] BatchHost=n1\n");
  add(0, "JobId=5 JobName=c JobState=PENDING Reason=QOSGrpNodeLimit ExitCode=0:0 NodeList=(null)\n");
  add(0, "JobId=6 JobName=c JobState=FAILED Reason=NonZeroExitCode ExitCode=137:9 NodeList=n1\n");
  add(1, "sbatch: warning: can't run 1 processes on 2 nodes, setting nnodes to 1\n12\n");
  add(1, "12;cluster\n");
  add(2,
      "sbatch: Job 4 to start at 2026-11-27T16:51:43 using 2 processors on nodes n[1-2] in partition main\n");
  add(3, "sbatch: error: Batch job submission failed: Invalid partition name specified\n");
  inputs.words = {
      "JobId=",         " JobState=", " Reason=",   " ExitCode=",     " NodeList=", "(null)",
      "None",           "PENDING",    "FAILED",     "COMPLETED",      "0:0",        "-1:4294967296",
      " to start at ",  " using ",    " on nodes ", " in partition ", "sbatch: ",   "error: ",
      "Invalid job id", "\n"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const int what = input.Byte() % 4, exit_code = input.Byte();
  const std::string_view output(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  // Lines, twice, a string each; then words of our own.
  const AllocationBound bound({.one = 64 * size + 4096, .all = 512 * size + 65536});
  if (what == 0) {
    const absl::StatusOr<SlurmState> state = ParseSlurmState(output);
    Note(state);
    if (!state.ok()) {
      Require(absl::IsNotFound(state.status()) || absl::IsUnavailable(state.status()),
              "ParseSlurmState gave neither a state nor kNotFound nor kUnavailable");
      Require(state.status().message().size() < 1000, "an endless message");
      return 0;
    }
    Require(!state->state.empty(), "a job without a state");
    Require(!SlurmWords(*state).empty() && SlurmWords(*state).size() < 1000, "no words, or no end of them");
    const WorkerExit exit = SlurmEnd("4", *state, exit_code % 2 == 1);
    Require(state->state == "COMPLETED" || exit.exit_code != 0, "a job that failed ends well");
    static_cast<void>(IsOver(*state));
  } else if (what == 1) {
    const absl::StatusOr<std::string> id = ParseSlurmId(output);
    Note(id);
    if (id.ok())
      Require(!id->empty() && id->size() < 12 &&
                  std::all_of(id->begin(), id->end(), [](char c) { return c >= '0' && c <= '9'; }),
              "an id that is no number");
  } else if (what == 2) {
    const absl::StatusOr<SlurmEstimate> estimate = ParseSlurmEstimate(output, exit_code);
    Note(estimate);
    if (estimate.ok()) Require(!estimate->start.empty() && estimate->cores >= 0, "a start that cannot be");
  } else {
    Require(!SlurmRefusal(output, exit_code).empty(), "refused without a word");
  }
  return 0;
}
