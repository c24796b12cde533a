// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// forged_certificate.h: certificates that our own authority would never issue, made with its key.
#pragma once

#include <openssl/rsa.h>

#include <ctime>
#include <string>

#include "core/security/authority.h"
#include "core/security/openssl.h"

namespace concertina {

struct Forgery {
  std::vector<std::string> uris;
  int rsa_bits = 0;           // 0: a key on P-256
  bool is_authority = false;  // "CA:TRUE"
  bool is_self_signed = false;
};

// Valid from a minute ago for an hour, with the key usages that TLS asks for. Empty where OpenSSL would not.
inline Identity Forge(const Authority& authority, const Forgery& forgery) {
  const auto issuer = CertificateFromPem(authority.identity().certificate_pem);
  const auto issuer_key = KeyFromPem(authority.identity().key_pem);
  const PkeyPtr key(forgery.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned int>(forgery.rsa_bits))
                                         : EVP_EC_gen("P-256"));
  const X509Ptr made(X509_new());
  if (!issuer.ok() || !issuer_key.ok() || key == nullptr || made == nullptr) return {};
  X509* certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 4711);
  X509_set_pubkey(certificate, key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("forged"), -1, -1, 0);
  X509_set_issuer_name(certificate,
                       X509_get_subject_name(forgery.is_self_signed ? certificate : issuer->get()));
  ASN1_TIME_set(X509_getm_notBefore(certificate), std::time(nullptr) - 60);
  ASN1_TIME_set(X509_getm_notAfter(certificate), std::time(nullptr) + 3600);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer->get(), certificate, nullptr, nullptr, 0);
  const auto add = [&](int kind, const std::string& value) {
    const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
  };
  bool well = add(NID_basic_constraints, forgery.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
              add(NID_key_usage, forgery.is_authority ? "critical,digitalSignature,keyCertSign"
                                                      : "critical,digitalSignature") &&
              add(NID_ext_key_usage, "serverAuth,clientAuth");
  std::string names;
  for (const std::string& uri : forgery.uris) names += (names.empty() ? "URI:" : ",URI:") + uri;
  if (!names.empty()) well = well && add(NID_subject_alt_name, names);
  if (!well ||
      X509_sign(certificate, forgery.is_self_signed ? key.get() : issuer_key->get(), EVP_sha256()) == 0)
    return {};
  const auto certificate_pem = ToPem(certificate);
  const auto key_pem = ToPem(key.get());
  return certificate_pem.ok() && key_pem.ok() ? Identity{*certificate_pem, *key_pem} : Identity{};
}

}  // namespace concertina
