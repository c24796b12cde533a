// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// meeting.cc: dials and accepts side by side, one proof a connection (see meeting.h).
// On the way of the data: comm/socket.h, comm/local_socket.h -> here (comm/proof.h on each connection,
// between hosts within comm/tls_session.h) -> comm/grpc_transport.cc, comm/shared_memory_transport.cc.
#include "core/comm/meeting.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <list>

#include "core/base/log.h"
#include "core/comm/resolver.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kRedialSeconds = 0.05;
constexpr size_t kMostStrangers = 64;  // accepted and not yet proved, beyond one a rank
// Between hosts a name may lead to addresses where nobody is, beside the one where somebody is.
constexpr int kMostFailedDials = 8;

// A connection whose proof is under way.
struct Candidate {
  Socket socket;
  Proof proof;
  std::unique_ptr<TlsSession> tls = {};  // first, where there is one
  bool connected = true;                 // a dialled one may still be on its way
  Deadline deadline = Deadline::After(kProofSeconds);
  size_t sent = 0;
  std::vector<uint8_t> got;
};

enum class Progress { kWaiting, kProved };

// How many bytes moved now; 0: none can.
absl::StatusOr<size_t> SendSome(Candidate& candidate, std::span<const uint8_t> bytes) {
  if (candidate.tls != nullptr) return candidate.tls->Write(bytes);
  const ssize_t n = send(candidate.socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n < 0) return ErrnoStatus(errno, "proving");
  return static_cast<size_t>(n);
}
absl::StatusOr<size_t> ReceiveSome(Candidate& candidate, std::span<uint8_t> bytes) {
  if (candidate.tls != nullptr) return candidate.tls->Read(bytes);
  const ssize_t n = recv(candidate.socket.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n < 0) return ErrnoStatus(errno, "proving");
  if (n == 0) return absl::UnavailableError("the other end closed the connection during the proof");
  return static_cast<size_t>(n);
}

// As far as the socket lets it go now, once TLS is established where there is any.
absl::StatusOr<Progress> Advance(Candidate& candidate) {
  for (;;) {
    const auto out = candidate.proof.to_send();
    while (candidate.sent < out.size()) {
      ASSIGN_OR_RETURN(const size_t n, SendSome(candidate, out.subspan(candidate.sent)));
      if (n == 0) return Progress::kWaiting;
      candidate.sent += n;
    }
    if (candidate.proof.done()) return Progress::kProved;
    // Never more than is wanted: what follows the proof belongs to gRPC.
    const size_t had = candidate.got.size();
    candidate.got.resize(candidate.proof.wanted_bytes());
    const auto n = ReceiveSome(candidate, std::span(candidate.got).subspan(had));
    candidate.got.resize(had + (n.ok() ? *n : 0));
    RETURN_IF_ERROR(n.status());
    if (*n == 0) return Progress::kWaiting;
    if (candidate.got.size() < candidate.proof.wanted_bytes()) continue;
    RETURN_IF_ERROR(candidate.proof.Take(candidate.got));
    candidate.got.clear();
    candidate.sent = 0;
  }
}

class Meeting {
 public:
  Meeting(const Socket& listener, const std::string& secret, const ProofIdentity& self,
          const std::vector<std::string>& addresses, const Dial& dial, const TlsCredentials* credentials)
      : listener_(listener),
        secret_(secret),
        self_(self),
        addresses_(addresses),
        dial_(dial),
        credentials_(credentials),
        failed_dials_(addresses.size()) {
    known_.resize(addresses_.size());
    for (int peer = 0; peer < self.rank; ++peer) redial_.push_back({.peer = peer, .at = Deadline::After(0)});
  }

  absl::StatusOr<std::vector<Acquaintance>> Run(Deadline deadline) {
    for (;;) {
      const int missing = Missing();
      if (missing < 0) return std::move(known_);
      if (deadline.Passed())
        return absl::DeadlineExceededError(
            fmt::format("rank {}: has not connected{}; {}", missing, WaitingText(missing), RefusedText()));
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
    std::string waits_for = {};
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

  std::string WaitingText(int peer) const {
    for (const Call& call : redial_)
      if (call.peer == peer && !call.waits_for.empty())
        return fmt::format(" (at {}: {})", addresses_[static_cast<size_t>(peer)], call.waits_for);
    return "";
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
        call->waits_for = std::string(socket.status().message());
        continue;
      }
      if (!socket.ok()) {
        RETURN_IF_ERROR(Nobody(call->peer, socket.status()));
        call->at = Deadline::After(kRedialSeconds);
        continue;
      }
      Candidate candidate{.socket = *std::move(socket),
                          .proof = Proof::Dialer(secret_, self_, call->peer),
                          .connected = false};
      if (credentials_ != nullptr) {
        ASSIGN_OR_RETURN(candidate.tls,
                         TlsSession::Dialler(*credentials_, candidate.socket.fd(), call->peer));
      }
      dialled_.push_back(std::move(candidate));
      call = redial_.erase(call);
    }
    return absl::OkStatus();
  }

  // OK where there may be somebody at another address of the host.
  absl::Status Nobody(int peer, const absl::Status& why) {
    if (credentials_ != nullptr && ++failed_dials_[static_cast<size_t>(peer)] < kMostFailedDials)
      return absl::OkStatus();
    return absl::UnavailableError(fmt::format("rank {}: nobody at {} ({}); it has ended, or never began",
                                              peer, addresses_[static_cast<size_t>(peer)],
                                              std::string(why.message())));
  }

