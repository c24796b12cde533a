// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run.h: the life of one run, from the queue to its end: queued, starting, running, paused, and then
// finished, failed or stopped. On the way of the data: engine/run_table.h -> here -> engine/launcher.h,
// worker/worker.h.
//
//   Start   makes the folder, draws a token for each rank and launches the workers
//   Join    a worker shows its token (once) and is told its task; all Ready: all are told their peers
//   Faults  those that the experiment asks for are brought on at their moment (run_faults.cc)
//   Tick    looks for workers that are late, silent, hung or dead. Where the others can go on without one
//           (asynchronous exchanges), it is given up as lost, and the run goes on
//   Regroup where the others have in memory all that the lost one had (experiment/elastic.h), they leave
//   their
//           group at the boundary of a step, say so, and are given places in a new one: with one less, or
//           with who has come to replace it, or to join. Each group has an incarnation of its own, larger
//           than all before; what comes of an older one is refused
//   End     ends what still runs (asked first, killed after a grace). The run's last state is only told when
//           every worker has been reaped and everything is in the store: then nothing of it is left behind.
//           One that lost a worker and may go on by itself (/training/resume_after_failure) is queued
//           instead.
//   TakeUp  in place of Start where an engine was killed, and what it had started went on without it: the
//           workers call home again, and the run is where it was (run_return.cc)
// When a worker dies its peers fail too, as a consequence, and perhaps sooner: so a failure that may be one
// of those waits a moment (blame_seconds) for its cause.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/comm/message_turns.h"
#include "core/engine/home.h"
#include "core/engine/launcher.h"
#include "core/engine/metric_hub.h"
#include "core/engine/received_files.h"
#include "core/engine/return_point.h"
#include "core/engine/run_meter.h"
#include "core/engine/traffic_meter.h"
#include "core/engine/watch.h"
#include "core/engine/work_pool.h"
#include "core/engine/worker_link.h"
#include "core/experiment/elastic.h"
#include "core/experiment/fault_injection.h"
#include "core/experiment/plan.h"
#include "core/experiment/spec.h"
#include "core/proto/deadlines.h"
#include "core/proto/engine.pb.h"
#include "core/proto/run.pb.h"
#include "core/security/authority.h"
#include "core/security/join_token.h"
#include "core/store/store.h"

namespace concertina {

// All in seconds; tests shorten them.
struct RunLimits {
  double join = kJoinDeadlineSeconds;  // from launch to Ready
  double prepare =
      10 * kJoinDeadlineSeconds;  // the same while a worker says that it prepares data or kernels
  double silence = kSilenceSeconds;
  double hang = kHangSeconds;           // without a step; more where a step is expected to be long
  double evaluate = 20 * kHangSeconds;  // the same while it says that it evaluates or writes a checkpoint
  double heartbeat = kHeartbeatSeconds;
  double blame = 1;          // a failure that may be a consequence waits for its cause
  double other_half = 0.5;   // a worker's stream and its process end together, but are heard of one by one
  double grace = 3;          // from SIGTERM to SIGKILL
  double gather = 1;         // one that joins waits so long for others that are on their way
  double come_home = 10;     // of workers that outlived an engine: from the next one's taking up their run
  double slow_motion = 900;  // in which nobody lets a message go, and it goes on by itself
  double control_wait = 3;   // a pause is answered when it is reached, or after so long
  double tick = 0.1;
};

// 256 bits from the kernel, in hexadecimal.
std::string MakeToken();

// What a run needs of the engine. Time is the loop's. All of it outlives the run.
struct RunContext {
  EngineLoop& loop;
  Store& store;
  WorkPool& pool;
  const Home& home;
  Watchers& watchers;
  JoinTokens& join_tokens;
  RunLimits limits;
  std::vector<std::string> plugin_folders;  // that workers load
  std::function<absl::StatusOr<Launcher*>(const Params&)> launcher;
  std::function<void(const std::string& run)> ended;    // stored and told: the object may go
  std::function<std::string()> make_token = MakeToken;  // of 64 hexadecimal digits
  std::string remote_address = {};  // where workers elsewhere can meet the engine; "": it has no port
};

// A checked spec with what its plan says.
struct PreparedRun {
  Spec spec;
  int64_t parameters = 0;
  int64_t total_steps = 0;
  int64_t global_batch_size = 0;
  double steps_per_epoch = 0;
  double exchange_seconds = 0;  // a step's, at least, on the emulated link
  int mesh_size = 1;            // ranks behind it only serve
  std::vector<bool> spared;     // by rank: whether the others go on when it is lost
  Recovery recovery = Recovery::kResumes;
  std::string advertise_host;  // of this machine, as workers elsewhere reach it; "": all are here
};

// What a resumed run goes on from.
struct ResumePoint {
  int64_t step = 0;
  std::string checkpoint;
  int ranks = 0;  // that wrote it
  RunTotals totals;
  // Evaluations of the checkpoint's own step: made before it, and not made again.
  struct Evaluation {
    std::string series, unit;
    int rank;
    double seconds, value;
  };
  std::vector<Evaluation> evaluations;
  std::vector<std::string> passed_over;  // newer checkpoints, and why they are none
  // Steps of the run at which a step of its recipe was told already: they come once more.
  std::set<int64_t> recipe_steps_told;
};

// Owned by the engine loop, as everything here.
class Run {
 public:
  // `summary`: run, name, created_unix_ms and attempt are taken from it; the rest is made.
  // `back`: it goes on already, as `summary` says, since its workers have outlived an earlier engine.
  Run(RunContext& context, PreparedRun prepared, proto::RunSummary summary, std::optional<ResumePoint> resume,
      std::optional<ReturnPoint> back = std::nullopt);
  ~Run();

