// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// join_token.cc: see join_token.h.
#include "core/security/join_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kNonceBytes = 16, kMacBytes = 32;

std::string Hexadecimal(const unsigned char* bytes, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

// Without randomness there is no secret, and nothing here may go on.
std::string RandomHexadecimal(size_t size) {
  std::vector<unsigned char> bytes(size);
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) std::abort();
  return Hexadecimal(bytes.data(), size);
}

void Append(std::string& text, std::string_view part) {
  for (size_t shift = 0; shift < 64; shift += 8) text += static_cast<char>((part.size() >> shift) & 0xff);
  text += part;
}

std::vector<std::string_view> SplitAtPoints(std::string_view token) {
  std::vector<std::string_view> parts;
  for (size_t from = 0;;) {
    const size_t point = token.find('.', from);
    parts.push_back(token.substr(from, point == std::string_view::npos ? point : point - from));
    if (point == std::string_view::npos) return parts;
    from = point + 1;
  }
}

bool IsLowerHexadecimal(std::string_view text, size_t bytes) {
  return text.size() == 2 * bytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

absl::Status RefusedToken() {
  return absl::PermissionDeniedError("there is no such place to join, or not with this token");
}

}  // namespace

std::string JoinTokens::NewSecret() { return RandomHexadecimal(32); }

std::string JoinTokens::Mac(const std::string& expires, const std::string& bound, const std::string& nonce,
                            const JoinPlace& place) const {
  std::string text;
  for (const std::string& part :
       {std::string("concertina join"), expires, bound, nonce, place.run, std::to_string(place.rank),
        bound == "1" ? place.fingerprint : std::string()})
    Append(text, part);
  std::array<unsigned char, kMacBytes> mac;
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size) == nullptr ||
      size != kMacBytes)
    std::abort();  // there is no token without it
  return Hexadecimal(mac.data(), mac.size());
}

std::string JoinTokens::Make(const JoinPlace& place, double valid_seconds) const {
  const int64_t now = absl::ToUnixMillis(clock_.Wall());
  const std::string expires = std::to_string(now + std::llround(std::clamp(valid_seconds, 0.0, 1e9) * 1e3));
  const std::string bound = place.fingerprint.empty() ? "0" : "1";
  const std::string nonce = RandomHexadecimal(kNonceBytes);
  return fmt::format("1.{}.{}.{}.{}", expires, bound, nonce, Mac(expires, bound, nonce, place));
}

absl::Status JoinTokens::Take(const std::string& token, const JoinPlace& place) {
  constexpr size_t kLongestToken = 160, kMostDigits = 18;
  if (token.size() > kLongestToken) return RefusedToken();
  const std::vector<std::string_view> parts = SplitAtPoints(token);
  if (parts.size() != 5 || parts[0] != "1" || parts[1].empty() || parts[1].size() > kMostDigits ||
      !std::all_of(parts[1].begin(), parts[1].end(), [](char c) { return c >= '0' && c <= '9'; }) ||
      (parts[2] != "0" && parts[2] != "1") || !IsLowerHexadecimal(parts[3], kNonceBytes) ||
      !IsLowerHexadecimal(parts[4], kMacBytes))
    return RefusedToken();
  const std::string expires(parts[1]), bound(parts[2]), nonce(parts[3]);
  const std::string mac = Mac(expires, bound, nonce, place);
  // As long for a wrong first byte as for a wrong last one.
  if (CRYPTO_memcmp(mac.data(), parts[4].data(), mac.size()) != 0) return RefusedToken();
  const int64_t ends = std::stoll(expires);
  const int64_t now = absl::ToUnixMillis(clock_.Wall());
  absl::MutexLock lock(&mutex_);
  while (!taken_by_end_.empty() && taken_by_end_.begin()->first <= now) {
    taken_.erase(taken_by_end_.begin()->second);
    taken_by_end_.erase(taken_by_end_.begin());
  }
  if (ends <= now || taken_.contains(nonce)) return RefusedToken();
  if (taken_.size() >= most_remembered_)
    return absl::ResourceExhaustedError(fmt::format(
        "{} join tokens are in use at once; wait until some of them have expired", most_remembered_));
  taken_.emplace(nonce, ends);
  taken_by_end_.emplace(ends, nonce);
  return absl::OkStatus();
}

size_t JoinTokens::remembered() const {
  absl::MutexLock lock(&mutex_);
  return taken_.size();
}

}  // namespace concertina
