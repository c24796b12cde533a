// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_reader_test.cc: what our writer writes is read again. Files of other programs are in
// onnx_foreign_test.cc, what is refused in onnx_refusal_test.cc.
#include "core/edge/onnx_reader.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "core/edge/onnx_writer.h"
#include "tests/core/edge/onnx_files.h"
#include "tests/core/edge/onnx_graphs.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::onnx_reader_test {
namespace {

using namespace onnx_files;

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
};

CONCERTINA_TEST(OnnxReaderTest)

}  // namespace concertina::onnx_reader_test

#include "onnx_reader_test.moc"
