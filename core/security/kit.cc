// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kit.cc: see kit.h.
#include "core/security/kit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/security/openssl.h"
#include "core/security/revocation_list.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using KitJson = nlohmann::json;

constexpr size_t kLongestKitFile = size_t{1} << 20;

std::string WithoutSlash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

// That it is this user's alone: a key that others could have read or put there proves nothing.
absl::Status CheckPrivate(const std::string& path, bool is_folder) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT)
      return absl::NotFoundError(
          fmt::format("there is no {}; a start-up kit is a folder that concertinactl provision makes", path));
    return ErrnoStatus(errno, "looking at " + path);
  }
  // A link is followed for the folder (a kit may be reached by one), and what it leads to is looked at.
  if (is_folder && S_ISLNK(found.st_mode) && stat(path.c_str(), &found) != 0)
    return ErrnoStatus(errno, "looking at " + path);
  if (is_folder ? !S_ISDIR(found.st_mode) : !S_ISREG(found.st_mode))
    return absl::InvalidArgumentError(
        fmt::format("{} is no {}", path, is_folder ? "folder" : "file of its own"));
  if (found.st_uid != geteuid())
    return absl::PermissionDeniedError(
        fmt::format("{} belongs to another user; copy the kit to a folder of your own", path));
  if ((found.st_mode & 077) != 0)
    return absl::PermissionDeniedError(
        fmt::format("{} can be read or changed by others (mode {:04o}); its key is worth nothing so. Make it "
                    "private with: chmod {} {}",
                    path, found.st_mode & 07777, is_folder ? "700" : "600", path));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadKitFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kLongestKitFile);
  if (!text.ok()) return Annotate(text.status(), "a file of the start-up kit");
  return text;
}

absl::Status FillKit(const std::string& folder, const KitContents& contents, const IdentityName& name,
                     const CertificateFacts& facts) {
  const KitJson json = {
      {"role", std::string(RoleName(name.role))},
      {"name", name.name},
      {"engine", contents.engine_address},
      {"expires", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(facts.not_after_unix),
                                   absl::UTCTimeZone())}};
  RETURN_IF_ERROR(WriteFileAtomically(folder + "/authority.crt", contents.authority_pem));
  RETURN_IF_ERROR(WriteFileAtomically(folder + "/crl.pem", contents.revocation_list_pem));
  RETURN_IF_ERROR(WriteFileAtomically(folder + "/identity.crt", contents.identity.certificate_pem));
  RETURN_IF_ERROR(WriteFileAtomically(folder + "/identity.key", contents.identity.key_pem));
  return WriteFileAtomically(folder + "/kit.json", json.dump(2) + "\n");
}

// A whole kit in a new folder beside `folder`; its path.
absl::StatusOr<std::string> MakeAside(const std::string& folder, const KitContents& contents) {
  absl::StatusOr<CertificateFacts> facts = ReadCertificate(contents.identity.certificate_pem);
  if (!facts.ok()) return facts.status();
  ASSIGN_OR_RETURN(const IdentityName name, ParseIdentityUri(facts->uri));
  std::string aside = folder + ".new-XXXXXX";
  if (mkdtemp(aside.data()) == nullptr) return ErrnoStatus(errno, "making a folder beside " + folder);
  const absl::Status filled = FillKit(aside, contents, name, *facts);
  if (filled.ok()) return aside;
  std::error_code ignored;
  std::filesystem::remove_all(aside, ignored);
  return filled;
}

// The text of `key` in kit.json.
absl::StatusOr<std::string> TextOf(const KitJson& json, const char* key, const std::string& path) {
  if (json.is_object() && json.contains(key) && json[key].is_string()) return json[key].get<std::string>();
  return absl::InvalidArgumentError(fmt::format("{}: /{} should be a text", path, key));
}

}  // namespace

absl::Status WriteKit(const std::string& given, const KitContents& contents) {
  const std::string folder = WithoutSlash(given);
  ASSIGN_OR_RETURN(const std::string aside, MakeAside(folder, contents));
  // Fails where anything is there, an empty folder too.
  if (renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, folder.c_str(), RENAME_NOREPLACE) == 0)
    return absl::OkStatus();
  const int error = errno;
  std::error_code ignored;
  std::filesystem::remove_all(aside, ignored);
  return ErrnoStatus(error, "making the start-up kit " + folder);
}

absl::Status ReplaceKit(const std::string& given, const KitContents& contents) {
  const std::string folder = WithoutSlash(given);
  ASSIGN_OR_RETURN(const std::string aside, MakeAside(folder, contents));
  const int exchanged = renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE);
  const int error = errno;
  std::error_code ignored;
  std::filesystem::remove_all(aside, ignored);  // the old kit, or the new one that found no place
  if (exchanged != 0) return ErrnoStatus(error, "replacing the start-up kit " + folder);
  return absl::OkStatus();
}

