// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_session.cc: see ssh_session.h.
#include "core/engine/ssh_session.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "absl/strings/numbers.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/edge/sha256.h"
#include "core/engine/run.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kRememberedLines = 24;
constexpr size_t kMostLineBytes = 2000;
constexpr size_t kMostDatasets = 100;
constexpr std::string_view kAnswer = "concertina ";

// Run by /bin/sh there: $1 the working folder, $2 the program or "", $3 the name of the engine's copy, $4 a
// name nobody has. In one line, since not every shell that hands it on likes others. A Unix socket's path has
// 107 bytes.
constexpr char kConnectScript[] =
    "umask 077; "
    "at_home() { case $1 in /*) echo \"$1\";; \"~\") echo \"$HOME\";; \"~/\"*) echo \"$HOME/${1#??}\";; "
    "*) echo \"$HOME/$1\";; esac; }; "
    "folder=$(at_home \"$1\"); "
    "mkdir -p \"$folder/bin\" \"$folder/runs\" \"$folder/datasets\" || exit 73; "
    "meeting=$folder/$4; [ ${#meeting} -le 95 ] || meeting=/tmp/concertina-$4; "
    "mkdir -m 700 \"$meeting\" || exit 73; "
    "trap 'rm -rf \"$meeting\"' EXIT; trap 'exit 1' HUP INT TERM PIPE; "
    "case $2 in \"\") program=$folder/bin/$3;; */*|\"~\"*) program=$(at_home \"$2\");; "
    "*) program=$(command -v \"$2\");; esac; "
    "echo \"concertina folder $folder\"; echo \"concertina socket $meeting/e\"; "
    "echo \"concertina program $program\"; "
    "if [ -x \"$program\" ]; then echo \"concertina version $(\"$program\" --version 2>&1 | head -n 1)\"; "
    "fi; "
    "echo \"concertina system $(uname -s) $(uname -m)\"; echo \"concertina host $(uname -n)\"; "
    "echo \"concertina cores $(getconf _NPROCESSORS_ONLN)\"; "
    "echo \"concertina memory_kib $(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)\"; "
    "for each in \"$folder\"/datasets/* \"${XDG_DATA_HOME:-$HOME/.local/share}\"/concertina/datasets/* "
    "/usr/share/datasets/*; do if [ -d \"$each\" ]; then echo \"concertina dataset ${each##*/}\"; fi; done; "
    "echo \"concertina ready\"; cat >/dev/null";

// $1 the program's place; its bytes are the input. Somebody else may be copying it at the same time.
constexpr char kCopyScript[] =
    "umask 077; cat >\"$1.$$\" && chmod 700 \"$1.$$\" && mv \"$1.$$\" \"$1\" || { rm -f \"$1.$$\"; exit 74; "
    "}; "
    "echo \"concertina version $(\"$1\" --version 2>&1 | head -n 1)\"";

}  // namespace

absl::StatusOr<std::string> FindSsh() { return FindOnPath("ssh", "openssh-client"); }

SshSession::~SshSession() {
  if (!own_folder_.empty()) rmdir(own_folder_.c_str());  // ssh has removed its socket
}

void SshSession::WhenReady(OnReady on_ready) {
  if (state_ == State::kReady) return on_ready(absl::OkStatus());
  if (state_ == State::kOver)
    return on_ready(failure_.ok() ? absl::CancelledError("the connection was ended") : failure_);
  waiting_.push_back(std::move(on_ready));
  if (state_ != State::kNew) return;
  state_ = State::kConnecting;
  if (const absl::Status status = Connect(); !status.ok()) Fail(status);
}

