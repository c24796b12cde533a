// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_session.cc: handshake, records and the look at certificates, with OpenSSL (see tls_session.h).
// On the way of the data: comm/meeting.cc -> here -> comm/tls_peer.cc.
#include "core/comm/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <optional>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr long kMostCertificateBytes = 16 << 10;       // of what a stranger may send as his
constexpr size_t kReadAheadBytes = size_t{128} << 10;  // several records a system call
constexpr size_t kMostWrittenAtOnce = size_t{1} << 20;
constexpr size_t kGatheredBytes = size_t{256} << 10;  // of records, with what TLS adds to them

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

// No password is asked for at a terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*data*/) { return -1; }

Owned<BIO> PemReader(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<size_t>(pem.size(), INT_MAX))));
}
absl::StatusOr<Owned<X509>> ReadCertificate(const std::string& pem, const char* what) {
  Owned<X509> certificate(PEM_read_bio_X509(PemReader(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (certificate == nullptr)
    return absl::InvalidArgumentError(
        fmt::format("credentials: {} is not a certificate; one in PEM expected", what));
  return certificate;
}

// The one URI among the alternative names, or nothing.
std::optional<std::string> UriOf(const X509* certificate) {
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<std::string> uri;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (uri) return std::nullopt;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                static_cast<size_t>(ASN1_STRING_length(text)));
  }
  return uri;
}

// For a message: what a stranger wrote, without what a terminal would obey.
std::string Shown(const std::string& uri) {
  std::string shown = uri.substr(0, 120);
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return shown;
}

// The rank that a certificate is of; kPermissionDenied if it is of none of this run.
absl::StatusOr<int> RankOf(const X509* certificate, const std::string& run) {
  const std::optional<std::string> uri = UriOf(certificate);
  if (!uri) return absl::PermissionDeniedError("its certificate does not name a rank by exactly one URI");
  const std::string prefix = RankUri(run, 0).substr(0, RankUri(run, 0).size() - 1);
  const auto fault = [&] {
    return absl::PermissionDeniedError(
        fmt::format("its certificate is of {}; a rank of run {} expected", Shown(*uri), run));
  };
  if (uri->compare(0, prefix.size(), prefix) != 0) return fault();
  int rank = 0;
  const char* const last = uri->data() + uri->size();
  const auto [end, error] = std::from_chars(uri->data() + prefix.size(), last, rank);
  if (error != std::errc() || end != last || rank < 0 || RankUri(run, rank) != *uri) return fault();
  return rank;
}

std::string WhyNotVerified(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet; do the clocks of the hosts agree?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "its certificate is signed by itself, not by this run's authority";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return "its certificate is not signed by this run's authority";
    default:
      return fmt::format("its certificate is not to be believed ({})", X509_verify_cert_error_string(error));
  }
}

}  // namespace

// What OpenSSL calls. A socket of ours instead of its own: that one lets a broken connection raise SIGPIPE.
struct TlsCallbacks {
  static TlsSession& SessionOf(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int Send(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    TlsSession& session = SessionOf(bio);
    if (session.gathered_ != nullptr) return Gather(bio, session, bytes, size);
    const ssize_t n = send(session.fd_, bytes, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      BIO_set_retry_write(bio);
    else if (n < 0)
      session.socket_error_ = errno;
    return static_cast<int>(n);
  }
  static int Gather(BIO* bio, TlsSession& session, const char* bytes, int size) {
    const auto wanted = std::min(static_cast<size_t>(size), kGatheredBytes);
    if (session.gathered_end_ + wanted > kGatheredBytes) {
      session.Push();
      const size_t left = session.gathered_end_ - session.gathered_begin_;
      std::memmove(session.gathered_.get(), session.gathered_.get() + session.gathered_begin_, left);
      session.gathered_begin_ = 0;
      session.gathered_end_ = left;
    }
    if (session.socket_error_ != 0) return -1;
    if (session.gathered_end_ + wanted > kGatheredBytes) {
      BIO_set_retry_write(bio);
      return -1;
    }
    std::memcpy(session.gathered_.get() + session.gathered_end_, bytes, wanted);
    session.gathered_end_ += wanted;
    return static_cast<int>(wanted);
  }
  static int Receive(BIO* bio, char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    TlsSession& session = SessionOf(bio);
    const ssize_t n = recv(session.fd_, bytes, static_cast<size_t>(size), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      BIO_set_retry_read(bio);
    else if (n < 0)
      session.socket_error_ = errno;
    else if (n == 0)
      session.has_ended_ = true;
    return static_cast<int>(n);
  }
  static long Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    if (command == BIO_CTRL_FLUSH) {
      BIO_clear_retry_flags(bio);
      if (SessionOf(bio).Push()) return 1;
      if (SessionOf(bio).socket_error_ == 0) BIO_set_retry_write(bio);
      return -1;
    }
    if (command == BIO_CTRL_EOF) return SessionOf(bio).has_ended_ ? 1 : 0;
    return 0;
  }
  static const BIO_METHOD* Socket() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
      BIO_meth_set_write(made, Send);
      BIO_meth_set_read(made, Receive);
      BIO_meth_set_ctrl(made, Control);
      return made;
    }();
    return method;
  }

