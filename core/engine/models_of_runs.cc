// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// models_of_runs.cc: see models_of_runs.h.
#include "core/engine/models_of_runs.h"

#include <filesystem>

#include "core/base/file.h"
#include "core/engine/run_export.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr std::string_view kOfRun = "run:";
constexpr size_t kMostModelBytes = size_t{4} << 30;

// A finished run's model does not change: what was kept once is kept.
absl::StatusOr<std::string> KeptModel(const proto::RunSummary& run, Store& store, const Home& home) {
  const std::filesystem::path kept = std::filesystem::path(home.models()) / (run.run() + ".edge");
  std::error_code error;
  if (run.state() == proto::FINISHED && std::filesystem::is_regular_file(kept, error)) return kept.string();
  ASSIGN_OR_RETURN(const std::vector<ExportedFile> files, ExportRun(store, home, run, "edge"));
  RETURN_IF_ERROR(MakeFolder(kept.parent_path().string()));
  std::string bytes = files[0].content;
  if (!files[0].path.empty()) {
    ASSIGN_OR_RETURN(bytes, ReadFile(files[0].path, kMostModelBytes));
  }
  RETURN_IF_ERROR(WriteFileAtomically(kept.string(), bytes));
  return kept.string();
}

struct ModelsOfRuns {
  const FindRun& find;
  Store& store;
  const Home& home;
  std::vector<Fault>& faults;

  void Replace(Json& value, const std::string& pointer) {
    if (value.is_array())
      for (size_t i = 0; i < value.size(); ++i) Replace(value[i], fmt::format("{}/{}", pointer, i));
    if (value.is_object())
      for (auto& [name, member] : value.items()) Replace(member, pointer + "/" + EscapePointer(name));
    if (!value.is_string() || !value.get_ref<const std::string&>().starts_with(kOfRun)) return;
    const std::string name = value.get<std::string>().substr(kOfRun.size());
    const absl::StatusOr<proto::RunSummary> run = find(name);
    const absl::StatusOr<std::string> path =
        run.ok() ? KeptModel(*run, store, home) : absl::StatusOr<std::string>(run.status());
    if (path.ok()) {
      value = *path;
      return;
    }
    faults.push_back(MakeFault(
        pointer, ShowJson(value),
        fmt::format("the name of a run that has a model ({})", std::string(path.status().message()))));
  }
};

}  // namespace

absl::StatusOr<std::string> WithModelsOfRuns(const std::string& spec_json, const FindRun& find, Store& store,
                                             const Home& home, std::vector<Fault>& faults) {
  if (spec_json.find("\"run:") == std::string::npos) return spec_json;  // nearly always
  Json spec = Json::parse(spec_json, nullptr, false);
  if (!spec.is_object()) return spec_json;  // its own check says what is wrong with it
  ModelsOfRuns models{.find = find, .store = store, .home = home, .faults = faults};
  for (const char* section : {"model", "recipe"})
    if (spec.contains(section)) models.Replace(spec[section], fmt::format("/{}", section));
  return spec.dump();
}

}  // namespace concertina
