// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elastic.cc: see elastic.h.
#include "core/experiment/elastic.h"

#include "core/base/registry.h"
#include "core/parallel/exchange.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {
using Ordered = nlohmann::ordered_json;  // a file keeps the order of its fields
}

Recovery RecoveryOf(const Spec& spec) {
  const auto made = Registry::Global().Create<Exchange>("exchange", spec.exchange);
  if (!made.ok()) return Recovery::kFails;  // CheckSpec has said why
  const Exchange& exchange = **made;
  const bool is_whole = spec.mesh_pipeline * spec.mesh_tensor == 1;
  if (is_whole && exchange.survives_loss()) return Recovery::kGoesOn;
  if (!spec.elastic) return Recovery::kFails;
  // Between steps every rank has the same parameters and the same state of the optimiser, and the recipe's
  // stretches (worker/recipe_loop.h) have more than that.
  const bool is_same_on_all = exchange.lockstep() && exchange.averages_in_buckets() &&
                              exchange.averages_on_every_rank() && exchange.servers() == 0 &&
                              !exchange.rounds();
  return is_whole && is_same_on_all && spec.recipe.empty() ? Recovery::kRegroups : Recovery::kRestarts;
}

std::string RecoveryName(Recovery recovery) {
  switch (recovery) {
    case Recovery::kFails:
      return "fails";
    case Recovery::kGoesOn:
      return "goes-on";
    case Recovery::kRegroups:
      return "regroups";
    case Recovery::kRestarts:
      return "restarts";
  }
  return "";
}

std::string RecoveryText(const Spec& spec) {
  switch (RecoveryOf(spec)) {
    case Recovery::kFails:
      return "A worker that is lost ends the run; \"elastic\" lets it go on.";
    case Recovery::kGoesOn:
      return fmt::format("The other workers go on when one is lost: the exchange \"{}\" can spare it.",
                         spec.exchange.kind());
    case Recovery::kRegroups:
      return fmt::format("When a worker is lost the others form a new group and go on from memory, {}.",
                         spec.elastic->replaces
                             ? "and take in another one once it is there"
                             : fmt::format("as long as {} {} left", spec.elastic->min_workers,
                                           spec.elastic->min_workers == 1 ? "is" : "are"));
    case Recovery::kRestarts:
      return fmt::format(
          "When a worker is lost all start again from the last checkpoint, at most {} times: no other has "
          "what it had.{}",
          spec.elastic->restarts,
          spec.training.checkpoint_every_steps == 0
              ? " No checkpoints are written: set /training/checkpoint_every_steps."
              : "");
  }
  return "";
}

std::vector<std::string> EntriesByRank(const Spec& spec) {
  std::vector<std::string> entries;
  const Ordered json = Ordered::parse(spec.json);
  for (const Ordered& entry : json.at("workers"))
    entries.insert(entries.end(), entry.at("count").get<size_t>(), entry.dump());
  return entries;
}

absl::StatusOr<Spec> SpecForGroup(const Spec& spec, const std::vector<std::string>& entries) {
  Ordered json = Ordered::parse(spec.json);
  Ordered workers = Ordered::array();
  for (const std::string& text : entries) {
    Ordered entry = Ordered::parse(text);
    entry["count"] = workers.empty() ? Ordered(1) : workers.back()["count"];
    if (!workers.empty() && workers.back() == entry) {
      workers.back()["count"] = entry["count"].get<int64_t>() + 1;
      continue;
    }
    entry["count"] = 1;
    workers.push_back(std::move(entry));
  }
  json["workers"] = std::move(workers);
  json["mesh"]["data"] = entries.size();
  if (spec.elastic && spec.elastic->base_workers == 0) json["elastic"]["base_workers"] = spec.worker_count();
  SpecCheck check = CheckSpec(json.dump());
  if (!check.faults.empty())
    return absl::FailedPreconditionError(
        fmt::format("with {} workers the experiment is none: {}", entries.size(), check.faults[0].message));
  return std::move(check.spec);
}

double LearningRateScale(const Spec& spec) {
  if (!spec.elastic || !spec.elastic->scales_learning_rate || spec.elastic->base_workers == 0) return 1;
  return static_cast<double>(spec.mesh_data) / static_cast<double>(spec.elastic->base_workers);
}

}  // namespace concertina
