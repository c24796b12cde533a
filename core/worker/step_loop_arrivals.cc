// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_arrivals.cc: when this rank comes to the collectives of a step (see step_loop.h).
// On the way of the data: parallel/arrival_book.h -> here -> worker/arrival_series.h.
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

// Names end with where a group of ranks is among those that do the same.
void StepLoop::Impl::PrepareArrivals(ExchangeContext& context) {
  if (is_server() || is_apart() || exchange->rounds() || mesh->size() == 1) return;
  arrivals.emplace();
  context.arrivals = &*arrivals;
  const auto [copy, stage, part] = mesh->CoordinatesOf(options.rank);
  const auto of = [this](MeshAxis axis, const char* name, int coordinate) {
    return mesh->length(axis) == 1 ? std::string() : fmt::format("-{}{}", name, coordinate);
  };
  const std::string of_copy = of(MeshAxis::kData, "copy", copy);
  const std::string of_stage = of(MeshAxis::kPipeline, "stage", stage);
  const std::string of_part = of(MeshAxis::kTensor, "part", part);
  context.arrivals_group = of_stage + of_part;
  if (tensor->size() > 1) tensor->SetArrivals(*arrivals, of_copy + of_stage);
  if (pipeline != nullptr) pipeline->SetArrivals(*arrivals, of_copy + of_part);
}

void StepLoop::Impl::EndArrivals(const ExchangeCost& cost, double update_seconds) {
  if (!arrivals) return;
  arrivals->End(cost.decode_seconds, update_seconds);
  // The first step of each period in which ranks met: who averages every few steps does so at none of a fixed
  // period.
  const int64_t period = step / options.spec.training.measure_every_steps;
  if (!arrival_series || period == arrivals_period || !arrivals->any_arrived()) return;
  arrival_series->Record(*arrivals, step, origin, Seconds(), recorder);
  arrivals_period = period;
}

}  // namespace concertina
