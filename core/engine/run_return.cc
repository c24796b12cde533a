// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_return.cc: a run whose engine is killed goes on: its workers train without one for a while, and the
// next engine takes it up where it is (see run.h). On the way of the data: engine/run_table_return.cc, what
// the store has (engine/return_point.h) -> here <- worker/engine_link_return.cc, which calls home again.
//
//   engine                                          worker of this machine, of a run that trains
//   ------                                          --------------------------------------------
//   lives: it keeps for each place the process      trains; of what it said, it keeps what the engine has not
//   (number, start, boot), the hash of the secret   said to have stored (Heartbeat.kept), in bounds
//   to come back with, and the group's incarnation
//   killed                                          AWAY: trains on, writes its log itself, opens the gate of
//                                                   slow motion; a checkpoint waits for the next engine;
//                                                   calls it every now and then, for engine_grace_seconds
//   starts, finds the run: reads how far the        refused for now (kUnavailable): calls again
//   store had got, adopts the processes: RETURNS
//   hears Hello.back: run, rank, process, secret,   BACK: welcome; declares its series again, says again what
//   incarnation as recorded, each place once        was not stored, and is as before
//   all are back: those that an order had not       has the same orders as the others, before the same step
//   reached before are given it: RUNS
//   not within RunLimits::come_home: it ends as     refused (its place is another's, its secret or
//   incarnation one that lost a worker, and may go on from      old), or nobody came in time: ends by itself
//   its last checkpoint
//
// Each step is in the store once: a series goes on behind the last step that it has there
// (metric_hub_past.cc), and events that say their step are compared. Not taken up, and so as without all
// this: a run that has not made its first steps, one whose group has changed or is changing, one over MPI,
// and one with workers elsewhere.
#include <algorithm>
#include <span>
#include <utility>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/edge/sha256.h"
#include "core/engine/rank_log.h"
#include "core/engine/run.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int kLastLinesOfBefore = 8;
constexpr int kMostRequestsSaidAgain = 4096;
// As one message for everything that a stranger could learn from.
constexpr char kNoPlaceToComeBackTo[] = "there is no such place to come back to, or not with this secret";

std::string HashOf(const std::string& secret) {
  return Sha256Hex(std::as_bytes(std::span(secret.data(), secret.size())));
}

ProcessIdentity ProcessOf(const proto::WorkerAtWork& kept) {
  return {
      .pid = static_cast<pid_t>(kept.pid()), .start_ticks = kept.start_ticks(), .boot_id = kept.boot_id()};
}

proto::EngineMessage MessageOf(const proto::Request& request) {
  proto::EngineMessage message;
  if (request.has_knob())
    *message.mutable_knob() = request.knob();
  else
    *message.mutable_control() = request.control();
  return message;
}

}  // namespace

void Run::OfferReturn(Seat& seat, proto::Assignment& assignment) {
  seat.return_secret_sha256.clear();
  if (EngineGraceSeconds() <= 0 || !seat.process.is_known() || authority_) return;
  const std::string secret = context_.make_token();
  seat.return_secret_sha256 = HashOf(secret);
  assignment.set_engine_grace_seconds(EngineGraceSeconds());
  assignment.set_return_secret(secret);
}

void Run::FillAtWork(proto::AtWork& at_work) const {
  at_work.Clear();
  if (concluding_ || state() == proto::QUEUED) return;
  bool all_may_come_back = true;
  for (const Seat& seat : seats_) {
    proto::WorkerAtWork& kept = *at_work.add_workers();
    kept.set_rank(seat.rank);
    kept.set_pid(seat.process.pid);
    kept.set_start_ticks(seat.process.start_ticks);
    kept.set_boot_id(seat.process.boot_id);
    kept.set_secret_sha256(seat.return_secret_sha256);
    kept.set_certificate(seat.link != nullptr ? seat.link->certificate() : "");
    kept.set_finished(seat.finished);
    kept.set_stopped(seat.stopped_early);
    kept.set_gone(seat.given_up);
    kept.set_parameters_path(seat.parameters_path);
    const bool is_one_of_them =
        seat.rank >= 0 && seat.process.is_known() && !seat.return_secret_sha256.empty();
    all_may_come_back &= seat.given_up || is_one_of_them;
  }
  at_work.set_can_go_on(trains() && peers_sent_ && !regrouping_ && !ending() && all_may_come_back &&
                        summary_.incarnation() == first_incarnation_);
}

