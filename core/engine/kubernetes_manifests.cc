// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kubernetes_manifests.cc: see kubernetes_manifests.h.
#include "core/engine/kubernetes_manifests.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "core/base/file.h"
#include "core/engine/ssh_command.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr char kSecretFolder[] = "/etc/concertina";
constexpr char kWorkFolder[] = "/var/lib/concertina";
constexpr size_t kLongestName = 52;  // of 63: "-" and an index of up to 10 digits come behind

// What a pod runs, with its settings as arguments. A worker wants its kit in a folder that is its own alone,
// which a mounted secret is not.
constexpr char kPod[] = R"(first=$1 name=$2 secret=$3 work=$4
shift 4
umask 077
mkdir -p "$work/kit" || exit 73
for file in authority.crt identity.crt identity.key crl.pem kit.json; do
  if [ -e "$secret/$file" ]; then
    cp "$secret/$file" "$work/kit/$file" || exit 73
  fi
done
rank=$((first + JOB_COMPLETION_INDEX))
read -r token <"$secret/token-$rank" || exit 66
CONCERTINA_TOKEN=$token exec "$@" --kit "$work/kit" --home "$work" --rank "$rank" --advertise "$name-$JOB_COMPLETION_INDEX.$name")";

absl::Status Unfit(std::string_view param, const std::string& value, std::string_view expected) {
  return absl::InvalidArgumentError(
      fmt::format("{}: found {}, expected {}", param, ShowJson(value), expected));
}

bool IsMadeOf(const std::string& text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != std::string_view::npos;
  });
}

bool IsDnsLabel(const std::string& text) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 63 && is_part(text.front()) && is_part(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_part(c) || c == '-'; });
}

// Kubernetes puts a variable in the place of $(NAME), and a $ in that of $$ [Kubernetes, "Define dependent
// environment variables"].
std::string AsItIs(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    escaped += text[i];
    if (text[i] == '$' && i + 1 < text.size() && (text[i + 1] == '$' || text[i + 1] == '(')) escaped += '$';
  }
  return escaped;
}

}  // namespace

