// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// in_process_transport.cc: ranks as threads of one process, for tests, teaching and the in-process launcher.
// On the way of the data: comm/communicator.cc -> here -> comm/in_process_hub.cc -> the peer's here.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "core/base/registry.h"
#include "core/comm/frame.h"
#include "core/comm/in_process_hub.h"
#include "core/comm/transport.h"
#include "fmt/format.h"
#include "sodium.h"

namespace concertina {
namespace {

class InProcessTransport final : public Transport {
 public:
  InProcessTransport(std::shared_ptr<InProcessHub> hub, int rank)
      : hub_(std::move(hub)), rank_(rank), sent_(static_cast<size_t>(hub_->size())) {}
  ~InProcessTransport() override { hub_->Part(rank_, absl::OkStatus()); }

  int rank() const override { return rank_; }
  int size() const override { return hub_->size(); }

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CheckPeer(to));
    RETURN_IF_ERROR(hub_->Deliver(rank_, to, tag, bytes, deadline));
    CountMessage(to, bytes.size());
    return absl::OkStatus();
  }

  absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CheckPeer(to));
    RETURN_IF_ERROR(hub_->Lend(rank_, to, tag, bytes, deadline));
    CountMessage(to, bytes.size());
    return absl::OkStatus();
  }

  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override {
    RETURN_IF_ERROR(CheckPeer(from));
    size_t got = 0;
    do {
      ASSIGN_OR_RETURN(InProcessPiece piece, hub_->Take(rank_, from, tag, deadline));
      const Reading reading(*this, std::move(piece));
      if (reading->message_bytes != size) return WrongSize(from, tag, reading->message_bytes, size);
      if (reading->offset != got) return WrongOffset(from, tag, reading->offset, got);
      if (reading->bytes > 0) sink(got, reading->data());
      got += reading->bytes;
    } while (got < size);
    return absl::OkStatus();
  }

  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override {
    RETURN_IF_ERROR(CheckPeer(from));
    bytes.clear();
    size_t message_bytes = 0;
    do {
      ASSIGN_OR_RETURN(InProcessPiece piece, hub_->Take(rank_, from, tag, deadline));
      const Reading reading(*this, std::move(piece));
      if (bytes.empty()) {
        message_bytes = reading->message_bytes;
        if (message_bytes > max_size) return TooLong(from, tag, message_bytes, max_size);
        bytes.reserve(message_bytes);
      }
      if (reading->offset != bytes.size()) return WrongOffset(from, tag, reading->offset, bytes.size());
      const auto* first = reinterpret_cast<const uint8_t*>(reading->data().data());
      bytes.insert(bytes.end(), first, first + reading->bytes);
    } while (bytes.size() < message_bytes);
    return absl::OkStatus();
  }

  absl::Status Flush(int to, Deadline deadline) override {
    RETURN_IF_ERROR(CheckPeer(to));
    return hub_->TakeBack(rank_, to, deadline);  // what was not lent has been copied by Send
  }

  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) override {
    for (const int rank : from) RETURN_IF_ERROR(CheckPeer(rank));
    return hub_->WaitAny(rank_, from, tag, deadline);
  }
  void Wake() override { hub_->Wake(rank_); }
  void SurviveLoss() override { hub_->SurviveLoss(rank_); }
  bool is_lost(int rank) const override { return CheckPeer(rank).ok() && hub_->IsLost(rank_, rank); }

  std::string link_name() const override { return "in-process, " + hub_->ShapeName(rank_); }
  ByteCounts counts() const override {
    return {.payload_sent = payload_sent_,
            .payload_received = payload_received_,
            .whole_sent = payload_sent_,
            .whole_received = payload_received_,
            .messages_sent = messages_sent_};
  }
  bool CountSent(std::span<uint64_t> sent) const override {
    if (sent.size() != sent_.size()) return false;
    for (size_t rank = 0; rank < sent_.size(); ++rank) sent[rank] = sent_[rank];
    return true;
  }
  void SetShape(const LinkShape& shape) override { hub_->SetShape(shape); }
  void SetShape(int peer, const LinkShape& shape) override {
    if (CheckPeer(peer).ok()) hub_->SetShape(peer, rank_, shape);
  }
  void Abort(const absl::Status& why) override {
    hub_->Part(rank_, why.ok() ? absl::CancelledError("stopped") : why);
  }

 private:
  // A piece while it is read; counted, and given back whatever comes.
  class Reading {
   public:
    Reading(InProcessTransport& transport, InProcessPiece piece)
        : transport_(transport), piece_(std::move(piece)) {
      transport_.payload_received_ += piece_.bytes;
    }
    ~Reading() { transport_.hub_->GiveBack(transport_.rank_, std::move(piece_)); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    const InProcessPiece* operator->() const { return &piece_; }

   private:
    InProcessTransport& transport_;
    InProcessPiece piece_;
  };

  void CountMessage(int to, size_t bytes) {
    payload_sent_ += bytes;
    sent_[static_cast<size_t>(to)] += bytes;
    ++messages_sent_;
  }

  absl::Status CheckPeer(int peer) const {
    if (peer >= 0 && peer < size() && peer != rank_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("rank {}: no peer of rank {} among {} ranks", peer, rank_, size()));
  }

  const std::shared_ptr<InProcessHub> hub_;
  const int rank_;
  std::atomic<uint64_t> payload_sent_ = 0;
  std::atomic<uint64_t> payload_received_ = 0;
  std::atomic<uint64_t> messages_sent_ = 0;
  std::vector<std::atomic<uint64_t>> sent_;  // by rank
};

