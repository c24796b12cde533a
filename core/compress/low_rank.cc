// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// low_rank.cc: layers whose weight is nearly of low rank become two or three thin ones [cited below].
//   dense, 1 x 1 convolution:   W ~ (U_r S_r^1/2) (S_r^1/2 V_r^T)           NAME_a: in -> r, NAME_b: r -> out
//   k x k convolution:          W ~ C x_out U_out x_in U_in  (Tucker-2)     NAME_a: 1 x 1, in -> r_in,
//                               NAME_core: k x k, r_in -> r_out,            NAME_b: 1 x 1, r_out -> out
//   the same, by CP:            W ~ sum_r d_r x a_r x b_r x c_r             NAME_a: 1 x 1, in -> r,
//                               NAME_rows: k x 1, NAME_columns: 1 x k, each of r channels by itself,
//                                                                           NAME_b: 1 x 1, r -> out
// Among all of rank r the first is the nearest, ||W - W_r||^2 = sum_{i > r} sigma_i^2 [Eckart, Young.
// Psychometrika 1936]. U_out and U_in are the first left singular vectors of W unfolded along its outputs and
// inputs (HOSVD), C = W x_out U_out^T x_in U_in^T, and the error is at most the sum of what both drop [De
// Lathauwer, De Moor, Vandewalle. SIAM Journal on Matrix Analysis and Applications 2000]. A mode that keeps
// its full rank gets no layer. CP (cp_decomposition.h) has one rank for all modes, and fewer weights at it;
// what its iterations find can be hard to train further [Lebedev et al. ICLR 2015, section 6], so retrain it
// gently. Our convolutions have one padding and one stride for both sides: NAME_rows pads both, which without
// a bias leaves zeros where NAME_columns needs its padding, and only NAME_columns strides. So the result is
// exact, and a stride of s costs NAME_rows s^2 times what it might. Ranks: given, or the least that keep a
// share of the sum of squares, of Tucker's modes each by itself. (Kim et al. choose them by variational Bayes
// instead.) A layer that would not become smaller stays, and so does one whose weight or bias another layer
// has, too. On the way of the data: experiment/spec.h's recipe -> here (singular_values.h,
// cp_decomposition.h) -> compress/rewrite.h.
#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/cp_decomposition.h"
#include "core/compress/layer_choice.h"
#include "core/compress/rewrite.h"
#include "core/compress/singular_values.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// One of the thin layers that take a layer's place.
struct ThinLayer {
  std::string suffix;
  OpKind kind;
  Shape shape;  // of its weight
  std::vector<float> weight;
  Attributes attributes;
};

// Rows become the first r directions: U_r^T M, r x columns.
std::vector<float> ProjectRows(const RowDirections& directions, std::span<const float> matrix,
                               int64_t columns, int64_t r) {
  std::vector<float> projected;
  std::vector<double> row(static_cast<size_t>(columns));
  for (int64_t k = 0; k < r; ++k) {
    std::fill(row.begin(), row.end(), 0.0);
    for (int64_t i = 0; i < directions.rows; ++i) {
      const double u = directions.u[static_cast<size_t>(i * directions.rows + k)];
      const float* const from = matrix.data() + i * columns;
      for (int64_t j = 0; j < columns; ++j) row[static_cast<size_t>(j)] += u * from[j];
    }
    projected.insert(projected.end(), row.begin(), row.end());
  }
  return projected;
}

// The first r directions as columns, rows x r.
std::vector<float> FirstDirections(const RowDirections& directions, int64_t r) {
  std::vector<float> first;
  for (int64_t i = 0; i < directions.rows; ++i)
    for (int64_t k = 0; k < r; ++k)
      first.push_back(static_cast<float>(directions.u[static_cast<size_t>(i * directions.rows + k)]));
  return first;
}

// a x b x c to b x a x c.
std::vector<float> SwapFirstTwo(std::span<const float> x, int64_t a, int64_t b, int64_t c) {
  std::vector<float> swapped;
  swapped.reserve(x.size());
  for (int64_t j = 0; j < b; ++j)
    for (int64_t i = 0; i < a; ++i) {
      const auto from = x.begin() + (i * b + j) * c;
      swapped.insert(swapped.end(), from, from + c);
    }
  return swapped;
}

struct LowRankOptions {
  int64_t rank = 0;  // 0: by energy
  double energy = 0.9;
  bool is_cp = false;  // of k x k convolutions
  std::string layers;
};