// What workers need not keep any more: asked at every Flush, and known one or two of them later.
void Run::LookWhatIsKept() {
  if (EngineGraceSeconds() <= 0) return;
  if (kept_soon_ && context_.store.IsCommitted(kept_soon_->posted)) {
    for (size_t i = 0; i < kept_soon_->numbers.size(); ++i)
      seats_[i].kept_number = std::max(seats_[i].kept_number, kept_soon_->numbers[i]);
    kept_soon_.reset();
  }
  if (kept_soon_ || hub_.held_values() > 0) return;
  KeptSoon next{.posted = context_.store.posted(), .numbers = {}};
  for (const Seat& seat : seats_) next.numbers.push_back(seat.heard_number);
  kept_soon_ = std::move(next);
}

void Run::TakeUp(const ReturnPoint& back) {
  is_taken_up_ = true;
  marks_of_before_ = back.marks;
  for (const uint32_t done : summary_.faults_done())
    if (done < faults_.size()) fault_is_done_[done] = true;  // its steps do not come once more
  hub_.TakeUp(back.series, back.bytes_total);
  first_incarnation_ = summary_.incarnation();
  secret_ = context_.make_token();  // of a group that is still to come: this one has its own
  peers_sent_ = true;
  started_ = now();
  trains_since_ = std::max(1e-9, now() - meter_.seconds());
  pause_wanted_ = state() == proto::PAUSED && summary_.pause_reason().empty();
  returns_until_ = now() + context_.limits.come_home;
  next_persist_ = next_summary_ = now();

  const std::vector<std::string> entries = EntriesByRank(prepared_.spec);
  std::vector<Launcher*> launchers;
  for (const WorkerGroup& group : prepared_.spec.workers) {
    const absl::StatusOr<Launcher*> launcher = context_.launcher(group.launcher);
    launchers.insert(launchers.end(), static_cast<size_t>(group.count), launcher.ok() ? *launcher : nullptr);
  }
  for (size_t i = 0; i < seats_.size(); ++i) {
    seats_[i].entry = entries[i];
    group_.push_back(i);
    TakeUpSeat(static_cast<int>(i), back.at_work.workers(static_cast<int>(i)), launchers[i]);
  }
  spdlog::info("run {}: an earlier engine began it; its workers may call home again for {:.0f} s", id(),
               context_.limits.come_home);
  ScheduleTick();
}

void Run::TakeUpSeat(int index, const proto::WorkerAtWork& kept, Launcher* launcher) {
  Seat& seat = seats_[static_cast<size_t>(index)];
  seat.rank = kept.rank();
  seat.launcher = launcher;
  seat.process = ProcessOf(kept);
  seat.return_secret_sha256 = kept.secret_sha256();
  seat.certificate = kept.certificate();
  seat.incarnation = summary_.incarnation();
  seat.launched = seat.joined = seat.ready = true;
  seat.launched_at = seat.joined_at = seat.heard = seat.progressed = now();
  seat.step = index < summary_.workers_size() ? summary_.workers(index).step() : 0;
  EngineLoop& loop = context_.loop;
  const std::string log = fmt::format("{}/rank-{}.log", context_.home.run(id()), index);
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> adopted = absl::NotFoundError("");
  if (launcher != nullptr && !kept.gone())
    adopted = launcher->Adopt(seat.process, [&loop, self = self_, index, log](const WorkerExit& exit) {
      std::vector<std::string> lines = LastLines(log, kLastLinesOfBefore);
      loop.Post([self, index, exit, lines = std::move(lines)] {
        if (*self == nullptr) return;
        (*self)->seats_[static_cast<size_t>(index)].last_lines.assign(lines.begin(), lines.end());
        (*self)->OnExit(index, exit);
      });
    });
  if (adopted.ok()) {  // if it has finished it says so again, and hears the goodbye
    seat.worker = *std::move(adopted);
    return;
  }
  seat.exited = true;
  seat.lost = now();
  seat.exit.message = "while there was no engine";
  seat.given_up = kept.gone();
  seat.finished = kept.finished();
  if (seat.finished) {
    any_stopped_ |= kept.stopped();
    if (!kept.parameters_path().empty()) parameters_path_ = seat.parameters_path = kept.parameters_path();
  }
  hub_.RankEnded(index);
}

