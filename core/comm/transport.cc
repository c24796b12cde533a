// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport.cc: what every transport can do with Send, Flush and Receive alone, and every end that listens
// (see transport.h).
// On the way of the data: comm/communicator.h -> here -> the peer's comm/communicator.h.
#include "core/comm/transport.h"

#include "fmt/format.h"

namespace concertina {

absl::Status Transport::SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes,
                                    Deadline deadline, Sink sink) {
  RETURN_IF_ERROR(Send(peer, tag, bytes, deadline));
  RETURN_IF_ERROR(Flush(peer, deadline));
  return Receive(peer, tag, bytes.size(), deadline, sink);
}

absl::Status TransportListener::CheckAddress(int rank, const std::vector<std::string>& addresses) const {
  if (rank >= 0 && static_cast<size_t>(rank) < addresses.size() &&
      addresses[static_cast<size_t>(rank)] == address())
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("rank {}: is not at {} among the {} addresses given", rank, address(), addresses.size()));
}

}  // namespace concertina
