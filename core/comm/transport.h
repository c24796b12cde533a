// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport.h: moves bytes between ranks and counts them where they leave the process. Category "transport".
// On the way of the data: comm/communicator.h -> here -> the peer's comm/communicator.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/clock.h"
#include "core/base/descriptor.h"
#include "core/base/message_ring.h"
#include "core/base/status.h"

namespace concertina {

// Counted since the transport was made. Whole bytes include every header and frame, as the kernel's own
// socket counters say (in process: the payload).
struct ByteCounts {
  uint64_t payload_sent = 0;
  uint64_t payload_received = 0;
  uint64_t whole_sent = 0;
  uint64_t whole_received = 0;
  uint64_t messages_sent = 0;
};

// The emulated link of every pair of ranks; infinite bandwidth and zero latency run free. What makes one
// message's flight differ from the next changes neither what comes nor its order (link_shaper.h).
struct LinkShape {
  double bandwidth_mbit = 0;  // 0: free
  double latency_ms = 0;      // one way
  double jitter_ms = 0;       // each message's own latency is uniform in latency_ms +- jitter_ms, not below 0
  double loss = 0;    // share of the messages that are lost on their way, and sent again until they come
  uint64_t seed = 0;  // of those draws: the n-th message meets the same, whenever it is sent
  // Of the host's steady clock: what is sent before gets through at that moment, as over a network that heals
  // then. 0: it is whole.
  int64_t cut_until_nanoseconds = 0;
};

// One rank's end. A message is (from, tag, bytes) and arrives once, whole, and in order per (from, tag). All
// calls come from one thread, the communication thread; only those marked so may come from any.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  // Starts sending; `bytes` must stay as they are until Flush(to) or until something that causally follows
  // their arrival has come back. Does not wait for the peer (but may wait for its own send window).
  virtual absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) = 0;
  // As Send, of bytes that the peer may read where they lie: within one process that saves two passes over
  // them. For large messages that are answered: until the answer they must stay, or until Flush(to), which
  // takes back what is not read yet. Whoever lends must flush before the bytes go, whatever has failed.
  virtual absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) {
    return Send(to, tag, bytes, deadline);
  }
  // What the message that is sent next is, for who watches (watched_transport.h); nothing else comes of it.
  virtual void Note(const MessageNote& /*note*/) {}
  // Waits for the next message of (from, tag), which must be exactly `size` bytes, and gives it to `sink` in
  // pieces as they come: sink(offset, piece), offsets ascending, together all of it. Zero copy where it can.
  using Sink = absl::FunctionRef<void(size_t offset, std::span<const std::byte> piece)>;
  virtual absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) = 0;
  // The same for a message whose size the sender chose, at most `max_size`; `bytes` is resized.
  virtual absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                                      std::vector<uint8_t>& bytes) = 0;
  // All that was sent to `to` has left the caller's buffers; not that it has come. Where losses are survived,
  // it waits until the buffers are free again, and is no error, when `to` is lost.
  virtual absl::Status Flush(int to, Deadline deadline) = 0;
  // Sends `bytes` to `peer` while a message of the same size comes from it. sink(offset, piece) is called
  // only once bytes[offset, offset + piece.size()) have left, so that the sink may overwrite them: two ranks
  // swap in place.
  virtual absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes,
                                   Deadline deadline, Sink sink);

  // Waits for whoever comes first: the rank among `from` whose next message of `tag` has begun to come (over
  // an emulated link: has arrived). Of several, the next rank after the last that was answered, in a circle,
  // so that nobody starves. -1 after Wake. A deadline that has passed makes it a question: who is there now?
  // Errors: kDeadlineExceeded; kUnavailable once all of `from` are gone and nothing of theirs is left.
  virtual absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) = 0;
  // Ends the WaitAny that goes on, or else the next one, at once; several count as one. Any thread.
  virtual void Wake() = 0;
  // From now on a lost peer (it vanished, or left because of an error) fails only what is sent to it and
  // waited for from it, not everything. What came from it before can still be received. Call it before any
  // peer can be lost: what has failed stays failed.
  virtual void SurviveLoss() = 0;
  // Gone, for whatever reason: nothing can be sent to it any more. Learnt while a call of this transport
  // waits. Any thread.
  virtual bool is_lost(int rank) const = 0;

  // What a measurement of this link is filed under: "grpc, free", "grpc, 100 Mbit/s, 5 ms". Any thread.
  virtual std::string link_name() const = 0;
  virtual ByteCounts counts() const = 0;  // any thread
  // What counts().whole_sent is made of: `sent`, of size() places, gets the bytes to each rank. false: this
  // transport does not count by rank. Any thread; allocates nothing.
  virtual bool CountSent(std::span<uint64_t> /*sent*/) const { return false; }
  virtual void SetShape(const LinkShape& shape) = 0;  // live; any thread
  // Only what comes from `peer` from now on; what goes to it is shaped by the other end. So one slow worker's
  // link is emulated: it sets all its peers, and they set it. Setting all links undoes it. Live; any thread.
  virtual void SetShape(int peer, const LinkShape& shape) = 0;
  // Whether waits may burn a moment of this core before they sleep, which answers sooner: true while nothing
  // else of this rank has work for it. With more ranks than cores they offer it to the others meanwhile. Any
  // thread.
  virtual void AllowSpin(bool /*allowed*/) {}
  // Ends every wait, now and later, with `why` (a peer died, the run stops), and tells the peers. Any thread.
  virtual void Abort(const absl::Status& why) = 0;
  // Nothing goes to `peer` any more or comes from it, whatever it does: its connection is closed, and it is
  // lost with `why`, as SurviveLoss has it. Any thread. Nothing, where all ranks are of one process.
  virtual void CutOff(int /*peer*/, const absl::Status& /*why*/) {}
  // Errors that name a rank: kUnavailable "rank 2: connection lost", kDeadlineExceeded "rank 2: nothing for
  // 30 s".
};

