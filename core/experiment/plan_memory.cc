// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_memory.cc: the memory of a rank (see plan_impl.h).
#include <algorithm>

#include "core/base/registry.h"
#include "core/experiment/plan_impl.h"
#include "core/experiment/plan_stages.h"
#include "core/nn/optimizer.h"
#include "core/tensor/batch_lanes.h"

namespace concertina {
namespace {

// Floats that the optimiser keeps for `parameters` of them. Asked of two small ones: a large one would take
// the memory that is only to be foretold.
absl::StatusOr<double> OptimizerFloats(const Spec& spec, int64_t parameters) {
  constexpr int64_t kProbe = 1024;
  double floats[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const auto optimizer, Registry::Global().Create<Optimizer>("optimizer", spec.optimizer));
    optimizer->Prepare({{.name = "probe", .shape = {kProbe * (i + 1)}, .count = kProbe * (i + 1)}});
    floats[i] = static_cast<double>(optimizer->state().size());
  }
  const double each = (floats[1] - floats[0]) / kProbe;
  return floats[0] + each * static_cast<double>(parameters - kProbe);
}

}  // namespace

absl::StatusOr<double> MemoryBytes(const Spec& spec, const StagePart& part, const Exchange& exchange,
                                   bool is_first) {
  const int64_t parameter_count = part.floats();
  const auto ranks = static_cast<int>(spec.mesh_data);
  // The last rank's share is as large as any. Where servers update, they do it for all.
  const int64_t share = TotalOf(exchange.Updates(part.layout, GradientOrder(part.layout), ranks - 1, ranks));
  ASSIGN_OR_RETURN(const double optimizer_floats, OptimizerFloats(spec, share > 0 ? share : parameter_count));
  const bool is_cut = spec.mesh_pipeline > 1;
  const int64_t micro_batches = is_cut ? spec.pipeline.Integer("micro_batches") : 1;
  const bool recomputes = is_cut && spec.pipeline.Boolean("recompute");
  const int64_t samples = spec.training.batch_size / micro_batches;
  const auto lanes = static_cast<double>(is_cut ? PaddedBatch(samples) : samples);
  double batch_floats = 0;
  for (size_t c = 0; c < part.pieces.size(); ++c) {
    const ActivationFloats floats = ActivationFloatsOf(part.pieces[c]);
    const auto under_way = static_cast<double>(part.under_way[c]);
    // Of the gradients of activations at most two live at a time: one is read while the next is written.
    batch_floats += lanes * 2 * floats.largest;
    batch_floats += lanes * (recomputes ? floats.all + under_way * (floats.input + floats.output)
                                        : under_way * floats.all);
    if (!is_first || c > 0) batch_floats += lanes * (under_way + 1) * floats.input;  // gradients on their way
    if (is_cut && is_first && c == 0)
      batch_floats += static_cast<double>(spec.training.batch_size) * floats.input;
  }
  const auto parameters = static_cast<double>(parameter_count);
  const double gradients = micro_batches > 1 ? 2 : 1;  // of a micro-batch, and their sum
  // An encoder keeps a residual and what it was given, for the measured error.
  double codec_bytes = 0;
  for (const ChainPart& chain : part.chains)
    if (chain.encoding)
      codec_bytes += 8 * static_cast<double>(chain.floats) + static_cast<double>(chain.encoding->bytes);
  // A checkpoint is copied first, and written from the copy.
  const double spare = spec.training.checkpoint_every_steps > 0
                           ? static_cast<double>(TotalOf(
                                 exchange.Keeps(part.layout, GradientOrder(part.layout), ranks - 1, ranks))) +
                                 optimizer_floats
                           : 0;
  return 4 * ((1 + gradients) * parameters + optimizer_floats + batch_floats + spare) + codec_bytes;
}

absl::StatusOr<double> CheckpointBytes(const Spec& spec, const StagePart& part, const Exchange& exchange) {
  const auto ranks = static_cast<int>(spec.mesh_data);
  const std::vector<int> order = GradientOrder(part.layout);
  const int64_t share = TotalOf(exchange.Updates(part.layout, order, ranks - 1, ranks));
  ASSIGN_OR_RETURN(const double optimizer_floats, OptimizerFloats(spec, share > 0 ? share : part.floats()));
  double floats = static_cast<double>(TotalOf(exchange.Keeps(part.layout, order, ranks - 1, ranks))) +
                  optimizer_floats + static_cast<double>(part.buffers());
  for (const ChainPart& chain : part.chains)
    if (chain.encoding) floats += static_cast<double>(chain.floats);
  return 4 * floats;
}

}  // namespace concertina
