// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_group.cc: the group of workers that train together, and how it changes while a run goes on (see run.h).
// On the way of the data: engine/run_watchdog.cc (one is lost), a person (workers join or leave) -> here ->
// worker/worker.cc, which leaves one group and enters the next with what it has in memory.
//
//   one is lost       Part to all others, which leave the group where they are: at a boundary of a step,
//   since
//                     parameters only change when a whole step is done. A peer's end may reach them sooner
//   one joins, leaves Control REGROUP, which all act on before the same step
//   all have parted   the next incarnation: who is left in the order of seats, and who has come; the secret
//   is
//                     a new one. The largest step is what the group goes on from: what a rank with it has,
//                     all get
//   all are Ready     Peers, and what was asked for meanwhile
// Nobody waits for one that is still to come, as long as there are /elastic/min_workers.
#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/engine/run.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// That break up at the same step with nobody lost: something between them does not let them train.
constexpr int kMostCauselessGroups = 3;

std::string WorkersText(int64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "worker" : "workers");
}

}  // namespace

void Run::SetOutTogether() {
  secret_ = context_.make_token();
  summary_.set_incarnation(std::max(summary_.incarnation(), summary_.attempt() - 1) + 1);
  first_incarnation_ = summary_.incarnation();
  const std::vector<std::string> entries = EntriesByRank(prepared_.spec);
  group_.clear();
  for (size_t i = 0; i < seats_.size(); ++i) {
    seats_[i].rank = static_cast<int>(i);
    seats_[i].entry = entries[i];
    group_.push_back(i);
  }
}

void Run::Assign(size_t index) {
  Seat& seat = seats_[index];
  proto::EngineMessage message;
  proto::Assignment& assignment = *message.mutable_assignment();
  assignment.set_spec_json(prepared_.spec.json);
  assignment.set_rank(static_cast<uint32_t>(seat.rank));
  assignment.set_world_size(static_cast<uint32_t>(group_.size()));
  const std::string run_folder = context_.home.run(id());
  if (!seat.away) {  // one that is away has places of its own
    assignment.set_run_folder(run_folder);
    assignment.set_datasets_folder(context_.home.datasets());
    assignment.set_kernels_file(context_.home.kernels_file());
  }
  assignment.set_secret(secret_);
  assignment.set_incarnation(summary_.incarnation());
  assignment.set_peers_seconds(peers_seconds_);
  // Until it has written one of its own, which is as its own spec says.
  assignment.set_is_fork(resume_ && !summary_.parent().empty() && resume_->step == summary_.parent_step());
  *assignment.mutable_faults_done() = summary_.faults_done();
  if (regrouping_) {
    const Seat* source = nullptr;
    for (const size_t member : group_)
      if (seats_[member].left.has_state() &&
          (source == nullptr || seats_[member].left.step() > source->left.step()))
        source = &seats_[member];
    proto::GroupState& state = *assignment.mutable_state();
    if (source != nullptr) {
      state.set_source_rank(static_cast<uint32_t>(source->rank));
      state.set_step(source->left.step());
      state.set_epochs(source->left.epochs());
      state.set_seconds(source->left.seconds());
    }
  } else if (resume_) {
    assignment.set_checkpoint(seat.away ? resume_->checkpoint.substr(run_folder.size() + 1)
                                        : resume_->checkpoint);
  }
  if (authority_) {
    if (const absl::Status filled = FillPeer(static_cast<int>(index), *assignment.mutable_peer());
        !filled.ok())
      return Blame(static_cast<int>(index), std::string(filled.message()), true);
  }
  OfferReturn(seat, assignment);
  if (seat.link != nullptr) seat.link->Send(std::move(message));
}

int Run::MembersToBe() const {
  return static_cast<int>(std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.is_to_be_replaced || (seat.launched && !seat.finished && !seat.given_up && !seat.leaves);
  }));
}

