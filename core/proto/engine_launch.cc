// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_launch.cc: see engine_launch.h.
#include "core/proto/engine_launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

namespace fs = std::filesystem;

// A file descriptor that closes itself.
class OwnedFd {
 public:
  explicit OwnedFd(int fd = -1) : fd_(fd) {}
  ~OwnedFd() { Close(); }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

std::string Absolute(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

// Does an engine hold the home now?
bool IsLocked(const std::string& home) {
  const OwnedFd file(open((home + "/engine.lock").c_str(), O_RDWR | O_CLOEXEC));
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(file.get(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

// The last lines of what the engine wrote from `offset` of its log on.
std::string LastWords(const std::string& log_path, off_t offset) {
  std::ifstream log(log_path, std::ios::binary);
  log.seekg(offset);
  std::string words((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  constexpr size_t kEnough = 1000;
  if (words.size() > kEnough) words.erase(0, words.size() - kEnough);
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  return words;
}

// Starts `program` as nobody's child: it is forked twice, in a session of its own, with standard output on
// `ready_pipe` and standard error on `log`. Between fork and exec only async-signal-safe calls are made,
// since the caller has threads.
absl::Status StartDetached(const std::string& program, const std::vector<std::string>& arguments,
                           int ready_pipe, int log) {
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(program.c_str()));
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  sigset_t no_signals;
  sigemptyset(&no_signals);

  const pid_t child = fork();
  if (child < 0) return ErrnoStatus(errno, "starting concertina-engine");
  if (child == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    sigprocmask(SIG_SETMASK, &no_signals, nullptr);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(ready_pipe, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (chdir("/") != 0) _exit(127);  // the engine must not hold the caller's folder
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return absl::OkStatus();
}

// Reads until "ready ADDRESS\n" has come; "" if the engine closed its output before. Its later output goes
// nowhere: the engine prints nothing else.
absl::StatusOr<std::string> WaitForReady(int pipe, const std::string& home, Deadline deadline) {
  std::string text;
  while (text.find('\n') == std::string::npos) {
    pollfd waiting = {pipe, POLLIN, 0};
    const int milliseconds = static_cast<int>(std::min(1e6, deadline.SecondsLeft() * 1e3));
    const int events = poll(&waiting, 1, milliseconds);
    if (events < 0 && errno != EINTR) return ErrnoStatus(errno, "waiting for concertina-engine");
    if (events == 0 && deadline.Passed())
      return absl::DeadlineExceededError(
          fmt::format("the engine of {} was started but does not listen yet; see {}/engine.log", home, home));
    if (events <= 0) continue;
    std::array<char, 512> buffer;
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count == 0) return std::string();
    if (count < 0 && errno != EINTR) return ErrnoStatus(errno, "reading from concertina-engine");
    if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
  }
  constexpr std::string_view kReady = "ready ";
  if (text.compare(0, kReady.size(), kReady) != 0)
    return absl::InternalError(
        fmt::format("concertina-engine said \"{}\" where \"ready ADDRESS\" was expected", text));
  return text.substr(kReady.size(), text.find('\n') - kReady.size());
}

// Starts one, and gives its address; "" if it ended before it listened, and then `words` are what it said.
absl::StatusOr<std::string> StartEngine(const std::string& program, const std::string& home,
                                        const EngineStart& start, Deadline deadline, std::string& words) {
  const std::string log_path = home + "/engine.log";
  const OwnedFd log(open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log.get() < 0) return ErrnoStatus(errno, "opening " + log_path);
  const off_t log_start = lseek(log.get(), 0, SEEK_END);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "making a pipe");
  const OwnedFd ready(ends[0]);
  OwnedFd child_end(ends[1]);
  std::vector<std::string> arguments = {"--home", home};
  if (start.idle_exit_seconds > 0) {
    arguments.emplace_back("--idle-exit-seconds");
    arguments.push_back(fmt::format("{}", start.idle_exit_seconds));
  }
  if (!start.listen.empty()) {
    arguments.emplace_back("--listen");
    arguments.push_back(start.listen);
  }
  // Absolute: the engine does not stay in the caller's folder.
  if (!start.kit.empty()) {
    arguments.emplace_back("--kit");
    arguments.push_back(Absolute(start.kit));
  }
  RETURN_IF_ERROR(StartDetached(program, arguments, child_end.get(), log.get()));
  child_end.Close();
  ASSIGN_OR_RETURN(std::string address, WaitForReady(ready.get(), home, deadline));
  if (address.empty()) words = LastWords(log_path, log_start);
  return address;
}

}  // namespace

bool AcceptsConnections(const std::string& socket_path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  const OwnedFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

std::string DefaultHome() {
  if (const char* home = std::getenv("CONCERTINA_HOME"); home != nullptr && *home != '\0')
    return Absolute(home);
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::string(data) + "/concertina";
  const char* user = std::getenv("HOME");
  if (user == nullptr || *user == '\0') {
    const passwd* entry = getpwuid(getuid());
    user = entry == nullptr ? "/" : entry->pw_dir;
  }
  return (fs::path(user) / ".local/share/concertina").string();
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  std::vector<fs::path> folders;
  if (const char* programs = std::getenv("CONCERTINA_PROGRAMS"); programs != nullptr && *programs != '\0')
    folders.emplace_back(programs);
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error)
    folders.insert(folders.end(), {self, self.parent_path() / "bin", self.parent_path() / "lib/concertina"});
  std::string looked;
  for (const fs::path& folder : folders) {
    const fs::path candidate = folder / name;
    if (fs::is_regular_file(candidate, error) && access(candidate.c_str(), X_OK) == 0)
      return candidate.string();
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  return absl::NotFoundError(fmt::format(
      "the program {} is missing (looked in {}); install Concertina again, or set CONCERTINA_PROGRAMS to "
      "the folder that holds it",
      name, looked));
}

absl::StatusOr<std::string> InstalledPlugins() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* folder : {"plugins", "lib/concertina/plugins"}) {
    std::error_code missing;  // of this folder alone
    if (!error && fs::is_directory(self.parent_path() / folder, missing))
      return (self.parent_path() / folder).string();
  }
  return absl::NotFoundError("no plugins came with the programs");
}

absl::StatusOr<std::string> FindEngine(const std::string& home) {
  // engine.json holds what cannot be worked out from here: where the socket is when the home's own path is
  // too long for one. The socket has the last word: the file of an engine that died stays behind.
  std::ifstream file(Absolute(home) + "/engine.json", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("address") && json["address"].is_string()) {
    const std::string address = json["address"].get<std::string>();
    constexpr std::string_view kScheme = "unix:";
    if (address.compare(0, kScheme.size(), kScheme) == 0 &&
        AcceptsConnections(address.substr(kScheme.size())))
      return address;
  }
  return absl::UnavailableError(fmt::format("no engine runs on {}", home));
}

absl::StatusOr<std::string> FindOrStartEngine(const std::string& given_home, Deadline deadline,
                                              const EngineStart& start) {
  const std::string home = Absolute(given_home);
  if (absl::StatusOr<std::string> found = FindEngine(home); found.ok()) return found;
  ASSIGN_OR_RETURN(const std::string program, FindProgram("concertina-engine"));

  std::error_code error;
  fs::create_directories(fs::path(home).parent_path(), error);
  if (mkdir(home.c_str(), 0700) != 0 && errno != EEXIST) return ErrnoStatus(errno, "making the home " + home);
  std::string words;
  for (int attempt = 0; attempt < 2 && !deadline.Passed(); ++attempt) {
    ASSIGN_OR_RETURN(const std::string address, StartEngine(program, home, start, deadline, words));
    if (!address.empty()) return address;
    // If another holds the home, it is about to listen (two programs started one at once), or about to end: a
    // kernel that has still to write for an engine that was killed keeps its lock, and then it is tried once
    // more.
    while (IsLocked(home) && !deadline.Passed()) {
      if (absl::StatusOr<std::string> found = FindEngine(home); found.ok()) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return absl::UnavailableError(
      fmt::format("the engine of {} ended before it listened: {}", home,
                  words.empty() ? "it left no message in " + home + "/engine.log" : words));
}

}  // namespace concertina
