// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codebook.cc: weights that share few values [Han, Mao, Dally. Deep Compression. ICLR 2016, section 3].
//   min over C and assignments of sum (w - c(w))^2,  |C| = 2^bits      k-means in one dimension (Lloyd 1982)
// The entries begin evenly spread from the smallest to the largest weight, which the paper found best: what
// is rare and large matters most. Weights that are zero stay out: they are pruned. On the way of the data:
// experiment/spec.h's recipe -> here -> edge/model_file.h (a table and an index each), and retraining, which
// moves the entries (nn/held_optimizer.h).
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int kMostRounds = 200;

// Sorted entries of least squared error for sorted values. An entry that no value is nearest to stays where
// it is.
std::vector<float> EntriesOf(const std::vector<float>& sorted, int entries) {
  std::vector<double> centre(static_cast<size_t>(entries));
  const double least = sorted.front(), most = sorted.back();
  for (int i = 0; i < entries; ++i)
    centre[static_cast<size_t>(i)] = least + (most - least) * i / std::max(entries - 1, 1);
  std::vector<double> sums(sorted.size() + 1);  // of the first so many
  for (size_t i = 0; i < sorted.size(); ++i) sums[i + 1] = sums[i] + sorted[i];
  for (int round = 0; round < kMostRounds; ++round) {
    bool moved = false;
    size_t begin = 0;
    for (size_t c = 0; c < centre.size(); ++c) {
      // In one dimension what is nearest to an entry is an interval, up to half way to the next.
      const double border =
          c + 1 < centre.size() ? (centre[c] + centre[c + 1]) / 2 : std::numeric_limits<double>::max();
      const auto end = static_cast<size_t>(
          std::upper_bound(sorted.begin() + static_cast<std::ptrdiff_t>(begin), sorted.end(), border) -
          sorted.begin());
      if (end > begin) {
        const double mean = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
        moved |= mean != centre[c];
        centre[c] = mean;
      }
      begin = end;
    }
    std::sort(centre.begin(), centre.end());
    if (!moved) break;
  }
  return {centre.begin(), centre.end()};
}

float NearestEntry(const std::vector<float>& entries, float x) {
  const auto after = std::lower_bound(entries.begin(), entries.end(), x);
  if (after == entries.begin()) return *after;
  if (after == entries.end()) return entries.back();
  return x - *(after - 1) <= *after - x ? *(after - 1) : *after;
}

class Codebook final : public Compressor {
 public:
  Codebook(int bits, std::string layers) : bits_(bits), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, layers_));
    Graph compressed = graph;
    for (size_t place = 0; place < chosen.size(); ++place) {
      const Node& node = graph.nodes()[static_cast<size_t>(chosen[place])];
      RETURN_IF_ERROR(context.Tell(LayerText(place, chosen.size(), node.name)));
      const ValueId id = node.inputs[1];
      std::vector<float> weight = GivenOf(graph, id);
      RETURN_IF_ERROR(CheckFiniteWeight(node.name, weight));
      std::vector<float> sorted;
      std::copy_if(weight.begin(), weight.end(), std::back_inserter(sorted), [](float w) { return w != 0; });
      if (sorted.empty()) continue;
      std::sort(sorted.begin(), sorted.end());
      const std::vector<float> entries = EntriesOf(sorted, 1 << bits_);
      for (float& w : weight) w = w == 0 ? 0.0F : NearestEntry(entries, w);
      Give(compressed, id, std::move(weight));
      Value& value = compressed.mutable_value(id);
      value.hold = Hold::kShared;
      value.quantization.reset();
    }
    return compressed;
  }

 private:
  const int bits_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "codebook",
         .title = "Shared weights (k-means)",
         .summary =
             "All weights of a layer become one of 2^bits values, found by k-means: the file has a table "
             "and an index a weight. Retrained, the values move together. The arithmetic is that of "
             "floats.",
         .citation =
             "Han, Mao, Dally. Deep Compression: Compressing Deep Neural Networks with Pruning, Trained "
             "Quantization and Huffman Coding. ICLR 2016",
         .params = {{.name = "bits",
                     .type = ParamType::kInteger,
                     .unit = "bits",
                     .default_value = 5,
                     .minimum = 1,
                     .maximum = 8,
                     .doc =
                         "Of an index: 5 are 32 values. The paper takes 8 for convolutions and 5 for dense "
                         "layers of large models, and 6 and 5 or less here."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Codebook>(static_cast<int>(params.Integer("bits")), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
