// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison_test.cc: what is asked of the engine and when, curves that equal its data, and the tables.
#include "ui/client/run_comparison.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/run_comparison_models.h"

namespace concertina::ui::run_comparison_test {

class RunComparisonTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<RunComparison> comparison_;

  // `accuracy` at the end; the curves of each seed are its own.
  proto::RunSummary put(const std::string& id, int seed, double rate, double accuracy) {
    engine_->own[id] = engine_->synthetic;
    engine_->own[id].seed = uint64_t(seed) * 31 + uint64_t(rate * 100);
    proto::RunSummary run = FakeEngine::makeRun(id, "run", proto::FINISHED);
    engine_->own[id].summarise(run, 600);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    QJsonObject optimizer = spec["optimizer"].toObject();
    optimizer["learning_rate"] = rate;
    spec["optimizer"] = optimizer;
    spec["seed"] = seed;
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    run.set_seed(uint64_t(seed));
    run.set_test_accuracy(accuracy);
    engine_->put(run);
    return run;
  }
  QVector<proto::RunSummary> sixRuns() {
    return {put("a", 1, 0.1, 0.90), put("b", 2, 0.1, 0.91), put("c", 3, 0.1, 0.92),
            put("d", 1, 0.2, 0.93), put("e", 2, 0.2, 0.94), put("f", 3, 0.2, 0.95)};
  }
  int asked(const std::string& what) const {
    const std::vector<std::string> calls = engine_->calls();
    return int(std::count(calls.begin(), calls.end(), what));
  }
  void connectToEngine() {
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    comparison_ = std::make_unique<RunComparison>(*client_);
  }
  void cleanup() {
    comparison_.reset();
    client_.reset();
    engine_.reset();
  }

  void nothingIsAskedForWhileNobodyLooks() {
    connectToEngine();
    comparison_->setRuns(sixRuns());
    comparison_->setShown({"train/loss"}, XAxis::kStep, 500);
    QCOMPARE(comparison_->groups().size(), size_t{2});  // known without asking
    QCOMPARE(asked("series train/loss step"), 0);
    comparison_->setActive(true);
    QTRY_COMPARE(asked("series train/loss step"), 6);
    QTRY_COMPARE(asked("series test/accuracy epoch"), 6);
    comparison_->setShown({"train/loss"}, XAxis::kStep, 500);  // the same is not asked for again
    comparison_->setShown({"train/loss"}, XAxis::kSeconds, 500);
    QTRY_COMPARE(asked("series train/loss seconds"), 6);
    QCOMPARE(asked("series train/loss step"), 6);
  }

  void oneRunIsDrawnAsItWasMeasured() {
    connectToEngine();
    comparison_->setRuns({put("a", 1, 0.1, 0.9)});
    comparison_->setShown({"train/loss"}, XAxis::kStep, 1000);
    comparison_->setActive(true);
    QTRY_COMPARE(comparison_->curve(0, "train/loss").size(), 600);
    const Curve curve = comparison_->curve(0, "train/loss");
    for (int step = 1; step <= 600; ++step) {
      QCOMPARE(curve.x[step - 1], double(step));
      QCOMPARE(curve.mean[step - 1], engine_->own["a"].value("train/loss", step));
    }
  }

  void seedsAreDrawnAsTheirMeanAndBand() {
    connectToEngine();
    comparison_->setRuns(sixRuns());
    comparison_->setShown({"train/loss"}, XAxis::kStep, 1000);
    comparison_->setActive(true);
    QTRY_COMPARE(comparison_->curve(1, "train/loss").size(), 600);
    const Curve curve = comparison_->curve(1, "train/loss");
    for (int step = 1; step <= 600; ++step) {
      double sum = 0, least = 1e9, largest = 0;
      for (const char* id : {"d", "e", "f"}) {
        const double value = engine_->own[id].value("train/loss", step);
        sum += value;
        least = std::min(least, value);
        largest = std::max(largest, value);
      }
      QVERIFY(std::abs(curve.mean[step - 1] - sum / 3) < 1e-12);
      QCOMPARE(curve.min[step - 1], least);
      QCOMPARE(curve.max[step - 1], largest);
      QVERIFY(least < largest);
    }
    comparison_->setSeedsAsOne(false);
    QCOMPARE(comparison_->groups().size(), size_t{6});
    QCOMPARE(comparison_->curve(3, "train/loss").mean[9], engine_->own["d"].value("train/loss", 10));
  }

