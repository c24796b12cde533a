// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// provision_command.cc: an authority and start-up kits for an engine that others reach over a network.
#include <memory>

#include "absl/time/time.h"
#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/security/provision.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

std::string DayText(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(unix_seconds), absl::UTCTimeZone());
}

Outcome ShowKits(const CommonOptions& options, const ProvisionRequest& request) {
  const absl::StatusOr<std::vector<ProvisionedKit>> kits = Provision(request);
  if (!kits.ok()) return {kits.status()};
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const ProvisionedKit& kit : *kits) {
    json.push_back({{"role", std::string(RoleName(kit.identity.role))},
                    {"name", kit.identity.name},
                    {"kit", kit.folder},
                    {"state", kit.state},
                    {"expires_unix", kit.expires_unix}});
    rows.push_back({IdentityText(kit.identity), kit.state, DayText(kit.expires_unix), kit.folder});
  }
  const ProvisionedKit& engine = kits->front();
  if (options.json) {
    PrintJson({{"engine", engine.engine_address}, {"kits", std::move(json)}});
    return {};
  }
  PrintText(TableText({"identity", "", "until", "kit"}, rows));
  PrintText(
      fmt::format("\nstart the engine:   concertinactl engine start --listen {} --kit {}\n"
                  "reach it elsewhere: concertinactl --engine {} --kit KIT list\n"
                  "Copy each kit to its machine (scp -rp), and keep {}/authority to yourself.\n",
                  engine.engine_address, engine.folder, engine.engine_address, request.folder));
  return {};
}

Outcome Revoke(const CommonOptions& options, const std::string& folder,
               const std::vector<std::string>& names) {
  Json json = Json::array();
  for (const std::string& name : names) {
    const absl::StatusOr<Revocation> revocation = RevokeIdentity(folder, name);
    if (!revocation.ok()) return {revocation.status()};
    json.push_back({{"role", std::string(RoleName(revocation->identity.role))},
                    {"name", revocation->identity.name},
                    {"serials", revocation->serials},
                    {"lists", revocation->lists}});
    if (options.json) continue;
    PrintText(fmt::format("{} is revoked; an engine that runs with a kit of {} cuts it off within seconds.\n",
                          IdentityText(revocation->identity), folder));
  }
  if (options.json) {
    PrintJson({{"revoked", std::move(json)}});
  } else {
    PrintText(fmt::format("Kits that were copied elsewhere get the new list by hand: {}/authority/crl.pem\n",
                          folder));
  }
  return {};
}

}  // namespace

void AddProvisionCommand(CLI::App& app, Action& action) {
  auto request = std::make_shared<ProvisionRequest>();
  auto revoked = std::make_shared<std::vector<std::string>>();
  CLI::App* provision = app.add_subcommand(
      "provision", "Start-up kits with which an engine is reached over a network, and their revocation");
  provision->add_option("--out", request->folder, "Folder of the authority and the kits")->required();
  provision->add_option("--name", request->engine_name, "The engine's name (main)");
  provision->add_option("--engine-address", request->engine_address,
                        fmt::format("HOST:PORT that others call ({})", kDefaultEngineAddress));
  provision->add_option("--worker", request->workers, "A pool of workers; may be given more than once");
  provision->add_option("--person", request->persons, "A person; may be given more than once");
  provision->add_option("--days", request->valid_days, "How long what is made is valid")
      ->capture_default_str();
  provision->add_option("--renew", request->renewed,
                        "ROLE/NAME: a new key and certificate in its kit; may be given more than once");
  CLI::Option* revoke = provision->add_option("--revoke", *revoked,
                                              "ROLE/NAME: is let in no more; may be given more than once");
  for (const char* other : {"--name", "--engine-address", "--worker", "--person", "--renew"})
    revoke->excludes(provision->get_option(other));
  provision->callback([request, revoked, &action] {
    action = [request, revoked](const CommonOptions& options) {
      return revoked->empty() ? ShowKits(options, *request) : Revoke(options, request->folder, *revoked);
    };
  });
}

}  // namespace concertina::ctl
