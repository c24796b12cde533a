// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// join_token.h: one-time tokens with which a worker takes one place of one run.
// On the way of the data: engine/run.h -> here -> a launcher, the worker's environment, its hello -> here.
//
//   token = "1." EXPIRES "." BOUND "." NONCE "." MAC
//   EXPIRES unix ms, decimal; BOUND 1 if a certificate's fingerprint is part of it, else 0; NONCE 16 random
//   bytes, MAC = HMAC-SHA-256(secret, "concertina join" | EXPIRES | BOUND | NONCE | RUN | RANK |
//   FINGERPRINT), each part behind its length (u64, little endian); both hexadecimal
// Run, rank and fingerprint are not in the token: they come with the hello and the connection, and a token of
// another place has another MAC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/status.h"

namespace concertina {

struct JoinPlace {
  std::string run;
  uint32_t rank = 0;
  std::string fingerprint;  // of the certificate that the worker shows; "": none, or any
};

// Any thread.
class JoinTokens {
 public:
  static constexpr size_t kMostRemembered = 65536;

  // `secret`: 32 bytes or more, of this engine alone (NewSecret).
  explicit JoinTokens(std::string secret, Clock& clock = Clock::Real(),
                      size_t most_remembered = kMostRemembered)
      : secret_(std::move(secret)), clock_(clock), most_remembered_(most_remembered) {}
  static std::string NewSecret();

  std::string Make(const JoinPlace& place, double valid_seconds) const;
  // Once for each token. `place.fingerprint` is that of the connection, "" where it has none; a token that is
  // not bound to one does not look at it. kPermissionDenied, the same words for whatever is wrong: a stranger
  // learns nothing. kResourceExhausted: as many tokens as can be remembered were taken and may still come
  // again; none of them is forgotten for a new one's sake.
  absl::Status Take(const std::string& token, const JoinPlace& place);

  size_t remembered() const;

 private:
  std::string Mac(const std::string& expires, const std::string& bound, const std::string& nonce,
                  const JoinPlace& place) const;

  const std::string secret_;
  Clock& clock_;
  const size_t most_remembered_;
  mutable absl::Mutex mutex_;
  std::multimap<int64_t, std::string> taken_by_end_ ABSL_GUARDED_BY(mutex_);  // unix ms -> nonce
  std::map<std::string, int64_t> taken_ ABSL_GUARDED_BY(mutex_);              // nonce -> unix ms
};

}  // namespace concertina