absl::StatusOr<int> Run::ChangeWorkers(int change) {
  const auto refuse = [this](const std::string& why) {
    return absl::FailedPreconditionError(fmt::format("run {}: {}", id(), why));
  };
  if (prepared_.recovery != Recovery::kRegroups)
    return refuse(
        "workers join and leave where an experiment has \"elastic\", and each of its workers the whole "
        "model, whose "
        "gradient it averages with all others in step (all-reduce)");
  if (const std::string obstacle = ReturnObstacle(); !obstacle.empty()) return refuse(obstacle);
  if (!regroups() || stop_sent_ || ending() || all_finished_)
    return refuse("it does not train yet, or not any more");
  const Elastic& elastic = *prepared_.spec.elastic;
  constexpr int kMostWorkers = 4096;
  const int most = elastic.max_workers > 0 ? static_cast<int>(elastic.max_workers) : kMostWorkers;
  const int there = MembersToBe();
  const int64_t wanted = int64_t{there} + change;
  if (change == 0 || wanted < elastic.min_workers || wanted > most)
    return absl::InvalidArgumentError(fmt::format(
        "run {}: found {:+} to {}, expected {} to {} of them (/elastic/min_workers and max_workers)", id(),
        change, WorkersText(there), elastic.min_workers, most));
  for (int i = 0; i < change; ++i) {
    // A seat that nobody has any more, or else one behind all others; as the last of the group was started.
    const Seat& model = seats_[group_.empty() ? 0 : group_.back()];
    const auto is_free = [](const Seat& seat) {
      return seat.rank < 0 && seat.exited && (seat.given_up || seat.finished) && !seat.is_to_be_replaced;
    };
    size_t index = 0;
    while (index < seats_.size() && !is_free(seats_[index])) ++index;
    Recruit(index, model.entry, *model.launcher, model.away);
  }
  for (int i = change; i < 0; ++i) {
    // Who is not here yet first, and then from behind.
    const auto may_go = [](const Seat& seat) {
      return seat.is_to_be_replaced || (seat.launched && !seat.finished && !seat.given_up && !seat.leaves);
    };
    auto last = std::find_if(seats_.rbegin(), seats_.rend(), [&](const Seat& seat) {
      return may_go(seat) && (seat.rank < 0 || seat.is_to_be_replaced);
    });
    if (last == seats_.rend()) last = std::find_if(seats_.rbegin(), seats_.rend(), may_go);
    if (std::exchange(last->is_to_be_replaced, false)) continue;
    if (last->rank < 0) {
      Dismiss(*last);
    } else {
      last->leaves = true;
      why_regroups_ = "as was asked";
      AskToPart();
    }
  }
  return static_cast<int>(wanted);
}

void Run::Recruit(size_t index, const std::string& entry, Launcher& launcher, bool is_away) {
  if (index == seats_.size()) {
    seats_.emplace_back();
    summary_.add_workers()->set_rank(static_cast<uint32_t>(index));
  }
  std::vector<Seat::SpentToken> spent = std::move(seats_[index].spent_tokens);
  if (!seats_[index].token.empty()) spent.push_back({seats_[index].token, std::nullopt});
  Seat& seat = seats_[index] = Seat{};
  kept_soon_.reset();  // the new one counts its messages anew
  seat.spent_tokens = std::move(spent);
  seat.entry = entry;
  seat.away = is_away;
  hub_.RankBegan(static_cast<int>(index), std::max(formed_step_, meter_.steps()));
  hub_.RankEnded(static_cast<int>(index));  // until it trains nobody waits for its rows
  if (const absl::Status launched = Launch(static_cast<int>(index), 1, launcher); !launched.ok()) {
    seat.given_up = seat.exited = true;
    AddEvent("worker-lost", std::string(launched.message()), Json({{"rank", index}}).dump());
  }
  summary_dirty_ = true;
}