// Where the listeners of this process find each other.
class Meetings {
 public:
  static Meetings& Global() {
    static Meetings meetings;
    return meetings;
  }

  std::string NewAddress(const ListenOptions& options) {
    absl::MutexLock lock(&mutex_);
    const std::string address = fmt::format("in-process:{}", next_number_++);
    listening_[address] = options;
    return address;
  }
  void Forget(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    listening_.erase(address);
  }

  absl::StatusOr<std::shared_ptr<InProcessHub>> Meet(int rank, const std::vector<std::string>& addresses,
                                                     const ListenOptions& options, const LinkShape& shape,
                                                     Deadline deadline) {
    const std::string key = absl::StrJoin(addresses, " ");
    absl::MutexLock lock(&mutex_);
    for (size_t peer = 0; peer < addresses.size(); ++peer) {
      const auto found = listening_.find(addresses[peer]);
      if (found == listening_.end())
        return absl::UnavailableError(
            fmt::format("rank {}: nobody listens at {} in this process", peer, addresses[peer]));
      if (!SameSecret(found->second.secret, options.secret) ||
          found->second.incarnation != options.incarnation)
        return absl::PermissionDeniedError(
            fmt::format("rank {} at {}: does not prove the secret of this run", peer, addresses[peer]));
    }
    std::shared_ptr<Meeting>& slot = meetings_[key];
    if (slot == nullptr) {
      slot = std::make_shared<Meeting>();
      slot->come.resize(addresses.size());
      slot->hub = std::make_shared<InProcessHub>(static_cast<int>(addresses.size()), shape);
    }
    const std::shared_ptr<Meeting> meeting = slot;
    meeting->come[static_cast<size_t>(rank)] = true;
    changed_.SignalAll();
    const auto missing = [&] { return std::find(meeting->come.begin(), meeting->come.end(), false); };
    while (missing() != meeting->come.end()) {
      if (deadline.Passed()) {
        meeting->come[static_cast<size_t>(rank)] = false;
        return absl::DeadlineExceededError(
            fmt::format("rank {}: has not connected", missing() - meeting->come.begin()));
      }
      changed_.WaitWithTimeout(&mutex_, absl::Seconds(std::min(deadline.SecondsLeft(), 1.0)));
    }
    meetings_.erase(key);
    return meeting->hub;
  }

 private:
  struct Meeting {
    std::vector<bool> come;
    std::shared_ptr<InProcessHub> hub;
  };
  static bool SameSecret(const std::string& a, const std::string& b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
  }

  absl::Mutex mutex_;
  absl::CondVar changed_;
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, ListenOptions> listening_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Meeting>> meetings_ ABSL_GUARDED_BY(mutex_);
};

class InProcessListener final : public TransportListener {
 public:
  explicit InProcessListener(const ListenOptions& options)
      : options_(options), address_(Meetings::Global().NewAddress(options)) {}
  ~InProcessListener() override { Meetings::Global().Forget(address_); }

  std::string address() const override { return address_; }

  absl::StatusOr<std::unique_ptr<Transport>> Connect(int rank, const std::vector<std::string>& addresses,
                                                     const LinkShape& shape, Deadline deadline) override {
    RETURN_IF_ERROR(CheckAddress(rank, addresses));
    ASSIGN_OR_RETURN(auto hub, Meetings::Global().Meet(rank, addresses, options_, shape, deadline));
    return std::make_unique<InProcessTransport>(std::move(hub), rank);
  }

 private:
  const ListenOptions options_;
  const std::string address_;
};

class InProcessKind final : public TransportKind {
 public:
  absl::StatusOr<std::unique_ptr<TransportListener>> Listen(const ListenOptions& options) const override {
    return std::make_unique<InProcessListener>(options);
  }
};

REGISTER_COMPONENT(TransportKind,
                   Descriptor({.category = "transport",
                               .kind = "in-process",
                               .title = "Within one process",
                               .summary = "Ranks are threads that copy into each other's mailboxes."}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<TransportKind>> {
                     return std::make_unique<InProcessKind>();
                   });

}  // namespace

std::vector<std::unique_ptr<Transport>> MakeInProcessTransports(int size, const LinkShape& shape) {
  auto hub = std::make_shared<InProcessHub>(size, shape);
  std::vector<std::unique_ptr<Transport>> transports;
  for (int rank = 0; rank < size; ++rank)
    transports.push_back(std::make_unique<InProcessTransport>(hub, rank));
  return transports;
}

}  // namespace concertina
