// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// certificates.h: credentials of ranks for the tests of transports between hosts, right ones and wrong ones.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <functional>
#include <memory>
#include <string>

#include "core/comm/tls_session.h"
#include "core/comm/transport.h"
#include "core/security/authority.h"

namespace concertina {

inline constexpr char kTestRun[] = "run-of-the-tests";

// One for all tests of a program.
inline const absl::StatusOr<Authority>& TestAuthority() {
  static const absl::StatusOr<Authority> authority = Authority::Make("the authority of the tests", 86400);
  return authority;
}

inline absl::StatusOr<Identity> IssueTo(const absl::StatusOr<Authority>& authority, const std::string& uri) {
  RETURN_IF_ERROR(authority.status());
  return authority->Issue({.uri = uri, .dns_names = {}, .ip_addresses = {}, .valid_seconds = 3600});
}

// What a rank is given; by default the right thing.
inline absl::StatusOr<RunCredentials> CredentialsOf(int rank, const std::string& run = kTestRun,
                                                    const absl::StatusOr<Authority>& by = TestAuthority()) {
  ASSIGN_OR_RETURN(const Identity identity, IssueTo(by, RankUri(run, rank)));
  return RunCredentials{.authority_pem = by->identity().certificate_pem,
                        .certificate_pem = identity.certificate_pem,
                        .key_pem = identity.key_pem,
                        .run = run};
}

struct FreeOfCertificates {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OwnedCertificate = std::unique_ptr<X509, FreeOfCertificates>;
using OwnedKey = std::unique_ptr<EVP_PKEY, FreeOfCertificates>;

inline OwnedCertificate CertificateFrom(const std::string& pem) {
  const std::unique_ptr<BIO, FreeOfCertificates> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return OwnedCertificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}
inline OwnedKey KeyFrom(const std::string& pem) {
  const std::unique_ptr<BIO, FreeOfCertificates> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return OwnedKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}
inline std::string PemOf(X509* certificate) {
  const std::unique_ptr<BIO, FreeOfCertificates> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

// The certificate after `change`, signed again by the holder of `signer_pem`: what no authority of ours
// issues.
inline std::string Altered(const std::string& certificate_pem, const std::string& signer_pem,
                           const std::function<void(X509*)>& change) {
  const OwnedCertificate certificate = CertificateFrom(certificate_pem);
  const OwnedKey signer = KeyFrom(signer_pem);
  change(certificate.get());
  X509_sign(certificate.get(), signer.get(), EVP_sha256());
  return PemOf(certificate.get());
}

inline void RemoveNames(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at >= 0) X509_EXTENSION_free(X509_delete_ext(certificate, at));
}
inline void SetNames(X509* certificate, const std::string& names) {  // "URI:…,URI:…"
  RemoveNames(certificate);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace concertina
