// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// machines.h: where simulated workers live: processes that speak the workers' protocol as core/worker does,
// their links to the engine, and the launcher that starts them and tells of their end.
// On the way of the data: engine/run.h -> here -> engine/worker_link.h.
#pragma once

#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/engine/launcher.h"
#include "core/engine/worker_link.h"
#include "core/proto/home.pb.h"
#include "core/worker/checkpoint_manifest.h"
#include "tests/core/engine/simulation/engine_box.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {

class Machines;
struct Process;

inline constexpr double kForever = std::numeric_limits<double>::infinity();
inline constexpr char kSimulatedBoot[] = "simulated";
inline constexpr double kPoison = -1e9;  // measured by a worker whose place another one has

// Messages keep their order, each way; the engine hears of the end once, after all that was said before.
class Link final : public WorkerLink, public std::enable_shared_from_this<Link> {
 public:
  Link(Machines& machines, std::weak_ptr<Process> process);

  void Send(proto::EngineMessage message) override;
  void SendHeartbeat(uint64_t kept) override;
  void Close(const absl::Status& status) override;

  // The worker's end.
  void Up(proto::WorkerMessage message);
  void HangUp();

  // Faults. Stalled: nothing moves until then. Cut: what goes that way is lost without a word.
  void StallUntil(double seconds) { stalled_until_ = seconds; }
  void CutUp() { is_cut_up_ = true; }
  void CutDown() { is_cut_down_ = true; }
  bool is_cut() const { return is_cut_up_ || is_cut_down_; }

 private:
  double Arrival(double& last);
  void TellEngineOfTheEnd();

  Machines& machines_;
  const std::weak_ptr<Process> process_;
  const int generation_;
  double last_up_ = 0, last_down_ = 0, stalled_until_ = 0;
  bool engine_has_closed_ = false, worker_has_closed_ = false, end_is_told_ = false;
  bool is_cut_up_ = false, is_cut_down_ = false;
};

// One worker. What it does when is in process.cc.
struct Process : std::enable_shared_from_this<Process> {
  enum class Phase { kBegins, kJoins, kPrepares, kReady, kTrains, kPaused, kParted, kDone };

  int number = 0;
  std::string run, token;
  int seat = 0;
  int generation = 0;     // of the engine that started it
  bool is_seen = true;    // its end is
  bool is_ghost = false;  // it only shows another one's token
  Launcher::OnExit on_exit;

  bool is_alive = true;
  double frozen_until = 0;
  std::deque<std::function<void()>> deferred;  // what it would have done while it was frozen
  std::shared_ptr<Link> link;
  Phase phase = Phase::kBegins;
  bool has_said_hello = false;  // and the engine has heard it
  double heard = 0;
  proto::Assignment task;
  bool has_state = false;
  int64_t step = 0;
  std::set<size_t> acted;  // of the group's agreements
  bool declared = false;   // its series
  uint32_t first_incarnation = 0;

  // Of one that outlives its engine, as worker/engine_link_return.cc does it.
  bool outlives = false, is_away = false;
  int away_round = 0;  // calls that were planned in an earlier one are not made
  double away_until = 0;
  std::vector<proto::Request> requests;  // of its group
  uint64_t last_number = 0;
  std::deque<proto::WorkerMessage> unkept;
};

// Those that make steps together.
struct Group {
  int size = 0;
  int64_t begun = -1;  // the largest step that anybody has begun
  std::map<int, std::weak_ptr<Process>> members;
  std::set<int> arrived;  // at the exchange of the step
  struct Agreement {
    proto::Control::Action action;
    int64_t at_step;  // as the engine said
    int64_t before;   // which step all act
  };
  std::vector<Agreement> agreements;
  std::map<int64_t, std::map<int, CheckpointPart>> parts;  // of checkpoints, by step and rank
};

// What a run is to its workers, by its spec.
struct Work {
  int64_t total_steps = 20;
  double step_seconds = 0.2;
  int64_t checkpoint_every = 0;
  bool is_elastic = false, is_async = false;
};

