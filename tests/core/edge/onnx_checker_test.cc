// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_checker_test.cc: ONNX's own checker and shape inference accept what we write, and its operators,
// worked out here in double precision from the written file alone, give what the graph means.
#include <QTest>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>

#include "core/edge/onnx_writer.h"
#include "core/graph/executor.h"
#include "fmt/format.h"
#include "tests/core/edge/onnx_graphs.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>
#include "tests/test_program.h"
#pragma GCC diagnostic pop

namespace concertina::onnx_checker_test {
namespace {

struct Tensor {
  Shape shape;
  std::vector<double> values;
};

// The operators of ONNX that the writer uses, by their definitions in ONNX's Operators.md.
class Interpreter {
 public:
  explicit Interpreter(const onnx::ModelProto& model) : graph_(model.graph()) {
    for (const onnx::TensorProto& initializer : graph_.initializer()) {
      Tensor tensor = {.shape = {initializer.dims().begin(), initializer.dims().end()}};
      const std::string& raw = initializer.raw_data();
      types_[initializer.name()] = initializer.data_type();
      switch (initializer.data_type()) {
        case onnx::TensorProto::FLOAT:
          tensor.values = Elements<float>(raw);
          break;
        case onnx::TensorProto::INT8:
          tensor.values = Elements<int8_t>(raw);
          break;
        case onnx::TensorProto::UINT8:
          tensor.values = Elements<uint8_t>(raw);
          break;
        case onnx::TensorProto::INT32:
          tensor.values = Elements<int32_t>(raw);
          break;
        default:
          tensor.values = Elements<int64_t>(raw);
      }
      values_[initializer.name()] = tensor;
    }
  }

  Tensor Run(const Tensor& input, const std::string& output) {
    values_[graph_.input(0).name()] = input;
    for (const onnx::NodeProto& node : graph_.node()) values_[node.output(0)] = Compute(node);
    return values_.at(output);
  }
  const Tensor& value(const std::string& name) const { return values_.at(name); }  // of the last Run

 private:
  template <class T>
  static std::vector<double> Elements(const std::string& raw) {
    std::vector<T> elements(raw.size() / sizeof(T));
    std::memcpy(elements.data(), raw.data(), raw.size());
    return {elements.begin(), elements.end()};
  }
  static int64_t Count(const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  }
  static const onnx::AttributeProto& Attribute(const onnx::NodeProto& node, const char* name) {
    for (const onnx::AttributeProto& attribute : node.attribute())
      if (attribute.name() == name) return attribute;
    qFatal("%s has no %s", node.op_type().c_str(), name);
  }

  template <class F>
  static Tensor Map(Tensor x, const F& f) {
    for (double& value : x.values) value = f(value);
    return x;
  }
  template <class F>
  static Tensor Zip(Tensor a, const Tensor& b, const F& f) {
    for (size_t i = 0; i < a.values.size(); ++i)
      a.values[i] = f(a.values[i], b.values[b.shape.empty() ? 0 : i]);
    return a;
  }

