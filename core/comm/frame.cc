// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// frame.cc: headers to bytes and back, and the errors of a broken conversation (see frame.h).
// On the way of the data: comm/grpc_peer.cc, comm/tls_peer.cc -> here -> the peer's.
#include "core/comm/frame.h"

#include <algorithm>
#include <bit>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

namespace concertina {

static_assert(std::endian::native == std::endian::little, "headers are written as they lie in memory");

void WriteFrameHeader(const FrameHeader& header, std::span<std::byte, kFrameHeaderBytes> bytes) {
  std::memcpy(bytes.data(), &header.kind, 4);
  std::memcpy(bytes.data() + 4, &header.tag, 4);
  std::memcpy(bytes.data() + 8, &header.message_bytes, 8);
  std::memcpy(bytes.data() + 16, &header.offset, 8);
  std::memcpy(bytes.data() + 24, &header.sent_nanoseconds, 8);
}

absl::StatusOr<FrameHeader> ReadFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                            uint64_t piece_bytes) {
  FrameHeader header;
  std::memcpy(&header.kind, bytes.data(), 4);
  std::memcpy(&header.tag, bytes.data() + 4, 4);
  std::memcpy(&header.message_bytes, bytes.data() + 8, 8);
  std::memcpy(&header.offset, bytes.data() + 16, 8);
  std::memcpy(&header.sent_nanoseconds, bytes.data() + 24, 8);
  if (header.kind != FrameKind::kHello && header.kind != FrameKind::kData &&
      header.kind != FrameKind::kGoodbye)
    return absl::DataLossError(
        fmt::format("a frame of unknown kind {:#x}", static_cast<uint32_t>(header.kind)));
  if (header.message_bytes > kMaxMessageBytes)
    return absl::DataLossError(fmt::format("a frame of a message of {} bytes, at most {} expected",
                                           header.message_bytes, kMaxMessageBytes));
  if (header.offset > header.message_bytes || piece_bytes > header.message_bytes - header.offset)
    return absl::DataLossError(fmt::format("a frame with bytes {} to {} of a message of {}", header.offset,
                                           header.offset + piece_bytes, header.message_bytes));
  if (piece_bytes == 0 && header.message_bytes != 0)
    return absl::DataLossError(fmt::format("an empty frame of a message of {} bytes", header.message_bytes));
  return header;
}

absl::StatusOr<StreamedFrame> ReadStreamedFrame(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                                size_t longest_piece_bytes) {
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  std::memcpy(&message_bytes, bytes.data() + 8, 8);
  std::memcpy(&offset, bytes.data() + 16, 8);
  const uint64_t left = message_bytes - std::min(offset, message_bytes);
  const auto piece_bytes = static_cast<size_t>(std::min<uint64_t>(left, longest_piece_bytes));
  ASSIGN_OR_RETURN(const FrameHeader header, ReadFrameHeader(bytes, piece_bytes));
  return StreamedFrame{.header = header, .piece_bytes = piece_bytes};
}

absl::Status ConnectionLost(int rank) {
  return absl::UnavailableError(fmt::format("rank {}: connection lost", rank));
}

absl::Status NothingCame(int rank, double seconds) {
  return absl::DeadlineExceededError(fmt::format("rank {}: nothing for {:.3g} s", rank, seconds));
}

absl::Status NothingCame(std::span<const int> ranks, double seconds) {
  if (ranks.size() == 1) return NothingCame(ranks[0], seconds);
  return absl::DeadlineExceededError(
      fmt::format("ranks {}: nothing for {:.3g} s", absl::StrJoin(ranks, ", "), seconds));
}

absl::Status PeerParted(int rank, const std::string& why) {
  if (absl::StartsWith(why, "rank "))
    return absl::UnavailableError(fmt::format("{} (told by rank {})", why, rank));
  return absl::UnavailableError(fmt::format("rank {}: {}", rank, why));
}

absl::Status PeerHasLeft(int rank) {
  return absl::UnavailableError(fmt::format("rank {}: has left the run", rank));
}

absl::Status AllHaveLeft(std::span<const int> ranks) {
  if (ranks.empty()) return absl::UnavailableError("nobody is left to wait for");
  if (ranks.size() == 1) return PeerHasLeft(ranks[0]);
  return absl::UnavailableError(
      fmt::format("ranks {}: all of them have left the run", absl::StrJoin(ranks, ", ")));
}

absl::Status WrongSize(int rank, uint32_t tag, uint64_t found_bytes, uint64_t expected_bytes) {
  return absl::DataLossError(fmt::format("rank {}: a message of {} bytes with tag {:#x}, {} expected", rank,
                                         found_bytes, tag, expected_bytes));
}

absl::Status TooLong(int rank, uint32_t tag, uint64_t found_bytes, uint64_t most_bytes) {
  return absl::DataLossError(fmt::format("rank {}: a message of {} bytes with tag {:#x}, at most {} expected",
                                         rank, found_bytes, tag, most_bytes));
}

absl::Status WrongOffset(int rank, uint32_t tag, uint64_t found, uint64_t expected) {
  return absl::DataLossError(fmt::format("rank {}: a frame at byte {} with tag {:#x}, byte {} expected", rank,
                                         found, tag, expected));
}

}  // namespace concertina
