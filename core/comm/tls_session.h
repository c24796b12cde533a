// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_session.h: mutual TLS on one connection between two ranks of a run, by OpenSSL.
// On the way of the data: comm/meeting.h (before the proof) -> here -> comm/tls_peer.h.
//
// TLS 1.2 (RFC 5246) or later, in practice 1.3 (RFC 8446), since both ends are of this program. Both show a
// certificate. One is believed if the run's authority itself signed it, if it is valid now, and if its one
// URI in the subject alternative names is "concertina://run/RUN/rank/R" of this run and of a rank that is
// expected there; that is looked at within the handshake, and whoever fails is sent an alert. No session is
// resumed and nothing is renegotiated, so what was looked at holds for the whole connection; keys are renewed
// after kRecordsAKey. The kernel's TLS is not used.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/comm/transport.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX, SSL
struct ssl_st;

namespace concertina {

// The longest record of TLS (RFC 8446, 5.1).
inline constexpr size_t kMostRecordBytes = 16384;
// Records that one key protects: half of what AES-GCM may (RFC 8446, 5.5: 2^24.5).
inline constexpr uint64_t kRecordsAKey = uint64_t{1} << 23;

// "concertina://run/RUN/rank/3".
std::string RankUri(const std::string& run, int rank);

// One rank's credentials, read and checked once for all its connections. Must outlive its sessions.
class TlsCredentials {
 public:
  // kInvalidArgument says which of the three is not what it should be; no word of a key is repeated.
  static absl::StatusOr<std::unique_ptr<TlsCredentials>> Create(const RunCredentials& credentials,
                                                                uint64_t records_a_key = kRecordsAKey);
  int rank() const { return rank_; }  // of its own certificate
  const std::string& run() const { return run_; }
  ssl_ctx_st* context() const { return context_.get(); }
  uint64_t records_a_key() const { return records_a_key_; }

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsCredentials(ssl_ctx_st* context) : context_(context) {}

  const std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  std::string run_;
  int rank_ = -1;
  uint64_t records_a_key_ = kRecordsAKey;
};

// One end of one connection. Never blocks, never raises SIGPIPE; used by one thread at a time.
class TlsSession {
 public:
  // `fd`: connected (or about to be, if dialled), non-blocking, and the caller's; it must stay open.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Dialler(const TlsCredentials& credentials, int fd,
                                                             int peer_rank);
  // `expected`: which ranks may come.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Acceptor(const TlsCredentials& credentials, int fd,
                                                              std::vector<bool> expected);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // As far as the connection lets it go now; true once it is done. kPermissionDenied: the other end is not
  // who it should be, or refuses this one, or does not speak TLS; kUnavailable: it is gone. Then close.
  absl::StatusOr<bool> Handshake();
  bool is_established() const { return is_established_; }
  int peer_rank() const { return peer_rank_; }  // as its certificate says, once established
  std::string version() const;                  // "TLSv1.3"
  int keys() const { return keys_; }            // that it has sent with, the first one too

  // How many bytes moved now; 0: none can, until awaits(). Bytes of a Write that gave 0 must come again, with
  // others behind them or not, at any address. kUnavailable: the other end is gone, or closed in order;
  // kDataLoss: what came was not sent by it; kPermissionDenied: it refuses this one's certificate (in TLS 1.3
  // a dialler hears of that only now) or what came from here.
  absl::StatusOr<size_t> Write(std::span<const uint8_t> bytes);
  absl::StatusOr<size_t> Read(std::span<uint8_t> bytes);
  // From now on Write gathers its records, and Flush hands them to the kernel together, as Write does when
  // there is no more room: a system call for each of 16 KiB costs more than encrypting it.
  void GatherRecords();
  // True once everything written has gone to the kernel; errors as for Write.
  absl::StatusOr<bool> Flush();
  // Says that nothing more will come; true once that has left.
  absl::StatusOr<bool> Close();
  // What the last call that could not go on waits for: POLLIN or POLLOUT.
  short awaits() const { return awaits_; }

 private:
  friend struct TlsCallbacks;
  // Hands gathered bytes to the kernel; false if some are left: it has no room, or socket_error_ says why.
  bool Push();
  struct FreeSession {
    void operator()(ssl_st* session) const;
  };
  TlsSession(const TlsCredentials& credentials, int fd) : credentials_(credentials), fd_(fd) {}
  static absl::StatusOr<std::unique_ptr<TlsSession>> Make(const TlsCredentials& credentials, int fd);
  // Of a call that gave `result`: OK if it only has to wait.
  absl::Status WhyNot(int result, const char* doing);
  // What OpenSSL has to say, in words of this program.
  absl::Status HandshakeFailure() const;

  const TlsCredentials& credentials_;
  const int fd_;
  std::unique_ptr<ssl_st, FreeSession> ssl_;
  std::vector<bool> expected_;
  int peer_rank_ = -1;
  bool is_established_ = false;
  short awaits_ = 0;
  std::string refusal_;  // why its certificate is not believed
  int socket_error_ = 0;
  bool has_ended_ = false;  // the connection, by its other end
  uint64_t records_ = 0;    // written with this key
  int keys_ = 1;
  bool is_write_pending_ = false;
  std::unique_ptr<uint8_t[]> gathered_;  // [begin, end) has not gone yet; null: records go one by one
  size_t gathered_begin_ = 0;
  size_t gathered_end_ = 0;
};

}  // namespace concertina
