// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grpc_transport.cc: raw gRPC between processes: one proved TCP connection and one stream for every two
// ranks. Between hosts it is comm/tls_transport.cc instead. On the way of the data: comm/communicator.cc ->
// here -> comm/grpc_peer.cc -> the peer's here.
//
// The thread that calls drives everything: it polls the one completion queue on which all streams are, as the
// client of some and the server of others, so that no byte waits for another thread to wake. Progress is made
// within calls only. Measured on loopback beside gRPC's defaults (a thread of its own, untuned channels): 1
// KiB there and back 33 us against 148, 16 MiB both ways at once 6 ms against 80.
#include <grpcpp/alarm.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "core/base/registry.h"
#include "core/comm/driven_transport.h"
#include "core/comm/grpc_peer.h"
#include "core/comm/tcp_listener.h"
#include "core/comm/tls_transport.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLongestSleepNanoseconds = 50 * kMillisecond;  // an abort is seen within this

// Found by measuring; what each gives stands beside it.
template <class SetInt>
void TuneChannel(SetInt set) {
  set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, 16'777'215);        // a frame of ours is one of HTTP/2
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 << 20);  // a stream's window never slows a peer that reads
  set(GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, 64 << 20);
  // That says nothing of a connection's window (gRPC's pull request 39585): without probes it stays at 65,535
  // bytes, and each longer message waits for a trip there and back. 64 KiB took 160 to 250 us, now 160.
  set(GRPC_ARG_HTTP2_BDP_PROBE, 1);
  set(GRPC_ARG_TCP_READ_CHUNK_SIZE, 4 << 20);  // few reads and few slices a frame; 1 MiB is 1.7 times slower
  set(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, 4 << 20);
  set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, static_cast<int>(kFrameBytes + kFrameHeaderBytes));
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1);
  set(GRPC_ARG_ENABLE_CHANNELZ, 0);
  set(GRPC_ARG_MINIMAL_STACK, 1);            // no filters that tensors do not need
  set(GRPC_ARG_TCP_TX_ZEROCOPY_ENABLED, 0);  // damages data in this version (CVE-2024-11407)
}

class GrpcTransport final : public DrivenTransport<GrpcPeer, KeptFrame> {
 public:
  GrpcTransport(int rank, int size, const LinkShape& shape)
      : DrivenTransport("grpc", rank, size), first_shape_(shape) {}
  ~GrpcTransport() override;

  // Hands the connections to gRPC and waits until every stream is open at both ends.
  absl::Status Start(std::vector<Acquaintance> peers, Deadline deadline);

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override;
  void Wake() override;

