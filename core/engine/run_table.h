// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table.h: all runs of the home: those that go on or wait, and the summaries of those that have ended or
// are in the bin.
// On the way of the data: engine/engine_service.h, engine/worker_link.h -> here -> engine/run.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/process_identity.h"
#include "core/engine/run.h"
#include "core/engine/run_queue.h"

namespace concertina {

// Owned by the engine loop, as everything here. Ids are full ones; see Resolve.
class RunTable final : public HomeListener {
 public:
  static constexpr double kHelloSeconds = 5;   // from connecting to the worker's first word
  static constexpr size_t kMaxUnjoined = 256;  // streams that have not shown a token yet

  // `cores`: what workers may take together (see run_queue.h). `make_token`: of ids, secrets and tokens.
  RunTable(EngineLoop& loop, Store& store, WorkPool& pool, const Home& home, Watchers& watchers,
           const RunLimits& limits, int64_t cores, std::vector<std::string> plugin_folders,
           std::function<std::string()> make_token = MakeToken);
  ~RunTable() override;

  // How it looks at what an earlier engine left, and ends it: by the kernel, unless a simulation has others.
  // Before Recover.
  struct Processes {
    std::function<bool(const ProcessIdentity&)> is_alive = IsAlive;
    std::function<absl::Status(const ProcessIdentity&)> kill = KillProcess;
  };
  void SetProcesses(Processes processes) { processes_ = std::move(processes); }

  // What an earlier engine left: runs that went on then are taken up where their workers outlived it, or else
  // are failed now, and can be resumed; queued ones are prepared anew and queued in their order.
  void Recover(const std::vector<StoredRun>& stored);

  // Where workers elsewhere meet the engine; before any run starts.
  void SetRemoteAddress(std::string address) { context_.remote_address = std::move(address); }

  absl::StatusOr<std::string> Resolve(const std::string& text) const;
  const proto::RunSummary* Find(const std::string& id);  // up to date; null if there is none
  std::vector<const proto::RunSummary*> All();
  // Queues it at once. `done` gives its id once the store has it on the disk: from then on it is there,
  // whatever becomes of this engine. An error: it could not be written down, and was ended.
  using Submitted = std::function<void(const absl::StatusOr<std::string>& run)>;  // on the loop
  void Submit(PreparedRun prepared, Submitted done);
  Run* Live(const std::string& id);  // null unless it waits or goes on

  using Done = std::function<void(const absl::Status&)>;  // on the loop
  void Control(const std::string& id, proto::ControlRunRequest::Action action, Done done);
  // A new run from a checkpoint of `id` (fork.h). One that goes on and is asked for its newest writes one
  // first. `done` gives the new run's id, "" with faults or if it was only validated.
  using Forked =
      std::function<void(const absl::StatusOr<std::string>& run, const std::vector<Fault>& faults)>;
  void Fork(const std::string& id, const proto::ForkRequest& request, Forked done);

  // Of those who come back to the loop later: null inside once the table is gone.
  std::shared_ptr<RunTable*> self() const { return self_; }

  // What follows changes the table at once, or not at all and `done` says why. `done` is told that it is so
  // once the disk has it: whoever was told may cut the power. An error of the disk: it is so here, and is
  // written as soon as there is room.
  // All of the runs that the request names, or none.
  void Mark(const proto::MarkRunsRequest& request, Done done);
  // Into the bin. kFailedPrecondition while it goes on.
  void Delete(const std::string& id, Done done);
  static constexpr int kBinDays = 7;
  absl::StatusOr<std::string> ResolveInBin(const std::string& text) const;
  void Restore(const std::string& id, Done done);  // of the bin
  std::vector<const proto::RunSummary*> InBin() const;
  using OnEmptied = std::function<void(const absl::StatusOr<int64_t>& runs)>;  // on the loop
  // These, or all of the bin: gone for good.
  void EmptyBin(std::vector<std::string> ids, OnEmptied done);
  // A run that another home has trained: first its id is kept for it (kAlreadyExists), and once its series
  // and files are here it is one of these; or it is given up.
  absl::Status Reserve(const std::string& id);
  void Adopt(proto::RunSummary summary, Done done);
  void GiveUp(const std::string& id) { busy_.erase(id); }