  void Wait(double seconds) {
    polled_.clear();
    polled_.push_back({.fd = listener_.fd(), .events = POLLIN, .revents = 0});
    for (const auto* candidates : {&dialled_, &accepted_})
      for (const Candidate& candidate : *candidates) {
        const bool sending = !candidate.connected ||
                             (candidate.tls != nullptr ? candidate.tls->awaits() == POLLOUT
                                                       : candidate.sent < candidate.proof.to_send().size());
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
        Refuse("too many came at once", accepted_.front().socket);
        accepted_.pop_front();
      }
      Candidate candidate{.socket = std::move(socket), .proof = Proof::Acceptor(secret_, self_, expected)};
      if (credentials_ != nullptr) {
        auto tls = TlsSession::Acceptor(*credentials_, candidate.socket.fd(), expected);
        if (!tls.ok()) {
          Refuse(std::string(tls.status().message()), candidate.socket);
          continue;
        }
        candidate.tls = *std::move(tls);
      }
      accepted_.push_back(std::move(candidate));
    }
  }

  // The handshake first, where there is one; then the proof, of the rank that the certificate named.
  absl::StatusOr<Progress> Go(Candidate& candidate, bool is_accepted) {
    if (candidate.tls != nullptr && !candidate.tls->is_established()) {
      ASSIGN_OR_RETURN(const bool is_established, candidate.tls->Handshake());
      if (!is_established) return Progress::kWaiting;
      if (is_accepted) {
        std::vector<bool> expected(known_.size());
        expected[static_cast<size_t>(candidate.tls->peer_rank())] = true;
        candidate.proof = Proof::Acceptor(secret_, self_, std::move(expected));
      }
    }
    return Advance(candidate);
  }

  void Refuse(const std::string& why, const Socket& whom) {
    ++refused_;
    last_refusal_ = why;
    if (credentials_ == nullptr || refused_ > kMostRefusalsLogged) return;
    spdlog::warn("rank {}: refused a connection with {}: {}", self_.rank, PeerName(whom), why);
  }

  absl::Status AdvanceDialled() {
    for (auto it = dialled_.begin(); it != dialled_.end();) {
      const int peer = it->proof.peer_rank();
      if (!it->connected) {
        pollfd writable{.fd = it->socket.fd(), .events = POLLOUT, .revents = 0};
        const bool has_result = poll(&writable, 1, 0) != 0;
        const absl::Status status = has_result ? ConnectResult(it->socket) : absl::OkStatus();
        if (!status.ok()) RETURN_IF_ERROR(Nobody(peer, status));
        if (!status.ok() || (!has_result && it->deadline.Passed())) {
          redial_.push_back({.peer = peer,
                             .at = Deadline::After(kRedialSeconds),
                             .waits_for = status.ok() ? "no answer" : std::string(status.message())});
          it = dialled_.erase(it);
          continue;
        }
        if (!has_result) {
          ++it;
          continue;
        }
        it->connected = true;
      }
      const auto progress = Go(*it, /*is_accepted=*/false);
      if (progress.ok() && *progress == Progress::kProved) {
        known_[static_cast<size_t>(peer)] = {
            .socket = std::move(it->socket), .accepted = false, .tls = std::move(it->tls)};
        it = dialled_.erase(it);
      } else if (progress.ok() && !it->deadline.Passed()) {
        ++it;
      } else if (absl::IsPermissionDenied(progress.status())) {
        return absl::PermissionDeniedError(fmt::format("rank {} at {}: {}", peer,
                                                       addresses_[static_cast<size_t>(peer)],
                                                       std::string(progress.status().message())));
      } else {  // pushed out by a crowd, or too slow: try again
        Refuse(fmt::format("rank {} {}", peer, progress.ok() ? "did not answer" : "closed the connection"),
               it->socket);
        redial_.push_back({.peer = peer, .at = Deadline::After(kRedialSeconds)});
        it = dialled_.erase(it);
      }
    }
    return absl::OkStatus();
  }

  void AdvanceAccepted() {
    for (auto it = accepted_.begin(); it != accepted_.end();) {
      const auto progress = Go(*it, /*is_accepted=*/true);
      if (progress.ok() && *progress == Progress::kWaiting && !it->deadline.Passed()) {
        ++it;
        continue;
      }
      if (!progress.ok()) {
        Refuse(std::string(progress.status().message()), it->socket);
      } else if (*progress == Progress::kWaiting) {
        Refuse("the other end was silent", it->socket);
      } else if (Acquaintance& known = known_[static_cast<size_t>(it->proof.peer_rank())];
                 known.socket.is_open()) {
        Refuse("that rank had come already", it->socket);
      } else {
        known = {.socket = std::move(it->socket), .accepted = true, .tls = std::move(it->tls)};
      }
      it = accepted_.erase(it);
    }
  }

  const Socket& listener_;
  const std::string& secret_;
  const ProofIdentity self_;
  const std::vector<std::string>& addresses_;
  const Dial& dial_;
  const TlsCredentials* const credentials_;  // null: in the clear, on this host
  std::vector<int> failed_dials_;
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
  return Meeting(listener, secret, self, addresses, dial, nullptr).Run(deadline);
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

absl::StatusOr<std::vector<Acquaintance>> MeetPeersOverTls(const Socket& listener, const std::string& secret,
                                                           const ProofIdentity& self,
                                                           const std::vector<std::string>& addresses,
                                                           const TlsCredentials& credentials,
                                                           Deadline deadline) {
  // Only those below are dialled.
  ASSIGN_OR_RETURN(Resolver resolver, Resolver::Start({addresses.begin(), addresses.begin() + self.rank}));
  const Dial dial = [&resolver](const std::string& address) -> absl::StatusOr<Socket> {
    ASSIGN_OR_RETURN(const KernelAddress where, resolver.Next(address));
    return StartDialling(where);
  };
  return Meeting(listener, secret, self, addresses, dial, &credentials).Run(deadline);
}

}  // namespace concertina
