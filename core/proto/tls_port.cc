// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_port.cc: see tls_port.h.
#include "core/proto/tls_port.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/server_interceptor.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/log.h"
#include "core/proto/audit_log.h"
#include "core/proto/grpc_server.h"
#include "core/proto/peer_verifier.h"
#include "core/proto/refused_handshakes.h"
#include "core/proto/status_conversion.h"
#include "core/security/kit.h"
#include "core/security/revocation_list.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr unsigned int kRereadKitSeconds = 1;

// That may come at all: a role without a right is not even let in.
std::vector<Role> RolesOf(std::span<const CallRight> rights) {
  std::vector<Role> roles;
  for (const Role role : {Role::kEngine, Role::kWorker, Role::kPerson})
    if (std::any_of(rights.begin(), rights.end(),
                    [role](const CallRight& right) { return right.IsFor(role); }))
      roles.push_back(role);
  return roles;
}

}  // namespace

// What all parts of the port share; it lives as long as the last of them.
class TlsGate {
 public:
  // A call that goes on. Its lock is taken twice by one thread where cancelling runs the call's own last
  // callbacks on the spot, hence the recursive one.
  struct LiveCall {
    std::recursive_mutex mutex;
    grpc::ServerContextBase* context = nullptr;  // null once it has ended
    std::string identity, rpc, peer;
    std::string serial, fingerprint;
    int64_t not_after_unix = 0;
  };

  TlsGate(std::unique_ptr<RevocationWatch> revoked, std::unique_ptr<AuditLog> audit,
          const TlsPortOptions& options)
      : revoked_(std::move(revoked)),
        audit_(std::move(audit)),
        rights_(options.rights),
        roles_(RolesOf(options.rights)),
        on_cut_off_(options.on_cut_off) {}

  RevocationWatch& revoked() { return *revoked_; }
  AuditLog& audit() { return *audit_; }
  std::span<const CallRight> rights() const { return rights_; }
  const std::vector<Role>& roles() const { return roles_; }

  void ListensAt(int port) { port_ = port; }
  // In the thread that shook hands, while the connection is still open.
  void NoteRefusedHandshake(const std::string& identity, const std::string& reason) {
    if (!audit_->TakeTurn()) return;
    audit_->Add({.peer = WhoHasNoCall(), .identity = identity, .admitted = false, .reason = reason});
  }

  absl::StatusOr<Admission> AdmitHolder(const std::string& certificate) {
    return Admit(certificate,
                 {.roles = roles_,
                  .is_revoked = [this](const std::string& serial) { return revoked_->IsRevoked(serial); },
                  .now_unix = NowUnix()});
  }
  void Began(const std::shared_ptr<LiveCall>& call) {
    absl::MutexLock lock(&mutex_);
    calls_.insert(call);
  }
  void Ended(const std::shared_ptr<LiveCall>& call) {
    {
      const std::lock_guard<std::recursive_mutex> lock(call->mutex);
      call->context = nullptr;
    }
    absl::MutexLock lock(&mutex_);
    calls_.erase(call);
  }
  // Ends the calls of those who would not be let in any more.
  void CutOff() {
    std::vector<std::shared_ptr<LiveCall>> calls;
    {
      absl::MutexLock lock(&mutex_);
      calls.assign(calls_.begin(), calls_.end());
    }
    for (const std::shared_ptr<LiveCall>& call : calls) {
      const bool is_revoked = revoked_->IsRevoked(call->serial);
      if (!is_revoked && NowUnix() <= call->not_after_unix) continue;
      const std::lock_guard<std::recursive_mutex> lock(call->mutex);
      if (call->context == nullptr) continue;
      audit_->Add({.peer = call->peer,
                   .identity = call->identity,
                   .rpc = call->rpc,
                   .admitted = false,
                   .reason = is_revoked ? "cut off: revoked" : "cut off: expired"});
      // First, so that whoever the call belongs to knows why it ends.
      if (on_cut_off_)
        on_cut_off_(call->fingerprint,
                    is_revoked ? "its certificate was revoked" : "its certificate has expired");
      call->context->TryCancel();
    }
  }

 private:
  std::string WhoHasNoCall() {
    std::vector<std::string> peers = PeersAtPort(port_);
    absl::MutexLock lock(&mutex_);
    for (const std::shared_ptr<LiveCall>& call : calls_) std::erase(peers, call->peer);
    return fmt::format("{}", fmt::join(peers, " or "));
  }
  static int64_t NowUnix() { return absl::ToUnixSeconds(Clock::Real().Wall()); }

