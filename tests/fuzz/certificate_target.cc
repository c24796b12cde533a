// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// certificate_target.cc: what comes with a start-up kit or is shown in a handshake: certificates, revocation
// lists, the names in them, addresses, and tokens to join with. Nobody is believed who was not signed for.
// Input: what u8 (of five readers) | the text.
#include <optional>

#include "core/security/authority.h"
#include "core/security/certificate.h"
#include "core/security/identity_name.h"
#include "core/security/join_token.h"
#include "core/security/kit.h"
#include "core/security/revocation_list.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

// Made once: keys take their time.
struct Office {
  Office() {
    absl::StatusOr<Authority> made = Authority::Make("of the tests", 86400);
    Require(made.ok(), "no authority");
    authority.emplace(*std::move(made));
    const absl::StatusOr<Identity> issued = authority->Issue(
        {.uri = "concertina://worker/pool", .dns_names = {}, .ip_addresses = {}, .valid_seconds = 3600});
    const absl::StatusOr<std::string> made_list = MakeRevocationList(*authority);
    Require(issued.ok() && made_list.ok(), "no certificate, or no list");
    worker = *issued;
    list = *made_list;
    tokens.emplace(std::string(32, 's'));
    token = tokens->Make(place, 3600);
  }
  std::optional<Authority> authority;
  Identity worker;
  std::string list, token;
  const JoinPlace place{.run = "20261124-031500-a1b2c3", .rank = 1, .fingerprint = {}};
  std::optional<JoinTokens> tokens;
};
const Office& TheOffice() {
  static const Office office;
  return office;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const auto add = [&](uint8_t what, const std::string& text) {
    FuzzBytes& seed = inputs.seeds.emplace_back(FuzzBytes{what});
    seed.insert(seed.end(), text.begin(), text.end());
  };
  add(0, TheOffice().worker.certificate_pem);
  add(0, TheOffice().authority->identity().certificate_pem);
  add(1, TheOffice().list);
  add(2, "concertina://worker/pool");
  add(3, "[fe80::7]:7717");
  add(3, "head.lab:7717");
  inputs.words = {"-----BEGIN CERTIFICATE-----\n",
                  "-----END CERTIFICATE-----\n",
                  "-----BEGIN X509 CRL-----\n",
                  "concertina://",
                  "person/",
                  "engine/",
                  "worker/",
                  "://",
                  "%00",
                  "[",
                  "]:",
                  ":0",
                  "."};
  inputs.most_bytes = 8192;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  const Office& office = TheOffice();
  InputReader input({data, size});
  const int what = input.Byte() % 5;
  const std::string text(input.rest().begin(), input.rest().end());
  // OpenSSL's own memory is not seen here; what is made of it is.
  const AllocationBound bound({.one = 4 * size + 4096, .all = 64 * size + 65536});
  if (what == 0) {
    const absl::StatusOr<CertificateFacts> facts = ReadCertificate(text);
    Note(facts);
    static constexpr Role kRoles[] = {Role::kEngine, Role::kPerson};
    const absl::StatusOr<Admission> admission =
        Admit(text, {.roles = kRoles, .is_revoked = nullptr, .now_unix = 1'800'000'000});
    Require(!admission.ok() || facts.ok(), "let in with what is no certificate");
    if (admission.ok())
      Require(admission->identity.role != Role::kWorker && !facts->is_authority &&
                  facts->security_bits >= kLeastSecurityBits,
              "let in, though the certificate is none of those");
    if (!facts.ok()) Require(absl::IsInvalidArgument(facts.status()), "neither facts nor kInvalidArgument");
  } else if (what == 1) {
    const auto serials = ReadRevocationList(text, office.authority->identity().certificate_pem);
    Note(serials);
    if (serials.ok()) Require(serials->empty(), "somebody is revoked whom the authority did not revoke");
  } else if (what == 2) {
    const absl::StatusOr<IdentityName> name = ParseIdentityUri(text);
    Note(name);
    if (name.ok()) {
      Require(CheckIdentityName(name->name).ok() && IdentityUri(*name) == text, "a name that is not its own");
      Require(name->name.find('/') == std::string::npos && name->name.front() != '.',
              "a name that is a path");
    }
  } else if (what == 3) {
    const absl::StatusOr<HostPort> address = ParseHostPort(text);
    Note(address);
    if (address.ok())
      Require(!address->host.empty() && address->port > 0 && address->port < 65536, "no address");
  } else {
    // The right one is in no seed, and 256 bits are not guessed.
    JoinTokens tokens(std::string(32, 's'));
    const absl::Status taken = tokens.Take(text, office.place);
    Note(taken);
    Require(absl::IsPermissionDenied(taken) || text == office.token,
            "a token that nobody gave out was taken");
  }
  return 0;
}
