// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_job.h: one Slurm job from its submission to its end, and the workers in it.
// On the way of the data: engine/slurm_launcher.cc -> here (engine/slurm_script.h, engine/slurm_state.h) ->
// base/child_process.h: sbatch, scontrol, scancel.
//
//   Begin   writes the job's files and submits it; what Slurm refuses is the end of all its workers
//   looks   at the files of its ranks several times a second (what they write, and how they ended), and at
//           the job's state at most once a second, less often while nothing changes
//   End     of one worker: a signal through its file, if others of the job go on; of all: scancel
// A job that will not end is given up after a while, so that the run can.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/child_process.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/engine/slurm_script.h"
#include "core/engine/slurm_state.h"

namespace concertina {

// Full paths; kNotFound: Slurm's client is not installed.
struct SlurmPrograms {
  std::string sbatch, scontrol, scancel;
};
absl::StatusOr<SlurmPrograms> FindSlurmPrograms();
// What the programs of Slurm are given in place of the engine's environment: variables that stand for options
// (SBATCH_PARTITION) would overrule the script, and those of a job that the engine itself runs in would leak
// into it.
std::vector<std::string> SlurmEnvironment();

// Runs a program of Slurm to its end, or kills it after kSlurmAnswerSeconds (`is_late`); the output is cut at
// 64 KiB. `input`: what it reads; "": nothing. On the thread of `children`; a program that cannot be started
// answers at once, with exit code 127.
inline constexpr double kSlurmAnswerSeconds = 30;
using OnSlurmAnswer = std::function<void(const ChildExit& exit, bool is_late, const std::string& output)>;
void CallSlurm(ChildProcesses& children, std::vector<std::string> arguments, const std::string& input,
               OnSlurmAnswer on_answer);

// Everything here belongs to the thread of `children`, which outlives it, but for the constructor.
class SlurmJob : public std::enable_shared_from_this<SlurmJob> {
 public:
  static constexpr double kEndSeconds = 60;     // from scancel to the end of the job
  static constexpr double kExitLagSeconds = 6;  // from a worker's end until its exit is told, mostly

  struct Settings {
    SlurmPrograms programs;
    SlurmOptions options;
    SlurmTask task;
    bool keeps_folder = true;  // the job's files stay, but for secrets: its folder is in the run's
  };
  SlurmJob(ChildProcesses& children, Settings settings, std::span<LaunchOrder> orders);
  ~SlurmJob();

  void Begin();
  // `at_once`: it is killed, else asked.
  void End(size_t worker, bool at_once);
  // Cancels what is left of it; `done` once scancel has ended, or at once where there is nothing to cancel.
  void Cancel(std::function<void()> done);
  // Its workers are told, and no process of it is left as far as is known.
  bool is_over() const { return is_over_; }

 private:
  struct Worker {
    LaunchRequest request;
    Launcher::OnExit on_exit;
    Launcher::OnLine on_line;
    std::unique_ptr<RankLog> log;
    int64_t read_bytes = 0;  // of its output
    bool is_asked = false, is_killed = false;
    int end_signal = 0;            // that its file has
    std::optional<int> exit_code;  // that it left; told at the next look, when all its output is read
    bool is_over = false;
  };

  absl::Status WriteFiles();
  void Submit();
  void CancelByName();
  void OnSubmitted(const ChildExit& exit, const std::string& output);
  void LookAtFiles();
  void LookAtState();
  void OnState(const std::string& output);
  void OnStateSeen(const SlurmState& seen);
  void DecideEnd();
  void SignalAlone(Worker& worker);
  void ReadOutput(const std::string& path, int64_t& read_bytes, RankLog& log);
  void FinishAll(const WorkerExit& exit);
  void Finish(Worker& worker, const WorkerExit& exit);
  void BeOver();
  // A line in the log of the first worker that is left; `is_event`: also told as an event of the run.
  void Say(const std::string& text, bool is_event);
  void Call(std::vector<std::string> arguments, OnSlurmAnswer on_answer);
  size_t CountLeft() const;

  ChildProcesses& children_;
  Settings settings_;
  std::vector<Worker> workers_;
  std::string id_;  // "" until sbatch has said it
  bool is_submitting_ = false, is_asking_state_ = false, is_deciding_ = false;
  bool has_started_ = false, is_over_ = false, is_silent_ = false;
  bool is_cancelled_ = false, is_killed_ = false;  // scancel was sent
  std::optional<SlurmState> state_;
  int unknown_looks_ = 0;  // at a job that Slurm does not know
  int looks_after_end_ = 0;
  double changed_ = 0, next_look_ = 0, give_up_ = 0;  // steady seconds; 0: not yet
  int64_t read_bytes_ = 0;                            // of the script's output
};

}  // namespace concertina
