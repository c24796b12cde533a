// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_transport.cc: frames over a library, words over our own connections (see carried_transport.h).
// On the way of the data: comm/communicator.cc -> here -> comm/carried_peer.cc -> comm/frame_carrier.h.
//
// The thread that calls drives everything. Who waits polls: MPI has nothing to sleep on, and no call of it
// that ends at a deadline. After a moment of spinning (spinner.h) the polls are apart by naps of 20 us, then
// twice as long each, up to 1 ms. A carrier that wakes (Gloo has a thread of its own) lets it sleep.
#include "core/comm/carried_transport.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kShortestNapNanoseconds = 20'000;
constexpr int64_t kLongestCarriedSleepNanoseconds = 1000 * kMillisecond;
constexpr int64_t kWordsNanoseconds = 5 * kMillisecond;  // who never sleeps looks at the words this often
constexpr double kCarriedFailedPartingSeconds = 0.5;     // for the reason to leave

}  // namespace

absl::Status CarriedTransport::Start(const CarrierLibrary& library, const std::string& host,
                                     std::vector<Acquaintance> acquaintances, const LinkShape& shape,
                                     Deadline deadline) {
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(MakeSleep());
  parting_words_.resize(static_cast<size_t>(size_));
  peers_.resize(static_cast<size_t>(size_));
  for (int other = 0; other < size_; ++other) {
    Acquaintance& acquaintance = acquaintances[static_cast<size_t>(other)];
    if (!acquaintance.socket.is_open()) continue;
    RETURN_IF_ERROR(Watch(acquaintance.socket.fd(), other, EPOLLIN));
    peers_[static_cast<size_t>(other)] =
        std::make_unique<CarriedPeer>(other, WordLine(std::move(acquaintance)), shape);
  }
  ASSIGN_OR_RETURN(carrier_, library.Make({.rank = rank_, .size = size_, .host = host, .wake = [this] {
                                             if (sleeps_.load(std::memory_order_seq_cst)) EndSleep();
                                           }}));
  ASSIGN_OR_RETURN(const std::vector<std::string> cards, SwapCards(deadline));
  return Annotate(carrier_->Connect(cards, deadline), fmt::format("rank {}: {}", rank_, name_));
}

absl::StatusOr<std::vector<std::string>> CarriedTransport::SwapCards(Deadline deadline) {
  std::vector<std::string> cards(static_cast<size_t>(size_));
  for (const auto& peer : peers_) {
    if (peer == nullptr) continue;
    ASSIGN_OR_RETURN(const std::string card, carrier_->CardFor(peer->rank()));
    peer->line.Say(WordKind::kCard, card);
  }
  for (const auto& peer : peers_) {
    if (peer == nullptr) continue;
    for (;;) {
      peer->line.WriteOn();
      auto word = peer->line.Next();
      if (!word.ok()) return Annotate(word.status(), fmt::format("rank {}", peer->rank()));
      if (*word) {
        if ((*word)->kind != WordKind::kCard)
          return absl::UnavailableError(fmt::format("rank {}: left before it had begun", peer->rank()));
        cards[static_cast<size_t>(peer->rank())] = std::move((*word)->text);
        break;
      }
      if (deadline.Passed())
        return absl::DeadlineExceededError(
            fmt::format("rank {}: did not say how {} reaches it", peer->rank(), name_));
      pollfd readable{.fd = peer->line.fd(), .events = POLLIN, .revents = 0};
      poll(&readable, 1, 20);
    }
  }
  return cards;
}

void CarriedTransport::Lose(CarriedPeer& peer, const absl::Status& why) {
  if (peer.is_lost()) return;
  peer.Lose(why);
  carrier_->Drop(peer.rank());
  if (!why.ok() && !survives_loss_ && failure_.ok()) failure_ = why;
}

void CarriedTransport::Fail(const absl::Status& why) {
  if (failure_.ok()) failure_ = Annotate(why, fmt::format("rank {}: {}", rank_, name_));
}

