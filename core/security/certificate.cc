// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// certificate.cc: see certificate.h.
#include "core/security/certificate.h"

#include <openssl/err.h>

#include <algorithm>

#include "absl/time/time.h"
#include "core/security/openssl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

std::string OnlyUri(X509* certificate) {
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (!uri.empty()) return {};  // who of the two would it be?
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
  }
  return uri;
}

std::string When(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(unix_seconds), absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificate(const std::string& pem) {
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(pem));
  CertificateFacts facts;
  facts.uri = OnlyUri(certificate.get());
  facts.serial = SerialText(X509_get0_serialNumber(certificate.get()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1)
    return OpensslError(absl::StatusCode::kInvalidArgument, "a certificate cannot be hashed");
  for (unsigned int i = 0; i < size; ++i) facts.fingerprint += fmt::format("{:02x}", digest[i]);
  facts.not_before_unix = UnixSeconds(X509_get0_notBefore(certificate.get()));
  facts.not_after_unix = UnixSeconds(X509_get0_notAfter(certificate.get()));
  facts.is_authority = X509_check_ca(certificate.get()) != 0;
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  facts.security_bits = key == nullptr ? 0 : EVP_PKEY_get_security_bits(key);
  ERR_clear_error();  // what OpenSSL noted of a part that is missing is nobody's error later
  return facts;
}

absl::Status CheckIssuer(const std::string& certificate_pem, const std::string& authority_pem) {
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(certificate_pem));
  ASSIGN_OR_RETURN(const X509Ptr authority, CertificateFromPem(authority_pem));
  EVP_PKEY* key = X509_get0_pubkey(authority.get());
  if (X509_check_ca(authority.get()) == 0)
    return absl::PermissionDeniedError("what should be an authority's certificate is an identity's");
  if (X509_NAME_cmp(X509_get_issuer_name(certificate.get()), X509_get_subject_name(authority.get())) != 0 ||
      key == nullptr || X509_verify(certificate.get(), key) != 1)
    return OpensslError(absl::StatusCode::kPermissionDenied, "another authority signed it");
  return absl::OkStatus();
}

absl::StatusOr<Admission> Admit(const std::string& certificate_pem, const AdmissionRules& rules) {
  Admission admission;
  ASSIGN_OR_RETURN(admission.facts, ReadCertificate(certificate_pem));
  const CertificateFacts& facts = admission.facts;
  if (facts.uri.empty())
    return absl::PermissionDeniedError("its certificate names nobody, or several; one URI was expected");
  ASSIGN_OR_RETURN(admission.identity, ParseIdentityUri(facts.uri));
  const std::string who = IdentityText(admission.identity);
  if (facts.is_authority)
    return absl::PermissionDeniedError(who + " shows an authority's certificate as its own");
  if (facts.security_bits < kLeastSecurityBits)
    return absl::PermissionDeniedError(
        fmt::format("the key of {} is too weak ({} bits of security; {} or more were expected)", who,
                    facts.security_bits, kLeastSecurityBits));
  if (rules.now_unix < facts.not_before_unix)
    return absl::PermissionDeniedError(fmt::format(
        "the certificate of {} is valid from {} on; is a clock wrong?", who, When(facts.not_before_unix)));
  if (rules.now_unix > facts.not_after_unix)
    return absl::PermissionDeniedError(
        fmt::format("the certificate of {} ended on {}; renew it with concertinactl provision", who,
                    When(facts.not_after_unix)));
  if (rules.is_revoked && rules.is_revoked(facts.serial))
    return absl::PermissionDeniedError(fmt::format("the certificate of {} was revoked", who));
  if (std::find(rules.roles.begin(), rules.roles.end(), admission.identity.role) == rules.roles.end())
    return absl::PermissionDeniedError(fmt::format("{} has the wrong role for this", who));
  return admission;
}

}  // namespace concertina
