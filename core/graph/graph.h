// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// graph.h: a model as operators with shapes, the one form of a model in this program.
// On the way of the data: nn/ builds it -> here -> graph/differentiate.h adds the backward half ->
// graph/executor.h runs it.
//
// A graph is static. Shapes are per sample: the batch is not in them and is chosen by the executor.
// Values: one input, parameters (trained), buffers (kept, not trained: running statistics), constants (given
// once, neither trained nor kept: a teacher's weights), activations.
// Images are C x H x W, row-major. A dense layer's weight is out x in, a convolution's out x in x kh x kw,
// as in PyTorch, so that files can be exchanged.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/status.h"

namespace concertina {

using Shape = std::vector<int64_t>;
int64_t ElementCount(const Shape& shape);   // 1 for {}
std::string ShapeText(const Shape& shape);  // "20x24x24"

using ValueId = int32_t;
inline size_t IndexOf(ValueId id) { return static_cast<size_t>(id); }

enum class OpKind {
  kDense,              // inputs: x, weight, [bias];  attributes: activation (Activation, default none)
  kConv2d,             // inputs: x, weight, [bias];  attributes: stride, padding, activation
  kMaxPool2d,          // attributes: kernel, stride, padding
  kAveragePool2d,      // attributes: kernel, stride, padding
  kGlobalAveragePool,  // C x H x W -> C
  kBatchNorm,  // inputs: x, scale, shift, running_mean, running_variance; attributes: momentum, epsilon
  kRelu,
  kTanh,
  kSigmoid,
  kGelu,                 // the exact one, with erf
  kAdd,                  // inputs: a, b of the same shape
  kReshape,              // attributes: shape
  kDropout,              // attributes: rate; the mask comes from (seed, step, node)
  kSoftmaxCrossEntropy,  // inputs: logits; the labels are the batch's; gives the mean loss, a scalar
  kMeanSquaredError,     // inputs: prediction; the target is one-hot of the label, or the batch's target
  // A student beside a teacher (distillation_operator.cc). inputs: the student's logits, the teacher's, and
  // then pairs of a feature of the student and one of the teacher; attributes: temperature, teacher_share,
  // feature_weight, compares_attention
  kDistillation,
  // What rounding to a grid does to an activation, and how the grid's step learns
  // (fake_quantize_operator.cc). inputs: x, step (one number); attributes: bits, zero_point
  kFakeQuantize,
  // Where a layer begins and ends to be divided over the tensor axis (split_tensor.h): each sums what the
  // other lets through. inputs: x; attributes: parts; the second also activation.
  kCopyToTensor,      // y = x, and the gradients of all ranks are summed on the way back
  kReduceFromTensor,  // y = activation(the sum of all ranks' x), and the gradient is every rank's
  // Of each channel by itself. inputs: x, weight (channels x 1 x kh x kw); attributes: stride, padding
  kDepthwiseConv2d,
};
std::string OpKindName(OpKind kind);

enum class Activation { kNone, kRelu, kTanh, kSigmoid, kGelu };
// What a node of this kind does to each element; kNone: it is no activation.
Activation ActivationOf(OpKind kind);

// Attributes of a node: few and small, so a plain struct; each operator reads its own.
struct Attributes {
  int64_t kernel = 0;
  int64_t stride = 1;
  int64_t padding = 0;
  double rate = 0;
  double momentum = 0.1;  // of batch norm's running statistics: r <- (1 - momentum) r + momentum x
  double epsilon = 1e-5;
  Activation activation = Activation::kNone;  // fused into the node by Fuse()
  Shape shape;
  // Of distillation.
  double temperature = 1;
  double teacher_share = 0.5;       // of the loss; the labels have the rest
  double feature_weight = 0;        // of each pair of features
  bool compares_attention = false;  // of features: where they look, not what they are
  // Of fake quantisation: whole numbers from -zero_point to 2^bits - 1 - zero_point.
  int64_t bits = 8;
  int64_t zero_point = 0;
  // Of a part of a model (split_tensor.h):
  int64_t parts = 1;          // ranks among which the tensor operators sum
  bool adds_bias = true;      // false: the bias is trained here, and added to the sum by another rank
  int64_t first_feature = 0;  // of dropout: where the part's features lie among the whole's
};

enum class Initializer { kZeros, kOnes, kKaimingUniform, kKaimingNormal, kXavierUniform, kXavierNormal };

enum class ValueRole { kInput, kParameter, kBuffer, kConstant, kActivation };

// What a part of a parameter (or buffer) is of its whole: along `dimension`, the indices from `begin` on, as
// many as the part's own shape has there.
struct Slice {
  Shape whole;
  int64_t dimension = 0;
  int64_t begin = 0;
};

// A grid of whole numbers that a tensor's elements lie on: x = scale (q - zero_point).
//   signed:   q from -(2^(bits - 1) - 1) to 2^(bits - 1) - 1, the same on both sides; with one bit -1 and 1
//   unsigned: q from 0 to 2^bits - 1
struct Quantization {
  int bits = 8;
  bool is_signed = true;
  std::vector<float> scales;  // one, or one for each index of the first dimension
  int32_t zero_point = 0;     // weights have none
  bool operator==(const Quantization&) const = default;
};

// What training must leave true of a parameter that was compressed (nn/held_optimizer.h).
enum class Hold {
  kNothing,
  kZeros,   // what was zero stays zero: pruned
  kShared,  // what was equal stays equal, and what was zero stays zero: entries of a codebook
  kGrid,    // what the model computes with lies on the value's grid; the optimiser has a finer one beside it
  kLearnedGrid,  // the same, and the grid's steps learn too
  kSparseGrid,   // as kGrid, and what was zero stays zero: pruned, and then put on a grid
};

struct Value {
  ValueRole role = ValueRole::kActivation;
  std::string name;  // parameters and buffers: "conv1.weight"; unique among them
  Shape shape;       // per sample for activations
  Initializer initializer = Initializer::kZeros;
  int64_t fan_in = 0, fan_out = 0;  // for the initialiser
  bool decays = true;  // weight decay applies (weights yes; biases and batch norm too, as in PyTorch's SGD)
  std::optional<Slice> slice;  // of a parameter or buffer that other ranks keep the rest of
  // Values that a parameter (or buffer) had before, row-major, which it begins with instead of the
  // initialiser's; of the whole where there is a slice. Null: none.
  std::shared_ptr<const std::vector<float>> given;
  Hold hold = Hold::kNothing;
  std::optional<Quantization> quantization;  // of a parameter, or of an activation in evaluation
};

struct Node {
  OpKind kind;
  std::string name;  // "conv1"
  std::vector<ValueId> inputs;
  ValueId output = -1;
  Attributes attributes;
};

class Graph {
 public:
  // The builders check shapes: kInvalidArgument names the layer, the shapes met and what was expected.
  ValueId AddInput(Shape shape);  // once
  ValueId AddParameter(std::string name, Shape shape, Initializer initializer, int64_t fan_in = 0,
                       int64_t fan_out = 0);
  ValueId AddBuffer(std::string name, Shape shape, Initializer initializer);
  ValueId AddConstant(std::string name, Shape shape, std::shared_ptr<const std::vector<float>> given);
  absl::StatusOr<ValueId> AddNode(OpKind kind, std::string name, std::vector<ValueId> inputs,
                                  Attributes attributes = {});