  const std::string& id() const { return summary_.run(); }
  proto::RunState state() const { return summary_.state(); }
  int64_t created_unix_ms() const { return summary_.created_unix_ms(); }
  bool active() const { return state() != proto::QUEUED; }
  int64_t workers() const { return static_cast<int64_t>(seats_.size()); }
  // Those that take of this machine's cores.
  int64_t threads() const;
  const proto::RunSummary& summary();  // brought up to date
  void SetQueuePosition(int position);
  bool has_recipe() const { return !prepared_.spec.recipe.empty(); }
  // How many checkpoints it has written, in this attempt.
  size_t checkpoints_written() const { return checkpoints_written_; }
  void SetMarks(proto::RunMarks marks);   // and tells; the store has them from the table
  void SetName(const std::string& name);  // and tells, the store too

  void Start();
  // A worker's Hello. An error is for the caller of that stream only, and does no harm to the run.
  absl::StatusOr<int> Join(const std::shared_ptr<WorkerLink>& link, const proto::Hello& hello);
  // The same of one that has outlived an earlier engine, and calls home again.
  absl::StatusOr<int> ComeBack(const std::shared_ptr<WorkerLink>& link, const proto::Hello& hello);
  void OnMessage(int rank, const std::shared_ptr<WorkerLink>& link, const proto::WorkerMessage& message);
  void OnClosed(int rank, const std::shared_ptr<WorkerLink>& link);
  // The worker that speaks over this link is believed no longer, and why: it is lost, and the others are told
  // to end their links to it.
  void CutOff(int rank, const std::shared_ptr<WorkerLink>& link, const std::string& why);

  using Done = std::function<void(const absl::Status&)>;
  // kFailedPrecondition where the action does not fit the state. `done` may come at once.
  void Control(proto::ControlRunRequest::Action action, Done done);
  absl::StatusOr<int64_t> SetKnob(const std::string& pointer, const std::string& json);
  // So many workers join, or leave if it is negative, between two steps that are yet to come. Gives how many
  // there will be. kFailedPrecondition where the run cannot, or may not have so many.
  absl::StatusOr<int> ChangeWorkers(int change);
  // See engine.proto.
  absl::Status HarmWorker(const proto::HarmWorkerRequest& request, proto::HarmWorkerReply& reply);
  // Every rank writes down what it does when, for so many steps (0: 20); gives the recording's number. An
  // event of the kind "timeline" follows.
  absl::StatusOr<int64_t> RecordSpans(int64_t steps);
  // Of the workers that a person starts and that are not here yet, by rank: see LaunchedWorker::StartLine.
  std::map<int, std::string> StartLines() const;
  // See engine.proto. kFailedPrecondition: the run cannot have it, and the words say why.
  absl::Status SlowMotion(const proto::SlowMotionRequest& request, proto::SlowMotionReply& reply);
  // run_traffic.cc: how each worker is now, and how fast it sends to whom.
  void FillTraffic(proto::TrafficReply& reply) const;
  // Ends it now, in `state`. Idempotent; the first reason stays.
  void End(proto::RunState state, const std::string& error, bool at_once = false);
  // Metrics to watchers and the store.
  void Flush();