// One host's listening end, made before the peers' addresses are known. What the worker uses.
class TransportListener {
 public:
  virtual ~TransportListener() = default;
  virtual std::string address() const = 0;  // "127.0.0.1:41234", "node-7:41234", "unix:/…"
  // Connects to all peers (addresses by rank; secret proves the run) and gives the ready transport.
  virtual absl::StatusOr<std::unique_ptr<Transport>> Connect(int rank,
                                                             const std::vector<std::string>& addresses,
                                                             const LinkShape& shape, Deadline deadline) = 0;

 protected:
  // kInvalidArgument: this end is not where `addresses` have this rank.
  absl::Status CheckAddress(int rank, const std::vector<std::string>& addresses) const;
};

// Who this rank is to its peers, where they are on other hosts: certificates of an authority that is this
// run's alone (security/authority.h), all PEM. Never logged.
struct RunCredentials {
  std::string authority_pem;
  std::string certificate_pem;  // of "concertina://run/RUN/rank/RANK"
  std::string key_pem;
  std::string run;  // RUN
};

struct ListenOptions {
  std::string secret;  // peers of this run prove themselves with it before a byte of theirs is believed
  uint32_t incarnation = 0;
  // Of this user alone (0700): where a transport that needs one puts its socket. "": it makes its own.
  std::string folder;
  // Given: a transport between hosts ("grpc") listens for all of them, and speaks mutual TLS 1.2 or later, in
  // which peers prove who they are before anything else. Absent: it stays on loopback, as it is.
  std::optional<RunCredentials> credentials;
  // With credentials: the address of this host to listen on ("10.0.0.7", "::1"), "" for all it has; and the
  // name or address that peers shall dial, "" for the host's name.
  std::string listen_host;
  std::string advertise_host;
};

// The component: "grpc", "shared-memory", "in-process".
class TransportKind {
 public:
  virtual ~TransportKind() = default;
  virtual absl::StatusOr<std::unique_ptr<TransportListener>> Listen(const ListenOptions& options) const = 0;
};

// `size` ends in this process, for tests, teaching and the in-process launcher.
std::vector<std::unique_ptr<Transport>> MakeInProcessTransports(int size, const LinkShape& shape = {});

}  // namespace concertina