bool CarriedTransport::Progress() {
  if (!failure_.ok()) return true;
  if (const absl::Status status = carrier_->Progress(); !status.ok()) {
    Fail(status);
    return true;
  }
  bool has_moved = false;
  for (const auto& peer : peers_) {
    if (peer == nullptr || peer->is_lost()) continue;
    const absl::StatusOr<bool> has_sent = peer->SendOn(*carrier_);
    if (!has_sent.ok()) {
      Lose(*peer, Annotate(has_sent.status(), fmt::format("rank {}", peer->rank())));
      has_moved = true;
      continue;
    }
    has_moved |= *has_sent;
    while (!peer->is_lost() && peer->kept_bytes() < kKeptBytes && peer->kept_frames() < kKeptFrames) {
      const absl::StatusOr<bool> has_come = peer->TakeOne(*carrier_);
      if (!has_come.ok()) Lose(*peer, Annotate(has_come.status(), fmt::format("rank {}", peer->rank())));
      if (has_come.ok() && !*has_come) break;
      has_moved = true;
    }
    if (peer->has_goodbye) LookIfGone(*peer);
  }
  if (has_moved) nap_nanoseconds_ = 0;
  return has_moved;
}

void CarriedTransport::TakeAll(CarriedPeer& peer) {
  while (!peer.is_lost()) {
    const absl::StatusOr<bool> has_come = peer.TakeOne(*carrier_);
    if (!has_come.ok()) return Lose(peer, Annotate(has_come.status(), fmt::format("rank {}", peer.rank())));
    if (!*has_come) return;
  }
}

absl::StatusOr<CarriedFrame*> CarriedTransport::Find(CarriedPeer& peer, uint32_t tag) {
  CarriedFrame* frame = peer.Find(tag);
  if (frame != nullptr) return frame;
  // Somebody waits for it: it is taken however much is kept.
  TakeAll(peer);
  RETURN_IF_ERROR(failure_);
  return peer.Find(tag);
}

void CarriedTransport::LookIfGone(CarriedPeer& peer) {
  const std::string& why = parting_words_[static_cast<size_t>(peer.rank())];
  if (!why.empty()) return Lose(peer, PeerParted(peer.rank(), why));
  if (peer.frames_come() < peer.goodbye_frames) return;
  peer.line.Say(WordKind::kHeard, "");
  Lose(peer, absl::OkStatus());
}

void CarriedTransport::Hear(CarriedPeer& speaker) {
  speaker.line.WriteOn();
  while (!speaker.is_lost()) {
    const absl::StatusOr<std::optional<Word>> word = speaker.line.Next();
    if (!word.ok()) {
      // What it had sent is still to be taken, as far as it has come.
      TakeAll(speaker);
      if (has_said_goodbye_) return Lose(speaker, absl::OkStatus());  // it has heard that
      const bool is_data_loss = absl::IsDataLoss(word.status());
      return Lose(speaker, is_data_loss ? Annotate(word.status(), fmt::format("rank {}", speaker.rank()))
                                        : ConnectionLost(speaker.rank()));
    }
    if (!*word) return;
    switch ((*word)->kind) {
      case WordKind::kGoodbye: {
        if ((*word)->text.size() < sizeof(uint64_t))
          return Lose(speaker, absl::DataLossError(
                                   fmt::format("rank {}: a goodbye that is cut short", speaker.rank())));
        std::memcpy(&speaker.goodbye_frames, (*word)->text.data(), sizeof(uint64_t));
        parting_words_[static_cast<size_t>(speaker.rank())] = (*word)->text.substr(sizeof(uint64_t));
        speaker.has_goodbye = true;
        TakeAll(speaker);
        if (!speaker.is_lost()) LookIfGone(speaker);
        break;
      }
      case WordKind::kHeard:
        speaker.has_heard = true;
        break;
      case WordKind::kCard:
        return Lose(speaker, absl::DataLossError(fmt::format("rank {}: a second card", speaker.rank())));
    }
  }
}

void CarriedTransport::HearWords() {
  std::array<epoll_event, 16> events;
  const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), 0);
  heard_at_ = SteadyNanoseconds();
  for (int i = 0; i < count; ++i) {
    const auto from = static_cast<int>(events[static_cast<size_t>(i)].data.u32);
    if (from == rank_) {
      HearWake();
    } else if (!peer(from).is_lost()) {
      Hear(peer(from));
    }
  }
}