 private:
  // One worker's place, from launch to reaping; another may take it afterwards. Its number stays, in logs and
  // series; its rank is that of the first group, and in later ones as many seats before it are still taken.
  struct Seat {
    int rank = -1;                 // of the group; -1: it is in none, not yet or not any more
    std::string entry;             // of /workers, as JSON
    Launcher* launcher = nullptr;  // that its worker was started by
    std::string token;             // "" once used
    std::string certificate;       // its fingerprint, where it is known which one its worker shows
    struct SpentToken {
      std::string token;
      std::optional<std::string> certificate;  // of who used it; nothing: nobody did
    };
    std::vector<SpentToken> spent_tokens;  // who shows one again is late, or a thief
    bool thief_is_told = false;
    uint32_t incarnation = 0;  // its worker's first; what is older is of another one's
    double launched_at = 0;
    bool waits = false;   // for its first group: the others train
    bool leaves = false;  // at the next change of the group
    bool is_to_be_replaced = false;
    bool parted = false;  // it has left its group, with what is in `left`
    proto::Parted left;
    std::unique_ptr<LaunchedWorker> worker;
    std::shared_ptr<WorkerLink> link;
    bool joined = false, ready = false, finished = false, failed = false;
    bool launched = false, exited = false;
    bool given_up = false;  // lost, and the others go on
    bool away = false;      // on another machine, or as good as: it shares no file system with the engine
    double patience = 0;    // how much longer than usual it may take to call home
    std::string advertise;  // where peers reach it
    std::shared_ptr<ReceivedFiles> received;  // its files, if it is away
    std::shared_ptr<SentFile> sending;        // its part of the checkpoint
    bool reading = false;                     // the next piece of that
    int untaken = 0;                          // pieces of that on their way
    std::string address;
    std::string phase, doing;
    TrafficMeter traffic;
    int64_t parameters = 0, total_steps = 0;
    int64_t step = 0;
    double heard = 0;  // when it last said anything
    double joined_at = 0;
    double progressed = 0;              // when its step or phase last changed
    double terminated = 0, killed = 0;  // when it was asked, and killed
    double lost = 0;                    // its stream ended, or it did: its other half must follow soon
    WorkerExit exit;
    std::deque<std::string> last_lines;
    double thaws = 0;                      // when it goes on, of one that is frozen for a time
    uint32_t frozen_by = 0;                // the fault's number
    ProcessIdentity process;               // of one that outlives the engine
    std::string return_secret_sha256;      // of what it shows then; "": it may not come back
    bool stopped_early = false;            // it has finished, by request before its end
    std::string parameters_path;           // that it has written
    std::vector<proto::Request> requests;  // of one that has come back: what it was asked before
    uint64_t requests_left_out = 0;
    uint64_t heard_number = 0;    // of its messages, the newest
    uint64_t kept_number = 0;     // all up to here are in the store
    bool stopped_itself = false;  // which is why nobody here can let it go on sooner
  };

  // run.cc: the state of it, and who is told.
  void SetState(proto::RunState state, const std::string& message);
  // At `step`, or below 0 at that of the run now.
  void AddEvent(const std::string& kind, const std::string& message, const std::string& json = "",
                int64_t step = -1);
  void Persist();
  void PublishSummary();
  void Tick();
  void ScheduleTick();
  double now() const;

  // run_return.cc: what the next engine must know if this one is killed, and how it goes on then.
  double EngineGraceSeconds() const { return prepared_.spec.training.engine_grace_seconds; }
  void FillAtWork(proto::AtWork& at_work) const;
  void OfferReturn(Seat& seat, proto::Assignment& assignment);
  void LookWhatIsKept();
  void TakeUp(const ReturnPoint& back);
  void TakeUpSeat(int index, const proto::WorkerAtWork& kept, Launcher* launcher);
  bool is_returning() const { return returns_until_ > 0; }
  std::string ReturnObstacle() const;  // why nothing can be asked of its workers now; "": it can
  void WatchReturn();
  void AskAllTheSame();

  // run_launch.cc: its workers are brought up.
  absl::Status Launch(int first_rank, int64_t count, Launcher& launcher);
  LaunchOrder OrderFor(int rank, const Launcher& launcher);

  // run_metrics.cc: what they measure.
  void OnMetrics(int rank, const proto::MetricBatch& batch);
  // Everything that was measured so far is stored, and then `link` hears of it.
  void KeepMetrics(const std::shared_ptr<WorkerLink>& link, uint64_t number);

