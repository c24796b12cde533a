// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// provision.cc: see provision.h.
#include "core/security/provision.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/base/file.h"
#include "core/security/authority.h"
#include "core/security/certificate.h"
#include "core/security/kit.h"
#include "core/security/revocation_list.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

namespace fs = std::filesystem;

constexpr double kAuthorityDays = 3650;
constexpr size_t kLongestPemFile = size_t{1} << 20;

// The folder of one authority, and this process's hold on it: two that revoke at once must not lose one of
// the two entries.
class AuthorityFolder {
 public:
  static absl::StatusOr<AuthorityFolder> Open(const std::string& out, const std::string& name);
  AuthorityFolder(AuthorityFolder&& other) noexcept
      : out_(std::move(other.out_)),
        lock_(std::exchange(other.lock_, -1)),
        authority_(std::move(other.authority_)) {}
  AuthorityFolder& operator=(AuthorityFolder&&) = delete;
  ~AuthorityFolder() {
    if (lock_ >= 0) close(lock_);
  }

  const Authority& authority() const { return *authority_; }
  const std::string& out() const { return out_; }
  std::string list_file() const { return out_ + "/authority/crl.pem"; }
  std::string issued() const { return out_ + "/authority/issued"; }
  std::string kit(const IdentityName& identity) const {
    return fmt::format("{}/{}-{}", out_, RoleName(identity.role), identity.name);
  }
  // Everybody that it ever signed for, with the files of their certificates.
  std::map<std::string, std::pair<IdentityName, std::vector<std::string>>> Issued() const;
  // "worker/pool-a", or "pool-a" where only one has that name.
  absl::StatusOr<IdentityName> Find(const std::string& name) const;

 private:
  AuthorityFolder(std::string out, int lock) : out_(std::move(out)), lock_(lock) {}
  absl::Status MakeOrLoad(const std::string& name);

  std::string out_;
  int lock_;
  std::optional<Authority> authority_;
};

absl::StatusOr<AuthorityFolder> AuthorityFolder::Open(const std::string& given, const std::string& name) {
  std::error_code error;
  std::string out = fs::absolute(given, error).lexically_normal().string();
  if (given.empty() || error)
    return absl::InvalidArgumentError(fmt::format("\"{}\" is no folder to provision into", given));
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  RETURN_IF_ERROR(MakeFolder(out));
  RETURN_IF_ERROR(MakeFolder(out + "/authority/issued"));
  for (const std::string& folder : {out + "/authority", out + "/authority/issued"}) {
    struct stat found = {};
    if (lstat(folder.c_str(), &found) != 0) return ErrnoStatus(errno, "looking at " + folder);
    if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid() || (found.st_mode & 077) != 0)
      return absl::PermissionDeniedError(fmt::format(
          "{} must be a folder of this user that nobody else can enter: chmod 700 {}", folder, folder));
  }
  const std::string lock_path = out + "/authority/lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return ErrnoStatus(errno, "opening " + lock_path);
  AuthorityFolder folder(std::move(out), lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0)
    return absl::UnavailableError(
        fmt::format("another concertinactl provision works in {} now; try again when it has ended", given));
  RETURN_IF_ERROR(folder.MakeOrLoad(name));
  return folder;
}

absl::Status AuthorityFolder::MakeOrLoad(const std::string& name) {
  const std::string certificate_file = out_ + "/authority/authority.crt";
  const std::string key_file = out_ + "/authority/authority.key";
  std::error_code ignored;
  if (!fs::exists(certificate_file, ignored)) {
    ASSIGN_OR_RETURN(authority_, Authority::Make(name, kAuthorityDays * 86400));
    ASSIGN_OR_RETURN(const std::string list, MakeRevocationList(*authority_));
    RETURN_IF_ERROR(WriteFileAtomically(key_file, authority_->identity().key_pem));
    RETURN_IF_ERROR(WriteFileAtomically(list_file(), list));
    // Last: it says that the rest is there.
    return WriteFileAtomically(certificate_file, authority_->identity().certificate_pem);
  }
  struct stat found = {};
  if (lstat(key_file.c_str(), &found) != 0) return ErrnoStatus(errno, "looking at " + key_file);
  if (!S_ISREG(found.st_mode) || found.st_uid != geteuid() || (found.st_mode & 077) != 0)
    return absl::PermissionDeniedError(fmt::format(
        "{} must be a file of this user that nobody else can read: chmod 600 {}", key_file, key_file));
  Identity identity;
  ASSIGN_OR_RETURN(identity.certificate_pem, ReadFile(certificate_file, kLongestPemFile));
  ASSIGN_OR_RETURN(identity.key_pem, ReadFile(key_file, kLongestPemFile));
  absl::StatusOr<Authority> loaded = Authority::Load(identity);
  if (!loaded.ok()) return Annotate(loaded.status(), out_ + "/authority");
  authority_ = *std::move(loaded);
  return absl::OkStatus();
}

