// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kit.h: a start-up kit: all that one identity needs to reach an engine, or to be one, in one folder.
// On the way of the data: security/provision.h -> here -> proto/engine_channel.h, proto/tls_port.h.
//
//   authority.crt   whom it believes             identity.crt, identity.key (0600)   who it is
//   crl.pem         who is believed no longer    kit.json   {"role", "name", "engine", "expires"}
// The folder is 0700. `engine` is HOST:PORT, `expires` like 2027-11-27T10:00:00Z and for people only: the
// certificate has the last word.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/status.h"
#include "core/security/authority.h"
#include "core/security/certificate.h"

namespace concertina {

struct KitContents {
  std::string authority_pem;
  Identity identity;
  std::string revocation_list_pem;
  std::string engine_address;
};

struct Kit {
  std::string folder;
  IdentityName identity;
  CertificateFacts facts;
  std::string engine_address;

  std::string authority_file() const { return folder + "/authority.crt"; }
  std::string certificate_file() const { return folder + "/identity.crt"; }
  std::string key_file() const { return folder + "/identity.key"; }
  std::string revocation_file() const { return folder + "/crl.pem"; }
};

// Makes the folder and its files, aside first, so that there is a whole kit or none. kAlreadyExists:
// something is there already; it is left alone.
absl::Status WriteKit(const std::string& folder, const KitContents& contents);
// Puts a whole new kit in the place of one that is in use, in one step (rename with exchange): who reads the
// folder meanwhile sees the old one or the new one.
absl::Status ReplaceKit(const std::string& folder, const KitContents& contents);
// A new list in a kit that is there.
absl::Status ReplaceRevocationList(const std::string& folder, const std::string& list_pem);

// Reads and checks everything: that folder and key are this user's and nobody else can read them
// (kPermissionDenied, with the chmod that mends it), that every file is what it should be, the key that of
// the certificate, the certificate of this authority, valid now, strong enough and not revoked, and kit.json
// of one mind with it (kInvalidArgument, kPermissionDenied). kNotFound: no kit there.
absl::StatusOr<Kit> ReadKit(const std::string& folder);

// HOST and PORT of "HOST:PORT" or "[IPv6]:PORT"; kInvalidArgument says what was expected. Port 0 only where
// `any_port`.
struct HostPort {
  std::string host;
  int port = 0;
};
absl::StatusOr<HostPort> ParseHostPort(const std::string& text, bool any_port = false);

}  // namespace concertina
