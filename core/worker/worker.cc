// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker.cc: joining, connecting to the peers, training, reporting (see worker.h).
#include "core/worker/worker.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "core/experiment/elastic.h"
#include "core/experiment/transport_choice.h"
#include "core/proto/deadlines.h"
#include "core/proto/rank_message.h"
#include "core/worker/carried_file.h"
#include "core/worker/engine_link.h"
#include "core/worker/folder_elsewhere.h"
#include "core/worker/own_process.h"
#include "core/worker/recipe_loop.h"
#include "core/worker/step_loop.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// A message of an error quotes names and cells of files, which may be in any coding: a string that is no
// UTF-8 would cost the whole stream, and the engine would hear nothing but that the worker hung up.
std::string ToldText(std::string_view text) {
  constexpr size_t kMostToldBytes = 4000;  // as much as the engine keeps
  return CutUtf8(text, kMostToldBytes);
}
std::string ToldText(const absl::Status& status) { return ToldText(std::string(status.message())); }

std::string HomeElsewhere(const WorkerOptions& options) {
  if (!options.home.empty()) return options.home;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/concertina";
  const char* user = std::getenv("HOME");
  return std::string(user != nullptr && *user == '/' ? user : "/tmp") + "/.cache/concertina";
}

// Where a worker that shares no file system with the engine has its files, put into the assignment; and its
// part of the checkpoint fetched. What it writes there is the engine's as soon as it is whole, so it is
// removed at the end.
class FilesElsewhere {
 public:
  absl::Status Settle(const WorkerOptions& options, EngineLink& link, proto::Assignment& assignment) {
    const std::string rank = fmt::format("rank-{}", assignment.rank());
    const std::string home = HomeElsewhere(options);
    RETURN_IF_ERROR(CheckRelativePath(options.run));
    if (options.run.find('/') != std::string::npos)
      return absl::InvalidArgumentError(fmt::format("--run: \"{}\" is no name of a run", options.run));
    RETURN_IF_ERROR(MakeFolder(home + "/datasets"));
    ASSIGN_OR_RETURN(folder_, FolderElsewhere::Claim(home, options.run, static_cast<int>(assignment.rank())));
    const std::string& run_folder = folder_.path();
    assignment.set_run_folder(run_folder);
    assignment.set_datasets_folder(home + "/datasets");
    assignment.set_kernels_file(home + "/kernels.json");
    if (assignment.checkpoint().empty()) return absl::OkStatus();
    RETURN_IF_ERROR(link.FetchFile(run_folder, assignment.checkpoint() + "/" + rank));
    assignment.set_checkpoint(run_folder + "/" + assignment.checkpoint());
    return absl::OkStatus();
  }

