// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gloo.cc: frames as messages of Gloo, over its TCP device. On the way of the data: comm/frame_carrier.h ->
// here -> Gloo -> the peer's here.
//
// No store: the addresses of the pairs, which a rendezvous would put into one, come as cards over the
// connections on which the ranks have met. A frame is one message, header and piece, in memory of its own:
// what Gloo's thread still reads or writes when something has failed is then nobody else's. Gloo can be
// waited for, but not asked, and a wait that times out closes every pair: so each peer has two threads that
// wait without end, one for what goes and one for what comes, until they are told. Deadlines are the
// transport's. Several receives are posted ahead: a message that nobody has asked for yet costs two more ways
// between the hosts.
#include <gloo/transport/context.h>
#include <gloo/transport/tcp/device.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "core/comm/frame_carrier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint64_t kSlot = 1;
constexpr size_t kMostGlooFrameBytes = kFrameHeaderBytes + kCarriedPieceBytes;
constexpr size_t kReceivesAhead = 4;
constexpr auto kNever = std::chrono::hours(24 * 365);

class GlooCarrier final : public FrameCarrier {
 public:
  explicit GlooCarrier(const CarrierOptions& options) : self_(options.rank), wake_(options.wake) {
    for (int peer = 0; peer < options.size; ++peer)
      peers_.push_back(peer == self_ ? nullptr : std::make_unique<Peer>());
  }
  ~GlooCarrier() override { Close(); }

  absl::Status Open(const std::string& host);
  absl::StatusOr<std::string> CardFor(int peer) override {
    const std::vector<char> bytes = context_->getPair(peer)->address().bytes();
    return std::string(bytes.begin(), bytes.end());
  }
  absl::Status Connect(const std::vector<std::string>& cards, Deadline deadline) override;
  absl::Status Send(int to, const FrameHeader& header, std::span<const std::byte> piece) override;
  uint64_t frames_left(int to) const override { return peers_[static_cast<size_t>(to)]->frames_left; }
  absl::Status Progress() override { return absl::OkStatus(); }
  absl::StatusOr<std::optional<ArrivedFrame>> Take(int from) override;
  void GiveBack(int from, PiecePool::Block block) override {
    Peer& peer = *peers_[static_cast<size_t>(from)];
    const std::lock_guard lock(peer.mutex);
    peer.pool.GiveBack(std::move(block));
  }
  void Drop(int peer) override { Close(*peers_[static_cast<size_t>(peer)], peer); }
  void Leave(bool /*in_good_order*/, Deadline /*deadline*/) override { Close(); }
  bool wakes() const override { return true; }

 private:
  // Memory, and the same as Gloo knows it.
  struct Message {
    PiecePool::Block block;
    std::unique_ptr<gloo::transport::UnboundBuffer> buffer;
  };
  struct Peer {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Message> out;           // of mutex; the first may be waited for
    std::deque<Message> in;            // of mutex; the same
    std::deque<ArrivedFrame> arrived;  // of mutex
    PiecePool pool;                    // of mutex
    absl::Status fault;                // of mutex
    bool is_closed = false;            // of mutex
    std::atomic<uint64_t> frames_left = 0;
    std::thread sender;
    std::thread receiver;
  };

  Message NewMessage(Peer& peer, size_t bytes) {
    Message message{.block = peer.pool.Take(bytes), .buffer = nullptr};
    message.buffer = context_->createUnboundBuffer(message.block.bytes.get(), bytes);
    return message;
  }
  void AwaitSent(Peer& peer);
  void ReceiveAll(Peer& peer, int rank);
  static absl::Status ReadFrame(const std::byte* at, ArrivedFrame& frame);
  void Fault(Peer& peer, const absl::Status& why);
  void Close(Peer& peer, int rank);
  void Close();

