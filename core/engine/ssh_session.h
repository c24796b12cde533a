// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_session.h: one connection to one machine, which the workers that run there for one run share.
// On the way of the data: engine/ssh_launcher.cc -> here (engine/ssh_command.h) -> base/child_process.h.
//
//   connect   the client logs in, looks at the machine, makes a 0700 folder for the socket there, and then
//   holds the
//             connection: it reads its input, and when that ends it removes the folder
//   forward   the engine's Unix socket appears in that folder: no port is opened anywhere
//   copy      the engine's own concertina-worker, unless it is there already (its name holds its SHA-256)
//   run       each worker is a client of its own through the same connection
// Everything that dies takes the rest with it: the engine's children end with it, the connection's end closes
// each worker's input, and who reads that there ends the worker (worker/worker_keeper.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/child_process.h"
#include "core/engine/launcher.h"
#include "core/engine/ssh_command.h"

namespace concertina {

// The full path of the ssh client, in the folders of PATH. kNotFound: it is not installed.
absl::StatusOr<std::string> FindSsh();

// Everything here belongs to the thread of `children`, which outlives it.
class SshSession : public std::enable_shared_from_this<SshSession> {
 public:
  static constexpr double kConnectSeconds = 20, kForwardSeconds = 10, kCopySeconds = 90, kEndSeconds = 3;

  struct Settings {
    SshHost host;
    std::string ssh;     // FindSsh's
    std::string worker;  // the engine's own concertina-worker
    std::string
        control_folder;  // a 0700 folder for the control socket; another is made where its path is too long
    std::string engine_socket;  // "": this session only looks at the machine
  };
  SshSession(ChildProcesses& children, Settings settings)
      : children_(children), settings_(std::move(settings)) {}
  ~SshSession();

  using OnReady = std::function<void(const absl::Status&)>;
  // Begins, where it has not begun; `on_ready` comes once the machine is ready, or cannot be. It may come at
  // once.
  void WhenReady(OnReady on_ready);
  const HostReport& report() const { return report_; }  // once it is ready
  bool is_over() const { return state_ == State::kOver; }
  // Why it is over, if it did not end as it was asked to.
  const absl::Status& failure() const { return failure_; }

  // Runs `words` there. `on_exit` as ChildProcesses; exit code 255 is ssh's own.
  absl::StatusOr<pid_t> Run(const std::vector<std::string>& words, ChildProcesses::OnOutput on_output,
                            ChildProcesses::OnExit on_exit);
  // The words of one worker of this machine.
  std::vector<std::string> WorkerWords(const LaunchRequest& request) const;
  // The connection is needed no more.
  void End();

 private:
  enum class State { kNew, kConnecting, kPreparing, kReady, kOver };
  absl::Status Connect();
  void OnConnectOutput(std::string_view bytes);
  void OnConnectLine(const std::string& line);
  void OnConnectExit(const ChildExit& exit);
  void Forward();
  void CopyIfNeeded();
  void CheckVersion();
  void BeReady();
  void Fail(const absl::Status& why);
  // One step that must be done in time: `next` follows its success.
  void Step(std::vector<std::string> arguments, const std::string& input_file, double seconds,
            std::function<void()> next);
  void Remember(const std::string& line);

  ChildProcesses& children_;
  const Settings settings_;
  State state_ = State::kNew;
  absl::Status failure_;
  std::vector<OnReady> waiting_;
  pid_t connection_ = 0;
  std::string control_, own_folder_;  // `own_folder_`: made for the control socket, and removed
  std::string partial_;
  std::vector<std::string> lines_;  // the last ones that were no answers
  HostReport report_;
  std::string folder_, socket_, program_, copy_name_;
};

}  // namespace concertina
