// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// authority.cc: see authority.h.
#include "core/security/authority.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/security/openssl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status Unmade(const char* what) {
  return OpensslError(absl::StatusCode::kInternal, fmt::format("making a certificate: {}", what));
}

// RFC 5280 wants a positive one of at most 20 bytes; 16 random ones never meet twice.
absl::Status SetSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return Unmade("no random bytes");
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const BignumPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (number == nullptr || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    return Unmade("its serial number");
  return absl::OkStatus();
}

// Only constant texts come here: names of others would be read as OpenSSL's little language.
absl::Status AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) return Unmade(value);
  return absl::OkStatus();
}

absl::Status SetSubject(X509* certificate, const std::string& name) {
  constexpr size_t kLongest = 64;  // ub-common-name of RFC 5280
  const std::string cut = name.substr(0, kLongest);
  if (X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(cut.data()),
                                 static_cast<int>(cut.size()), -1, 0) != 1)
    return OpensslError(absl::StatusCode::kInvalidArgument, fmt::format("\"{}\" is no name", cut));
  return absl::OkStatus();
}

bool IsPrintable(const std::string& text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Adds it as GENERAL_NAME, not as text: a comma in a name must not begin another name.
absl::Status AddName(GENERAL_NAMES* names, int kind, const void* bytes, size_t size) {
  GeneralNamePtr name(GENERAL_NAME_new());
  ASN1_STRING* text = kind == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  if (name == nullptr || text == nullptr || ASN1_STRING_set(text, bytes, static_cast<int>(size)) != 1) {
    ASN1_STRING_free(text);
    return Unmade("its alternative names");
  }
  GENERAL_NAME_set0_value(name.get(), kind, text);
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) return Unmade("its alternative names");
  static_cast<void>(name.release());
  return absl::OkStatus();
}

absl::Status AddAlternativeNames(X509* certificate, const IssueRequest& request) {
  const GeneralNamesPtr names(GENERAL_NAMES_new());
  if (names == nullptr) return Unmade("its alternative names");
  RETURN_IF_ERROR(AddName(names.get(), GEN_URI, request.uri.data(), request.uri.size()));
  for (const std::string& dns : request.dns_names) {
    if (!IsPrintable(dns, 253))
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" is no name of a host; 1 to 253 characters without spaces were expected", dns));
    RETURN_IF_ERROR(AddName(names.get(), GEN_DNS, dns.data(), dns.size()));
  }
  for (const std::string& ip : request.ip_addresses) {
    std::array<unsigned char, 16> bytes;
    const bool is_v4 = inet_pton(AF_INET, ip.c_str(), bytes.data()) == 1;
    if (!is_v4 && inet_pton(AF_INET6, ip.c_str(), bytes.data()) != 1)
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" is no IP address; one like 10.0.0.7 or fd00::7 was expected", ip));
    RETURN_IF_ERROR(AddName(names.get(), GEN_IPADD, bytes.data(), is_v4 ? 4 : 16));
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1)
    return Unmade("its alternative names");
  return absl::OkStatus();
}

absl::Status SetTimes(X509* certificate, int64_t from, int64_t until) {
  if (until <= from)
    return absl::InvalidArgumentError(
        "a certificate that ends before it begins is of no use; valid_seconds "
        "must be more than -backdated_seconds");
  RETURN_IF_ERROR(SetTime(X509_getm_notBefore(certificate), from));
  return SetTime(X509_getm_notAfter(certificate), until);
}

int64_t NowSeconds() { return absl::ToUnixSeconds(Clock::Real().Wall()); }

}  // namespace

absl::StatusOr<Authority> Authority::Make(const std::string& name, double valid_seconds) {
  if (name.empty()) return absl::InvalidArgumentError("an authority needs a name");
  if (!(valid_seconds > 0 && valid_seconds < 1e10))
    return absl::InvalidArgumentError(
        fmt::format("an authority that is valid for {} s is of no use", valid_seconds));
  ASSIGN_OR_RETURN(const PkeyPtr key, MakeKey());
  const X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key.get()) != 1)
    return Unmade("its beginning");
  RETURN_IF_ERROR(SetSerial(certificate.get()));
  RETURN_IF_ERROR(SetSubject(certificate.get(), name));
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1)
    return Unmade("its issuer");
  const int64_t now = NowSeconds();
  RETURN_IF_ERROR(SetTimes(certificate.get(), now - 300, now + std::llround(std::ceil(valid_seconds))));
  X509* self = certificate.get();
  RETURN_IF_ERROR(AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  RETURN_IF_ERROR(AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign"));
  RETURN_IF_ERROR(AddExtension(self, self, NID_subject_key_identifier, "hash"));
  if (X509_sign(self, key.get(), EVP_sha256()) == 0) return Unmade("its signature");
  Identity identity;
  ASSIGN_OR_RETURN(identity.certificate_pem, ToPem(self));
  ASSIGN_OR_RETURN(identity.key_pem, ToPem(key.get()));
  return Authority(std::move(identity));
}

absl::StatusOr<Authority> Authority::Load(const Identity& identity) {
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(identity.certificate_pem));
  ASSIGN_OR_RETURN(const PkeyPtr key, KeyFromPem(identity.key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return OpensslError(absl::StatusCode::kInvalidArgument, "the key is not that of the certificate");
  if (X509_check_ca(certificate.get()) == 0)
    return absl::InvalidArgumentError("this certificate is an identity's; an authority's was expected");
  return Authority(identity);
}

absl::StatusOr<Identity> Authority::Issue(const IssueRequest& request) const {
  if (!IsPrintable(request.uri, 2000))
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" names nobody; a URI like concertina://worker/NAME was expected", request.uri.substr(0, 60)));
  ASSIGN_OR_RETURN(const X509Ptr issuer, CertificateFromPem(identity_.certificate_pem));
  ASSIGN_OR_RETURN(const PkeyPtr issuer_key, KeyFromPem(identity_.key_pem));
  if (!(std::abs(request.valid_seconds) < 1e10 && std::abs(request.backdated_seconds) < 1e10))
    return absl::InvalidArgumentError("a certificate's time is counted in years, not in ages");
  const int64_t now = NowSeconds();
  // Beyond its authority nobody would believe it.
  const int64_t until = std::min<int64_t>(now + std::llround(std::ceil(request.valid_seconds)),
                                          UnixSeconds(X509_get0_notAfter(issuer.get())));

  ASSIGN_OR_RETURN(const PkeyPtr key, MakeKey());
  const X509Ptr made(X509_new());
  X509* certificate = made.get();
  if (certificate == nullptr || X509_set_version(certificate, X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate, key.get()) != 1 ||
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get())) != 1)
    return Unmade("its beginning");
  RETURN_IF_ERROR(SetSerial(certificate));
  RETURN_IF_ERROR(SetSubject(certificate, request.uri));
  RETURN_IF_ERROR(SetTimes(certificate, now - std::llround(request.backdated_seconds), until));
  RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_key_usage, "critical,digitalSignature"));
  // Both: workers of a run are each other's servers and clients.
  RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth"));
  RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_subject_key_identifier, "hash"));
  RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_authority_key_identifier, "keyid:always"));
  RETURN_IF_ERROR(AddAlternativeNames(certificate, request));
  if (X509_sign(certificate, issuer_key.get(), EVP_sha256()) == 0) return Unmade("its signature");
  Identity identity;
  ASSIGN_OR_RETURN(identity.certificate_pem, ToPem(certificate));
  ASSIGN_OR_RETURN(identity.key_pem, ToPem(key.get()));
  return identity;
}

}  // namespace concertina