std::map<std::string, std::pair<IdentityName, std::vector<std::string>>> AuthorityFolder::Issued() const {
  std::map<std::string, std::pair<IdentityName, std::vector<std::string>>> issued;
  const absl::StatusOr<std::vector<std::string>> names = NamesInFolder(this->issued());
  if (!names.ok()) return issued;
  for (const std::string& file_name : *names) {
    const std::string file = this->issued() + "/" + file_name;
    const absl::StatusOr<std::string> pem = ReadFile(file, kLongestPemFile);
    if (!pem.ok()) continue;
    const absl::StatusOr<CertificateFacts> facts = ReadCertificate(*pem);
    if (!facts.ok()) continue;
    const absl::StatusOr<IdentityName> identity = ParseIdentityUri(facts->uri);
    if (!identity.ok()) continue;
    auto& [name, files] = issued[IdentityText(*identity)];
    name = *identity;
    files.push_back(file);
  }
  return issued;
}

absl::StatusOr<IdentityName> AuthorityFolder::Find(const std::string& name) const {
  std::vector<IdentityName> found;
  std::vector<std::string> names;
  for (const auto& [text, each] : Issued()) {
    names.push_back(text);
    if (text == name || each.first.name == name) found.push_back(each.first);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return absl::InvalidArgumentError(fmt::format("\"{}\" is more than one here; say {} or {}", name,
                                                  IdentityText(found[0]), IdentityText(found[1])));
  const std::string nearest = NearestName(name, names);
  return absl::NotFoundError(fmt::format("{} has no identity \"{}\"{}", out_, name.substr(0, 60),
                                         nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest)));
}

// Where the engine is met: its address, and this machine by itself, which is where a tunnel ends.
void AddEngineNames(const HostPort& address, IssueRequest& request) {
  std::set<std::string> dns = {"localhost"}, ip = {"127.0.0.1", "::1"};
  unsigned char bytes[16];
  const bool is_ip = inet_pton(AF_INET, address.host.c_str(), bytes) == 1 ||
                     inet_pton(AF_INET6, address.host.c_str(), bytes) == 1;
  (is_ip ? ip : dns).insert(address.host);
  request.dns_names.assign(dns.begin(), dns.end());
  request.ip_addresses.assign(ip.begin(), ip.end());
}

absl::StatusOr<ProvisionedKit> ProvideKit(const AuthorityFolder& folder, const IdentityName& identity,
                                          const std::string& engine_address, double valid_days, bool renew) {
  ProvisionedKit provided{
      .identity = identity, .folder = folder.kit(identity), .engine_address = engine_address};
  std::error_code ignored;
  const bool is_there = fs::exists(provided.folder, ignored);
  if (is_there && !renew) {
    const absl::StatusOr<std::string> pem = ReadFile(provided.folder + "/identity.crt", kLongestPemFile);
    if (!pem.ok()) return Annotate(pem.status(), "the kit that is there");
    const absl::StatusOr<CertificateFacts> facts = ReadCertificate(*pem);
    if (!facts.ok()) return Annotate(facts.status(), provided.folder + "/identity.crt");
    provided.expires_unix = facts->not_after_unix;
    provided.state = "kept";
    return provided;
  }
  IssueRequest request{.uri = IdentityUri(identity), .valid_seconds = valid_days * 86400};
  ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(engine_address));
  if (identity.role == Role::kEngine) AddEngineNames(address, request);
  KitContents contents;
  ASSIGN_OR_RETURN(contents.identity, folder.authority().Issue(request));
  contents.authority_pem = folder.authority().identity().certificate_pem;
  ASSIGN_OR_RETURN(contents.revocation_list_pem, ReadFile(folder.list_file(), kLongestPemFile));
  contents.engine_address = engine_address;
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(contents.identity.certificate_pem));
  // Noted before it is given away: what is not noted could never be revoked.
  RETURN_IF_ERROR(WriteFileAtomically(
      fmt::format("{}/{}-{}.{}.crt", folder.issued(), RoleName(identity.role), identity.name, facts.serial),
      contents.identity.certificate_pem));
  RETURN_IF_ERROR(is_there ? ReplaceKit(provided.folder, contents) : WriteKit(provided.folder, contents));
  provided.expires_unix = facts.not_after_unix;
  provided.state = is_there ? "renewed" : "made";
  return provided;
}

