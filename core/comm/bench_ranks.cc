// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_ranks.cc: starts the ranks of a benchmark and speaks with them in lines of JSON (see bench_ranks.h).
// On the way of the data: comm/bench_transport.cc, comm/bench_collective.cc -> here -> comm/transport.h.
#include "core/comm/bench_ranks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "core/base/clock.h"
#include "core/base/registry.h"
#include "core/comm/socket.h"
#include "core/comm/tls_session.h"
#include "core/security/authority.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

extern char** environ;

namespace concertina {
namespace {

constexpr char kCommand[] = "bench-rank";
constexpr size_t kMostLineBytes = size_t{1} << 20;
constexpr double kCertificateSeconds = 86400;

// Lines of JSON over a socket.
class Lines {
 public:
  explicit Lines(Socket socket) : socket_(std::move(socket)) {}

  absl::Status Write(const Json& json) {
    const std::string line = json.dump() + "\n";
    for (size_t done = 0; done < line.size();) {
      const ssize_t n = send(socket_.fd(), line.data() + done, line.size() - done, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ErrnoStatus(errno, "telling a bench rank");
      done += static_cast<size_t>(n);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Json> Read(Deadline deadline) {
    for (;;) {
      if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
        Json json = Json::parse(buffer_.substr(0, end), nullptr, false);
        buffer_.erase(0, end + 1);
        if (json.is_discarded()) return absl::DataLossError("a bench rank said something that is not JSON");
        return json;
      }
      if (buffer_.size() > kMostLineBytes) return absl::DataLossError("a bench rank does not come to an end");
      if (deadline.Passed()) return absl::DeadlineExceededError("a bench rank did not answer in time");
      pollfd readable{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, static_cast<int>(std::min(deadline.SecondsLeft(), 1.0) * 1e3) + 1) == 0)
        continue;
      char part[4096];
      const ssize_t n = recv(socket_.fd(), part, sizeof part, MSG_DONTWAIT);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) return absl::UnavailableError("a bench rank has ended");
      buffer_.append(part, static_cast<size_t>(n));
    }
  }

 private:
  const Socket socket_;
  std::string buffer_;
};

// One started rank; ended, and waited for, with its owner.
class RankProcess {
 public:
  static absl::StatusOr<std::unique_ptr<RankProcess>> Start(const std::string& job, int rank) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return ErrnoStatus(errno, "making a socket pair");
    Socket ours(ends[0]);
    Socket theirs(ends[1]);
    constexpr int kTheirFd = 3;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.fd(), kTheirFd);
    std::string program = "/proc/self/exe";
    std::string command = kCommand;
    std::string name = job;
    std::string rank_text = std::to_string(rank);
    std::string fd_text = std::to_string(kTheirFd);
    char* arguments[] = {program.data(),   command.data(), name.data(),
                         rank_text.data(), fd_text.data(), nullptr};
    pid_t pid = 0;
    // A descriptor that is kTheirFd already would keep its close-on-exec flag.
    Socket moved(theirs.fd() == kTheirFd ? fcntl(theirs.fd(), F_DUPFD_CLOEXEC, kTheirFd + 1) : -1);
    if (moved.is_open()) {
      posix_spawn_file_actions_destroy(&actions);
      posix_spawn_file_actions_init(&actions);
      posix_spawn_file_actions_adddup2(&actions, moved.fd(), kTheirFd);
    }
    const int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return ErrnoStatus(error, "starting a bench rank");
    return std::unique_ptr<RankProcess>(new RankProcess(pid, std::move(ours)));
  }
  ~RankProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Lines& lines() { return lines_; }

 private:
  RankProcess(pid_t pid, Socket socket) : pid_(pid), lines_(std::move(socket)) {}
  const pid_t pid_;
  Lines lines_;
};

std::map<std::string, BenchJob>& Jobs() {
  static std::map<std::string, BenchJob> jobs;
  return jobs;
}

// The four texts of credentials as JSON, which goes from parent to child and nowhere else.
absl::StatusOr<std::vector<Json>> IssueCredentials(const std::string& run, int ranks) {
  ASSIGN_OR_RETURN(const Authority authority,
                   Authority::Make("a benchmark's authority", kCertificateSeconds));
  std::vector<Json> credentials;
  for (int rank = 0; rank < ranks; ++rank) {
    ASSIGN_OR_RETURN(const Identity identity, authority.Issue({.uri = RankUri(run, rank),
                                                               .dns_names = {},
                                                               .ip_addresses = {},
                                                               .valid_seconds = kCertificateSeconds}));
    credentials.push_back({{"authority", authority.identity().certificate_pem},
                           {"certificate", identity.certificate_pem},
                           {"key", identity.key_pem},
                           {"run", run}});
  }
  return credentials;
}

