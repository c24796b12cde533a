// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_ring.cc: see shared_ring.h.
// On the way of the data: comm/shared_memory_peer.cc -> here -> the peer's here.
#include "core/comm/shared_ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <utility>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

size_t PageBytes() {
  static const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return page;
}

bool IsRingSize(uint64_t bytes) {
  return std::has_single_bit(bytes) && bytes >= kLeastRingBytes && bytes <= kMostRingBytes;
}

}  // namespace

RingMemory::RingMemory(RingMemory&& other) noexcept
    : file_(std::move(other.file_)),
      base_(std::exchange(other.base_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

RingMemory& RingMemory::operator=(RingMemory&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(base_, other.base_);
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

RingMemory::~RingMemory() {
  if (base_ != nullptr) munmap(base_, PageBytes() + 2 * capacity_);
}

absl::Status RingMemory::Map(int fd, size_t bytes) {
  const size_t page = PageBytes();
  // The place first, then the file over it, once whole and once without its page of control.
  void* const place = mmap(nullptr, page + 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return ErrnoStatus(errno, "reserving addresses for shared memory");
  base_ = static_cast<std::byte*>(place);
  data_ = base_ + page;
  capacity_ = bytes;
  const auto map = [fd](void* at, size_t length, size_t offset) {
    return mmap(at, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, static_cast<off_t>(offset)) ==
           at;
  };
  if (!map(base_, page + bytes, 0) || !map(data_ + bytes, bytes, page))
    return ErrnoStatus(errno, "mapping shared memory");
  return absl::OkStatus();
}

absl::StatusOr<RingMemory> RingMemory::Create(size_t bytes) {
  if (!IsRingSize(bytes))
    return absl::InvalidArgumentError(fmt::format("a ring of {} bytes: a power of two from {} to {} expected",
                                                  bytes, kLeastRingBytes, kMostRingBytes));
  RingMemory memory;
  memory.file_ = Socket(memfd_create("concertina-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.file_.is_open()) return ErrnoStatus(errno, "making shared memory");
  if (ftruncate(memory.file_.fd(), static_cast<off_t>(PageBytes() + bytes)) != 0 ||
      fcntl(memory.file_.fd(), F_ADD_SEALS, kSeals) != 0)
    return ErrnoStatus(errno, "sizing shared memory");
  RETURN_IF_ERROR(memory.Map(memory.file_.fd(), bytes));
  return memory;
}

absl::StatusOr<RingMemory> RingMemory::Adopt(Socket file) {
  const int seals = fcntl(file.fd(), F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals)
    return absl::DataLossError("its shared memory is not sealed against being cut short");
  struct stat found {};
  if (fstat(file.fd(), &found) != 0) return ErrnoStatus(errno, "looking at shared memory");
  const auto whole = static_cast<uint64_t>(found.st_size);
  if (whole <= PageBytes() || !IsRingSize(whole - PageBytes()))
    return absl::DataLossError(fmt::format("its shared memory has {} bytes, which no ring has", whole));
  RingMemory memory;
  RETURN_IF_ERROR(memory.Map(file.fd(), whole - PageBytes()));
  return memory;
}

absl::StatusOr<size_t> RingWriter::Room() {
  const uint64_t tail = memory_.control().tail.load(std::memory_order_acquire);
  if (tail < tail_ || tail > head_ || tail % kRingUnitBytes != 0)
    return absl::DataLossError(
        fmt::format("it says that it has read {} bytes, {} to {} expected", tail, tail_, head_));
  tail_ = tail;
  return memory_.capacity() - (head_ - tail);
}

bool RingWriter::TakeReaderWaits() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::atomic<uint32_t>& waits = memory_.control().reader_waits;
  return waits.load(std::memory_order_relaxed) != 0 && waits.exchange(0) != 0;
}

absl::StatusOr<size_t> RingReader::Available() {
  const uint64_t head = memory_.control().head.load(std::memory_order_acquire);
  if (head < head_ || head - tail_ > memory_.capacity() || head % kRingUnitBytes != 0)
    return absl::DataLossError(fmt::format("it says that it has written {} bytes, {} to {} expected", head,
                                           head_, tail_ + memory_.capacity()));
  head_ = head;
  return head - tail_;
}

bool RingReader::TakeWriterWaits() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::atomic<uint32_t>& waits = memory_.control().writer_waits;
  // Half a ring at least: who is woken for each piece has no time to fill it.
  if (waits.load(std::memory_order_relaxed) == 0) return false;
  if (2 * (head_ - tail_) > memory_.capacity()) return false;
  return waits.exchange(0) != 0;
}

}  // namespace concertina