  // run_end.cc: and how it ends.
  void OnExit(int rank, const WorkerExit& exit);
  // Of a worker whose end nobody sees: hung up, and as far as can be known gone.
  void LetGo(Seat& seat);
  void EndWorkers(bool at_once);
  void ConcludeIfAllGone();
  void Conclude();
  void EndOnceWritten(const std::shared_ptr<std::vector<MetricHub::Rows>>& rows);
  bool ending() const { return final_state_.has_value(); }
  static constexpr double kPoolAgainSeconds = 1;  // where too much waits for the pool

  // run_watchdog.cc: who is late, silent, hung or dead, and who is to blame.
  void Watch();
  void WatchSeat(int rank, Seat& seat, double now);
  // Something that ends the run. Not `certain`: it may be the consequence of another worker's end.
  void Blame(int rank, const std::string& what, bool certain);
  // A worker is lost, for sure: the others go on without it, or the run ends.
  void Lose(int rank, const std::string& what);
  void TellCutOff(const Seat& lost, const std::string& what);
  std::string WithLastLines(int rank, std::string what) const;
  double HangSeconds(const Seat& seat) const;

  // run_faults.cc: the experiment's faults, those that a person brings on, and going on after a failure.
  void BringOnFaults();
  std::string BringOn(uint32_t number);               // "", or why it could not be, which is marked too
  std::string ObstacleTo(const FaultAct& act) const;  // "": there is none
  int64_t StepOf(int rank) const;
  void SendHarm(const Seat& seat, uint32_t number, proto::Harm::Act kind);
  absl::Status ThawByHand(int rank, proto::HarmWorkerReply& reply);
  std::string RecoveryFrom(int rank) const;
  void ThawWhatIsDue();
  void MarkFault(uint32_t number, const std::string& text, int64_t step, bool has_ended);
  double TrainedSeconds() const;
  bool MayGoOnByItself() const;
  bool HasCheckpoint() const;  // of all ranks, on the disk

  // run_group.cc: the group of those that train together, and how it changes.
  bool trains() const { return state() == proto::RUNNING || state() == proto::PAUSED; }
  bool regroups() const { return prepared_.recovery == Recovery::kRegroups && trains(); }
  void SetOutTogether();     // the first group: everyone
  void Assign(size_t seat);  // tells a worker its place in the group
  void WatchGroup(double time);
  void OnParted(int seat, const proto::Parted& parted);
  // The group is to form anew: all leave it now, since one is lost; or all at the same step, as asked.
  void BreakUp();
  void BeginToRegroup();
  void AskToPart();
  void FormIfAllHaveParted(double time);
  void Form(const std::vector<size_t>& members);
  void GroupIsReady(const proto::Ready& ready);
  // A worker of no group (yet) is lost; nobody misses it.
  void GiveUpNewcomer(int seat, const std::string& what);
  void Recruit(size_t seat, const std::string& entry, Launcher& launcher, bool is_away);
  void Dismiss(Seat& seat);
  int MembersToBe() const;  // of the next group: who stays, who waits, who is on the way

  // run_files.cc: the files of workers that are away, and what their links to others need.
  absl::Status MakeAuthority();
  absl::Status FillPeer(int rank, proto::PeerCredentials& peer) const;
  void OnFile(int rank, const proto::FileChunk& piece);
  void OnFileTaken(int rank, const proto::FileTaken& taken);
  void SendPieces(int rank);
  static void EndReceiving(Seat& seat);
  void ForgetOldCheckpointsOfAway(int64_t newest);

  // run_timeline.cc: recordings.
  void OnSpans(int rank, const proto::SpansRecorded& spans);
  void OnSpansWritten(int64_t number, int rank, const absl::StatusOr<int64_t>& written, size_t bytes);
  // Recordings of which nothing more will come: all of them, if the group that was asked is no more.
  void TellRecordings(bool group_is_gone);

  // run_slow_motion.cc: messages that go one at a time.
  std::string SlowMotionObstacle() const;  // "": there is none
  void SendSlowMotion(bool is_on);
  void Grant(int rank, uint64_t number);
  void OnWaits(int rank, const proto::RankMessage& said);
  void LeaveSlowMotion(const std::string& why);
  void WatchSlowMotion(double time);

  const char* StateNow(const Seat& seat) const;  // as TrafficReply has it

