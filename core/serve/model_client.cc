// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_client.cc: see model_client.h.
#include "core/serve/model_client.h"

#include <grpcpp/grpcpp.h>

#include <cmath>

#include "core/proto/deadlines.h"
#include "core/proto/engine_channel.h"
#include "core/proto/status_conversion.h"
#include "core/serve/served_model.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Elements of one sample; memory is taken after it.
absl::StatusOr<int64_t> CheckDescription(const proto::ModelDescription& model, const std::string& endpoint) {
  int64_t elements = 1;
  bool is_right = model.sample_shape_size() >= 1 && model.sample_shape_size() <= 3 && model.classes() >= 1 &&
                  model.classes() <= kMostClasses && model.most_samples() >= 1 &&
                  model.most_samples() <= kMostSamplesOfACall;
  for (const int64_t extent : model.sample_shape()) {
    is_right = is_right && extent >= 1 && extent <= kMostElementsOfASample / elements;
    if (is_right) elements *= extent;
  }
  if (is_right) return elements;
  return absl::DataLossError(fmt::format(
      "{} describes a model that cannot be; is it of another version ({})?", endpoint, model.version()));
}

absl::Status CheckReply(const proto::ModelDescription& model, int64_t count, const ModelClient::Asked& asked,
                        const proto::ClassifyReply& reply) {
  bool is_right = reply.samples_size() == count;
  for (const proto::ClassifiedSample& sample : reply.samples()) {
    is_right = is_right && sample.scores_size() >= 1 && std::isfinite(sample.model_seconds()) &&
               sample.model_seconds() >= 0 &&
               (!asked.logits || static_cast<int64_t>(sample.logits_size()) == model.classes());
    for (const proto::ClassScore& score : sample.scores())
      is_right = is_right && score.class_index() >= 0 && score.class_index() < model.classes();
  }
  if (is_right) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("the answer has {} samples of {} that were asked, or classes that the model has not",
                  reply.samples_size(), count));
}

}  // namespace

absl::StatusOr<ModelClient> ModelClient::Open(const std::string& endpoint, const std::string& kit_folder) {
  ModelClient client;
  client.endpoint_ = endpoint;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMostReplyBytes));
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   OpenEngineChannel(endpoint, kit_folder, arguments));
  client.stub_ = proto::Model::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kControlDeadlineSeconds));
  RETURN_IF_ERROR(client.Explain(FromGrpc(client.stub_->Describe(&context, {}, &client.description_))));
  ASSIGN_OR_RETURN(client.elements_, CheckDescription(client.description_, endpoint));
  return client;
}

Shape ModelClient::sample() const {
  return Shape(description_.sample_shape().begin(), description_.sample_shape().end());
}

absl::Status ModelClient::Explain(const absl::Status& status) const {
  const std::string message(status.message());
  if (absl::IsUnavailable(status))
    return absl::UnavailableError(
        fmt::format("no model answers at {}: {}; `concertinactl serve MODEL` prints the address of one",
                    endpoint_, message));
  if (absl::IsUnimplemented(status))
    return absl::FailedPreconditionError(
        fmt::format("what listens at {} is no served model (an engine?); `concertinactl serve MODEL` prints "
                    "the address of one",
                    endpoint_));
  return status;
}

absl::StatusOr<proto::ClassifyReply> ModelClient::Classify(std::span<const float> samples,
                                                           const Asked& asked) {
  const int64_t count = static_cast<int64_t>(samples.size()) / elements_;
  if (count < 1 || count * elements_ != static_cast<int64_t>(samples.size()))
    return absl::InvalidArgumentError(
        fmt::format("{} floats are no whole number of samples of {}", samples.size(), ShapeText(sample())));
  proto::ClassifyRequest request;
  request.set_encoding(proto::ClassifyRequest::FLOATS);
  request.set_sample_count(count);
  request.set_samples(samples.data(), samples.size_bytes());  // little endian, as every machine here is
  request.set_top(asked.top);
  request.set_logits(asked.logits);
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kClassifyDeadlineSeconds));
  proto::ClassifyReply reply;
  RETURN_IF_ERROR(Explain(FromGrpc(stub_->Classify(&context, request, &reply))));
  RETURN_IF_ERROR(CheckReply(description_, count, asked, reply));
  return reply;
}

}  // namespace concertina
