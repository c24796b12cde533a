// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// frame_carrier.h: a library of others that moves frames between ranks (MPI, Gloo), as its module shows it.
// On the way of the data: comm/carried_transport.cc -> here -> plugins/transports/*.cc -> the library -> the
// peer's here.
//
// A carrier only carries. Who the peers are, who of them has gone and why, deadlines, emulated links and what
// waits for whom is the transport's; it hears of a loss over its own connections, since MPI never tells.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/comm/frame.h"
#include "core/comm/in_process_hub.h"

namespace concertina {

// A frame's piece is at most this: with its header it fills the largest block of a pool. One that is not
// longer than kCarriedInlineBytes travels beside its header, whatever the carrier does with longer ones.
inline constexpr size_t kCarriedPieceBytes = kInProcessPieceBytes - 4096;
inline constexpr size_t kCarriedInlineBytes = 4064;
// So many frames of one peer come before somebody takes them.
inline constexpr size_t kMostFramesArrived = 16;

struct ArrivedFrame {
  FrameHeader header;
  size_t bytes = 0;
  PiecePool::Block block;
  size_t at = 0;  // of the piece in its block
};

struct CarrierOptions {
  int rank = 0;
  int size = 1;
  std::string host;            // by which peers reach this one; "": all are on this host
  std::function<void()> wake;  // something has come or left; any thread, cheap
};

// Calls come from one thread at a time: whoever drives the transport.
class FrameCarrier {
 public:
  virtual ~FrameCarrier() = default;
  // What `peer` has to know to reach this rank: at most kMostCardBytes, for Connect there.
  virtual absl::StatusOr<std::string> CardFor(int peer) = 0;
  // Meets all peers, whose cards these are (empty at the own rank).
  virtual absl::Status Connect(const std::vector<std::string>& cards, Deadline deadline) = 0;

  // Starts to send a frame; `piece` stays as it is until frames_left(to) says that it has left. Frames to one
  // peer arrive in order.
  virtual absl::Status Send(int to, const FrameHeader& header, std::span<const std::byte> piece) = 0;
  virtual uint64_t frames_left(int to) const = 0;
  // Lets things happen, without waiting. Errors: the library cannot go on.
  virtual absl::Status Progress() = 0;
  // The next frame of `from`, if one has come. kDataLoss: what came is no frame; kUnavailable: the library
  // says that it is gone.
  virtual absl::StatusOr<std::optional<ArrivedFrame>> Take(int from) = 0;
  virtual void GiveBack(int from, PiecePool::Block block) = 0;
  // Nothing more goes to a peer or comes from it; afterwards no memory of the caller's is touched for it.
  virtual void Drop(int peer) = 0;
  // Nothing more happens at all. In good order: what has left the buffers arrives, by the deadline.
  virtual void Leave(bool in_good_order, Deadline deadline) = 0;

  // False: things happen in Progress only, and nothing calls `wake`.
  virtual bool wakes() const = 0;
};

inline constexpr size_t kMostCardBytes = 1000;

// The frame as it travels: the header, and beside it a piece that is short.
inline bool IsInline(size_t piece_bytes) { return piece_bytes <= kCarriedInlineBytes; }
// Of the piece that follows a header: what of the message is left, but no more than one piece.
inline size_t PieceBytesOf(const FrameHeader& header) {
  const uint64_t left = header.message_bytes - std::min(header.offset, header.message_bytes);
  return static_cast<size_t>(std::min<uint64_t>(left, kCarriedPieceBytes));
}

// What a module gives (its `concertina_carrier`).
class CarrierLibrary {
 public:
  virtual ~CarrierLibrary() = default;
  // Whether this process can use it at all: kFailedPrecondition says what is to be done.
  virtual absl::Status Check() const = 0;
  virtual absl::StatusOr<std::unique_ptr<FrameCarrier>> Make(const CarrierOptions& options) const = 0;
};

// Raised with every change of this file.
inline constexpr int kCarrierAbiVersion = 1;

}  // namespace concertina

// In place of CONCERTINA_PLUGIN: a module of plugins/transports ends in
//   CONCERTINA_CARRIER(concertina::MpiLibrary)
#define CONCERTINA_CARRIER(Library)                                                    \
  extern "C" int concertina_carrier_abi() { return ::concertina::kCarrierAbiVersion; } \
  extern "C" const ::concertina::CarrierLibrary* concertina_carrier() {                \
    static const Library library;                                                      \
    return &library;                                                                   \
  }