  void aZoomIsReadFinerOnce() {
    engine_->thins = true;
    connectToEngine();
    comparison_->setRuns({put("a", 1, 0.1, 0.9)});
    comparison_->setShown({"train/loss"}, XAxis::kStep, 100);
    comparison_->setActive(true);
    QTRY_VERIFY(!comparison_->curve(0, "train/loss").isEmpty());
    const Curve overview = comparison_->curve(0, "train/loss");
    QVERIFY(overview.size() < 600);  // steps that the run has
    QSignalSpy changed(comparison_.get(), &RunComparison::curvesChanged);
    for (int i = 0; i < 5; ++i) comparison_->setRange(100, 200 - i);  // a wheel that turns
    QTRY_VERIFY(comparison_->curve(0, "train/loss").size() > overview.size());
    QCOMPARE(asked("series train/loss step"), 2);
    QTRY_VERIFY(changed.count() >= 1);
    const Curve curve = comparison_->curve(0, "train/loss");
    for (int i = 1; i < curve.size(); ++i) QVERIFY(curve.x[i - 1] < curve.x[i]);
    QCOMPARE(curve.x.front(), overview.x.front());  // what lies outside is still there
    QCOMPARE(curve.x.back(), overview.x.back());
    for (int step = 100; step <= 196; ++step) {
      const auto at = curve.x.indexOf(double(step));
      QVERIFY(at >= 0);
      QCOMPARE(curve.mean[at], engine_->own["a"].value("train/loss", step));
    }
    comparison_->setRange(0, 0);
    QCOMPARE(comparison_->curve(0, "train/loss").x, overview.x);
  }

  void theTargetIsCommonUntilAPersonMovesIt() {
    connectToEngine();
    comparison_->setRuns(sixRuns());
    comparison_->setActive(true);
    for (size_t i = 0; i < 6; ++i) QTRY_VERIFY(!comparison_->runs()[i].by_epoch.x.empty());
    QCOMPARE(comparison_->target(), 0.90);
    const auto epochs = [&] { return comparison_->figure(0, RunFigure::kEpochsToTarget).sample.mean; };
    comparison_->setTarget(0.8);
    const double at80 = epochs();
    QVERIFY(std::isfinite(at80));
    comparison_->setTarget(0.7);
    QVERIFY(epochs() < at80);
    comparison_->setTarget(0.9999);
    QVERIFY(std::isnan(epochs()));
  }

  void aRunThatGoesOnIsReadAgain() {
    connectToEngine();
    proto::RunSummary run = FakeEngine::makeRun("live", "live", proto::RUNNING);
    engine_->synthetic.summarise(run, 100);
    engine_->put(run);
    comparison_->setRuns({run});
    comparison_->setShown({"train/loss"}, XAxis::kStep, 1000);
    comparison_->setActive(true);
    QTRY_COMPARE(comparison_->curve(0, "train/loss").size(), 100);
    engine_->advance("live", 150);
    QTRY_COMPARE(comparison_->curve(0, "train/loss").size(), 150);
  }

  void aRunThatIsDeletedLeaves() {
    const QVector<proto::RunSummary> runs = {put("a", 1, 0.1, 0.9), put("b", 1, 0.2, 0.8)};
    connectToEngine();
    comparison_->setRuns(runs);
    QCOMPARE(comparison_->baseline(), "a");
    client_->deleteRun(client_.get(), "a", [](int, const QString&) {});
    QTRY_COMPARE(comparison_->runs().size(), size_t{1});
    QCOMPARE(comparison_->baseline(), "b");
  }

