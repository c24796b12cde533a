// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// refused_handshakes.cc: see refused_handshakes.h.
#include "core/proto/refused_handshakes.h"

#include <arpa/inet.h>
#include <grpc/support/log.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "core/base/log.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr char kFailed[] = "Handshake failed with fatal error ";  // ssl_transport_security.cc

absl::Mutex listeners_mutex;
std::set<const RefusedHandshakes::OnRefused*>& Listeners() {
  static auto* const listeners =
      new std::set<const RefusedHandshakes::OnRefused*>;  // gRPC's threads end late
  return *listeners;
}

void OnGrpcLog(gpr_log_func_args* line) {
  const std::string message = line->message == nullptr ? "" : line->message;
  if (const std::string reason = RefusalInLog(message); !reason.empty()) {
    absl::MutexLock lock(&listeners_mutex);
    for (const auto* listener : Listeners()) (*listener)(reason);
    return;
  }
  const auto level = line->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::err
                     : line->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                               : spdlog::level::debug;
  spdlog::log(level, "gRPC: {}", message);
}

std::string WordsFor(const std::string& openssl) {
  for (const char* sign : {"wrong version number", "http request", "https proxy request", "unknown protocol",
                           "record layer failure", "packet length too long", "unexpected message"})
    if (absl::StrContains(openssl, sign)) return "it did not speak TLS";
  if (absl::StrContains(openssl, "unsupported protocol")) return "it spoke a version of TLS older than 1.2";
  if (absl::StrContains(openssl, "did not return a certificate")) return "it showed no certificate";
  if (absl::StrContains(openssl, "certificate verify failed"))
    return "its certificate is not of this authority, has expired, or is not valid yet";
  return "the handshake failed";
}

}  // namespace

std::string RefusalInLog(const std::string& message) {
  if (!absl::StartsWith(message, kFailed)) return {};
  const std::string openssl(absl::StripSuffix(message.substr(sizeof(kFailed) - 1), "."));
  return fmt::format("{} ({})", WordsFor(openssl), openssl);
}

RefusedHandshakes::RefusedHandshakes(OnRefused on_refused) : on_refused_(std::move(on_refused)) {
  absl::MutexLock lock(&listeners_mutex);
  Listeners().insert(&on_refused_);
  gpr_set_log_function(OnGrpcLog);
}

RefusedHandshakes::~RefusedHandshakes() {
  absl::MutexLock lock(&listeners_mutex);
  Listeners().erase(&on_refused_);
  if (Listeners().empty()) gpr_set_log_function(nullptr);  // as it was
}

std::vector<std::string> PeersAtPort(int port) {
  std::vector<std::string> peers;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return peers;
  const int most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kMostLookedAt));
  for (int file = 0; file < most; ++file) {
    sockaddr_in6 address = {};  // as long as those of both families
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (getsockname(file, any, &length) != 0) continue;
    const bool is_v4 = any->sa_family == AF_INET;
    if (!is_v4 && any->sa_family != AF_INET6) continue;
    // The port has the same place in both.
    if (ntohs(address.sin6_port) != port) continue;
    length = sizeof(address);
    if (getpeername(file, any, &length) != 0) continue;  // it listens
    char text[INET6_ADDRSTRLEN] = {};
    if (is_v4) {
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, text, sizeof(text));
      peers.push_back(fmt::format("ipv4:{}:{}", text, ntohs(address.sin6_port)));
    } else if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
      inet_ntop(AF_INET, address.sin6_addr.s6_addr + 12, text, sizeof(text));
      peers.push_back(fmt::format("ipv4:{}:{}", text, ntohs(address.sin6_port)));
    } else {
      inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof(text));
      peers.push_back(fmt::format("ipv6:%5B{}%5D:{}", text, ntohs(address.sin6_port)));
    }
  }
  return peers;
}

}  // namespace concertina