// Of the kit of an engine that is there; "" if there is none.
std::string AddressOfKit(const std::string& kit) {
  const absl::StatusOr<std::string> text = ReadFile(kit + "/kit.json", kLongestPemFile);
  if (!text.ok()) return {};
  const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  return json.is_object() && json.contains("engine") && json["engine"].is_string()
             ? json["engine"].get<std::string>()
             : std::string();
}

}  // namespace

absl::StatusOr<std::vector<ProvisionedKit>> Provision(const ProvisionRequest& request) {
  if (!(request.valid_days >= 1 && request.valid_days <= kAuthorityDays))
    return absl::InvalidArgumentError(
        fmt::format("{} days; 1 to {} were expected", request.valid_days, kAuthorityDays));
  if (!request.engine_name.empty()) RETURN_IF_ERROR(CheckIdentityName(request.engine_name));
  std::vector<IdentityName> wanted;
  for (const std::string& name : request.workers) wanted.push_back({Role::kWorker, name});
  for (const std::string& name : request.persons) wanted.push_back({Role::kPerson, name});
  for (const IdentityName& identity : wanted) RETURN_IF_ERROR(CheckIdentityName(identity.name));
  if (!request.engine_address.empty()) {
    const auto address = ParseHostPort(request.engine_address);
    if (!address.ok()) return address.status();
  }

  const std::string first_name = request.engine_name.empty() ? "main" : request.engine_name;
  ASSIGN_OR_RETURN(const AuthorityFolder folder,
                   AuthorityFolder::Open(request.folder, "Concertina authority of " + first_name));
  IdentityName engine{Role::kEngine, first_name};
  if (request.engine_name.empty())
    for (const auto& [text, each] : folder.Issued())
      if (each.first.role == Role::kEngine) engine = each.first;
  std::set<std::string> renewed;
  for (const std::string& name : request.renewed) {
    ASSIGN_OR_RETURN(const IdentityName identity, folder.Find(name));
    if (!renewed.insert(IdentityText(identity)).second) continue;
    if (!(identity == engine) && std::find(wanted.begin(), wanted.end(), identity) == wanted.end())
      wanted.push_back(identity);
  }

  const std::string known = AddressOfKit(folder.kit(engine));
  std::string address = request.engine_address;
  if (address.empty()) address = known.empty() ? kDefaultEngineAddress : known;
  if (!known.empty() && address != known && !renewed.contains(IdentityText(engine)))
    return absl::AlreadyExistsError(
        fmt::format("{} is for {}, not for {}; give --renew {} with the new address, and renew the others",
                    folder.kit(engine), known, address, IdentityText(engine)));
  wanted.insert(wanted.begin(), engine);
  std::vector<ProvisionedKit> kits;
  for (const IdentityName& identity : wanted) {
    const bool renew = renewed.contains(IdentityText(identity));
    absl::StatusOr<ProvisionedKit> kit = ProvideKit(folder, identity, address, request.valid_days, renew);
    if (!kit.ok()) return Annotate(kit.status(), IdentityText(identity));
    kits.push_back(*std::move(kit));
  }
  return kits;
}

absl::StatusOr<Revocation> RevokeIdentity(const std::string& given, const std::string& name) {
  std::error_code error;
  if (!fs::exists(given + "/authority/authority.crt", error))
    return absl::NotFoundError(
        fmt::format("{} holds no authority; give the folder that concertinactl "
                    "provision --out made",
                    given));
  ASSIGN_OR_RETURN(const AuthorityFolder folder, AuthorityFolder::Open(given, ""));
  Revocation revocation;
  ASSIGN_OR_RETURN(revocation.identity, folder.Find(name));
  ASSIGN_OR_RETURN(std::string list, ReadFile(folder.list_file(), kLongestPemFile));
  auto issued = folder.Issued();
  for (const std::string& file : issued[IdentityText(revocation.identity)].second) {
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(file, kLongestPemFile));
    ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(pem));
    absl::StatusOr<std::string> longer = AddToRevocationList(folder.authority(), list, pem);
    if (!longer.ok()) return Annotate(longer.status(), file);
    list = *std::move(longer);
    revocation.serials.push_back(facts.serial);
  }
  RETURN_IF_ERROR(WriteFileAtomically(folder.list_file(), list));
  revocation.lists.push_back(folder.list_file());
  ASSIGN_OR_RETURN(const std::vector<std::string> beside, NamesInFolder(folder.out()));
  for (const std::string& entry : beside) {
    const std::string kit = folder.out() + "/" + entry;
    if (!fs::exists(kit + "/kit.json", error)) continue;
    RETURN_IF_ERROR(ReplaceRevocationList(kit, list));
    revocation.lists.push_back(kit + "/crl.pem");
  }
  return revocation;
}

}  // namespace concertina
