// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker.cc: joining, connecting to the peers, training, reporting (see worker.h).
#include "core/worker/worker.h"

#include <memory>

#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/experiment/transport_choice.h"
#include "core/proto/deadlines.h"
#include "core/worker/engine_link.h"
#include "core/worker/recipe_loop.h"
#include "core/worker/step_loop.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Peers on other hosts are spoken to with the credentials that the engine gave; without any, only this
// host's.
ListenOptions ListenOptionsOf(const proto::Assignment& assignment, const std::string& run) {
  ListenOptions options{.secret = assignment.secret(),
                        .incarnation = assignment.incarnation(),
                        .folder = assignment.run_folder()};
  if (assignment.has_peer()) {
    const proto::PeerCredentials& peer = assignment.peer();
    options.credentials = RunCredentials{.authority_pem = peer.authority_pem(),
                                         .certificate_pem = peer.certificate_pem(),
                                         .key_pem = peer.key_pem(),
                                         .run = run};
    options.advertise_host = peer.advertise_host();
  }
  return options;
}

// Joins the peers, and does what `loop` (a StepLoop or a RecipeLoop) is for.
template <class Loop>
absl::StatusOr<StepLoopResult> RunWithPeers(Loop& loop, EngineLink& link, const proto::Assignment& assignment,
                                            const std::string& run, const std::string& transport_kind,
                                            std::stop_token stop) {
  std::vector<Fault> faults;
  const Params kind =
      Registry::Global().Check("transport", {{"kind", transport_kind}}, "/network/transport", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  ASSIGN_OR_RETURN(const auto factory, Registry::Global().Create<TransportKind>("transport", kind));
  ASSIGN_OR_RETURN(const auto listener_end, factory->Listen(ListenOptionsOf(assignment, run)));

  proto::Ready ready;
  ready.set_address(listener_end->address());
  ready.set_parameters(loop.parameter_count());
  ready.set_total_steps(loop.total_steps());
  RETURN_IF_ERROR(link.SendReady(ready));
  ASSIGN_OR_RETURN(const proto::Peers peers, link.WaitForPeers(Deadline::After(kJoinDeadlineSeconds)));
  if (peers.addresses_size() != static_cast<int>(assignment.world_size()))
    return absl::InternalError(fmt::format("the engine named {} peers, {} were expected",
                                           peers.addresses_size(), assignment.world_size()));
  ASSIGN_OR_RETURN(const std::unique_ptr<Transport> transport,
                   listener_end->Connect(static_cast<int>(assignment.rank()),
                                         {peers.addresses().begin(), peers.addresses().end()},
                                         LinkShape{},  // the step loop gives each link its own
                                         Deadline::After(kJoinDeadlineSeconds)));
  return loop.Run(*transport, stop);
}

absl::StatusOr<StepLoopResult> Train(EngineLink& link, const proto::Assignment& assignment,
                                     const std::string& run, StepRecorder& recorder, ControlQueue& controls,
                                     std::stop_token stop, int64_t& step) {
  SpecCheck check = CheckSpec(assignment.spec_json());
  if (!check.faults.empty()) return FaultsToStatus(check.faults);
  const std::string transport_kind = TransportOf(check.spec);

  StepLoopListener listener;
  listener.progress = [&](int64_t at, double epoch, const char* phase) {
    step = at;
    link.SetProgress(at, epoch, phase);
  };
  listener.checkpoint_written = [&](int64_t at, const std::string& folder, uint64_t bytes) {
    proto::WorkerMessage message;
    message.mutable_checkpoint()->set_step(at);
    message.mutable_checkpoint()->set_path(folder);
    message.mutable_checkpoint()->set_bytes(bytes);
    link.Send(message).IgnoreError();  // a lost link ends the run by itself
  };
  listener.knob_applied = [&](const proto::Knob& knob, int64_t at, const absl::Status& status) {
    proto::WorkerMessage message;
    message.mutable_knob()->set_pointer(knob.pointer());
    message.mutable_knob()->set_json(knob.json());
    message.mutable_knob()->set_step(at);
    message.mutable_knob()->set_error(std::string(status.message()));
    link.Send(message).IgnoreError();
  };
  listener.state_reached = [&](const char* state, int64_t at) {
    proto::WorkerMessage message;
    message.mutable_state()->set_state(state);
    message.mutable_state()->set_step(at);
    link.Send(message).IgnoreError();
  };
  listener.gradient_counted = [&](const GradientHistogram* histogram, int64_t at) {
    proto::WorkerMessage message;
    proto::GradientHistogram& told = *message.mutable_histogram();
    told.set_step(at);
    told.set_least_exponent(GradientHistogram::kLeastExponent);
    if (histogram != nullptr)
      for (const GradientHistogram::Layer& layer : histogram->layers()) {
        proto::GradientHistogram::Layer& one = *told.add_layers();
        one.set_name(layer.name);
        one.set_zeros(layer.zeros);
        one.mutable_counts()->Assign(layer.counts.begin(), layer.counts.end());
      }
    link.Send(message).IgnoreError();
  };
  link.SetProgress(0, 0, "preparing");
  const bool has_recipe = !check.spec.recipe.empty();
  StepLoopOptions options{.spec = std::move(check.spec),
                          .rank = static_cast<int>(assignment.rank()),
                          .world_size = static_cast<int>(assignment.world_size()),
                          .run_folder = assignment.run_folder(),
                          .datasets_folder = assignment.datasets_folder(),
                          .kernels_file = assignment.kernels_file(),
                          .checkpoint = assignment.checkpoint()};
  if (has_recipe) {
    RecipeListener recipe_listener{.steps = std::move(listener), .recipe_step = {}};
    recipe_listener.recipe_step = [&](int64_t at, const std::string& text,
                                      const RecipeListener::Figures& figures) {
      proto::WorkerMessage message;
      message.mutable_recipe_step()->set_step(at);
      message.mutable_recipe_step()->set_text(text);
      message.mutable_recipe_step()->mutable_figures()->insert(figures.begin(), figures.end());
      link.Send(message).IgnoreError();
    };
    ASSIGN_OR_RETURN(const auto loop,
                     RecipeLoop::Create(std::move(options), recorder, controls, std::move(recipe_listener)));
    return RunWithPeers(*loop, link, assignment, run, transport_kind, stop);
  }
  ASSIGN_OR_RETURN(const auto loop,
                   StepLoop::Create(std::move(options), recorder, controls, std::move(listener)));
  return RunWithPeers(*loop, link, assignment, run, transport_kind, stop);
}

}  // namespace

