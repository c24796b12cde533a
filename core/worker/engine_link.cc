// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link.cc: see engine_link.h.
#include "core/worker/engine_link.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/proto/deadlines.h"
#include "core/proto/engine_channel.h"
#include "core/proto/status_conversion.h"
#include "core/worker/own_process.h"
#include "fmt/format.h"

namespace concertina {
namespace {

std::string HostName() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

absl::Status AskedToEnd() { return absl::CancelledError("the worker was asked to end"); }

}  // namespace

EngineLink::EngineLink(const WorkerOptions& options, StepRecorder& recorder, ControlQueue& controls,
                       std::function<void(const absl::Status&)> lost, double silence_seconds)
    : options_(options),
      recorder_(recorder),
      controls_(controls),
      lost_(std::move(lost)),
      silence_seconds_(silence_seconds) {}

EngineLink::~EngineLink() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    for (const std::shared_ptr<Line>& line : {line_, trial_})
      if (line != nullptr) line->context.TryCancel();
  }
  for (std::thread* thread : {&listener_, &writer_, &reader_})
    if (thread->joinable()) thread->join();
}

void EngineLink::StopWaiting() {
  absl::MutexLock lock(&mutex_);
  is_stopped_ = true;
}

absl::StatusOr<std::shared_ptr<EngineLink::Line>> EngineLink::OpenLine() const {
  grpc::ChannelArguments arguments;
  // The workers of an in-process launcher must not share the desktop's or each other's connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   OpenEngineChannel(options_.engine_address, options_.kit, arguments));
  auto line = std::make_shared<Line>();
  line->stub = proto::Home::NewStub(channel);
  line->stream = line->stub->Join(&line->context);
  return line;
}

std::shared_ptr<EngineLink::Line> EngineLink::CurrentLine() const {
  absl::MutexLock lock(&mutex_);
  return line_;
}

void EngineLink::FillHello(proto::Hello& hello) const {
  hello.set_run(options_.run);
  hello.set_rank(static_cast<uint32_t>(options_.rank));
  hello.set_pid(::getpid());
  hello.set_host(CutUtf8(HostName(), 255));
  hello.set_version(CONCERTINA_VERSION);
}

absl::StatusOr<proto::Assignment> EngineLink::Join(Deadline deadline) {
  {
    ASSIGN_OR_RETURN(std::shared_ptr<Line> line, OpenLine());
    absl::MutexLock lock(&mutex_);
    line_ = std::move(line);
  }
  reader_ = std::thread([this] { Read(); });

  proto::WorkerMessage message;
  FillHello(*message.mutable_hello());
  message.mutable_hello()->set_token(options_.token);
  RETURN_IF_ERROR(Send(message));
  {
    absl::MutexLock lock(&mutex_);
    last_heard_ = Clock::Real().SteadySeconds();  // connecting may have taken its time
  }
  writer_ = std::thread([this] { WriteOnAndOn(); });
  listener_ = std::thread([this] { ListenForSilence(); });

  absl::MutexLock lock(&mutex_);
  const auto answered = [this] {
    mutex_.AssertReaderHeld();
    return have_assignment_ || goodbye_ || ended_ || is_stopped_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&answered), absl::Seconds(deadline.SecondsLeft()));
  if (is_stopped_) return AskedToEnd();
  if (have_assignment_) return assignment_;
  if (goodbye_)
    return absl::CancelledError("the run ended, or went on without it, before this worker had a part in it");
  if (ended_) return Annotate(end_status_, "joining " + options_.engine_address);
  return absl::DeadlineExceededError("the engine at " + options_.engine_address +
                                     " gave no assignment in time");
}

absl::StatusOr<std::optional<proto::Assignment>> EngineLink::WaitForNextGroup(Deadline deadline) {
  absl::MutexLock lock(&mutex_);
  const auto answered = [this] {
    mutex_.AssertReaderHeld();
    return has_next_assignment_ || goodbye_ || ended_ || is_stopped_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&answered), absl::Seconds(deadline.SecondsLeft()));
  if (is_stopped_) return AskedToEnd();
  if (has_next_assignment_) {
    has_next_assignment_ = false;
    return assignment_;
  }
  if (goodbye_) return std::nullopt;
  if (ended_) return Annotate(end_status_, "waiting for another group");
  return absl::DeadlineExceededError("the engine formed no other group in time");
}

void EngineLink::SetLeave(std::function<void()> leave) {
  absl::MutexLock lock(&leave_mutex_);
  leave_ = std::move(leave);
  if (!leave_) return;
  {
    absl::MutexLock other(&mutex_);
    if (!is_parted_) return;
  }
  leave_();
}

