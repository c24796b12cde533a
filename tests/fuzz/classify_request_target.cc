// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// classify_request_target.cc: what a caller asks of a served model, from the bytes of its message to the
// answer.
// Input: the message, a ClassifyRequest.
#include <algorithm>
#include <cmath>

#include "core/nn/layers.h"
#include "core/serve/served_model.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr int64_t kClasses = 3;
constexpr int64_t kElements = 4;

// Of 1x2x2; made once.
EdgeModel& Model() {
  static const std::unique_ptr<EdgeModel> model = [] {
    Layers net("asked", {1, 2, 2});
    absl::StatusOr<Graph> graph = net.Classify("pixels", kClasses);
    Require(graph.ok(), "the model is not built");
    for (const ValueId id : graph->parameters())
      graph->mutable_value(id).given = std::make_shared<const std::vector<float>>(
          static_cast<size_t>(ElementCount(graph->value(id).shape)), 0.5F);
    absl::StatusOr<std::unique_ptr<EdgeModel>> made = EdgeModel::Create(*graph);
    Require(made.ok(), "the model is not loaded");
    return *std::move(made);
  }();
  return *model;
}

proto::ModelDescription Description() {
  proto::ModelDescription description;
  for (const int64_t extent : {1, 2, 2}) description.add_sample_shape(extent);
  description.set_classes(kClasses);
  description.set_most_samples(16);
  return description;
}

FuzzBytes MessageOf(proto::ClassifyRequest::Encoding encoding, int64_t count, int64_t top, bool logits) {
  proto::ClassifyRequest request;
  request.set_encoding(encoding);
  request.set_sample_count(count);
  request.set_top(top);
  request.set_logits(logits);
  const size_t bytes = encoding == proto::ClassifyRequest::FLOATS ? 4 : 1;
  request.set_samples(std::string(static_cast<size_t>(count * kElements) * bytes, '\x3f'));
  const std::string message = request.SerializeAsString();
  return {message.begin(), message.end()};
}

}  // namespace

FuzzInputs InputsOfTarget() {
  using Request = proto::ClassifyRequest;
  FuzzInputs inputs;
  inputs.seeds = {MessageOf(Request::FLOATS, 1, 0, false), MessageOf(Request::FLOATS, 3, 2, true),
                  MessageOf(Request::PIXELS, 16, 3, false), MessageOf(Request::PIXELS, 1, INT64_MAX, true)};
  inputs.words = {std::string("\0\0\xc0\x7f", 4), std::string("\0\0\x80\x7f", 4),  // NaN, infinity
                  std::string("\xff\xff\x7f\x7f", 4)};                             // the largest float
  inputs.most_bytes = 512;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static const proto::ModelDescription description = Description();
  EdgeModel& model = Model();
  proto::ClassifyRequest request;
  proto::ClassifyReply reply;
  absl::Status answered;
  {
    // The message, once more as its fields; 16 samples at most, with what is told of each.
    const AllocationBound bound({.one = 4 * size + 4096, .all = 16 * size + (1U << 16)});
    if (!request.ParseFromArray(data, static_cast<int>(size))) {
      answered = absl::DataLossError("no message");
    } else {
      answered = CheckClassifyRequest(description, request);
      Require(answered.ok() || absl::IsInvalidArgument(answered), "a wrong request is not called wrong");
      if (answered.ok())
        answered = AnswerRequest(
            model, request, [] { return absl::OkStatus(); }, reply);
    }
  }
  Note(answered);
  if (!answered.ok()) return 0;
  Require(reply.samples_size() == request.sample_count(), "not an answer for each sample");
  Require(static_cast<int64_t>(reply.ByteSizeLong()) <=
              request.sample_count() * (kClasses * kReplyBytesOfAClass + kReplyBytesOfASample),
          "a reply longer than its bound");
  for (const proto::ClassifiedSample& sample : reply.samples()) {
    Require(sample.scores_size() == std::clamp<int64_t>(request.top(), 1, kClasses),
            "not the classes that were asked for");
    Require(sample.logits_size() == (request.logits() ? kClasses : 0), "not the logits that were asked for");
    for (const proto::ClassScore& score : sample.scores())
      Require(
          score.class_index() >= 0 && score.class_index() < kClasses && std::isfinite(score.probability()),
          "a class that the model has not");
  }
  return 0;
}