  // Instead of OpenSSL's check of a chain: its own, and then the name.
  static int Verify(X509_STORE_CTX* store, void* /*unused*/) {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& session = *static_cast<TlsSession*>(SSL_get_app_data(ssl));
    if (X509_verify_cert(store) <= 0) {
      session.refusal_ = WhyNotVerified(X509_STORE_CTX_get_error(store));
      return 0;
    }
    const absl::StatusOr<int> rank = RankOf(X509_STORE_CTX_get0_cert(store), session.credentials_.run());
    if (!rank.ok()) {
      session.refusal_ = std::string(rank.status().message());
    } else if (session.peer_rank_ >= 0 && *rank != session.peer_rank_) {
      session.refusal_ =
          fmt::format("its certificate is of rank {}; one of rank {} expected", *rank, session.peer_rank_);
    } else if (session.peer_rank_ < 0 && (static_cast<size_t>(*rank) >= session.expected_.size() ||
                                          !session.expected_[static_cast<size_t>(*rank)])) {
      session.refusal_ = fmt::format("its certificate is of rank {}, which is not expected here", *rank);
    } else {
      session.peer_rank_ = *rank;
      return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
};

std::string RankUri(const std::string& run, int rank) {
  return fmt::format("concertina://run/{}/rank/{}", run, rank);
}

void TlsCredentials::FreeContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsSession::FreeSession::operator()(ssl_st* session) const { SSL_free(session); }

absl::StatusOr<std::unique_ptr<TlsCredentials>> TlsCredentials::Create(const RunCredentials& credentials,
                                                                       uint64_t records_a_key) {
  if (credentials.run.empty()) return absl::InvalidArgumentError("credentials: a run is expected");
  ASSIGN_OR_RETURN(const Owned<X509> authority, ReadCertificate(credentials.authority_pem, "the authority"));
  ASSIGN_OR_RETURN(const Owned<X509> certificate,
                   ReadCertificate(credentials.certificate_pem, "this rank's own"));
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(PemReader(credentials.key_pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr)
    return absl::InvalidArgumentError("credentials: the key cannot be read; one in PEM, open, expected");
  std::unique_ptr<TlsCredentials> made(new TlsCredentials(SSL_CTX_new(TLS_method())));
  SSL_CTX* const context = made->context();
  if (context == nullptr) return absl::InternalError("OpenSSL gives no context");
  SSL_CTX_set_security_level(context, 2);  // keys and digests of 112 bits or more
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_cert_list(context, kMostCertificateBytes);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, 0);  // the authority signs ranks, and nobody else who signs
  SSL_CTX_set_cert_verify_callback(context, TlsCallbacks::Verify, nullptr);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadAheadBytes);
  const bool is_set = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                      SSL_CTX_set_ciphersuites(context,
                                               "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                               "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1;
  ERR_clear_error();
  if (!is_set) return absl::InternalError("OpenSSL does not take what every build of it should");
  const bool is_taken = SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
                        SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
                        SSL_CTX_check_private_key(context) == 1;
  ERR_clear_error();
  if (!is_taken)
    return absl::InvalidArgumentError(
        "credentials: the key is not that of this rank's certificate, or one of them is too weak");
  const absl::StatusOr<int> rank = RankOf(certificate.get(), credentials.run);
  if (!rank.ok())
    return absl::InvalidArgumentError(
        fmt::format("credentials, this rank's own: {}", std::string(rank.status().message())));
  made->run_ = credentials.run;
  made->rank_ = *rank;
  made->records_a_key_ = records_a_key;
  return made;
}

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Make(const TlsCredentials& credentials, int fd) {
  std::unique_ptr<TlsSession> session(new TlsSession(credentials, fd));
  session->ssl_.reset(SSL_new(credentials.context()));
  BIO* const bio = BIO_new(TlsCallbacks::Socket());
  if (session->ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return absl::ResourceExhaustedError("OpenSSL has no memory for a connection");
  }
  BIO_set_data(bio, session.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(session->ssl_.get(), bio, bio);  // it owns it now
  SSL_set_app_data(session->ssl_.get(), session.get());
  return session;
}

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Dialler(const TlsCredentials& credentials, int fd,
                                                                int peer_rank) {
  ASSIGN_OR_RETURN(auto session, Make(credentials, fd));
  session->peer_rank_ = peer_rank;
  session->awaits_ = POLLOUT;
  SSL_set_connect_state(session->ssl_.get());
  return session;
}

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Acceptor(const TlsCredentials& credentials, int fd,
                                                                 std::vector<bool> expected) {
  ASSIGN_OR_RETURN(auto session, Make(credentials, fd));
  session->expected_ = std::move(expected);
  session->awaits_ = POLLIN;
  SSL_set_accept_state(session->ssl_.get());
  return session;
}

std::string TlsSession::version() const { return SSL_get_version(ssl_.get()); }

absl::Status TlsSession::WhyNot(int result, const char* doing) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      awaits_ = POLLIN;
      return absl::OkStatus();
    case SSL_ERROR_WANT_WRITE:
      awaits_ = POLLOUT;
      return absl::OkStatus();
    case SSL_ERROR_ZERO_RETURN:
      return absl::UnavailableError("the other end closed the connection");
    default:
      break;
  }
  if (socket_error_ != 0) return ErrnoStatus(socket_error_, doing);
  if (has_ended_) return absl::UnavailableError("the other end closed the connection without a word");
  return HandshakeFailure();
}

absl::Status TlsSession::HandshakeFailure() const {
  if (!refusal_.empty()) return absl::PermissionDeniedError(refusal_);
  const unsigned long error = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(error);
  const char* const words = ERR_reason_error_string(error);
  const std::string said = words == nullptr ? "no reason given" : words;
  if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
    if (reason > SSL_AD_REASON_OFFSET)  // an alert of the other end's
      return absl::PermissionDeniedError(
          fmt::format("the other end does not believe this one's certificate, or ends TLS ({})", said));
    switch (is_established_ ? 0 : reason) {
      case SSL_R_HTTP_REQUEST:
      case SSL_R_HTTPS_PROXY_REQUEST:
      case SSL_R_WRONG_VERSION_NUMBER:
      case SSL_R_BAD_PACKET_LENGTH:
      case SSL_R_PACKET_LENGTH_TOO_LONG:
      case SSL_R_UNEXPECTED_MESSAGE:
        return absl::PermissionDeniedError(fmt::format("the other end does not speak TLS ({})", said));
      case SSL_R_UNSUPPORTED_PROTOCOL:
      case SSL_R_UNKNOWN_PROTOCOL:
      case SSL_R_VERSION_TOO_LOW:
        return absl::PermissionDeniedError(
            fmt::format("the other end does not speak TLS 1.2 or later ({})", said));
      case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return absl::PermissionDeniedError("the other end shows no certificate");
      default:
        break;
    }
  }
  if (is_established_) return absl::DataLossError(fmt::format("what came is not the peer's ({})", said));
  return absl::PermissionDeniedError(fmt::format("the TLS handshake failed ({})", said));
}

