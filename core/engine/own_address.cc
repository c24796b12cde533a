// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_address.cc: see own_address.h.
#include "core/engine/own_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace concertina {
namespace {

// A datagram socket that is "connected" has chosen its way, and with it its own end; no packet goes out.
std::string OwnEndTowards(const addrinfo& other) {
  const int probe = socket(other.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return "";
  sockaddr_storage own = {};
  socklen_t own_bytes = sizeof(own);
  char text[NI_MAXHOST] = "";
  const bool found = connect(probe, other.ai_addr, other.ai_addrlen) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&own), &own_bytes) == 0 &&
                     getnameinfo(reinterpret_cast<const sockaddr*>(&own), own_bytes, text, sizeof(text),
                                 nullptr, 0, NI_NUMERICHOST) == 0;
  close(probe);
  return found ? text : "";
}

}  // namespace

std::string OwnAddressTowards(const std::string& host) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), "9", &wanted, &found) == 0) {
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
      if (std::string address = OwnEndTowards(*each); !address.empty()) return address;
  }
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

}  // namespace concertina