  // The graph that has exactly these, numbers of values included: one that was taken apart. kInvalidArgument
  // if they make none: a node that reads what no node before it gives, a shape that does not follow, outputs
  // that are not there.
  struct Parts {
    std::vector<Value> values;
    std::vector<Node> nodes;
    ValueId prediction = -1, loss = -1;
  };
  static absl::StatusOr<Graph> FromParts(Parts parts);

  // The node whose output is the loss, and the value whose largest element is the answer (the logits). A
  // stage that is not a model's last (cut.h) has no loss, -1, and its prediction is the activation that
  // leaves it.
  void SetOutputs(ValueId prediction, ValueId loss) {
    prediction_ = prediction;
    loss_ = loss;
  }

  const std::vector<Value>& values() const { return values_; }
  const std::vector<Node>& nodes() const { return nodes_; }  // in an order that can be run
  const Value& value(ValueId id) const { return values_[static_cast<size_t>(id)]; }
  // To say more of a value than its shape: first values, what holds, its grid. Role, name and shape stay.
  Value& mutable_value(ValueId id) { return values_[static_cast<size_t>(id)]; }
  ValueId input() const { return input_; }
  ValueId prediction() const { return prediction_; }
  ValueId loss() const { return loss_; }
  std::vector<ValueId> parameters() const;  // in the order they were added: the order of every flat vector
  std::vector<ValueId> buffers() const;
  std::vector<ValueId> kept() const;  // parameters, then buffers: what a file of the model has
  // By value: whether the prediction depends on it.
  std::vector<bool> NeededByPrediction() const;
  int64_t parameter_count() const;

  // Multiply-add counted as two, forward only, one sample; taps on padding are not counted. Backward costs
  // about twice this, less the input's gradient of the first layer (TrainingFlops counts exactly).
  double ForwardFlops() const;
  double TrainingFlops() const;
  double NodeForwardFlops(const Node& node) const;

 private:
  friend Graph Fuse(const Graph& graph);
  friend absl::StatusOr<Graph> SplitTensor(const Graph& graph, int rank, int size);
  friend absl::StatusOr<Graph> CutStage(const Graph& graph, const std::vector<int>& cuts, int stage);

  std::vector<Value> values_;
  std::vector<Node> nodes_;
  ValueId input_ = -1, prediction_ = -1, loss_ = -1;
};

// Shape of a node's output, or why it cannot be. The only place that knows the operators' shape rules.
absl::StatusOr<Shape> InferShape(OpKind kind, const std::vector<Shape>& inputs, const Attributes& attributes);

// Merges an activation into the dense, convolution or tensor sum before it, and ReLU also into batch norm and
// add, where that has no other reader and no grid that would be lost. Values keep their ids and parameters
// their order.
Graph Fuse(const Graph& graph);

}  // namespace concertina
