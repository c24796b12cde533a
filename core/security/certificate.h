// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// certificate.h: what a certificate says, and whether its holder is let in.
// On the way of the data: a peer's certificate, a kit's file -> here -> proto/peer_verifier.h,
// proto/tls_port.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/security/identity_name.h"

namespace concertina {

struct CertificateFacts {
  std::string uri;     // the one URI of its subject alternative names; "" where there is none, or several
  std::string serial;  // hexadecimal
  std::string fingerprint;  // SHA-256 of the whole, hexadecimal
  int64_t not_before_unix = 0;
  int64_t not_after_unix = 0;
  bool is_authority = false;
  int security_bits =
      0;  // of its key (NIST SP 800-57): 128 for P-256, 112 for RSA with 2048 bits, 80 for 1024
};

// kInvalidArgument: no certificate in PEM.
absl::StatusOr<CertificateFacts> ReadCertificate(const std::string& pem);

// Whether `authority_pem`'s key signed it. kPermissionDenied: it did not.
absl::Status CheckIssuer(const std::string& certificate_pem, const std::string& authority_pem);

inline constexpr int kLeastSecurityBits = 112;

struct AdmissionRules {
  std::span<const Role> roles;                                // that may come here
  std::function<bool(const std::string& serial)> is_revoked;  // null: nobody is
  int64_t now_unix = 0;
};
struct Admission {
  IdentityName identity;
  CertificateFacts facts;
};
// For a certificate whose chain TLS has checked. Checks again what TLS was to check besides, so that nothing
// hangs on how a TLS library was set up: time, strength, that it is no authority's; then who it names, and
// whether that one was revoked. kPermissionDenied and kInvalidArgument say what is wrong with it.
absl::StatusOr<Admission> Admit(const std::string& certificate_pem, const AdmissionRules& rules);

}  // namespace concertina
