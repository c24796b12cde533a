// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_job.cc: see slurm_job.h.
#include "core/engine/slurm_job.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "fmt/format.h"

extern char** environ;

namespace concertina {
namespace {

constexpr double kFilesSeconds = 0.25;  // between looks at the files
constexpr size_t kRanksALook = 64;      // more of them are looked at less often
constexpr double kStateSeconds = 1, kCalmStateSeconds = 5;
constexpr double kCalmAfterSeconds = 60;   // without a change
constexpr double kTogetherSeconds = 0.05;  // ends that are wanted of all workers come one by one
constexpr int kUnknownLooks = 3;
constexpr int kSignalled = 128, kLastSignal = 64;

WorkerExit NeverStarted(std::string message) {
  WorkerExit exit;
  exit.exit_code = 1;
  exit.message = std::move(message);
  exit.never_started = exit.is_cause = true;
  return exit;
}

}  // namespace

absl::StatusOr<SlurmPrograms> FindSlurmPrograms() {
  SlurmPrograms programs;
  ASSIGN_OR_RETURN(programs.sbatch, FindOnPath("sbatch", "slurm-client"));
  ASSIGN_OR_RETURN(programs.scontrol, FindOnPath("scontrol", "slurm-client"));
  ASSIGN_OR_RETURN(programs.scancel, FindOnPath("scancel", "slurm-client"));
  return programs;
}

std::vector<std::string> SlurmEnvironment() {
  std::vector<std::string> changed;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    const bool is_option =
        name.starts_with("SBATCH_") || name.starts_with("SCANCEL_") || name.starts_with("SLURM");
    if (is_option && name != "SLURM_CONF" && name != "SLURM_JWT") changed.emplace_back(name);
  }
  return changed;
}

void CallSlurm(ChildProcesses& children, std::vector<std::string> arguments, const std::string& input,
               OnSlurmAnswer on_answer) {
  children.Call({.arguments = std::move(arguments), .environment = SlurmEnvironment()}, input,
                kSlurmAnswerSeconds, [on_answer = std::move(on_answer)](const ChildAnswer& answer) {
                  on_answer(answer.exit, absl::IsDeadlineExceeded(answer.status), answer.output);
                });
}

SlurmJob::SlurmJob(ChildProcesses& children, Settings settings, std::span<LaunchOrder> orders)
    : children_(children), settings_(std::move(settings)) {
  for (LaunchOrder& order : orders) {
    Worker worker;
    worker.request = order.request;
    worker.on_exit = std::move(order.on_exit);
    worker.on_line = std::move(order.on_line);
    workers_.push_back(std::move(worker));
  }
}

SlurmJob::~SlurmJob() = default;

void SlurmJob::Begin() {
  for (Worker& worker : workers_)
    worker.log = std::make_unique<RankLog>(worker.request.log_path, worker.on_line);
  if (const absl::Status written = WriteFiles(); !written.ok()) {
    FinishAll(NeverStarted(std::string(written.message())));
    return BeOver();
  }
  Submit();
}

absl::Status SlurmJob::WriteFiles() {
  const std::string& folder = settings_.task.folder;
  ASSIGN_OR_RETURN(const std::string script, SlurmScript(settings_.options, settings_.task));
  RETURN_IF_ERROR(MakeFolder(folder));
  RETURN_IF_ERROR(WriteFileAtomically(folder + "/job.sh", script));
  for (Worker& worker : workers_) {
    RETURN_IF_ERROR(
        WriteFileAtomically(SlurmTokenFile(folder, worker.request.rank), worker.request.token + "\n"));
    worker.request.token.clear();
  }
  return absl::OkStatus();
}

void SlurmJob::Call(std::vector<std::string> arguments, OnSlurmAnswer on_answer) {
  CallSlurm(children_, std::move(arguments), "", std::move(on_answer));
}

void SlurmJob::Submit() {
  is_submitting_ = true;
  Call({settings_.programs.sbatch, "--parsable", settings_.task.folder + "/job.sh"},
       [self = shared_from_this()](const ChildExit& exit, bool is_late, const std::string& output) {
         self->is_submitting_ = false;
         if (!is_late) return self->OnSubmitted(exit, output);
         self->CancelByName();
         self->FinishAll(NeverStarted(fmt::format(
             "sbatch did not answer within {:.0f} s: is slurmctld running?", kSlurmAnswerSeconds)));
         self->BeOver();
       });
}

// Of a submission that was not answered the job may come to be all the same.
void SlurmJob::CancelByName() {
  Call({settings_.programs.scancel, "--name=" + settings_.task.name},
       [](const ChildExit&, bool, const std::string&) {});
}

