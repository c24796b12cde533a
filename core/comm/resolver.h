// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// resolver.h: where the hosts of peers are, looked up beside whoever asks, who never waits for a name server.
// On the way of the data: addresses of peers -> here -> comm/meeting.cc, which dials.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/comm/socket.h"

namespace concertina {

class Resolver {
 public:
  // Begins to look up the hosts of `addresses` ("HOST:PORT"). Each name has a thread of its own; the system's
  // call cannot be cancelled, so one that hangs is left to end by itself, within the system's own limit, and
  // what it finds goes nowhere. Addresses in numbers need none. kInvalidArgument: no such address.
  static absl::StatusOr<Resolver> Start(const std::vector<std::string>& addresses);

  // Where to dial next: the addresses of a host one after the other, in the system's order, round and round.
  // kResourceExhausted: not known yet, try again; kUnavailable: there is no such host.
  absl::StatusOr<KernelAddress> Next(const std::string& address);

 private:
  struct Answer;
  struct Entry {
    std::shared_ptr<Answer> answer;
    size_t next = 0;
  };
  std::map<std::string, Entry> entries_;  // by address
};

}  // namespace concertina
