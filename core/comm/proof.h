// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// proof.h: two ends of a fresh connection prove to each other that they know the secret of the run, before a
// byte is believed or handed to gRPC. On the way of the data: comm/meeting.h opens the connections -> here ->
// comm/grpc_transport.cc.
//
//   dialer -> acceptor   D = "CTNPROOF" | rank u32 | size u32 | incarnation u32 | 0 u32 | nonce 32 bytes
//   acceptor -> dialer   A = the same of the acceptor | MAC(key, "acceptor" | D | A)
//   dialer -> acceptor   MAC(key, "dialer__" | D | A)
//   acceptor -> dialer   MAC(key, "welcome_" | D | A)
// Little endian; MAC is HMAC-SHA-512-256, key the SHA-256 of the secret (libsodium). Both nonces are in every
// MAC, so that none can be replayed; the label names who speaks, so that none can be sent back.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

struct ProofIdentity {
  int rank = 0;
  int size = 0;
  uint32_t incarnation = 0;
};

// One end of one proof, without the socket: takes what came, gives what is to be sent.
class Proof {
 public:
  static constexpr size_t kHelloBytes = 56;
  static constexpr size_t kMacBytes = 32;

  static Proof Dialer(const std::string& secret, const ProofIdentity& self, int acceptor_rank);
  // `expected`: which ranks may still come.
  static Proof Acceptor(const std::string& secret, const ProofIdentity& self, std::vector<bool> expected);

  // What is to be sent now.
  std::span<const uint8_t> to_send() const { return {out_.data(), out_bytes_}; }
  // How many bytes the other end has to send next; 0: proved.
  size_t wanted_bytes() const { return wanted_bytes_; }
  bool done() const { return wanted_bytes_ == 0; }
  // Of the other end; believed only once done.
  int peer_rank() const { return peer_rank_; }
  // Takes the wanted bytes; afterwards to_send() is the answer. kPermissionDenied: the other end does not
  // belong to this run, or not here; close the connection.
  absl::Status Take(std::span<const uint8_t> bytes);

 private:
  enum class Stage {
    kDialerAwaitsProof,
    kDialerAwaitsWelcome,
    kAcceptorAwaitsHello,
    kAcceptorAwaitsProof,
    kDone
  };
  using Mac = std::array<uint8_t, kMacBytes>;

  Proof(const std::string& secret, const ProofIdentity& self);
  absl::Status CheckHello(std::span<const uint8_t> hello);
  Mac MacOf(const char* label) const;
  bool IsMac(const char* label, std::span<const uint8_t> mac) const;

  ProofIdentity self_;
  std::array<uint8_t, 32> key_{};
  std::array<uint8_t, kHelloBytes> dialer_hello_{};
  std::array<uint8_t, kHelloBytes> acceptor_hello_{};
  std::array<uint8_t, kHelloBytes + kMacBytes> out_{};
  size_t out_bytes_ = 0;
  size_t wanted_bytes_ = 0;
  Stage stage_ = Stage::kDone;
  int peer_rank_ = -1;  // a dialer knows it from the start
  std::vector<bool> expected_;
};

}  // namespace concertina