absl::StatusOr<std::unique_ptr<TransportListener>> ListenAs(const Json& listen) {
  std::vector<Fault> faults;
  const Params params =
      Registry::Global().Check("transport", Json{{"kind", listen.value("transport", "")}}, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  ASSIGN_OR_RETURN(const auto kind, Registry::Global().Create<TransportKind>("transport", params));
  ListenOptions options{.secret = listen.value("listen", "")};
  if (const auto given = listen.find("credentials"); given != listen.end()) {
    options.credentials = RunCredentials{.authority_pem = given->value("authority", ""),
                                         .certificate_pem = given->value("certificate", ""),
                                         .key_pem = given->value("key", ""),
                                         .run = given->value("run", "")};
    options.listen_host = options.advertise_host = "127.0.0.1";
  }
  return kind->Listen(options);
}

// {"listen": secret, "transport": kind, "credentials": … or not} -> {"address": …}; {"connect": addresses,
// "job": …} -> {"result": …} or {"error": …}.
absl::Status Serve(const std::string& name, int rank, Lines& lines) {
  const auto job = Jobs().find(name);
  if (job == Jobs().end()) return absl::NotFoundError("no bench job " + name);
  ASSIGN_OR_RETURN(const Json listen, lines.Read(Deadline::After(30)));
  ASSIGN_OR_RETURN(const auto listener, ListenAs(listen));
  RETURN_IF_ERROR(lines.Write({{"address", listener->address()}}));
  ASSIGN_OR_RETURN(const Json connect, lines.Read(Deadline::After(30)));
  const auto addresses = connect.value("connect", std::vector<std::string>());
  ASSIGN_OR_RETURN(const auto transport, listener->Connect(rank, addresses, {}, Deadline::After(30)));
  ASSIGN_OR_RETURN(const Json result, job->second(*transport, connect.value("job", Json::object())));
  return lines.Write({{"result", result}});
}

}  // namespace

bool IsBenchRank(int argc, char** argv) { return argc == 5 && std::strcmp(argv[1], kCommand) == 0; }

int ServeBenchRank(int argc, char** argv) {
  if (!IsBenchRank(argc, argv)) return static_cast<int>(ExitCode::kBadInput);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Lines lines{Socket(std::atoi(argv[4]))};
  const absl::Status status = Serve(argv[2], std::atoi(argv[3]), lines);
  if (!status.ok()) lines.Write({{"error", std::string(status.message())}}).IgnoreError();
  return static_cast<int>(ExitCodeOf(status));
}

bool AddBenchJob(const std::string& name, BenchJob job) {
  return Jobs().emplace(name, std::move(job)).second;
}

absl::StatusOr<Json> RunBenchRanks(const std::string& name, int ranks, const Json& job,
                                   double deadline_seconds, const std::string& transport, bool with_tls) {
  const Deadline deadline = Deadline::After(deadline_seconds);
  std::vector<std::unique_ptr<RankProcess>> processes;
  for (int rank = 0; rank < ranks; ++rank) {
    ASSIGN_OR_RETURN(auto process, RankProcess::Start(name, rank));
    processes.push_back(std::move(process));
  }
  const auto answer = [&](RankProcess& process, const char* field) -> absl::StatusOr<Json> {
    ASSIGN_OR_RETURN(const Json said, process.lines().Read(deadline));
    if (said.contains("error")) return absl::UnavailableError(said.value("error", ""));
    if (!said.contains(field)) return absl::FailedPreconditionError("the program does not serve bench-rank");
    return said.at(field);
  };
  const std::string secret = fmt::format("bench {} {}", getpid(), Clock::Real().SteadySeconds());
  std::vector<Json> credentials;
  if (with_tls) {
    ASSIGN_OR_RETURN(credentials, IssueCredentials("bench", ranks));
  }
  for (size_t rank = 0; rank < processes.size(); ++rank) {
    Json listen = {{"listen", secret}, {"transport", transport}};
    if (with_tls) listen["credentials"] = credentials[rank];
    RETURN_IF_ERROR(processes[rank]->lines().Write(listen));
  }
  std::vector<std::string> addresses;
  for (auto& process : processes) {
    auto address = answer(*process, "address");
    if (absl::IsUnavailable(address.status()))
      return absl::FailedPreconditionError("the program does not serve bench-rank, or ended: " +
                                           std::string(address.status().message()));
    RETURN_IF_ERROR(address.status());
    addresses.push_back(address->is_string() ? address->get<std::string>() : "");
  }
  for (auto& process : processes)
    RETURN_IF_ERROR(process->lines().Write({{"connect", addresses}, {"job", job}}));
  Json result;
  for (auto& process : processes) {
    ASSIGN_OR_RETURN(Json said, answer(*process, "result"));
    if (process == processes.front()) result = std::move(said);
  }
  return result;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace concertina
