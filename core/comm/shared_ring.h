// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_ring.h: one direction between two processes: a ring of bytes in memory that both have mapped, one
// writes and one reads. On the way of the data: comm/shared_memory_peer.h -> here -> the peer's here.
//
//   file     a page of control | C bytes, a power of two
//   control  head u64, bytes ever written | reader waits u32 || tail u64, bytes ever read | writer waits u32
// The C bytes are mapped twice, one after the other, so that what runs over the end of the ring lies in one
// piece. The file has no name (memfd), so nothing stays behind whoever dies, and is sealed: a mapped file
// that its other owner cuts short kills who reads it (SIGBUS). Pages nobody has written take no memory.
//
// Each end keeps its own position and publishes a copy; what the other publishes is checked whenever it is
// read: a position that goes back, runs too far ahead or is no multiple of kRingUnitBytes is kDataLoss, and
// nothing is read or written by it. That the other end may also change bytes while they are read is for the
// reader to bear in mind: it copies what it decides by.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/base/status.h"
#include "core/comm/socket.h"

namespace concertina {

inline constexpr size_t kRingUnitBytes = 64;  // a cache line: positions are multiples of it
inline constexpr size_t kLeastRingBytes = size_t{64} << 10;
inline constexpr size_t kMostRingBytes = size_t{16} << 20;

// What the file begins with. The two lines are written by different ends.
struct RingControl {
  alignas(kRingUnitBytes) std::atomic<uint64_t> head;
  std::atomic<uint32_t> reader_waits;  // set by the reader before it sleeps, taken back by who will wake it
  alignas(kRingUnitBytes) std::atomic<uint64_t> tail;
  std::atomic<uint32_t> writer_waits;  // likewise: it needs room
};
static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint32_t>::is_always_lock_free);

// The file, mapped.
class RingMemory {
 public:
  // `bytes`: a power of two of kLeastRingBytes to kMostRingBytes. kResourceExhausted: no memory, no file.
  static absl::StatusOr<RingMemory> Create(size_t bytes);
  // Of a file that another process made. kDataLoss: not sealed, or of no ring's size.
  static absl::StatusOr<RingMemory> Adopt(Socket file);
  RingMemory() = default;
  RingMemory(RingMemory&& other) noexcept;
  RingMemory& operator=(RingMemory&& other) noexcept;
  ~RingMemory();

  size_t capacity() const { return capacity_; }
  RingControl& control() const { return *reinterpret_cast<RingControl*>(base_); }
  std::byte* at(uint64_t position) const { return data_ + (position & (capacity_ - 1)); }
  const Socket& file() const { return file_; }  // open only where it was created, until it is closed
  void CloseFile() { file_.Close(); }

 private:
  absl::Status Map(int fd, size_t bytes);

  Socket file_;
  std::byte* base_ = nullptr;
  std::byte* data_ = nullptr;
  size_t capacity_ = 0;
};

class RingWriter {
 public:
  RingWriter() = default;
  explicit RingWriter(RingMemory memory) : memory_(std::move(memory)) {}
  RingMemory& memory() { return memory_; }
  const RingMemory& memory() const { return memory_; }

  // Bytes that can be written now. kDataLoss: the reader says that it read what never was.
  absl::StatusOr<size_t> Room();
  std::byte* next() const { return memory_.at(head_); }
  void Publish(size_t bytes) { memory_.control().head.store(head_ += bytes, std::memory_order_release); }
  // True once for each time that the reader went to sleep: then wake it. A full fence stands before, so that
  // either this end sees that the reader sleeps, or the reader sees what was published.
  bool TakeReaderWaits();
  void SetWaits(bool waits) { memory_.control().writer_waits.store(waits, std::memory_order_seq_cst); }

 private:
  RingMemory memory_;
  uint64_t head_ = 0;
  uint64_t tail_ = 0;  // as last read
};

class RingReader {
 public:
  RingReader() = default;
  explicit RingReader(RingMemory memory) : memory_(std::move(memory)) {}
  const RingMemory& memory() const { return memory_; }

  // Bytes that can be read now. kDataLoss: the writer says that it wrote more than there is room for.
  absl::StatusOr<size_t> Available();
  // Something was published since this was asked last; unchecked.
  bool TakeNews() {
    const uint64_t before = noticed_;
    noticed_ = memory_.control().head.load(std::memory_order_acquire);
    return noticed_ != before;
  }
  const std::byte* next() const { return memory_.at(tail_); }
  void Release(size_t bytes) { memory_.control().tail.store(tail_ += bytes, std::memory_order_release); }
  bool writer_waits() const { return memory_.control().writer_waits.load(std::memory_order_seq_cst) != 0; }
  // True once for each time that the writer went to sleep for want of room, and there is plenty again.
  bool TakeWriterWaits();
  void SetWaits(bool waits) { memory_.control().reader_waits.store(waits, std::memory_order_seq_cst); }

 private:
  RingMemory memory_;
  uint64_t tail_ = 0;
  uint64_t head_ = 0;     // as last read
  uint64_t noticed_ = 0;  // by TakeNews
};

}  // namespace concertina
