// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// peer_verifier.cc: see peer_verifier.h.
#include "core/proto/peer_verifier.h"

#include <utility>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/proto/status_conversion.h"
#include "grpc/grpc_security_constants.h"

namespace concertina {
namespace {

class PeerVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit PeerVerifier(PeerRules rules) : rules_(std::move(rules)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* sync_status) override {
    std::string uri;
    const absl::Status verdict = Judge(*request, uri);
    if (rules_.on_verdict) rules_.on_verdict(uri, verdict);
    if (!verdict.ok()) *sync_status = ToGrpc(verdict);
    return true;  // nothing here waits
  }
  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  absl::Status Judge(grpc::experimental::TlsCustomVerificationCheckRequest& request, std::string& uri) {
    const grpc::string_ref pem = request.peer_cert();
    const std::string certificate(pem.data(), pem.size());
    if (const auto facts = ReadCertificate(certificate); facts.ok()) uri = facts->uri;
    const absl::StatusOr<Admission> admission =
        Admit(certificate, {.roles = rules_.roles,
                            .is_revoked = rules_.is_revoked,
                            .now_unix = absl::ToUnixSeconds(Clock::Real().Wall())});
    if (!admission.ok()) return admission.status();
    if (!rules_.checks_host_name) return absl::OkStatus();
    grpc::Status named;
    host_name_.Verify(
        &request, [](const grpc::Status&) {}, &named);
    if (named.ok()) return absl::OkStatus();
    const grpc::string_ref target = request.target_name();
    return absl::PermissionDeniedError(
        IdentityText(admission->identity) + " is not known under the name " +
        std::string(target.data(), target.size()) +
        "; call it by the address of its kit, or renew its kit with that --engine-address");
  }

  const PeerRules rules_;
  grpc::experimental::HostNameCertificateVerifier host_name_;
};

}  // namespace

std::shared_ptr<grpc::experimental::CertificateVerifier> MakePeerVerifier(PeerRules rules) {
  return grpc::experimental::ExternalCertificateVerifier::Create<PeerVerifier>(std::move(rules));
}

std::string CertificateOf(const grpc::AuthContext& context) {
  const std::vector<grpc::string_ref> found = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return found.size() == 1 ? std::string(found[0].data(), found[0].size()) : std::string();
}

}  // namespace concertina
