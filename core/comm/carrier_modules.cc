// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carrier_modules.cc: the transports "mpi" and "gloo", each of which loads its module when it is chosen, so
// that nobody needs these libraries to start a program.
// On the way of the data: comm/transport.h's TransportKind -> here -> plugins/transports ->
// comm/tcp_listener.h, comm/carried_transport.h.
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/registry.h"
#include "core/comm/carried_transport.h"
#include "core/comm/tcp_listener.h"
#include "fmt/format.h"

namespace concertina {
namespace {

namespace fs = std::filesystem;

// Where the module is looked for: beside the program as it is built and as it is installed.
std::vector<fs::path> ModuleFolders() {
  std::vector<fs::path> folders;
  if (const char* given = std::getenv("CONCERTINA_TRANSPORTS"); given != nullptr && *given == '/')
    folders.emplace_back(given);
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return folders;
  folders.push_back(self.parent_path() / "transports");
  folders.push_back(self.parent_path() / "lib/concertina/transports");
  folders.push_back(self / "transports");
  return folders;
}

struct CarrierModule {
  const char* kind;
  const char* what;      // "MPI"
  const char* packages;  // of Debian, that it needs
};

absl::StatusOr<const CarrierLibrary*> LoadCarrier(const CarrierModule& module) {
  std::string looked;
  for (const fs::path& folder : ModuleFolders()) {
    const fs::path file = folder / fmt::format("{}.so", module.kind);
    looked += (looked.empty() ? "" : ", ") + folder.string();
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    // Never unloaded: these libraries leave threads and handlers behind.
    void* const loaded = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (loaded == nullptr)
      return absl::FailedPreconditionError(fmt::format("{}: {}; on Debian the packages {} are needed",
                                                       file.string(), dlerror(), module.packages));
    using AbiFunction = int (*)();
    using CarrierFunction = const CarrierLibrary* (*)();
    const auto abi = reinterpret_cast<AbiFunction>(dlsym(loaded, "concertina_carrier_abi"));
    const auto carrier = reinterpret_cast<CarrierFunction>(dlsym(loaded, "concertina_carrier"));
    if (abi == nullptr || carrier == nullptr)
      return absl::FailedPreconditionError(
          fmt::format("{}: is no transport module of Concertina; install Concertina again", file.string()));
    if (abi() != kCarrierAbiVersion)
      return absl::FailedPreconditionError(
          fmt::format("{}: was built for version {} of transport modules, this program has version {}; build "
                      "it again",
                      file.string(), abi(), kCarrierAbiVersion));
    return carrier();
  }
  return absl::FailedPreconditionError(fmt::format(
      "the module {}.so of the transport \"{}\" is not there (looked in {}): Concertina was built "
      "without {}. Install {} and build it again, or take another /network/transport",
      module.kind, module.kind, looked, module.what, module.packages));
}

class ModuleKind final : public TransportKind {
 public:
  explicit ModuleKind(const CarrierModule& module) : module_(module) {}
  absl::StatusOr<std::unique_ptr<TransportListener>> Listen(const ListenOptions& options) const override {
    ASSIGN_OR_RETURN(const CarrierLibrary* library, LoadCarrier(module_));
    RETURN_IF_ERROR(library->Check());
    return ListenOverTcp(
        options,
        [name = module_.kind, library](TcpMeeting meeting, const LinkShape& shape,
                                       Deadline deadline) -> absl::StatusOr<std::unique_ptr<Transport>> {
          auto transport = std::make_unique<CarriedTransport>(name, meeting.rank, meeting.size,
                                                              std::move(meeting.credentials));
          RETURN_IF_ERROR(
              transport->Start(*library, meeting.host, std::move(meeting.peers), shape, deadline));
          return transport;
        });
  }

 private:
  const CarrierModule& module_;
};

constexpr CarrierModule kMpi = {.kind = "mpi", .what = "MPI", .packages = "libopenmpi-dev and openmpi-bin"};
constexpr CarrierModule kGloo = {.kind = "gloo", .what = "Gloo", .packages = "libgloo-dev"};

REGISTER_COMPONENT(
    TransportKind,
    Descriptor({.category = "transport",
                .kind = "mpi",
                .title = "MPI",
                .summary = "Messages of Open MPI, over whatever network it knows: InfiniBand, shared memory, "
                           "TCP. All workers are one entry of local or slurm. Not encrypted.",
                .citation = "MPI Forum. MPI: A Message-Passing Interface Standard, version 3.1. 2015"}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<TransportKind>> {
      return std::make_unique<ModuleKind>(kMpi);
    });

REGISTER_COMPONENT(
    TransportKind,
    Descriptor({.category = "transport",
                .kind = "gloo",
                .title = "Gloo",
                .summary = "Gloo's messages over its own TCP connections, as PyTorch uses it. Not encrypted.",
                .citation = "Facebook Incubator. Gloo: collective communications library. 2017"}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<TransportKind>> {
      return std::make_unique<ModuleKind>(kGloo);
    });

}  // namespace
}  // namespace concertina
