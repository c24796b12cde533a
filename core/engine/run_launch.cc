// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_launch.cc: how a run's workers are brought up (see run.h).
#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <utility>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/engine/run.h"
#include "core/experiment/transport_choice.h"
#include "core/security/kit.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kTokenMarginSeconds = 60;  // beyond the time that workers have to join
constexpr size_t kLastLines = 8;            // of a worker's log, in the error of its run

// The fingerprint of the certificate in a start-up kit; "": there is none that the engine can read, and the
// token is not bound to one.
std::string CertificateOfKit(const std::string& folder) {
  constexpr size_t kMostBytes = 64 << 10;
  if (folder.empty()) return {};
  const absl::StatusOr<std::string> pem = ReadFile(Kit{.folder = folder}.certificate_file(), kMostBytes);
  if (!pem.ok()) return {};
  const absl::StatusOr<CertificateFacts> facts = ReadCertificate(*pem);
  return facts.ok() ? facts->fingerprint : std::string();
}

}  // namespace

void Run::Start() {
  summary_.set_queue_position(0);
  started_ = now();
  if (summary_.started_unix_ms() == 0) summary_.set_started_unix_ms(context_.loop.wall_unix_ms());
  if (resume_) {
    context_.store.TruncateSeries(id(), resume_->step);
    for (const ResumePoint::Evaluation& evaluation : resume_->evaluations)
      context_.store.Append(id(), evaluation.series, evaluation.rank, evaluation.unit,
                            std::span(&resume_->step, 1), std::span(&evaluation.seconds, 1),
                            std::span(&evaluation.value, 1));
    for (const std::string& passed : resume_->passed_over) {
      spdlog::warn("run {}: {}", id(), passed);
      AddEvent("checkpoint", fmt::format("The run goes on from step {}: {}.", resume_->step, passed),
               Json({{"step", resume_->step}, {"passed_over", passed}}).dump());
    }
    summary_.set_last_checkpoint_step(resume_->step);  // what is behind it is made anew
  }
  SetState(proto::STARTING, "");
  SetOutTogether();
  const absl::Status folder = MakeFolder(context_.home.run(id()));
  if (!folder.ok()) return End(proto::FAILED, std::string(folder.message()));

  if (const absl::Status made = MakeAuthority(); !made.ok())
    return End(proto::FAILED, std::string(made.message()));

  int rank = 0;
  std::vector<Launcher*> launchers;
  for (const WorkerGroup& group : prepared_.spec.workers) {
    const absl::StatusOr<Launcher*> launcher = context_.launcher(group.launcher);
    if (!launcher.ok())
      return End(proto::FAILED, fmt::format("rank {} could not be started: {}", rank,
                                            std::string(launcher.status().message())));
    launchers.push_back(*launcher);
    // All must know how long the slowest may take before the first of them asks.
    if ((*launcher)->patience_seconds() > 0)
      peers_seconds_ = std::max(peers_seconds_, context_.limits.join + (*launcher)->patience_seconds());
    rank += static_cast<int>(group.count);
  }
  rank = 0;
  for (size_t group = 0; group < launchers.size(); ++group) {
    const int64_t count = prepared_.spec.workers[group].count;
    if (const absl::Status launched = Launch(rank, count, *launchers[group]); !launched.ok())
      return End(proto::FAILED, std::string(launched.message()));
    rank += static_cast<int>(count);
  }
  if (std::any_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.process.is_known(); }))
    Persist();  // the next engine must find them, or end them
  ScheduleTick();
}

absl::Status Run::Launch(int first_rank, int64_t count, Launcher& launcher) {
  std::vector<LaunchOrder> orders;
  for (int64_t i = 0; i < count; ++i) orders.push_back(OrderFor(first_rank + static_cast<int>(i), launcher));
  absl::Status launched = launcher.LaunchAll(orders);
  for (LaunchOrder& order : orders) {
    const int rank = order.request.rank;
    if (order.worker == nullptr) return Annotate(launched, fmt::format("rank {} could not be started", rank));
    Seat& seat = seats_[static_cast<size_t>(rank)];
    seat.worker = std::move(order.worker);
    seat.launched = true;
    seat.process = seat.worker->process();
    seat.launcher = &launcher;
    seat.heard = seat.progressed = seat.launched_at = now();
    summary_.mutable_workers(rank)->set_pid(seat.worker->pid());
  }
  return launched;
}

LaunchOrder Run::OrderFor(int rank, const Launcher& launcher) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.certificate = CertificateOfKit(launcher.kit_folder());
  // Nobody waits for it any longer than that.
  const double valid_seconds =
      std::max(peers_seconds_, context_.limits.join + launcher.patience_seconds()) + kTokenMarginSeconds;
  seat.token = context_.join_tokens.Make(
      {.run = id(), .rank = static_cast<uint32_t>(rank), .fingerprint = seat.certificate}, valid_seconds);
  LaunchRequest request;
  request.run = id();
  request.rank = rank;
  request.token = seat.token;
  request.engine_address = context_.home.address();
  request.log_path = fmt::format("{}/rank-{}.log", context_.home.run(id()), rank);
  request.plugin_folders = context_.plugin_folders;
  request.remote_address = context_.remote_address;
  request.home = context_.home.path();
  request.threads = static_cast<int>(prepared_.spec.training.threads_per_worker);
  request.transport = TransportOf(prepared_.spec);
  request.outlives_engine = EngineGraceSeconds() > 0;
  seat.patience = launcher.patience_seconds();
  seat.advertise = seat.away ? launcher.advertise_host() : prepared_.advertise_host;
  EngineLoop& loop = context_.loop;
  request.tell = [&loop, self = self_](const std::string& message) {
    loop.Post([self, message] {
      if (*self != nullptr) (*self)->AddEvent("launcher", message);
    });
  };
  auto on_exit = [&loop, self = self_, rank](const WorkerExit& exit) {
    loop.Post([self, rank, exit] {
      if (*self != nullptr) (*self)->OnExit(rank, exit);
    });
  };
  auto on_line = [&loop, self = self_, rank](const std::string& line) {
    loop.Post([self, rank, line] {
      if (*self == nullptr) return;
      std::deque<std::string>& lines = (*self)->seats_[static_cast<size_t>(rank)].last_lines;
      lines.push_back(line);
      if (lines.size() > kLastLines) lines.pop_front();
      (*self)->context_.watchers.PublishLine((*self)->id(), rank, line);
    });
  };
  return {.request = std::move(request),
          .on_exit = std::move(on_exit),
          .on_line = std::move(on_line),
          .worker = nullptr};
}

}  // namespace concertina