void Run::Dismiss(Seat& seat) {
  seat.finished = true;
  seat.waits = false;  // or it would be taken into the next group, which then waits for it for ever
  seat.rank = -1;
  if (seat.link != nullptr) {
    proto::EngineMessage goodbye;
    goodbye.mutable_goodbye();
    seat.link->Send(std::move(goodbye));
  } else if (!seat.exited && seat.worker != nullptr) {  // it is not here yet
    seat.token.clear();
    seat.worker->Terminate();
  }
  summary_dirty_ = true;
}

void Run::GiveUpNewcomer(int index, const std::string& what) {
  Seat& seat = seats_[static_cast<size_t>(index)];
  if (seat.given_up || seat.finished) return;
  AddEvent("worker-lost", fmt::format("{}; it had not joined the others yet", WithLastLines(index, what)),
           Json({{"rank", index}}).dump());
  seat.given_up = true;
  EndReceiving(seat);
  seat.waits = false;
  if (seat.link != nullptr) seat.link->Close(absl::AbortedError("this worker was given up as lost"));
  seat.link = nullptr;
  seat.token.clear();
  if (!seat.exited && !seat.worker->end_is_seen()) {
    LetGo(seat);
  } else if (!seat.exited) {
    seat.terminated = seat.killed = now();
    seat.worker->Kill();
  }
  summary_dirty_ = true;
}

void Run::BeginToRegroup() {
  LeaveSlowMotion("since the group changes");
  if (regrouping_ && !formed_) return;
  TellRecordings(/*group_is_gone=*/true);
  if (!regrouping_) size_before_ = group_.size();  // one that formed in vain never was
  regrouping_ = true;
  formed_ = peers_sent_ = false;
  broke_up_ = now();
  // Members are about to wait for a place, which an engine that took the run up as it was would not give
  // them.
  if (std::any_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.process.is_known(); }))
    Persist();
}

void Run::BreakUp() {
  BeginToRegroup();
  proto::EngineMessage message;
  message.mutable_part()->set_incarnation(summary_.incarnation());
  for (const size_t member : group_) {
    Seat& seat = seats_[member];
    if (!seat.parted && !seat.given_up && seat.link != nullptr) seat.link->Send(message);
  }
  ScheduleTick();
}

void Run::AskToPart() {
  if (is_returning() || asked_to_part_ || regrouping_ || !peers_sent_ || stop_sent_) return;
  asked_to_part_ = true;
  LeaveSlowMotion("since the group changes");
  SendControl(proto::Control::REGROUP, state() == proto::PAUSED ? 0 : MeetingStep());
}

void Run::OnParted(int index, const proto::Parted& parted) {
  Seat& seat = seats_[static_cast<size_t>(index)];
  if (parted.incarnation() != summary_.incarnation() || seat.rank < 0 || seat.parted)
    return;  // of a group before
  // Before its first steps nobody regroups; but a member cannot know that, and its peer is who is lost.
  if (prepared_.recovery == Recovery::kRegroups && state() == proto::STARTING && !parted.reason().empty())
    return Blame(index, fmt::format("left its group: {}", CutUtf8(parted.reason(), 400)), false);
  if (!regroups() || parted.step() < 0 || !(parted.epochs() >= 0) || !(parted.seconds() >= 0))
    return Blame(index, "broke the protocol: it left a group that nobody leaves, or makes no sense", true);
  seat.parted = true;
  seat.ready = false;
  seat.left = parted;
  seat.step = parted.step();
  seat.progressed = now();
  const bool was_asked = parted.reason().empty();
  if (!was_asked)
    spdlog::info("run {}: rank {} left its group: {}", id(), index, CutUtf8(parted.reason(), 400));
  if ((!regrouping_ || formed_) && !was_asked) {
    // Whose end that was will be known in a moment.
    double lag = 0;
    for (const Seat& other : seats_)
      if (other.worker != nullptr && !other.exited) lag = std::max(lag, other.worker->end_lag_seconds());
    cause_until_ = now() + context_.limits.blame + lag;
    why_regroups_ = fmt::format("rank {} left the group: {}", index, CutUtf8(parted.reason(), 400));
    BreakUp();
  } else {
    BeginToRegroup();
  }
  summary_dirty_ = true;
  FormIfAllHaveParted(now());
}

