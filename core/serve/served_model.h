// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_model.h: a model file with what is told of it, and the answer to one request.
// On the way of the data: edge/model_file.h -> here (edge/runtime.h) -> serve/model_service.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/edge/runtime.h"
#include "core/proto/model.pb.h"

namespace concertina {

inline constexpr int64_t kMostSamplesOfACall = 256;
inline constexpr int64_t kMostSampleBytesOfACall = 4 << 20;  // as floats; one sample may be larger
inline constexpr int64_t kMostElementsOfASample = 1 << 24;
// Of a model; and of a call: its samples times its classes, for each may be told of each.
inline constexpr int64_t kMostClasses = 1 << 24;
inline constexpr int kMostServingThreads = 64;

// What a reply takes as a message at most. A class: its score (two keys of the fields in it, one of its own,
// a length, an index below kMostClasses in 4 bytes, a probability in 8), and its logit. A sample: two keys
// with lengths of up to 5 bytes, and its time.
inline constexpr int64_t kReplyBytesOfAClass = 2 + (1 + 4) + (1 + 8) + 4;
inline constexpr int64_t kReplyBytesOfASample = 2 * (1 + 5) + (1 + 8);
inline constexpr int64_t kMostReplyBytes =
    kMostClasses * kReplyBytesOfAClass + kMostSamplesOfACall * kReplyBytesOfASample;
static_assert(kMostReplyBytes < INT32_MAX, "gRPC counts a message's bytes in an int");

struct ServedModel {
  proto::ModelDescription description;
  std::vector<std::unique_ptr<EdgeModel>> runtimes;  // one a thread: each has buffers of its own
};

// Reads the file and makes `threads` runtimes of it. kNotFound; kInvalidArgument: no file, a sample larger
// than kMostElementsOfASample, more classes than kMostClasses, or a part of a model; kDataLoss, with the
// offset: no .edge file, or not all of one. Each says what to do.
absl::StatusOr<ServedModel> LoadServedModel(const std::string& path, int threads);

// What a request may have as a message: the samples, and room for the rest of it.
int MostRequestBytes(const proto::ModelDescription& model);

// Every length and number of the request, before one of its bytes is used. kInvalidArgument says what was
// found and what was expected.
absl::Status CheckClassifyRequest(const proto::ModelDescription& model,
                                  const proto::ClassifyRequest& request);

// For a request that was checked. `go_on` is asked before each sample; an error ends it with that error.
// kOutOfRange: what the model gives for a sample is not finite.
absl::Status AnswerRequest(EdgeModel& model, const proto::ClassifyRequest& request,
                           const std::function<absl::Status()>& go_on, proto::ClassifyReply& reply);

}  // namespace concertina
