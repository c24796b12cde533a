// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_writer_test.cc: what does not need ONNX's library: refusals, names, the same bytes each time.
#include "core/edge/onnx_writer.h"

#include <QTest>

#include "core/graph/split_tensor.h"
#include "tests/core/edge/onnx_graphs.h"
#include "tests/test_program.h"

namespace concertina::onnx_writer_test {

class OnnxWriterTest : public QObject {
  Q_OBJECT

 private slots:
  void theSameGraphGivesTheSameBytes() {
    const TrainedGraph trained = Train(EveryOperator());
    const auto first = ToOnnx(trained.graph, trained.parameters, trained.buffers, "all");
    const auto second = ToOnnx(trained.graph, trained.parameters, trained.buffers, "all");
    QVERIFY(first.ok());
    QCOMPARE(*first, *second);
    QVERIFY(first->find("conv1.weight") != std::string::npos);
    QVERIFY(first->find("probabilities") != std::string::npos);
  }

  void aSquaredErrorGivesNoProbabilities() {
    const TrainedGraph trained = Train(SquaredErrorGraph());
    const auto model = ToOnnx(trained.graph, trained.parameters, trained.buffers, "");
    QVERIFY(model.ok());
    QVERIFY(model->find("probabilities") == std::string::npos);
    QVERIFY(model->find("logits") != std::string::npos);
  }

  void numbersThatDoNotFitTheGraphAreRefused() {
    const TrainedGraph trained = Train(EveryOperator());
    const std::span<const float> parameters(trained.parameters), buffers(trained.buffers);
    for (const auto& [p, b] : {std::pair{parameters.subspan(1), buffers}, {parameters, buffers.subspan(1)}}) {
      const auto model = ToOnnx(trained.graph, p, b, "all");
      QCOMPARE(model.status().code(), absl::StatusCode::kInvalidArgument);
      QVERIFY(std::string(model.status().message()).find("expected") != std::string::npos);
    }
    QCOMPARE(ToOnnx(Graph(), {}, {}, "none").status().code(), absl::StatusCode::kInvalidArgument);
  }

  void aPartOfAModelIsRefused() {
    Graph graph;
    ValueId at = graph.AddInput({6});
    for (const int64_t units : {4, 3}) {
      const int64_t width = graph.value(at).shape[0];
      const std::string name = "dense" + std::to_string(units);
      const ValueId weight = graph.AddParameter(name + ".weight", {units, width}, Initializer::kZeros);
      at = graph.AddNode(OpKind::kDense, name, {at, weight}).value();
    }
    const ValueId loss = graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {at}).value();
    graph.SetOutputs(at, loss);
    const Graph part = SplitTensor(graph, 0, 2).value();
    const std::vector<float> parameters(static_cast<size_t>(part.parameter_count()));
    const absl::Status status = ToOnnx(part, parameters, {}, "part").status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(std::string(status.message()).find("a part of a model") != std::string::npos);
  }
};

CONCERTINA_TEST(OnnxWriterTest)

}  // namespace concertina::onnx_writer_test

#include "onnx_writer_test.moc"
