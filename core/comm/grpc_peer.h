// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grpc_peer.h: the stream to one peer: frames out, frames in, and what was kept for later.
// On the way of the data: comm/grpc_transport.cc -> here -> gRPC -> the peer's here.
//
// Used by the thread that drives the transport. gRPC allows one write and one read a stream at a time; the
// rest waits in `out_`, which refers to the caller's bytes and copies nothing.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/comm/frame.h"
#include "core/comm/link_shaper.h"
#include "core/comm/socket.h"

namespace concertina {

class GrpcPeer;

// What a completion queue's tag points to.
struct GrpcEvent {
  enum class Kind { kIncomingCall, kStarted, kRead, kWritten, kWake };
  Kind kind = Kind::kRead;
  GrpcPeer* peer = nullptr;
  struct GrpcIncomingCall* call = nullptr;
};

// A call that a peer will open; which peer is known once it has.
struct GrpcIncomingCall {
  GrpcEvent event{.kind = GrpcEvent::Kind::kIncomingCall, .call = this};
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream{&context};
};

// A frame that has come and waits to be received.
struct KeptFrame {
  uint32_t tag = 0;
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  size_t bytes = 0;                 // of the piece
  int64_t finish_nanoseconds = 0;   // of the emulated link, without its latency
  std::vector<grpc::Slice> slices;  // header first
};

class GrpcPeer {
 public:
  // `socket` is what gRPC was, or will be, given; it is only read for its counters here.
  GrpcPeer(int rank, const Socket& socket, const LinkShape& shape);

  int rank() const { return rank_; }

  // As the client: opens the stream. As the server: takes the call that came.
  void Open(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue* queue);
  void Adopt(std::unique_ptr<GrpcIncomingCall> call);
  // Ends the stream; what is under way comes back as not ok.
  void Cancel();

  // Queues a message as frames of at most kFrameBytes, all about the same size.
  void Send(FrameKind kind, uint32_t tag, std::span<const std::byte> bytes);
  // The frame of such a message that holds byte `offset`, of those queued since `first_frame`.
  static uint64_t FrameOf(size_t message_bytes, size_t offset);
  uint64_t frames_queued() const { return frames_queued_; }
  // Frames whose bytes gRPC and the kernel no longer need, in the order in which they were queued.
  uint64_t frames_released() const { return frames_released_->load(std::memory_order_acquire); }
  bool flushed() const { return frames_released() == frames_queued_; }
  bool has_unsent() const { return is_writing_ || !flushed(); }

  void StartRead();
  void OnWritten();
  // Takes what Read brought. kDataLoss if it is not a frame.
  absl::Status OnRead();

  // The first kept frame of a tag, or null.
  KeptFrame* Find(uint32_t tag);
  // When the emulated link has brought it; 0: it is free.
  int64_t ArrivalOf(const KeptFrame& frame) const {
    return shape.is_free() ? 0 : frame.finish_nanoseconds + shape.latency_nanoseconds();
  }
  // Calls sink(slice's bytes) for the piece of a kept frame.
  template <class Function>
  static void ForEachPiece(const KeptFrame& frame, Function function);
  void Drop(KeptFrame* frame);

  uint64_t kept_bytes() const { return kept_bytes_; }
  size_t kept_frames() const { return kept_.size(); }
  KernelBytes whole_bytes() const { return bytes_.Since(); }  // any thread

  // The state of the conversation.
  bool is_open = false;  // its hello has come
  bool is_reading = false;
  // Nothing more can be sent. What is queued and not yet given to gRPC never will be.
  void Lose(const absl::Status& why);
  // Ends the call of a peer that vanished, once nothing of it is under way: gRPC keeps the bytes of a write
  // that failed as long as there is the call, and Flush would wait for them.
  void LetGoIfLost();
  bool is_lost() const { return is_lost_.load(std::memory_order_acquire); }  // any thread
  // What any use of a lost peer says.
  absl::Status why_lost() const { return why_lost_.ok() ? PeerHasLeft(rank_) : why_lost_; }
  bool said_goodbye = false;  // the peer did
  std::string parting_words;  // why; "" in good order

  LiveShape shape;  // of what comes

 private:
  struct Unsent {
    FrameHeader header;
    const std::byte* bytes = nullptr;
    size_t size = 0;
  };
  void WriteNext();

  const int rank_;
  const KernelByteMeter bytes_;
  GrpcEvent started_{.kind = GrpcEvent::Kind::kStarted, .peer = this};
  GrpcEvent read_{.kind = GrpcEvent::Kind::kRead, .peer = this};
  GrpcEvent written_{.kind = GrpcEvent::Kind::kWritten, .peer = this};

  std::unique_ptr<grpc::GenericStub> stub_;
  std::unique_ptr<grpc::ClientContext> client_context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> client_stream_;
  std::unique_ptr<GrpcIncomingCall> incoming_;
  grpc::internal::AsyncReaderInterface<grpc::ByteBuffer>* reader_ = nullptr;
  grpc::internal::AsyncWriterInterface<grpc::ByteBuffer>* writer_ = nullptr;

  std::vector<Unsent> out_;  // [out_begin_, end) is to be written
  size_t out_begin_ = 0;
  std::atomic<bool> is_lost_ = false;
  absl::Status why_lost_;
  bool is_writing_ = false;
  uint64_t frames_queued_ = 0;
  // gRPC may let go of a slice on a thread of its own, and after this peer is gone.
  const std::shared_ptr<std::atomic<uint64_t>> frames_released_;

  grpc::ByteBuffer incoming_frame_;
  std::vector<KeptFrame> kept_;  // in order of arrival
  std::vector<std::vector<grpc::Slice>> spare_slices_;
  uint64_t kept_bytes_ = 0;
  LinkShaper shaper_;
};

template <class Function>
void GrpcPeer::ForEachPiece(const KeptFrame& frame, Function function) {
  size_t skip = kFrameHeaderBytes;
  for (const grpc::Slice& slice : frame.slices) {
    const size_t skipped = skip < slice.size() ? skip : slice.size();
    skip -= skipped;
    if (skipped < slice.size())
      function(
          std::span(reinterpret_cast<const std::byte*>(slice.begin()) + skipped, slice.size() - skipped));
  }
}

}  // namespace concertina