absl::StatusOr<bool> TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    RETURN_IF_ERROR(WhyNot(result, "the TLS handshake"));
    return false;
  }
  // TlsCallbacks::Verify has looked; no handshake can end well without it, but nothing is left to that.
  if (SSL_get0_peer_certificate(ssl_.get()) == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK ||
      SSL_session_reused(ssl_.get()) != 0 || !refusal_.empty() || peer_rank_ < 0)
    return absl::PermissionDeniedError("the other end has not proved who it is");
  is_established_ = true;
  return true;
}

absl::StatusOr<size_t> TlsSession::Write(std::span<const uint8_t> bytes) {
  ERR_clear_error();
  size_t taken = 0;
  do {  // a record at a time
    // A new key goes before a record, never into the middle of one.
    if (records_ >= credentials_.records_a_key() && !is_write_pending_ &&
        SSL_version(ssl_.get()) >= TLS1_3_VERSION &&
        SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1) {
      records_ = 0;
      ++keys_;
    }
    const std::span<const uint8_t> rest = bytes.subspan(taken);
    if (rest.empty()) break;
    size_t written = 0;
    const int result =
        SSL_write_ex(ssl_.get(), rest.data(), std::min(rest.size(), kMostWrittenAtOnce), &written);
    is_write_pending_ = result != 1;
    if (result != 1) {
      RETURN_IF_ERROR(WhyNot(result, "sending"));
      break;
    }
    records_ += (written + kMostRecordBytes - 1) / kMostRecordBytes;
    taken += written;
  } while (gathered_ != nullptr);
  return taken;
}

void TlsSession::GatherRecords() {
  if (gathered_ == nullptr) gathered_ = std::make_unique_for_overwrite<uint8_t[]>(kGatheredBytes);
}

bool TlsSession::Push() {
  while (gathered_begin_ < gathered_end_) {
    const ssize_t n = send(fd_, gathered_.get() + gathered_begin_, gathered_end_ - gathered_begin_,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EAGAIN) socket_error_ = errno;
      return false;
    }
    gathered_begin_ += static_cast<size_t>(n);
  }
  gathered_begin_ = gathered_end_ = 0;
  return true;
}

absl::StatusOr<bool> TlsSession::Flush() {
  if (Push()) return true;
  if (socket_error_ != 0) return ErrnoStatus(socket_error_, "sending");
  awaits_ = POLLOUT;
  return false;
}

absl::StatusOr<size_t> TlsSession::Read(std::span<uint8_t> bytes) {
  if (bytes.empty()) return 0;
  ERR_clear_error();
  size_t read = 0;
  const int result = SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &read);
  if (result != 1) {
    RETURN_IF_ERROR(WhyNot(result, "receiving"));
    return 0;
  }
  return read;
}

absl::StatusOr<bool> TlsSession::Close() {
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());  // 0: said, and not answered, which nobody waits for
  if (result >= 0) return true;
  RETURN_IF_ERROR(WhyNot(result, "closing"));
  return false;
}

}  // namespace concertina
