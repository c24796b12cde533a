// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// follow.h: a run while a person waits for it: its stream to the end, and a progress bar.
#pragma once

#include <string>

#include "app/ctl/connection.h"
#include "app/ctl/interrupts.h"

namespace concertina::ctl {

// The bar of people: redrawn in place on a terminal, a line now and then elsewhere.
class ProgressBar {
 public:
  ProgressBar();
  void Update(const proto::RunSummary& run, double loss, double accuracy);
  void Update(const proto::RunSummary& run);  // with its own, as of its last evaluation

 private:
  const bool terminal_;
  double drawn_ = -1e9;
};

// Follows the run to its end. `each` sees every message.
template <class Each>
absl::Status Follow(Connection& engine, const std::string& run, bool metrics, Interrupts& interrupts,
                    Each each) {
  proto::WatchRequest request;
  request.set_run(run);
  request.set_metrics(metrics);
  RETURN_IF_ERROR(CheckText(request));
  grpc::ClientContext context;
  interrupts.Watch(context);
  const auto stream = engine.stub().Watch(&context, request);
  proto::WatchMessage message;
  while (stream->Read(&message)) each(message);
  const grpc::Status finished = stream->Finish();
  interrupts.Unwatch();
  return FromGrpc(finished);
}

}  // namespace concertina::ctl
