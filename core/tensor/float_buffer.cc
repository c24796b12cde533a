// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// float_buffer.cc: aligned memory of zeros.
// On the way of the data: graph/memory_plan.h -> here -> every kernel of core/tensor.
#include "core/tensor/float_buffer.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace concertina {
namespace {

constexpr size_t kLine = 64;
constexpr size_t kHugePage = size_t{2} << 20;

size_t RoundedBytes(int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * sizeof(float);
  const size_t alignment = bytes >= kHugePage ? kHugePage : kLine;
  return (bytes + alignment - 1) / alignment * alignment;
}

// Straight from the system, which gives zeros when a page is first written: malloc may hand out memory that
// was used before, and writing zeros would take all of it at once.
void* MapHugePages(size_t bytes) {
  void* const mapped =
      ::mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  const auto begin = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  void* const memory = reinterpret_cast<void*>(first);
  if (first > begin) ::munmap(mapped, first - begin);
  if (begin + kHugePage > first) ::munmap(static_cast<std::byte*>(memory) + bytes, begin + kHugePage - first);
  // Advice only: where the kernel has no huge pages, small ones serve.
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

FloatBuffer::FloatBuffer(int64_t count) : count_(count) {
  if (count == 0) return;
  const size_t bytes = RoundedBytes(count);
  if (bytes >= kHugePage) {
    data_ = static_cast<float*>(MapHugePages(bytes));
    return;
  }
  void* memory = std::aligned_alloc(kLine, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, 0, bytes);
  data_ = static_cast<float*>(memory);
}

void FloatBuffer::Free() {
  if (data_ == nullptr) return;
  if (const size_t bytes = RoundedBytes(count_); bytes >= kHugePage)
    ::munmap(data_, bytes);
  else
    std::free(data_);
}

FloatBuffer::FloatBuffer(FloatBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}

FloatBuffer& FloatBuffer::operator=(FloatBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(count_, other.count_);
  return *this;
}

FloatBuffer::~FloatBuffer() { Free(); }

}  // namespace concertina
