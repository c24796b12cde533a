// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_threads.h: ranks as threads over any transport, for the tests of what ranks do together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/comm/transport.h"
#include "nlohmann/json.hpp"
#include "tests/core/comm/certificates.h"

namespace concertina {

inline absl::StatusOr<std::unique_ptr<TransportKind>> MakeTransportKind(const std::string& kind) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("transport", Json{{"kind", kind}}, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<TransportKind>("transport", params);
}

// A row beside the kinds: as between hosts.
inline constexpr char kBetweenHosts[] = "grpc between hosts";
// Those whose ranks may be threads of this process: not "mpi", nor what was built without its library.
inline std::vector<std::string> KindsAndTls() {
  std::vector<std::string> rows;
  for (const std::string& kind : Registry::Global().Kinds("transport")) {
    const auto made = MakeTransportKind(kind);
    const absl::Status usable =
        made.ok() ? (*made)->Listen({.secret = "is it there?"}).status() : made.status();
    if (usable.ok())
      rows.push_back(kind);
    else
      spdlog::warn("skipped: {}", std::string(usable.message()));
  }
  rows.push_back(kBetweenHosts);
  return rows;
}

using RankBody = std::function<absl::Status(Transport& transport)>;

// Connects `size` ranks over `kind` (a row of KindsAndTls), each in a thread of its own that runs `body` and
// then leaves; gives what each said.
inline std::vector<absl::Status> RunRanks(const std::string& kind, int size, const LinkShape& shape,
                                          const RankBody& body) {
  std::vector<absl::Status> said(static_cast<size_t>(size));
  const bool with_tls = kind == kBetweenHosts;
  auto made = MakeTransportKind(with_tls ? "grpc" : kind);
  if (!made.ok()) return std::vector<absl::Status>(static_cast<size_t>(size), made.status());
  std::vector<std::unique_ptr<TransportListener>> listeners;
  std::vector<std::string> addresses;
  for (int rank = 0; rank < size; ++rank) {
    ListenOptions options{.secret = "the secret of this run", .incarnation = 3};
    if (with_tls) {
      auto credentials = CredentialsOf(rank);
      if (!credentials.ok())
        return std::vector<absl::Status>(static_cast<size_t>(size), credentials.status());
      options.credentials = *std::move(credentials);
      options.advertise_host = "127.0.0.1";
    }
    auto listener = (*made)->Listen(options);
    if (!listener.ok()) return std::vector<absl::Status>(static_cast<size_t>(size), listener.status());
    addresses.push_back((*listener)->address());
    listeners.push_back(*std::move(listener));
  }
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      const auto self = static_cast<size_t>(rank);
      auto transport = listeners[self]->Connect(rank, addresses, shape, Deadline::After(20));
      said[self] = transport.ok() ? body(**transport) : transport.status();
    });
  for (std::thread& thread : threads) thread.join();
  return said;
}

// The first that is not OK.
inline absl::Status FirstError(const std::vector<absl::Status>& said) {
  for (const absl::Status& status : said) RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

}  // namespace concertina
