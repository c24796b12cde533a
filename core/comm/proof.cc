// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// proof.cc: the mutual proof of the run's secret, with libsodium (see proof.h).
// On the way of the data: comm/meeting.cc -> here -> comm/grpc_transport.cc.
#include "core/comm/proof.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "fmt/format.h"
#include "sodium.h"

namespace concertina {
namespace {

constexpr char kMagic[9] = "CTNPROOF";
constexpr char kAcceptorLabel[9] = "acceptor";
constexpr char kDialerLabel[9] = "dialer__";
constexpr char kWelcomeLabel[9] = "welcome_";

void WriteHello(const ProofIdentity& self, std::span<uint8_t, Proof::kHelloBytes> hello) {
  std::memcpy(hello.data(), kMagic, 8);
  const uint32_t fields[4] = {static_cast<uint32_t>(self.rank), static_cast<uint32_t>(self.size),
                              self.incarnation, 0};
  std::memcpy(hello.data() + 8, fields, sizeof fields);
  randombytes_buf(hello.data() + 24, 32);
}

}  // namespace

Proof::Proof(const std::string& secret, const ProofIdentity& self) : self_(self) {
  static_assert(crypto_auth_BYTES == kMacBytes && crypto_auth_KEYBYTES == 32);
  [[maybe_unused]] const int ready = sodium_init();  // 0 or, from the second time on, 1
  assert(ready >= 0);
  crypto_hash_sha256(key_.data(), reinterpret_cast<const uint8_t*>(secret.data()), secret.size());
}

Proof Proof::Dialer(const std::string& secret, const ProofIdentity& self, int acceptor_rank) {
  Proof proof(secret, self);
  proof.peer_rank_ = acceptor_rank;
  WriteHello(self, proof.dialer_hello_);
  std::copy(proof.dialer_hello_.begin(), proof.dialer_hello_.end(), proof.out_.begin());
  proof.out_bytes_ = kHelloBytes;
  proof.wanted_bytes_ = kHelloBytes + kMacBytes;
  proof.stage_ = Stage::kDialerAwaitsProof;
  return proof;
}

Proof Proof::Acceptor(const std::string& secret, const ProofIdentity& self, std::vector<bool> expected) {
  Proof proof(secret, self);
  proof.expected_ = std::move(expected);
  WriteHello(self, proof.acceptor_hello_);
  proof.wanted_bytes_ = kHelloBytes;
  proof.stage_ = Stage::kAcceptorAwaitsHello;
  return proof;
}

absl::Status Proof::CheckHello(std::span<const uint8_t> hello) {
  uint32_t fields[4];
  std::memcpy(fields, hello.data() + 8, sizeof fields);
  if (std::memcmp(hello.data(), kMagic, 8) != 0)
    return absl::PermissionDeniedError("the other end does not speak this protocol");
  if (fields[1] != static_cast<uint32_t>(self_.size))
    return absl::PermissionDeniedError(
        fmt::format("the other end is of {} ranks, not of {}", fields[1], self_.size));
  if (fields[2] != self_.incarnation)
    return absl::PermissionDeniedError(
        fmt::format("the other end is of incarnation {}, not of {}", fields[2], self_.incarnation));
  if (peer_rank_ >= 0) {
    if (fields[0] != static_cast<uint32_t>(peer_rank_))
      return absl::PermissionDeniedError(
          fmt::format("the other end is rank {}, not {}", fields[0], peer_rank_));
  } else {
    if (fields[0] >= expected_.size() || !expected_[fields[0]])
      return absl::PermissionDeniedError(fmt::format("rank {} is not expected here", fields[0]));
    peer_rank_ = static_cast<int>(fields[0]);
  }
  return absl::OkStatus();
}

Proof::Mac Proof::MacOf(const char* label) const {
  std::array<uint8_t, 8 + 2 * kHelloBytes> said;
  std::memcpy(said.data(), label, 8);
  std::copy(dialer_hello_.begin(), dialer_hello_.end(), said.begin() + 8);
  std::copy(acceptor_hello_.begin(), acceptor_hello_.end(), said.begin() + 8 + kHelloBytes);
  Mac mac;
  crypto_auth(mac.data(), said.data(), said.size(), key_.data());
  return mac;
}

bool Proof::IsMac(const char* label, std::span<const uint8_t> mac) const {
  const Mac right = MacOf(label);
  return sodium_memcmp(right.data(), mac.data(), right.size()) == 0;  // in constant time
}

absl::Status Proof::Take(std::span<const uint8_t> bytes) {
  assert(bytes.size() == wanted_bytes_);
  out_bytes_ = 0;
  const auto answer = [this](const Mac& mac) {
    std::copy(mac.begin(), mac.end(), out_.begin() + static_cast<ptrdiff_t>(out_bytes_));
    out_bytes_ += mac.size();
  };
  switch (stage_) {
    case Stage::kAcceptorAwaitsHello:
      RETURN_IF_ERROR(CheckHello(bytes));
      std::copy(bytes.begin(), bytes.end(), dialer_hello_.begin());
      std::copy(acceptor_hello_.begin(), acceptor_hello_.end(), out_.begin());
      out_bytes_ = kHelloBytes;
      answer(MacOf(kAcceptorLabel));
      wanted_bytes_ = kMacBytes;
      stage_ = Stage::kAcceptorAwaitsProof;
      return absl::OkStatus();
    case Stage::kDialerAwaitsProof:
      RETURN_IF_ERROR(CheckHello(bytes.first(kHelloBytes)));
      std::copy_n(bytes.begin(), kHelloBytes, acceptor_hello_.begin());
      if (!IsMac(kAcceptorLabel, bytes.subspan(kHelloBytes)))
        return absl::PermissionDeniedError("the other end does not prove the secret of this run");
      answer(MacOf(kDialerLabel));
      wanted_bytes_ = kMacBytes;
      stage_ = Stage::kDialerAwaitsWelcome;
      return absl::OkStatus();
    case Stage::kAcceptorAwaitsProof:
      if (!IsMac(kDialerLabel, bytes))
        return absl::PermissionDeniedError("the other end does not prove the secret of this run");
      answer(MacOf(kWelcomeLabel));
      break;
    case Stage::kDialerAwaitsWelcome:
      if (!IsMac(kWelcomeLabel, bytes))
        return absl::PermissionDeniedError("the welcome is not that of this run");
      break;
    case Stage::kDone:
      return absl::InternalError("the proof is done and takes nothing more");
  }
  wanted_bytes_ = 0;
  stage_ = Stage::kDone;
  return absl::OkStatus();
}

}  // namespace concertina
