// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: concertina-worker, one rank of one run in a process of its own. Started by a launcher, with the
// one-time join token in its environment or through its standard input (never in its arguments, which
// everyone can read).
#include <signal.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/worker/worker.h"
#include "core/worker/worker_keeper.h"
#include "fmt/format.h"

namespace {

// mpirun tells all its processes the same, but for their number: rank and token follow from that. It is gone
// when they are to be ended in a hurry, and then they go by themselves.
absl::Status TakePlaceInWorld(int first_rank, concertina::WorkerOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char* const place = std::getenv("OMPI_COMM_WORLD_RANK");
  const char* const tokens = std::getenv("CONCERTINA_TOKENS");
  int index = -1;
  if (place == nullptr || tokens == nullptr || !absl::SimpleAtoi(place, &index) || index < 0)
    return absl::InvalidArgumentError(
        "--first-rank: OMPI_COMM_WORLD_RANK and CONCERTINA_TOKENS are needed beside it, as the engine gives "
        "them with mpirun");
  const std::vector<std::string> each = absl::StrSplit(tokens, ',');
  if (index >= static_cast<int>(each.size()))
    return absl::InvalidArgumentError(
        fmt::format("--first-rank: process {} of mpirun has no token among {}", index, each.size()));
  options.rank = first_rank + index;
  options.token = each[static_cast<size_t>(index)];
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace concertina;
  InitLogging("concertina-worker", spdlog::level::info);
  // Whoever waits is woken by its own connections only. gRPC's default watches all of a process in one place,
  // so each message between ranks woke the thread that listens to the engine: LeNet-5, four workers, 16
  // samples 2,406 samples/s, now 2,738; with TLS 1,246, now 1,715.
  setenv("GRPC_POLL_STRATEGY", "poll", /*overwrite=*/0);
  WorkerOptions options;
  options.has_process = true;
  std::vector<std::string> plugins;
  CLI::App app("One rank of a Concertina run; started by a launcher.", "concertina-worker");
  app.add_option("--engine", options.engine_address, "Address of the engine")->required();
  app.add_option("--kit", options.kit, "Start-up kit of a worker, for an engine elsewhere")
      ->envname("CONCERTINA_KIT");
  app.add_option("--run", options.run, "Run id")->required();
  options.rank = -1;
  int first_rank = -1;
  CLI::Option* const rank =
      app.add_option("--rank", options.rank, "Rank within the run")->check(CLI::NonNegativeNumber);
  app.add_option("--first-rank", first_rank,
                 "In place of --rank, under mpirun: the rank of the first of its processes")
      ->check(CLI::NonNegativeNumber)
      ->excludes(rank);
  app.add_option("--plugins", plugins, "Folder of plugins to load; may be given more than once");
  app.add_option("--home", options.home, "Where a worker elsewhere than the engine has its files");
  app.add_option("--advertise", options.advertise, "Name or address by which other workers reach this one");
  bool token_stdin = false;
  app.add_flag("--token-stdin", token_stdin,
               "The token comes through standard input, whose end ends the worker");
  app.set_version_flag("--version", CONCERTINA_VERSION);
  CLI11_PARSE(app, argc, argv);
  if (const char* token = std::getenv("CONCERTINA_TOKEN")) options.token = token;
  if (first_rank >= 0) {
    if (const absl::Status status = TakePlaceInWorld(first_rank, options); !status.ok()) {
      spdlog::error("{}", std::string(status.message()));
      return static_cast<int>(ExitCodeOf(status));
    }
  } else if (options.rank < 0) {
    spdlog::error("--rank is required");
    return static_cast<int>(ExitCode::kBadInput);
  }
  if (token_stdin) {
    absl::StatusOr<std::string> token = BecomeKeptWorker();  // before there are threads
    if (!token.ok()) {
      spdlog::error("{}", std::string(token.status().message()));
      return static_cast<int>(ExitCodeOf(token.status()));
    }
    options.token = *std::move(token);
  }
  ::unsetenv("CONCERTINA_TOKEN");
  ::unsetenv("CONCERTINA_TOKENS");
  for (const std::string& folder : plugins)
    for (const std::string& refused : LoadPlugins(folder)) spdlog::warn("{}", refused);

  // An engine that died reads its output no more, and that is no reason to end.
  signal(SIGPIPE, SIG_IGN);
  // SIGTERM and SIGINT are taken by one thread, which asks the worker to stop.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([signals, stop]() mutable {
    int received = 0;
    sigwait(&signals, &received);
    stop.request_stop();
  }).detach();

  const absl::Status status = RunWorker(options, stop.get_token());
  // Detached threads of libraries must not see statics being destroyed under them.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(ExitCodeOf(status)));
}
