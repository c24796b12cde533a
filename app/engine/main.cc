// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: concertina-engine. Prints one line, "ready ADDRESS", when it listens, and nothing else on standard
// output: the programs that start it (core/proto/engine_launch.h) wait for that line.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "core/base/log.h"
#include "core/comm/bench_ranks.h"
#include "core/engine/engine.h"
#include "core/proto/engine_launch.h"

int main(int argc, char** argv) {
  using namespace concertina;
  if (IsBenchRank(argc, argv)) return ServeBenchRank(argc, argv);
  EngineOptions options;
  options.calibrates = true;
  options.home = DefaultHome();
  CLI::App app("Owns the runs, the queue and the database of one home.", "concertina-engine");
  app.add_option("--home", options.home, "Folder of database, runs, datasets and socket")
      ->capture_default_str();
  app.add_option("--idle-exit-seconds", options.idle_exit_seconds,
                 "End when nobody is connected and nothing runs for so long; 0: never")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--listen", options.listen,
                 "HOST:PORT to listen on besides the socket, with mutual TLS; needs --kit");
  app.add_option("--kit", options.kit, "The engine's start-up kit (concertinactl provision)")
      ->envname("CONCERTINA_KIT");
  app.set_version_flag("--version", CONCERTINA_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kBadInput);
  }
  InitLogging("concertina-engine", spdlog::level::info);

  // Blocked before any thread is made, so that they come to sigtimedwait below and nowhere else. A reader
  // that went away must not end the engine.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Start(options);
  if (!engine.ok()) {
    spdlog::error("{}", std::string(engine.status().message()));
    return static_cast<int>(ExitCodeOf(engine.status()));
  }
  std::printf("ready %s\n", (*engine)->address().c_str());
  std::fflush(stdout);

  for (int asked = 0; !(*engine)->Wait(Deadline::After(0));) {
    const timespec patience = {0, 100'000'000};
    if (sigtimedwait(&signals, nullptr, &patience) < 0) continue;
    if (++asked > 1) {  // asked twice: at once, and nothing is left of its workers
      constexpr double kKillSeconds = 2;
      (*engine)->StopAtOnce();
      (*engine)->Wait(Deadline::After(kKillSeconds));
      std::fflush(nullptr);
      _exit(static_cast<int>(ExitCode::kInterrupted));
    }
    (*engine)->Stop();
  }
  engine->reset();
  return static_cast<int>(ExitCode::kWell);
}