void EngineLink::SetCutOff(std::function<void(int rank, const std::string& reason)> cut_off) {
  absl::MutexLock lock(&leave_mutex_);
  cut_off_ = std::move(cut_off);
  if (!cut_off_) return;
  std::vector<proto::CutOff> cuts;
  {
    absl::MutexLock other(&mutex_);
    cuts = cuts_;
  }
  for (const proto::CutOff& cut : cuts) cut_off_(static_cast<int>(cut.rank()), cut.reason());
}

absl::Status EngineLink::SendReady(const proto::Ready& ready) {
  proto::WorkerMessage message;
  *message.mutable_ready() = ready;
  message.mutable_ready()->set_incarnation(incarnation_);
  return Send(std::move(message));
}

absl::StatusOr<proto::Peers> EngineLink::WaitForPeers(Deadline deadline) {
  absl::MutexLock lock(&mutex_);
  const auto answered = [this] {
    mutex_.AssertReaderHeld();
    return have_peers_ || is_parted_ || ended_ || is_stopped_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&answered), absl::Seconds(deadline.SecondsLeft()));
  if (is_stopped_) return AskedToEnd();
  if (is_parted_) return absl::AbortedError("a worker was lost while the others waited for all to be ready");
  if (have_peers_) return peers_;
  if (ended_) return Annotate(end_status_, "waiting for the other workers");
  return absl::DeadlineExceededError("the other workers were not ready in time");
}

void EngineLink::SetProgress(int64_t step, double epoch, const char* phase) {
  absl::MutexLock lock(&mutex_);
  step_ = step;
  epoch_ = epoch;
  phase_ = phase;
}

void EngineLink::SetTraffic(std::span<const uint64_t> sent_bytes, double seconds) {
  absl::MutexLock lock(&mutex_);
  sent_to_.assign(sent_bytes.begin(), sent_bytes.end());  // after the first time without allocating
  sent_seconds_ = seconds;
}

void EngineLink::SetDoing(const std::string& doing) {
  absl::MutexLock lock(&mutex_);
  doing_ = doing;
}

absl::Status EngineLink::Send(proto::WorkerMessage message) {
  message.set_incarnation(incarnation_);
  absl::MutexLock lock(&write_mutex_);
  return Write(message);
}

absl::Status EngineLink::Write(proto::WorkerMessage& message) {
  std::shared_ptr<Line> line;
  bool is_kept = false;
  {
    absl::MutexLock lock(&mutex_);
    line = line_;
    // Before all are ready nobody comes back; and some things are of the moment only.
    const bool is_of_now = message.has_heartbeat() || message.has_waits() || message.has_ready();
    is_kept = assignment_.engine_grace_seconds() > 0 && have_peers_;
    if (ended_) return absl::UnavailableError("the engine has hung up");
    if (is_kept && !is_of_now) outbox_.Add(message);
  }
  if (line != nullptr && line->stream->Write(message)) return absl::OkStatus();
  // The reader finds out whether that was the end.
  return is_kept ? absl::OkStatus() : absl::UnavailableError("the engine has hung up");
}

absl::Status EngineLink::SendMetrics() {
  absl::MutexLock lock(&write_mutex_);
  if (!recorder_.Take(*metrics_.mutable_metrics())) return absl::OkStatus();
  metrics_.set_incarnation(incarnation_);
  return Write(metrics_);
}

bool EngineLink::AwaitAnswer(const std::function<bool()>& holds, Deadline deadline) {
  const double patience = deadline.SecondsLeft();
  const auto is_over = [&] {
    mutex_.AssertReaderHeld();
    return holds() || ended_;
  };
  const auto is_over_or_away = [&] {
    mutex_.AssertReaderHeld();
    return is_over() || is_away_;
  };
  const auto is_over_or_back = [&] {
    mutex_.AssertReaderHeld();
    return is_over() || !is_away_;
  };
  for (;;) {
    if (!mutex_.AwaitWithTimeout(absl::Condition(&is_over_or_away), absl::Seconds(deadline.SecondsLeft())))
      return false;
    if (is_over()) return true;
    mutex_.Await(absl::Condition(&is_over_or_back));  // it is over at the latest when the grace is
    deadline = Deadline::After(patience);
  }
}

