// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_transport.h: the echo of a transport beside those of a bare TCP socket and a bare Unix socket,
// between two processes. On the way of the data: app/ctl's `bench transport` -> here -> comm/bench_ranks.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

using Json = nlohmann::json;

// {"transport", "results": [{"bytes", "median_seconds", "bytes_per_second", "tcp_median_seconds",
// "tcp_bytes_per_second", "unix_median_seconds", "unix_bytes_per_second"}]}: seconds there and back, bytes a
// second each way (2 x bytes / seconds). The three are timed in turn, so that all have the machine's same
// moments. `kind` is one that works between processes; `with_tls` as RunBenchRanks has it. The program must
// serve `bench-rank` (bench_ranks.h).
absl::StatusOr<Json> BenchTransport(const std::vector<int64_t>& bytes, double seconds_a_size = 1,
                                    const std::string& kind = "grpc", bool with_tls = false);

}  // namespace concertina