  bool is_elsewhere() const { return !folder_.path().empty(); }
  // A path in the run's folder as the engine knows it.
  std::string Relative(const std::string& path) const {
    const std::string& folder = folder_.path();
    return is_elsewhere() && path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
  }
  absl::Status Carry(EngineLink& link, const std::string& file) const {
    return link.SendFile(file, Relative(file));
  }
  // What a rank keeps in the end; its result names the parameters as the engine knows them then.
  absl::Status CarryResult(EngineLink& link, StepLoopResult& result) const {
    if (!is_elsewhere() || result.parameters_path.empty()) return absl::OkStatus();
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder_.path(), error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      const bool is_of_recipe =
          name == "model.edge" || (name.starts_with("recipe-") && name.ends_with(".json"));
      if (is_of_recipe) RETURN_IF_ERROR(Carry(link, entry->path().string()));
    }
    RETURN_IF_ERROR(Carry(link, result.parameters_path));
    result.parameters_path = Relative(result.parameters_path);
    return absl::OkStatus();
  }

 private:
  FolderElsewhere folder_;  // none: the engine's own is seen from here
};

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
  if constexpr (requires { loop.steps_per_epoch(); }) ready.set_steps_per_epoch(loop.steps_per_epoch());
  RETURN_IF_ERROR(link.SendReady(ready));
  const double patience = std::max(kJoinDeadlineSeconds, assignment.peers_seconds());
  ASSIGN_OR_RETURN(const proto::Peers peers, link.WaitForPeers(Deadline::After(patience)));
  if (peers.addresses_size() != static_cast<int>(assignment.world_size()))
    return absl::InternalError(fmt::format("the engine named {} peers, {} were expected",
                                           peers.addresses_size(), assignment.world_size()));
  ASSIGN_OR_RETURN(const std::unique_ptr<Transport> transport,
                   listener_end->Connect(static_cast<int>(assignment.rank()),
                                         {peers.addresses().begin(), peers.addresses().end()},
                                         LinkShape{},  // the step loop gives each link its own
                                         Deadline::After(kJoinDeadlineSeconds)));
  link.SetLeave([&transport = *transport, &gate = link.gate()] {
    transport.Abort(absl::AbortedError("a worker was lost: the group forms anew"));
    gate.Open();
  });
  link.SetCutOff([&transport = *transport](int rank, const std::string& reason) {
    spdlog::warn("rank {} {}", rank, reason);
    transport.CutOff(rank, absl::UnavailableError(fmt::format("rank {}: {}", rank, reason)));
  });
  absl::StatusOr<StepLoopResult> result = loop.Run(*transport, stop);
  link.SetCutOff(nullptr);
  link.SetLeave(nullptr);
  return result;
}

// What a worker has from one group to the next.
struct BetweenGroups {
  bool can_regroup = false;                  // the experiment is one of those
  std::shared_ptr<const Checkpoint> memory;  // null: nothing yet
};