std::string Run::ReturnObstacle() const {
  return is_returning() ? "its engine was ended, and its workers are calling this one; try again in a moment"
                        : "";
}

absl::StatusOr<int> Run::ComeBack(const std::shared_ptr<WorkerLink>& link, const proto::Hello& hello) {
  const auto refused = [] { return absl::PermissionDeniedError(kNoPlaceToComeBackTo); };
  if (ending() || !is_returning() || hello.rank() >= seats_.size()) return refused();
  Seat& seat = seats_[hello.rank()];
  if (seat.lost > 0) return refused();  // it has come back before, and was lost again
  const proto::Return& back = hello.back();
  // All at once, so that no part of it can be found out.
  const bool is_secret = SameToken(HashOf(back.secret()), seat.return_secret_sha256);
  const bool is_it = hello.pid() == seat.process.pid && link->certificate() == seat.certificate;
  if (!is_secret || !is_it || seat.worker == nullptr || seat.exited || seat.given_up) return refused();
  const int rank = static_cast<int>(hello.rank());
  if (back.incarnation() != summary_.incarnation())
    return absl::AbortedError(fmt::format("rank {}: it is of incarnation {}, its run at {}; end", rank,
                                          back.incarnation(), summary_.incarnation()));
  if (seat.link != nullptr)
    return absl::AbortedError(fmt::format("rank {}: its place is taken, by one with the same secret", rank));
  if (hello.version() != CONCERTINA_VERSION) {  // the engine was replaced by another one meanwhile
    const std::string what = fmt::format("is of version {}, the engine that took its run up of {}",
                                         CutUtf8(hello.version(), 40), CONCERTINA_VERSION);
    Lose(rank, what);
    return absl::FailedPreconditionError(what);
  }
  if (back.requests_size() > kMostRequestsSaidAgain || back.step() < 0)
    return absl::InvalidArgumentError(fmt::format("rank {}: what it says of itself makes no sense", rank));
  seat.link = link;
  seat.heard = seat.progressed = now();
  seat.lost = 0;
  seat.step = std::max(seat.step, back.step());
  seat.requests.assign(back.requests().begin(), back.requests().end());
  seat.requests_left_out = back.requests_left_out();
  proto::EngineMessage message;
  message.mutable_welcome();
  link->Send(std::move(message));
  if (regrouping_ && !formed_ && !seat.parted) {  // another one has left the group meanwhile
    proto::EngineMessage part;
    part.mutable_part()->set_incarnation(summary_.incarnation());
    link->Send(std::move(part));
  }
  summary_dirty_ = true;
  WatchReturn();
  return rank;
}

void Run::WatchReturn() {
  int back = 0;
  for (const Seat& seat : seats_) {
    if (seat.given_up || seat.finished || seat.failed) continue;
    if (seat.link == nullptr) return;
    ++back;
  }
  returns_until_ = 0;
  if (back == 0) return LookIfAllFinished();
  AskAllTheSame();
  for (Seat& seat : seats_) seat.progressed = now();
  AddEvent("engine",
           fmt::format("The engine had ended. {} went on without it, and called the next one.",
                       back == 1 ? "The run's worker" : fmt::format("The run's {} workers", back)),
           Json({{"workers", back}}).dump());
  Persist();
  PublishSummary();
}

// Orders go to the ranks one after the other. One that the engine before had given to some of them is given
// to the rest: ranks act before the same step on those that all of them have.
void Run::AskAllTheSame() {
  const auto count = [](const Seat& seat) { return seat.requests_left_out + seat.requests.size(); };
  const Seat* most = nullptr;
  for (const Seat& seat : seats_)
    if (seat.link != nullptr && (most == nullptr || count(seat) > count(*most))) most = &seat;
  if (most == nullptr) return;
  for (size_t i = 0; i < seats_.size() && !ending(); ++i) {
    const Seat& seat = seats_[i];
    if (seat.link == nullptr || count(seat) == count(*most)) continue;
    if (count(seat) < most->requests_left_out) {
      Blame(static_cast<int>(i), "was asked less than the others, and nobody knows what any more", true);
      return;
    }
    for (uint64_t next = count(seat); next < count(*most); ++next)
      seat.link->Send(MessageOf(most->requests[next - most->requests_left_out]));
  }
  for (Seat& seat : seats_) seat.requests.clear();
}

}  // namespace concertina
