// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_step_file.cc: see recipe_step_file.h.
#include "core/engine/recipe_step_file.h"

#include <filesystem>

#include "core/analysis/step_detail.h"
#include "core/base/file.h"
#include "core/engine/run_query.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

absl::StatusOr<std::string> ReadRecipeStep(const std::string& run_folder, const proto::RunSummary& run,
                                           int64_t index) {
  if (index < 0)
    return absl::InvalidArgumentError(
        fmt::format("step {}: steps of a recipe are counted from 0, the model as it was trained", index));
  const nlohmann::json spec = nlohmann::json::parse(run.spec_json(), nullptr, false);
  const auto recipe = spec.is_object() ? spec.find("recipe") : spec.end();
  const auto steps = spec.is_object() && recipe != spec.end() && recipe->is_array()
                         ? static_cast<int64_t>(recipe->size())
                         : 0;
  if (steps == 0)
    return absl::NotFoundError(fmt::format(
        "run {} has no recipe, and so no steps of one; `concertinactl compress {}` gives its model to one",
        run.run(), run.run()));
  if (index > steps)
    return absl::NotFoundError(fmt::format("the recipe of run {} has {} step{}: there is no step {}",
                                           run.run(), steps, steps == 1 ? "" : "s", index));
  const std::string path = run_folder + "/" + StepDetailFileName(index);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    const bool ended =
        run.state() == proto::FINISHED || run.state() == proto::FAILED || run.state() == proto::STOPPED;
    if (!ended)
      return absl::NotFoundError(fmt::format("run {} is {} and has not come to step {} of its recipe yet",
                                             run.run(), RunStateName(run.state()), index));
    return absl::NotFoundError(
        fmt::format("run {} is {}, and of step {} of its recipe nothing was kept: {}", run.run(),
                    RunStateName(run.state()), index,
                    run.state() == proto::FINISHED
                        ? "an earlier version of the program made it; run it again to look into its steps"
                        : "it did not come so far"));
  }
  ASSIGN_OR_RETURN(std::string text, ReadFile(path, kMostDetailBytes));
  const absl::StatusOr<StepDetail> detail = ReadStepDetail(text);
  if (!detail.ok()) return Annotate(detail.status(), path);
  if (detail->index != index)
    return absl::DataLossError(fmt::format("{}: it is of step {}, expected {}", path, detail->index, index));
  return text;
}

}  // namespace concertina
