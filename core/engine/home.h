// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// home.h: the folder that an engine lives in, and the lock that keeps a second one out.
// On the way of the data: proto/engine_launch.h says which folder -> here -> engine/engine.h.
//
//   engine.lock   locked by the engine that runs (left behind, harmless, when it ends)
//   engine.sock   where programs and workers meet it; elsewhere if the path would be too long (see Open)
//   engine.json   {"pid", "address", "version"} of the engine that runs
//   audit.log     who came over the network (proto/audit_log.h)
//   concertina.db, runs/ID/, datasets/, plugins/, kernels.json, calibration.json
#pragma once

#include <memory>
#include <string>

#include "core/base/status.h"

namespace concertina {

class Home {
 public:
  // Makes the folders (0700) where they are missing and takes the lock; then removes the socket of an engine
  // that died. kFailedPrecondition: another engine has this home (its process id is named);
  // kPermissionDenied, kResourceExhausted as they are. A socket path longer than 107 bytes cannot be bound:
  // then the socket goes to a 0700 folder of this user in $XDG_RUNTIME_DIR or /tmp, whose name is made of the
  // home's; address() tells.
  static absl::StatusOr<std::unique_ptr<Home>> Open(const std::string& path);
  ~Home();  // removes socket and engine.json, and lets the lock go
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const std::string& path() const { return path_; }
  const std::string& socket_path() const { return socket_path_; }
  std::string address() const { return "unix:" + socket_path_; }
  std::string database() const { return path_ + "/concertina.db"; }
  std::string runs() const { return path_ + "/runs"; }
  std::string run(const std::string& id) const { return path_ + "/runs/" + id; }
  std::string datasets() const { return path_ + "/datasets"; }
  std::string models() const { return path_ + "/models"; }  // of runs, that others were given
  std::string plugins() const { return path_ + "/plugins"; }
  std::string kernels_file() const { return path_ + "/kernels.json"; }
  std::string audit_log() const { return path_ + "/audit.log"; }
  std::string calibration_file() const { return path_ + "/calibration.json"; }

  // Writes engine.json; called once the engine listens.
  absl::Status Announce() const;

 private:
  Home(std::string path, std::string socket_path, int lock)
      : path_(std::move(path)), socket_path_(std::move(socket_path)), lock_(lock) {}

  const std::string path_;
  const std::string socket_path_;
  const int lock_;
};

}  // namespace concertina
