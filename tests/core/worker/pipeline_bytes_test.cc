// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_bytes_test.cc: what the stages and parts of a model send in a step, counted at each rank's door,
// is what the plan foretells, to the byte.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

#include "core/base/rng.h"
#include "core/experiment/plan.h"
#include "core/worker/step_loop.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::pipeline_bytes_test {
namespace {

using nlohmann::json;

void WriteTable(const QString& path) {
  Rng rng(5, "table");
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("a,b,c,label\n");
  for (int i = 0; i < 600; ++i) {
    const double a = rng.Normal(), b = rng.Normal(), c = rng.Normal();
    file.write(QByteArray::number(a) + "," + QByteArray::number(b) + "," + QByteArray::number(c) + "," +
               (a + 2 * b > c ? "yes" : "no") + "\n");
  }
}

// Of each step, from what the rank recorded.
std::vector<double> ColumnOf(StepRecorder& recorder, const std::string& name) {
  std::vector<double> values;
  proto::MetricBatch batch;
  if (!recorder.Take(batch)) return values;
  for (const proto::MetricTable& table : batch.tables())
    for (const proto::MetricTable::Column& column : table.columns())
      if (batch.declared(static_cast<int>(column.series())).name() == name)
        values.insert(values.end(), column.values().begin(), column.values().end());
  return values;
}

}  // namespace

class PipelineBytesTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { WriteTable(folder_.filePath("table.csv")); }

  void countedBytesAreThePlans_data() {
    QTest::addColumn<QString>("mesh");
    QTest::addColumn<QString>("pipeline");
    QTest::addColumn<QString>("sums");  // the codec of the tensor axis
    const auto row = [](const char* name, const char* mesh, const char* pipeline,
                        const char* sums = R"({"kind": "none"})") {
      QTest::newRow(name) << mesh << pipeline << sums;
    };
    const char* stages = R"({"data": 1, "pipeline": 2, "tensor": 1})";
    row("two stages", stages, R"({"kind": "1f1b"})");
    row("one micro-batch", stages, R"({"kind": "1f1b", "micro_batches": 1})");
    row("all forward, then all back", stages, R"({"kind": "gpipe"})");
    row("four stages", R"({"data": 1, "pipeline": 4, "tensor": 1})", R"({"kind": "1f1b"})");
    row("pieces", stages, R"({"kind": "interleaved", "micro_batches": 8})");
    row("halves", stages, R"({"kind": "1f1b", "activations": {"kind": "fp16"}})");
    row("a tenth of it", stages,
        R"({"kind": "gpipe", "activations": {"kind": "top-k", "ratio": 0.1, "error_feedback": false}})");
    row("pieces in halves", stages, R"({"kind": "interleaved", "activations": {"kind": "fp16"}})");
    row("copies", R"({"data": 2, "pipeline": 3, "tensor": 1})", R"({"kind": "1f1b"})");
    const char* all = R"({"data": 2, "pipeline": 2, "tensor": 2})";
    row("copies of divided layers", all, R"({"kind": "1f1b"})");
    row("sums of halves", all, R"({"kind": "1f1b"})", R"({"kind": "fp16"})");
    row("halves of all", all, R"({"kind": "1f1b", "recompute": true, "activations": {"kind": "fp16"}})",
        R"({"kind": "fp16"})");
    row("sums that are gathered", all, R"({"kind": "1f1b"})", R"({"kind": "int8"})");
    row("sums without stages", R"({"data": 2, "pipeline": 1, "tensor": 2})", R"({"kind": "1f1b"})",
        R"({"kind": "fp16"})");
  }
  void countedBytesAreThePlans() {
    QFETCH(QString, mesh);
    QFETCH(QString, pipeline);
    QFETCH(QString, sums);
    json text = {
        {"dataset", {{"kind", "csv"}, {"path", Table()}, {"label", "label"}}},
        {"model", {{"kind", "mlp"}, {"hidden", {48, 24, 36}}}},
        {"training", {{"batch_size", 64}, {"epochs", 10}, {"max_steps", 8}, {"evaluate_every_epochs", 0}}},
        {"mesh", json::parse(mesh.toStdString())},
        {"pipeline", json::parse(pipeline.toStdString())},
        {"tensor", {{"activations", json::parse(sums.toStdString())}}}};
    int ranks = 1;
    for (const auto& [axis, length] : text["mesh"].items()) ranks *= length.get<int>();
    text["workers"] = {{{"launcher", "local"}, {"count", ranks}}};
    const SpecCheck check = CheckSpec(text.dump());
    QVERIFY2(check.faults.empty(), FaultsToStatus(check.faults).ToString().c_str());
    std::vector<Fault> faults;
    const auto plan = PlanOf(check.spec, Datasets(), faults);
    QVERIFY(plan.ok());
    QVERIFY2(faults.empty(), FaultsToStatus(faults).ToString().c_str());

    QTemporaryDir run;
    auto transports = MakeInProcessTransports(ranks);
    std::vector<absl::Status> statuses(static_cast<size_t>(ranks));
    std::vector<std::vector<double>> bytes(static_cast<size_t>(ranks));
    std::vector<std::vector<uint64_t>> sent(static_cast<size_t>(ranks));  // by rank, as it was told last
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank)
      threads.emplace_back([&, rank] {
        const auto r = static_cast<size_t>(rank);
        StepRecorder recorder(static_cast<uint32_t>(rank));
        ControlQueue controls;
        StepLoopListener listener;
        listener.progress = [](int64_t, double, const char*) {};
        listener.traffic = [&, r](std::span<const uint64_t> sent_bytes, double) {
          sent[r].assign(sent_bytes.begin(), sent_bytes.end());
        };
        listener.checkpoint_written = [](int64_t, const std::string&, uint64_t) {};
        listener.knob_applied = [](const proto::Knob&, int64_t, const absl::Status&) {};
        listener.state_reached = [](const char*, int64_t) {};
        auto loop = StepLoop::Create({.spec = check.spec,
                                      .rank = rank,
                                      .world_size = ranks,
                                      .run_folder = run.path().toStdString(),
                                      .datasets_folder = Datasets(),
                                      .kernels_file = folder_.filePath("kernels").toStdString()},
                                     recorder, controls, std::move(listener));
        statuses[r] = loop.ok() ? (*loop)->Run(*transports[r], {}).status() : loop.status();
        if (!statuses[r].ok()) transports[r]->Abort(statuses[r]);
        bytes[r] = ColumnOf(recorder, "comm/payload_bytes_sent");
      });
    for (std::thread& thread : threads) thread.join();

    for (int rank = 0; rank < ranks; ++rank) {
      const auto r = static_cast<size_t>(rank);
      QVERIFY2(statuses[r].ok(), statuses[r].ToString().c_str());
      double foretold = 0;
      for (const Flow& flow : plan->pattern.flows) foretold += flow.from == rank ? flow.bytes : 0;
      QCOMPARE(bytes[r].size(), size_t{8});
      // The first step also sums norms, as each sixteenth does. Before a step ranks may meet: a gather of 8
      // bytes.
      for (size_t step = 1; step < bytes[r].size(); ++step) {
        const double beyond = bytes[r][step] - foretold;
        QVERIFY2(beyond == 0 || beyond == 8.0 * (ranks - 1),
                 qPrintable(QString("%1 bytes, foretold %2").arg(bytes[r][step]).arg(foretold)));
      }
      QVERIFY(bytes[r][0] >= foretold);
      // By link, over those that the plan has: the first step tells it, and has sent at least as much.
      QCOMPARE(sent[r].size(), static_cast<size_t>(ranks));
      QCOMPARE(sent[r][r], uint64_t{0});
      for (const Flow& flow : plan->pattern.flows)
        if (flow.from == rank && flow.bytes > 0) QVERIFY(sent[r][static_cast<size_t>(flow.to)] > 0);
      QVERIFY(static_cast<double>(std::accumulate(sent[r].begin(), sent[r].end(), uint64_t{0})) >= foretold);
    }
  }

 private:
  std::string Table() const { return folder_.filePath("table.csv").toStdString(); }
  std::string Datasets() const { return folder_.filePath("datasets").toStdString(); }
  QTemporaryDir folder_;
};

CONCERTINA_TEST(PipelineBytesTest)

}  // namespace concertina::pipeline_bytes_test

#include "pipeline_bytes_test.moc"
