// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// calibration.h: what a step of a model, and a message between two processes, take on this machine: measured
// once, kept in a file with date and processor, so that a second plan is instant.
// On the way of the data: experiment/plan.h -> here -> engine/step_estimate.h -> analysis/step_cost.h.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/experiment/plan.h"
#include "core/experiment/spec.h"
#include "core/gradient/bench_codec.h"
#include "nlohmann/json.hpp"

namespace concertina {

struct TransportCost {
  double alpha_seconds = 0;          // a short message, one way
  double beta_seconds_per_byte = 0;  // each further byte
};

// Of echoes (there and back): alpha is half of the shortest message's, beta the slope to the longest's.
struct EchoTime {
  int64_t bytes = 0;
  double seconds = 0;
};
TransportCost TransportCostOf(const std::vector<EchoTime>& echoes);

// Samples of the batch to be measured with: a large model's step is measured with fewer and taken as many
// times as long, so that measuring takes seconds and not minutes.
int64_t MeasuredBatch(int64_t batch_size, double training_flops_per_sample);

// The file is one JSON object: transport {cpu, measured, alpha_seconds, beta_seconds_per_byte} of gRPC,
// transports {kind: the same} of the others, disk {cpu, measured, bytes_per_second}, steps [{what, cpu,
// measured, batch_size, seconds}], and codecs [{what, cpu, measured, encode_seconds, decode_seconds}], the
// newest last. What cannot be read, or was measured on another
// processor, is as if it were not there. Any thread may ask; one measures at a time.
class Calibration {
 public:
  enum class Measure {
    kNever,      // what is known
    kIfMissing,  // takes seconds where nothing is known
    kAgain,
  };

  struct Means {
    // Seconds of one step of `plan`'s whole model by one worker, forwards, backwards and update.
    std::function<absl::StatusOr<double>(const Spec& spec, const Plan& plan, int64_t batch_size)> step;
    std::function<absl::StatusOr<TransportCost>(const std::string& kind)> transport;
    // Bytes a second that the disk of `folder` writes and flushes; empty: nobody knows.
    std::function<absl::StatusOr<double>(const std::string& folder)> disk = {};
    // What a chain of codecs takes for so many floats; empty: nobody knows.
    std::function<absl::StatusOr<CodecSeconds>(std::span<const Params> chain, int64_t floats)> codec = {};
  };
  // Real steps on random data, and echoes between processes of this program, which must serve `bench-rank`
  // (comm/bench_ranks.h).
  static Means RealMeans(const std::string& kernels_file);

  Calibration(std::string file, Means means) : file_(std::move(file)), means_(std::move(means)) {}

  // Of one worker that is alone on its cores; nothing where it is not known and may not be measured. Errors:
  // those of measuring. That a result cannot be kept is logged, and no error.
  absl::StatusOr<std::optional<double>> StepSecondsOf(const Spec& spec, const Plan& plan, Measure measure);
  // Of a transport between processes, by its kind.
  absl::StatusOr<std::optional<TransportCost>> Transport(const std::string& kind, Measure measure);
  // Of a chain of codecs for `floats` floats, on one thread: of many measured with 2^20, and taken as many
  // times as long.
  absl::StatusOr<std::optional<CodecSeconds>> CodecSecondsOf(std::span<const Params> chain, int64_t floats,
                                                             Measure measure);
  // Of the disk that the file is on, which is the home's.
  absl::StatusOr<std::optional<double>> DiskBytesPerSecond(Measure measure);

 private:
  Json Read() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Keep(const Json& file) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string file_;
  const Means means_;
  absl::Mutex mutex_;  // while a file is read or written, and while one measures
};

}  // namespace concertina