absl::Status EngineLink::KeepMetrics() {
  RETURN_IF_ERROR(SendMetrics());
  proto::WorkerMessage message;
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    number = ++keep_asked_;
  }
  message.mutable_keep_metrics()->set_number(number);
  RETURN_IF_ERROR(Send(std::move(message)));
  absl::MutexLock lock(&mutex_);
  const auto answered = [&] {
    mutex_.AssertReaderHeld();
    return keep_answered_ >= number;
  };
  if (!AwaitAnswer(answered, Deadline::After(kKeepMetricsDeadlineSeconds)))
    spdlog::warn("the engine has not stored this rank's measurements within {:.0f} s",
                 kKeepMetricsDeadlineSeconds);
  if (ended_) return Annotate(end_status_, "storing what was measured before a checkpoint");
  return absl::OkStatus();
}

absl::Status EngineLink::Finish(const proto::WorkerMessage& last, Deadline deadline) {
  RETURN_IF_ERROR(SendMetrics());
  RETURN_IF_ERROR(Send(last));
  absl::MutexLock lock(&mutex_);
  const auto answered = [this] {
    mutex_.AssertReaderHeld();
    return goodbye_;
  };
  AwaitAnswer(answered, deadline);
  closing_ = true;
  if (goodbye_) return absl::OkStatus();
  return absl::DeadlineExceededError("the engine did not take the results in time");
}

void EngineLink::Read() {
  for (;;) {
    const std::shared_ptr<Line> line = CurrentLine();
    ReadLine(*line);
    const absl::Status status = FromGrpc(line->stream->Finish());
    const absl::Status back = status.ok() ? absl::AbortedError("the engine has hung up") : ComeBack(status);
    if (!back.ok()) return Lose(status.ok() ? absl::UnavailableError("the engine has hung up") : back);
  }
}

void EngineLink::ReadLine(Line& line) {
  proto::EngineMessage message;
  while (line.stream->Read(&message)) {
    TakeMessage(message);
    if (message.has_file()) TakePiece(message.file());  // without the lock, which heartbeats need
    if (message.has_harm()) TakeHarm(message.harm());
    if (message.has_cut_off() && message.cut_off().incarnation() == incarnation_) {
      absl::MutexLock lock(&leave_mutex_);
      if (cut_off_) cut_off_(static_cast<int>(message.cut_off().rank()), message.cut_off().reason());
    }
    if (!message.has_part() || message.part().incarnation() != incarnation_) continue;
    absl::MutexLock lock(&leave_mutex_);
    if (leave_) leave_();
    leave_ = nullptr;
  }
}

void EngineLink::TakeMessage(const proto::EngineMessage& message) {
  absl::MutexLock lock(&mutex_);
  last_heard_ = Clock::Real().SteadySeconds();
  switch (message.kind_case()) {
    case proto::EngineMessage::kAssignment:
      assignment_ = message.assignment();
      has_next_assignment_ = std::exchange(have_assignment_, true);
      if (has_next_assignment_) {  // what was asked of the group before is not asked of this one
        controls_.Clear();
        have_peers_ = is_parted_ = false;
      }
      cuts_.clear();
      sent_to_.clear();  // nor is what was sent to the others of it
      incarnation_ = assignment_.incarnation();
      break;
    case proto::EngineMessage::kPeers:
      peers_ = message.peers();
      have_peers_ = true;
      break;
    case proto::EngineMessage::kPart:
      is_parted_ |= message.part().incarnation() == incarnation_;
      break;
    case proto::EngineMessage::kCutOff:
      if (message.cut_off().incarnation() == incarnation_) cuts_.push_back(message.cut_off());
      break;
    case proto::EngineMessage::kControl:
      controls_.Push({.action = message.control().action(),
                      .knob = {},
                      .steps = message.control().steps(),
                      .recording = message.control().recording()});
      break;
    case proto::EngineMessage::kKnob:
      controls_.Push({.action = {}, .knob = message.knob(), .steps = 0, .recording = 0});
      break;
    case proto::EngineMessage::kGoodbye:
      goodbye_ = true;
      break;
    case proto::EngineMessage::kFileTaken:
      ++taken_pieces_;
      taken_bytes_ = message.file_taken().bytes();
      no_room_ = message.file_taken().no_room();
      file_moved_ = last_heard_;
      break;
    case proto::EngineMessage::kGrant:
      if (message.grant().all())
        gate_.Open();
      else
        gate_.Grant(message.grant().number());
      break;
    case proto::EngineMessage::kMetricsKept:
      keep_answered_ = std::max(keep_answered_, message.metrics_kept().number());
      break;
    case proto::EngineMessage::kHeartbeat:
      outbox_.Forget(message.heartbeat().kept());
      break;
    case proto::EngineMessage::kFile:
    case proto::EngineMessage::kHarm:
    case proto::EngineMessage::kWelcome:
    case proto::EngineMessage::KIND_NOT_SET:
      break;
  }
}