void CarriedTransport::Sleep(int64_t until_nanoseconds) {
  int64_t longest = kLongestCarriedSleepNanoseconds;
  if (!carrier_->wakes()) {
    nap_nanoseconds_ = std::clamp(2 * nap_nanoseconds_, kShortestNapNanoseconds, kMillisecond);
    longest = nap_nanoseconds_;
  }
  sleeps_.store(true, std::memory_order_seq_cst);
  if (!Progress()) {
    const int64_t left = std::clamp<int64_t>(until_nanoseconds - SteadyNanoseconds(), 0, longest);
    const timespec time{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    pollfd readable{.fd = epoll_.fd(), .events = POLLIN, .revents = 0};
    if (ppoll(&readable, 1, &time, nullptr) > 0) HearWords();
  }
  sleeps_.store(false, std::memory_order_seq_cst);
}

absl::Status CarriedTransport::Pump(Wait& wait) {
  RETURN_IF_ERROR(CheckLive());
  const bool has_moved = Progress();
  if (SteadyNanoseconds() - heard_at_ > kWordsNanoseconds) HearWords();
  if (TookWake() || has_moved) return failure_;
  // The threads of a carrier that wakes need the cores.
  if (wait.may_spin && !carrier_->wakes() && spinner_.allowed()) {
    if (spinner_.Spin([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { return Progress(); }))
      return failure_;
    wait.may_spin = false;
  }
  const double left_seconds = wait.deadline.SecondsLeft();
  const int64_t now = SteadyNanoseconds();
  if (left_seconds <= 0) {
    HearWords();
    RETURN_IF_ERROR(failure_);
    return NothingCame(wait.peer, static_cast<double>(now - wait.began) * 1e-9);
  }
  Sleep(now + static_cast<int64_t>(std::min(left_seconds, 10.0) * 1e9));
  return failure_;
}

absl::Status CarriedTransport::PumpUntilArrival(int64_t arrives, Wait& wait) {
  Progress();
  RETURN_IF_ERROR(SleepUntilArrival(arrives, wait));
  if (SteadyNanoseconds() - heard_at_ > kWordsNanoseconds) HearWords();
  return failure_;
}

void CarriedTransport::SayGoodbye(const std::string& why) {
  if (has_said_goodbye_) return;
  has_said_goodbye_ = true;
  for (const auto& peer : peers_) {
    if (peer == nullptr || peer->is_lost()) continue;
    const uint64_t frames = peer->frames_started();
    std::string text(sizeof frames, '\0');
    std::memcpy(text.data(), &frames, sizeof frames);
    peer->line.Say(WordKind::kGoodbye, text + why);
  }
}

void CarriedTransport::SayWhyAborted(const std::string& why) {
  SayGoodbye(why);
  // The caller's memory may go as soon as its call has ended.
  if (carrier_ != nullptr)
    carrier_->Leave(/*in_good_order=*/false, Deadline::After(kCarriedFailedPartingSeconds));
}

CarriedTransport::~CarriedTransport() {
  absl::MutexLock lock(&driver_);
  if (carrier_ == nullptr) return;
  if (is_aborted_) CheckLive().IgnoreError();
  const bool is_good = failure_.ok() && !is_aborted_;
  const Deadline deadline = Deadline::After(is_good ? kPartingSeconds : kCarriedFailedPartingSeconds);
  const auto each = [this](auto is_settled) {
    return std::all_of(peers_.begin(), peers_.end(),
                       [&](const auto& p) { return p == nullptr || p->is_lost() || is_settled(*p); });
  };
  const auto flushed = [](const CarriedPeer& peer) { return peer.flushed(); };
  while (is_good && failure_.ok() && !each(flushed) && !deadline.Passed()) {
    HearWords();
    Sleep(SteadyNanoseconds() + kMillisecond);
  }
  SayGoodbye(std::string(failure_.message()));
  // In good order only once they have all: what has left the buffers may still be with the library.
  const auto heard = [](const CarriedPeer& peer) { return peer.has_heard; };
  while (is_good && failure_.ok() && !each(heard) && !deadline.Passed()) {
    HearWords();
    Sleep(SteadyNanoseconds() + kMillisecond);
  }
  const auto said = [](const CarriedPeer& peer) { return peer.line.has_said_all(); };
  while (!each(said) && !deadline.Passed()) {
    for (const auto& peer : peers_)
      if (peer != nullptr && !peer->is_lost()) peer->line.WriteOn();
    SleepTowards(SteadyNanoseconds() + kMillisecond, kMillisecond);
  }
  carrier_->Leave(is_good && failure_.ok(), deadline);
}

}  // namespace concertina
