// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// openssl.h: OpenSSL's objects with owners, and its errors as ours. For the files of this folder only.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace concertina {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

using BioPtr = OpensslPtr<BIO, BIO_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using X509CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using X509RevokedPtr = OpensslPtr<X509_REVOKED, X509_REVOKED_free>;
using X509ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using PkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using BignumPtr = OpensslPtr<BIGNUM, BN_free>;
using Asn1IntegerPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using Asn1TimePtr = OpensslPtr<ASN1_TIME, ASN1_TIME_free>;
using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using GeneralNamePtr = OpensslPtr<GENERAL_NAME, GENERAL_NAME_free>;

// "what: OpenSSL's first reason"; empties OpenSSL's queue of errors, which is this thread's.
absl::Status OpensslError(absl::StatusCode code, std::string_view what);

// kInvalidArgument: no such PEM. A key that is locked by a passphrase is refused, nobody is asked for it.
absl::StatusOr<X509Ptr> CertificateFromPem(const std::string& pem);
absl::StatusOr<PkeyPtr> KeyFromPem(const std::string& pem);
absl::StatusOr<X509CrlPtr> RevocationListFromPem(const std::string& pem);
absl::StatusOr<std::string> ToPem(X509* certificate);
absl::StatusOr<std::string> ToPem(EVP_PKEY* key);
absl::StatusOr<std::string> ToPem(X509_CRL* list);

int64_t UnixSeconds(const ASN1_TIME* time);               // 0 where it is no time
std::string SerialText(const ASN1_INTEGER* serial);       // hexadecimal, capitals
absl::StatusOr<PkeyPtr> MakeKey();                        // on P-256
absl::Status SetTime(ASN1_TIME* time, int64_t unix_now);  // of a certificate or list that is being made

}  // namespace concertina
