// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// device_bench.cc: see device_bench.h.
#include "core/engine/device_bench.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/edge/sha256.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kDeviceLines = 24;
constexpr size_t kMostDeviceLineBytes = 4000;
constexpr size_t kMostProgramsThere = 100;
constexpr std::string_view kDeviceAnswer = "concertina ";

// Run by /bin/sh there: $1 the working folder. In one line, since not every shell that hands it on likes
// others.
constexpr char kLookScript[] =
    "umask 077; case $1 in /*) folder=$1;; \"~\") folder=$HOME;; \"~/\"*) folder=$HOME/${1#??};; "
    "*) folder=$HOME/$1;; esac; folder=$folder/edge; mkdir -p \"$folder\" || exit 73; "
    "echo \"concertina folder $folder\"; echo \"concertina host $(uname -n)\"; "
    "echo \"concertina system $(uname -s) $(uname -m)\"; "
    "for each in \"$folder\"/concertina-edge-*; do if [ -x \"$each\" ]; then "
    "echo \"concertina has ${each##*/}\"; fi; done";
// $1 the place of a file whose bytes are the input, $2 its mode, $3 its bytes. Nobody sees half of it: where
// ssh is killed, the input just ends, and so the bytes are counted.
constexpr char kPlaceScript[] =
    "umask 077; cat >\"$1.$$\" && [ \"$(wc -c <\"$1.$$\")\" -eq \"$3\" ] && chmod \"$2\" \"$1.$$\" && mv "
    "\"$1.$$\" \"$1\" || { rm -f \"$1.$$\"; exit 74; }";
// $1 the model's place, its bytes are the input; $2 the program, $3 how many queries, $4 the model's bytes.
constexpr char kBenchScript[] =
    "umask 077; cat >\"$1.$$\" && [ \"$(wc -c <\"$1.$$\")\" -eq \"$4\" ] && mv \"$1.$$\" \"$1\" || { rm -f "
    "\"$1.$$\"; exit 74; }; "
    "figures=$(\"$2\" bench \"$1\" --queries \"$3\" --json) || exit 75; echo \"concertina bench $figures\"";

absl::StatusOr<std::string> SizeText(const std::string& path) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return ErrnoStatus(error.value(), path);
  return std::to_string(bytes);
}

}  // namespace

absl::StatusOr<std::string> FindEdgeProgram(const std::string& machine) {
  namespace fs = std::filesystem;
  ASSIGN_OR_RETURN(const std::string own, FindProgram("concertina-edge"));
#if defined(__x86_64__)
  constexpr std::string_view kOwnMachine = "x86_64";
#elif defined(__aarch64__)
  constexpr std::string_view kOwnMachine = "aarch64";
#else
  constexpr std::string_view kOwnMachine = "";
#endif
  if (machine == kOwnMachine) return own;
  const std::string architecture = machine == "aarch64" || machine == "arm64"            ? "arm64"
                                   : machine.starts_with("armv7") || machine == "armv8l" ? "armhf"
                                                                                         : "";
  if (architecture.empty())
    return absl::InvalidArgumentError(
        fmt::format("the device is a \"{}\"; concertina-edge is built for x86_64, aarch64 and armv7 alone",
                    CutUtf8(machine, 40)));
  // Installed beside our own, or where packaging/edge-cross puts it in a tree of sources.
  const fs::path bin = fs::path(own).parent_path();
  for (const fs::path& candidate :
       {bin / ("concertina-edge-" + architecture),
        bin.parent_path().parent_path() / ("edge-" + architecture) / "bin" / "concertina-edge"}) {
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) return candidate.string();
  }
  return absl::NotFoundError(
      fmt::format("the device is a {}, and there is no concertina-edge for it yet: build one with "
                  "packaging/edge-cross {}",
                  CutUtf8(machine, 40), architecture));
}

DeviceBench::~DeviceBench() {
  if (!control_folder_.empty()) rmdir(control_folder_.c_str());
}

void DeviceBench::Begin() {
  absl::StatusOr<std::string> made = MakePrivateFolder("/tmp");
  if (!made.ok()) return Finish(made.status());
  control_folder_ = *std::move(made);
  Step("looked at", kLookScript, {settings_.host.folder}, "", kLookSeconds, [this] { return CopyProgram(); });
}

absl::Status DeviceBench::CopyProgram() {
  if (!folder_.starts_with("/") || machine_.empty())
    return absl::InternalError(fmt::format("{} answered with folder \"{}\" and processor \"{}\"",
                                           settings_.host.Name(), folder_, machine_));
  ASSIGN_OR_RETURN(const std::string program, FindEdgeProgram(machine_));
  ASSIGN_OR_RETURN(const std::string digest, Sha256OfFile(program));
  const std::string name = "concertina-edge-" + digest.substr(0, 16);
  figures_.program = folder_ + "/" + name;
  figures_.model = folder_ + "/" + settings_.name;
  if (programs_there_.contains(name)) return CopyModel();
  ASSIGN_OR_RETURN(const std::string bytes, SizeText(program));
  Step("given the program", kPlaceScript, {figures_.program, "700", bytes}, program, kCopySeconds,
       [this] { return CopyModel(); });
  return absl::OkStatus();
}

