// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// frame_target.cc: the head of every message between two ranks, and the table of all-reduce algorithms that
// rank 0 sends.
// Input: table u8 (odd: the rest is a table) | piece bytes u64 | header.
#include <algorithm>

#include "core/comm/all_reduce.h"
#include "core/comm/frame.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

FuzzBytes FrameInput(const FrameHeader& header, uint64_t piece_bytes) {
  FuzzBytes input(1 + 8 + kFrameHeaderBytes);
  std::memcpy(&input[1], &piece_bytes, sizeof piece_bytes);
  WriteFrameHeader(header, std::as_writable_bytes(std::span(input)).subspan<9, kFrameHeaderBytes>());
  return input;
}

void TakeTable(std::span<const uint8_t> bytes) {
  absl::StatusOr<AllReduceTable> table;
  {
    const auto bound = AllocationBound::OfClaimed(2 * bytes.size());  // a row is padded in memory
    table = AllReduceTable::FromBytes(bytes);
  }
  Note(table);
  if (!table.ok() || table->empty()) return;
  table->Choose(0);
  table->Choose(UINT64_MAX);
  Require(std::ranges::equal(table->ToBytes(), bytes), "the same table has other bytes");
}

void TakeFrame(InputReader input) {
  const uint64_t piece_bytes = input.Number(8);
  FuzzBytes header(kFrameHeaderBytes);
  std::ranges::copy(input.Bytes(kFrameHeaderBytes), header.begin());
  absl::StatusOr<FrameHeader> read;
  {
    const auto bound = AllocationBound::OfClaimed(0);
    read = ReadFrameHeader(std::as_bytes(std::span(header)).first<kFrameHeaderBytes>(), piece_bytes);
  }
  Note(read);
  if (!read.ok()) return;
  Require(read->message_bytes <= kMaxMessageBytes && read->offset <= read->message_bytes &&
              piece_bytes <= read->message_bytes - read->offset,
          "a frame beyond its message");
  std::array<std::byte, kFrameHeaderBytes> again;
  WriteFrameHeader(*read, again);
  Require(std::ranges::equal(again, std::as_bytes(std::span(header))), "the same header has other bytes");
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  inputs.seeds.push_back(FrameInput({.kind = FrameKind::kHello}, 0));
  inputs.seeds.push_back(FrameInput({.tag = 0x10001, .message_bytes = 4096, .offset = 1024}, 3072));
  inputs.seeds.push_back(FrameInput({.message_bytes = kMaxMessageBytes}, kFrameBytes));
  inputs.seeds.push_back(FrameInput({.kind = FrameKind::kGoodbye, .message_bytes = 12}, 12));
  FuzzBytes table = AllReduceTable({{.up_to_bytes = 512, .algorithm = AllReduceAlgorithm::kTwoShot},
                                    {.up_to_bytes = 1 << 20, .algorithm = AllReduceAlgorithm::kRing}})
                        .ToBytes();
  table.insert(table.begin(), 1);
  inputs.seeds.push_back(std::move(table));
  inputs.most_bytes = 1024;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  if (input.Byte() % 2 == 1)
    TakeTable(input.rest());
  else
    TakeFrame(input);
  return 0;
}