  const std::unique_ptr<RevocationWatch> revoked_;
  const std::unique_ptr<AuditLog> audit_;
  const std::span<const CallRight> rights_;
  const std::vector<Role> roles_;
  const std::function<void(const std::string& fingerprint, const std::string& why)> on_cut_off_;
  std::atomic<int> port_ = 0;
  absl::Mutex mutex_;
  std::set<std::shared_ptr<LiveCall>> calls_ ABSL_GUARDED_BY(mutex_);
};

namespace {

// Asked by gRPC before a call reaches its service: a refused one never does.
class RightsProcessor final : public grpc::AuthMetadataProcessor {
 public:
  explicit RightsProcessor(std::shared_ptr<TlsGate> gate) : gate_(std::move(gate)) {}
  bool IsBlocking() const override { return false; }  // some microseconds, and no disk

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const std::string rpc =
        path == metadata.end() ? std::string() : std::string(path->second.data(), path->second.size());
    std::string identity;
    const absl::Status verdict = Judge(rpc, *context, identity);
    if (verdict.ok()) return grpc::Status::OK;  // noted by the interceptor, which knows the address too
    const std::string reason(verdict.message());
    if (gate_->audit().TakeTurn())
      gate_->audit().Add({.identity = identity, .rpc = rpc, .admitted = false, .reason = reason});
    return {grpc::StatusCode::PERMISSION_DENIED, reason};
  }

 private:
  absl::Status Judge(const std::string& rpc, const grpc::AuthContext& context, std::string& identity) {
    const std::string certificate = CertificateOf(context);
    if (certificate.empty()) return absl::PermissionDeniedError("no certificate was shown");
    ASSIGN_OR_RETURN(const Admission admission, gate_->AdmitHolder(certificate));
    identity = admission.facts.uri;
    if (MayCall(gate_->rights(), admission.identity.role, rpc)) return absl::OkStatus();
    return absl::PermissionDeniedError(
        fmt::format("{} may not call {}; {}", IdentityText(admission.identity), rpc.substr(0, 100),
                    admission.identity.role == Role::kWorker
                        ? "a worker's kit is for workers, a person's for people and their programs"
                        : "that is for workers"));
  }

  const std::shared_ptr<TlsGate> gate_;
};

// Follows one call from its beginning to its end, so that it can be cut off.
class CallFollower final : public grpc::experimental::Interceptor {
 public:
  CallFollower(std::shared_ptr<TlsGate> gate, grpc::experimental::ServerRpcInfo* info)
      : gate_(std::move(gate)), info_(info), call_(std::make_shared<TlsGate::LiveCall>()) {}
  ~CallFollower() override { gate_->Ended(call_); }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) Begin();
    // While the context is whole: what follows takes it down.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_CLOSE)) gate_->Ended(call_);
    methods->Proceed();
  }

 private:
  void Begin() {
    grpc::ServerContextBase* context = info_->server_context();
    call_->rpc = info_->method();
    call_->peer = context->peer();
    const absl::StatusOr<CertificateFacts> facts = ReadCertificate(CertificateOf(*context->auth_context()));
    if (facts.ok()) {  // the processor has let it in: it is
      call_->identity = facts->uri;
      call_->serial = facts->serial;
      call_->fingerprint = facts->fingerprint;
      call_->not_after_unix = facts->not_after_unix;
    }
    {
      const std::lock_guard<std::recursive_mutex> lock(call_->mutex);
      call_->context = context;
    }
    gate_->audit().Add(
        {.peer = call_->peer, .identity = call_->identity, .rpc = call_->rpc, .admitted = true});
    gate_->Began(call_);
  }

  const std::shared_ptr<TlsGate> gate_;
  grpc::experimental::ServerRpcInfo* const info_;
  const std::shared_ptr<TlsGate::LiveCall> call_;
};

class CallFollowers final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallFollowers(std::shared_ptr<TlsGate> gate) : gate_(std::move(gate)) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    return new CallFollower(gate_, info);  // gRPC's, until the call has ended
  }

 private:
  const std::shared_ptr<TlsGate> gate_;
};

