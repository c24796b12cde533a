// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// target.cc: what targets share (see target.h), and the operator new that holds them to their bounds.
#include "tests/fuzz/target.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace {

struct Watch {
  bool is_on = false;
  uint64_t most_one = 0, most_all = 0, all = 0;
};
constinit thread_local Watch watch;

void Count(size_t bytes) {
  if (!watch.is_on) return;
  watch.all += bytes;
  if (bytes <= watch.most_one && watch.all <= watch.most_all) return;
  watch.is_on = false;
  std::fprintf(stderr, "an allocation of %zu bytes, %llu in all; at most %llu and %llu are allowed\n", bytes,
               static_cast<unsigned long long>(watch.all), static_cast<unsigned long long>(watch.most_one),
               static_cast<unsigned long long>(watch.most_all));
  std::abort();
}

void* Allocate(size_t bytes) {
  Count(bytes);
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  Count(bytes);
  const auto to = static_cast<size_t>(alignment);
  void* memory = std::aligned_alloc(to, (std::max<size_t>(bytes, 1) + to - 1) / to * to);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
// std::stable_sort asks so, and gives back as usual: under a sanitizer the two must be of one kind.
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  Count(bytes);
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace concertina {
namespace {

absl::Status& LastNote() {
  static absl::Status note;
  return note;
}

}  // namespace

void Note(const absl::Status& outcome) { LastNote() = outcome; }
absl::Status TakeNote() { return std::exchange(LastNote(), absl::OkStatus()); }

void Require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

AllocationBound::AllocationBound(const Bytes& most) {
  Require(!watch.is_on, "one bound at a time");
  watch = {.is_on = true, .most_one = most.one, .most_all = most.all};
}
AllocationBound AllocationBound::OfClaimed(uint64_t claimed_bytes) {
  // A vector that grows has asked for twice its end in all. 4 KiB, 64 KiB: messages, and names within them.
  return AllocationBound({.one = 2 * claimed_bytes + 4096, .all = 4 * claimed_bytes + 65536});
}
AllocationBound::~AllocationBound() { watch.is_on = false; }

MemoryFile::MemoryFile() : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
  Require(file_ >= 0, "memfd_create failed");
  path_ = "/proc/self/fd/" + std::to_string(file_);
}
MemoryFile::~MemoryFile() { close(file_); }
void MemoryFile::Write(std::span<const uint8_t> bytes) {
  Require(ftruncate(file_, 0) == 0, "ftruncate failed");
  Require(pwrite(file_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "writing the input to memory failed");
}

uint8_t InputReader::Byte() { return static_cast<uint8_t>(Number(1)); }
uint64_t InputReader::Number(int bytes) {
  uint64_t number = 0;
  const std::span<const uint8_t> taken = Bytes(static_cast<size_t>(bytes));
  if (!taken.empty()) std::memcpy(&number, taken.data(), taken.size());
  return number;
}
std::span<const uint8_t> InputReader::Bytes(size_t count) {
  const std::span<const uint8_t> taken = rest_.first(std::min(count, rest_.size()));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

}  // namespace concertina
