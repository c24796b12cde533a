// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// processor.cc: what Highway's library tells of the processor, for a program without that library: Debian has
// no static one. On the way of the data: core/edge's kernels ask here which of their
// forms to take.
#include "hwy/targets.h"

namespace hwy {

// Those that the kernels have been compiled for (core/edge/kernel_targets.h), best first bit.
int64_t SupportedTargets() {
#if HWY_ARCH_X86
  __builtin_cpu_init();
  int64_t targets = HWY_STATIC_TARGET;
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
                        __builtin_cpu_supports("bmi2") != 0;
  if (!has_avx2) return targets;
  targets |= HWY_AVX2;
  const bool has_avx3 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                        __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  if (!has_avx3) return targets;
  targets |= HWY_AVX3;
  if (__builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
      __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512bitalg") != 0 &&
      __builtin_cpu_supports("avx512vpopcntdq") != 0 && __builtin_cpu_supports("gfni") != 0 &&
      __builtin_cpu_supports("vpclmulqdq") != 0)
    targets |= HWY_AVX3_DL;
  return targets;
#else
  return HWY_STATIC_TARGET;
#endif
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
