// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine.cc: see engine.h.
#include "core/engine/engine.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <atomic>

#include "absl/time/time.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/engine/engine_service.h"
#include "core/engine/rights.h"
#include "core/engine/run_table.h"
#include "core/engine/this_machine.h"
#include "core/proto/engine_launch.h"
#include "core/proto/grpc_server.h"
#include "core/proto/tls_port.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// The home's own plugins, and those that came with the programs.
std::vector<std::string> PluginFolders(const Home& home) {
  std::vector<std::string> folders = {home.plugins()};
  if (absl::StatusOr<std::string> installed = InstalledPlugins(); installed.ok())
    folders.push_back(*std::move(installed));
  return folders;
}

}  // namespace

struct Engine::Impl {
  EngineOptions options;
  std::unique_ptr<Home> home;
  std::unique_ptr<Store> store;
  std::unique_ptr<EngineLoop> loop;
  std::unique_ptr<WorkPool> pool;
  Watchers watchers;                // loop thread
  std::unique_ptr<RunTable> table;  // loop thread
  std::unique_ptr<Calibration> calibration;
  std::unique_ptr<EngineService> engine_service;
  std::unique_ptr<HomeService> home_service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<TlsPort> port;  // null unless it was asked for
  double idle_since = 0;          // loop thread
  bool stopping = false;          // loop thread

  absl::Mutex mutex;
  std::string network_address ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;  // nothing runs any more: the rest may be taken down

  absl::Status Start();
  absl::Status Listen();
  void BeginStop();
  void AwaitQuiet();
  void LookForIdleness();
  void TakeDown();
};

absl::Status Engine::Impl::Start() {
  ASSIGN_OR_RETURN(home, Home::Open(options.home));
  ASSIGN_OR_RETURN(store, Store::Open(home->database()));
  const std::vector<std::string> plugin_folders = PluginFolders(*home);
  std::vector<std::string> refused;
  for (const std::string& folder : plugin_folders)
    for (std::string& line : LoadPlugins(folder)) refused.push_back(std::move(line));
  for (const std::string& line : refused) spdlog::warn("plugin refused: {}", line);
  ASSIGN_OR_RETURN(const std::vector<StoredRun> stored, store->Runs());
  loop = std::make_unique<EngineLoop>();
  pool = std::make_unique<WorkPool>(2);
  const int64_t cores = options.cores > 0 ? options.cores : static_cast<int64_t>(UsableCores().size());
  table = std::make_unique<RunTable>(*loop, *store, *pool, *home, watchers, options.limits, cores,
                                     plugin_folders);
  EngineParts parts{*loop, *pool, *store, *home, watchers, *table, std::move(refused)};
  parts.started_unix_ms = absl::ToUnixMillis(Clock::Real().Wall());
  parts.cores = static_cast<int>(cores);
  calibration =
      std::make_unique<Calibration>(home->calibration_file(), Calibration::RealMeans(home->kernels_file()));
  if (options.calibrates) parts.calibration = calibration.get();
  parts.network_address = [this] {
    absl::MutexLock lock(&mutex);
    return network_address;
  };
  parts.stop = [this] { loop->Post([this] { BeginStop(); }); };
  engine_service = std::make_unique<EngineService>(std::move(parts));
  home_service = std::make_unique<HomeService>(*loop, *table);
  RETURN_IF_ERROR(Listen());
  // Queued runs may start at once: their workers must find the engine.
  loop->Run([&] {
    if (port != nullptr) table->SetRemoteAddress(port->address());
    table->Recover(stored);
  });
  RETURN_IF_ERROR(home->Announce());
  if (options.idle_exit_seconds > 0) loop->Run([this] { LookForIdleness(); });
  return absl::OkStatus();
}