  // run_messages.cc: what workers say, and what is said to them.
  // Is it one that was used before? Then why it is refused. What a worker has used is its certificate's from
  // then on: another one is told nothing, and the run has an event of it.
  std::optional<absl::Status> RefusalOfSpent(uint32_t rank, const std::string& token,
                                             const std::string& certificate);
  void OnReady(int rank, const proto::Ready& ready);
  void OnCheckpoint(int rank, const proto::CheckpointWritten& checkpoint);
  void OnKnobApplied(const proto::KnobApplied& applied);
  void OnRecipeStep(const proto::RecipeStepDone& done);
  void OnStateReached(const proto::StateReached& reached);
  void StillPaused(const std::string& reason);
  void OnHistogram(int rank, const proto::GradientHistogram& histogram);
  void OnFinished(int rank, const proto::WorkerFinished& finished);
  void OnFailed(int rank, const proto::WorkerFailed& failed);
  void OnFaultActed(const proto::FaultActed& acted);
  void Broadcast(const proto::EngineMessage& message);
  void SendControl(proto::Control::Action action, int64_t at_step);
  int64_t MeetingStep() const;
  void AnswerControl(const absl::Status& status);
  void LookIfAllFinished();

  RunContext& context_;
  PreparedRun prepared_;
  proto::RunSummary summary_;
  std::optional<ResumePoint> resume_;
  RunMeter meter_;
  MetricHub hub_;
  std::string secret_;
  uint32_t first_incarnation_ = 0;  // of the group that this attempt began with
  double returns_until_ = 0;        // steady: so long its workers may take to call home again; 0: all have
  bool is_taken_up_ = false;        // from an earlier engine
  bool is_said_again_ = false;      // what is being heard now
  std::set<std::string> marks_of_before_;  // events of that engine, by MarkOfEvent
  struct KeptSoon {
    uint64_t posted = 0;            // to the store
    std::vector<uint64_t> numbers;  // by seat: what it had said until then
  };
  std::optional<KeptSoon> kept_soon_;
  std::optional<Authority> authority_;  // of this attempt, where workers are away
  double peers_seconds_ = 0;
  std::deque<Seat> seats_;     // stay where they are while others are added
  std::vector<size_t> group_;  // by rank: the seat
  bool peers_sent_ = false;
  // The group is breaking up; or, once it has formed, is not ready yet.
  bool regrouping_ = false, formed_ = false;
  size_t size_before_ = 0;      // of the group that broke up
  bool asked_to_part_ = false;  // as soon as all act on it
  double broke_up_ = 0, cause_until_ = 0;
  int64_t formed_step_ = -1;  // that the last group goes on from
  int causeless_ = 0;         // groups in a row that broke up there, though nobody is lost
  std::string why_regroups_;
  std::vector<proto::Knob> knobs_under_way_;
  bool stop_sent_ = false;
  bool pause_wanted_ = false;  // by who asked last: a pause for want of room is nobody's wish
  size_t checkpoints_written_ = 0;
  bool all_finished_ = false, any_stopped_ = false;
  double started_ = 0;       // steady
  double slowest_step_ = 0;  // seconds, so far
  std::optional<double> wait_for_cause_until_;
  struct Suspicion {
    int rank;
    std::string what;
  };
  std::optional<Suspicion> suspicion_;
  std::optional<proto::RunState> final_state_;
  bool concluding_ = false;
  struct PendingControl {
    proto::RunState wanted;
    double until;
    Done done;
  };
  std::vector<PendingControl> pending_;
  struct Recording {
    std::set<int> ranks, written;  // that have sent their part; whose part was dealt with
    int64_t spans = 0;
    uint64_t bytes = 0;
    std::string error;
    bool is_told = false;
  };
  std::map<int64_t, Recording> recordings_;  // asked for, by number
  int64_t last_recording_ = 0;
  std::unique_ptr<MessageTurns> turns_;  // null: it is not in slow motion
  double slow_touched_ = 0;              // when somebody last let a message go
  bool tick_scheduled_ = false, publish_scheduled_ = false;
  double next_heartbeat_ = 0, next_write_ = 0, next_summary_ = 0, next_persist_ = 0;
  bool summary_dirty_ = false;
  bool store_is_ill_ = false;        // as watchers were told
  std::vector<FaultAct> faults_;     // the experiment's, and behind them what was brought on by hand
  std::vector<bool> fault_is_done_;  // begun, or told to have
  std::vector<bool> fault_has_ended_;
  double trains_since_ = 0;     // steady; 0: not yet
  bool lost_a_worker_ = false;  // which is why it ends
  std::string parameters_path_;
  // Late callbacks of launchers and timers find out that the run is gone.
  std::shared_ptr<Run*> self_;
};

// Is `given` the token? Takes as long whatever of it is right.
bool SameToken(const std::string& given, const std::string& token);

}  // namespace concertina
