// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rng.h: the one source of randomness. The same (seed, stream) gives the same numbers on every machine:
// no std:: distribution is used, since those differ between libraries.
//   xoshiro256++ seeded by SplitMix64 [Blackman, Vigna. Scrambled Linear Pseudorandom Number Generators.
//   ACM TOMS 2021]
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

namespace concertina {

class Rng {
 public:
  // `stream` keeps uses apart: Rng(seed, "shuffle", epoch) and Rng(seed, "dropout", step) never correlate.
  explicit Rng(uint64_t seed, std::string_view stream = "", uint64_t index = 0) {
    // Mixed first: seed ^ letter would let two seeds share a stream. Another constant than the index's:
    // seed and index would be exchangeable.
    uint64_t state = Mix(seed + 0xd1b54a32d192ed03ULL);
    for (const char c : stream) state = Mix(state ^ static_cast<unsigned char>(c));
    state = Mix(state ^ Mix(index + 0x9e3779b97f4a7c15ULL));
    for (uint64_t& word : state_) word = SplitMix(state);
  }

  uint64_t Next() {
    const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), 53 bits.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }

  // Uniform in [0, n), n >= 1, without bias (Lemire's multiplication with rejection).
  uint64_t Below(uint64_t n) {
    uint64_t low = 0, high = Product(Next(), n, low);
    if (low < n) {
      const uint64_t threshold = -n % n;
      while (low < threshold) high = Product(Next(), n, low);
    }
    return high;
  }

  // Standard normal, Box-Muller; the second of the pair is not kept, so that a call has no hidden state.
  double Normal() {
    const double u = 1.0 - Uniform();
    const double v = Uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
  }

  // Gamma(shape, 1), shape > 0 [Marsaglia, Tsang. ACM TOMS 2000]; for Dirichlet partitions.
  double Gamma(double shape) {
    if (shape < 1) return Gamma(shape + 1) * std::pow(1.0 - Uniform(), 1.0 / shape);
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
      const double x = Normal();
      const double v = std::pow(1.0 + c * x, 3);
      if (v > 0 && std::log(1.0 - Uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }

  template <class T>
  void Shuffle(std::span<T> items) {  // Fisher-Yates
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  static uint64_t SplitMix(uint64_t& state) { return Mix(state += 0x9e3779b97f4a7c15ULL); }

  // a b of 128 bits: gives back the upper half.
  static uint64_t Product(uint64_t a, uint64_t b, uint64_t& low) {
#ifdef __SIZEOF_INT128__
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    low = static_cast<uint64_t>(product);
    return static_cast<uint64_t>(product >> 64);
#else  // a processor of 32 bits
    const uint64_t a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffff);
    low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
#endif
  }

  uint64_t state_[4];
};

}  // namespace concertina
