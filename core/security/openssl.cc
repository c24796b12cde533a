// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// openssl.cc: see openssl.h.
#include "core/security/openssl.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kLongestPem = size_t{1} << 20;

// Never asks: a program without a terminal would wait for ever.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<BioPtr> Readable(const std::string& pem) {
  if (pem.size() > kLongestPem)
    return absl::InvalidArgumentError(fmt::format("{} bytes are no certificate, key or list", pem.size()));
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return OpensslError(absl::StatusCode::kResourceExhausted, "reading PEM");
  return bio;
}

// What `write` put out.
template <class Write>
absl::StatusOr<std::string> Written(const char* what, const Write& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return OpensslError(absl::StatusCode::kInternal, what);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

}  // namespace

absl::Status OpensslError(absl::StatusCode code, std::string_view what) {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return {code, reason == nullptr ? std::string(what) : fmt::format("{}: {}", what, reason)};
}

absl::StatusOr<X509Ptr> CertificateFromPem(const std::string& pem) {
  ASSIGN_OR_RETURN(const BioPtr bio, Readable(pem));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr)
    return OpensslError(absl::StatusCode::kInvalidArgument, "this is no certificate in PEM");
  return certificate;
}

absl::StatusOr<PkeyPtr> KeyFromPem(const std::string& pem) {
  ASSIGN_OR_RETURN(const BioPtr bio, Readable(pem));
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr)
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        "this is no private key in PEM without a passphrase");
  return key;
}

absl::StatusOr<X509CrlPtr> RevocationListFromPem(const std::string& pem) {
  ASSIGN_OR_RETURN(const BioPtr bio, Readable(pem));
  X509CrlPtr list(PEM_read_bio_X509_CRL(bio.get(), nullptr, NoPassphrase, nullptr));
  if (list == nullptr)
    return OpensslError(absl::StatusCode::kInvalidArgument, "this is no revocation list in PEM");
  return list;
}

absl::StatusOr<std::string> ToPem(X509* certificate) {
  return Written("writing a certificate", [&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

absl::StatusOr<std::string> ToPem(EVP_PKEY* key) {
  return Written("writing a private key", [&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

absl::StatusOr<std::string> ToPem(X509_CRL* list) {
  return Written("writing a revocation list", [&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list); });
}

int64_t UnixSeconds(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return 0;
  }
  return static_cast<int64_t>(timegm(&parts));
}

std::string SerialText(const ASN1_INTEGER* serial) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (number == nullptr) return {};
  char* text = BN_bn2hex(number.get());
  std::string copy = text == nullptr ? "" : text;
  OPENSSL_free(text);
  return copy;
}

absl::StatusOr<PkeyPtr> MakeKey() {
  PkeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslError(absl::StatusCode::kInternal, "making a key on P-256");
  return key;
}

absl::Status SetTime(ASN1_TIME* time, int64_t unix_now) {
  if (time == nullptr || ASN1_TIME_set(time, static_cast<time_t>(unix_now)) == nullptr)
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        fmt::format("{} s after 1970 is no time of a certificate", unix_now));
  return absl::OkStatus();
}

}  // namespace concertina
