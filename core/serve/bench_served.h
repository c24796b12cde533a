// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_served.h: how long an answer of a served model takes its caller, beside the time inside the model.
// On the way of the data: serve/model_client.h -> here -> app/ctl.
#pragma once

#include <functional>
#include <span>

#include "core/edge/latency.h"
#include "core/serve/model_client.h"

namespace concertina {

struct ServedLatency {
  Latency call;                   // as the caller sees it: message, way, wait, model, and back
  Latency model;                  // inside the model, all samples of a call together
  double samples_per_second = 0;  // of one caller, who asks again as soon as he has his answer
};

struct ServedBench {
  int64_t queries = 1024;  // calls; a tenth of them more first, untimed, as in edge/latency.h
  int64_t batch = 1;       // samples of a call, at most the model's most_samples
};

// `samples`: whole ones, at least one; taken in turns. The first error of a call ends it. kInvalidArgument:
// more samples a call than the model takes.
absl::StatusOr<ServedLatency> BenchServed(ModelClient& client, const ServedBench& bench,
                                          std::span<const float> samples);

}  // namespace concertina