  size_t active() const;
  size_t queued() const { return queue_.size(); }
  size_t size() const { return live_.size() + ended_.size(); }
  // No run starts any more; those that go on are stopped, and killed after `patience` seconds. What waits
  // stays queued in the store.
  void StopAll(double patience);
  // Their workers are killed now.
  void EndAll();

  void OnOpened(const std::shared_ptr<WorkerLink>& link) override;
  void OnMessage(const std::shared_ptr<WorkerLink>& link, const proto::WorkerMessage& message) override;
  void OnClosed(const std::shared_ptr<WorkerLink>& link) override;
  // Whoever has shown the certificate of that fingerprint is believed no longer, and why.
  void CutOff(const std::string& certificate, const std::string& why);

 private:
  struct Place {  // of a stream: which run and rank, once it has shown its token
    std::string run;
    int rank = -1;
  };
  void Enqueue(std::unique_ptr<Run> run);
  void StartWhatFits();
  void OnEnded(const std::string& id);
  // Calls `done` on the loop, with how it went, once all that was posted to the store so far is on the disk.
  void OnceOnDisk(Done done);
  void AnswerOnceOnDisk(Done done);
  void AnswerOnceQueued(const std::string& id, Done done);
  void Withdraw(const std::string& id, const absl::Status& why);
  // Of a run that goes on: it has its place in the queue at once, and begins once the disk has it. Where the
  // disk does not take it, it is what it was before.
  void EnqueueOnceOnDisk(std::unique_ptr<Run> run, const proto::RunSummary& before, Done done);
  void PutBack(const std::string& id, proto::RunSummary before);
  void Resume(const std::string& id, Done done);
  std::string NewId(int64_t created);
  void ForkNow(const std::string& id, const proto::ForkRequest& request, const Forked& done);
  void ForkOnceWritten(const std::string& id, const proto::ForkRequest& request, const Forked& done,
                       size_t checkpoints, double until);
  void RecoverQueued(proto::RunSummary summary);
  // run_table_return.cc: runs that went on when an earlier engine was killed.
  bool MayTakeUp(const proto::RunSummary& summary, const proto::AtWork& at_work) const;
  void EndWhatIsLeft(const std::string& run, const proto::AtWork& at_work) const;
  void TakeUp(proto::RunSummary summary, const proto::AtWork& at_work);
  void OnTakenUp(proto::RunSummary summary, std::optional<PreparedRun> prepared,
                 std::optional<ReturnPoint> back, absl::Status status);
  // What still runs of it is ended. Gives it where it is to be queued again, for its last checkpoint.
  std::optional<proto::RunSummary> LeaveBehind(proto::RunSummary summary, const proto::AtWork& at_work);
  absl::StatusOr<Launcher*> LauncherFor(const Params& params);
  int64_t NewCreationTime();
  void PutEnded(const proto::RunSummary& summary);
  absl::Status ChangeMarksOf(const proto::MarkRunsRequest& request);
  absl::Status MoveToBin(const std::string& id);
  void SetMarks(const std::string& id, proto::RunMarks marks);
  void Rename(const std::string& id, const std::string& name);
  void ShowMarks(const std::string& id, proto::RunMarks marks);
  void ExpireBin();

  EngineLoop& loop_;
  Store& store_;
  WorkPool& pool_;
  const Home& home_;
  Watchers& watchers_;
  RunQueue queue_;
  JoinTokens join_tokens_;  // of this engine alone: none of an earlier one is any good
  std::map<std::string, std::unique_ptr<Launcher>> launchers_;  // by kind and parameters
  RunContext context_;
  std::map<std::string, std::unique_ptr<Run>> live_;
  std::map<std::string, proto::RunSummary> ended_;
  std::map<std::string, proto::RunSummary> bin_;  // deleted, and whole
  std::set<std::string> busy_;                    // being resumed, taken up or deleted
  std::set<std::string> taking_up_;               // of an earlier engine's
  bool has_recovered_ = false;
  Processes processes_;
  std::map<std::shared_ptr<WorkerLink>, Place> links_;
  int64_t last_created_ = 0;
  bool stopping_ = false;
  bool starting_ = false;
  // Tasks of pool and timers that come late find out that the table is gone.
  std::shared_ptr<RunTable*> self_;
};

}  // namespace concertina
