// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// authority.h: makes certificates: one authority that signs, identities that prove who somebody is.
// On the way of the data: concertinactl provision, engine/ (an authority for each run that leaves its host)
// -> here -> TLS at both ends (comm/tls_session.h, engine's port).
//
// Keys are of the curve P-256, signatures ECDSA with SHA-256 (RFC 5480, 5758); an identity's name is the one
// URI in its subject alternative names (RFC 5280, 4.2.1.6), as "concertina://run/ID/rank/3".
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// A certificate and its private key, both PEM.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

struct IssueRequest {
  std::string uri;                        // who it is
  std::vector<std::string> dns_names;     // where it may be met, besides
  std::vector<std::string> ip_addresses;  // "10.0.0.7"
  double valid_seconds = 90 * 86400.0;
  double backdated_seconds = 300;  // clocks differ
};

class Authority {
 public:
  // A new one, self-signed, that signs identities and revocation lists and no further authority.
  static absl::StatusOr<Authority> Make(const std::string& name, double valid_seconds);
  // kInvalidArgument: not such PEM, or the key is not the certificate's.
  static absl::StatusOr<Authority> Load(const Identity& identity);

  const Identity& identity() const { return identity_; }
  absl::StatusOr<Identity> Issue(const IssueRequest& request) const;

 private:
  explicit Authority(Identity identity) : identity_(std::move(identity)) {}
  Identity identity_;
};

}  // namespace concertina
