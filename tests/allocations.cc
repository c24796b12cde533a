// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// allocations.cc: the operator new of test programs (see allocations.h).
#include "tests/allocations.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace concertina {

std::atomic<int64_t> allocations = 0;
thread_local size_t largest_allocation = 0;

}  // namespace concertina

void* operator new(size_t bytes) {
  ++concertina::allocations;
  concertina::largest_allocation = std::max(concertina::largest_allocation, bytes);
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
