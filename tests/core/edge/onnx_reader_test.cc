// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_reader_test.cc: what our writer writes is read again, other programs' ways of writing the same are
// understood, and what is not ours or damaged is refused.
#include "core/edge/onnx_reader.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "core/base/protobuf_reader.h"
#include "core/base/protobuf_writer.h"
#include "core/edge/onnx_writer.h"
#include "tests/core/edge/onnx_graphs.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::onnx_reader_test {
namespace {

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

absl::StatusOr<Graph> Read(const std::string& bytes) {
  return FromOnnx("m", std::as_bytes(std::span(bytes)));
}

using Floats = std::vector<float>;

// Files as other programs write them: onnx.proto's field numbers, by hand.
class OnnxFile {
 public:
  static ProtobufWriter Number(const char* name, int64_t value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Integer(3, value);
    return attribute;
  }
  static ProtobufWriter Number(const char* name, float value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Float(2, value);
    return attribute;
  }
  static ProtobufWriter Text(const char* name, const char* value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Bytes(4, value);
    return attribute;
  }
  static ProtobufWriter Numbers(const char* name, const std::vector<int64_t>& values) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    for (const int64_t value : values) attribute.Integer(8, value);
    return attribute;
  }
  static ProtobufWriter Of(const char* name, const ProtobufWriter& tensor) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Message(5, tensor);
    return attribute;
  }

  template <class T>
  static ProtobufWriter Tensor(const std::string& name, const Shape& shape, int64_t type,
                               const std::vector<T>& values) {
    ProtobufWriter tensor;
    for (const int64_t extent : shape) tensor.Integer(1, extent);
    tensor.Integer(2, type);
    tensor.Bytes(8, name);
    tensor.Bytes(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
    return tensor;
  }

  OnnxFile& Node(const char* op, const std::vector<std::string>& inputs, const std::string& output,
                 const std::vector<ProtobufWriter>& attributes = {}, const char* domain = "") {
    ProtobufWriter node;
    for (const std::string& input : inputs) node.Bytes(1, input);
    node.Bytes(2, output);
    node.Bytes(4, op);
    for (const ProtobufWriter& attribute : attributes) node.Message(5, attribute);
    node.Bytes(7, domain);
    return Part(1, node);
  }
  OnnxFile& Part(int field, const ProtobufWriter& message) {
    graph_.Message(field, message);
    return *this;
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const Floats& values) {
    return Part(5, Tensor(name, shape, 1, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<int64_t>& values) {
    return Part(5, Tensor(name, shape, 7, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<int8_t>& values) {
    return Part(5, Tensor(name, shape, 3, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<uint8_t>& values) {
    return Part(5, Tensor(name, shape, 2, values));
  }
  // Extents: a number, or a name.
  OnnxFile& Input(const std::string& name, const QStringList& extents, int64_t type = 1) {
    return Part(11, Info(name, extents, type));
  }
  OnnxFile& Output(const std::string& name) { return Part(12, Info(name, {}, 1)); }

  std::string Bytes(int64_t opset = 13, int64_t ir_version = 7) const {
    ProtobufWriter set, model;
    set.Integer(2, opset);
    model.Integer(1, ir_version);
    model.Message(7, graph_);
    model.Message(8, set);
    return model.Take();
  }

 private:
  static ProtobufWriter Info(const std::string& name, const QStringList& extents, int64_t type) {
    ProtobufWriter shape, tensor, of, info;
    for (const QString& extent : extents) {
      ProtobufWriter dim;
      bool is_number = false;
      const int64_t number = extent.toLongLong(&is_number);
      if (is_number)
        dim.Integer(1, number);
      else if (!extent.isEmpty())
        dim.Bytes(2, extent.toStdString());
      shape.Message(1, dim);
    }
    tensor.Integer(1, type);
    tensor.Message(2, shape);
    of.Message(1, tensor);
    info.Bytes(1, name);
    info.Message(2, of);
    return info;
  }

  ProtobufWriter graph_;
};

// What each file's own operators come to: images 2 x 4 x 4, or vectors of 3, called x, and the output y.
OnnxFile Image() { return OnnxFile().Input("x", {"N", "2", "4", "4"}).Output("y"); }
OnnxFile Vector() { return OnnxFile().Input("x", {"N", "3"}).Output("y"); }
OnnxFile Layer() { return Vector().Constant("w", {3, 2}, Floats{1, 2, 3, 4, 5, 6}); }
Floats Some(int64_t count) {
  Floats values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i) / 8);
  return values;
}
OnnxFile Convolution(const std::vector<ProtobufWriter>& attributes, const Shape& weight = {1, 2, 3, 3}) {
  return Image()
      .Constant("w", weight, Some(ElementCount(weight)))
      .Node("Conv", {"x", "w"}, "c", attributes)
      .Node("Flatten", {"c"}, "y");
}

QString KindsOf(const Graph& graph) {
  QStringList kinds;
  for (const Node& node : graph.nodes()) kinds += QString::fromStdString(OpKindName(node.kind));
  return kinds.join(' ');
}

const Value* Named(const Graph& graph, const std::string& name) {
  for (const Value& value : graph.values())
    if (value.role != ValueRole::kActivation && value.name == name) return &value;
  return nullptr;
}

bool IsSame(const std::optional<Quantization>& a, const std::optional<Quantization>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->bits == b->bits && a->is_signed == b->is_signed && a->scales == b->scales &&
         a->zero_point == b->zero_point;
}

// Walks both graphs at once. What is nothing in evaluation was not written, and a fused activation is a node
// again.
class Comparison {
 public:
  Comparison(const TrainedGraph& wanted, const Graph& read) : wanted_(wanted.graph), read_(read) {
    const auto keep = [&](const std::vector<ValueId>& ids, const Floats& flat) {
      auto next = flat.begin();
      for (const ValueId id : ids) {
        const auto end = next + ElementCount(wanted_.value(id).shape);
        given_[id] = {next, end};
        next = end;
      }
    };
    keep(wanted_.parameters(), wanted.parameters);
    keep(wanted_.buffers(), wanted.buffers);
  }

  QString Fault() {  // "" if there is none
    std::set<ValueId> needed = {wanted_.prediction()};
    for (auto node = wanted_.nodes().rbegin(); node != wanted_.nodes().rend(); ++node)
      if (needed.contains(node->output)) needed.insert(node->inputs.begin(), node->inputs.end());
    same_[wanted_.input()] = read_.input();
    if (read_.value(read_.input()).shape != wanted_.value(wanted_.input()).shape) return "the input's shape";
    for (const Node& node : wanted_.nodes())
      if (needed.contains(node.output)) Walk(node);
    if (at_ + 1 != read_.nodes().size()) return "other nodes than these and a loss";
    const Node& loss = read_.nodes()[at_];
    if (loss.kind != OpKind::kSoftmaxCrossEntropy || loss.output != read_.loss()) fault_ = "the loss";
    if (same_[wanted_.prediction()] != read_.prediction()) fault_ = "the prediction";
    return fault_;
  }

 private:
  void Walk(const Node& node) {
    if (node.kind == OpKind::kDropout || node.kind == OpKind::kCopyToTensor ||
        (node.kind == OpKind::kReduceFromTensor && node.attributes.activation == Activation::kNone)) {
      same_[node.output] = same_[node.inputs[0]];
      return;
    }
    const Activation activation = node.attributes.activation;
    ValueId output = same_[node.inputs[0]];
    if (node.kind != OpKind::kReduceFromTensor) output = Match(node, node.kind);
    if (activation != Activation::kNone) {
      constexpr OpKind kKinds[] = {OpKind::kRelu, OpKind::kRelu, OpKind::kTanh, OpKind::kSigmoid,
                                   OpKind::kGelu};
      const Node* found = Next(node, kKinds[static_cast<size_t>(activation)]);
      if (found == nullptr) return;
      Check(found->inputs == std::vector{output}, node, "the activation's input");
      output = found->output;
    }
    same_[node.output] = output;
    Check(IsSame(read_.value(output).quantization, wanted_.value(node.output).quantization), node,
          "the grid");
  }

  ValueId Match(const Node& node, OpKind kind) {
    const Node* found = Next(node, kind);
    if (found == nullptr) return -1;
    const Attributes& a = node.attributes;
    const Attributes& b = found->attributes;
    Check(a.stride == b.stride && a.padding == b.padding && a.shape == b.shape && a.momentum == b.momentum &&
              a.epsilon == b.epsilon && (kind == OpKind::kConv2d || a.kernel == b.kernel),
          node, "the attributes");
    Check(read_.value(found->output).shape == wanted_.value(node.output).shape, node, "the shape");
    Check(found->inputs.size() == node.inputs.size(), node, "the number of inputs");
    for (size_t i = 0; i < std::min(found->inputs.size(), node.inputs.size()); ++i) {
      const Value& value = wanted_.value(node.inputs[i]);
      const Value& other = read_.value(found->inputs[i]);
      if (value.role == ValueRole::kInput || value.role == ValueRole::kActivation) {
        Check(same_[node.inputs[i]] == found->inputs[i], node, "an input");
      } else {
        Check(value.name == other.name && value.role == other.role && value.shape == other.shape &&
                  other.given != nullptr && *other.given == given_[node.inputs[i]],
              node, "the values");
      }
    }
    return found->output;
  }

  const Node* Next(const Node& node, OpKind kind) {
    if (at_ < read_.nodes().size() && read_.nodes()[at_].kind == kind) return &read_.nodes()[at_++];
    Check(false, node, "the operator");
    return nullptr;
  }
  void Check(bool holds, const Node& node, const char* what) {
    if (!holds && fault_.isEmpty()) fault_ = QString("%1: %2").arg(QString::fromStdString(node.name), what);
  }

  const Graph& wanted_;
  const Graph& read_;
  std::map<ValueId, Floats> given_;
  std::map<ValueId, ValueId> same_;  // of a wanted value, the one that was read
  size_t at_ = 0;
  QString fault_;
};

std::vector<SampleGraph> AllGraphs() {
  std::vector<SampleGraph> all = SampleGraphs();
  all.push_back({"every operator", EveryOperator()});
  all.push_back({"squared error", SquaredErrorGraph()});
  all.push_back({"LeNet-5", LeNet5()});
  all.push_back({"ResNet-8", ResNet8()});
  return all;
}

}  // namespace

class OnnxReaderTest : public QObject {
  Q_OBJECT

 private slots:
  void whatOurWriterWritesIsRead() {
    for (const SampleGraph& sample : AllGraphs())
      for (const bool is_fused : {false, true}) {
        TrainedGraph trained = Train(sample.graph);
        if (is_fused) trained.graph = Fuse(trained.graph);
        const auto bytes = ToOnnx(trained.graph, trained.parameters, trained.buffers, "sample");
        QVERIFY2(bytes.ok(), qPrintable(Message(bytes.status())));
        const auto read = Read(*bytes);
        QVERIFY2(read.ok(), qPrintable(QString::fromStdString(sample.name) + ": " + Message(read.status())));
        const QString fault = Comparison(trained, *read).Fault();
        QVERIFY2(fault.isEmpty(), qPrintable(QString::fromStdString(sample.name) + ": " + fault));
      }
  }

  void anotherValueIsNoticed() {  // so that the comparison above can fail
    TrainedGraph trained = Train(EveryOperator());
    const auto read = Read(*ToOnnx(trained.graph, trained.parameters, trained.buffers, "all"));
    QVERIFY(read.ok());
    QVERIFY(Comparison(trained, *read).Fault().isEmpty());
    trained.parameters.back() += 1;
    QCOMPARE(Comparison(trained, *read).Fault(), QString("fc2: the values"));
  }

  void layersKeepTheirNames() {
    const TrainedGraph trained = Train(EveryOperator());
    const auto read = Read(*ToOnnx(Fuse(trained.graph), trained.parameters, trained.buffers, "all"));
    QVERIFY(read.ok());
    QStringList names;
    for (const Node& node : read->nodes()) names += QString::fromStdString(node.name);
    // Fuse put ReLU into conv1, sum and bn2 and GELU into fc1: they are nodes again, under ONNX's own names.
    QCOMPARE(names.filter(QRegularExpression("^[a-z0-9]+$")).join(' '),
             QString("conv1 bn tanh sigmoid sum pool conv2 bn2 mean gelu flat image global fc1 fc2 loss"));
    QCOMPARE(names.size(), 20);
    QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), 20);
  }

  void gridsAreRead() {
    const TrainedGraph trained = OnGrids();
    for (const bool is_fused : {false, true}) {
      TrainedGraph written = trained;
      if (is_fused) written.graph = Fuse(written.graph);
      const auto bytes = ToOnnx(written.graph, "grids");
      QVERIFY2(bytes.ok(), qPrintable(Message(bytes.status())));
      const auto read = Read(*bytes);
      QVERIFY2(read.ok(), qPrintable(Message(read.status())));
      // Biases behind a grid were rounded to the steps of their sums; everything else is as it was.
      size_t offset = 0;
      for (const ValueId id : written.graph.parameters()) {
        const Value& value = written.graph.value(id);
        const Value* other = Named(*read, value.name);
        QVERIFY2(other != nullptr && other->given != nullptr, value.name.c_str());
        QVERIFY2(IsSame(value.quantization, other->quantization), value.name.c_str());
        const bool is_stepped = value.name == "conv1.bias" || value.name == "fc1.bias";
        const float scale = value.name == "conv1.bias" ? 0.02F : 0.05F;
        QVERIFY(!is_stepped || *other->given != *value.given);
        for (size_t i = 0; i < value.given->size(); ++i, ++offset) {
          const float step = is_stepped ? scale * (0.01F + 0.001F * static_cast<float>(i)) : 0;
          // Half a step, and the roundings of the product of three floats below 2.
          QVERIFY2(std::abs((*other->given)[i] - (*value.given)[i]) <= step / 2 + (is_stepped ? 1e-6F : 0),
                   value.name.c_str());
          written.parameters[offset] = (*other->given)[i];
        }
      }
      QVERIFY(IsSame(read->value(read->input()).quantization,
                     trained.graph.value(trained.graph.input()).quantization));
      const QString fault = Comparison(written, *read).Fault();
      QVERIFY2(fault.isEmpty(), qPrintable(fault));
      QCOMPARE(*ToOnnx(*read, "again"), *ToOnnx(*Read(*ToOnnx(*read, "again")), "again"));
    }
  }

  void weightsOfFewerBitsAreFloats() {
    TrainedGraph trained = OnGrids();
    for (const ValueId id : trained.graph.parameters())
      if (auto& grid = trained.graph.mutable_value(id).quantization) grid->bits = 4;
    const auto read = Read(*ToOnnx(trained.graph, "four bits"));
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    for (const ValueId id : read->parameters()) {
      QVERIFY(!read->value(id).quantization);
      QCOMPARE(*read->value(id).given, *Named(trained.graph, read->value(id).name)->given);
    }
  }

  void gridsThatOnnxHasNotAreRefused() {
    for (const auto& spoil : std::vector<std::function<void(Graph&)>>{
             [](Graph& g) { g.mutable_value(g.input()).quantization->bits = 4; },
             [](Graph& g) { g.mutable_value(g.input()).quantization->zero_point = 256; },
             [](Graph& g) { g.mutable_value(g.prediction()).quantization->scales = {}; },
             [](Graph& g) { g.mutable_value(g.prediction()).quantization->scales[0] = 0; },
             [](Graph& g) {
               g.mutable_value(g.parameters()[0]).quantization->scales = {1, 2};
             },
             [](Graph& g) { g.mutable_value(g.parameters()[0]).quantization->scales[1] = INFINITY; },
             [](Graph& g) { g.mutable_value(g.parameters()[3]).given = nullptr; },
             [](Graph& g) { g.mutable_value(g.buffers()[0]).given = std::make_shared<const Floats>(1); }}) {
      Graph graph = OnGrids().graph;
      QVERIFY(ToOnnx(graph, "grids").ok());
      spoil(graph);
      const absl::Status status = ToOnnx(graph, "grids").status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(Message(status).contains("expected"), qPrintable(Message(status)));
    }
  }

  void aFileIsRead() {
    QTemporaryDir folder;
    const TrainedGraph trained = Train(SquaredErrorGraph());
    const auto bytes = ToOnnx(trained.graph, trained.parameters, trained.buffers, "fc");
    QFile file(folder.filePath("fc.onnx"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes->data(), std::ssize(*bytes)) > 0);
    file.close();
    const auto read = ReadOnnx(file.fileName().toStdString());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(read->nodes().size(), size_t{2});
    QCOMPARE(ReadOnnx(folder.filePath("nowhere").toStdString()).status().code(), absl::StatusCode::kNotFound);
  }

  void otherWaysOfWritingAreUnderstood_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("kinds");
    const auto row = [](const char* name, const OnnxFile& file, const char* kinds, int64_t opset = 13) {
      QTest::newRow(name) << file.Bytes(opset) << QString(kinds) + " softmax-cross-entropy";
    };
    const auto number = [](const char* name, int64_t value) { return OnnxFile::Number(name, value); };
    const auto numbers = OnnxFile::Numbers;
    row("MatMul, then Add",
        Layer().Constant("b", {2}, Floats{7, 8}).Node("MatMul", {"x", "w"}, "m").Node("Add", {"m", "b"}, "y"),
        "dense");
    row("MatMul, then Add, by an axis",
        Layer()
            .Constant("b", {2}, Floats{7, 8})
            .Node("MatMul", {"x", "w"}, "m")
            .Node("Add", {"m", "b"}, "y", {number("broadcast", 1), number("axis", 1)}),
        "dense", 6);
    row("one number for all outputs", Layer().Constant("b", {}, Floats{7}).Node("Gemm", {"x", "w", "b"}, "y"),
        "dense");
    row("dropout that says it is off",
        Layer()
            .Constant("r", {}, Floats{0.5F})
            .Part(5, OnnxFile::Tensor("t", {}, 9, std::vector<uint8_t>{0}))
            .Node("Dropout", {"x", "r", "t"}, "d")
            .Node("Gemm", {"d", "w"}, "y"),
        "dropout dense");
    row("the bias first",
        Layer()
            .Constant("b", {1, 2}, Floats{7, 8})
            .Node("MatMul", {"x", "w"}, "m")
            .Node("Add", {"b", "m"}, "y"),
        "dense");
    row("MatMul alone", Layer().Node("MatMul", {"x", "w"}, "y"), "dense");
    row("a product read twice",
        Layer().Node("MatMul", {"x", "w"}, "m").Node("Relu", {"m"}, "r").Node("Add", {"m", "r"}, "y"),
        "dense relu add");
    row("Gemm, inputs first", Layer().Node("Gemm", {"x", "w", ""}, "y"), "dense");
    row("a softmax at the end", Layer().Node("Gemm", {"x", "w"}, "l").Node("Softmax", {"l"}, "y"), "dense");
    row("its logarithm",
        Layer()
            .Node("Gemm", {"x", "w"}, "l")
            .Node("Identity", {"l"}, "i")
            .Node("LogSoftmax", {"i"}, "j", {number("axis", 1)})
            .Node("Identity", {"j"}, "y"),
        "dense");
    row("a softmax beside it",
        Layer().Output("p").Node("Gemm", {"x", "w"}, "y").Node("Softmax", {"y"}, "p", {number("axis", -1)}),
        "dense");
    row("what nobody needs", Layer().Node("Gemm", {"x", "w"}, "y").Node("Shape", {"y"}, "s"), "dense");
    row("initialisers among the inputs", Layer().Input("w", {"3", "2"}).Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("a batch of one",
        OnnxFile()
            .Output("y")
            .Input("x", {"1", "3"})
            .Constant("w", {3, 2}, Some(6))
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("an open batch",
        OnnxFile()
            .Output("y")
            .Input("x", {"", "3"})
            .Constant("w", {3, 2}, Some(6))
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("a constant node",
        Vector()
            .Node("Constant", {}, "w", {OnnxFile::Of("value", OnnxFile::Tensor("", {3, 2}, 1, Some(6)))})
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    const auto gelu = [] {
      return Vector()
          .Constant("r", {}, Floats{std::sqrt(2.0F)})
          .Constant("h", {1}, Floats{0.5F})
          .Constant("1", {}, Floats{1})
          .Node("Div", {"x", "r"}, "a")
          .Node("Erf", {"a"}, "b")
          .Node("Add", {"b", "1"}, "c");
    };
    row("PyTorch's GELU", gelu().Node("Mul", {"x", "c"}, "d").Node("Mul", {"d", "h"}, "y"), "gelu");
    row("GELU with the half first", gelu().Node("Mul", {"h", "x"}, "d").Node("Mul", {"c", "d"}, "y"), "gelu");
    row("GELU by name", Vector().Node("Gelu", {"x"}, "y"), "gelu", 20);
    row("dropout", Layer().Node("Dropout", {"x"}, "d").Node("Gemm", {"d", "w"}, "y"), "dropout dense", 10);
    const auto pooled = [] { return Image().Node("GlobalAveragePool", {"x"}, "g"); };
    row("global pool and Squeeze", pooled().Node("Squeeze", {"g"}, "y", {numbers("axes", {-1, 2})}),
        "global-average-pool", 11);
    row("global pool and Squeeze of 13",
        pooled().Constant("a", {2}, std::vector<int64_t>{2, 3}).Node("Squeeze", {"g", "a"}, "y"),
        "global-average-pool");
    row("global pool and Reshape",
        pooled().Constant("s", {2}, std::vector<int64_t>{-1, 2}).Node("Reshape", {"g", "s"}, "y"),
        "global-average-pool");
    row("global pool, ReLU and Flatten",
        pooled().Node("Relu", {"g"}, "r").Node("Flatten", {"r"}, "y", {number("axis", -3)}),
        "global-average-pool relu");
    row("global pool and a convolution",
        pooled()
            .Constant("w", {3, 2, 1, 1}, Some(6))
            .Node("Conv", {"g", "w"}, "c")
            .Node("Flatten", {"c"}, "y"),
        "global-average-pool reshape conv2d reshape");
    row("global pool at the end", pooled().Node("Softmax", {"g"}, "y", {number("axis", 1)}),
        "global-average-pool");
    row("a reshape of three kinds",
        Image()
            .Constant("s", {3}, std::vector<int64_t>{1, 0, -1})
            .Node("Reshape", {"x", "s"}, "r")
            .Node("Flatten", {"r"}, "y"),
        "reshape reshape");
    // What PyTorch writes for x.view(x.size(0), -1), and its later exporter.
    row("a shape that is computed",
        Image()
            .Constant("0", {}, std::vector<int64_t>{0})
            .Constant("-1", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e")
            .Node("Gather", {"e", "0"}, "g", {number("axis", 0)})
            .Node("Unsqueeze", {"g"}, "u", {numbers("axes", {0})})
            .Node("Concat", {"u", "-1"}, "t", {number("axis", 0)})
            .Node("Reshape", {"x", "t"}, "y"),
        "reshape", 11);
    row("a shape that is cut",
        Image()
            .Constant("-1", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e", {number("start", 0), number("end", 1)})
            .Node("Concat", {"e", "-1"}, "t", {number("axis", 0)})
            .Node("Cast", {"t"}, "c", {number("to", 7)})
            .Node("Reshape", {"x", "c"}, "y", {number("allowzero", 1)}),
        "reshape", 18);
    row("a fixed batch",
        OnnxFile()
            .Output("y")
            .Input("x", {"32", "2", "4", "4"})
            .Constant("s", {2}, std::vector<int64_t>{32, 32})
            .Node("Reshape", {"x", "s"}, "y"),
        "reshape");
    row("a linear layer without a bias",
        Vector()
            .Constant("w", {2, 3}, Some(6))
            .Node("Transpose", {"w"}, "t", {numbers("perm", {1, 0})})
            .Node("MatMul", {"x", "t"}, "y"),
        "dense");
    row("ReLU as Clip",
        Layer().Constant("0", {}, Floats{0}).Node("Gemm", {"x", "w"}, "g").Node("Clip", {"g", "0"}, "y"),
        "dense relu");
    row("ReLU as Clip, as it was",
        Layer().Node("Gemm", {"x", "w"}, "g").Node("Clip", {"g"}, "y", {OnnxFile::Number("min", 0.0F)}),
        "dense relu", 6);
    row("padding before a convolution",
        Image()
            .Constant("w", {1, 2, 3, 3}, Some(18))
            .Constant("p", {8}, std::vector<int64_t>{0, 0, 1, 1, 0, 0, 1, 1})
            .Node("Pad", {"x", "p"}, "z")
            .Node("Conv", {"z", "w"}, "c", {numbers("strides", {1, 1})})
            .Node("Flatten", {"c"}, "y"),
        "conv2d reshape");
    row("a mean over both sides",
        Image().Node("ReduceMean", {"x"}, "y", {numbers("axes", {-1, -2}), number("keepdims", 0)}),
        "global-average-pool", 11);
    row("a mean over both sides of 18",
        Image()
            .Constant("a", {2}, std::vector<int64_t>{2, 3})
            .Node("ReduceMean", {"x", "a"}, "m")
            .Node("Flatten", {"m"}, "y"),
        "global-average-pool", 18);
    row("channels last, as TensorFlow has them",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "4", "5", "2"})
            .Constant("w", {1, 2, 3, 3}, Some(18))
            .Node("Transpose", {"x"}, "t", {numbers("perm", {0, 3, 1, 2})})
            .Node("Conv", {"t", "w"}, "c")
            .Node("Flatten", {"c"}, "y"),
        "conv2d reshape");
    row("floats of 16 bits",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "3"}, 10)
            .Part(5, OnnxFile::Tensor("w", {3, 2}, 10, std::vector<uint16_t>(6, 0x3c00)))
            .Node("Gemm", {"x", "w"}, "g")
            .Node("Cast", {"g"}, "y", {number("to", 1)}),
        "dense");
    QTest::newRow("format 12") << Layer().Node("Gemm", {"x", "w"}, "y").Bytes(22, 12)
                               << "dense softmax-cross-entropy";
    row("padding SAME", Convolution({OnnxFile::Text("auto_pad", "SAME_UPPER")}), "conv2d reshape");
    row("padding VALID", Convolution({OnnxFile::Text("auto_pad", "VALID")}), "conv2d reshape");
    row("ceil_mode without a rest",
        Image()
            .Node("MaxPool", {"x"}, "p",
                  {numbers("kernel_shape", {2, 2}), numbers("strides", {2, 2}), number("ceil_mode", 1)})
            .Node("Flatten", {"p"}, "y"),
        "max-pool2d reshape");
    row("a mean without padding",
        Image()
            .Node("AveragePool", {"x"}, "p", {numbers("kernel_shape", {2, 2})})
            .Node("Flatten", {"p"}, "y"),
        "average-pool2d reshape");
  }
  void otherWaysOfWritingAreUnderstood() {
    QFETCH(std::string, file);
    QFETCH(QString, kinds);
    const auto read = Read(file);
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(KindsOf(*read), kinds);
    QVERIFY(ToOnnx(*read, "again").ok());  // all values are given
  }

  void weightsAreTurnedAndScaled() {
    const auto read = Read(Layer()
                               .Constant("b", {2}, Floats{7, 8})
                               .Node("Gemm", {"x", "w", "b"}, "y",
                                     {OnnxFile::Number("alpha", 2.0F), OnnxFile::Number("beta", 0.5F)})
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(Named(*read, "w")->shape, (Shape{2, 3}));
    QCOMPARE(*Named(*read, "w")->given, (Floats{2, 6, 10, 4, 8, 12}));
    QCOMPARE(*Named(*read, "b")->given, (Floats{3.5F, 4}));
  }

  void halvesAreWidened_data() {
    QTest::addColumn<int64_t>("type");
    QTest::addColumn<std::vector<uint16_t>>("halves");
    QTest::addColumn<Floats>("floats");
    QTest::newRow("float16") << int64_t{10}
                             << std::vector<uint16_t>{0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x3555}
                             << Floats{1, -2, 0x1p-24F, 65504, -0.0F, 0x1.554p-2F};
    QTest::newRow("bfloat16") << int64_t{16}
                              << std::vector<uint16_t>{0x3f80, 0xc000, 0x0001, 0x7f7f, 0x8000, 0x3eab}
                              << Floats{1, -2, 0x1p-133F, 0x1.fep127F, -0.0F, 0x1.56p-2F};
  }
  void halvesAreWidened() {
    QFETCH(int64_t, type);
    QFETCH(std::vector<uint16_t>, halves);
    QFETCH(Floats, floats);
    ProtobufWriter one_by_one;
    one_by_one.Integer(1, 2);
    one_by_one.Integer(1, 3);
    one_by_one.Integer(2, type);
    one_by_one.Bytes(8, "w");
    for (const uint16_t half : halves) one_by_one.Integer(5, half);
    for (const ProtobufWriter& tensor : {OnnxFile::Tensor("w", {2, 3}, type, halves), one_by_one}) {
      const auto read = Read(Vector()
                                 .Part(5, tensor)
                                 .Node("Gemm", {"x", "w"}, "y", {OnnxFile::Number("transB", int64_t{1})})
                                 .Bytes());
      QVERIFY2(read.ok(), qPrintable(Message(read.status())));
      QCOMPARE(*Named(*read, "w")->given, floats);
    }
  }

  void weightsBesideTheModelAreRead_data() {
    QTest::addColumn<QString>("location");
    QTest::addColumn<int64_t>("offset");
    QTest::addColumn<QString>("message");
    QTest::newRow("beside it") << "m.onnx.data" << int64_t{8} << "";
    QTest::newRow("in a folder") << "weights/w.bin" << int64_t{0} << "";
    QTest::newRow("cut short") << "m.onnx.data" << int64_t{12} << "m.onnx.data: cut short at byte 32";
    QTest::newRow("not there") << "gone.data" << int64_t{0} << "belongs beside the model; copy it there";
    QTest::newRow("elsewhere") << "../w.bin" << int64_t{0} << "expected a file beside the model";
    QTest::newRow("anywhere") << "/etc/passwd" << int64_t{0} << "expected a file beside the model";
  }
  void weightsBesideTheModelAreRead() {
    QFETCH(QString, location);
    QFETCH(int64_t, offset);
    QFETCH(QString, message);
    QTemporaryDir folder;
    const Floats values = {1, 2, 3, 4, 5, 6};
    const auto write = [&](const QString& name, const QByteArray& bytes) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      QCOMPARE(file.write(bytes), bytes.size());
    };
    const QByteArray stored(reinterpret_cast<const char*>(values.data()), 24);
    QVERIFY(QDir(folder.path()).mkdir("weights"));
    write("weights/w.bin", stored);
    write("m.onnx.data", QByteArray(8, 'x') + stored);
    ProtobufWriter tensor;
    for (const int64_t extent : {2, 3}) tensor.Integer(1, extent);
    tensor.Integer(2, 1);
    tensor.Bytes(8, "w");
    const std::vector<std::pair<std::string, std::string>> entries = {
        {"location", location.toStdString()}, {"offset", std::to_string(offset)}, {"length", "24"}};
    for (const auto& [key, value] : entries) {
      ProtobufWriter entry;
      entry.Bytes(1, key);
      entry.Bytes(2, value);
      tensor.Message(13, entry);
    }
    tensor.Integer(14, 1);
    const std::string model = Vector()
                                  .Part(5, tensor)
                                  .Node("Gemm", {"x", "w"}, "y", {OnnxFile::Number("transB", int64_t{1})})
                                  .Bytes();
    write("m.onnx", QByteArray::fromStdString(model));
    const auto read = ReadOnnx(folder.filePath("m.onnx").toStdString());
    if (message.isEmpty()) {
      QVERIFY2(read.ok(), qPrintable(Message(read.status())));
      QCOMPARE(*Named(*read, "w")->given, values);
    } else {
      QVERIFY(!read.ok());
      QVERIFY2(Message(read.status()).contains(message), qPrintable(Message(read.status())));
    }
  }

  void imagesWithChannelsLastAreTaken() {
    const auto read = Read(OnnxFile()
                               .Output("y")
                               .Input("x", {"N", "4", "5", "2"})
                               .Node("Transpose", {"x"}, "t", {OnnxFile::Numbers("perm", {0, 3, 1, 2})})
                               .Node("Flatten", {"t"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(read->value(read->input()).shape, (Shape{2, 4, 5}));
  }

  void aWeightThatIsTurnedBeforeIsTurnedBack() {
    const auto read = Read(Vector()
                               .Constant("w", {2, 3}, Floats{1, 2, 3, 4, 5, 6})
                               .Node("Transpose", {"w"}, "t")
                               .Node("MatMul", {"x", "t"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(Named(*read, "w")->shape, (Shape{2, 3}));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 2, 3, 4, 5, 6}));
  }

  void paddingSameIsHalfOnEachSide() {
    const auto read = Read(Convolution({OnnxFile::Text("auto_pad", "SAME_LOWER")}).Bytes());
    QVERIFY(read.ok());
    QCOMPARE(read->nodes()[0].attributes.padding, 1);
    QCOMPARE(read->value(read->nodes()[0].output).shape, (Shape{1, 4, 4}));
  }

  void elementsAreReadOneByOne() {  // float_data and int32_data, packed and not
    ProtobufWriter floats, codes;
    floats.Integer(1, 3);
    floats.Integer(1, 2);
    floats.Integer(2, 1);
    floats.Bytes(8, "w");
    const Floats first = {1, 2, 3, 4};
    floats.Bytes(4, {reinterpret_cast<const char*>(first.data()), 16});
    floats.Float(4, 5);
    floats.Float(4, 6);
    codes.Integer(1, 2);
    codes.Integer(2, 3);
    codes.Bytes(8, "b_quantized");
    codes.Integer(5, -3);
    codes.Bytes(5, "\x7f");
    const auto read = Read(Vector()
                               .Part(5, floats)
                               .Part(5, codes)
                               .Constant("s", {}, Floats{0.5F})
                               .Node("DequantizeLinear", {"b_quantized", "s"}, "b")
                               .Node("Gemm", {"x", "w", "b"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 3, 5, 2, 4, 6}));
    QCOMPARE(*Named(*read, "b")->given, (Floats{-1.5F, 63.5F}));
  }

  void aWeightIsDequantised_data() {
    QTest::addColumn<std::vector<int8_t>>("codes");
    QTest::addColumn<Floats>("scales");
    QTest::addColumn<std::vector<int8_t>>("zeros");
    QTest::addColumn<int>("axis");
    QTest::addColumn<Floats>("weight");  // ours, 2 x 3
    QTest::addColumn<Floats>("grid");    // empty: none
    const std::vector<int8_t> codes = {1, 2, 3, 4, 5, -6}, zero = {0};
    QTest::newRow("one scale") << codes << Floats{2} << zero << 0 << Floats{2, 6, 10, 4, 8, -12} << Floats{2};
    QTest::newRow("a scale an output") << codes << Floats{2, 4} << std::vector<int8_t>{0, 0} << 1
                                       << Floats{2, 6, 10, 8, 16, -24} << Floats{2, 4};
    QTest::newRow("counted from behind")
        << codes << Floats{2, 4} << zero << -1 << Floats{2, 6, 10, 8, 16, -24} << Floats{2, 4};
    QTest::newRow("a scale an input")
        << codes << Floats{1, 2, 4} << zero << 0 << Floats{1, 6, 20, 2, 8, -24} << Floats{};
    QTest::newRow("a zero point") << codes << Floats{1} << std::vector<int8_t>{1} << 0
                                  << Floats{0, 2, 4, 1, 3, -7} << Floats{};
    QTest::newRow("-128") << std::vector<int8_t>{-128, 0, 0, 0, 0, 0} << Floats{1} << zero << 0
                          << Floats{-128, 0, 0, 0, 0, 0} << Floats{};
  }
  void aWeightIsDequantised() {
    QFETCH(std::vector<int8_t>, codes);
    QFETCH(Floats, scales);
    QFETCH(std::vector<int8_t>, zeros);
    QFETCH(int, axis);
    QFETCH(Floats, weight);
    QFETCH(Floats, grid);
    const auto along = [](size_t count) { return count == 1 ? Shape{} : Shape{static_cast<int64_t>(count)}; };
    const auto read =
        Read(Vector()
                 .Constant("w", {3, 2}, codes)
                 .Constant("s", along(scales.size()), scales)
                 .Constant("z", along(zeros.size()), zeros)
                 .Node("DequantizeLinear", {"w", "s", "z"}, "f", {OnnxFile::Number("axis", int64_t{axis})})
                 .Node("Gemm", {"x", "f"}, "y")
                 .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    const Value* value = Named(*read, "w");
    QVERIFY(value != nullptr);
    QCOMPARE(*value->given, weight);
    QCOMPARE(value->quantization.has_value(), !grid.empty());
    if (value->quantization) QCOMPARE(value->quantization->scales, grid);
    // As uint8 with everything 128 higher it is the same.
    const auto raised = [](const std::vector<int8_t>& numbers) {
      std::vector<uint8_t> higher;
      for (const int8_t number : numbers) higher.push_back(static_cast<uint8_t>(number + 128));
      return higher;
    };
    const auto other =
        Read(Vector()
                 .Constant("w", {3, 2}, raised(codes))
                 .Constant("s", along(scales.size()), scales)
                 .Constant("z", along(zeros.size()), raised(zeros))
                 .Node("DequantizeLinear", {"w", "s", "z"}, "f", {OnnxFile::Number("axis", int64_t{axis})})
                 .Node("Gemm", {"x", "f"}, "y")
                 .Bytes());
    QVERIFY2(other.ok(), qPrintable(Message(other.status())));
    QCOMPARE(*Named(*other, "w")->given, weight);
    QVERIFY(IsSame(Named(*other, "w")->quantization, value->quantization));
  }

  void aWeightIsQuantisedAndBack() {
    const auto read = Read(Vector()
                               .Constant("w", {3, 2}, Floats{0.9F, 2.5F, 3.5F, 1000, -1000, NAN})
                               .Constant("s", {}, Floats{1})
                               .Constant("z", {}, std::vector<int8_t>{0})
                               .Node("QuantizeLinear", {"w", "s", "z"}, "q")
                               .Node("DequantizeLinear", {"q", "s", "z"}, "f")
                               .Node("Gemm", {"x", "f"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 4, -128, 2, 127, -128}));  // halves to even; saturated
  }

  // The value has the grid if all readers see it so; else a copy has it.
  void aGridIsForThoseWhoReadIt() {
    const auto file = [](bool is_shared, const std::vector<int8_t>& zero) {
      OnnxFile file = Layer().Constant("s", {}, Floats{0.5F}).Constant("z", {}, zero);
      file.Node("QuantizeLinear", {"x", "s", "z"}, "q").Node("DequantizeLinear", {"q", "s", "z"}, "d");
      file.Node("Relu", {"d"}, "r")
          .Node("Add", {"r", is_shared ? "x" : "d"}, "a")
          .Node("Gemm", {"a", "w"}, "y");
      return Read(file.Bytes());
    };
    const auto alone = file(false, {0});
    QVERIFY2(alone.ok(), qPrintable(Message(alone.status())));
    QCOMPARE(KindsOf(*alone), QString("relu add dense softmax-cross-entropy"));
    QVERIFY(IsSame(alone->value(alone->input()).quantization, Quantization{.scales = {0.5F}}));
    const auto shared = file(true, {-28});
    QVERIFY2(shared.ok(), qPrintable(Message(shared.status())));
    QCOMPARE(KindsOf(*shared), QString("reshape relu add dense softmax-cross-entropy"));
    QVERIFY(!shared->value(shared->input()).quantization);
    // A signed grid with a zero point is an unsigned one, moved.
    QVERIFY(IsSame(shared->value(shared->nodes()[0].output).quantization,
                   Quantization{.is_signed = false, .scales = {0.5F}, .zero_point = 100}));
    QCOMPARE(shared->nodes()[2].inputs[1], shared->input());
  }

  void whatIsNotOursIsRefused_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const OnnxFile& file, const char* message) {
      QTest::newRow(name) << file.Bytes() << QString(message);
    };
    const auto number = [](const char* name, int64_t value) { return OnnxFile::Number(name, value); };
    const auto numbers = OnnxFile::Numbers;
    const OnnxFile good = Layer().Node("Gemm", {"x", "w"}, "y");
    QTest::newRow("operator set 0") << good.Bytes(0) << "found operator set 0, expected 1 or later";
    QTest::newRow("batch norm in training, as it was")
        << Layer().Node("BatchNormalization", {"x", "w", "w", "w", "w"}, "y").Bytes(6)
        << "its is_test is 0, expected 1";
    QTest::newRow("a bias along the batch, as it was")
        << Layer()
               .Constant("b", {2}, Some(2))
               .Node("MatMul", {"x", "w"}, "m")
               .Node("Add", {"m", "b"}, "y", {number("broadcast", 1), number("axis", 0)})
               .Bytes(6)
        << "its axis is 0, expected 1";
    row("dropout in training",
        Layer()
            .Constant("r", {}, Floats{0.5F})
            .Part(5, OnnxFile::Tensor("t", {}, 9, std::vector<uint8_t>{1}))
            .Node("Dropout", {"x", "r", "t"}, "d")
            .Node("Gemm", {"d", "w"}, "y"),
        "(Dropout): its training_mode is on");
    row("a product of stacks",
        Vector().Constant("v", {2, 3, 2}, Some(12)).Node("MatMul", {"x", "v"}, "m").Node("Relu", {"m"}, "y"),
        "(MatMul): its weight \"v\" is 2x3x2");
    row("one number for too many outputs",
        Vector()
            .Constant("v", {3, 400000}, Some(1200000))
            .Constant("b", {}, Floats{1})
            .Constant("c", {1}, Floats{1})
            .Constant("d", {1, 1}, Floats{1})
            .Node("Gemm", {"x", "v", "b"}, "p")
            .Node("Gemm", {"x", "v", "c"}, "q")
            .Node("Gemm", {"x", "v", "d"}, "r")
            .Node("Add", {"p", "q"}, "s")
            .Node("Add", {"s", "r"}, "y"),
        "its bias \"d\" is one number for 400000 outputs");
    QTest::newRow("format 2") << good.Bytes(13, 2) << "found version 2 of ONNX's format";
    QTest::newRow("format 99") << good.Bytes(13, 99) << "expected 3 to 12";
    row("an unknown operator", Vector().Node("LSTM", {"x"}, "y"),
        "node \"y\" (LSTM): its operator is unknown here, "
        "expected one of Add, AveragePool");
    row("another domain", Vector().Node("Gelu", {"x"}, "y", {}, "com.microsoft"),
        "of domain \"com.microsoft\"");
    row("whole numbers of floats", Vector().Node("Cast", {"x"}, "y", {number("to", 7)}),
        "(Cast): makes int64 of it, expected floats");
    row("a softmax within", Layer().Node("Softmax", {"x"}, "s").Node("Gemm", {"s", "w"}, "y"),
        "(Softmax): its operator");
    row("two inputs", Layer().Input("z", {"N", "3"}).Node("Add", {"x", "z"}, "y"),
        "found the inputs \"x\" and \"z\"");
    row("two outputs", Layer().Output("z").Node("Relu", {"x"}, "y").Node("Tanh", {"x"}, "z"),
        "found the outputs \"y\" and \"z\", expected one");
    row("double floats", OnnxFile().Output("y").Input("x", {"N", "3"}, 11).Node("Relu", {"x"}, "y"),
        "its elements are double");
    row("a double weight",
        Vector()
            .Part(5, OnnxFile::Tensor("w", {3, 2}, 11, std::vector<double>(6)))
            .Node("Gemm", {"x", "w"}, "y"),
        "its constant \"w\" is double, expected float");
    row("an open height",
        OnnxFile().Output("y").Input("x", {"N", "3", "height", "4"}).Node("Relu", {"x"}, "y"),
        "its dimension 2 is \"height\"");
    row("an unknown height", OnnxFile().Output("y").Input("x", {"N", "3", "", "4"}).Node("Relu", {"x"}, "y"),
        "its dimension 2 is open");
    row("ReLU6",
        Layer()
            .Constant("0", {}, Floats{0})
            .Constant("6", {}, Floats{6})
            .Node("Gemm", {"x", "w"}, "g")
            .Node("Clip", {"g", "0", "6"}, "y"),
        "no layer of ours is ReLU6");
    row("padding before a pool",
        Image()
            .Node("Pad", {"x"}, "p", {numbers("pads", {0, 0, 1, 1, 0, 0, 1, 1})})
            .Node("MaxPool", {"p"}, "m", {numbers("kernel_shape", {2, 2})})
            .Node("Flatten", {"m"}, "y"),
        "reads \"p\", which a Pad gives");
    row("padding of channels", Image().Node("Pad", {"x"}, "y", {numbers("pads", {0, 1, 0, 0, 0, 1, 0, 0})}),
        "its pads are 0, 1, 0, 0, 0, 1, 0, 0, expected zeros around height and width");
    row("padding that mirrors",
        Image().Node("Pad", {"x"}, "y",
                     {numbers("pads", {0, 0, 1, 1, 0, 0, 1, 1}), OnnxFile::Text("mode", "reflect")}),
        "its mode is \"reflect\"");
    row("a mean over channels", Image().Node("ReduceMean", {"x"}, "y", {numbers("axes", {1})}),
        "takes the mean over the axes 1 of 2x4x4");
    row("a turn within",
        Image().Node("Relu", {"x"}, "r").Node("Transpose", {"r"}, "y", {numbers("perm", {0, 2, 3, 1})}),
        "its perm is 0, 2, 3, 1, expected");
    row("the batch within a shape",
        Image()
            .Constant("s", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e", {number("end", 1)})
            .Node("Concat", {"s", "e"}, "t", {number("axis", 0)})
            .Node("Reshape", {"x", "t"}, "y"),
        "expected the batch (0, -1 or 1)");
    {
      OnnxFile doubling = Image().Node("Shape", {"x"}, "s0");
      for (int i = 0; i < 40; ++i) {
        const std::string from = "s" + std::to_string(i);
        doubling.Node("Concat", {from, from}, "s" + std::to_string(i + 1),
                      {OnnxFile::Number("axis", int64_t{0})});
      }
      row("a shape that doubles", doubling.Node("Reshape", {"x", "s40"}, "y"),
          "joins what is no part of a shape");
    }
    row("no batch", OnnxFile().Output("y").Input("x", {"3"}).Node("Relu", {"x"}, "y"), "found 1 dimensions");
    row("a sample of no size", OnnxFile().Output("y").Input("x", {"N", "0"}).Node("Relu", {"x"}, "y"),
        "expected 1 to");
    row("a sample beyond all memory",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "9000000000", "9000000000", "9000000000"})
            .Node("Relu", {"x"}, "y"),
        "expected 1 to");
    row("no layers", OnnxFile().Input("x", {"N", "3"}).Output("x"), "is the input itself");
    row("an image at the end", Image().Node("Relu", {"x"}, "y"), "output \"y\": layer \"loss\"");
    row("a sparse initialiser", OnnxFile(good).Part(15, ProtobufWriter()), "sparse");
    ProtobufWriter outside = OnnxFile::Tensor("w", {3, 2}, 1, Floats());
    outside.Integer(14, 1);
    row("data elsewhere", Vector().Part(5, outside).Node("Gemm", {"x", "w"}, "y"),
        "\"w\": its data lie in another file");
    row("groups", Convolution({number("group", 2)}), "node \"c\" (Conv): its group is 2, expected 1, or");
    row("dilation", Convolution({numbers("dilations", {2, 2})}), "its dilations are 2, 2");
    row("strides that differ", Convolution({numbers("strides", {1, 2})}), "its strides are 1, 2");
    row("padding on one side", Convolution({numbers("pads", {0, 0, 1, 1})}), "its padding is 0, 0, 1, 1");
    row("padding below zero", Convolution({numbers("pads", {-1, -1, -1, -1})}), "its pads are");
    row("SAME with an odd rest", Convolution({OnnxFile::Text("auto_pad", "SAME_UPPER")}, {1, 2, 2, 2}),
        "its padding (SAME_UPPER) is 0, 0, 1, 1");
    row("an unknown auto_pad", Convolution({OnnxFile::Text("auto_pad", "MAYBE")}),
        "its auto_pad is \"MAYBE\"");
    row("strides of one dimension", Convolution({numbers("strides", {1})}), "its strides are 1 numbers");
    row("a kernel that is another", Convolution({numbers("kernel_shape", {2, 2})}),
        "its kernel_shape is 2x2, expected 3x3");
    row("a weight of other channels", Convolution({}, {1, 3, 3, 3}), "since the input has 2 channels");
    row("a convolution of vectors", Vector().Constant("w", {1, 3, 1}, Some(3)).Node("Conv", {"x", "w"}, "y"),
        "its input is 3, expected an image");
    row("a pool with ceil_mode",
        Image()
            .Node("MaxPool", {"x"}, "p",
                  {numbers("kernel_shape", {3, 3}), numbers("strides", {2, 2}), number("ceil_mode", 1)})
            .Node("Flatten", {"p"}, "y"),
        "its ceil_mode is 1");
    row("a mean that leaves padding out",
        Image()
            .Node("AveragePool", {"x"}, "p", {numbers("kernel_shape", {3, 3}), numbers("pads", {1, 1, 1, 1})})
            .Node("Flatten", {"p"}, "y"),
        "it has padding: its count_include_pad is 0");
    row("a pool of no kernel", Image().Node("MaxPool", {"x"}, "p").Node("Flatten", {"p"}, "y"),
        "its kernel_shape is 0, 0");
    row("transA", Layer().Node("Gemm", {"x", "w"}, "y", {number("transA", 1)}),
        "its transA is 1, expected 0");
    row("a bias of another width", Layer().Constant("b", {3}, Some(3)).Node("Gemm", {"x", "w", "b"}, "y"),
        "its bias \"b\" is 3, expected 2");
    row("a weight that is computed", Vector().Node("MatMul", {"x", "x"}, "y"),
        "\"x\", depends on the model's input");
    row("a weight in two scales",
        Layer()
            .Node("Gemm", {"x", "w"}, "a")
            .Node("Gemm", {"x", "w"}, "b", {OnnxFile::Number("alpha", 2.0F)})
            .Node("Add", {"a", "b"}, "y"),
        "reads \"w\" as 2x3 times 2, and another node as 2x3 times 1");
    row("a constant that is added", Vector().Constant("b", {3}, Some(3)).Node("Add", {"x", "b"}, "y"),
        "adds the constant \"b\"");
    row("another product", Vector().Constant("b", {}, Floats{3}).Node("Mul", {"x", "b"}, "y"),
        "only as a part of GELU");
    row("half of GELU", Vector().Constant("h", {}, Floats{0.5F}).Node("Mul", {"x", "h"}, "y"),
        "reads \"y\", expected only x/2");
    row("GELU of tanh", Vector().Node("Gelu", {"x"}, "y", {OnnxFile::Text("approximate", "tanh")}),
        "is an approximation");
    row("sums of two shapes", Layer().Node("Gemm", {"x", "w"}, "a").Node("Add", {"x", "a"}, "y"),
        "the second input is 2, expected 3");
    row("a reshape that mixes samples",
        Image().Constant("s", {2}, std::vector<int64_t>{16, 2}).Node("Reshape", {"x", "s"}, "y"),
        "its shape is 16, 2, expected the batch");
    row("a reshape of another size",
        Image().Constant("s", {2}, std::vector<int64_t>{-1, 31}).Node("Reshape", {"x", "s"}, "y"),
        "and 32 elements");
    row("a reshape that is computed", Image().Node("Reshape", {"x", "x"}, "y"),
        "depends on the model's input");
    row("Flatten of the batch", Image().Node("Flatten", {"x"}, "y", {number("axis", 0)}),
        "its axis is 0, expected 1");
    row("Squeeze of an image", Image().Node("Squeeze", {"x"}, "y", {numbers("axes", {2, 3})}),
        "takes the axes 2, 3 from 2x4x4");
    row("training",
        Layer().Node("BatchNormalization", {"x", "w", "w", "w", "w"}, "y", {number("training_mode", 1)}),
        "its training_mode is 1");
    const auto grids = [] {
      return Layer()
          .Constant("s", {}, Floats{1})
          .Constant("t", {}, Floats{2})
          .Constant("n", {}, Floats{-1})
          .Constant("m", {2}, Floats{1, 1})
          .Node("QuantizeLinear", {"x", "s"}, "q");
    };
    row("whole numbers that are read", grids().Node("Gemm", {"q", "w"}, "y"),
        "reads \"q\", the whole numbers");
    row("two scales", grids().Node("DequantizeLinear", {"q", "t"}, "y"),
        "its scale is 2 and its zero point 0, expected 1 and 0");
    row("a scale below zero", grids().Node("DequantizeLinear", {"q", "n"}, "y"),
        "are not all finite and above 0");
    row("an activation of two scales", grids().Node("DequantizeLinear", {"q", "m"}, "y"),
        "has 2 scales and 1 zero points");
    row("floats that are dequantised",
        grids().Node("DequantizeLinear", {"w", "s"}, "f").Node("Gemm", {"x", "f"}, "y"),
        "its whole numbers are float");
    row("a constant with two grids",
        Vector()
            .Constant("w", {3, 2}, std::vector<int8_t>(6))
            .Constant("s", {}, Floats{1})
            .Constant("t", {}, Floats{2})
            .Node("DequantizeLinear", {"w", "s"}, "f")
            .Node("DequantizeLinear", {"w", "t"}, "g")
            .Node("Gemm", {"x", "f"}, "a")
            .Node("Gemm", {"x", "g"}, "b")
            .Node("Add", {"a", "b"}, "y"),
        "with other scales");
  }
  void whatIsNotOursIsRefused() {
    QFETCH(std::string, file);
    QFETCH(QString, message);
    const absl::Status status = Read(file).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).startsWith("m: "), qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void whatIsDamagedIsRefused_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const OnnxFile& file, const char* message) {
      QTest::newRow(name) << file.Bytes() << QString(message);
    };
    QTest::newRow("nothing") << std::string() << "expected a ModelProto";
    QTest::newRow("a text") << std::string("not a model") << "at byte 0";
    QTest::newRow("no graph") << std::string("\x08\x07") << "without a graph";
    row("a name from nowhere", Vector().Node("Relu", {"z"}, "y"),
        "node \"y\" (Relu): reads \"z\", which nothing before it gives");
    row("a cycle", Vector().Node("Add", {"x", "b"}, "a").Node("Relu", {"a"}, "b").Node("Relu", {"b"}, "y"),
        "reads \"b\"");
    row("a name given twice", Vector().Node("Relu", {"x"}, "y").Node("Relu", {"x"}, "y"),
        "the name \"y\" is given twice");
    row("an initialiser twice", Layer().Constant("w", {3, 2}, Some(6)).Node("Gemm", {"x", "w"}, "y"),
        "\"w\" is given twice");
    row("an output from nowhere", Vector().Output("z").Node("Relu", {"x"}, "y"),
        "the output \"z\" is given by no node");
    row("too few bytes", Vector().Constant("w", {3, 2}, Some(5)),
        "tensor \"w\": found 20 bytes of data, expected 24 for 3x2");
    row("too many bytes", Vector().Constant("w", {3, 2}, Some(7)), "found 28 bytes of data");
    row("no bytes", Vector().Constant("w", {3, 2}, Floats()), "found 0 elements of float, expected 6");
    row("a negative extent", Vector().Constant("w", {-3, 2}, Some(6)), "found a dimension of -3");
    row("a product beyond 64 bits", Vector().Constant("w", {int64_t{1} << 39, int64_t{1} << 39, 4}, Some(6)),
        "it cannot be that large");
    ProtobufWriter code;
    code.Integer(1, 1);
    code.Integer(2, 3);
    code.Bytes(8, "q");
    code.Integer(5, 128);
    row("a code beyond its type", Vector().Part(5, code), "found the element 128, expected int8");
    ProtobufWriter twice = OnnxFile::Tensor("w", {1}, 1, Some(1));
    twice.Float(4, 1);
    row("data twice", Vector().Part(5, twice), "has its data twice");
    row("a node without an output", Vector().Part(1, ProtobufWriter()), "without an operator");
  }
  void whatIsDamagedIsRefused() {
    QFETCH(std::string, file);
    QFETCH(QString, message);
    const absl::Status status = Read(file).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).startsWith("m: "), qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void everyTruncationIsRefused() {
    const std::string whole = *ToOnnx(OnGrids().graph, "grids");
    QVERIFY(Read(whole).ok());
    for (size_t length = 0; length < whole.size(); ++length)
      QVERIFY2(!Read(whole.substr(0, length)).ok(), qPrintable(QString::number(length)));
  }

  void everyFlippedBitIsRefusedOrReadWithoutHarm() {
    const std::string whole = Layer()
                                  .Constant("b", {2}, Some(2))
                                  .Node("MatMul", {"x", "w"}, "m")
                                  .Node("Add", {"m", "b"}, "a")
                                  .Node("Softmax", {"a"}, "y")
                                  .Bytes();
    int refused = 0;
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto read = Read(damaged);
      refused += !read.ok();
      if (!read.ok()) continue;
      for (const ValueId id : read->parameters())
        QCOMPARE(std::ssize(*read->value(id).given), ElementCount(read->value(id).shape));
    }
    QVERIFY(refused >
            std::ssize(whole) * 8 / 3);  // half of the bytes are numbers and names, which may be any
  }

  void damagedFieldsAreRefused_data() {  // protobuf_reader.h
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const QByteArray& hex, const char* message) {
      QTest::newRow(name) << QByteArray::fromHex(hex) << QString(message);
    };
    row("a tag cut short", "80", "at byte 0: cut short within a number");
    row("a number cut short", "0801 08ff", "at byte 2: cut short within a number");
    row("a number of eleven bytes", "08ffffffffffffffffff8100", "beyond 64 bits");
    row("a number of 65 bits", "08ffffffffffffffffff02", "beyond 64 bits");
    row("field 0", "0001", "found the tag 0");
    row("a field of 30 bits", "808080808101", "expected a field");
    row("a group", "0b0c", "field 1 is of wire type 3");
    row("bytes beyond the end", "0a0261", "field 1 claims 2 bytes, and 1 are left");
    row("bytes beyond all memory", "0affffffffffffffffff01", "and 0 are left");
    row("a float cut short", "0d000000", "field 1 takes 4 bytes, and 3 are left");
    row("a double cut short", "0900000000000000", "field 1 takes 8 bytes, and 7 are left");
    row("another type", "1501020304", "field 2 is of wire type 5, expected 0, a number");
  }
  void damagedFieldsAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const auto read = [&]() -> absl::Status {
      ProtobufReader reader(std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size()))));
      while (reader.Next()) {
        int64_t number = 0;
        if (reader.field() == 2) RETURN_IF_ERROR(reader.Read(number));
      }
      return reader.status();
    };
    QCOMPARE(read().code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(read()).contains(message), qPrintable(Message(read())));
  }

  void fieldsAreReadAsTheyWereWritten() {  // protobuf_writer.h
    ProtobufWriter writer;
    for (const int64_t number : {int64_t{0}, int64_t{127}, int64_t{128}, int64_t{-1}, INT64_MIN, INT64_MAX})
      writer.Integer(1, number);
    writer.Double(2, 1.5);
    writer.Float(3, -0.0F);
    writer.Bytes(536870911, "text");  // the largest number of a field
    const std::string bytes = writer.Take();
    ProtobufReader reader(std::as_bytes(std::span(bytes)));
    std::vector<int64_t> numbers;
    Floats floats;
    std::string_view text;
    while (reader.Next()) {
      if (reader.field() == 1) QVERIFY(reader.Append(numbers).ok());
      if (reader.field() == 3) QVERIFY(reader.Append(floats).ok());
      if (reader.field() == 536870911) QVERIFY(reader.Read(text).ok());
    }
    QVERIFY(reader.status().ok());
    QCOMPARE(numbers, (std::vector<int64_t>{0, 127, 128, -1, INT64_MIN, INT64_MAX}));
    QVERIFY(floats.size() == 1 && floats[0] == 0 && std::signbit(floats[0]));
    QVERIFY(text == "text");
  }
};

CONCERTINA_TEST(OnnxReaderTest)

}  // namespace concertina::onnx_reader_test

#include "onnx_reader_test.moc"
