// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// revocation_list.cc: see revocation_list.h.
#include "core/security/revocation_list.h"

#include <openssl/bn.h>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/security/certificate.h"
#include "core/security/openssl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kLongestListBytes = size_t{1} << 20;
constexpr int64_t kTenYearsSeconds = int64_t{3650} * 86400;

absl::Status Unlisted(const char* what) {
  return OpensslError(absl::StatusCode::kInternal, fmt::format("making a revocation list: {}", what));
}

// Its number (RFC 5280, 5.2.3), 0 where it has none.
long NumberOf(const X509_CRL* list) {
  const Asn1IntegerPtr number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr)));
  return number == nullptr ? 0 : ASN1_INTEGER_get(number.get());
}

absl::Status AddSerial(X509_CRL* list, const ASN1_INTEGER* serial, const ASN1_TIME* when) {
  X509RevokedPtr entry(X509_REVOKED_new());
  if (entry == nullptr ||
      X509_REVOKED_set_serialNumber(entry.get(), const_cast<ASN1_INTEGER*>(serial)) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), const_cast<ASN1_TIME*>(when)) != 1 ||
      X509_CRL_add0_revoked(list, entry.get()) != 1)
    return Unlisted("an entry");
  static_cast<void>(entry.release());
  return absl::OkStatus();
}

// A list with the entries of `before` (may be null) and, if not null, of `added`.
absl::StatusOr<std::string> Signed(const Authority& authority, X509_CRL* before, X509* added) {
  ASSIGN_OR_RETURN(const X509Ptr issuer, CertificateFromPem(authority.identity().certificate_pem));
  ASSIGN_OR_RETURN(const PkeyPtr key, KeyFromPem(authority.identity().key_pem));
  const X509CrlPtr list(X509_CRL_new());
  const Asn1TimePtr now(ASN1_TIME_new()), next(ASN1_TIME_new());
  const int64_t unix_now = absl::ToUnixSeconds(Clock::Real().Wall());
  RETURN_IF_ERROR(SetTime(now.get(), unix_now));
  RETURN_IF_ERROR(SetTime(next.get(), unix_now + kTenYearsSeconds));
  if (list == nullptr || X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.get())) != 1 ||
      X509_CRL_set1_lastUpdate(list.get(), now.get()) != 1 ||
      X509_CRL_set1_nextUpdate(list.get(), next.get()) != 1)
    return Unlisted("its beginning");
  bool stands_there = false;
  STACK_OF(X509_REVOKED)* entries = before == nullptr ? nullptr : X509_CRL_get_REVOKED(before);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(entry);
    if (added != nullptr && ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(added)) == 0) stands_there = true;
    RETURN_IF_ERROR(AddSerial(list.get(), serial, X509_REVOKED_get0_revocationDate(entry)));
  }
  if (added != nullptr && !stands_there)
    RETURN_IF_ERROR(AddSerial(list.get(), X509_get0_serialNumber(added), now.get()));
  const Asn1IntegerPtr number(ASN1_INTEGER_new());
  if (number == nullptr ||
      ASN1_INTEGER_set(number.get(), before == nullptr ? 1 : NumberOf(before) + 1) != 1 ||
      X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, 0) != 1 ||
      X509_CRL_sort(list.get()) != 1 || X509_CRL_sign(list.get(), key.get(), EVP_sha256()) == 0)
    return Unlisted("its signature");
  return ToPem(list.get());
}

absl::StatusOr<X509CrlPtr> Believed(const std::string& list_pem, const std::string& authority_pem) {
  ASSIGN_OR_RETURN(X509CrlPtr list, RevocationListFromPem(list_pem));
  ASSIGN_OR_RETURN(const X509Ptr authority, CertificateFromPem(authority_pem));
  EVP_PKEY* key = X509_get0_pubkey(authority.get());
  if (key == nullptr || X509_CRL_verify(list.get(), key) != 1)
    return OpensslError(absl::StatusCode::kPermissionDenied,
                        "another authority signed this revocation list, or it was changed");
  return list;
}

}  // namespace

absl::StatusOr<std::string> MakeRevocationList(const Authority& authority) {
  return Signed(authority, nullptr, nullptr);
}

absl::StatusOr<std::string> AddToRevocationList(const Authority& authority, const std::string& list_pem,
                                                const std::string& certificate_pem) {
  const std::string& authority_pem = authority.identity().certificate_pem;
  ASSIGN_OR_RETURN(const X509CrlPtr list, Believed(list_pem, authority_pem));
  RETURN_IF_ERROR(CheckIssuer(certificate_pem, authority_pem));
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(certificate_pem));
  return Signed(authority, list.get(), certificate.get());
}

absl::StatusOr<std::set<std::string>> ReadRevocationList(const std::string& list_pem,
                                                         const std::string& authority_pem) {
  ASSIGN_OR_RETURN(const X509CrlPtr list, Believed(list_pem, authority_pem));
  std::set<std::string> serials;
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)
    serials.insert(SerialText(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
  return serials;
}

absl::StatusOr<std::unique_ptr<RevocationWatch>> RevocationWatch::Open(const std::string& list_file,
                                                                       const std::string& authority_file) {
  std::unique_ptr<RevocationWatch> watch(new RevocationWatch(list_file, authority_file));
  ASSIGN_OR_RETURN(std::set<std::string> serials, watch->Read());
  absl::MutexLock lock(&watch->mutex_);
  watch->serials_ = std::move(serials);
  return watch;
}

absl::StatusOr<std::set<std::string>> RevocationWatch::Read() const {
  ASSIGN_OR_RETURN(const std::string list, ReadFile(list_file_, kLongestListBytes));
  ASSIGN_OR_RETURN(const std::string authority, ReadFile(authority_file_, kLongestListBytes));
  absl::StatusOr<std::set<std::string>> serials = ReadRevocationList(list, authority);
  if (!serials.ok()) return Annotate(serials.status(), list_file_);
  return serials;
}

bool RevocationWatch::IsRevoked(const std::string& serial) const {
  absl::MutexLock lock(&mutex_);
  return serials_.contains(serial);
}

bool RevocationWatch::Refresh() {
  absl::StatusOr<std::set<std::string>> serials = Read();
  absl::MutexLock lock(&mutex_);
  const std::string complaint(serials.status().message());
  if (complaint != complaint_ && !complaint.empty())
    spdlog::error("the revocation list stays as it was: {}", complaint);
  complaint_ = complaint;
  if (!serials.ok() || *serials == serials_) return false;
  serials_ = *std::move(serials);
  return true;
}

}  // namespace concertina