absl::StatusOr<KubernetesOptions> KubernetesOptionsOf(const Params& params) {
  KubernetesOptions options;
  options.image = params.Text("image");
  options.name_space = params.Text("namespace");
  options.memory = params.Text("memory");
  options.program = params.Text("program");
  options.kit = WithHomeFolder(params.Text("kit"));
  options.time_minutes = params.Integer("time_minutes");
  options.wait_minutes = params.Number("wait_minutes");
  options.applies = params.Boolean("apply");
  if (options.image.empty() || options.image.size() > 500 || options.image.front() == '-' ||
      !IsMadeOf(options.image, "._-/:@"))
    return Unfit("image", options.image, "the name of a container image, as registry.lab/concertina:1");
  if (!options.name_space.empty() && !IsDnsLabel(options.name_space))
    return Unfit("namespace", options.name_space, "lower-case letters, digits and \"-\", at most 63");
  const size_t digits = std::min(options.memory.find_first_not_of("0123456789"), options.memory.size());
  const std::string unit = options.memory.substr(digits);
  constexpr std::string_view kUnits[] = {"", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"};
  if (!options.memory.empty() && (digits == 0 || digits > 15 ||
                                  std::find(std::begin(kUnits), std::end(kUnits), unit) == std::end(kUnits)))
    return Unfit("memory", options.memory, "a quantity like 2Gi or 500M");
  if (options.program.empty()) return Unfit("program", options.program, "a program of the image");
  ASSIGN_OR_RETURN(options.environment, ParseEnvironment(params.Text("environment")));
  return options;
}

std::string KubernetesName(const KubernetesTask& task) {
  std::string name;
  for (const char c : fmt::format("concertina-{}-{}-{}", task.first_rank, task.sign, task.run)) {
    const bool is_part = std::isalnum(static_cast<unsigned char>(c)) != 0;
    name += is_part ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '-';
  }
  name.resize(std::min(name.size(), kLongestName));
  while (name.back() == '-') name.pop_back();
  return name;
}

Json KubernetesManifests(const KubernetesOptions& options, const KubernetesTask& task) {
  const std::string name = KubernetesName(task);
  const Json labels = {{"app.kubernetes.io/name", "concertina"}, {"app.kubernetes.io/instance", name}};
  Json metadata = {{"name", name}, {"labels", labels}};
  if (!options.name_space.empty()) metadata["namespace"] = options.name_space;
  const auto count = static_cast<int64_t>(task.tokens.size());

  Json data = Json::object();
  for (const auto& [file, content] : task.kit) data[file] = absl::Base64Escape(content);
  for (size_t i = 0; i < task.tokens.size(); ++i)
    data[fmt::format("token-{}", task.first_rank + static_cast<int>(i))] =
        absl::Base64Escape(task.tokens[i] + "\n");
  const Json secret = {{"apiVersion", "v1"}, {"kind", "Secret"},  {"metadata", metadata},
                       {"type", "Opaque"},   {"immutable", true}, {"data", std::move(data)}};

  // Workers look for one another before they are ready.
  const Json service = {
      {"apiVersion", "v1"},
      {"kind", "Service"},
      {"metadata", metadata},
      {"spec", {{"clusterIP", "None"}, {"publishNotReadyAddresses", true}, {"selector", labels}}}};

  Json environment = Json::array();
  for (const std::string& entry : options.environment) {
    const size_t equals = entry.find('=');
    environment.push_back({{"name", entry.substr(0, equals)}, {"value", AsItIs(entry.substr(equals + 1))}});
  }
  std::vector<std::string> arguments = {kPod,
                                        "concertina-task",
                                        std::to_string(task.first_rank),
                                        name,
                                        kSecretFolder,
                                        kWorkFolder,
                                        options.program,
                                        "--engine",
                                        task.engine_address,
                                        "--run",
                                        task.run};
  for (std::string& argument : arguments) argument = AsItIs(argument);
  Json requests = {{"cpu", std::to_string(task.threads)}};
  Json resources = Json::object();
  if (!options.memory.empty()) {
    requests["memory"] = options.memory;
    resources["limits"] = {{"memory", options.memory}};
  }
  resources["requests"] = std::move(requests);
  const Json container = {
      {"name", "worker"},
      {"image", options.image},
      {"command", {"/bin/sh", "-c"}},
      {"args", std::move(arguments)},
      {"env", std::move(environment)},
      {"resources", std::move(resources)},
      {"securityContext", {{"allowPrivilegeEscalation", false}, {"capabilities", {{"drop", {"ALL"}}}}}},
      {"volumeMounts",
       {{{"name", "secret"}, {"mountPath", kSecretFolder}, {"readOnly", true}},
        {{"name", "work"}, {"mountPath", kWorkFolder}}}}};
  const Json pod = {{"restartPolicy", "Never"},
                    {"subdomain", name},
                    {"automountServiceAccountToken", false},
                    {"enableServiceLinks", false},
                    {"containers", {container}},
                    {"volumes",
                     {{{"name", "secret"}, {"secret", {{"secretName", name}}}},
                      {{"name", "work"}, {"emptyDir", Json::object()}}}}};
  Json spec = {{"completionMode", "Indexed"},
               {"completions", count},
               {"parallelism", count},
               {"backoffLimit", 0},  // a token is good once
               {"ttlSecondsAfterFinished", 3600},
               {"template", {{"metadata", {{"labels", labels}}}, {"spec", pod}}}};
  if (options.time_minutes > 0) spec["activeDeadlineSeconds"] = options.time_minutes * 60;
  const Json job = {
      {"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", metadata}, {"spec", std::move(spec)}};
  return {{"apiVersion", "v1"}, {"kind", "List"}, {"items", {secret, service, job}}};
}

}  // namespace concertina
