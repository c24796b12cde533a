// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rewrite_test.cc: without hooks a graph is built again as it was, with all that is said of its values.
#include "core/compress/rewrite.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::rewrite_test {

class RewriteTest : public QObject {
  Q_OBJECT
 private slots:
  void aCopyIsTheSameModel_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"lenet-5", "resnet-8", "mlp"}) QTest::newRow(kind) << QString(kind);
  }
  void aCopyIsTheSameModel() {
    QFETCH(QString, kind);
    const Graph graph = KnownModel(kind.toStdString(), {1, 16, 16});
    const Graph copy = Must(RewriteGraph(graph, {}));
    const auto compare = [&](const std::vector<ValueId>& old_ids, const std::vector<ValueId>& new_ids) {
      QCOMPARE(new_ids.size(), old_ids.size());
      for (size_t i = 0; i < old_ids.size(); ++i) {
        const Value &old = graph.value(old_ids[i]), &copied = copy.value(new_ids[i]);
        QCOMPARE(copied.name, old.name);
        QCOMPARE(copied.shape, old.shape);
        QCOMPARE(copied.given, old.given);
      }
    };
    compare(graph.parameters(), copy.parameters());
    compare(graph.buffers(), copy.buffers());
    QCOMPARE(copy.nodes().size(), graph.nodes().size());
    for (size_t i = 0; i < graph.nodes().size(); ++i) QCOMPARE(copy.nodes()[i].name, graph.nodes()[i].name);
    QCOMPARE(RelativeDifference(Predictions(copy), Predictions(graph)), 0.0);
  }

  void whatIsSaidOfValuesStays() {
    Graph graph = TwoDenseLayers();
    Value& weight = graph.mutable_value(Named(graph, "a.weight"));
    weight.hold = Hold::kGrid;
    weight.decays = false;
    weight.quantization = Quantization{.bits = 3, .scales = {0.5F}};
    const ValueId hidden = graph.nodes()[0].output;
    graph.mutable_value(hidden).quantization = Quantization{.bits = 8, .is_signed = false, .scales = {0.1F}};
    const Graph copy = Must(RewriteGraph(graph, {}));
    const Value& copied = ValueNamed(copy, "a.weight");
    QVERIFY(copied.hold == Hold::kGrid && !copied.decays && copied.quantization);
    QCOMPARE(copied.quantization->bits, 3);
    const auto& grid = copy.value(copy.nodes()[0].output).quantization;
    QVERIFY(grid);
    QCOMPARE(grid->scales, std::vector<float>{0.1F});
  }

  void whatIsPutInAPlaceLiesThere() {
    const Graph graph = TwoDenseLayers();
    RewriteHooks hooks;
    hooks.value = [&](Rewriter& rewriter, ValueId id) {
      Value value = graph.value(id);
      if (value.name == "a.bias") value.name = "a.shift";
      return rewriter.Put(std::move(value));
    };
    const Graph renamed = Must(RewriteGraph(graph, hooks));
    std::vector<std::string> names;
    for (const ValueId id : renamed.parameters()) names.push_back(renamed.value(id).name);
    QCOMPARE(names, (std::vector<std::string>{"a.weight", "a.shift", "b.weight", "b.bias"}));
  }

  void whatDoesNotFitIsNamed() {
    const Graph graph = TwoDenseLayers();
    RewriteHooks hooks;
    hooks.value = [&](Rewriter& rewriter, ValueId id) {
      Value value = graph.value(id);
      if (value.name == "b.weight") value.shape = {4, 5};
      return rewriter.Put(std::move(value));
    };
    const absl::Status status = RewriteGraph(graph, hooks).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains("\"b\""), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(RewriteTest)

}  // namespace concertina::rewrite_test

#include "rewrite_test.moc"
