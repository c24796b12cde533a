// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link_return.cc: a rank whose engine has died calls the next one, while it trains on (see
// engine_link.h; engine/run_return.cc has the whole of it). On the way of the data: worker/outbox.h -> here
// -> engine/run_return.cc.
//
// All of it on the thread that reads: there is nothing to be read meanwhile. Others go on to send, into the
// outbox.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/proto/status_conversion.h"
#include "core/worker/engine_link.h"
#include "core/worker/own_process.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Between two calls: an engine that starts is there within a second or two, and a home without one is asked
// about as often as a person would.
constexpr double kFirstPauseSeconds = 0.05, kLongestPauseSeconds = 1;
constexpr uint64_t kMostRequestsTold = 4096;

// What gRPC makes of a peer that died. An engine that means to end a stream says so with another code.
bool IsEndOfConnection(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsUnknown(status) || absl::IsInternal(status);
}

// It is not there, not yet ready, or was cut off while it answered. All else is meant.
bool MayBeAskedAgain(const absl::Status& status) {
  return IsEndOfConnection(status) || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

bool EngineLink::MayComeBack(const absl::Status& why) const {
  // Whoever does not train yet has nothing that would be lost, and its engine has not written it down.
  return assignment_.engine_grace_seconds() > 0 && have_peers_ && !goodbye_ && !closing_ && !is_stopped_ &&
         !ended_ && (IsEndOfConnection(why) || is_silent_);
}

absl::Status EngineLink::ComeBack(const absl::Status& why) {
  double grace_seconds = 0;
  std::string log;
  {
    absl::MutexLock lock(&mutex_);
    if (!MayComeBack(why)) return why;
    grace_seconds = assignment_.engine_grace_seconds();
    log = fmt::format("{}/rank-{}.log", assignment_.run_folder(), options_.rank);
    line_ = nullptr;
    is_away_ = true;
    is_silent_ = false;
  }
  gate_.Open();  // nobody grants anything any more
  // Where its output went nobody reads.
  if (options_.has_process) SendOutputTo(log).IgnoreError();
  spdlog::warn("the engine is gone ({}); this rank trains on, and ends if no other one comes within {:.0f} s",
               std::string(why.message()), grace_seconds);
  const Deadline deadline = Deadline::After(grace_seconds);
  absl::Status last = why;
  for (double pause = kFirstPauseSeconds; !deadline.Passed();
       pause = std::min(2 * pause, kLongestPauseSeconds)) {
    {
      absl::MutexLock lock(&mutex_);
      const auto over = [this] {
        mutex_.AssertReaderHeld();
        return closing_ || is_stopped_;
      };
      if (mutex_.AwaitWithTimeout(absl::Condition(&over),
                                  absl::Seconds(std::min(pause, deadline.SecondsLeft()))))
        return why;
    }
    last = TryToComeBack();
    if (last.ok()) {
      spdlog::info("another engine has taken the run up, and this rank with it");
      return last;
    }
    if (!MayBeAskedAgain(last)) return Annotate(last, "the next engine does not take this rank");
  }
  return absl::UnavailableError(
      fmt::format("no other came within {:.0f} s: {}", grace_seconds, std::string(last.message())));
}

proto::WorkerMessage EngineLink::HelloAgain() const {
  proto::WorkerMessage message;
  proto::Hello& hello = *message.mutable_hello();
  FillHello(hello);
  proto::Return& back = *hello.mutable_back();
  {
    absl::MutexLock lock(&mutex_);
    back.set_secret(assignment_.return_secret());
    back.set_incarnation(assignment_.incarnation());
    back.set_step(step_);
  }
  const uint64_t asked = controls_.received();
  const uint64_t left_out = asked - std::min(asked, kMostRequestsTold);
  back.set_requests_left_out(left_out);
  for (uint64_t i = left_out; i < asked; ++i) {
    const ControlRequest request = controls_.at(i);
    proto::Request& told = *back.add_requests();
    if (request.knob.has_value()) {
      *told.mutable_knob() = *request.knob;
    } else {
      told.mutable_control()->set_action(request.action.value_or(proto::Control::NONE));
      told.mutable_control()->set_steps(request.steps);
      told.mutable_control()->set_recording(request.recording);
    }
  }
  return message;
}

absl::Status EngineLink::TryToComeBack() {
  ASSIGN_OR_RETURN(const std::shared_ptr<Line> line, OpenLine());
  {
    absl::MutexLock lock(&mutex_);
    if (closing_ || is_stopped_) {
      line->context.TryCancel();
      return absl::CancelledError("this rank is ending");
    }
    trial_ = line;
    last_heard_ = Clock::Real().SteadySeconds();  // one that listens and says nothing is found out as ever
  }
  proto::EngineMessage answer;
  const bool is_welcome =
      line->stream->Write(HelloAgain()) && line->stream->Read(&answer) && answer.has_welcome();
  if (!is_welcome) {
    if (answer.kind_case() != proto::EngineMessage::KIND_NOT_SET) line->context.TryCancel();
    const absl::Status status = FromGrpc(line->stream->Finish());
    absl::MutexLock lock(&mutex_);
    trial_ = nullptr;
    is_silent_ = false;
    return status.ok() ? absl::UnavailableError("it hung up") : status;
  }
  absl::MutexLock writing(&write_mutex_);  // nothing new before what is old
  bool waits_for_store = false;
  uint64_t keep_asked = 0;
  {
    absl::MutexLock lock(&mutex_);
    line_ = std::exchange(trial_, nullptr);
    is_away_ = is_silent_ = false;
    last_heard_ = Clock::Real().SteadySeconds();
    keep_asked = keep_asked_;
    waits_for_store = keep_asked_ > keep_answered_;
  }
  proto::WorkerMessage message;
  message.set_incarnation(incarnation_);
  recorder_.DeclareAgain(*message.mutable_metrics());
  message.mutable_metrics()->set_dropped(outbox_.TakeDropped());
  bool is_heard = line->stream->Write(message);
  for (const Outbox::Kept& kept : outbox_.All()) {
    if (!is_heard) break;  // the reader finds out, and calls once more
    message = *kept;
    message.set_is_said_again(true);
    is_heard = line->stream->Write(message);
  }
  if (is_heard && waits_for_store) {
    message.Clear();
    message.set_incarnation(incarnation_);
    message.mutable_keep_metrics()->set_number(keep_asked);
    line->stream->Write(message);
  }
  return absl::OkStatus();
}

}  // namespace concertina