// Files are read again as they change: a renewed kit holds for the next handshake.
std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Kit& kit, const std::shared_ptr<TlsGate>& gate) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          kit.key_file(), kit.certificate_file(), kit.authority_file(), kRereadKitSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.set_certificate_verifier(MakePeerVerifier({
      .roles = gate->roles(),
      .checks_host_name = false,
      .is_revoked = [gate](const std::string& serial) { return gate->revoked().IsRevoked(serial); },
      .on_verdict =
          [gate](const std::string& uri, const absl::Status& verdict) {
            if (verdict.ok())
              gate->audit().Add({.identity = uri, .admitted = true});
            else
              gate->NoteRefusedHandshake(uri, std::string(verdict.message()));
          },
  }));
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<RightsProcessor>(gate));
  return credentials;
}

// What strangers may make the program hold, and for how long.
void SetCaps(grpc::ServerBuilder& builder, int most_request_bytes) {
  grpc::ResourceQuota quota("concertina-port");
  quota.Resize(size_t{256} << 20);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(most_request_bytes);
  builder.SetMaxSendMessageSize(-1);  // a series of every point may be long
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 64);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 5 * 60 * 1000);
  // A peer whose network went away without a word is found out, from either end.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 3'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
}

}  // namespace

struct TlsPort::Impl {
  std::shared_ptr<TlsGate> gate;
  std::unique_ptr<RefusedHandshakes> refused;
  std::unique_ptr<grpc::Server> server;
  absl::Mutex mutex;
  bool ending ABSL_GUARDED_BY(mutex) = false;
  std::thread checker;

  void Check() {
    for (;;) {
      {
        absl::MutexLock lock(&mutex);
        if (mutex.AwaitWithTimeout(absl::Condition(&ending), absl::Seconds(kCheckSeconds))) return;
      }
      if (gate->revoked().Refresh()) spdlog::info("the revocation list is another now");
      gate->CutOff();
    }
  }
};

absl::StatusOr<std::unique_ptr<TlsPort>> TlsPort::Open(const TlsPortOptions& options,
                                                       const std::vector<grpc::Service*>& services) {
  ASSIGN_OR_RETURN(const HostPort wanted, ParseHostPort(options.listen, /*any_port=*/true));
  if (options.kit.empty())
    return absl::FailedPreconditionError(
        fmt::format("{} is opened only with an engine's start-up kit: concertinactl provision --out DIR "
                    "--engine-address "
                    "HOST:PORT makes one; give DIR/engine-main with --kit",
                    options.listen));
  ASSIGN_OR_RETURN(const Kit kit, ReadKit(options.kit));
  if (kit.identity.role != Role::kEngine)
    return absl::FailedPreconditionError(fmt::format("{} is the kit of {}; who listens needs an engine's",
                                                     kit.folder, IdentityText(kit.identity)));
  ASSIGN_OR_RETURN(std::unique_ptr<RevocationWatch> revoked,
                   RevocationWatch::Open(kit.revocation_file(), kit.authority_file()));
  ASSIGN_OR_RETURN(std::unique_ptr<AuditLog> audit, AuditLog::Open(options.audit_file));

  auto impl = std::make_unique<Impl>();
  impl->gate = std::make_shared<TlsGate>(std::move(revoked), std::move(audit), options);
  grpc::ServerBuilder builder;
  SetCaps(builder, options.most_request_bytes);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> followers;
  followers.push_back(std::make_unique<CallFollowers>(impl->gate));
  builder.experimental().SetInterceptorCreators(std::move(followers));
  int port = 0;
  builder.AddListeningPort(options.listen, CredentialsOf(kit, impl->gate), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  impl->refused = std::make_unique<RefusedHandshakes>(
      [gate = impl->gate](const std::string& reason) { gate->NoteRefusedHandshake("", reason); });
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || port == 0)
    return absl::UnavailableError(fmt::format(
        "cannot listen on {}; is the port taken, or the address not of this machine?", options.listen));
  impl->gate->ListensAt(port);
  impl->checker = std::thread([impl = impl.get()] { impl->Check(); });
  std::unique_ptr<TlsPort> opened(new TlsPort(std::move(impl)));
  opened->address_ = options.listen.substr(0, options.listen.rfind(':') + 1) + std::to_string(port);
  spdlog::info("listens on {} as {}, with mutual TLS", opened->address_, IdentityText(kit.identity));
  return opened;
}

TlsPort::TlsPort(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsPort::~TlsPort() {
  Shutdown(Deadline::After(0));
  {
    absl::MutexLock lock(&impl_->mutex);
    impl_->ending = true;
  }
  impl_->checker.join();
}

void TlsPort::Shutdown(Deadline deadline) { EndServer(*impl_->server, deadline); }

}  // namespace concertina