  Tensor Compute(const onnx::NodeProto& node) {
    std::vector<Tensor> in;
    for (const std::string& name : node.input()) in.push_back(values_.at(name));
    const std::string& op = node.op_type();
    if (op == "Identity" || op == "Cast") return in[0];
    if (op == "QuantizeLinear") {
      const double least = types_.at(node.input(2)) == onnx::TensorProto::INT8 ? -128 : 0;
      const double scale = in[1].values[0], zero = in[2].values[0];
      return Map(in[0],
                 [&](double x) { return std::clamp(std::nearbyint(x / scale) + zero, least, least + 255); });
    }
    if (op == "DequantizeLinear") {  // a scale for all, or for each index of axis 0
      const size_t per_scale = in[0].values.size() / in[1].values.size();
      for (size_t i = 0; i < in[0].values.size(); ++i)
        in[0].values[i] = (in[0].values[i] - in[2].values[i / per_scale]) * in[1].values[i / per_scale];
      return in[0];
    }
    if (op == "Relu") return Map(in[0], [](double x) { return std::max(0.0, x); });
    if (op == "Tanh") return Map(in[0], [](double x) { return std::tanh(x); });
    if (op == "Sigmoid") return Map(in[0], [](double x) { return 1 / (1 + std::exp(-x)); });
    if (op == "Erf") return Map(in[0], [](double x) { return std::erf(x); });
    if (op == "Add") return Zip(in[0], in[1], std::plus<>());
    if (op == "Mul") return Zip(in[0], in[1], std::multiplies<>());
    if (op == "Flatten") return {{in[0].shape[0], Count(in[0].shape) / in[0].shape[0]}, in[0].values};
    if (op == "Reshape") {
      Shape shape(in[1].values.begin(), in[1].values.end());
      if (shape[0] == 0) shape[0] = in[0].shape[0];
      return {shape, in[0].values};
    }
    if (op == "Gemm") return Gemm(in);
    if (op == "BatchNormalization") return BatchNormalization(in, double{Attribute(node, "epsilon").f()});
    if (op == "Softmax") return Softmax(in[0]);
    if (op == "GlobalAveragePool") return Window(node, in, {in[0].shape[2], in[0].shape[3]}, {1, 1}, {0, 0});
    if (op == "Conv" || op == "MaxPool" || op == "AveragePool") {
      const auto& kernel = Attribute(node, "kernel_shape").ints();
      const auto& strides = Attribute(node, "strides").ints();
      const auto& pads = Attribute(node, "pads").ints();
      return Window(node, in, {kernel.begin(), kernel.end()}, {strides.begin(), strides.end()},
                    {pads[0], pads[1]});
    }
    qFatal("no such operator: %s", op.c_str());
  }

  static Tensor Gemm(const std::vector<Tensor>& in) {  // transB = 1
    const int64_t n = in[0].shape[0], k = in[0].shape[1], m = in[1].shape[0];
    Tensor y = {.shape = {n, m}};
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < m; ++j) {
        double sum = in.size() > 2 ? in[2].values[static_cast<size_t>(j)] : 0;
        for (int64_t l = 0; l < k; ++l)
          sum += in[0].values[static_cast<size_t>(i * k + l)] * in[1].values[static_cast<size_t>(j * k + l)];
        y.values.push_back(sum);
      }
    return y;
  }

  static Tensor BatchNormalization(const std::vector<Tensor>& in, double epsilon) {
    Tensor y = in[0];
    const auto channels = static_cast<size_t>(y.shape[1]);
    const size_t area = y.values.size() / channels / static_cast<size_t>(y.shape[0]);
    for (size_t i = 0; i < y.values.size(); ++i) {
      const size_t c = i / area % channels;
      y.values[i] = (y.values[i] - in[3].values[c]) / std::sqrt(in[4].values[c] + epsilon) * in[1].values[c] +
                    in[2].values[c];
    }
    return y;
  }

  static Tensor Softmax(Tensor x) {
    const auto classes = static_cast<size_t>(x.shape[1]);
    for (size_t row = 0; row < x.values.size(); row += classes) {
      double sum = 0;
      for (size_t c = 0; c < classes; ++c) sum += std::exp(x.values[row + c]);
      for (size_t c = 0; c < classes; ++c) x.values[row + c] = std::exp(x.values[row + c]) / sum;
    }
    return x;
  }

