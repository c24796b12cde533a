// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_port.h: a program's port on the network: mutual TLS, a right for each call, and an end for whoever is
// revoked.
// On the way of the data: a person's or a worker's channel (proto/engine_channel.h) -> here -> the services
// of engine/engine_service.h, worker_link.h and serve/model_service.h, which know nothing of it.
//
// A server of its own, beside the one of the Unix socket: what holds for strangers (sizes, streams, memory,
// the questions asked of every call) holds for nobody else.
//   handshake      TLS 1.2 or 1.3; the chain by OpenSSL, the rest by security/certificate.h: before HTTP/2
//   each call      the role against the table of rights, and the revocation list again
//   each second    the list's file; calls and streams of the revoked and the expired end (kCheckSeconds)
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/proto/call_right.h"

namespace grpc {
class Service;
}

namespace concertina {

struct TlsPortOptions {
  std::string listen;  // HOST:PORT; port 0: any that is free
  std::string kit;     // the folder of an engine's kit
  std::string audit_file;
  // Who may make which call; outlives the port. A role without a row is not even let in: without a table
  // nobody is.
  std::span<const CallRight> rights;
  // Told just before the calls of a holder who would not be let in any more end, once for each: the
  // fingerprint of the certificate, and "its certificate was revoked" or "… has expired". From a thread of
  // the port; must only hand on. May be null.
  std::function<void(const std::string& fingerprint, const std::string& why)> on_cut_off = nullptr;
  int most_request_bytes = 4 << 20;  // specs and measurements; tensors never come to an engine
};

class TlsPort {
 public:
  static constexpr double kCheckSeconds = 1;

  // Listens when it returns. `services` outlive it. kFailedPrecondition: no kit was given, or not an
  // engine's; the errors of ReadKit, RevocationWatch and AuditLog; kUnavailable: the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<TlsPort>> Open(const TlsPortOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  // As Shutdown, with no time left.
  ~TlsPort();

  // HOST:PORT as it was asked for, with the port that it became.
  const std::string& address() const { return address_; }
  // Nobody comes in any more; calls that go on get until the deadline.
  void Shutdown(Deadline deadline);

 private:
  struct Impl;
  explicit TlsPort(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace concertina
