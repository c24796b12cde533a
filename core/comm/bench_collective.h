// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_collective.h: how long a collective takes between real processes on this host.
// On the way of the data: app/ctl's `bench collective` -> here -> comm/bench_ranks.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

using Json = nlohmann::json;

// Every all-reduce of all_reduce.h, each also with "-fp16"; "reduce-scatter", "all-gather", "broadcast".
std::vector<std::string> BenchCollectiveAlgorithms();

// {"ranks", "algorithm", "transport", "results": [{"bytes", "median_seconds", "bytes_per_second"}]}, as
// `bench collective --json` prints it: bytes of the vector (all-gather: of one rank's part), seconds of rank
// 0 from a barrier to the end. `group` is of "hierarchical"; with "auto" a result also names the way
// "chosen". `kind` of transport: grpc or shared-memory. The program must serve `bench-rank` (bench_ranks.h).
// kInvalidArgument names what cannot be.
absl::StatusOr<Json> BenchCollective(int ranks, const std::string& algorithm,
                                     const std::vector<int64_t>& bytes, int group = 2,
                                     const std::string& kind = "grpc");

}  // namespace concertina