  const int self_;
  const std::function<void()> wake_;
  std::shared_ptr<gloo::transport::Device> device_;
  std::shared_ptr<gloo::transport::Context> context_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

// What Gloo throws when a connection has ended, or is closed.
absl::Status GlooStatus(const std::exception& error) {
  const std::string_view what = error.what();
  return absl::UnavailableError(fmt::format("Gloo: {}", what.substr(0, what.find('\n'))));
}

absl::Status GlooCarrier::Open(const std::string& host) {
  try {
    gloo::transport::tcp::attr attributes;
    attributes.hostname = host.empty() ? "127.0.0.1" : host;
    device_ = gloo::transport::tcp::CreateDevice(attributes);
    context_ = device_->createContext(self_, static_cast<int>(peers_.size()));
    context_->setTimeout(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(30)));
    for (size_t peer = 0; peer < peers_.size(); ++peer)
      if (peers_[peer] != nullptr) context_->createPair(static_cast<int>(peer));
  } catch (const std::exception& error) {
    return Annotate(GlooStatus(error),
                    fmt::format("no listening at {}; \"advertise\" of the worker's entry of /workers names "
                                "another address of its machine",
                                host.empty() ? "127.0.0.1" : host));
  }
  return absl::OkStatus();
}

absl::Status GlooCarrier::Connect(const std::vector<std::string>& cards, Deadline deadline) {
  for (size_t peer = 0; peer < peers_.size(); ++peer) {
    if (peers_[peer] == nullptr) continue;
    const std::vector<char> own = context_->getPair(static_cast<int>(peer))->address().bytes();
    if (cards[peer].size() != own.size())
      return absl::DataLossError(
          fmt::format("rank {}: an address of {} bytes, {} expected", peer, cards[peer].size(), own.size()));
  }
  // Connecting waits, by a timeout of Gloo's own.
  absl::Notification is_done;
  absl::Status status;
  std::thread connecting([&] {
    try {
      for (size_t peer = 0; peer < peers_.size(); ++peer)
        if (peers_[peer] != nullptr)
          context_->getPair(static_cast<int>(peer))->connect({cards[peer].begin(), cards[peer].end()});
    } catch (const std::exception& error) {
      status = GlooStatus(error);
    }
    is_done.Notify();
  });
  if (!is_done.WaitForNotificationWithTimeout(absl::Seconds(deadline.SecondsLeft()))) {
    for (size_t peer = 0; peer < peers_.size(); ++peer)
      if (peers_[peer] != nullptr) context_->getPair(static_cast<int>(peer))->close();
  }
  connecting.join();
  RETURN_IF_ERROR(status);
  for (size_t peer = 0; peer < peers_.size(); ++peer) {
    if (peers_[peer] == nullptr) continue;
    Peer& each = *peers_[peer];
    each.sender = std::thread([this, &each] { AwaitSent(each); });
    each.receiver = std::thread([this, &each, peer] { ReceiveAll(each, static_cast<int>(peer)); });
  }
  return absl::OkStatus();
}

absl::Status GlooCarrier::Send(int to, const FrameHeader& header, std::span<const std::byte> piece) {
  Peer& peer = *peers_[static_cast<size_t>(to)];
  const std::lock_guard lock(peer.mutex);
  RETURN_IF_ERROR(peer.fault);
  try {
    Message message = NewMessage(peer, kFrameHeaderBytes + piece.size());
    std::byte* const at = message.block.bytes.get();
    WriteFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(at, kFrameHeaderBytes));
    if (!piece.empty()) std::memcpy(at + kFrameHeaderBytes, piece.data(), piece.size());
    message.buffer->send(to, kSlot);
    peer.out.push_back(std::move(message));
  } catch (const std::exception& error) {
    return GlooStatus(error);
  }
  peer.changed.notify_all();
  return absl::OkStatus();
}

void GlooCarrier::AwaitSent(Peer& peer) {
  try {
    for (;;) {
      gloo::transport::UnboundBuffer* first = nullptr;
      {
        std::unique_lock lock(peer.mutex);
        peer.changed.wait(lock, [&] { return peer.is_closed || !peer.out.empty(); });
        if (peer.is_closed) return;
        first = peer.out.front().buffer.get();
      }
      if (!first->waitSend(kNever)) return;
      {
        const std::lock_guard lock(peer.mutex);
        peer.out.front().buffer.reset();
        peer.pool.GiveBack(std::move(peer.out.front().block));
        peer.out.pop_front();
      }
      peer.frames_left.fetch_add(1, std::memory_order_release);
      wake_();
    }
  } catch (const std::exception& error) {
    Fault(peer, GlooStatus(error));
  }
}