class Machines {
 public:
  Machines(World& world, const Home& home);
  ~Machines();
  Machines(const Machines&) = delete;
  Machines& operator=(const Machines&) = delete;

  World& world() { return world_; }
  EngineBox& engine() { return *engine_; }
  void SetEngine(EngineBox& engine);
  static Machines& Get();

  // Shares of what is launched: that nothing comes of.
  double refused_share = 0, mute_share = 0, stillborn_share = 0;
  bool outlive_engines = false;  // those that may
  // Told of what could not be: who joins with a token that was used, ….
  std::function<void(const Process& process, const std::string& what)> on_harm;
  std::function<void(const Process& process, int64_t step)> on_row;  // the engine has it
  std::function<void(const Process& process)> on_begin;              // assigned to a group of a new attempt

  absl::StatusOr<std::shared_ptr<Process>> Launch(const LaunchRequest& request, bool is_seen,
                                                  Launcher::OnExit on_exit);
  // One of an engine before this.
  absl::StatusOr<std::shared_ptr<Process>> Adopt(const ProcessIdentity& identity, Launcher::OnExit on_exit);
  // Whether an engine that begins may find the run going on.
  bool HasOutlived(const std::string& run) const;
  const std::vector<std::shared_ptr<Process>>& processes() const { return processes_; }
  std::vector<std::shared_ptr<Process>> alive() const;
  // Nobody was started in its place since.
  bool is_newest(const Process& process) const;
  const Work& WorkOf(const std::string& run) { return works_[run]; }

  // Ends it, and its launcher hears of it.
  void Die(Process& process, const WorkerExit& exit);
  void Freeze(Process& process, double seconds);
  void Thaw(Process& process);
  // What the kernel does to processes whose engine is gone, and the network to those elsewhere.
  void EngineIsGone(int generation, bool is_machine_gone);
  // Somebody shows this process's token once more, on a link of its own; nothing may come of it.
  void ReplayJoin(const Process& process);
  void SayHelloTwice(Process& process);
  // Measurements of the incarnation before, on the link of now.
  void SendStale(Process& process);

  // The engine's messages, and the end of the link.
  void OnMessage(Process& process, const proto::EngineMessage& message);
  void OnLinkClosed(Process& process, const absl::Status& status);

 private:
  friend class Link;
  using Phase = Process::Phase;
  void Do(Process& process, double seconds, std::function<void(Process&)> act);
  void Connect(Process& process);
  void Beat(Process& process);
  void GoAway(Process& process);
  void CallAgain(Process& process, int round);
  void OnWelcome(Process& process);
  static void Declare(proto::MetricBatch& batch);
  void AwaitGoodbye(Process& process);
  std::shared_ptr<Process> Find(const ProcessIdentity& identity) const;  // null: it has ended
  void Send(Process& process, proto::WorkerMessage message);
  void OnAssignment(Process& process, const proto::Assignment& task);
  void OnControl(Process& process, const proto::Control& control);
  bool Act(Process& process, proto::Control::Action action);
  void BeforeStep(Process& process);
  void StepDone(Process& process);
  void WriteCheckpoint(Process& process);
  void Part(Process& process, const std::string& reason);
  void Finish(Process& process, bool stopped);
  void Fail(Process& process, absl::StatusCode code, const std::string& what);
  void LosePeer(Process& process, uint32_t incarnation, int rank);
  void HangUpOnPeers(Process& process);
  void LeaveEarly(Process& process, int exit_code);
  Group& GroupOf(const Process& process) { return groups_[{process.run, process.task.incarnation()}]; }

  World& world_;
  const Home& home_;
  EngineBox* engine_ = nullptr;
  std::vector<std::shared_ptr<Process>> processes_;
  std::map<std::pair<std::string, uint32_t>, Group> groups_;
  std::map<std::string, Work> works_;
};

// Who a process is, in traces.
std::string NameOf(const Process& process);

}  // namespace concertina::simulation