void Run::WatchGroup(double time) {
  if (!regroups()) return;
  bool comes = false, waits = false;
  double came = time;
  for (size_t index = 0; index < seats_.size(); ++index) {
    Seat& seat = seats_[index];
    // Its place is free once nothing of it is left.
    if (seat.is_to_be_replaced && seat.exited && !stop_sent_) {
      const std::string entry = seat.entry;
      Recruit(index, entry, *seat.launcher, seat.away);
    }
    comes |=
        seat.rank < 0 && seat.launched && !seat.joined && !seat.exited && !seat.given_up && !seat.finished;
    if (!seat.waits) continue;
    waits = true;
    came = std::min(came, seat.joined_at);
  }
  if (waits && (!comes || time - came > context_.limits.gather)) {
    if (!regrouping_ && !asked_to_part_) why_regroups_ = "";
    AskToPart();
  }
  FormIfAllHaveParted(time);
}

void Run::FormIfAllHaveParted(double time) {
  if (!regrouping_ || formed_ || ending() || all_finished_) return;
  std::vector<size_t> members;
  bool someone_finished = false;
  for (const size_t member : group_) {  // without those that are lost
    const Seat& seat = seats_[member];
    someone_finished |= seat.finished;
    if (seat.finished) continue;
    if (!seat.parted) {
      // A step may be long, and its arithmetic is not broken off.
      if (time - broke_up_ > HangSeconds(seat))
        Lose(static_cast<int>(member),
             fmt::format("did not leave its group within {:.0f} s", time - broke_up_));
      return;
    }
    if (!seat.leaves) members.push_back(member);
  }
  if (time < cause_until_) return;
  bool is_enough_to_come = false;
  // Where some are done there is nothing left to train.
  const size_t least = someone_finished ? 1 : static_cast<size_t>(prepared_.spec.elastic->min_workers);
  for (size_t index = 0; index < seats_.size(); ++index) {
    const Seat& seat = seats_[index];
    if (seat.waits) members.push_back(index);
    const bool comes =
        seat.rank < 0 && seat.launched && !seat.joined && !seat.exited && !seat.given_up && !seat.finished;
    is_enough_to_come |= comes || (seat.is_to_be_replaced && !stop_sent_);  // then nobody is sent for
  }
  const bool anyone_has_state = std::any_of(
      members.begin(), members.end(), [this](size_t member) { return seats_[member].left.has_state(); });
  const auto end_for_its_loss = [this](const std::string& why) {
    lost_a_worker_ = true;
    End(proto::FAILED, why);
  };
  if (!anyone_has_state && meter_.steps() > 0)
    return end_for_its_loss(fmt::format("nobody is left who has the parameters; {}", why_regroups_));
  if (members.size() < least) {
    if (is_enough_to_come) return;
    if (stop_sent_)
      return End(proto::STOPPED, fmt::format("it was stopped while too few were left; {}", why_regroups_));
    return end_for_its_loss(fmt::format("{} {} left, and /elastic/min_workers is {}; {}",
                                        WorkersText(int64_t(members.size())),
                                        members.size() == 1 ? "is" : "are", least, why_regroups_));
  }
  std::sort(members.begin(), members.end());
  Form(members);
}