absl::Status Engine::Impl::Listen() {
  constexpr int kMostRequestBytes = 16 << 20;  // specs and measurements; tensors never come here
  ASSIGN_OR_RETURN(server, ListenAtSocket(home->socket_path(), kMostRequestBytes,
                                          {engine_service.get(), home_service.get()}));
  if (options.listen.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      port, TlsPort::Open({.listen = options.listen,
                           .kit = options.kit,
                           .audit_file = home->audit_log(),
                           .rights = Rights(),
                           .on_cut_off =
                               [this](const std::string& fingerprint, const std::string& why) {
                                 loop->Post([this, fingerprint, why] { table->CutOff(fingerprint, why); });
                               }},
                          {engine_service.get(), home_service.get()}));
  absl::MutexLock lock(&mutex);
  network_address = port->address();
  return absl::OkStatus();
}

void Engine::Impl::BeginStop() {
  if (stopping) return;
  stopping = true;
  store->EndWaiting();  // a run whose results wait for a disk to have room would never end
  table->StopAll(options.stop_seconds);
  AwaitQuiet();
}

void Engine::Impl::AwaitQuiet() {
  if (table->active() > 0) {
    loop->After(0.05, [this] { AwaitQuiet(); });
    return;
  }
  absl::MutexLock lock(&mutex);
  ended = true;
}

void Engine::Impl::LookForIdleness() {
  const double now = Clock::Real().SteadySeconds();
  const bool busy = table->active() > 0 || table->queued() > 0 || watchers.count() > 0;
  if (busy || idle_since == 0) idle_since = now;
  if (now - std::max(idle_since, engine_service->last_activity()) >= options.idle_exit_seconds) {
    spdlog::info("nobody has asked for anything for {:.0f} s: the engine ends", options.idle_exit_seconds);
    return BeginStop();
  }
  loop->After(std::min(1.0, options.idle_exit_seconds / 4), [this] { LookForIdleness(); });
}

void Engine::Impl::TakeDown() {
  // Calls first, while loop and pool can still answer them; then what they used, in turn.
  if (server != nullptr) {
    engine_service->EndTests();
    loop->Run([this] { watchers.EndAll({grpc::StatusCode::UNAVAILABLE, "the engine has ended"}); });
    if (port != nullptr) port->Shutdown(Deadline::After(2));
    EndServer(*server, Deadline::After(2));
    port.reset();
    server.reset();
  }
  if (loop != nullptr) loop->Run([this] { table.reset(); });
  if (pool != nullptr) pool->Stop();
  if (loop != nullptr) loop->Stop();
  engine_service.reset();
  home_service.reset();
  store.reset();  // writes out what is queued
  home.reset();   // the lock goes last: the next engine finds everything written
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(const EngineOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  const absl::Status status = impl->Start();
  std::unique_ptr<Engine> engine(new Engine(std::move(impl)));
  if (status.ok()) return engine;
  return status;  // and takes down what there is
}

Engine::~Engine() {
  if (impl_->server != nullptr) {
    Stop();
    Wait(Deadline::After(impl_->options.stop_seconds + 4 * impl_->options.limits.grace + 5));
  }
  impl_->TakeDown();
}

const std::string& Engine::home() const { return impl_->home->path(); }
std::string Engine::address() const { return impl_->home->address(); }

std::string Engine::network_address() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->network_address;
}

void Engine::Stop() {
  impl_->store->EndWaiting();  // the loop may be one who waits
  impl_->loop->Post([impl = impl_.get()] { impl->BeginStop(); });
}

void Engine::StopAtOnce() {
  Stop();
  impl_->loop->Post([impl = impl_.get()] { impl->table->EndAll(); });
}

bool Engine::Wait(Deadline deadline) {
  absl::MutexLock lock(&impl_->mutex);
  const auto ended = [this] {
    impl_->mutex.AssertReaderHeld();
    return impl_->ended;
  };
  return impl_->mutex.AwaitWithTimeout(absl::Condition(&ended),
                                       absl::Seconds(std::min(1e9, deadline.SecondsLeft())));
}

}  // namespace concertina
