// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_client.h: asks a served model: one call after the other, each with its deadline; what comes back is
// checked before it is believed. On the way of the data: samples -> here (proto/engine_channel.h) ->
// serve/model_server.h, and the answers back.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/graph/graph.h"
#include "core/proto/model.grpc.pb.h"

namespace concertina {

class ModelClient {
 public:
  // `endpoint` as the server told it: "unix:/…", or HOST:PORT with a person's kit. Connects, and asks what is
  // there. kUnavailable: nothing listens there; kFailedPrecondition: what does is no served model; the errors
  // of OpenEngineChannel.
  static absl::StatusOr<ModelClient> Open(const std::string& endpoint, const std::string& kit_folder);

  const proto::ModelDescription& description() const { return description_; }
  Shape sample() const;
  int64_t elements() const { return elements_; }  // of one sample

  struct Asked {
    int64_t top = 1;
    bool logits = false;
  };
  // `samples`: whole ones, one after the other, at most description().most_samples(). As many answers.
  // kDataLoss: the answer is not one to this question; the server's own errors as they are.
  absl::StatusOr<proto::ClassifyReply> Classify(std::span<const float> samples, const Asked& asked);

 private:
  absl::Status Explain(const absl::Status& status) const;

  std::string endpoint_;
  std::unique_ptr<proto::Model::Stub> stub_;
  proto::ModelDescription description_;
  int64_t elements_ = 0;
};

}  // namespace concertina