absl::Status DeviceBench::CopyModel() {
  ASSIGN_OR_RETURN(const std::string bytes, SizeText(settings_.model));
  Step("measured", kBenchScript, {figures_.model, figures_.program, std::to_string(settings_.queries), bytes},
       settings_.model, kBenchSeconds, [this]() -> absl::Status {
         const nlohmann::json said = nlohmann::json::parse(figures_.bench_json, nullptr, false);
         if (!said.is_object() || !said.contains("p50_seconds") || !said["p50_seconds"].is_number())
           return absl::DataLossError(fmt::format("concertina-edge on {} printed no figures: {}",
                                                  settings_.host.Name(),
                                                  lines_.empty() ? "nothing" : lines_.back()));
         Finish(figures_);
         return absl::OkStatus();
       });
  return absl::OkStatus();
}

void DeviceBench::Step(const char* what, const char* script, std::vector<std::string> arguments,
                       const std::string& input_file, double seconds, std::function<absl::Status()> next) {
  lines_.clear();
  ChildCommand command;
  command.arguments = SshArguments(settings_.host, settings_.ssh, control_folder_ + "/ssh", SshUse::kConnect);
  command.arguments.push_back(ShellCommand(ScriptWords(script, std::move(arguments))));
  command.input_file = input_file;
  const auto is_done = std::make_shared<bool>(false);
  const absl::StatusOr<pid_t> pid = children_.Start(
      command, [self = shared_from_this()](std::string_view bytes) { self->Hear(bytes); },
      [self = shared_from_this(), is_done, what, next = std::move(next)](const ChildExit& exit) {
        if (std::exchange(*is_done, true)) return;
        if (!self->partial_.empty()) self->HearLine(std::exchange(self->partial_, {}));
        if (exit.signal == 0 && exit.exit_code == 0) {
          if (const absl::Status status = next(); !status.ok()) self->Finish(status);
          return;
        }
        const std::string heard = self->lines_.empty() ? "" : ": " + self->lines_.back();
        if (exit.exit_code == 75)
          return self->Finish(absl::UnavailableError(
              fmt::format("concertina-edge does not run on {}{}", self->settings_.host.Name(), heard)));
        self->Finish(absl::UnavailableError(
            fmt::format("{} could not be {}: {}", self->settings_.host.Name(), what,
                        exit.signal != 0 ? fmt::format("the ssh client was killed by signal {}", exit.signal)
                                         : ExplainSsh(self->settings_.host, exit.exit_code, self->lines_))));
      });
  if (!pid.ok()) return Finish(pid.status());
  stop_ = [weak = weak_from_this(), is_done, pid = *pid] {
    const std::shared_ptr<DeviceBench> self = weak.lock();
    if (self != nullptr && !std::exchange(*is_done, true)) self->children_.Signal(pid, SIGKILL);
  };
  const auto guard = [weak = weak_from_this(), is_done, pid = *pid, seconds, what] {
    const std::shared_ptr<DeviceBench> self = weak.lock();
    if (self == nullptr || std::exchange(*is_done, true)) return;
    self->children_.Signal(pid, SIGKILL);
    self->Finish(absl::DeadlineExceededError(
        fmt::format("{} could not be {} within {:.0f} s", self->settings_.host.Name(), what, seconds)));
  };
  // Timers are set on the children's own thread.
  children_.Post([self = shared_from_this(), seconds, guard] { self->children_.After(seconds, guard); });
}

void DeviceBench::Cancel() {
  if (stop_ != nullptr) std::exchange(stop_, nullptr)();
  Finish(absl::CancelledError(
      fmt::format("cancelled; what was copied whole stays on {}", settings_.host.Name())));
}

void DeviceBench::Hear(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n' && partial_.size() < kMostDeviceLineBytes) partial_ += c;
    if (c == '\n') HearLine(std::exchange(partial_, {}));
  }
}

void DeviceBench::HearLine(const std::string& given) {
  const std::string line = CutUtf8(given, kMostDeviceLineBytes);
  if (!line.starts_with(kDeviceAnswer)) {
    if (line.empty()) return;
    lines_.push_back(line);
    if (lines_.size() > kDeviceLines) lines_.erase(lines_.begin());
    return;
  }
  const std::string answer = line.substr(kDeviceAnswer.size());
  const std::string name = answer.substr(0, answer.find(' '));
  const std::string value = name.size() < answer.size() ? answer.substr(name.size() + 1) : "";
  if (name == "folder") folder_ = value;
  if (name == "host") figures_.host = value;
  if (name == "has" && programs_there_.size() < kMostProgramsThere) programs_there_.insert(value);
  if (name == "bench") figures_.bench_json = value;
  if (name != "system") return;
  figures_.system = value;
  machine_ = value.substr(value.rfind(' ') + 1);
}

void DeviceBench::Finish(absl::StatusOr<DeviceFigures> figures) {
  if (on_done_ != nullptr) std::exchange(on_done_, nullptr)(figures);
}

}  // namespace concertina
