// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_slow_motion.cc: messages of a run go one at a time, as a person says (see run.h). On the way of the
// data: comm/message_gate.h of every rank -> here, comm/message_turns.h -> the gate of the rank whose turn it
// is.
//
// Every rank begins before the same step, which is asked for like a pause; leaving needs no agreement, since
// a message that may go sooner changes no bit. A run that nobody looks after goes on by itself.
#include "core/base/registry.h"
#include "core/engine/run.h"
#include "core/parallel/exchange.h"
#include "core/proto/rank_message.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kMostAtOnce = 10'000;
constexpr size_t kMostWaitingOfRank = 4;  // one a thread that sends, with room to spare

}  // namespace

std::string Run::SlowMotionObstacle() const {
  if (state() != proto::RUNNING || !peers_sent_ || stop_sent_ || ending() || all_finished_ || regrouping_)
    return "it does not train now: messages are held back while a run trains";
  if (std::string obstacle = ReturnObstacle(); !obstacle.empty()) return obstacle;
  if (group_.size() < 2) return "it has one rank, which sends nothing";
  if (!prepared_.spec.recipe.empty())
    return "it has a recipe, whose stretches of training begin and end by themselves; its messages can be "
           "recorded and replayed";
  const auto exchange = Registry::Global().Create<Exchange>("exchange", prepared_.spec.exchange);
  if (!exchange.ok()) return std::string(exchange.status().message());
  if (!(*exchange)->lockstep() || (*exchange)->survives_loss())
    return fmt::format(
        "ranks of the exchange \"{}\" do not keep step, and would give each other up as lost "
        "while a message waits for a person; its messages can be recorded and replayed{}",
        prepared_.spec.exchange.kind(),
        prepared_.spec.exchange.Has("goes_on_without_lost")
            ? ", or one at a time with /exchange/goes_on_without_lost false"
            : "");
  return "";
}

absl::Status Run::SlowMotion(const proto::SlowMotionRequest& request, proto::SlowMotionReply& reply) {
  using Request = proto::SlowMotionRequest;
  const auto refuse = [&](const std::string& why) {
    return absl::FailedPreconditionError(fmt::format("run {}: {}", id(), why));
  };
  if (request.action() != Request::LOOK) slow_touched_ = now();
  switch (request.action()) {
    case Request::LOOK:
      break;
    case Request::BEGIN:
      if (turns_ != nullptr) break;
      if (const std::string obstacle = SlowMotionObstacle(); !obstacle.empty()) return refuse(obstacle);
      turns_ = std::make_unique<MessageTurns>([this](int rank, uint64_t number) { Grant(rank, number); });
      SendSlowMotion(true);
      AddEvent("slow-motion", "Slow motion began: each message waits for its turn.");
      break;
    case Request::NEXT:
    case Request::STEP:
      if (turns_ == nullptr) return refuse("it is not in slow motion; begin it first");
      if (request.action() == Request::STEP) {
        turns_->AllowRestOfStep();
        break;
      }
      if (request.messages() < 0 || request.messages() > kMostAtOnce)
        return absl::InvalidArgumentError(
            fmt::format("found {} messages, expected 1 to {}", request.messages(), kMostAtOnce));
      turns_->AllowNext(request.messages() == 0 ? 1 : request.messages());
      break;
    case Request::LEAVE:
      LeaveSlowMotion("as was asked");
      break;
    default:
      return absl::InvalidArgumentError("an action is needed: look, begin, next, step or leave");
  }
  reply.set_on(turns_ != nullptr);
  if (turns_ == nullptr) {
    reply.set_step(-1);
    reply.set_obstacle(SlowMotionObstacle());
    return absl::OkStatus();
  }
  for (const WaitingMessage& message : turns_->waiting()) *reply.add_waiting() = ToRankMessage(message);
  for (const MessageTurns::Moved& moved : turns_->moved()) {
    if (moved.order <= request.after()) continue;
    proto::RankMessage& said = *reply.add_moved();
    said = ToRankMessage(moved.message);
    said.set_order(moved.order);
  }
  reply.set_moved_count(turns_->moved_count());
  reply.set_step(turns_->step());
  reply.set_moved_of_step(turns_->moved_of_step());
  reply.set_moved_of_step_before(turns_->moved_of_step_before());
  return absl::OkStatus();
}

void Run::SendSlowMotion(bool is_on) {
  proto::EngineMessage message;
  message.mutable_control()->set_action(proto::Control::SLOW_MOTION);
  message.mutable_control()->set_at_step(is_on ? MeetingStep() : 0);
  message.mutable_control()->set_steps(is_on ? 1 : 0);
  Broadcast(message);
}

void Run::Grant(int rank, uint64_t number) {
  if (rank < 0 || static_cast<size_t>(rank) >= group_.size()) return;
  const Seat& seat = seats_[group_[static_cast<size_t>(rank)]];
  proto::EngineMessage message;
  message.mutable_grant()->set_number(number);
  if (seat.link != nullptr) seat.link->Send(std::move(message));
}

void Run::OnWaits(int rank, const proto::RankMessage& said) {
  const Seat& seat = seats_[static_cast<size_t>(rank)];
  if (turns_ == nullptr) {  // it heard of the beginning after the end
    proto::EngineMessage message;
    message.mutable_grant()->set_all(true);
    if (seat.link != nullptr) seat.link->Send(std::move(message));
    return;
  }
  const WaitingMessage message = FromRankMessage(said);
  size_t waiting = 0;
  for (const WaitingMessage& other : turns_->waiting()) waiting += other.from == message.from ? 1 : 0;
  if (message.from != seat.rank || message.to < 0 || static_cast<size_t>(message.to) >= group_.size() ||
      message.to == message.from || message.step < 0 || waiting >= kMostWaitingOfRank)
    return Blame(rank, "broke the protocol: it holds back a message that cannot be", true);
  turns_->Wait(message);
}

void Run::LeaveSlowMotion(const std::string& why) {
  if (turns_ == nullptr) return;
  const uint64_t moved = turns_->moved_count();
  turns_.reset();
  proto::EngineMessage open;
  open.mutable_grant()->set_all(true);
  Broadcast(open);
  SendSlowMotion(false);
  for (Seat& seat : seats_) seat.progressed = now();  // it was not for them to make steps
  AddEvent("slow-motion", fmt::format("Slow motion ended, {}: {} message{} had gone one at a time.", why,
                                      moved, moved == 1 ? "" : "s"));
}

void Run::WatchSlowMotion(double time) {
  if (turns_ != nullptr && time - slow_touched_ > context_.limits.slow_motion)
    LeaveSlowMotion(fmt::format("since nobody let a message go for {:.0f} s", time - slow_touched_));
}

}  // namespace concertina
