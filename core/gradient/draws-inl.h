// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draws-inl.h: the random number of an element, a vector at a time, the same with every instruction set.
// On the way of the data: levels.cc, natural.cc -> here.
// A counter is hashed: the index and the key go through the shifts and multiplications of MurmurHash3's
// finaliser [Appleby 2011], with the second half of the key between them, so that two keys are not one
// sequence in another order. Counter-based numbers as in [Salmon et al. Parallel Random Numbers: As Easy as
// 1, 2, 3. SC 2011], with fewer rounds: they round gradients, and need not withstand more than that.

#if defined(CONCERTINA_DRAWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CONCERTINA_DRAWS_INL_H
#undef CONCERTINA_DRAWS_INL_H
#else
#define CONCERTINA_DRAWS_INL_H
#endif

#include "core/gradient/draws.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

template <class DU>
class Draws {
 public:
  using V = hwy::HWY_NAMESPACE::Vec<DU>;
  Draws(DU d, DrawKey key)
      : lanes_(hwy::HWY_NAMESPACE::Iota(d, 0)),
        first_(hwy::HWY_NAMESPACE::Set(d, key.first)),
        second_(hwy::HWY_NAMESPACE::Set(d, key.second)) {}

  // 32 bits of which the upper are the better ones, for the elements from `index` on.
  HWY_INLINE V At(uint32_t index) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const DU d;
    V h = hn::Xor(hn::Add(hn::Set(d, index), lanes_), first_);
    h = hn::Mul(hn::Xor(h, hn::ShiftRight<16>(h)), hn::Set(d, 0x85ebca6bU));
    h = hn::Xor(hn::Xor(h, hn::ShiftRight<13>(h)), second_);
    return hn::Mul(h, hn::Set(d, 0xc2b2ae35U));
  }

 private:
  V lanes_, first_, second_;  // Highway's Iota goes through memory: once is enough
};

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each instruction set
