// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_transport.h: the echo of the gRPC transport beside that of a bare TCP socket, between two processes.
// On the way of the data: app/ctl's `bench transport` -> here -> comm/bench_ranks.h.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

using Json = nlohmann::json;

// {"transport", "results": [{"bytes", "median_seconds", "bytes_per_second", "tcp_median_seconds",
// "tcp_bytes_per_second"}]}: seconds there and back, bytes a second each way (2 x bytes / seconds). The two
// are timed in turn, so that both have the machine's same moments. The program must serve `bench-rank`
// (bench_ranks.h).
absl::StatusOr<Json> BenchTransport(const std::vector<int64_t>& bytes, double seconds_a_size = 1);

}  // namespace concertina