absl::StatusOr<StepLoopResult> Train(EngineLink& link, const proto::Assignment& assignment,
                                     const std::string& run, const FilesElsewhere& files,
                                     StepRecorder& recorder, ControlQueue& controls, std::stop_token stop,
                                     int64_t& step, BetweenGroups& between) {
  SpecCheck check = CheckSpec(assignment.spec_json());
  if (!check.faults.empty()) return FaultsToStatus(check.faults);
  const std::string transport_kind = TransportOf(check.spec);

  StepLoopListener listener;
  listener.progress = [&](int64_t at, double epoch, const char* phase) {
    step = at;
    link.SetProgress(at, epoch, phase);
  };
  listener.traffic = [&](std::span<const uint64_t> sent_bytes, double seconds) {
    link.SetTraffic(sent_bytes, seconds);
  };
  listener.checkpoint_written = [&](int64_t at, const std::string& folder, uint64_t bytes) {
    proto::WorkerMessage message;
    message.mutable_checkpoint()->set_step(at);
    message.mutable_checkpoint()->set_path(files.Relative(folder));
    message.mutable_checkpoint()->set_bytes(bytes);
    link.Send(message).IgnoreError();  // a lost link ends the run by itself
  };
  listener.knob_applied = [&](const proto::Knob& knob, int64_t at, const absl::Status& status) {
    proto::WorkerMessage message;
    message.mutable_knob()->set_pointer(knob.pointer());
    message.mutable_knob()->set_json(knob.json());
    message.mutable_knob()->set_step(at);
    message.mutable_knob()->set_error(ToldText(status));
    link.Send(message).IgnoreError();
  };
  listener.state_reached = [&](const char* state, int64_t at) {
    proto::WorkerMessage message;
    message.mutable_state()->set_state(state);
    message.mutable_state()->set_step(at);
    link.Send(message).IgnoreError();
  };
  listener.fault_acted = [&](uint32_t act, int64_t at, bool has_ended) {
    proto::WorkerMessage message;
    message.mutable_fault()->set_act(act);
    message.mutable_fault()->set_step(at);
    message.mutable_fault()->set_has_ended(has_ended);
    link.Send(message).IgnoreError();
  };
  const auto tell_reason = [&link](const char* state, int64_t at, const std::string& reason) {
    proto::WorkerMessage message;
    message.mutable_state()->set_state(state);
    message.mutable_state()->set_step(at);
    message.mutable_state()->set_reason(ToldText(reason));
    link.Send(message).IgnoreError();
  };
  listener.no_room = [tell_reason](int64_t at, const std::string& reason) {
    tell_reason("paused", at, reason);
  };
  listener.checkpoint_missed = [tell_reason](int64_t at, const std::string& reason) {
    tell_reason("without checkpoint", at, reason);
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
  listener.spans_recorded = [&](const RankSpans& spans) {
    proto::WorkerMessage message;
    message.mutable_spans()->set_recording(spans.recording);
    message.mutable_spans()->set_packed(PackSpans(spans));
    link.Send(message).IgnoreError();
  };
  listener.message_waits = [&](const WaitingMessage& waiting) {
    proto::WorkerMessage message;
    *message.mutable_waits() = ToRankMessage(waiting);
    link.Send(message).IgnoreError();
  };
  if (files.is_elsewhere()) listener.carry = [&](const std::string& file) { return files.Carry(link, file); };
  listener.keep_metrics = [&link] { return link.KeepMetrics(); };
  link.SetProgress(step, 0, "preparing");
  between.can_regroup = RecoveryOf(check.spec) == Recovery::kRegroups;
  const bool has_recipe = !check.spec.recipe.empty();
  StepLoopOptions options{.spec = std::move(check.spec),
                          .rank = static_cast<int>(assignment.rank()),
                          .world_size = static_cast<int>(assignment.world_size()),
                          .run_folder = assignment.run_folder(),
                          .datasets_folder = assignment.datasets_folder(),
                          .kernels_file = assignment.kernels_file(),
                          .checkpoint = assignment.checkpoint(),
                          .is_fork = assignment.is_fork(),
                          .gate = &link.gate(),
                          .faults_done = {assignment.faults_done().begin(), assignment.faults_done().end()}};
  if (assignment.has_state()) {
    const proto::GroupState& state = assignment.state();
    options.group_state = {.source_rank = static_cast<int>(state.source_rank()),
                           .step = state.step(),
                           .epochs = state.epochs(),
                           .seconds = state.seconds()};
    options.memory = between.memory;
  }
  if (has_recipe) {
    RecipeListener recipe_listener{.steps = std::move(listener),
                                   .recipe_step = {},
                                   .doing = [&link](const std::string& doing) { link.SetDoing(doing); }};
    recipe_listener.recipe_step = [&](int64_t at, const std::string& text,
                                      const RecipeListener::Figures& figures) {
      proto::WorkerMessage message;
      message.mutable_recipe_step()->set_step(at);
      message.mutable_recipe_step()->set_text(ToldText(text));
      message.mutable_recipe_step()->mutable_figures()->insert(figures.begin(), figures.end());
      link.Send(message).IgnoreError();
    };
    ASSIGN_OR_RETURN(const auto loop,
                     RecipeLoop::Create(std::move(options), recorder, controls, std::move(recipe_listener)));
    return RunWithPeers(*loop, link, assignment, run, transport_kind, stop);
  }
  ASSIGN_OR_RETURN(const auto loop,
                   StepLoop::Create(std::move(options), recorder, controls, std::move(listener)));
  absl::StatusOr<StepLoopResult> result = RunWithPeers(*loop, link, assignment, run, transport_kind, stop);
  // Both at once are twice the memory, for as long as this takes.
  if (between.can_regroup) between.memory = loop->TakeMemory();
  return result;
}

// What a peer's end looks like from here.
bool MayBeOfAPeer(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         absl::IsCancelled(status);
}

// In one group after another, until the training is over, or fails for a reason that is not the loss of a
// peer.
absl::StatusOr<StepLoopResult> TrainInGroups(EngineLink& link, proto::Assignment assignment,
                                             const std::string& run, const FilesElsewhere& files,
                                             StepRecorder& recorder, ControlQueue& controls,
                                             std::stop_token stop, int64_t& step) {
  BetweenGroups between;
  for (;;) {
    absl::StatusOr<StepLoopResult> result =
        Train(link, assignment, run, files, recorder, controls, stop, step, between);
    const bool parts = result.ok() ? result->parted : between.can_regroup && MayBeOfAPeer(result.status());
    if (!parts || stop.stop_requested()) return result;

    if (!result.ok()) spdlog::warn("left the group: {}", std::string(result.status().message()));
    const bool has_state = between.memory != nullptr;
    if (has_state) step = between.memory->step;
    link.SetProgress(step, has_state ? between.memory->epochs : 0, "wait");
    RETURN_IF_ERROR(link.SendMetrics());  // of the steps of this group, before another one is told of
    proto::WorkerMessage message;
    proto::Parted& parted = *message.mutable_parted();
    parted.set_incarnation(assignment.incarnation());
    parted.set_step(step);
    parted.set_has_state(has_state);
    parted.set_epochs(has_state ? between.memory->epochs : 0);
    parted.set_seconds(has_state ? between.memory->seconds : 0);
    if (!result.ok()) parted.set_reason(ToldText(result.status()));
    RETURN_IF_ERROR(link.Send(std::move(message)));
    // The engine may wait for a replacement, which waits in the queue of a cluster.
    ASSIGN_OR_RETURN(
        std::optional<proto::Assignment> next,
        link.WaitForNextGroup(Deadline::After(kRegroupDeadlineSeconds + assignment.peers_seconds())));
    if (!next)  // it is not of the next group
      return StepLoopResult{.parted = true, .step = step, .parameters_sha256 = {}, .parameters_path = {}};
    next->set_run_folder(assignment.run_folder());
    next->set_datasets_folder(assignment.datasets_folder());
    next->set_kernels_file(assignment.kernels_file());
    next->clear_checkpoint();
    if (next->has_peer() && assignment.has_peer())
      next->mutable_peer()->set_advertise_host(assignment.peer().advertise_host());
    assignment = *std::move(next);
  }
}

}  // namespace

