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
  if (!made.ok()) return Recovery::kResumes;  // CheckSpec has said why
  const Exchange& exchange = **made;
  const bool is_whole = spec.mesh_pipeline * spec.mesh_tensor == 1;
  if (is_whole && exchange.survives_loss()) return Recovery::kGoesOn;
  // Between steps every rank has the same parameters and the same state of the optimiser, and the recipe's
  // stretches (worker/recipe_loop.h) have more than that.
  const bool is_same_on_all = exchange.lockstep() && exchange.averages_in_buckets() &&
                              exchange.averages_on_every_rank() && exchange.servers() == 0 &&
                              !exchange.rounds();
  if (!is_whole || !is_same_on_all || !spec.recipe.empty()) return Recovery::kResumes;
  return spec.elastic ? Recovery::kRegroups : Recovery::kCould;
}

std::string RecoveryName(Recovery recovery) {
  switch (recovery) {
    case Recovery::kGoesOn:
      return "goes-on";
    case Recovery::kRegroups:
      return "regroups";
    case Recovery::kResumes:
    case Recovery::kCould:
      break;
  }
  return "resumes";
}

std::string RecoveryText(const Spec& spec) {
  const std::string resumes = spec.training.checkpoint_every_steps == 0 && spec.recipe.empty()
                                  ? "the run ends, and writes no checkpoints to go on from "
                                    "(/training/checkpoint_every_steps)"
                              : spec.training.resume_after_failure > 0
                                  ? "the run ends, and goes on from its last checkpoint by itself"
                                  : "the run ends, and goes on from its last checkpoint when it is resumed";
  switch (RecoveryOf(spec)) {
    case Recovery::kGoesOn:
      return fmt::format("When a worker is lost the others go on: the exchange \"{}\" can spare it.",
                         spec.exchange.kind());
    case Recovery::kRegroups:
      return fmt::format("When a worker is lost the others form a new group and go on from memory, {}.",
                         spec.elastic->replaces
                             ? "and take in another one once it is there"
                             : fmt::format("as long as {} {} left", spec.elastic->min_workers,
                                           spec.elastic->min_workers == 1 ? "is" : "are"));
    case Recovery::kCould:
      return fmt::format("When a worker is lost {}; with \"elastic\" the others would go on.", resumes);
    case Recovery::kResumes:
      break;
  }
  return fmt::format("When a worker is lost {}: no other has what it had.", resumes);
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