  Tensor Window(const onnx::NodeProto& node, const std::vector<Tensor>& in, const Shape& kernel,
                const Shape& strides, const Shape& pads) {
    const Tensor& x = in[0];
    const bool is_conv = node.op_type() == "Conv", is_max = node.op_type() == "MaxPool";
    if (node.op_type() == "AveragePool" && Attribute(node, "count_include_pad").i() != 1)
      qFatal("not that mean");
    const int64_t channels = x.shape[1], height = x.shape[2], width = x.shape[3];
    const int64_t out_channels = is_conv ? in[1].shape[0] : channels;
    const int64_t out_height = (height + 2 * pads[0] - kernel[0]) / strides[0] + 1;
    const int64_t out_width = (width + 2 * pads[1] - kernel[1]) / strides[1] + 1;
    Tensor y = {.shape = {x.shape[0], out_channels, out_height, out_width}};
    for (int64_t n = 0; n < x.shape[0]; ++n)
      for (int64_t o = 0; o < out_channels; ++o)
        for (int64_t i = 0; i < out_height; ++i)
          for (int64_t j = 0; j < out_width; ++j) {
            double sum = is_conv && in.size() > 2 ? in[2].values[static_cast<size_t>(o)] : 0;
            double most = -INFINITY;
            for (int64_t c = is_conv ? 0 : o; c < (is_conv ? channels : o + 1); ++c)
              for (int64_t u = 0; u < kernel[0]; ++u)
                for (int64_t v = 0; v < kernel[1]; ++v) {
                  const int64_t h = i * strides[0] - pads[0] + u, w = j * strides[1] - pads[1] + v;
                  if (h < 0 || h >= height || w < 0 || w >= width) continue;
                  const double value =
                      x.values[static_cast<size_t>(((n * channels + c) * height + h) * width + w)];
                  const double weight = is_conv ? in[1].values[static_cast<size_t>(
                                                      ((o * channels + c) * kernel[0] + u) * kernel[1] + v)]
                                                : 1.0 / static_cast<double>(kernel[0] * kernel[1]);
                  sum += value * weight;
                  most = std::max(most, value);
                }
            y.values.push_back(is_max ? most : sum);
          }
    if (node.op_type() == "GlobalAveragePool") y.shape = {x.shape[0], channels, 1, 1};
    return y;
  }

  const onnx::GraphProto graph_;
  std::map<std::string, Tensor> values_;
  std::map<std::string, int> types_;  // of initialisers
};

onnx::ModelProto Parse(const TrainedGraph& trained, const OnnxOptions& options = {}) {
  const auto bytes = ToOnnx(trained.graph, trained.parameters, trained.buffers, "model", options);
  onnx::ModelProto model;
  if (!bytes.ok() || !model.ParseFromString(*bytes)) qFatal("not a ModelProto");
  return model;
}

QString ShapeOf(const onnx::ValueInfoProto& value) {
  QStringList dims;
  for (const auto& dim : value.type().tensor_type().shape().dim())
    dims += dim.has_dim_param() ? QString::fromStdString(dim.dim_param()) : QString::number(dim.dim_value());
  return dims.join("x");
}

}  // namespace

class OnnxCheckerTest : public QObject {
  Q_OBJECT