// What is done to a worker that is a thread of the engine would be done to the engine.
void EngineLink::TakeHarm(const proto::Harm& harm) {
  switch (harm.act()) {
    case proto::Harm::KILL:
      if (options_.has_process) KillOwnProcess();
      break;
    case proto::Harm::FREEZE:
      if (!options_.has_process) break;
      if (const absl::Status stopped = StopOwnProcess(harm.seconds()); !stopped.ok())
        spdlog::warn("this worker was to be frozen, and is not: {}", std::string(stopped.message()));
      break;
    case proto::Harm::SLOW:
      if (!(harm.slowdown() > 1)) break;
      controls_.PushSlow({.number = harm.number(),
                          .slowdown = harm.slowdown(),
                          .until_steady = harm.seconds() > 0 ? Clock::Real().SteadySeconds() + harm.seconds()
                                                             : FaultAct::kForEver});
      break;
    case proto::Harm::SLOW_NO_MORE:
      controls_.PushSlow({.number = harm.number()});
      break;
    default:
      break;
  }
}

void EngineLink::Lose(const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    if (ended_) return;
    ended_ = true;
    end_status_ = why;
    if (closing_ || goodbye_) return;
  }
  controls_.Close();
  lost_(Annotate(why, "the engine is gone"));
}

namespace {

// All workers of a host send at the same moments: the engine wakes once for all of them, and no rank's rows
// wait for another's. With 4 workers it takes 1.7 % of a core so, and 2.1 where each counts from its own
// start.
double SecondsToNextSending() {
  const double periods = Clock::Real().SteadySeconds() / EngineLink::kMetricsSeconds;
  return (std::floor(periods) + 1 - periods) * EngineLink::kMetricsSeconds;
}

}  // namespace

void EngineLink::WriteOnAndOn() {
  double next_heartbeat = 0;
  for (;;) {
    proto::WorkerMessage heartbeat;
    {
      absl::MutexLock lock(&mutex_);
      const auto over = [this] {
        mutex_.AssertReaderHeld();
        return closing_ || ended_;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(SecondsToNextSending()));
      if (closing_ || ended_) return;
      heartbeat.mutable_heartbeat()->set_step(step_);
      heartbeat.mutable_heartbeat()->set_epoch(epoch_);
      heartbeat.mutable_heartbeat()->set_phase(phase_);
      if (!sent_to_.empty() && Clock::Real().SteadySeconds() >= next_heartbeat) {
        proto::Traffic& traffic = *heartbeat.mutable_heartbeat()->mutable_traffic();
        traffic.mutable_sent_bytes()->Add(sent_to_.begin(), sent_to_.end());
        traffic.set_seconds(sent_seconds_);
      }
      heartbeat.mutable_heartbeat()->set_doing(doing_);
    }
    const double now = Clock::Real().SteadySeconds();
    absl::Status status = SendMetrics();
    if (status.ok() && now >= next_heartbeat) {
      next_heartbeat = now + kHeartbeatSeconds;
      status = Send(heartbeat);
    }
    if (!status.ok()) return;  // the reader learns of it too, with the reason
  }
}

void EngineLink::ListenForSilence() {
  const absl::Status silence =
      absl::UnavailableError(fmt::format("no word from it for {:.0f} s", silence_seconds_));
  std::shared_ptr<Line> silent;
  {
    absl::MutexLock lock(&mutex_);
    const auto over = [this] {
      mutex_.AssertReaderHeld();
      return closing_ || ended_;
    };
    for (;;) {
      // While the reader writes a piece it hears nothing, and that is not the engine's doing; nor does it
      // while there is none.
      const bool listens = !is_taking_ && (line_ != nullptr || trial_ != nullptr);
      const double left =
          listens ? last_heard_ + silence_seconds_ - Clock::Real().SteadySeconds() : silence_seconds_;
      if (left > 0) {
        if (mutex_.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(left))) return;
        continue;
      }
      silent = trial_ != nullptr ? trial_ : line_;
      is_silent_ = true;
      if (trial_ == nullptr && !MayComeBack(silence)) break;
      silent->context.TryCancel();  // and the reader finds out, and calls the next engine
      last_heard_ = Clock::Real().SteadySeconds();
    }
  }
  Lose(silence);
  silent->context.TryCancel();  // and so what waits to be written, or read
}

}  // namespace concertina
