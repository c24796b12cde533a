// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pattern.h: who sends what to whom in a step, as an exchange says it of itself: what plan prints, the
// desktop draws, and tests hold against the bytes that were counted. On the way of the data:
// parallel/exchange.h -> here -> experiment/plan.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace concertina {

// One of the all-reduces that a codec with rounds makes of each bucket (gradient/codec.h, SummedRounds).
struct SummedRound {
  double bytes = 0;    // of all buckets together
  double buckets = 0;  // that have anything to send in it
};

// What is to be agreed on.
struct Traffic {
  int64_t floats = 0;          // d, of the parameters
  int ranks = 1;               // N, of the data axis
  int64_t encoded_bytes = -1;  // payload of one rank's encoders, where a gathered codec is used; -1: dense
  bool combines = false;       // a server answers with a payload too (gradient/codec.h)
  double element_bytes = 4;    // of what is summed: 2 with a codec of halves
  // Where the codec's payloads are summed in rounds, for who sums; `encoded_bytes` is for who gathers.
  std::vector<SummedRound> summed_rounds;
  int64_t buckets = 1;
  int64_t all_buckets = 0;  // of the whole step, where `floats` and `buckets` are of one chain of several
  int64_t buffers = 0;      // floats of running statistics (batch norm), for who averages them too
};

// All that one rank sends to another, on average over the steps of a run.
struct Flow {
  int from = 0;
  int to = 0;
  double bytes = 0;     // payload a step
  double messages = 0;  // a step
};

// How much of an exchange goes beside the computing, where it goes in buckets.
struct Overlap {
  double share = 1;           // of the bytes
  double passes = 2.0 / 3.0;  // of the computing, beside which they go: the backward pass is two thirds of it
};

struct Pattern {
  std::vector<Flow> flows;
  Overlap beside;
  // Messages that wait for one another, a step: with a latency of alpha the exchange takes at least
  // rounds alpha.
  double rounds = 0;
  // Where there is a codec: how often it packs, and unpacks, as many floats as a rank has, on the way of a
  // step; the busiest rank's.
  double encodes = 1, decodes = 1;

  // Of the busiest sender.
  double BusiestBytes() const { return Busiest(&Flow::bytes); }
  double BusiestMessages() const { return Busiest(&Flow::messages); }

 private:
  double Busiest(double Flow::*figure) const {
    std::vector<double> sums;
    for (const Flow& flow : flows) {
      if (static_cast<size_t>(flow.from) >= sums.size()) sums.resize(static_cast<size_t>(flow.from) + 1);
      sums[static_cast<size_t>(flow.from)] += flow.*figure;
    }
    return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
  }
};

}  // namespace concertina
