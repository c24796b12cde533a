// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// meeting.cc: dials and accepts side by side, one proof a connection (see meeting.h).
// On the way of the data: comm/socket.h, comm/local_socket.h -> here (comm/proof.h on each connection) ->
// comm/grpc_transport.cc, comm/shared_memory_transport.cc.
#include "core/comm/meeting.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <list>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kRedialSeconds = 0.05;
constexpr size_t kMostStrangers = 64;  // accepted and not yet proved, beyond one a rank

// A connection whose proof is under way.
struct Candidate {
  Socket socket;
  Proof proof;
  bool connected = true;  // a dialled one may still be on its way
  Deadline deadline = Deadline::After(kProofSeconds);
  size_t sent = 0;
  std::vector<uint8_t> got;
};

enum class Progress { kWaiting, kProved };

// As far as the socket lets it go now.
absl::StatusOr<Progress> Advance(Candidate& candidate) {
  for (;;) {
    const auto out = candidate.proof.to_send();
    while (candidate.sent < out.size()) {
      const ssize_t n = send(candidate.socket.fd(), out.data() + candidate.sent, out.size() - candidate.sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::kWaiting;
      if (n < 0) return ErrnoStatus(errno, "proving");
      candidate.sent += static_cast<size_t>(n);
    }
    if (candidate.proof.done()) return Progress::kProved;
    // Never more than is wanted: what follows the proof belongs to gRPC.
    const size_t had = candidate.got.size();
    candidate.got.resize(candidate.proof.wanted_bytes());
    const ssize_t n =
        recv(candidate.socket.fd(), candidate.got.data() + had, candidate.got.size() - had, MSG_DONTWAIT);
    candidate.got.resize(had + static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::kWaiting;
    if (n < 0) return ErrnoStatus(errno, "proving");
    if (n == 0) return absl::UnavailableError("the other end closed the connection during the proof");
    if (candidate.got.size() < candidate.proof.wanted_bytes()) continue;
    RETURN_IF_ERROR(candidate.proof.Take(candidate.got));
    candidate.got.clear();
    candidate.sent = 0;
  }
}

class Meeting {
 public:
  Meeting(const Socket& listener, const std::string& secret, const ProofIdentity& self,
          const std::vector<std::string>& addresses, const Dial& dial)
      : listener_(listener), secret_(secret), self_(self), addresses_(addresses), dial_(dial) {
    known_.resize(addresses_.size());
    for (int peer = 0; peer < self.rank; ++peer) redial_.push_back({.peer = peer, .at = Deadline::After(0)});
  }

  absl::StatusOr<std::vector<Acquaintance>> Run(Deadline deadline) {
    for (;;) {
      const int missing = Missing();
      if (missing < 0) return std::move(known_);
      if (deadline.Passed())
        return absl::DeadlineExceededError(
            fmt::format("rank {}: has not connected; {}", missing, RefusedText()));
      RETURN_IF_ERROR(Redial());
      Wait(std::min(deadline.SecondsLeft(), kRedialSeconds));
      AcceptAll();
      RETURN_IF_ERROR(AdvanceDialled());
      AdvanceAccepted();
    }
  }

 private:
  struct Call {
    int peer = 0;
    Deadline at = Deadline::Never();
  };

  int Missing() const {
    for (int peer = 0; peer < self_.size; ++peer)
      if (peer != self_.rank && !known_[static_cast<size_t>(peer)].socket.is_open()) return peer;
    return -1;
  }

  std::string RefusedText() const {
    if (refused_ == 0) return "nobody was refused";
    return fmt::format("{} connections were refused, the last because {}", refused_, last_refusal_);
  }

  absl::Status Redial() {
    for (auto call = redial_.begin(); call != redial_.end();) {
      if (!call->at.Passed()) {
        ++call;
        continue;
      }
      auto socket = dial_(addresses_[static_cast<size_t>(call->peer)]);
      if (absl::IsResourceExhausted(socket.status())) {
        call->at = Deadline::After(kRedialSeconds);
        continue;
      }
      if (!socket.ok()) return Nobody(call->peer, socket.status());
      dialled_.push_back({.socket = *std::move(socket),
                          .proof = Proof::Dialer(secret_, self_, call->peer),
                          .connected = false});
      call = redial_.erase(call);
    }
    return absl::OkStatus();
  }

  absl::Status Nobody(int peer, const absl::Status& why) const {
    return absl::UnavailableError(fmt::format("rank {}: nobody at {} ({}); it has ended, or never began",
                                              peer, addresses_[static_cast<size_t>(peer)],
                                              std::string(why.message())));
  }

  void Wait(double seconds) {
    polled_.clear();
    polled_.push_back({.fd = listener_.fd(), .events = POLLIN, .revents = 0});
    for (const auto* candidates : {&dialled_, &accepted_})
      for (const Candidate& candidate : *candidates) {
        const bool sending = !candidate.connected || candidate.sent < candidate.proof.to_send().size();
        polled_.push_back({.fd = candidate.socket.fd(),
                           .events = static_cast<short>(sending ? POLLOUT : POLLIN),
                           .revents = 0});
      }
    poll(polled_.data(), polled_.size(), static_cast<int>(seconds * 1e3) + 1);
  }

  void AcceptAll() {
    std::vector<bool> expected(known_.size());
    for (size_t peer = static_cast<size_t>(self_.rank) + 1; peer < known_.size(); ++peer)
      expected[peer] = !known_[peer].socket.is_open();
    for (Socket socket = Accept(listener_); socket.is_open(); socket = Accept(listener_)) {
      if (accepted_.size() >= kMostStrangers + known_.size()) {
        Refuse("too many came at once");
        accepted_.pop_front();
      }
      accepted_.push_back({.socket = std::move(socket), .proof = Proof::Acceptor(secret_, self_, expected)});
    }
  }

  void Refuse(const std::string& why) {
    ++refused_;
    last_refusal_ = why;
  }

  absl::Status AdvanceDialled() {
    for (auto it = dialled_.begin(); it != dialled_.end();) {
      const int peer = it->proof.peer_rank();
      if (!it->connected) {
        pollfd writable{.fd = it->socket.fd(), .events = POLLOUT, .revents = 0};
        if (poll(&writable, 1, 0) == 0) {
          ++it;
          continue;
        }
        if (absl::Status status = ConnectResult(it->socket); !status.ok()) return Nobody(peer, status);
        it->connected = true;
      }
      const auto progress = Advance(*it);
      if (progress.ok() && *progress == Progress::kProved) {
        known_[static_cast<size_t>(peer)] = {.socket = std::move(it->socket), .accepted = false};
        it = dialled_.erase(it);
      } else if (progress.ok() && !it->deadline.Passed()) {
        ++it;
      } else if (absl::IsPermissionDenied(progress.status())) {
        return absl::PermissionDeniedError(fmt::format("rank {} at {}: {}", peer,
                                                       addresses_[static_cast<size_t>(peer)],
                                                       std::string(progress.status().message())));
      } else {  // pushed out by a crowd, or too slow: try again
        Refuse(fmt::format("rank {} {}", peer, progress.ok() ? "did not answer" : "closed the connection"));
        redial_.push_back({.peer = peer, .at = Deadline::After(kRedialSeconds)});
        it = dialled_.erase(it);
      }
    }
    return absl::OkStatus();
  }

  void AdvanceAccepted() {
    for (auto it = accepted_.begin(); it != accepted_.end();) {
      const auto progress = Advance(*it);
      if (progress.ok() && *progress == Progress::kWaiting && !it->deadline.Passed()) {
        ++it;
        continue;
      }
      if (!progress.ok()) {
        Refuse(std::string(progress.status().message()));
      } else if (*progress == Progress::kWaiting) {
        Refuse("the other end was silent");
      } else if (Acquaintance& known = known_[static_cast<size_t>(it->proof.peer_rank())];
                 known.socket.is_open()) {
        Refuse("that rank had come already");
      } else {
        known = {.socket = std::move(it->socket), .accepted = true};
      }
      it = accepted_.erase(it);
    }
  }

  const Socket& listener_;
  const std::string& secret_;
  const ProofIdentity self_;
  const std::vector<std::string>& addresses_;
  const Dial& dial_;
  std::vector<Acquaintance> known_;
  std::vector<Call> redial_;
  std::list<Candidate> dialled_;
  std::list<Candidate> accepted_;
  std::vector<pollfd> polled_;
  int refused_ = 0;
  std::string last_refusal_;
};

}  // namespace

absl::StatusOr<std::vector<Acquaintance>> MeetPeers(const Socket& listener, const std::string& secret,
                                                    const ProofIdentity& self,
                                                    const std::vector<std::string>& addresses,
                                                    const Dial& dial, Deadline deadline) {
  return Meeting(listener, secret, self, addresses, dial).Run(deadline);
}

absl::StatusOr<std::vector<Acquaintance>> MeetPeers(const Socket& listener, const std::string& secret,
                                                    const ProofIdentity& self,
                                                    const std::vector<std::string>& addresses,
                                                    Deadline deadline) {
  for (size_t peer = 0; peer < addresses.size(); ++peer)
    if (const auto address = ParseLoopbackAddress(addresses[peer]); !address.ok())
      return Annotate(address.status(), fmt::format("rank {}", peer));
  const Dial dial = [](const std::string& address) -> absl::StatusOr<Socket> {
    ASSIGN_OR_RETURN(const SocketAddress parsed, ParseLoopbackAddress(address));
    return StartDialling(parsed);
  };
  return MeetPeers(listener, secret, self, addresses, dial, deadline);
}

}  // namespace concertina
