// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_ranks.h: benchmarks between real processes: the running program, started again once a rank.
// On the way of the data: app/ctl's `bench` -> comm/bench_transport.h, comm/bench_collective.h -> here.
//
// A program that offers them serves the hidden command before it parses anything else:
//   if (IsBenchRank(argc, argv)) return ServeBenchRank(argc, argv);
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/comm/transport.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

// `PROGRAM bench-rank JOB RANK FD`.
bool IsBenchRank(int argc, char** argv);
// Runs one rank and gives the program's exit status. Ends when the asking process does.
int ServeBenchRank(int argc, char** argv);

// What a rank does: rank 0's JSON is the result. `job` is what RunBenchRanks was given.
using BenchJob = std::function<absl::StatusOr<Json>(Transport& transport, const Json& job)>;
// Registers a job by name; true, so that a file can do it while it loads.
bool AddBenchJob(const std::string& name, BenchJob job);

// Starts `ranks` processes, connects them over the transport of kind `transport`, runs `job` in each and
// gives what rank 0 said. `with_tls`: as between hosts, with certificates of an authority made for it; for
// kinds that have it ("grpc"). kFailedPrecondition if the running program does not serve `bench-rank`. No
// process is left behind.
absl::StatusOr<Json> RunBenchRanks(const std::string& name, int ranks, const Json& job,
                                   double deadline_seconds, const std::string& transport = "grpc",
                                   bool with_tls = false);

double Median(std::vector<double> values);

}  // namespace concertina