absl::Status SshSession::Connect() {
  const std::string name = MakeToken().substr(0, 16);
  ASSIGN_OR_RETURN(const std::string digest, Sha256OfFile(settings_.worker));
  copy_name_ = "concertina-worker-" + digest.substr(0, 16);
  control_ = fmt::format("{}/ssh-{}", settings_.control_folder, name.substr(0, 8));
  if (control_.size() > kMaxControlPath || settings_.control_folder.empty() ||
      control_.find('"') != std::string::npos) {
    ASSIGN_OR_RETURN(own_folder_, MakePrivateFolder("/tmp"));
    control_ = own_folder_ + "/ssh";
  }
  const SshHost& host = settings_.host;
  ChildCommand command;
  command.arguments = SshArguments(host, settings_.ssh, control_, SshUse::kConnect);
  command.arguments.push_back(
      ShellCommand(ScriptWords(kConnectScript, {host.folder, host.program, copy_name_, name})));
  command.is_fed = true;  // as long as it is open, the connection is held
  ASSIGN_OR_RETURN(
      connection_,
      children_.Start(
          command, [self = shared_from_this()](std::string_view bytes) { self->OnConnectOutput(bytes); },
          [self = shared_from_this()](const ChildExit& exit) { self->OnConnectExit(exit); }));
  children_.After(kConnectSeconds, [weak = weak_from_this()] {
    const std::shared_ptr<SshSession> self = weak.lock();
    if (self == nullptr || self->state_ != State::kConnecting) return;
    self->Fail(absl::DeadlineExceededError(fmt::format(
        "{} was not ready {:.0f} s after the connection was begun{}", self->settings_.host.Name(),
        kConnectSeconds, self->lines_.empty() ? "" : "; the last that was heard: " + self->lines_.back())));
  });
  return absl::OkStatus();
}

void SshSession::OnConnectOutput(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n' && partial_.size() < kMostLineBytes) partial_ += c;
    if (c != '\n') continue;
    const std::string line = std::exchange(partial_, {});
    OnConnectLine(line);
  }
}

void SshSession::OnConnectLine(const std::string& given) {
  const std::string line = CutUtf8(given, kMostLineBytes);
  if (!line.starts_with(kAnswer)) return Remember(line);
  const std::string answer = line.substr(kAnswer.size());
  const std::string name = answer.substr(0, answer.find(' '));
  const std::string value = name.size() < answer.size() ? answer.substr(name.size() + 1) : "";
  if (name == "folder") folder_ = value;
  if (name == "socket") socket_ = value;
  if (name == "program") program_ = value;
  if (name == "version") report_.version = value;
  if (name == "system") report_.system = value;
  if (name == "host") report_.host = value;
  if (name == "cores" && !absl::SimpleAtoi(value, &report_.cores)) report_.cores = 0;
  uint64_t kib = 0;
  if (name == "memory_kib" && absl::SimpleAtoi(value, &kib) && kib < (uint64_t{1} << 50))
    report_.memory_bytes = kib * 1024;
  if (name == "dataset" && report_.datasets.size() < kMostDatasets) report_.datasets.push_back(value);
  if (name != "ready" || state_ != State::kConnecting) return;
  if (!folder_.starts_with("/") || !socket_.starts_with("/") ||
      socket_.size() >= sizeof(sockaddr_un::sun_path))
    return Fail(absl::InternalError(fmt::format("{} answered with folder \"{}\" and socket \"{}\"",
                                                settings_.host.Name(), folder_, socket_)));
  state_ = State::kPreparing;
  Forward();
}

void SshSession::Remember(const std::string& line) {
  if (line.empty()) return;
  lines_.push_back(line);
  if (lines_.size() > kRememberedLines) lines_.erase(lines_.begin());
}

void SshSession::OnConnectExit(const ChildExit& exit) {
  if (!partial_.empty()) OnConnectLine(std::exchange(partial_, {}));
  connection_ = 0;
  if (state_ == State::kOver) return;
  Fail(absl::UnavailableError(
      exit.signal != 0 ? fmt::format("the ssh client that holds the connection to {} was killed by signal {}",
                                     settings_.host.Name(), exit.signal)
                       : ExplainSsh(settings_.host, exit.exit_code, lines_)));
}

void SshSession::Step(std::vector<std::string> arguments, const std::string& input_file, double seconds,
                      std::function<void()> next) {
  ChildCommand command;
  command.arguments = std::move(arguments);
  command.input_file = input_file;
  const auto is_done = std::make_shared<bool>(false);
  const absl::StatusOr<pid_t> pid = children_.Start(
      command, [self = shared_from_this()](std::string_view bytes) { self->OnConnectOutput(bytes); },
      [self = shared_from_this(), is_done, next = std::move(next)](const ChildExit& exit) {
        *is_done = true;
        if (self->state_ != State::kPreparing) return;
        if (exit.signal == 0 && exit.exit_code == 0) return next();
        self->Fail(absl::UnavailableError(ExplainSsh(
            self->settings_.host, exit.signal != 0 ? 128 + exit.signal : exit.exit_code, self->lines_)));
      });
  if (!pid.ok()) return Fail(pid.status());
  children_.After(seconds, [weak = weak_from_this(), is_done, pid = *pid, seconds] {
    const std::shared_ptr<SshSession> self = weak.lock();
    if (*is_done || self == nullptr) return;
    self->children_.Signal(pid, SIGKILL);
    self->Fail(absl::DeadlineExceededError(fmt::format(
        "{} did not answer within {:.0f} s while it was made ready", self->settings_.host.Name(), seconds)));
  });
}