absl::Status RunWorker(const WorkerOptions& options, std::stop_token outside) {
  StepRecorder recorder(static_cast<uint32_t>(options.rank));
  ControlQueue controls;
  std::stop_source stop;
  const std::stop_callback forward(outside, [&stop] { stop.request_stop(); });
  EngineLink link(options, recorder, controls, [&stop](const absl::Status& why) {
    spdlog::error("{}", std::string(why.message()));
    stop.request_stop();
  });
  ASSIGN_OR_RETURN(const proto::Assignment assignment, link.Join(Deadline::After(kJoinDeadlineSeconds)));

  int64_t step = 0;
  const absl::StatusOr<StepLoopResult> result =
      Train(link, assignment, options.run, recorder, controls, stop.get_token(), step);
  proto::WorkerMessage last;
  if (result.ok()) {
    proto::WorkerFinished& finished = *last.mutable_finished();
    finished.set_stopped(result->stopped);
    finished.set_step(result->step);
    finished.set_parameters_sha256(result->parameters_sha256);
    finished.set_parameters_path(result->parameters_path);
    finished.set_peak_memory_bytes(result->peak_memory_bytes);
  } else {
    spdlog::error("rank {}: {}", options.rank, std::string(result.status().message()));
    proto::WorkerFailed& failed = *last.mutable_failed();
    failed.set_code(static_cast<int32_t>(result.status().code()));
    failed.set_message(std::string(result.status().message()));
    failed.set_step(step);
  }
  const absl::Status taken = link.Finish(last, Deadline::After(kJoinDeadlineSeconds));
  return result.ok() ? taken : result.status();
}

}  // namespace concertina
