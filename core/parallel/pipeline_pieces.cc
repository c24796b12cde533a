// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_pieces.cc: the pieces of a model that stages hold, and what crosses the cuts between them (see
// pipeline_executor.h).
// On the way of the data: graph/cut.h -> here -> parallel/pipeline_executor.cc, experiment/plan.cc.
#include "core/graph/cut.h"
#include "core/parallel/pipeline_executor.h"
#include "core/tensor/batch_lanes.h"
#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::vector<Graph>> CutIntoPieces(const Graph& graph, const std::string& cuts,
                                                 const PipelineSchedule& schedule, int stages) {
  const int count = stages * schedule.chunks();
  const absl::StatusOr<std::vector<int>> nodes = CutsOf(graph, cuts, count);
  if (!nodes.ok())
    return schedule.chunks() == 1
               ? nodes.status()
               : Annotate(nodes.status(), fmt::format("{} stages of {} chunks are like {} stages", stages,
                                                      schedule.chunks(), count));
  std::vector<Graph> pieces;
  for (int k = 0; k < count; ++k) {
    ASSIGN_OR_RETURN(Graph piece, CutStage(graph, *nodes, k));
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::vector<Graph> PiecesOfStage(const std::vector<Graph>& pieces, int stage, int stages) {
  std::vector<Graph> own;
  for (auto k = static_cast<size_t>(stage); k < pieces.size(); k += static_cast<size_t>(stages))
    own.push_back(pieces[k]);
  return own;
}

Pattern PipelinePattern(const std::vector<Graph>& pieces, int stages, int64_t batch_size, int micro_batches,
                        const Codec* codec) {
  Pattern pattern;
  if (stages < 2) return pattern;
  // Lanes beyond the micro-batch travel too: an activation is one contiguous span.
  const int64_t lanes = PaddedBatch(batch_size / micro_batches);
  const auto add = [&](int from, int to, double bytes, int messages) {
    for (Flow& flow : pattern.flows)
      if (flow.from == from && flow.to == to) {
        flow.bytes += bytes;
        flow.messages += messages;
        return;
      }
    pattern.flows.push_back({from, to, bytes, static_cast<double>(messages)});
  };
  for (size_t k = 0; k + 1 < pieces.size(); ++k) {
    const int from = static_cast<int>(k) % stages, to = (from + 1) % stages;
    const int64_t floats = lanes * ElementCount(pieces[k].value(pieces[k].prediction()).shape);
    const double bytes = static_cast<double>(micro_batches) *
                         static_cast<double>(codec == nullptr ? floats * static_cast<int64_t>(sizeof(float))
                                                              : codec->MaxPayloadBytes(floats));
    add(from, to, bytes, micro_batches);
    add(to, from, bytes, micro_batches);
  }
  for (int s = 1; s < stages; ++s) add(s, s - 1, sizeof(double), 1);  // the loss
  // One micro-batch's way to the last piece and back.
  pattern.rounds = 2.0 * (static_cast<double>(pieces.size()) - 1);
  return pattern;
}

}  // namespace concertina