  void tablesSayWhatTheAnalysisFound() {
    ComparisonResultsModel results(*comparison_);
    SpecDifferenceModel settings(*comparison_);
    QAbstractItemModelTester results_tester(&results, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester settings_tester(&settings,
                                             QAbstractItemModelTester::FailureReportingMode::QtTest);
    connectToEngine();
    QVector<proto::RunSummary> runs = sixRuns();
    runs << put("g", 1, 0.4, 0.97);
    comparison_->setRuns(runs);
    const int accuracy = ComparisonResultsModel::kFirstFigure + int(RunFigure::kFinalAccuracy);
    const auto cell = [&](int row, int column, int role) {
      return results.index(row, column).data(role).toString();
    };
    QCOMPARE(results.rowCount(), 3);
    QCOMPARE(cell(0, ComparisonResultsModel::kSeeds, Qt::DisplayRole), "3 seeds");
    QCOMPARE(cell(2, ComparisonResultsModel::kSeeds, Qt::DisplayRole), "one seed");
    QCOMPARE(cell(0, accuracy, Qt::DisplayRole), "0.9100 ± 0.0100");
    QCOMPARE(cell(0, accuracy, ComparisonResultsModel::kDetailRole), "baseline");
    QCOMPARE(cell(1, accuracy, ComparisonResultsModel::kDetailRole), "+0.0300 (+3.30 %)");
    QVERIFY(
        cell(1, accuracy, Qt::ToolTipRole).contains("95 %: 0.0073 to 0.0527"));  // ± 2.776 * 0.01 sqrt(2/3)
    QCOMPARE(results.index(1, accuracy).data(ComparisonResultsModel::kVerdictRole).toInt(), 1);
    QVERIFY(cell(2, accuracy, Qt::ToolTipRole).contains("one seed"));
    QCOMPARE(results.index(2, accuracy).data(ComparisonResultsModel::kVerdictRole).toInt(), 0);
    QSignalSpy changed(&results, &QAbstractItemModel::dataChanged);
    comparison_->setBaseline("e");  // pins its group
    QTRY_VERIFY(changed.count() >= 1);
    QCOMPARE(cell(0, accuracy, ComparisonResultsModel::kDetailRole), QString::fromUtf8("−0.0300 (−3.19 %)"));
    QCOMPARE(results.index(0, accuracy).data(ComparisonResultsModel::kVerdictRole).toInt(), -1);

    QCOMPARE(settings.rowCount(), 1);
    QCOMPARE(settings.columnCount(), 4);
    QCOMPARE(settings.index(0, 0).data().toString(), "/optimizer/learning_rate");
    QCOMPARE(settings.index(0, 3).data().toString(), "0.4");
    QCOMPARE(settings.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), "run (learning_rate 0.1)");
    comparison_->setSeedsAsOne(false);
    QCOMPARE(settings.rowCount(), 2);  // and the seed
    QCOMPARE(results.rowCount(), 7);
    comparison_->setRuns({});
    QCOMPARE(results.rowCount(), 0);
    QCOMPARE(settings.rowCount(), 0);
  }

  void figuresReadAsPeopleWriteThem_data() {
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("figure");
    QTest::addColumn<QString>("text");
    QTest::newRow("accuracy") << 0.9 << int(RunFigure::kFinalAccuracy) << "0.9000";
    QTest::newRow("bytes") << 12.3e6 << int(RunFigure::kBytesSent) << "12.3 MB";
    QTest::newRow("time") << 245.0 << int(RunFigure::kSeconds) << "4 min 05 s";
    QTest::newRow("ratio") << 46.0 << int(RunFigure::kCompressionRatio) << "46.0×";
    QTest::newRow("epochs") << 2.5 << int(RunFigure::kEpochsToTarget) << "2.50";
    QTest::newRow("never") << qQNaN() << int(RunFigure::kEpochsToTarget) << "–";
  }
  void figuresReadAsPeopleWriteThem() {
    QFETCH(double, value);
    QFETCH(int, figure);
    QFETCH(QString, text);
    QCOMPARE(figureValueText(value, RunFigure(figure)), text);
  }

  void theReportHasTheCurvesThatAreShown() {
    connectToEngine();
    comparison_->setRuns(sixRuns());
    comparison_->setShown({"train/loss", "test/accuracy"}, XAxis::kSeconds, 1000);
    comparison_->setActive(true);
    QTRY_COMPARE(comparison_->curve(0, "train/loss").isEmpty(), false);
    QTRY_COMPARE(comparison_->curve(1, "test/accuracy").isEmpty(), false);
    const ComparisonReport report = comparison_->report([](const QString& series) { return series; });
    QCOMPARE(report.runs.size(), size_t{6});
    QCOMPARE(report.charts.size(), size_t{2});
    QCOMPARE(report.charts[0].x_title, std::string("seconds"));
    QVERIFY(report.charts[1].has_target && !report.charts[0].has_target);
    QVERIFY(report.charts[0].curves[0].x.size() <= 300);  // thinned, for the page has every point
    const std::string page = ComparisonHtml(report);
    QVERIFY(page.find("train/loss") != std::string::npos && page.find("<svg") != std::string::npos);
  }
};

CONCERTINA_TEST(RunComparisonTest)

}  // namespace concertina::ui::run_comparison_test

#include "run_comparison_test.moc"