absl::Status GlooCarrier::ReadFrame(const std::byte* at, ArrivedFrame& frame) {
  // How long its piece is follows from the header, which is checked with it. Gloo does not tell what came.
  FrameHeader claimed;
  std::memcpy(&claimed.message_bytes, at + 8, sizeof claimed.message_bytes);
  std::memcpy(&claimed.offset, at + 16, sizeof claimed.offset);
  frame.bytes = PieceBytesOf(claimed);
  frame.at = kFrameHeaderBytes;
  ASSIGN_OR_RETURN(
      frame.header,
      ReadFrameHeader(std::span<const std::byte, kFrameHeaderBytes>(at, kFrameHeaderBytes), frame.bytes));
  return absl::OkStatus();
}

void GlooCarrier::ReceiveAll(Peer& peer, int rank) {
  try {
    for (;;) {
      gloo::transport::UnboundBuffer* first = nullptr;
      {
        std::unique_lock lock(peer.mutex);
        peer.changed.wait(lock, [&] { return peer.is_closed || peer.arrived.size() < kMostFramesArrived; });
        if (peer.is_closed) return;
        while (peer.in.size() < kReceivesAhead) {
          peer.in.push_back(NewMessage(peer, kMostGlooFrameBytes));
          peer.in.back().buffer->recv(rank, kSlot);
        }
        first = peer.in.front().buffer.get();
      }
      if (!first->waitRecv(kNever)) return;
      ArrivedFrame frame;
      std::unique_lock lock(peer.mutex);
      peer.in.front().buffer.reset();
      frame.block = std::move(peer.in.front().block);
      peer.in.pop_front();
      const absl::Status status = ReadFrame(frame.block.bytes.get(), frame);
      if (status.ok()) peer.arrived.push_back(std::move(frame));
      lock.unlock();
      if (!status.ok()) return Fault(peer, status);
      wake_();
    }
  } catch (const std::exception& error) {
    Fault(peer, GlooStatus(error));
  }
}

void GlooCarrier::Fault(Peer& peer, const absl::Status& why) {
  {
    const std::lock_guard lock(peer.mutex);
    if (!peer.is_closed && peer.fault.ok()) peer.fault = why;
  }
  wake_();
}

absl::StatusOr<std::optional<ArrivedFrame>> GlooCarrier::Take(int from) {
  Peer& peer = *peers_[static_cast<size_t>(from)];
  const std::lock_guard lock(peer.mutex);
  if (peer.arrived.empty()) {
    // That the connection has ended the transport hears of by its own, with the reason.
    if (absl::IsDataLoss(peer.fault)) return peer.fault;
    return std::nullopt;
  }
  std::optional<ArrivedFrame> frame = std::move(peer.arrived.front());
  peer.arrived.pop_front();
  peer.changed.notify_all();
  return frame;
}

void GlooCarrier::Close(Peer& peer, int rank) {
  {
    const std::lock_guard lock(peer.mutex);
    peer.is_closed = true;
    peer.changed.notify_all();
    // Closing a pair ends no wait. These end the one that goes on, or else the next.
    if (!peer.out.empty()) peer.out.front().buffer->abortWaitSend();
    if (!peer.in.empty()) peer.in.front().buffer->abortWaitRecv();
  }
  try {
    context_->getPair(rank)->close();
  } catch (const std::exception&) {  // it is closed already
  }
  for (std::thread* thread : {&peer.sender, &peer.receiver})
    if (thread->joinable()) thread->join();
}

void GlooCarrier::Close() {
  for (size_t peer = 0; peer < peers_.size(); ++peer)
    if (peers_[peer] != nullptr && context_ != nullptr) Close(*peers_[peer], static_cast<int>(peer));
}

class GlooLibrary final : public CarrierLibrary {
 public:
  absl::Status Check() const override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<FrameCarrier>> Make(const CarrierOptions& options) const override {
    auto carrier = std::make_unique<GlooCarrier>(options);
    RETURN_IF_ERROR(carrier->Open(options.host));
    return carrier;
  }
};

}  // namespace
}  // namespace concertina

CONCERTINA_CARRIER(concertina::GlooLibrary)
