// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link.h: this rank's line to the engine: joining, measurements and heartbeats out, requests in.
// On the way of the data: worker/step_recorder.h -> here -> engine/home_service.h.
//
// Three threads of its own: one reads, one writes (heartbeats every kHeartbeatSeconds, measurements every
// kMetricsSeconds), and one listens for silence. An engine that is silent for kSilenceSeconds is dead to us:
// lost() is asked to stop. The other two cannot find that out: one that is frozen, or cut off, takes nothing
// any more, and then a write waits as long as a read.
//
// Where the assignment gives it a grace, a rank that trains is not lost with its engine: what it says is kept
// in the outbox until an engine has stored it, and the next engine is called (engine_link_return.cc). lost()
// is called only if none comes in time, or does not want it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/comm/message_gate.h"
#include "core/proto/deadlines.h"
#include "core/proto/home.grpc.pb.h"
#include "core/worker/carried_file.h"
#include "core/worker/control_queue.h"
#include "core/worker/outbox.h"
#include "core/worker/step_recorder.h"
#include "core/worker/worker.h"

namespace concertina {

class EngineLink {
 public:
  static constexpr double kMetricsSeconds = 0.06;

  // `lost`: called once, from a thread of the link, when the engine is gone.
  EngineLink(const WorkerOptions& options, StepRecorder& recorder, ControlQueue& controls,
             std::function<void(const absl::Status&)> lost, double silence_seconds = kSilenceSeconds);
  ~EngineLink();

  // Where messages wait in slow motion, for grants of the engine.
  MessageGate& gate() { return gate_; }

  // This worker is asked to end: who waits for an assignment or for peers, or will, waits no more.
  // kCancelled.
  void StopWaiting();
  absl::StatusOr<proto::Assignment> Join(Deadline deadline);
  // After Parted was sent: the place in the next group; nothing if the engine says goodbye instead.
  absl::StatusOr<std::optional<proto::Assignment>> WaitForNextGroup(Deadline deadline);
  // The step thread is in the group of the last assignment, and can be called out of it: `leave` comes once,
  // from a thread of the link, when a member is lost, or now if one is already. Null: it can not, from when
  // this returns.
  void SetLeave(std::function<void()> leave);
  // The step thread is in that group, and has links to its members: `cut_off` comes for each that the engine
  // gives up while the others go on, from a thread of the link, and now for those that it has given up
  // already. Null: it has none any more, from when this returns.
  void SetCutOff(std::function<void(int rank, const std::string& reason)> cut_off);
  absl::Status SendReady(const proto::Ready& ready);
  // kAborted: a member of the group is lost, and there will be another one.
  absl::StatusOr<proto::Peers> WaitForPeers(Deadline deadline);
  // What heartbeats say from now on.
  void SetProgress(int64_t step, double epoch, const char* phase);
  // The same of the bytes to each rank of the group, and when they were counted; an assignment makes it none.
  void SetTraffic(std::span<const uint64_t> sent_bytes, double seconds);
  // The same, of what is no step of training, in words.
  void SetDoing(const std::string& doing);
  absl::Status Send(proto::WorkerMessage message);
  // What the recorder still has.
  absl::Status SendMetrics();
  // The same, from any thread, and returns once the engine has it on its disk. An engine that takes longer
  // than kKeepMetricsDeadlineSeconds is not waited for any more. kUnavailable: it is gone.
  absl::Status KeepMetrics();
  // For a worker that shares no file system with the engine; one file at a time, from any thread, which
  // waits. Sends `file` as `path`, relative to the run's folder; returns once the engine has the whole in its
  // place. kResourceExhausted: the engine's disk is full; it may be sent again.
  absl::Status SendFile(const std::string& file, const std::string& path);
  // Asks for `path`, this rank's part of a checkpoint, and returns once it is whole at `folder`/`path`.
  absl::Status FetchFile(const std::string& folder, const std::string& path);
  // Sends what the recorder still has, then `last`, and waits for the engine's goodbye.
  absl::Status Finish(const proto::WorkerMessage& last, Deadline deadline);