  static TrainedGraph Named(const QString& name) {
    TrainedGraph trained = name.startsWith("on grids")         ? OnGrids()
                           : name.startsWith("every operator") ? Train(EveryOperator())
                                                               : Train(SquaredErrorGraph());
    if (name.endsWith("fused")) trained.graph = Fuse(trained.graph);
    return trained;
  }
  void addGraphs() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"every operator", "every operator, fused", "squared error"})
      QTest::newRow(name) << QString(name);
  }

  static void check(onnx::ModelProto model) {
    QCOMPARE(model.ir_version(), 8);
    QCOMPARE(model.opset_import(0).version(), 17);
    try {
      onnx::checker::check_model(model);
      onnx::ShapeInferenceOptions options(/*check_type=*/true, /*strict_mode=*/1, /*data_propagation=*/true);
      onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
    } catch (const std::exception& error) {
      QFAIL(error.what());
    }
  }

 private slots:
  void theCheckerAndStrictShapeInferenceAcceptIt_data() {
    addGraphs();
    for (const char* name : {"on grids", "on grids, fused"}) QTest::newRow(name) << QString(name);
  }
  void theCheckerAndStrictShapeInferenceAcceptIt() {
    QFETCH(QString, name);
    for (const bool takes_pixels : {false, true}) check(Parse(Named(name), {.takes_pixels = takes_pixels}));
  }

  void theBatchStaysOpenThroughTheWholeModel() {
    onnx::ModelProto model = Parse(Named("every operator"));
    // Without the shapes that we declare for the outputs, they must follow from the input's.
    for (onnx::ValueInfoProto& output : *model.mutable_graph()->mutable_output())
      output.mutable_type()->mutable_tensor_type()->clear_shape();
    onnx::shape_inference::InferShapes(model);
    QCOMPARE(ShapeOf(model.graph().input(0)), "batchx2x9x8");
    QCOMPARE(ShapeOf(model.graph().output(0)), "batchx5");
    QCOMPARE(ShapeOf(model.graph().output(1)), "batchx5");
  }

  void aDamagedModelIsNotAccepted() {  // so that the check above can fail
    onnx::ModelProto model = Parse(Named("every operator"));
    model.mutable_graph()->mutable_node(3)->set_op_type("NoSuchOperator");
    QVERIFY_THROWS_EXCEPTION(std::exception, onnx::checker::check_model(model));
  }

  void itsNumbersAreThoseOfTheExecutor_data() { addGraphs(); }
  void itsNumbersAreThoseOfTheExecutor() {
    QFETCH(QString, name);
    const TrainedGraph trained = Named(name);
    for (const int64_t batch : {1, 7}) {
      auto executor = Executor::Create(trained.graph, {.batch_size = batch});
      QVERIFY2(executor.ok(), std::string(executor.status().message()).c_str());
      std::copy(trained.parameters.begin(), trained.parameters.end(), (*executor)->parameters().begin());
      std::copy(trained.buffers.begin(), trained.buffers.end(), (*executor)->buffers().begin());
      Tensor input = {.shape = trained.graph.value(trained.graph.input()).shape};
      input.shape.insert(input.shape.begin(), batch);
      Rng rng(5, "input");
      for (float& x : (*executor)->input()) {
        x = static_cast<float>(rng.Normal());
        input.values.push_back(x);
      }
      (*executor)->Evaluate(batch);
      const auto wanted = (*executor)->prediction();
      const Tensor logits = Interpreter(Parse(trained)).Run(input, "logits");
      QCOMPARE(logits.values.size(), wanted.size());
      // Sums of at most some hundred floats of size 1: the rounding of single precision is below 1e-5.
      for (size_t i = 0; i < wanted.size(); ++i)
        QVERIFY2(std::abs(logits.values[i] - double{wanted[i]}) < 1e-5,
                 qPrintable(QString("%1: %2, %3").arg(i).arg(logits.values[i]).arg(double{wanted[i]})));
    }
  }

  void tensorsOnGridsAreWholeNumbers() {
    const TrainedGraph trained = OnGrids();
    const onnx::ModelProto model = Parse(trained);
    std::map<std::string, const onnx::TensorProto*> tensors;
    for (const onnx::TensorProto& tensor : model.graph().initializer()) tensors[tensor.name()] = &tensor;
    for (const char* name : {"conv1.weight", "conv2.weight", "fc1.weight", "fc2.weight"}) {
      QVERIFY(!tensors.contains(name));
      QCOMPARE(tensors.at(std::string(name) + "_quantized")->data_type(), int{onnx::TensorProto::UINT8});
      // Never 0, which is 128 below the middle: as far on one side as on the other.
      const std::string& codes = tensors.at(std::string(name) + "_quantized")->raw_data();
      QVERIFY(codes.find('\0') == std::string::npos);
      for (const char zero : tensors.at(std::string(name) + "_zero_point")->raw_data())
        QCOMPARE(static_cast<uint8_t>(zero), uint8_t{128});
    }
    for (const char* name : {"conv1.bias", "fc1.bias"})  // the input, and the global pool, are on grids
      QCOMPARE(tensors.at(std::string(name) + "_quantized")->data_type(), int{onnx::TensorProto::INT32});
    QCOMPARE(tensors.at("bn.shift")->data_type(), int{onnx::TensorProto::FLOAT});
    // They are the numbers that were given.
    Interpreter interpreter(model);
    interpreter.Run({.shape = {1, 2, 9, 8}, .values = std::vector<double>(144)}, "logits");
    for (const ValueId id : trained.graph.parameters()) {
      const Value& value = trained.graph.value(id);
      const Tensor& found = interpreter.value(value.name);
      QCOMPARE(found.shape, value.shape);
      // A bias to half a step of its layer's sums, at most 0.05 x 0.016 here.
      const double step = value.name.ends_with(".bias") ? 0.0008 : 0;
      for (size_t i = 0; i < found.values.size(); ++i)
        QVERIFY2(std::abs(found.values[i] - double{(*value.given)[i]}) <= step / 2 + 1e-7,
                 value.name.c_str());
    }
  }

  void everyReaderOfAnActivationOnAGridReadsItRounded() {
    const TrainedGraph trained = OnGrids();
    const onnx::ModelProto model = Parse(trained);
    std::map<std::string, std::vector<std::string>> readers;  // operators
    for (const onnx::NodeProto& node : model.graph().node())
      for (const std::string& name : node.input()) readers[name].push_back(node.op_type());
    Interpreter interpreter(model);
    Rng rng(3, "input");
    Tensor input = {.shape = {2, 2, 9, 8}};
    for (int i = 0; i < 288; ++i) input.values.push_back(rng.Normal());
    interpreter.Run(input, "logits");
    int on_grids = 0, rounded = 0;
    for (size_t i = 0; i < trained.graph.values().size(); ++i) {
      const Value& value = trained.graph.values()[i];
      if (value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer || !value.quantization)
        continue;
      ++on_grids;
      const std::string name =
          value.role == ValueRole::kInput ? "input" : fmt::format("{}_{}", value.name, i);
      QCOMPARE(readers.at(name), std::vector<std::string>{"QuantizeLinear"});
      QCOMPARE(readers.at(name + "_quantized"), std::vector<std::string>{"DequantizeLinear"});
      QVERIFY(!readers.at(name + "_dequantized").empty());
      const double scale = double{value.quantization->scales[0]}, zero = value.quantization->zero_point;
      const double least = value.quantization->is_signed ? -128 : 0;
      const Tensor& before = interpreter.value(name);
      const Tensor& after = interpreter.value(name + "_dequantized");
      for (size_t j = 0; j < after.values.size(); ++j) {
        const double wanted =
            std::clamp(before.values[j], (least - zero) * scale, (least + 255 - zero) * scale);
        QVERIFY2(std::abs(after.values[j] - wanted) <= scale / 2 * (1 + 1e-9), name.c_str());
        rounded += after.values[j] != before.values[j];
      }
    }
    QCOMPARE(on_grids, 8);
    QVERIFY(rounded > 100);
  }

  void pixelsAreDividedInTheModel() {
    const TrainedGraph trained = Train(EveryOperator());
    const onnx::ModelProto model = Parse(trained, {.takes_pixels = true});
    QCOMPARE(model.graph().input_size(), 1);
    QCOMPARE(model.graph().input(0).name(), std::string("pixels"));
    QCOMPARE(model.graph().input(0).type().tensor_type().elem_type(), int{onnx::TensorProto::UINT8});
    Tensor pixels = {.shape = {1, 2, 9, 8}};
    for (int i = 0; i < 144; ++i) pixels.values.push_back(i * 37 % 256);
    Tensor floats = pixels;
    for (double& x : floats.values) x /= 255;
    const Tensor a = Interpreter(model).Run(pixels, "logits"),
                 b = Interpreter(Parse(trained)).Run(floats, "logits");
    for (size_t i = 0; i < a.values.size(); ++i)  // the model has 1/255 as a float, to 24 bits
      QVERIFY(std::abs(a.values[i] - b.values[i]) < 1e-6);
  }

  void probabilitiesSumToOne() {
    const TrainedGraph trained = Train(EveryOperator());
    const Tensor input = {.shape = {2, 2, 9, 8}, .values = std::vector<double>(288, 0.3)};
    const Tensor p = Interpreter(Parse(trained)).Run(input, "probabilities");
    for (size_t row = 0; row < 10; row += 5)
      QVERIFY(std::abs(std::accumulate(p.values.begin() + static_cast<int64_t>(row),
                                       p.values.begin() + static_cast<int64_t>(row) + 5, 0.0) -
                       1) < 1e-12);
  }
};

CONCERTINA_TEST(OnnxCheckerTest)

}  // namespace concertina::onnx_checker_test

#include "onnx_checker_test.moc"
