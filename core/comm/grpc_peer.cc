// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grpc_peer.cc: frames as raw byte buffers on one bidirectional stream (see grpc_peer.h).
// On the way of the data: comm/grpc_transport.cc -> here -> gRPC -> the peer's here.
#include "core/comm/grpc_peer.h"

#include <algorithm>

namespace concertina {
namespace {

size_t FrameCount(size_t message_bytes) {
  return message_bytes == 0 ? 1 : (message_bytes + kFrameBytes - 1) / kFrameBytes;
}

// Equal frames, so that a message just over a limit does not end in a crumb; whole cache lines each.
size_t FrameSize(size_t message_bytes) {
  const size_t count = FrameCount(message_bytes);
  return ((message_bytes + count - 1) / count + 63) / 64 * 64;
}

}  // namespace

GrpcPeer::GrpcPeer(int rank, const Socket& socket, const LinkShape& link)
    : shape(link),
      rank_(rank),
      bytes_(socket),
      frames_released_(std::make_shared<std::atomic<uint64_t>>(0)) {}

void GrpcPeer::Open(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue* queue) {
  stub_ = std::make_unique<grpc::GenericStub>(channel);
  client_context_ = std::make_unique<grpc::ClientContext>();
  client_stream_ = stub_->PrepareCall(client_context_.get(), "/concertina.Peer/Frames", queue);
  reader_ = client_stream_.get();
  writer_ = client_stream_.get();
  client_stream_->StartCall(&started_);
}

void GrpcPeer::Adopt(std::unique_ptr<GrpcIncomingCall> call) {
  incoming_ = std::move(call);
  reader_ = &incoming_->stream;
  writer_ = &incoming_->stream;
}

void GrpcPeer::Lose(const absl::Status& why) {
  if (is_lost()) return;
  why_lost_ = why;
  is_lost_.store(true, std::memory_order_release);
  frames_released_->fetch_add(out_.size() - out_begin_, std::memory_order_release);
  out_begin_ = out_.size();
}

void GrpcPeer::LetGoIfLost() {
  if (!is_lost() || why_lost_.ok() || is_reading || is_writing_) return;
  reader_ = nullptr;
  writer_ = nullptr;
  client_stream_.reset();
  client_context_.reset();
  incoming_.reset();
}

void GrpcPeer::Cancel() {
  if (client_context_ != nullptr) client_context_->TryCancel();
  if (incoming_ != nullptr) incoming_->context.TryCancel();
}

uint64_t GrpcPeer::FrameOf(size_t message_bytes, size_t offset) {
  return message_bytes == 0 ? 0 : offset / FrameSize(message_bytes);
}

void GrpcPeer::Send(FrameKind kind, uint32_t tag, std::span<const std::byte> bytes) {
  const size_t frame_size = FrameSize(bytes.size());
  const int64_t now = SteadyNanoseconds();
  if (out_begin_ == out_.size()) {
    out_.clear();
    out_begin_ = 0;
  }
  size_t offset = 0;
  do {
    const size_t size = std::min(frame_size, bytes.size() - offset);
    out_.push_back({.header = {.kind = kind,
                               .tag = tag,
                               .message_bytes = bytes.size(),
                               .offset = offset,
                               .sent_nanoseconds = now},
                    .bytes = bytes.data() + offset,
                    .size = size});
    ++frames_queued_;
    offset += size;
  } while (offset < bytes.size());
  WriteNext();
}

void GrpcPeer::WriteNext() {
  if (is_writing_ || out_begin_ == out_.size() || writer_ == nullptr || is_lost()) return;
  const Unsent& unsent = out_[out_begin_++];
  std::array<std::byte, kFrameHeaderBytes> header;
  WriteFrameHeader(unsent.header, header);
  is_writing_ = true;
  const grpc::Slice header_slice(header.data(), header.size());
  if (unsent.size == 0) {
    frames_released_->fetch_add(1, std::memory_order_release);
    writer_->Write(grpc::ByteBuffer(&header_slice, 1), grpc::WriteOptions(), &written_);
    return;
  }
  // That the last reference to a slice goes is what says that its bytes have left; a write's completion only
  // says that flow control has let it pass.
  using Counter = std::shared_ptr<std::atomic<uint64_t>>;
  const auto released = [](void* counter) {
    (*static_cast<Counter*>(counter))->fetch_add(1, std::memory_order_release);
    delete static_cast<Counter*>(counter);
  };
  const grpc::Slice slices[2] = {header_slice, grpc::Slice(const_cast<std::byte*>(unsent.bytes), unsent.size,
                                                           released, new Counter(frames_released_))};
  writer_->Write(grpc::ByteBuffer(slices, 2), grpc::WriteOptions(), &written_);
}

void GrpcPeer::OnWritten() {
  is_writing_ = false;
  WriteNext();
}

void GrpcPeer::StartRead() {
  is_reading = true;
  reader_->Read(&incoming_frame_, &read_);
}

absl::Status GrpcPeer::OnRead() {
  is_reading = false;
  KeptFrame frame;
  if (!spare_slices_.empty()) {
    frame.slices = std::move(spare_slices_.back());
    spare_slices_.pop_back();
  }
  const size_t frame_bytes = incoming_frame_.Length();
  if (frame_bytes < kFrameHeaderBytes || frame_bytes > kFrameHeaderBytes + kFrameBytes ||
      !incoming_frame_.Dump(&frame.slices).ok())
    return absl::DataLossError("a frame of " + std::to_string(frame_bytes) + " bytes");
  incoming_frame_.Clear();
  std::array<std::byte, kFrameHeaderBytes> header_bytes;
  size_t have = 0;
  for (const grpc::Slice& slice : frame.slices) {
    const size_t part = std::min(slice.size(), kFrameHeaderBytes - have);
    std::memcpy(header_bytes.data() + have, slice.begin(), part);
    have += part;
  }
  frame.bytes = frame_bytes - kFrameHeaderBytes;
  ASSIGN_OR_RETURN(const FrameHeader header, ReadFrameHeader(header_bytes, frame.bytes));
  frame.tag = header.tag;
  frame.message_bytes = header.message_bytes;
  frame.offset = header.offset;
  switch (header.kind) {
    case FrameKind::kHello:
      is_open = true;
      break;
    case FrameKind::kGoodbye:
      said_goodbye = true;
      ForEachPiece(frame, [this](std::span<const std::byte> piece) {
        parting_words.append(reinterpret_cast<const char*>(piece.data()),
                             std::min(piece.size(), kMostPartingWords));
      });
      parting_words.resize(std::min(parting_words.size(), kMostPartingWords));
      break;
    case FrameKind::kData:
      frame.finish_nanoseconds =
          shaper_.Finish(shape, header.sent_nanoseconds, frame.bytes, header.offset == 0);
      kept_bytes_ += frame.bytes;
      kept_.push_back(std::move(frame));
      return absl::OkStatus();
  }
  frame.slices.clear();
  spare_slices_.push_back(std::move(frame.slices));
  return absl::OkStatus();
}

KeptFrame* GrpcPeer::Find(uint32_t tag) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [tag](const KeptFrame& f) { return f.tag == tag; });
  return found == kept_.end() ? nullptr : &*found;
}

void GrpcPeer::Drop(KeptFrame* frame) {
  kept_bytes_ -= frame->bytes;
  frame->slices.clear();
  spare_slices_.push_back(std::move(frame->slices));
  kept_.erase(kept_.begin() + (frame - kept_.data()));
}

}  // namespace concertina
