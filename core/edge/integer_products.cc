// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_products.cc: see integer_products.h.
#include "core/edge/integer_products.h"

#include "hwy/targets.h"
#if HWY_ARCH_X86
#include <cpuid.h>
#elif HWY_ARCH_ARM
#include <sys/auxv.h>
#endif

namespace concertina {

// The kernels have a form with VNNI for what Highway calls AVX3_DL, which is more than VNNI alone: processors
// that have that and not the rest (Cascade Lake, or AVX-VNNI without AVX-512) take the form without it.
IntegerProducts IntegerProductsHere() {
#if HWY_ARCH_X86
  const int64_t targets = hwy::SupportedTargets();
  if ((targets & HWY_AVX3_DL) != 0) return {"avx512-vnni", true};
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vnni") != 0) return {"avx512-vnni", false};
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kAvxVnni = 1U << 4;  // leaf 7, subleaf 1, EAX
  const bool has_avx2 = (targets & HWY_AVX2) != 0;
  if (has_avx2 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kAvxVnni) != 0)
    return {"avx-vnni", false};
  if (has_avx2) return {"avx2", true};
  return {"none", false};
#elif HWY_ARCH_ARM_A64
  constexpr unsigned long kDotProduct = 1UL << 20;  // HWCAP_ASIMDDP
  if ((getauxval(AT_HWCAP) & kDotProduct) != 0) return {"dot-product", false};
  return {"neon", true};
#elif HWY_ARCH_ARM
  return {"neon", true};
#else
  return {"none", false};
#endif
}

std::string IntegerExpectation(const IntegerProducts& products) {
  if (products.instructions == "avx512-vnni" && products.used)
    return "This processor multiplies and adds whole numbers in one instruction (AVX-512 VNNI), and the "
           "runtime uses it: expect a quarter of the bytes and faster answers, the more so the larger the "
           "layers.";
  if (products.instructions == "avx512-vnni" || products.instructions == "avx-vnni")
    return "This processor has instructions for products of bytes (VNNI), but not the set of them that the "
           "runtime uses; it takes products of 16 bits: expect a quarter of the bytes, and answers somewhat "
           "faster or as fast.";
  if (products.instructions == "avx2")
    return "This processor has no instructions for products of bytes (VNNI); the runtime takes products of "
           "16 bits (AVX2): expect a quarter of the bytes, and answers somewhat faster or as fast, since "
           "converting eats some of the gain.";
  if (products.instructions == "dot-product")
    return "This processor has the dot product of bytes, which the runtime does not use: its products have "
           "16 "
           "bits (NEON). Expect a quarter of the bytes, and answers somewhat faster or as fast.";
  if (products.instructions == "neon")
    return "This processor has no dot product of bytes; the runtime takes products of 16 bits (NEON): expect "
           "a quarter of the bytes, and answers somewhat faster or as fast.";
  return "This processor has no vector instructions that the runtime takes for whole numbers: expect a "
         "quarter "
         "of the bytes, and answers as fast as with floats or slower.";
}

}  // namespace concertina
