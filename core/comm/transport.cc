// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport.cc: what every transport can do with Send, Flush and Receive alone (see transport.h).
// On the way of the data: comm/communicator.h -> here -> the peer's comm/communicator.h.
#include "core/comm/transport.h"

namespace concertina {

absl::Status Transport::SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes,
                                    Deadline deadline, Sink sink) {
  RETURN_IF_ERROR(Send(peer, tag, bytes, deadline));
  RETURN_IF_ERROR(Flush(peer, deadline));
  return Receive(peer, tag, bytes.size(), deadline, sink);
}

}  // namespace concertina
