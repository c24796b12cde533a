// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// frame.h: a message travels as frames: a header of 32 bytes, then a piece of the message.
// On the way of the data: comm/grpc_peer.cc, comm/tls_peer.cc -> here -> the peer's.
//
// Little endian: kind u32 | tag u32 | message bytes u64 | offset u64 | sent at, nanoseconds u64 | piece
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "core/base/status.h"

namespace concertina {

// A frame's piece is at most this. Measured on loopback, two ranks that send 16 MiB to each other: 256
// KiB 7.7 ms, 512 KiB 6.4, 1 MiB 6.0, 2 MiB 8.2; 1 MiB in one frame 0.25 ms, in four 0.38.
inline constexpr size_t kFrameBytes = size_t{1} << 20;
inline constexpr size_t kFrameHeaderBytes = 32;
// No message is longer; what a header claims beyond it is not believed.
inline constexpr uint64_t kMaxMessageBytes = uint64_t{1} << 40;
// What a goodbye says is cut to this.
inline constexpr size_t kMostPartingWords = 500;

enum class FrameKind : uint32_t {
  kHello = 0x31434e43,    // the stream is open
  kData = 0x32434e43,     // a piece of a message
  kGoodbye = 0x33434e43,  // the sender leaves; the piece says why if not in good order
};

struct FrameHeader {
  FrameKind kind = FrameKind::kData;
  uint32_t tag = 0;
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  int64_t sent_nanoseconds = 0;  // of the host's steady clock: where an emulated link's time starts
};

void WriteFrameHeader(const FrameHeader& header, std::span<std::byte, kFrameHeaderBytes> bytes);
// Checks all that can be checked without knowing what is waited for: `piece_bytes` is what really came.
// kDataLoss says what is wrong.
absl::StatusOr<FrameHeader> ReadFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                            uint64_t piece_bytes);
// The same of frames that follow each other on a connection: a piece is what is left of its message, at most
// `longest_piece_bytes`.
struct StreamedFrame {
  FrameHeader header;
  size_t piece_bytes = 0;
};
absl::StatusOr<StreamedFrame> ReadStreamedFrame(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                                size_t longest_piece_bytes);

// Errors that name a rank, in the same words whatever the transport.
absl::Status ConnectionLost(int rank);
absl::Status NothingCame(int rank, double seconds);
absl::Status NothingCame(std::span<const int> ranks, double seconds);
// A peer said goodbye because of `why`; if that is the loss of a third rank, the third is named first.
absl::Status PeerParted(int rank, const std::string& why);
absl::Status PeerHasLeft(int rank);
absl::Status AllHaveLeft(std::span<const int> ranks);
absl::Status WrongSize(int rank, uint32_t tag, uint64_t found_bytes, uint64_t expected_bytes);
absl::Status TooLong(int rank, uint32_t tag, uint64_t found_bytes, uint64_t most_bytes);
absl::Status WrongOffset(int rank, uint32_t tag, uint64_t found, uint64_t expected);

}  // namespace concertina