void Run::Form(const std::vector<size_t>& members) {
  std::vector<std::string> entries = EntriesByRank(prepared_.spec);  // as live knobs have made them
  const bool is_same = members == group_ && members.size() == size_before_;
  for (const size_t member : group_) {
    Seat& seat = seats_[member];
    if (static_cast<size_t>(seat.rank) < entries.size()) seat.entry = entries[static_cast<size_t>(seat.rank)];
    if (seat.leaves && seat.parted) {
      hub_.RankEnded(static_cast<int>(member));
      Dismiss(seat);
    }
    seat.rank = -1;
  }
  entries.clear();
  for (const size_t member : members) entries.push_back(seats_[member].entry);
  absl::StatusOr<Spec> spec = SpecForGroup(prepared_.spec, entries);
  if (!spec.ok())
    return End(proto::FAILED, fmt::format("{}; {}", why_regroups_, std::string(spec.status().message())));
  prepared_.spec = *std::move(spec);
  prepared_.mesh_size = static_cast<int>(members.size());
  prepared_.global_batch_size = prepared_.spec.training.batch_size * static_cast<int64_t>(members.size());
  group_ = members;
  int64_t step = 0;
  for (size_t rank = 0; rank < members.size(); ++rank) {
    Seat& seat = seats_[members[rank]];
    if (seat.waits) seat.left.Clear();
    seat.rank = static_cast<int>(rank);
    step = std::max(step, seat.left.step());
    proto::Worker& worker = *summary_.mutable_workers(static_cast<int>(members[rank]));
    worker.clear_axis();
    for (const uint32_t coordinate : {static_cast<uint32_t>(rank), 0U, 0U}) worker.add_axis(coordinate);
  }
  causeless_ = is_same && step == formed_step_ ? causeless_ + 1 : 0;
  if (causeless_ >= kMostCauselessGroups)
    return End(proto::FAILED,
               fmt::format("the group broke up {} times at step {}, though no worker is lost; {}",
                           causeless_ + 1, step, why_regroups_));
  formed_step_ = step;
  summary_.set_incarnation(summary_.incarnation() + 1);
  summary_.set_spec_json(prepared_.spec.json);
  summary_.set_global_batch_size(prepared_.global_batch_size);
  secret_ = context_.make_token();
  asked_to_part_ = false;
  formed_ = true;
  for (const size_t member : members) {
    Seat& seat = seats_[member];
    if (std::exchange(seat.waits, false)) {
      hub_.RankBegan(static_cast<int>(member), step);
      seat.incarnation = summary_.incarnation();  // it was in none before
    }
    EndReceiving(seat);  // its files are those of another rank now
    seat.joined_at = seat.heard = seat.progressed = now();
    seat.phase.clear();
    seat.doing.clear();
    seat.ready = false;
  }
  for (const size_t member : members) Assign(member);
  for (const size_t member : members) seats_[member].parted = false;
  if (ending()) return;
  Flush();
  const Json json = {{"workers", members.size()},
                     {"workers_before", size_before_},
                     {"step", step},
                     {"incarnation", summary_.incarnation()}};
  AddEvent("group",
           fmt::format("{} from step {} on, {} before{}.", WorkersText(int64_t(members.size())), step,
                       size_before_, why_regroups_.empty() ? "" : ": " + why_regroups_),
           json.dump());
  why_regroups_.clear();
  Persist();
  PublishSummary();
}

void Run::GroupIsReady(const proto::Ready& ready) {
  regrouping_ = formed_ = false;
  const Seat* source = nullptr;
  for (const size_t member : group_)
    if (seats_[member].left.has_state() &&
        (source == nullptr || seats_[member].left.step() > source->left.step()))
      source = &seats_[member];
  if (ready.steps_per_epoch() > 0) {
    prepared_.steps_per_epoch = static_cast<double>(ready.steps_per_epoch());
    summary_.set_steps_per_epoch(prepared_.steps_per_epoch);
  }
  meter_.SetGroup(formed_step_, source == nullptr ? 0 : source->left.epochs(), prepared_.global_batch_size,
                  prepared_.steps_per_epoch);
  // What was asked of the group before, and is not done.
  if (pause_wanted_)
    SendControl(proto::Control::PAUSE, 0);
  else if (state() == proto::PAUSED)  // it was asked to go on; or had no room, and tries nothing any more
    SendControl(proto::Control::RESUME, 0);
  proto::EngineMessage message;
  for (const proto::Knob& knob : knobs_under_way_) {
    *message.mutable_knob() = knob;
    Broadcast(message);
  }
  if (stop_sent_) SendControl(proto::Control::STOP, 0);
  PublishSummary();
}

}  // namespace concertina
