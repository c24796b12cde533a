// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_channel.cc: see engine_channel.h.
#include "core/proto/engine_channel.h"

#include <cstdlib>
#include <string_view>

#include "core/proto/peer_verifier.h"
#include "core/security/kit.h"
#include "core/security/revocation_list.h"
#include "fmt/format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace concertina {
namespace {

constexpr unsigned int kRereadSeconds = 10;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsTo(const std::string& kit_folder) {
  ASSIGN_OR_RETURN(const Kit kit, ReadKit(kit_folder));
  if (kit.identity.role == Role::kEngine)
    return absl::PermissionDeniedError(
        fmt::format("{} is the kit of an engine; a person's or a worker's was expected", kit.folder));
  ASSIGN_OR_RETURN(std::unique_ptr<RevocationWatch> opened,
                   RevocationWatch::Open(kit.revocation_file(), kit.authority_file()));
  const std::shared_ptr<RevocationWatch> revoked = std::move(opened);
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      kit.key_file(), kit.certificate_file(), kit.authority_file(), kRereadSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(true);
  options.set_certificate_verifier(MakePeerVerifier({
      .roles = {Role::kEngine},
      .checks_host_name = true,
      .is_revoked =
          [revoked](const std::string& serial) {
            revoked->Refresh();  // a handshake is seldom, and the file small
            return revoked->IsRevoked(serial);
          },
      .on_verdict = nullptr,
  }));
  // The verifier above has asked for the name; every call of this channel goes to the same.
  options.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

std::string KitFolder(const std::string& given) {
  if (!given.empty()) return given;
  const char* kit = std::getenv("CONCERTINA_KIT");
  return kit == nullptr ? "" : kit;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenEngineChannel(const std::string& address,
                                                                 const std::string& kit_folder,
                                                                 grpc::ChannelArguments arguments) {
  constexpr std::string_view kUnix = "unix:";
  if (address.compare(0, kUnix.size(), kUnix) == 0)
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  ASSIGN_OR_RETURN(const HostPort parsed, ParseHostPort(address));
  if (kit_folder.empty())
    return absl::FailedPreconditionError(fmt::format(
        "{} is reached over a network, and that needs a start-up kit. Where the engine runs: "
        "concertinactl provision --out DIR --engine-address {}:{} --person NAME; copy DIR/person-NAME here, "
        "and "
        "give it with --kit (or CONCERTINA_KIT)",
        address, parsed.host, parsed.port));
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials, TlsTo(kit_folder));
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace concertina