void SshSession::Forward() {
  if (settings_.engine_socket.empty()) return CopyIfNeeded();
  Step(SshArguments(settings_.host, settings_.ssh, control_, SshUse::kForward,
                    {"-O", "forward", "-R", SocketForwarding(socket_, settings_.engine_socket)}),
       "", kForwardSeconds, [this] { CopyIfNeeded(); });
}

void SshSession::CopyIfNeeded() {
  report_.will_copy = settings_.host.program.empty() && report_.version.empty();
  // A session that only looks leaves nothing there.
  if (!report_.will_copy || settings_.engine_socket.empty()) return CheckVersion();
  spdlog::info("{}: copying {} there as {}", settings_.host.Name(), settings_.worker, program_);
  std::vector<std::string> arguments = SshArguments(settings_.host, settings_.ssh, control_, SshUse::kShare);
  arguments.push_back(ShellCommand(ScriptWords(kCopyScript, {program_})));
  Step(std::move(arguments), settings_.worker, kCopySeconds, [this] { CheckVersion(); });
}

void SshSession::CheckVersion() {
  const std::string& name = settings_.host.Name();
  if (report_.will_copy && settings_.engine_socket.empty()) return BeReady();
  if (report_.version == CONCERTINA_VERSION) return BeReady();
  if (report_.version.empty())
    return Fail(absl::NotFoundError(
        fmt::format("{} has no program \"{}\"; install Concertina there, or leave \"program\" out: then the "
                    "engine's own is copied",
                    name, settings_.host.program)));
  const std::string line[] = {report_.version};
  if (!std::isdigit(
          static_cast<unsigned char>(report_.version.front())))  // it could not even say its version
    return Fail(absl::FailedPreconditionError(ExplainSsh(settings_.host, 1, line)));
  Fail(absl::FailedPreconditionError(fmt::format(
      "the concertina-worker of {} is of version {}, the engine of {}: install the same there, or leave "
      "\"program\" out: then the engine's own is copied",
      name, report_.version, CONCERTINA_VERSION)));
}

void SshSession::BeReady() {
  state_ = State::kReady;
  std::vector<OnReady> waiting;
  waiting.swap(waiting_);
  for (const OnReady& each : waiting) each(absl::OkStatus());
}

void SshSession::Fail(const absl::Status& why) {
  if (state_ == State::kOver) return;
  failure_ = why;
  End();
  std::vector<OnReady> waiting;
  waiting.swap(waiting_);
  for (const OnReady& each : waiting) each(why);
}

void SshSession::End() {
  if (state_ == State::kOver) return;
  state_ = State::kOver;
  if (connection_ == 0) return;
  children_.EndInput(connection_);
  children_.After(kEndSeconds, [self = shared_from_this()] {
    if (self->connection_ != 0) self->children_.Signal(self->connection_, SIGTERM);
  });
  children_.After(2 * kEndSeconds, [self = shared_from_this()] {
    if (self->connection_ != 0) self->children_.Signal(self->connection_, SIGKILL);
  });
}

absl::StatusOr<pid_t> SshSession::Run(const std::vector<std::string>& words,
                                      ChildProcesses::OnOutput on_output, ChildProcesses::OnExit on_exit) {
  ChildCommand command;
  command.arguments = SshArguments(settings_.host, settings_.ssh, control_, SshUse::kShare);
  command.arguments.push_back(ShellCommand(words));
  command.is_fed = true;
  return children_.Start(command, std::move(on_output), std::move(on_exit));
}

std::vector<std::string> SshSession::WorkerWords(const LaunchRequest& request) const {
  std::vector<std::string> words = {"exec", "env"};
  words.insert(words.end(), settings_.host.environment.begin(), settings_.host.environment.end());
  const std::string rank = std::to_string(request.rank);
  words.insert(words.end(), {program_, "--engine", "unix:" + socket_, "--run", request.run, "--rank", rank,
                             "--home", folder_, "--token-stdin"});
  return words;
}

}  // namespace concertina