void SlurmJob::OnSubmitted(const ChildExit& exit, const std::string& output) {
  absl::StatusOr<std::string> id = ParseSlurmId(output);
  if (exit.signal != 0 || exit.exit_code != 0 || !id.ok()) {
    if (output.find("timed out") != std::string::npos) CancelByName();
    FinishAll(
        NeverStarted(SlurmRefusal(output, exit.signal != 0 ? kSignalled + exit.signal : exit.exit_code)));
    return BeOver();
  }
  id_ = *std::move(id);
  Say("queued at Slurm", true);
  changed_ = SteadyNow();
  next_look_ = changed_;
  DecideEnd();
  LookAtFiles();
}

size_t SlurmJob::CountLeft() const {
  return static_cast<size_t>(
      std::count_if(workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.is_over; }));
}

void SlurmJob::Say(const std::string& text, bool is_event) {
  const std::string line = id_.empty() ? text : fmt::format("Slurm job {}: {}", id_, text);
  const auto left =
      std::find_if(workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.is_over; });
  if (left == workers_.end()) return;
  left->log->Add(line + "\n");
  if (is_event && left->request.tell) left->request.tell(line);
}

void SlurmJob::ReadOutput(const std::string& path, int64_t& read_bytes, RankLog& log) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return;  // not yet
  std::string bytes(size_t{64} << 10, '\0');
  for (int reads = 0; reads < 16; ++reads) {  // a flood of one worker must not starve the others
    const ssize_t count = pread(file, bytes.data(), bytes.size(), read_bytes);
    if (count <= 0) break;
    read_bytes += count;
    log.Add({bytes.data(), static_cast<size_t>(count)});
  }
  close(file);
}

// One turn: what the workers write and leave, then the job's state if its time has come.
void SlurmJob::LookAtFiles() {
  if (is_over_) return;
  const std::string& folder = settings_.task.folder;
  bool is_first = true;
  for (size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (worker.is_over) continue;
    if (is_first) ReadOutput(folder + "/job.out", read_bytes_, *worker.log);
    is_first = false;
    const bool has_left = worker.exit_code.has_value();
    ReadOutput(SlurmOutputFile(folder, static_cast<int>(i)), worker.read_bytes, *worker.log);
    if (has_left) {
      WorkerExit exit;
      exit.exit_code = *worker.exit_code;
      if (exit.exit_code > kSignalled && exit.exit_code <= kSignalled + kLastSignal) {
        exit.signal = exit.exit_code - kSignalled;
        exit.exit_code = 0;
      }
      Finish(worker, exit);
      continue;
    }
    int code = 0;
    const absl::StatusOr<std::string> left = ReadFile(SlurmExitFile(folder, worker.request.rank), 16);
    if (left.ok() && absl::SimpleAtoi(*left, &code)) worker.exit_code = code;
  }
  const double now = SteadyNow();
  if (state_ && IsOver(*state_)) {
    // What was written last may still be on its way to here.
    if (++looks_after_end_ >= 3) {
      FinishAll(SlurmEnd(id_, *state_, has_started_));
      return BeOver();
    }
  } else if (give_up_ > 0 && now > give_up_) {
    spdlog::warn("Slurm job {} has not ended within {:.0f} s", id_, kEndSeconds);
    WorkerExit exit;
    exit.exit_code = 1;
    exit.message = fmt::format("Slurm has not ended job {} within {:.0f} s; look at it with squeue --job {}",
                               id_, kEndSeconds, id_);
    FinishAll(exit);
    Call({settings_.programs.scancel, "--signal=KILL", "--full", id_},
         [](const ChildExit&, bool, const std::string&) {});
    return BeOver();
  } else if (now >= next_look_ && !is_asking_state_) {
    LookAtState();
  }
  const double looks = 1 + static_cast<double>(CountLeft() / kRanksALook);
  children_.After(kFilesSeconds * std::min(looks, 8.0), [self = shared_from_this()] { self->LookAtFiles(); });
}

void SlurmJob::LookAtState() {
  is_asking_state_ = true;
  Call({settings_.programs.scontrol, "--oneliner", "show", "job", id_},
       [self = shared_from_this()](const ChildExit&, bool is_late, const std::string& output) {
         self->is_asking_state_ = false;
         const double now = SteadyNow();
         if (!self->is_over_) self->OnState(is_late ? "no answer in time" : output);
         const bool is_calm = now - self->changed_ > kCalmAfterSeconds && !self->is_cancelled_;
         self->next_look_ = now + (is_calm ? kCalmStateSeconds : kStateSeconds);
       });
}

void SlurmJob::OnState(const std::string& output) {
  const absl::StatusOr<SlurmState> seen = ParseSlurmState(output);
  if (seen.ok()) {
    if (is_silent_) Say("Slurm answers again", true);
    is_silent_ = false;
    unknown_looks_ = 0;
    return OnStateSeen(*seen);
  }
  if (seen.status().code() == absl::StatusCode::kNotFound) {
    // It forgets jobs some minutes after their end (MinJobAge), but not at once.
    if (++unknown_looks_ < kUnknownLooks) return;
    return OnStateSeen({.state = kSlurmForgotten, .reason = {}, .nodes = {}});
  }
  if (!is_silent_)
    Say(fmt::format("{}; the run goes on without", std::string(seen.status().message())), true);
  is_silent_ = true;
}

