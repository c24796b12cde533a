// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime.cc: chooses a kernel for each node once, and then only calls them (see runtime.h, runtime_impl.h).
#include "core/edge/runtime.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "core/edge/runtime_impl.h"
#include "core/graph/fold_batch_norm.h"
#include "fmt/format.h"

namespace concertina {

std::optional<edge::ByteGrid> edge::ByteGridOf(const Value& value) {
  if (!value.quantization) return std::nullopt;
  const Quantization& q = *value.quantization;
  if (q.bits < 1 || q.bits > 8 || q.is_signed || q.scales.size() != 1) return std::nullopt;
  return ByteGrid{q.scales[0], q.zero_point, (1 << q.bits) - 1};
}

const float* EdgeModel::Impl::FloatsOf(ValueId id) {
  Place& at = place(id);
  if (at.floats == nullptr) {
    at.floats = Floats(at.count);
    Convert("dequantize", [at] {
      edge::DequantizeBytes({at.bytes, edge::Index(at.count)}, at.grid.scale, at.grid.zero_point, at.floats);
    });
  }
  return at.floats;
}

float* EdgeModel::Impl::Written(ValueId id) {
  Place& at = place(id);
  at.count = CountOf(id);
  return at.floats = Floats(at.count);
}

void EdgeModel::Impl::Finish(ValueId id) {
  told.push_back({steps.size(), id});
  const std::optional<edge::ByteGrid> grid = edge::ByteGridOf(graph.value(id));
  if (!grid) return;
  const float* const raw = std::exchange(place(id).floats, nullptr);
  WrittenBytes(id, *grid);
  Quantize(raw, place(id));
}

uint8_t* EdgeModel::Impl::WrittenBytes(ValueId id, edge::ByteGrid grid) {
  Place& at = place(id);
  at.count = CountOf(id);
  at.grid = grid;
  return at.bytes = Bytes(at.count);
}

void EdgeModel::Impl::Quantize(const float* from, const Place& to) {
  Convert("quantize", [from, to] {
    edge::QuantizeBytes({from, edge::Index(to.count)}, to.grid.scale, to.grid.zero_point, to.grid.most,
                        to.bytes);
  });
}

void EdgeModel::Impl::Alias(ValueId id, ValueId of) {
  const std::optional<edge::ByteGrid> grid = edge::ByteGridOf(graph.value(id));
  if (!grid || (HasBytes(of) && place(of).grid == *grid)) {
    place(id) = place(of);
    return;
  }
  const float* const from = FloatsOf(of);
  WrittenBytes(id, *grid);
  Quantize(from, place(id));
}

absl::Status EdgeModel::Impl::Add(const Node& node) {
  const bool has_weight =
      node.kind == OpKind::kDense || node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d;
  layer = node.name;
  weight = has_weight ? graph.value(node.inputs[1]).name : std::string();
  work = OpKindName(node.kind);
  switch (node.kind) {
    case OpKind::kDense:
      AddDense(node);
      return absl::OkStatus();
    case OpKind::kConv2d:
      return AddConvolution(node);
    case OpKind::kDepthwiseConv2d:
      return AddDepthwise(node);
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d:
      AddPool(node);
      return absl::OkStatus();
    case OpKind::kGlobalAveragePool:
      AddGlobalPool(node);
      return absl::OkStatus();
    case OpKind::kBatchNorm:
      AddBatchNorm(node);
      return absl::OkStatus();
    case OpKind::kRelu:
    case OpKind::kTanh:
    case OpKind::kSigmoid:
    case OpKind::kGelu:
      AddActivation(node);
      return absl::OkStatus();
    case OpKind::kAdd:
      AddSum(node);
      return absl::OkStatus();
    case OpKind::kReshape:
    case OpKind::kDropout:  // nothing in evaluation
      Alias(node.output, node.inputs[0]);
      return absl::OkStatus();
    case OpKind::kSoftmaxCrossEntropy:
    case OpKind::kMeanSquaredError:
    case OpKind::kDistillation:
    case OpKind::kFakeQuantize:
    case OpKind::kCopyToTensor:
    case OpKind::kReduceFromTensor:
      break;
  }
  return absl::InvalidArgumentError(
      fmt::format("layer \"{}\" ({}) cannot run here: only a whole model can, up to its prediction",
                  node.name, OpKindName(node.kind)));
}

// Bytes less the zero point are the kernels' numbers from -255 to 255, and floats are divided by the scale.
absl::Status EdgeModel::Impl::CheckGrids(const std::set<ValueId>& needed) const {
  const auto check = [&](ValueId id, const std::string& what) -> absl::Status {
    const std::optional<edge::ByteGrid> grid = edge::ByteGridOf(graph.value(id));
    if (!grid || (grid->scale >= std::numeric_limits<float>::min() && std::isfinite(grid->scale) &&
                  grid->zero_point >= 0 && grid->zero_point <= 255))
      return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "layer \"{}\": its output has a grid with the scale {} and its zero at {}, expected a scale "
        "above 0 that can be divided by, and a zero from 0 to 255",
        what, grid->scale, grid->zero_point));
  };
  RETURN_IF_ERROR(check(graph.input(), "input"));
  for (const Node& node : graph.nodes())
    if (needed.contains(node.output)) RETURN_IF_ERROR(check(node.output, node.name));
  return absl::OkStatus();
}

