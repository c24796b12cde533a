// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pages.cc: see pages.h.
#include "core/tensor/pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace concertina {
namespace {

uintptr_t PageBytes() {
  static const auto bytes = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

struct Pages {
  uintptr_t begin = 0, end = 0;  // addresses
  void* address() const { return reinterpret_cast<void*>(begin); }
  size_t bytes() const { return end - begin; }
};

Pages PagesWithin(std::span<const float> values) {
  const uintptr_t page = PageBytes();
  const auto begin = reinterpret_cast<uintptr_t>(values.data());
  const uintptr_t first = (begin + page - 1) / page * page;
  return {first, std::max(first, (begin + values.size_bytes()) / page * page)};
}

Pages PagesAround(std::span<const float> values) {
  const uintptr_t page = PageBytes();
  const auto begin = reinterpret_cast<uintptr_t>(values.data());
  return {begin / page * page, (begin + values.size_bytes() + page - 1) / page * page};
}

}  // namespace

void KeepInSmallPages(std::span<float> values) {
  const Pages pages = PagesWithin(values);
  // Advice only: a kernel without huge pages has nothing to keep.
  if (pages.bytes() > 0) ::madvise(pages.address(), pages.bytes(), MADV_NOHUGEPAGE);
}

void GiveBackPages(std::span<float> values) {
  const Pages pages = PagesWithin(values);
  if (pages.bytes() > 0) ::madvise(pages.address(), pages.bytes(), MADV_DONTNEED);
}

int64_t ResidentBytes(std::span<const float> values) {
  const Pages pages = PagesAround(values);
  std::vector<unsigned char> there(pages.bytes() / PageBytes());
  if (there.empty() || ::mincore(pages.address(), pages.bytes(), there.data()) != 0) return 0;
  return std::count_if(there.begin(), there.end(), [](unsigned char page) { return (page & 1) != 0; }) *
         static_cast<int64_t>(PageBytes());
}

}  // namespace concertina
