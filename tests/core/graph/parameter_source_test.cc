// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameter_source_test.cc: a pass asks for parameters before it reads them, and says truly what it will ask
// for next; until then neither they nor their gradients take memory.
#include <QTest>
#include <algorithm>

#include "core/graph/executor.h"
#include "core/graph/graph.h"
#include "core/tensor/pages.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::parameter_source_test {
namespace {

class NotingSource final : public ParameterSource {
 public:
  struct Asked {
    std::vector<int> parameters, next;
  };
  absl::Status Fetch(std::span<const int> parameters, std::span<const int> next) override {
    asked.push_back({{parameters.begin(), parameters.end()}, {next.begin(), next.end()}});
    return absl::OkStatus();
  }
  std::vector<Asked> asked;
};

}  // namespace

class ParameterSourceTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsNamedNextIsAskedForNext_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const SampleGraph& sample : SampleGraphs()) QTest::newRow(sample.name.c_str()) << index++;
  }
  void whatIsNamedNextIsAskedForNext() {
    QFETCH(int, index);
    const SampleGraph sample = SampleGraphs()[static_cast<size_t>(index)];
    auto executor = Executor::Create(sample.graph, {.batch_size = sample.batch});
    QVERIFY2(executor.ok(), std::string(executor.status().message()).c_str());
    NotingSource source;
    (*executor)->SetParameterSource(&source);
    for (const bool trains : {true, false}) {
      source.asked.clear();
      if (trains)
        (*executor)->Step(0, {});
      else
        (*executor)->Evaluate(sample.batch);
      for (size_t i = 0; i < source.asked.size(); ++i) {
        const bool is_last = i + 1 == source.asked.size();
        QVERIFY(source.asked[i].next == (is_last ? std::vector<int>() : source.asked[i + 1].parameters));
      }
      // Whatever an operator reads is asked for.
      const std::vector<ValueId>& parameters = sample.graph.parameters();
      for (const Node& node : sample.graph.nodes())
        for (const ValueId id : node.inputs) {
          const auto found = std::ranges::find(parameters, id);
          if (found == parameters.end()) continue;
          const auto index_of = static_cast<int>(found - parameters.begin());
          QVERIFY(std::ranges::any_of(source.asked, [&](const NotingSource::Asked& one) {
            return std::ranges::find(one.parameters, index_of) != one.parameters.end();
          }));
        }
    }
  }

  void aNewModelTakesNoMemoryForItsParameters() {
    GraphMaker maker({1024});
    maker.Dense(2048).Unary(OpKind::kRelu).Dense(2048).Dense(10);
    const Graph graph = maker.Done();
    auto executor = Executor::Create(graph, {.batch_size = 4});
    QVERIFY2(executor.ok(), std::string(executor.status().message()).c_str());
    QVERIFY((*executor)->parameters().size_bytes() > (size_t{20} << 20));
    QCOMPARE(ResidentBytes((*executor)->parameters()), int64_t{0});
    QCOMPARE(ResidentBytes((*executor)->gradients()), int64_t{0});
    // First values come layer by layer; who gives each back at once has never more than one.
    const std::vector<ParameterSlot>& layout = (*executor)->parameter_slots();
    KeepInSmallPages((*executor)->parameters());
    int64_t most = 0, largest = 0;
    Initialize(graph, 1, (*executor)->parameters(), (*executor)->buffers(), [&](int index) {
      const ParameterSlot& slot = layout[static_cast<size_t>(index)];
      most = std::max(most, ResidentBytes((*executor)->parameters()));
      largest = std::max(largest, slot.count * int64_t{sizeof(float)});
      GiveBackPages((*executor)->parameters().subspan(static_cast<size_t>(slot.offset),
                                                      static_cast<size_t>(slot.count)));
    });
    const auto ends = static_cast<int64_t>(layout.size()) * 2 * 4096;
    QVERIFY(most >= largest);
    QVERIFY2(most <= largest + ends, qPrintable(QString::number(most)));
    QCOMPARE(ResidentBytes((*executor)->gradients()), int64_t{0});
  }
};

CONCERTINA_TEST(ParameterSourceTest)

}  // namespace concertina::parameter_source_test

#include "parameter_source_test.moc"