absl::Status RunWorker(const WorkerOptions& options, std::stop_token outside) {
  StepRecorder recorder(static_cast<uint32_t>(options.rank));
  ControlQueue controls;
  std::stop_source stop;
  const std::stop_callback forward(outside, [&stop] { stop.request_stop(); });
  EngineLink link(options, recorder, controls, [&stop, &options](const absl::Status& why) {
    spdlog::error("{}", std::string(why.message()));
    // Nobody is left who would end it: the kernel does so only for those that end with their engine.
    constexpr double kLongestEndSeconds = 30;
    if (options.has_process) EndOwnProcessWithin(kLongestEndSeconds);
    stop.request_stop();
  });
  const std::stop_callback end_waiting(outside, [&link] { link.StopWaiting(); });
  // One that joins a run which goes on waits for the end of a step.
  ASSIGN_OR_RETURN(proto::Assignment assignment, link.Join(Deadline::After(kRegroupDeadlineSeconds)));
  if (!options.advertise.empty() && assignment.has_peer())
    assignment.mutable_peer()->set_advertise_host(options.advertise);

  int64_t step = 0;
  FilesElsewhere files;
  absl::Status settled;
  if (assignment.run_folder().empty()) {
    link.SetProgress(0, 0, "preparing");  // a checkpoint may take its time
    settled = files.Settle(options, link, assignment);
  }
  absl::StatusOr<StepLoopResult> result =
      settled.ok()
          ? TrainInGroups(link, assignment, options.run, files, recorder, controls, stop.get_token(), step)
          : absl::StatusOr<StepLoopResult>(settled);
  if (result.ok() && result->parted) return absl::OkStatus();  // the engine has said goodbye already
  if (result.ok()) {
    if (const absl::Status carried = files.CarryResult(link, *result); !carried.ok()) result = carried;
  }
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
    failed.set_message(ToldText(result.status()));
    failed.set_step(step);
  }
  const absl::Status taken = link.Finish(last, Deadline::After(kJoinDeadlineSeconds));
  return result.ok() ? taken : result.status();
}

}  // namespace concertina
