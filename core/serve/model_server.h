// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_server.h: the door of a served model: a Unix socket in a folder that nobody else can enter, or a port
// with mutual TLS. On the way of the data: serve/model_client.h -> here (proto/tls_port.h) ->
// serve/model_service.h.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/serve/model_service.h"

namespace concertina {

struct ModelServerOptions {
  // "unix:PATH", whose folder is this user's alone (made, 0700, if it is not there); or HOST:PORT, which
  // needs a kit; port 0: any that is free. "": a socket in a new folder of $XDG_RUNTIME_DIR or /tmp, which
  // goes with the server.
  std::string listen;
  std::string kit;         // the folder of an engine's start-up kit: who listens is an engine to its callers
  std::string audit_file;  // who came to the port
};

class ModelServer {
 public:
  // Listens when it returns; `service` outlives it. kAlreadyExists: somebody listens there, or something that
  // is no socket is in the place; kFailedPrecondition: others can enter the folder, or a port without a kit;
  // kInvalidArgument: no address; the errors of TlsPort::Open. A socket that nobody listens at is replaced.
  static absl::StatusOr<std::unique_ptr<ModelServer>> Open(const ModelServerOptions& options,
                                                           ModelService& service);
  // As Shutdown, with no time left.
  ~ModelServer();

  // As a caller gives it: "unix:/…", or HOST:PORT with the port that it became.
  const std::string& address() const { return address_; }
  // Nobody comes in any more; calls that go on get until the deadline.
  void Shutdown(Deadline deadline);

 private:
  struct Impl;
  explicit ModelServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace concertina