absl::Status ReplaceRevocationList(const std::string& folder, const std::string& list_pem) {
  return WriteFileAtomically(WithoutSlash(folder) + "/crl.pem", list_pem);
}

absl::StatusOr<Kit> ReadKit(const std::string& given) {
  if (given.empty()) return absl::InvalidArgumentError("\"\" is no folder of a start-up kit");
  std::error_code error;
  Kit kit;
  kit.folder = WithoutSlash(std::filesystem::absolute(given, error).lexically_normal().string());
  if (error) kit.folder = WithoutSlash(given);
  RETURN_IF_ERROR(CheckPrivate(kit.folder, true));
  RETURN_IF_ERROR(CheckPrivate(kit.key_file(), false));
  ASSIGN_OR_RETURN(const std::string authority_pem, ReadKitFile(kit.authority_file()));
  ASSIGN_OR_RETURN(const std::string certificate_pem, ReadKitFile(kit.certificate_file()));
  ASSIGN_OR_RETURN(const std::string key_pem, ReadKitFile(kit.key_file()));
  ASSIGN_OR_RETURN(const std::string list_pem, ReadKitFile(kit.revocation_file()));
  const std::string json_file = kit.folder + "/kit.json";
  ASSIGN_OR_RETURN(const std::string json_text, ReadKitFile(json_file));

  const absl::StatusOr<X509Ptr> certificate = CertificateFromPem(certificate_pem);
  if (!certificate.ok()) return Annotate(certificate.status(), kit.certificate_file());
  const absl::StatusOr<PkeyPtr> key = KeyFromPem(key_pem);
  if (!key.ok()) return Annotate(key.status(), kit.key_file());
  if (X509_check_private_key(certificate->get(), key->get()) != 1)
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        kit.key_file() + " is not the key of identity.crt; was one of them copied alone?");
  if (const absl::Status issued = CheckIssuer(certificate_pem, authority_pem); !issued.ok())
    return Annotate(issued, kit.certificate_file());
  const absl::StatusOr<std::set<std::string>> revoked = ReadRevocationList(list_pem, authority_pem);
  if (!revoked.ok()) return Annotate(revoked.status(), kit.revocation_file());
  constexpr Role kAnyRole[] = {Role::kEngine, Role::kWorker, Role::kPerson};
  const absl::StatusOr<Admission> admission = Admit(
      certificate_pem, {.roles = kAnyRole,
                        .is_revoked = [&](const std::string& serial) { return revoked->contains(serial); },
                        .now_unix = absl::ToUnixSeconds(Clock::Real().Wall())});
  if (!admission.ok()) return Annotate(admission.status(), kit.certificate_file());
  kit.identity = admission->identity;
  kit.facts = admission->facts;

  const KitJson json = KitJson::parse(json_text, nullptr, false);
  ASSIGN_OR_RETURN(const std::string role, TextOf(json, "role", json_file));
  ASSIGN_OR_RETURN(const std::string name, TextOf(json, "name", json_file));
  ASSIGN_OR_RETURN(kit.engine_address, TextOf(json, "engine", json_file));
  if (role != RoleName(kit.identity.role) || name != kit.identity.name)
    return absl::InvalidArgumentError(fmt::format("{} is of {}/{}, identity.crt of {}; two kits were mixed",
                                                  json_file, role.substr(0, 40), name.substr(0, 40),
                                                  IdentityText(kit.identity)));
  if (const auto address = ParseHostPort(kit.engine_address); !address.ok())
    return Annotate(address.status(), json_file + ": /engine");
  return kit;
}

absl::StatusOr<HostPort> ParseHostPort(const std::string& text, bool any_port) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" is no address; HOST:PORT like gpu-1:7717, 10.0.0.7:7717 or [fd00::7]:7717 was expected",
        text.substr(0, 100)));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || text.size() > 300) return wrong();
  HostPort parsed{.host = text.substr(0, colon)};
  const bool in_brackets = parsed.host.size() > 2 && parsed.host.front() == '[' && parsed.host.back() == ']';
  if (in_brackets) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  const bool plain = std::all_of(parsed.host.begin(), parsed.host.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || (in_brackets && c == ':');
  });
  const std::string port = text.substr(colon + 1);
  if (parsed.host.empty() || !plain || port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return wrong();
  parsed.port = std::stoi(port);
  if (parsed.port > 65535 || (parsed.port == 0 && !any_port)) return wrong();
  return parsed;
}

}  // namespace concertina
