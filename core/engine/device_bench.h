// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// device_bench.h: a compressed model on its device: copied there by ssh with the program that runs it, and
// measured there. On the way of the data: engine/engine_service.cc -> here (engine/ssh_command.h,
// base/child_process.h) -> app/edge on the device.
//
// Three logins, one after the other: what system is it and is the program there, the program, the model. Both
// stay in the folder "edge" of the working folder there, and the model can be used at once.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/child_process.h"
#include "core/base/status.h"
#include "core/engine/ssh_command.h"

namespace concertina {

struct DeviceFigures {
  std::string host, system;    // as the device calls itself; "Linux aarch64"
  std::string program, model;  // their paths there
  std::string bench_json;      // what `concertina-edge bench --json` printed
};

// The concertina-edge for a processor, as `uname -m` names it: this installation's own, or what
// packaging/edge-cross has built. kNotFound says how to build it; kInvalidArgument: no such build is known.
absl::StatusOr<std::string> FindEdgeProgram(const std::string& machine);

// Everything here belongs to the thread of `children`, which outlives it.
class DeviceBench : public std::enable_shared_from_this<DeviceBench> {
 public:
  static constexpr double kLookSeconds = 20, kCopySeconds = 90, kBenchSeconds = 120;
  static constexpr int64_t kMostQueries = 1 << 20;

  struct Settings {
    SshHost host;
    std::string ssh;    // FindSsh's
    std::string model;  // the file here
    std::string name;   // of the file there, without a folder
    int64_t queries = 1024;
  };
  using OnDone = std::function<void(const absl::StatusOr<DeviceFigures>&)>;

  DeviceBench(ChildProcesses& children, Settings settings, OnDone on_done)
      : children_(children), settings_(std::move(settings)), on_done_(std::move(on_done)) {}
  ~DeviceBench();

  // `on_done` comes once, on the thread of `children`.
  void Begin();
  // Ends what runs here for it and is done, if it was not yet. On the thread of `children`, after Begin.
  void Cancel();

 private:
  // Runs `script` there with `arguments`; `next` follows if it ends well and in time.
  void Step(const char* what, const char* script, std::vector<std::string> arguments,
            const std::string& input_file, double seconds, std::function<absl::Status()> next);
  void Hear(std::string_view bytes);
  void HearLine(const std::string& line);
  absl::Status CopyProgram();
  absl::Status CopyModel();
  void Finish(absl::StatusOr<DeviceFigures> figures);

  ChildProcesses& children_;
  const Settings settings_;
  OnDone on_done_;
  std::function<void()> stop_;  // of the step under way
  std::string control_folder_;  // ssh insists on a path for its socket
  std::string partial_;
  std::vector<std::string> lines_;  // the last ones that were no answers
  std::string folder_, machine_;
  std::set<std::string> programs_there_;
  DeviceFigures figures_;
};

}  // namespace concertina