class LowRank final : public Compressor {
 public:
  explicit LowRank(LowRankOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, options_.layers));
    std::map<ValueId, int> readers;
    std::set<std::string> names;
    for (const Node& node : graph.nodes()) {
      for (const ValueId id : node.inputs) ++readers[id];
      names.insert(node.name);
    }
    std::map<int, std::vector<ThinLayer>> plans;  // by node
    for (size_t place = 0; place < chosen.size(); ++place) {
      const int n = chosen[place];
      const Node& layer = graph.nodes()[static_cast<size_t>(n)];
      const std::string at = LayerText(place, chosen.size(), layer.name);
      RETURN_IF_ERROR(context.Tell(at));
      if (std::any_of(layer.inputs.begin() + 1, layer.inputs.end(),
                      [&](ValueId id) { return readers[id] > 1; }))
        continue;
      ASSIGN_OR_RETURN(std::vector<ThinLayer> thin, ThinLayersOf(graph, layer, context, at));
      size_t elements = 0;
      for (const ThinLayer& part : thin) elements += part.weight.size();
      if (thin.empty() || elements >= GivenOf(graph, layer.inputs[1]).size()) continue;
      for (const ThinLayer& part : thin)
        if (!names.insert(layer.name + part.suffix).second)
          return absl::InvalidArgumentError(
              fmt::format("layer \"{}\" would become layers of which \"{}\" is in the model already; rename "
                          "that, or choose other layers",
                          layer.name, layer.name + part.suffix));
      plans.emplace(n, std::move(thin));
    }
    return Replace(graph, plans);
  }

 private:
  absl::StatusOr<std::vector<ThinLayer>> ThinLayersOf(const Graph& graph, const Node& layer,
                                                      const CompressContext& context,
                                                      const std::string& at) const {
    const std::vector<float>& weight = GivenOf(graph, layer.inputs[1]);
    const Shape& shape = graph.value(layer.inputs[1]).shape;
    RETURN_IF_ERROR(CheckFiniteWeight(layer.name, weight));
    const bool is_matrix = ElementCount(shape) == shape[0] * shape[1];
    if (options_.is_cp && !is_matrix) return Cp(weight, shape, layer, context, at);
    const int64_t full = std::min(shape[0], ElementCount(shape) / shape[0]);
    if (options_.rank > full)
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\": its weight of {} has at most rank {}, and {} was asked for; take a lower "
          "rank, an energy instead, or other layers",
          layer.name, ShapeText(shape), full, options_.rank));
    return is_matrix ? TwoFactors(weight, shape, layer) : Tucker2(weight, shape, layer);
  }

  int64_t RankOf(const RowDirections& directions) const {
    return options_.rank > 0 ? std::min(options_.rank, directions.rows)
                             : RankOfEnergy(directions.sigma, options_.energy);
  }

  // The shorter side is decomposed, and the other factor follows from it.
  std::vector<ThinLayer> TwoFactors(const std::vector<float>& weight, const Shape& shape,
                                    const Node& layer) const {
    const int64_t out = shape[0], in = shape[1];
    const bool by_outputs = out <= in;
    const std::vector<float> matrix = by_outputs ? weight : SwapFirstTwo(weight, out, in, 1);
    const int64_t rows = std::min(out, in), columns = std::max(out, in);
    const RowDirections directions = DirectionsOfRows(matrix, rows, columns);
    const int64_t r = RankOf(directions);
    std::vector<float> first = FirstDirections(directions, r);              // rows x r
    std::vector<float> rest = ProjectRows(directions, matrix, columns, r);  // r x columns: sigma v^T
    // Both factors get the root of sigma: of one size, they train at one learning rate.
    for (int64_t k = 0; k < r; ++k) {
      const double sigma = directions.sigma[static_cast<size_t>(k)], root = std::sqrt(sigma);
      const bool is_rounding = sigma <= 1e-8 * directions.sigma[0];
      for (int64_t i = 0; i < rows; ++i) first[static_cast<size_t>(i * r + k)] *= static_cast<float>(root);
      for (int64_t j = 0; j < columns; ++j) {
        float& x = rest[static_cast<size_t>(k * columns + j)];
        x = is_rounding ? 0.0F : static_cast<float>(x / root);
      }
    }
    ThinLayer a{
        .suffix = "_a", .kind = layer.kind, .shape = shape, .weight = {}, .attributes = layer.attributes};
    ThinLayer b{.suffix = "_b", .kind = layer.kind, .shape = shape, .weight = {}, .attributes = {}};
    a.shape[0] = r;
    b.shape[1] = r;
    a.weight = by_outputs ? std::move(rest) : SwapFirstTwo(first, rows, r, 1);
    b.weight = by_outputs ? std::move(first) : SwapFirstTwo(rest, r, columns, 1);
    a.attributes.activation = Activation::kNone;  // a convolution's stride and padding stay with the first
    if (layer.kind == OpKind::kConv2d) b.attributes.kernel = 1;
    b.attributes.activation = layer.attributes.activation;
    return {std::move(a), std::move(b)};
  }

  std::vector<ThinLayer> Tucker2(const std::vector<float>& weight, const Shape& shape,
                                 const Node& layer) const {
    const int64_t out = shape[0], in = shape[1], taps = shape[2] * shape[3];
    const RowDirections outputs = DirectionsOfRows(weight, out, in * taps);
    const std::vector<float> by_inputs = SwapFirstTwo(weight, out, in, taps);
    const RowDirections inputs = DirectionsOfRows(by_inputs, in, out * taps);
    const int64_t r_out = RankOf(outputs), r_in = RankOf(inputs);
    std::vector<ThinLayer> thin;
    std::vector<float> core = weight;
    if (r_in < in) {
      thin.push_back({.suffix = "_a",
                      .kind = OpKind::kConv2d,
                      .shape = {r_in, in, 1, 1},
                      .weight = SwapFirstTwo(FirstDirections(inputs, r_in), in, r_in, 1),
                      .attributes = {.kernel = 1}});
      core = SwapFirstTwo(ProjectRows(inputs, by_inputs, out * taps, r_in), r_in, out, taps);
    }
    if (r_out < out) core = ProjectRows(outputs, core, r_in * taps, r_out);
    thin.push_back({.suffix = "_core",
                    .kind = OpKind::kConv2d,
                    .shape = {r_out, r_in, shape[2], shape[3]},
                    .weight = std::move(core),
                    .attributes = layer.attributes});
    thin.back().attributes.activation = Activation::kNone;
    if (r_out < out)
      thin.push_back({.suffix = "_b",
                      .kind = OpKind::kConv2d,
                      .shape = {out, r_out, 1, 1},
                      .weight = FirstDirections(outputs, r_out),
                      .attributes = {.kernel = 1}});
    thin.back().attributes.activation = layer.attributes.activation;
    return thin;
  }

  // None, where no rank that makes the layer smaller keeps the energy.
  absl::StatusOr<std::vector<ThinLayer>> Cp(const std::vector<float>& weight, const Shape& shape,
                                            const Node& layer, const CompressContext& context,
                                            const std::string& at) const {
    const int64_t out = shape[0], in = shape[1], height = shape[2], width = shape[3];
    const int64_t most = (ElementCount(shape) - 1) / (out + in + height + width);
    const std::string stream = "cp " + layer.name;
    if (options_.rank > most) return std::vector<ThinLayer>();
    int iteration = 0;
    const CpTask task{.weight = weight,
                      .shape = shape,
                      .seed = context.seed,
                      .stream = stream,
                      .went_on = [&](int64_t rank) {
                        return context.Tell(fmt::format("{}: {} products of at most {}, iteration {}", at,
                                                        rank, most, ++iteration));
                      }};
    ASSIGN_OR_RETURN(CpFactors factors, options_.rank > 0 ? DecomposeCp(task, options_.rank)
                                                          : DecomposeCpByEnergy(task, options_.energy, most));
    const int64_t r = factors.rank;
    if (r < 1) return std::vector<ThinLayer>();
    std::vector<ThinLayer> thin;
    thin.push_back({.suffix = "_a",
                    .kind = OpKind::kConv2d,
                    .shape = {r, in, 1, 1},
                    .weight = std::move(factors.in),
                    .attributes = {.kernel = 1}});
    thin.push_back({.suffix = "_rows",
                    .kind = OpKind::kDepthwiseConv2d,
                    .shape = {r, 1, height, 1},
                    .weight = std::move(factors.rows),
                    .attributes = {.padding = layer.attributes.padding}});
    thin.push_back({.suffix = "_columns",
                    .kind = OpKind::kDepthwiseConv2d,
                    .shape = {r, 1, 1, width},
                    .weight = std::move(factors.columns),
                    .attributes = {.stride = layer.attributes.stride}});
    thin.push_back({.suffix = "_b",
                    .kind = OpKind::kConv2d,
                    .shape = {out, r, 1, 1},
                    .weight = std::move(factors.out),
                    .attributes = {.kernel = 1, .activation = layer.attributes.activation}});
    return thin;
  }

  static absl::StatusOr<Graph> Replace(const Graph& graph,
                                       const std::map<int, std::vector<ThinLayer>>& plans) {
    std::map<ValueId, int> node_of_weight, node_of_bias;
    for (const auto& [n, thin] : plans) {
      const Node& layer = graph.nodes()[static_cast<size_t>(n)];
      node_of_weight[layer.inputs[1]] = n;
      if (layer.inputs.size() > 2) node_of_bias[layer.inputs[2]] = n;
    }
    std::map<int, std::vector<ValueId>> weights_of;
    RewriteHooks hooks;
    hooks.value = [&](Rewriter& rewriter, ValueId id) {
      Value value = graph.value(id);
      if (const auto bias = node_of_bias.find(id); bias != node_of_bias.end())
        value.name = graph.nodes()[static_cast<size_t>(bias->second)].name +
                     plans.at(bias->second).back().suffix + ".bias";
      const auto weight = node_of_weight.find(id);
      if (weight == node_of_weight.end()) return rewriter.Put(std::move(value));
      // What held of the weight does not hold of factors.
      value.hold = Hold::kNothing;
      value.quantization.reset();
      for (const ThinLayer& part : plans.at(weight->second)) {
        value.name = graph.nodes()[static_cast<size_t>(weight->second)].name + part.suffix + ".weight";
        value.shape = part.shape;
        value.given = std::make_shared<const std::vector<float>>(part.weight);
        weights_of[weight->second].push_back(rewriter.Put(value));
      }
      return ValueId{-1};
    };
    hooks.node = [&](Rewriter& rewriter, int n) -> absl::StatusOr<ValueId> {
      const Node& node = graph.nodes()[static_cast<size_t>(n)];
      const auto plan = plans.find(n);
      if (plan == plans.end()) return rewriter.Copy(node, node.attributes);
      ValueId last = rewriter.At(node.inputs[0]);
      for (size_t i = 0; i < plan->second.size(); ++i) {
        const ThinLayer& part = plan->second[i];
        std::vector<ValueId> inputs = {last, weights_of.at(n)[i]};
        if (i + 1 == plan->second.size() && node.inputs.size() > 2)
          inputs.push_back(rewriter.At(node.inputs[2]));
        ASSIGN_OR_RETURN(
            last, rewriter.Add(part.kind, node.name + part.suffix, std::move(inputs), part.attributes));
      }
      return last;
    };
    return RewriteGraph(graph, hooks);
  }

  const LowRankOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "low-rank",
         .title = "Low rank",
         .summary =
             "A dense layer becomes two thin ones (singular values), a convolution up to three "
             "(Tucker) or four (CP): fewer weights and fewer multiplications wherever a layer has "
             "many outputs that are nearly sums of few. Layers that would not become smaller stay. What was "
             "pruned or quantised before is lost, so this comes first; retrain afterwards.",
         .citation =
             "Denton et al. Exploiting Linear Structure Within Convolutional Networks. NIPS 2014; "
             "Kim et al. Compression of Deep Convolutional Neural Networks for Fast and Low Power "
             "Mobile Applications. ICLR 2016; Lebedev et al. Speeding-up Convolutional Neural Networks "
             "Using Fine-tuned CP-Decomposition. ICLR 2015",
         .params =
             {{.name = "rank",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 65536,
               .doc = "Of every chosen layer; of a convolution both ranks, the first at most its "
                      "number of inputs; of CP the number of products. 0: by energy."},
              {.name = "energy",
               .default_value = 0.9,
               .minimum = 1e-6,
               .maximum = 1,
               .doc =
                   "Share of the sum of the squared singular values that is kept, where no rank "
                   "is given; of a convolution, along its outputs and along its inputs, or by CP of all its "
                   "weights."},
              {.name = "convolutions",
               .type = ParamType::kChoice,
               .default_value = "tucker",
               .choices = {"tucker", "cp"},
               .doc = "How one larger than 1 x 1 becomes thin. Tucker: 1 x 1, a smaller one, 1 x 1. CP: 1 x "
                      "1, then k x 1 and 1 x k of each channel by itself, 1 x 1: fewer weights at one rank, "
                      "found by iterations that take seconds for a layer of 64 channels; the two in the "
                      "middle are computed "
                      "in floats."},
              LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<LowRank>(LowRankOptions{.rank = params.Integer("rank"),
                                                      .energy = params.Number("energy"),
                                                      .is_cp = params.Text("convolutions") == "cp",
                                                      .layers = params.Text("layers")});
    });

}  // namespace
}  // namespace concertina