absl::Status EdgeModel::Impl::CheckRoom(const std::set<ValueId>& needed) const {
  constexpr double kMiB = 1 << 20, kMostMiB = 1024;
  double mib = static_cast<double>(CountOf(graph.input())) * 5 / kMiB;  // a float and a byte each
  for (const Node& node : graph.nodes()) {
    if (!needed.contains(node.output) || node.kind == OpKind::kReshape || node.kind == OpKind::kDropout)
      continue;
    mib += static_cast<double>(CountOf(node.output)) * 5 / kMiB;
    if (node.kind == OpKind::kConv2d) mib += PreparedMost(node) * 4 / kMiB;
    if (!(mib <= kMostMiB))
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\": with it the model needs {:.0f} MiB for the activations of one sample, of {} "
          "here, expected at most {:.0f}",
          node.name, mib, ShapeText(graph.value(node.output).shape), kMostMiB));
  }
  return absl::OkStatus();
}

absl::Status EdgeModel::Impl::Prepare() {
  if (graph.input() < 0 || graph.prediction() < 0)
    return absl::InvalidArgumentError("the model has no input or no prediction, and nothing to run");
  std::set<ValueId> needed = {graph.prediction()};
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
    if (needed.contains(node->output)) needed.insert(node->inputs.begin(), node->inputs.end());
  for (const ValueId id : needed) {
    const Value& value = graph.value(id);
    const bool is_kept = value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer;
    if (is_kept && (value.given == nullptr || static_cast<int64_t>(value.given->size()) != CountOf(id)))
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" has no values: only a model that was trained, or read from a file, can run", value.name));
  }
  RETURN_IF_ERROR(CheckGrids(needed));
  RETURN_IF_ERROR(CheckRoom(needed));
  layer = "input";
  input = Written(graph.input());
  Finish(graph.input());
  for (const Node& node : graph.nodes())
    if (needed.contains(node.output)) RETURN_IF_ERROR(Add(node));
  layer = "prediction";
  weight.clear();
  prediction = FloatsOf(graph.prediction());
  return absl::OkStatus();
}

EdgeModel::EdgeModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EdgeModel::~EdgeModel() = default;

absl::StatusOr<std::unique_ptr<EdgeModel>> EdgeModel::Create(const Graph& graph, const EdgeOptions& options) {
  ASSIGN_OR_RETURN(const Graph folded, FoldBatchNorm(graph));
  auto impl = std::make_unique<Impl>(folded, options);
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<EdgeModel>(new EdgeModel(std::move(impl)));
}

const Shape& EdgeModel::sample() const { return impl_->graph.value(impl_->graph.input()).shape; }
int64_t EdgeModel::outputs() const { return impl_->CountOf(impl_->graph.prediction()); }

std::span<const float> EdgeModel::Run(std::span<const float> sample) {
  std::copy(sample.begin(), sample.end(), impl_->input);
  for (const std::function<void()>& step : impl_->steps) step();
  return {impl_->prediction, edge::Index(outputs())};
}

std::span<const float> EdgeModel::RunTimed(std::span<const float> sample, std::span<double> seconds) {
  using Steady = std::chrono::steady_clock;
  std::copy(sample.begin(), sample.end(), impl_->input);
  Steady::time_point before = Steady::now();
  for (size_t i = 0; i < impl_->steps.size(); ++i) {
    impl_->steps[i]();
    const Steady::time_point now = Steady::now();
    seconds[i] = std::chrono::duration<double>(now - before).count();
    before = now;
  }
  return {impl_->prediction, edge::Index(outputs())};
}

std::span<const float> EdgeModel::RunObserved(std::span<const float> sample, const Observer& observer) {
  std::copy(sample.begin(), sample.end(), impl_->input);
  auto next = impl_->told.begin();
  const auto tell = [&](size_t done) {
    for (; next != impl_->told.end() && next->first <= done; ++next) {
      const Impl::Place& at = impl_->places[IndexOf(next->second)];
      if (at.floats != nullptr && at.bytes == nullptr)
        observer(next->second, {at.floats, edge::Index(at.count)});
    }
  };
  tell(0);
  for (size_t i = 0; i < impl_->steps.size(); ++i) {
    impl_->steps[i]();
    tell(i + 1);
  }
  return {impl_->prediction, edge::Index(outputs())};
}

const std::vector<EdgeModel::Step>& EdgeModel::steps() const { return impl_->about; }
const std::vector<EdgeModel::Layer>& EdgeModel::layers() const { return impl_->layers; }
int64_t EdgeModel::macs() const {
  int64_t sum = 0;
  for (const Layer& layer : impl_->layers) sum += layer.macs;
  return sum;
}
int64_t EdgeModel::weight_bytes() const { return impl_->weight_bytes; }
int64_t EdgeModel::activation_bytes() const { return impl_->activation_bytes; }

}  // namespace concertina