 private:
  // One stream, to one engine.
  struct Line {
    grpc::ClientContext context;
    std::unique_ptr<proto::Home::Stub> stub;
    std::unique_ptr<grpc::ClientReaderWriter<proto::WorkerMessage, proto::EngineMessage>> stream;
  };
  absl::StatusOr<std::shared_ptr<Line>> OpenLine() const;
  std::shared_ptr<Line> CurrentLine() const;  // null: the engine is away
  void FillHello(proto::Hello& hello) const;
  absl::Status Write(proto::WorkerMessage& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Until the line it began with is over.
  void ReadLine(Line& line);
  // What holds, or the end; while the engine is away the deadline stands still, and begins anew once it is
  // back. True if it holds, or all is over.
  bool AwaitAnswer(const std::function<bool()>& holds, Deadline deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // engine_link_return.cc. OK: on another line. Else why not.
  absl::Status ComeBack(const absl::Status& why);
  bool MayComeBack(const absl::Status& why) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status TryToComeBack();
  proto::WorkerMessage HelloAgain() const;

  void Read();
  void WriteOnAndOn();
  void ListenForSilence();
  void Lose(const absl::Status& why);
  void TakeMessage(const proto::EngineMessage& message);
  void TakePiece(const proto::FileChunk& piece);
  void TakeHarm(const proto::Harm& harm);
  // What holds of the file on its way, waited for while it makes progress.
  absl::Status WaitForFile(const std::function<bool()>& holds, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WorkerOptions options_;
  StepRecorder& recorder_;
  ControlQueue& controls_;
  MessageGate gate_;
  const std::function<void(const absl::Status&)> lost_;
  const double silence_seconds_;
  Outbox outbox_;

  absl::Mutex write_mutex_;  // one write at a time; held while writing
  proto::WorkerMessage metrics_ ABSL_GUARDED_BY(write_mutex_);

  mutable absl::Mutex mutex_;
  // Null: none, or the engine is away. Changes with write_mutex_ held, too, where it becomes another one.
  std::shared_ptr<Line> line_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Line> trial_ ABSL_GUARDED_BY(mutex_);  // to an engine that has not answered yet
  bool is_away_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_silent_ ABSL_GUARDED_BY(mutex_) = false;  // the line was cut off here, since nothing was heard
  bool have_assignment_ ABSL_GUARDED_BY(mutex_) = false;
  proto::Assignment assignment_ ABSL_GUARDED_BY(mutex_);
  bool has_next_assignment_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_parted_ ABSL_GUARDED_BY(mutex_) = false;  // a member of the last assignment's group is lost
  std::vector<proto::CutOff> cuts_ ABSL_GUARDED_BY(mutex_);  // of that group
  bool have_peers_ ABSL_GUARDED_BY(mutex_) = false;
  proto::Peers peers_ ABSL_GUARDED_BY(mutex_);
  bool goodbye_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;  // the stream is over
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_status_ ABSL_GUARDED_BY(mutex_);
  double last_heard_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t keep_asked_ ABSL_GUARDED_BY(mutex_) = 0, keep_answered_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the one file that is on its way.
  uint64_t sent_pieces_ ABSL_GUARDED_BY(mutex_) = 0, taken_pieces_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t taken_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string no_room_ ABSL_GUARDED_BY(mutex_);  // on the engine's disk
  std::string fetch_folder_ ABSL_GUARDED_BY(mutex_), fetch_path_ ABSL_GUARDED_BY(mutex_);  // "": none is
  bool fetched_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status fetch_status_ ABSL_GUARDED_BY(mutex_);
  double file_moved_ ABSL_GUARDED_BY(mutex_) = 0;   // when its last piece was taken
  bool is_taking_ ABSL_GUARDED_BY(mutex_) = false;  // the reader writes a piece, and hears nothing meanwhile
  std::unique_ptr<ReceivedFile> fetching_;          // of the reader
  int64_t step_ ABSL_GUARDED_BY(mutex_) = 0;
  double epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  const char* phase_ ABSL_GUARDED_BY(mutex_) = "joining";
  std::vector<uint64_t> sent_to_ ABSL_GUARDED_BY(mutex_);  // by rank; empty: not counted yet
  double sent_seconds_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string doing_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex leave_mutex_;  // held while one of them is called
  std::function<void()> leave_ ABSL_GUARDED_BY(leave_mutex_);
  std::function<void(int, const std::string&)> cut_off_ ABSL_GUARDED_BY(leave_mutex_);

  std::atomic<uint32_t> incarnation_ = 0;  // of the last assignment
  std::thread reader_, writer_, listener_;
};

}  // namespace concertina
