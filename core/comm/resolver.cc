// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// resolver.cc: getaddrinfo, on a thread that nobody waits for (see resolver.h).
// On the way of the data: addresses of peers -> here -> comm/meeting.cc, which dials.
#include "core/comm/resolver.h"

#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kMostAddressesOfAHost = 16;

// `flags`: AI_NUMERICHOST asks nobody.
absl::StatusOr<std::vector<KernelAddress>> LookUp(const HostPort& where, int flags) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICSERV | flags;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &wanted, &found);
  if (error != 0)
    return absl::UnavailableError(
        fmt::format("the name {} leads nowhere: {}", where.host,
                    error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)));
  std::vector<KernelAddress> addresses;
  for (const addrinfo* one = found; one != nullptr && addresses.size() < kMostAddressesOfAHost;
       one = one->ai_next) {
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    addresses.push_back({.length = one->ai_addrlen});
    std::memcpy(&addresses.back().bytes, one->ai_addr, one->ai_addrlen);
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

struct Resolver::Answer {
  absl::Mutex mutex;
  bool is_there ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<std::vector<KernelAddress>> addresses ABSL_GUARDED_BY(mutex) =
      absl::ResourceExhaustedError("");
};

absl::StatusOr<Resolver> Resolver::Start(const std::vector<std::string>& addresses) {
  Resolver resolver;
  for (const std::string& address : addresses) {
    ASSIGN_OR_RETURN(const HostPort where, ParseHostPort(address));
    Entry& entry = resolver.entries_[address];
    if (entry.answer != nullptr) continue;
    entry.answer = std::make_shared<Answer>();
    const auto answer = [](Answer& to, absl::StatusOr<std::vector<KernelAddress>> what) {
      absl::MutexLock lock(&to.mutex);
      to.addresses = std::move(what);
      to.is_there = true;
    };
    if (auto numeric = LookUp(where, AI_NUMERICHOST); numeric.ok())
      answer(*entry.answer, std::move(numeric));
    else
      std::thread([shared = entry.answer, where, answer] { answer(*shared, LookUp(where, 0)); }).detach();
  }
  return resolver;
}

absl::StatusOr<KernelAddress> Resolver::Next(const std::string& address) {
  const auto entry = entries_.find(address);
  if (entry == entries_.end()) return absl::InternalError(address + " was never looked up");
  Answer& answer = *entry->second.answer;
  absl::MutexLock lock(&answer.mutex);
  if (!answer.is_there) return absl::ResourceExhaustedError("its name is still being looked up");
  RETURN_IF_ERROR(answer.addresses.status());
  if (answer.addresses->empty()) return absl::UnavailableError("its name leads to no address");
  return (*answer.addresses)[entry->second.next++ % answer.addresses->size()];
}

}  // namespace concertina
