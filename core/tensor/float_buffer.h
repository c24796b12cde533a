// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// float_buffer.h: memory for tensors: zero, on a cache line's border, in huge pages when it is large.
// On the way of the data: graph/memory_plan.h says how much -> here -> every kernel of core/tensor.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

// Owns its floats; moved, never copied. A large one takes memory only where it is written, so that who fills
// it piece by piece and gives pieces back (pages.h) never has it whole. Huge pages matter: the kernels walk
// many rows of a matrix at once, and each row of a large one lies on a page of its own.
class FloatBuffer {
 public:
  FloatBuffer() = default;
  explicit FloatBuffer(int64_t count);  // std::bad_alloc when memory is exhausted, as new
  FloatBuffer(FloatBuffer&& other) noexcept;
  FloatBuffer& operator=(FloatBuffer&& other) noexcept;
  FloatBuffer(const FloatBuffer&) = delete;
  FloatBuffer& operator=(const FloatBuffer&) = delete;
  ~FloatBuffer();

  float* data() { return data_; }
  const float* data() const { return data_; }
  int64_t size() const { return count_; }
  std::span<float> span() { return {data_, static_cast<size_t>(count_)}; }
  std::span<const float> span() const { return {data_, static_cast<size_t>(count_)}; }

 private:
  void Free();

  float* data_ = nullptr;
  int64_t count_ = 0;
};

}  // namespace concertina
