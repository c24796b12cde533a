// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_sums-inl.h: products of pairs of whole numbers, and their sums. On the way of the data:
// integer_convolution.cc and integer_channels.cc include it, once for each instruction set.

#if defined(CONCERTINA_EDGE_INTEGER_SUMS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CONCERTINA_EDGE_INTEGER_SUMS_INL_H
#undef CONCERTINA_EDGE_INTEGER_SUMS_INL_H
#else
#define CONCERTINA_EDGE_INTEGER_SUMS_INL_H
#endif

#include <cstring>

#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// Pairs of 16 bits are held as whole numbers of 32: without vectors there is one such number, and no vector
// of two halves. (There, products of vectors of 16 bits leave out every second one.)
HWY_INLINE IntV LoadPairs(const int16_t* from) {
#if HWY_TARGET == HWY_SCALAR
  int32_t both;
  std::memcpy(&both, from, sizeof(both));
  return hn::Set(Ints(), both);
#else
  return hn::BitCast(Ints(), hn::LoadU(Shorts(), from));
#endif
}
HWY_INLINE IntV LoadPairs(const int8_t* from) {
#if HWY_TARGET == HWY_SCALAR
  const int16_t both[2] = {from[0], from[1]};
  return LoadPairs(both);
#else
  const hn::Rebind<int8_t, Shorts> d8;
  return hn::BitCast(Ints(), hn::PromoteTo(Shorts(), hn::LoadU(d8, from)));
#endif
}
HWY_INLINE IntV SetPairs(const int16_t* pair) {
  int32_t both;
  std::memcpy(&both, pair, sizeof(both));
  return hn::Set(Ints(), both);
}

// As below, as Highway has it.
HWY_INLINE void AddProductsInTwo(IntV a, IntV b, IntV& sum, IntV& other) {
#if HWY_TARGET == HWY_SCALAR
  const int32_t x = hn::GetLane(a), y = hn::GetLane(b);
  const int32_t low = static_cast<int16_t>(x) * static_cast<int16_t>(y), high = (x >> 16) * (y >> 16);
  sum = hn::Set(Ints(), hn::GetLane(sum) + low + high);
  (void)other;
#else
  const Shorts d16;
  sum = hn::ReorderWidenMulAccumulate(Ints(), hn::BitCast(d16, a), hn::BitCast(d16, b), sum, other);
#endif
}

// sum += the products of pairs of 16 bits; with VNNI in one instruction (vpdpwssd), which this version of
// Highway does not use; with AVX2 in two that GCC does not take apart; else spread over two sums as is best
// there (RearrangeToOddPlusEven joins them). Local variables, since an operand within an array keeps all of
// the array in memory.
HWY_INLINE void AddProducts(IntV a, IntV b, IntV& sum, IntV& other) {
#if HWY_TARGET == HWY_AVX3_DL
  __m512i total = sum.raw;
  __asm__("vpdpwssd %2, %1, %0" : "+v"(total) : "v"(a.raw), "v"(b.raw));
  sum = IntV{total};
  (void)other;
#elif HWY_TARGET == HWY_AVX2
  __m256i product, total = sum.raw;
  __asm__("vpmaddwd %2, %1, %0" : "=x"(product) : "x"(a.raw), "x"(b.raw));
  __asm__("vpaddd %1, %0, %0" : "+x"(total) : "x"(product));
  sum = IntV{total};
  (void)other;
#else
  AddProductsInTwo(a, b, sum, other);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each instruction set
