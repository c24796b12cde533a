// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// comparison_model_test.cc: which runs belong together, and what each is worth against the dense one.
#include "ui/client/comparison_model.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/number_format.h"

namespace concertina::ui::comparison_model_test {

class ComparisonModelTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<ComparisonModel> model_;

  // A run of 100 steps that sent `megabytes` of payload, with a codec that took `codec_seconds` a step.
  void put(const std::string& id, const std::string& name, const char* gradient, double megabytes,
           double codec_seconds, qint64 created = 1, proto::RunState state = proto::FINISHED) {
    proto::RunSummary run = FakeEngine::makeRun(id, name, state);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    spec["gradient"] = QJsonDocument::fromJson(gradient).array();
    spec["name"] = QString::fromStdString(name);
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    run.set_created_unix_ms(created);
    run.set_steps(100);
    run.set_seconds(10);
    run.set_samples_per_second(megabytes > 1500 ? 1000 : 2500);
    run.set_payload_bytes_sent(uint64_t(megabytes * 1e6));
    run.mutable_time()->set_compute(0.004);
    run.mutable_time()->set_encode(codec_seconds);
    engine_->put(run);
  }
  QString cell(int row, ComparisonModel::Column column) const {
    return model_->index(row, column).data().toString();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    // Two ranks that send each other 10 MB a step in two rounds, over 1 ms.
    engine_->plan = R"({"pattern": {"rounds": 2, "flows": [
        {"from": 0, "to": 1, "bytes": 1e7, "messages": 2, "bandwidth_mbit": 1000, "latency_ms": 1},
        {"from": 1, "to": 0, "bytes": 1e7, "messages": 2, "bandwidth_mbit": 1000, "latency_ms": 1}]},
      "workers": [{"rank": 0, "role": "worker", "axis": {"data": 0, "pipeline": 0, "tensor": 0}},
                  {"rank": 1, "role": "worker", "axis": {"data": 1, "pipeline": 0, "tensor": 0}}]})";
    client_ = std::make_unique<EngineClient>();
    model_ = std::make_unique<ComparisonModel>(*client_);
  }
  void cleanup() {
    model_.reset();
    client_.reset();
    engine_.reset();
  }

  void namesThatBeginAlikeAreAComparison() {
    put("a", "old · none", "[]", 2000, 0, 1);
    put("b", "old · fp16", R"([{"kind": "fp16"}])", 1000, 0.001, 2);
    put("c", "new · none", "[]", 2000, 0, 3);
    put("d", "new · fp16", R"([{"kind": "fp16"}])", 1000, 0.001, 4);
    put("e", "alone · none", "[]", 2000, 0, 5);
    put("f", "without a mark", "[]", 2000, 0, 6);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList({"new", "old"}));
    const QAbstractItemModelTester tester(model_.get());
    model_->setGroup("old");
    QCOMPARE(model_->rowCount(), 2);
    QCOMPARE(cell(0, ComparisonModel::kVariant), "none");
    QCOMPARE(cell(1, ComparisonModel::kVariant), "fp16");
    model_->setGroup("new");
    QCOMPARE(model_->rows()[1].id, "d");
  }

  // Dense: 10 MB a step that wait; half of them saved, for 10 ms of encoding: b = 8 x 5 MB / 10 ms = 4
  // Gbit/s.
  void aCodecIsHeldAgainstTheDenseRun() {
    put("a", "codecs · none", "[]", 2000, 0, 1);
    put("b", "codecs · half", R"([{"kind": "fp16"}])", 1000, 0.010, 2);
    put("c", "codecs · costly", R"([{"kind": "fp16"}, {"kind": "zstd"}])", 3000, 0.010, 3);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList("codecs"));
    model_->setGroup("codecs");
    QTRY_COMPARE(cell(1, ComparisonModel::kPaysBelow), "4.00 Gbit/s");
    QTRY_COMPARE(cell(2, ComparisonModel::kPaysBelow), "never");
    QCOMPARE(cell(0, ComparisonModel::kPaysBelow), notMeasured());
    QCOMPARE(cell(1, ComparisonModel::kAgainstDense), "2.50×");
    QCOMPARE(model_->rows()[0].step->step.bytes, 1e7);
    QCOMPARE(model_->rows()[0].step->latency_ms, 1.0);
  }

  void theTargetIsReadFromTheCurve() {
    put("a", "codecs · none", "[]", 2000, 0, 1);
    put("b", "codecs · half", R"([{"kind": "fp16"}])", 1000, 0.010, 2);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList("codecs"));
    model_->setGroup("codecs");
    QTRY_VERIFY(!model_->rows()[0].accuracy.isEmpty());
    model_->setTarget(0.62);
    const double sooner = model_->timeToTarget(model_->rows()[0]);
    model_->setTarget(0.66);
    const double later = model_->timeToTarget(model_->rows()[0]);
    QVERIFY(sooner > 0 && later > sooner);
    model_->setTarget(0.99);
    QVERIFY(std::isnan(model_->timeToTarget(model_->rows()[0])));
    QCOMPARE(cell(0, ComparisonModel::kTimeToTarget), notMeasured());
  }

  // No answer is no measurement: it is said, and asked for again.
  void whatTheEngineCannotSayIsSaid() {
    put("a", "codecs · none", "[]", 2000, 0, 1);
    put("b", "codecs · half", R"([{"kind": "fp16"}])", 1000, 0.010, 2);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList("codecs"));
    engine_->refuseWith({grpc::StatusCode::INTERNAL, "the disk cannot be read"});
    QSignalSpy told(model_.get(), &ComparisonModel::figuresChanged);
    model_->setGroup("codecs");
    QTRY_VERIFY(model_->rows()[0].problem.contains("the disk cannot be read") &&
                !model_->rows()[1].problem.isEmpty());
    QTRY_VERIFY(!told.isEmpty());
    QCOMPARE(cell(0, ComparisonModel::kTimeToTarget), notMeasured());
    const QModelIndex target = model_->index(0, ComparisonModel::kTimeToTarget);
    QVERIFY(target.data(Qt::ToolTipRole).toString().contains("the disk cannot be read"));
    engine_->refuseWith(grpc::Status::OK);
    const auto is_read =
        [&] {  // an answer to the first question may still be on its way when it is told again
          put("a", "codecs · none", "[]", 2000, 0, 1);
          return model_->rows()[0].problem.isEmpty() && !model_->rows()[0].accuracy.isEmpty();
        };
    QTRY_VERIFY(is_read());
    QVERIFY(target.data(Qt::ToolTipRole).toString().isEmpty());
  }

  void whatGoesIsTimedStepByStep() {
    put("a", "codecs · none", "[]", 2000, 0, 1);
    put("b", "codecs · half", R"([{"kind": "fp16"}])", 1000, 0.010, 2, proto::RUNNING);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList("codecs"));
    model_->setGroup("codecs");
    QSignalSpy timed(model_.get(), &ComparisonModel::stepTimed);
    proto::RunSummary run = engine_->run("b");
    run.set_steps(120);
    run.set_seconds(13);
    engine_->put(run);
    QTRY_COMPARE(timed.count(), 1);
    QCOMPARE(timed[0][0].toString(), "b");
    QCOMPARE(timed[0][1].toDouble(), 0.15);  // 3 s in 20 steps
  }

  void aDeletedRunGoes() {
    put("a", "codecs · none", "[]", 2000, 0, 1);
    put("b", "codecs · half", R"([{"kind": "fp16"}])", 1000, 0.010, 2);
    client_->start({}, engine_->address());
    QTRY_COMPARE(model_->groups(), QStringList("codecs"));
    model_->setGroup("codecs");
    client_->deleteRun(this, "b", [](int, const QString&) {});
    QTRY_COMPARE(model_->rowCount(), 1);
    QVERIFY(model_->groups().isEmpty());
  }
};

CONCERTINA_TEST(ComparisonModelTest)

}  // namespace concertina::ui::comparison_model_test

#include "comparison_model_test.moc"
