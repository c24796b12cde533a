// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// peer_verifier.h: the last question of a TLS handshake of gRPC's: is this peer one that belongs here.
// On the way of the data: security/certificate.h -> here -> proto/engine_channel.h, proto/tls_port.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/security/certificate.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/tls_certificate_verifier.h"

namespace concertina {

struct PeerRules {
  std::vector<Role> roles;        // that the peer may have
  bool checks_host_name = false;  // a client asks that the certificate is that of the host it called
  std::function<bool(const std::string& serial)> is_revoked;  // any thread; null: nobody is
  // What came of it, OK or why not, and the URI that the certificate names ("" if it names none). Called on
  // gRPC's threads; must only hand on. May be null.
  std::function<void(const std::string& uri, const absl::Status& verdict)> on_verdict;
};

// Runs after TLS has checked the chain and before the first byte of HTTP/2 is read; a peer that is refused
// has its connection closed. Shares ownership with what is made of it.
std::shared_ptr<grpc::experimental::CertificateVerifier> MakePeerVerifier(PeerRules rules);

// What the peer of a call has shown, in PEM; "": nothing, as on a Unix socket.
std::string CertificateOf(const grpc::AuthContext& context);

}  // namespace concertina