 private:
  absl::Status Pump(Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::StatusOr<KeptFrame*> Find(GrpcPeer& peer, uint32_t tag) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return peer.Find(tag);
  }
  void Want(GrpcPeer& peer) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { ReadMore(peer, true); }
  bool HasLeft(const GrpcPeer& peer) const override { return peer.said_goodbye || peer.is_lost(); }
  // `first_frame`: frames that were queued for the peer before the message.
  absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline,
                             const uint64_t* first_frame, Sink sink) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SayGoodbye(why, kFailedPartingSeconds);
  }
  KernelBytes WholeBytesOf(const GrpcPeer& peer) const override { return peer.whole_bytes(); }

  // Handles one event if there is one by then.
  bool HandleNext(int64_t until_nanoseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Handle(const GrpcEvent& event, bool is_ok) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void HandlePeer(GrpcPeer& peer, GrpcEvent::Kind kind, bool is_ok) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void HandleIncoming(GrpcIncomingCall* call, bool is_ok) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Lose(GrpcPeer& peer, const absl::Status& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void ReadMore(GrpcPeer& peer, bool is_wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order.
  void SayGoodbye(const std::string& why, double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Waits a while for the last bytes to leave, and for each peer to have heard the goodbye: it answers with
  // its own, or ends the stream.
  void AwaitParting(double seconds, bool until_heard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  const LinkShape first_shape_;

  std::unique_ptr<grpc::CompletionQueue> queue_ ABSL_GUARDED_BY(driver_);
  std::unique_ptr<grpc::AsyncGenericService> service_ ABSL_GUARDED_BY(driver_);
  std::unique_ptr<grpc::Server> server_ ABSL_GUARDED_BY(driver_);
  std::vector<std::string> server_names_
      ABSL_GUARDED_BY(driver_);  // what gRPC calls the connection of a peer
  std::vector<std::unique_ptr<GrpcIncomingCall>> incoming_ ABSL_GUARDED_BY(driver_);
  std::string goodbye_ ABSL_GUARDED_BY(driver_);

  // An alarm that goes off at once puts an event on the queue, from any thread, and so ends a sleep on it.
  grpc::CompletionQueue* wake_queue_ = nullptr;  // fixed in Start
  std::atomic<bool> alarm_is_set_ = false;       // one event at a time
  GrpcEvent wake_event_{.kind = GrpcEvent::Kind::kWake};
  grpc::Alarm alarm_;
};

absl::Status GrpcTransport::Start(std::vector<Acquaintance> acquaintances, Deadline deadline) {
  absl::MutexLock lock(&driver_);
  peers_.resize(static_cast<size_t>(size_));
  server_names_.resize(static_cast<size_t>(size_));
  const bool serves = std::any_of(acquaintances.begin(), acquaintances.end(),
                                  [](const Acquaintance& a) { return a.socket.is_open() && a.accepted; });
  if (serves) {
    service_ = std::make_unique<grpc::AsyncGenericService>();
    grpc::ServerBuilder builder;
    TuneChannel([&](const char* name, int value) { builder.AddChannelArgument(name, value); });
    builder.RegisterAsyncGenericService(service_.get());
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::InternalError("gRPC did not start a server without a port");
  } else {
    queue_ = std::make_unique<grpc::CompletionQueue>();
  }
  wake_queue_ = queue_.get();
  auto* server_queue = serves ? static_cast<grpc::ServerCompletionQueue*>(queue_.get()) : nullptr;
  for (int other = 0; other < size_; ++other) {
    Acquaintance& acquaintance = acquaintances[static_cast<size_t>(other)];
    if (!acquaintance.socket.is_open()) continue;
    TuneForTensors(acquaintance.socket);
    auto& peer = peers_[static_cast<size_t>(other)] =
        std::make_unique<GrpcPeer>(other, acquaintance.socket, first_shape_);
    if (acquaintance.accepted) {
      const int fd = acquaintance.socket.Release();
      server_names_[static_cast<size_t>(other)] = fmt::format("fd:{}", fd);
      grpc::AddInsecureChannelFromFd(server_.get(), fd);
      incoming_.push_back(std::make_unique<GrpcIncomingCall>());
      GrpcIncomingCall* call = incoming_.back().get();
      service_->RequestCall(&call->context, &call->stream, server_queue, server_queue, &call->event);
    } else {
      grpc::ChannelArguments arguments;
      TuneChannel([&](const char* name, int value) { arguments.SetInt(name, value); });
      peer->Open(grpc::CreateCustomInsecureChannelFromFd(fmt::format("rank-{}", other),
                                                         acquaintance.socket.Release(), arguments),
                 queue_.get());
    }
  }
  for (int other = 0; other < size_; ++other) {
    if (other == rank_) continue;
    Wait wait{.peer = other, .deadline = deadline};
    while (!peer(other).is_open) RETURN_IF_ERROR(Pump(wait));
  }
  return absl::OkStatus();
}

absl::Status GrpcTransport::Pump(Wait& wait) {
  RETURN_IF_ERROR(CheckLive());
  if (HandleNext(0)) return failure_;
  if (wait.may_spin && spinner_.allowed()) {
    if (spinner_.Spin([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { return HandleNext(0); }))
      return failure_;
    wait.may_spin = false;
  }
  // gRPC sleeps in whole milliseconds. What gRPC lets go of makes no event, so then sleeps are short.
  const bool awaits_release = std::any_of(peers_.begin(), peers_.end(),
                                          [](const auto& p) { return p != nullptr && p->has_unsent(); });
  const int64_t longest = awaits_release ? kMillisecond : kLongestSleepNanoseconds;
  const double left_seconds = wait.deadline.SecondsLeft();
  const int64_t now = SteadyNanoseconds();
  if (left_seconds <= 0) return NothingCame(wait.peer, static_cast<double>(now - wait.began) * 1e-9);
  HandleNext(now + std::min(longest, static_cast<int64_t>(std::min(left_seconds, 1.0) * 1e9)));
  return failure_;
}

bool GrpcTransport::HandleNext(int64_t until_nanoseconds) {
  const gpr_timespec deadline = until_nanoseconds == 0
                                    ? gpr_time_0(GPR_CLOCK_MONOTONIC)
                                    : gpr_time_from_nanos(until_nanoseconds, GPR_CLOCK_MONOTONIC);
  void* tag = nullptr;
  bool is_ok = false;
  if (queue_->AsyncNext(&tag, &is_ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
  Handle(*static_cast<GrpcEvent*>(tag), is_ok);
  return true;
}

void GrpcTransport::Handle(const GrpcEvent& event, bool is_ok) {
  if (event.kind == GrpcEvent::Kind::kIncomingCall) return HandleIncoming(event.call, is_ok);
  if (event.kind == GrpcEvent::Kind::kWake) return alarm_is_set_.store(false);
  HandlePeer(*event.peer, event.kind, is_ok);
  event.peer->LetGoIfLost();
}

void GrpcTransport::HandlePeer(GrpcPeer& peer, GrpcEvent::Kind kind, bool is_ok) {
  switch (kind) {
    case GrpcEvent::Kind::kStarted:
      if (!is_ok) return Lose(peer, ConnectionLost(peer.rank()));
      peer.StartRead();
      peer.Send(FrameKind::kHello, 0, {});
      return;
    case GrpcEvent::Kind::kRead:
      peer.is_reading = false;
      if (!is_ok) return Lose(peer, ConnectionLost(peer.rank()));
      if (absl::Status status = peer.OnRead(); !status.ok())
        return Lose(peer, Annotate(status, fmt::format("rank {}", peer.rank())));
      if (peer.said_goodbye && !peer.parting_words.empty())
        Lose(peer, PeerParted(peer.rank(), peer.parting_words));
      return ReadMore(peer, false);
    case GrpcEvent::Kind::kWritten:
      if (!is_ok) Lose(peer, ConnectionLost(peer.rank()));
      return peer.OnWritten();
    case GrpcEvent::Kind::kIncomingCall:
    case GrpcEvent::Kind::kWake:
      return;
  }
}

void GrpcTransport::HandleIncoming(GrpcIncomingCall* call, bool is_ok) {
  const auto owner =
      std::find_if(incoming_.begin(), incoming_.end(), [&](const auto& c) { return c.get() == call; });
  std::unique_ptr<GrpcIncomingCall> incoming = std::move(*owner);
  incoming_.erase(owner);
  if (!is_ok) return;  // the server goes
  const std::string name = incoming->context.peer();
  for (int other = 0; other < size_; ++other) {
    if (server_names_[static_cast<size_t>(other)] != name) continue;
    server_names_[static_cast<size_t>(other)].clear();  // one stream a peer
    peer(other).Adopt(std::move(incoming));
    peer(other).StartRead();
    peer(other).Send(FrameKind::kHello, 0, {});
    return;
  }
  incoming->context.TryCancel();  // a second stream of a peer: not ours
  incoming_.push_back(std::move(incoming));
}

void GrpcTransport::Lose(GrpcPeer& peer, const absl::Status& why) {
  if (peer.is_lost()) return;
  const bool left_well = peer.said_goodbye && peer.parting_words.empty();
  peer.Lose(left_well ? absl::OkStatus() : why);
  if (left_well) return;
  peer.Cancel();  // so that gRPC lets go of the bytes that were for it, and that it knows it was heard
  if (!survives_loss_ && failure_.ok()) failure_ = why;
}

void GrpcTransport::ReadMore(GrpcPeer& peer, bool is_wanted) {
  if (peer.is_reading || peer.is_lost() || !peer.is_open) return;
  const bool has_room = peer.kept_bytes() < kKeptBytes && peer.kept_frames() < kKeptFrames;
  if (has_room || is_wanted) peer.StartRead();
}

absl::Status GrpcTransport::Send(int to, uint32_t tag, std::span<const std::byte> bytes,
                                 Deadline /*deadline*/) {
  RETURN_IF_ERROR(CheckPeer(to));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  if (peer(to).said_goodbye || peer(to).is_lost()) return peer(to).why_lost();
  peer(to).Send(FrameKind::kData, tag, bytes);
  payload_sent_.fetch_add(bytes.size(), std::memory_order_relaxed);
  messages_sent_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status GrpcTransport::PumpUntilArrival(int64_t arrives, Wait& wait) {
  while (HandleNext(0)) {
  }
  RETURN_IF_ERROR(CheckLive());
  if (wait.deadline.Passed())
    return NothingCame(wait.peer, static_cast<double>(SteadyNanoseconds() - wait.began) * 1e-9);
  // gRPC's own sleep is too coarse towards the end; short naps keep what is under way moving.
  const int64_t now = SteadyNanoseconds();
  if (arrives - now > 2 * kCoarseNanoseconds)
    HandleNext(std::min(arrives - kCoarseNanoseconds, now + kLongestArrivalSleepNanoseconds));
  else
    SleepTowards(arrives, kMillisecond / 5);
  return absl::OkStatus();
}

absl::Status GrpcTransport::ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline,
                                          const uint64_t* first_frame, Sink sink) {
  GrpcPeer& source = peer(from);
  Wait wait{.peer = from, .deadline = deadline};
  size_t got = 0;
  do {
    ASSIGN_OR_RETURN(KeptFrame * frame, NextFrame(source, tag, wait));
    if (frame->message_bytes != size) return WrongSize(from, tag, frame->message_bytes, size);
    if (frame->offset != got) return WrongOffset(from, tag, frame->offset, got);
    if (first_frame != nullptr && size > 0) {
      const uint64_t needed = *first_frame + GrpcPeer::FrameOf(size, got + frame->bytes - 1) + 1;
      bool waited = false;
      for (; source.frames_released() < needed; waited = true) RETURN_IF_ERROR(Pump(wait));
      if (waited) frame = source.Find(tag);  // more may have come, and moved it
    }
    const size_t frame_bytes = frame->bytes;
    GrpcPeer::ForEachPiece(*frame, [&](std::span<const std::byte> piece) {
      sink(got, piece);
      got += piece.size();
    });
    source.Drop(frame);
    ReadMore(source, false);
    payload_received_.fetch_add(frame_bytes, std::memory_order_relaxed);
    wait.began = SteadyNanoseconds();
    wait.may_spin = true;
  } while (got < size);
  return absl::OkStatus();
}

absl::Status GrpcTransport::SendReceive(int peer_rank, uint32_t tag, std::span<const std::byte> bytes,
                                        Deadline deadline, Sink sink) {
  RETURN_IF_ERROR(CheckPeer(peer_rank));
  uint64_t first_frame = 0;
  {
    absl::MutexLock lock(&driver_);
    first_frame = peer(peer_rank).frames_queued();
  }
  RETURN_IF_ERROR(Send(peer_rank, tag, bytes, deadline));
  absl::MutexLock lock(&driver_);
  return ReceiveLocked(peer_rank, tag, bytes.size(), deadline, &first_frame, sink);
}

void GrpcTransport::Wake() {
  is_woken_.store(true);
  // An event that is still on the queue will be handled, and after it is_woken_ be looked at.
  if (!alarm_is_set_.exchange(true)) alarm_.Set(wake_queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), &wake_event_);
}

void GrpcTransport::SayGoodbye(const std::string& why, double seconds) {
  if (has_said_goodbye_) return;
  has_said_goodbye_ = true;
  goodbye_ = why;
  for (auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost())
      peer->Send(FrameKind::kGoodbye, 0, std::as_bytes(std::span(goodbye_)));
  AwaitParting(seconds, /*until_heard=*/why.empty());
}

void GrpcTransport::AwaitParting(double seconds, bool until_heard) {
  const Deadline deadline = Deadline::After(seconds);
  const auto is_settled = [&](const std::unique_ptr<GrpcPeer>& peer) {
    return peer == nullptr || peer->is_lost() || (peer->flushed() && (!until_heard || peer->said_goodbye));
  };
  while (!std::all_of(peers_.begin(), peers_.end(), is_settled) && !deadline.Passed()) {
    for (auto& peer : peers_)
      if (peer != nullptr) ReadMore(*peer, true);
    HandleNext(SteadyNanoseconds() + kMillisecond);
  }
}

GrpcTransport::~GrpcTransport() {
  absl::MutexLock lock(&driver_);
  if (queue_ == nullptr) return;
  if (!is_aborted_)
    SayGoodbye(std::string(failure_.message()), failure_.ok() ? kPartingSeconds : kFailedPartingSeconds);
  if (is_aborted_) CheckLive().IgnoreError();
  // gRPC drops what a peer had not read when the stream ends: the reason too.
  if (!goodbye_.empty()) AwaitParting(kFailedPartingSeconds, /*until_heard=*/true);
  for (auto& peer : peers_)
    if (peer != nullptr) peer->Cancel();
  if (server_ != nullptr) server_->Shutdown(gpr_time_0(GPR_CLOCK_MONOTONIC));
  queue_->Shutdown();
  for (auto next = grpc::CompletionQueue::TIMEOUT; next != grpc::CompletionQueue::SHUTDOWN;) {
    void* tag = nullptr;
    bool is_ok = false;
    next = queue_->AsyncNext(&tag, &is_ok,
                             gpr_time_from_nanos(SteadyNanoseconds() + kMillisecond, GPR_CLOCK_MONOTONIC));
    if (next == grpc::CompletionQueue::GOT_EVENT)
      if (const auto* event = static_cast<GrpcEvent*>(tag); event->kind == GrpcEvent::Kind::kIncomingCall)
        HandleIncoming(event->call, false);
  }
}

class GrpcKind final : public TransportKind {
 public:
  absl::StatusOr<std::unique_ptr<TransportListener>> Listen(const ListenOptions& options) const override {
    return ListenOverTcp(options,
                         [](TcpMeeting meeting, const LinkShape& shape,
                            Deadline deadline) -> absl::StatusOr<std::unique_ptr<Transport>> {
                           if (meeting.credentials != nullptr)
                             return MakeTlsTransport(std::move(meeting), shape, deadline);
                           auto transport =
                               std::make_unique<GrpcTransport>(meeting.rank, meeting.size, shape);
                           RETURN_IF_ERROR(transport->Start(std::move(meeting.peers), deadline));
                           return transport;
                         });
  }
};

REGISTER_COMPONENT(
    TransportKind,
    Descriptor({.category = "transport",
                .kind = "grpc",
                .title = "gRPC over TCP",
                .summary = "Raw gRPC streams over one TCP connection for every two ranks; each proves the "
                           "run's secret first. Between hosts the same frames go as records of mutual TLS."}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<TransportKind>> {
      return std::make_unique<GrpcKind>();
    });

}  // namespace
}  // namespace concertina
