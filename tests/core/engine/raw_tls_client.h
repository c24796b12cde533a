// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// raw_tls_client.h: knocks at a port with OpenSSL alone, without any of the scruples of a well-behaved
// client: whatever turns it away is the server.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "core/security/authority.h"
#include "core/security/certificate.h"
#include "core/security/openssl.h"

namespace concertina {

struct KnockAs {
  Identity identity;  // none where empty
  int version = 0;    // TLS1_1_VERSION, …: that one alone; 0: 1.2 or 1.3
  bool in_plain_text = false;
};

struct KnockAnswer {
  enum Kind { kSilence, kTurnedAway, kLetIn } kind = kSilence;
  std::string reason;         // OpenSSL's
  std::string server_serial;  // of the certificate that the server showed
  uint64_t sent_bytes = 0;    // 0: this end gave up before it said a word, and nothing is proved
};

// Connects to 127.0.0.1, shakes hands, and says the beginning of HTTP/2. A server that lets somebody in says
// its own (a SETTINGS frame); in TLS 1.3 that is the first sign of what it thinks of a client's certificate.
inline KnockAnswer Knock(int port, const KnockAs& as) {
  using SslContextPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
  using SslPtr = OpensslPtr<SSL, SSL_free>;
  KnockAnswer answer;
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience = {10, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    answer.reason = "nobody listens";
    close(connection);
    return answer;
  }
  const std::string greeting("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  std::array<unsigned char, 512> said = {};
  const auto judge = [&](ssize_t count, bool timed_out) {
    constexpr unsigned char kSettings = 4;
    if (count >= 9 && said[3] == kSettings)
      answer.kind = KnockAnswer::kLetIn;
    else if (!timed_out)
      answer.kind = KnockAnswer::kTurnedAway;
  };
  if (as.in_plain_text) {
    if (const ssize_t sent = send(connection, greeting.data(), greeting.size(), MSG_NOSIGNAL); sent > 0)
      answer.sent_bytes = static_cast<uint64_t>(sent);
    const ssize_t count = recv(connection, said.data(), said.size(), 0);
    judge(count, count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    close(connection);
    return answer;
  }

  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), as.version > 0 ? as.version : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), as.version > 0 ? as.version : TLS1_3_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof(kH2));
  if (!as.identity.certificate_pem.empty()) {
    const auto certificate = CertificateFromPem(as.identity.certificate_pem);
    const auto key = KeyFromPem(as.identity.key_pem);
    if (!certificate.ok() || !key.ok() || SSL_CTX_use_certificate(context.get(), certificate->get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
      answer.reason = "the client's own certificate cannot be used";
      close(connection);
      return answer;
    }
  }
  ERR_clear_error();
  const SslPtr ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), connection);
  int done = SSL_connect(ssl.get());
  if (done == 1) {
    const X509Ptr shown(SSL_get1_peer_certificate(ssl.get()));
    if (shown != nullptr) answer.server_serial = SerialText(X509_get0_serialNumber(shown.get()));
    SSL_write(ssl.get(), greeting.data(), static_cast<int>(greeting.size()));
    done = SSL_read(ssl.get(), said.data(), static_cast<int>(said.size()));
  }
  const int error = SSL_get_error(ssl.get(), done);
  answer.sent_bytes = BIO_number_written(SSL_get_wbio(ssl.get()));
  if (const unsigned long first = ERR_peek_error(); first != 0)
    if (const char* reason = ERR_reason_error_string(first)) answer.reason = reason;
  ERR_clear_error();
  judge(done, error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE);
  close(connection);
  return answer;
}

}  // namespace concertina
