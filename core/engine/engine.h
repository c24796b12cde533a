// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine.h: the engine of one home: the only process that opens its database; owns runs, queue, launchers.
// On the way of the data: app/engine -> here, which puts the rooms of this folder together.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/engine/run.h"

namespace concertina {

struct EngineOptions {
  std::string home;
  RunLimits limits;
  int64_t cores = 0;  // that workers may take together; 0: those of this machine
  // Measures this machine where a plan wants it (experiment/calibration.h): the program serves `bench-rank`.
  bool calibrates = false;
  double idle_exit_seconds = 0;  // ends when nobody looked or called, and nothing ran, for so long; 0: never
  double stop_seconds = 10;      // what running runs get to stop by themselves when the engine ends
  std::string listen;            // HOST:PORT besides the Unix socket, with mutual TLS (tls_port.h); "": none
  std::string kit;               // the engine's start-up kit, for that
};

class Engine {
 public:
  // Listens when it returns. Errors: those of Home::Open, Store::Open and TlsPort::Open; kUnavailable if the
  // socket cannot be bound.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(const EngineOptions& options);
  // As Stop() and Wait.
  ~Engine();

  std::string address() const;
  // Where others reach it over the network, HOST:PORT; "" if they do not.
  std::string network_address() const;
  const std::string& home() const;

  // Any thread; returns at once. Running runs are stopped (with their final evaluation and a checkpoint, if
  // they can within stop_seconds), what waits stays queued for the next engine.
  void Stop();
  // Any thread; returns at once. The same, but workers are killed.
  void StopAtOnce();
  // Until it has ended (by Stop, a Shutdown call, or idleness), or the deadline has passed: then false.
  bool Wait(Deadline deadline);

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina
