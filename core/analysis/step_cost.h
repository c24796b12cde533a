// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_cost.h: how long a step is expected to take, from few measured numbers and who sends what to whom.
// On the way of the data: experiment/plan.h's JSON, experiment/calibration.h -> here -> plan's step_seconds.
//
// An alpha-beta model [Thakur, Rabenseifner, Gropp. Optimization of Collective Communication Operations in
// MPICH. IJHPCA 2005] over the flows of an exchange, with what one machine's ranks take from each other:
//
//   compute        c s q / (min v (1 - bubble))         s = max(1, T sum v / C)
//   machine        alpha R max(1, N / C) + beta max(B, sum B / C)
//   link           R max l + max(R max_r (sum t_f / sum m_f), max t_f)     t_f = 8 bytes_f / b_f
//   communication  max(machine, link): an emulated link holds back what the machine has carried already
//   codec          e s                                  encode, communicate, decode: one after the other
//   x              communication + codec
//   exposed        (1 - h) x + max(h x / K, h x - p compute (K - 1) / K), and at least machine + codec where
//                  the ranks' threads need all cores: what they compute then waits for what they send
//   total          compute + exposed
//
// c: a rank's seconds alone on its cores; e: those of its codecs, packing and unpacking; q: its slowest
// part's arithmetic against the mean; v: speeds; T: threads of a rank; C: cores; N: ranks on this machine; R:
// rounds; B: bytes that a rank sends or receives, the busiest one's, and the sum over this machine; l, b:
// latency and bandwidth of a flow's link; m_f its messages. R times the mean message of a rank: in each round
// it sends one to a partner, or to several at once, which have links of their own. The share h of the bytes
// goes in K equal buckets, one after the other, evenly beside the share p of the computing: of most exchanges
// all, beside the backward pass, which is two thirds; ZeRO gathers parameters after it in stages 1 and 2, and
// beside both passes in stage 3. With one bucket nothing overlaps.
//
// Not in it: the loading of samples, and what evaluations and checkpoints take.
#pragma once

#include <string>
#include <vector>

#include "core/analysis/traffic_map.h"

namespace concertina {

// A machine, measured.
struct MachineCost {
  int cores = 1;
  double alpha_seconds = 0;          // a short message's way from one process to another
  double beta_seconds_per_byte = 0;  // what each further byte adds
};

struct StepRank {
  double speed = 1;  // 0 < v <= 1, emulated; who is slow sleeps, and leaves its core to others
  bool is_here =
      true;  // shares the cores with all others that are; else it has a machine like this for itself
};

struct StepWork {
  double compute_seconds = 0;
  double codec_seconds = 0;  // e
  double slowest_part = 1;
  double bubble = 0;  // share of a step that the stages of a pipeline wait, below 1
  int threads = 1;
  int buckets = 1;
  double beside_share = 1;           // h
  double beside_passes = 2.0 / 3.0;  // p
  std::vector<StepRank> ranks;       // servers too, which only send and receive: the map says who they are
};

struct StepSeconds {
  double compute = 0;
  double communication = 0;
  double codec = 0;
  double exposed = 0;  // of both, what a step waits for
  double total = 0;
  std::string dominated_by;  // "compute", "codec", or of the communication "bandwidth" or "latency"
};

StepSeconds EstimateStep(const StepWork& work, const TrafficMap& traffic, const MachineCost& machine);

}  // namespace concertina