void SlurmJob::OnStateSeen(const SlurmState& seen) {
  if (state_ == seen) return;
  const bool is_new_state = !state_ || state_->state != seen.state;
  const bool is_new_reason = is_new_state || state_->reason != seen.reason;
  state_ = seen;
  changed_ = SteadyNow();
  has_started_ |= seen.state == "RUNNING" || seen.state == "COMPLETING" || seen.state == "COMPLETED";
  if (seen.state == "PENDING" && seen.reason.empty()) return;  // as it was said when it was queued
  // A job that waits changes its reasons as others come and go: those are for the log.
  if (is_new_reason) Say(SlurmWords(seen), is_new_state);
}

void SlurmJob::End(size_t worker, bool at_once) {
  workers_[worker].is_asked = true;
  workers_[worker].is_killed |= at_once;
  if (is_deciding_) return;
  is_deciding_ = true;
  children_.After(kTogetherSeconds, [self = shared_from_this()] {
    self->is_deciding_ = false;
    self->DecideEnd();
  });
}

void SlurmJob::DecideEnd() {
  if (is_over_ || id_.empty() || CountLeft() == 0) return;
  bool all_asked = true, all_killed = true;
  for (const Worker& worker : workers_) {
    if (worker.is_over) continue;
    all_asked &= worker.is_asked;
    all_killed &= worker.is_killed;
  }
  if (!all_asked) {
    for (Worker& worker : workers_)
      if (!worker.is_over && worker.is_asked) SignalAlone(worker);
    return;
  }
  if (give_up_ == 0) give_up_ = SteadyNow() + kEndSeconds;
  next_look_ = std::min(next_look_, SteadyNow() + kStateSeconds);
  const auto ignore = [](const ChildExit&, bool, const std::string&) {};
  const bool cancels = !is_cancelled_;
  if (cancels) {
    is_cancelled_ = true;
    Call({settings_.programs.scancel, id_}, ignore);
  }
  if (all_killed && !is_killed_ && has_started_) {
    // By itself Slurm waits for KillWait, which is half a minute.
    is_killed_ = true;
    Call({settings_.programs.scancel, "--signal=KILL", "--full", id_}, ignore);
  }
}

// The others of the job go on, and Slurm only knows the whole of it.
void SlurmJob::SignalAlone(Worker& worker) {
  const int signal_number = worker.is_killed ? SIGKILL : SIGTERM;
  if (worker.end_signal == signal_number) return;
  worker.end_signal = signal_number;
  const absl::Status written = WriteFileAtomically(SlurmEndFile(settings_.task.folder, worker.request.rank),
                                                   worker.is_killed ? "KILL\n" : "TERM\n");
  if (!written.ok()) spdlog::warn("Slurm job {}: {}", id_, std::string(written.message()));
}

void SlurmJob::Cancel(std::function<void()> done) {
  if (is_over_ || (id_.empty() && !is_submitting_) || (state_ && IsOver(*state_))) return done();
  is_cancelled_ = true;
  // Without a number yet: sbatch is killed with the engine, but what it asked for may come to be.
  Call({settings_.programs.scancel, id_.empty() ? "--name=" + settings_.task.name : id_},
       [done = std::move(done)](const ChildExit&, bool, const std::string&) { done(); });
}

void SlurmJob::Finish(Worker& worker, const WorkerExit& exit) {
  if (worker.is_over) return;
  worker.log->Finish();
  worker.is_over = true;
  worker.on_exit(exit);
  if (CountLeft() == 0 && give_up_ == 0) give_up_ = SteadyNow() + kEndSeconds;  // its script is about to end
}

void SlurmJob::FinishAll(const WorkerExit& exit) {
  for (Worker& worker : workers_) Finish(worker, exit);
}

void SlurmJob::BeOver() {
  is_over_ = true;
  std::error_code error;
  if (!settings_.keeps_folder) {
    const std::filesystem::path folder = settings_.task.folder;
    std::filesystem::remove_all(folder, error);
    std::filesystem::remove(folder.parent_path(), error);  // of the run's last job there
    return;
  }
  for (const Worker& worker : workers_) {
    std::filesystem::remove(SlurmTokenFile(settings_.task.folder, worker.request.rank), error);
    std::filesystem::remove(SlurmExitFile(settings_.task.folder, worker.request.rank), error);
    std::filesystem::remove(SlurmEndFile(settings_.task.folder, worker.request.rank), error);
  }
  for (size_t i = 0; i < workers_.size(); ++i)  // they are in the ranks' logs
    std::filesystem::remove(SlurmOutputFile(settings_.task.folder, static_cast<int>(i)), error);
}

}  // namespace concertina
