// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_page_test.cc: the Sweep page driven through its widgets: fields become axes, axes become runs, runs
// become cells; and the small decisions behind it.
#include "ui/pages/sweep_page.h"

#include <QComboBox>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/heat_map.h"
#include "ui/forms/ask.h"
#include "ui/pages/sweep_results.h"
#include "ui/pages/sweep_setup.h"

namespace concertina::ui::sweep_page_test {

class SweepPageTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<SweepPage> page_;

  template <class Object>
  Object* find(const QString& name) const {
    return page_->findChild<Object*>(QStringLiteral("sweepPage.") + name);
  }
  void put(const std::string& id, double rate, const char* gradient, double accuracy,
           proto::RunState state = proto::FINISHED) {
    proto::RunSummary run = FakeEngine::makeRun(id, "grid · " + id, state);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    QJsonObject optimizer = spec["optimizer"].toObject();
    optimizer["learning_rate"] = rate;
    spec["optimizer"] = optimizer;
    spec["gradient"] = QJsonDocument::fromJson(gradient).array();
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    if (state != proto::QUEUED) {
      engine_->synthetic.summarise(run, 600);
      run.set_test_accuracy(accuracy);
    }
    engine_->put(run);
  }
  void putGrid() {
    put("a", 0.1, "[]", 0.7);
    put("b", 0.2, "[]", 0.8);
    put("c", 0.1, R"([{"kind": "top-k", "ratio": 0.01}])", 0.6);
    put("d", 0.2, R"([{"kind": "top-k", "ratio": 0.01}])", 0, proto::QUEUED);
    // Three runs make four cells already; the last one's state is the last to come.
    const auto is_whole = [this] {
      const auto& cells = find<HeatMap>("map")->picture().cells;
      return cells.size() == 4 && cells[3].state == CellState::kQueued;
    };
    QTRY_VERIFY(is_whole());
  }
  void addAxis(const QString& words) {
    find<QLineEdit>("findField")->setText(words);
    QTest::keyClick(find<QLineEdit>("findField"), Qt::Key_Return);
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->names_runs = true;
    engine_->plan = R"({"total_steps": 1000, "world_size": 4, "step_seconds": {"total": 0.01},
                        "payload_bytes_per_step_and_rank": 1000})";
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    page_ = std::make_unique<SweepPage>(*client_, folder_.filePath("shelf"));
    page_->resize(1280, 860);
    page_->show();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    page_.reset();
    client_.reset();
    engine_.reset();
    setAskForFileForTests({});
  }

  void withoutASweepItOffersTheReadyOne() {
    auto* button = find<QPushButton>("emptyButton");
    QVERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(find<QPushButton>("launch")->isVisible());
    QCOMPARE(find<QLineEdit>("name")->text(), "Compare codecs");
    // 25 codecs on three links, as the file has them.
    QTRY_VERIFY2(find<QLabel>("estimate")->text().startsWith("75 run(s)"),
                 qPrintable(find<QLabel>("estimate")->text()));
  }

  void axesAreMadeOfFields() {
    page_->begin(kSpecOfTests, "mine");
    auto* fields = find<QListWidget>("fields");
    QTRY_VERIFY(fields->count() > 3);
    QVERIFY(!find<QPushButton>("launch")->isEnabled());
    QVERIFY(find<QLabel>("estimate")->text().contains("Choose a field"));
    addAxis("learning rate");
    auto* count = find<QSpinBox>("axis0.stepsCount");
    QVERIFY(count != nullptr);
    QCOMPARE(find<QLabel>("axis0.preview")->text(), "5 value(s): 0.005, 0.0158, 0.05, 0.158, 0.5");
    count->setValue(3);
    addAxis("codec gradient");
    auto* ticks = find<QListWidget>("axis1.ticks");
    QVERIFY(ticks != nullptr);
    QCOMPARE(ticks->count(), 2);  // none, and the engine's one codec: of two values both are meant
    for (int i = 0; i < 2; ++i) ticks->item(i)->setCheckState(Qt::Unchecked);
    QTRY_VERIFY(find<QLabel>("estimate")->text().contains("has no values yet"));
    for (int i = 0; i < 2; ++i) ticks->item(i)->setCheckState(Qt::Checked);
    // 1000 steps of 10 ms, six times; 1 kB a step from each of four.
    QTRY_COMPARE(find<QLabel>("estimate")->text(),
                 "6 run(s) · about 1 min 00 s one after another · 24.0 MB of payload");
    QVERIFY(find<QPushButton>("launch")->isEnabled());
    // The same field again is no second axis.
    addAxis("learning rate");
    QVERIFY(find<QSpinBox>("axis2.stepsCount") == nullptr);
    QTest::mouseClick(find<QToolButton>("axis1.remove"), Qt::LeftButton);
    QTRY_VERIFY(find<QLabel>("estimate")->text().startsWith("3 run(s)"));
  }

  void whatIsLaunchedIsKeptAndShown() {
    page_->begin(kSpecOfTests, "mine");
    QTRY_VERIFY(find<QListWidget>("fields")->count() > 3);
    addAxis("learning rate");
    find<QLineEdit>("name")->setText("rates");
    QTRY_VERIFY(find<QPushButton>("launch")->isEnabled());
    QTest::mouseClick(find<QPushButton>("launch"), Qt::LeftButton);
    QTRY_COMPARE(engine_->submitted().size(), size_t{5});
    QTRY_COMPARE(find<QComboBox>("groups")->currentText(), "rates");
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 5);
    QVERIFY(QFile::exists(folder_.filePath("shelf/rates.sweep.json")));
    // All five wait: the picture has their marks, and no value.
    QTRY_COMPARE(find<HeatMap>("map")->picture().cells.size(), 5);
    for (const HeatMapCell& cell : find<HeatMap>("map")->picture().cells)
      QCOMPARE(cell.state, CellState::kQueued);
    QTest::mouseClick(find<QPushButton>("stop"), Qt::LeftButton);
    QTRY_VERIFY(find<QLabel>("progress")->text().startsWith("5 of 5 run(s) have ended"));
  }

  void aFaultStartsNothing() {
    page_->begin(kSpecOfTests, "mine");
    QTRY_VERIFY(find<QListWidget>("fields")->count() > 3);
    addAxis("codec gradient");
    auto* mode = find<QComboBox>("axis0.mode");
    mode->setCurrentIndex(mode->findText("A list"));
    find<QLineEdit>("axis0.typed")->setText("fault");
    QTRY_VERIFY(find<QLabel>("setupMessage")->text().contains("/axes/0/values/0"));
    QVERIFY(!find<QPushButton>("launch")->isEnabled());
    QVERIFY(engine_->submitted().empty());
  }

  void cellsAreTheRuns() {
    putGrid();
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 4);
    auto* map = find<HeatMap>("map");
    const HeatMapPicture& picture = map->picture();
    QCOMPARE(picture.x_title, "Learning rate");
    QCOMPARE(picture.x_labels, (QStringList{"0.1", "0.2"}));
    QCOMPARE(picture.y_labels, (QStringList{"none", "top-k"}));
    QCOMPARE(picture.cells[0].value, 0.7);
    QCOMPARE(picture.cells[1].value, 0.8);
    QCOMPARE(picture.cells[2].value, 0.6);
    QCOMPARE(picture.cells[3].state, CellState::kQueued);
    QVERIFY(picture.cells[1].detail.contains("Test accuracy: 0.8"));
    // The best is on top.
    QCOMPARE(find<QTableView>("table")->model()->index(0, 1).data().toString(), "0.2");
    // A click chooses its runs, a double click opens one.
    QSignalSpy opened(page_.get(), &SweepPage::opened), compared(page_.get(), &SweepPage::compareRequested);
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(2).center().toPoint());
    QCOMPARE(find<QTableView>("table")->selectionModel()->selectedRows().size(), 1);
    QVERIFY(find<QLabel>("readOut")->text().contains("top-k"));
    QTest::mouseDClick(map, Qt::LeftButton, {}, map->cellRect(1).center().toPoint());
    QCOMPARE(opened.last().at(0).toString(), "b");
    QTest::mouseClick(find<QPushButton>("compare"), Qt::LeftButton);
    QCOMPARE(compared.last().at(0).value<QVector<proto::RunSummary>>().size(), 3);  // who has begun
    // Another axis away: its values are averaged, or one is chosen.
    find<QComboBox>("y")->setCurrentIndex(0);
    QTRY_COMPARE(map->picture().cells.size(), 2);
    QVERIFY(std::abs(map->picture().cells[0].value - 0.65) < 1e-12);
    auto* filter = find<QComboBox>("filter.gradient");
    QVERIFY(filter != nullptr);
    filter->setCurrentIndex(2);
    QCOMPARE(map->picture().cells[0].value, 0.6);
    find<QComboBox>("metric")->setCurrentIndex(1);
    QVERIFY(!map->picture().more_is_better);
  }

  void thePictureIsSaved() {
    putGrid();
    const QString path = folder_.filePath("cells.csv");
    setAskForFileForTests([&](const FileQuestion&) { return path; });
    page_->findChild<QAction*>("sweepPage.save.csv")->trigger();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count("\r\n"), 5);
    QVERIFY(find<QLabel>("resultsMessage")->text().contains("cells.csv"));
  }

  void valuesAreStepped_data() {
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<int>("count");
    QTest::addColumn<bool>("log");
    QTest::addColumn<bool>("whole");
    QTest::addColumn<QVector<double>>("values");
    QTest::newRow("even") << 0.1 << 0.5 << 5 << false << false << QVector<double>{0.1, 0.2, 0.3, 0.4, 0.5};
    QTest::newRow("factors") << 0.001 << 1.0 << 4 << true << false << QVector<double>{0.001, 0.01, 0.1, 1};
    QTest::newRow("whole, none twice") << 1.0 << 3.0 << 9 << false << true << QVector<double>{1, 2, 3};
    QTest::newRow("one") << 0.3 << 7.0 << 1 << false << false << QVector<double>{0.3};
    QTest::newRow("no logarithm of zero") << 0.0 << 1.0 << 3 << true << false << QVector<double>{0, 0.5, 1};
    QTest::newRow("downwards") << 4.0 << 1.0 << 3 << true << false << QVector<double>{4, 2, 1};
  }
  void valuesAreStepped() {
    QFETCH(double, from);
    QFETCH(double, to);
    QFETCH(int, count);
    QFETCH(bool, log);
    QFETCH(bool, whole);
    QFETCH(QVector<double>, values);
    QCOMPARE(steppedValues({from, to, count, log, whole}), values);
  }

  void typedValuesAreWhatTheyLookLike() {
    QCOMPARE(typedValues("1, 0.5; true  abc"), (QJsonArray{1, 0.5, true, "abc"}));
    QCOMPARE(typedValues("[1, 2], [3]"), (QJsonArray{QJsonArray{1, 2}, QJsonArray{3}}));
    QCOMPARE(typedValues(R"({"kind": "sgd"}, "a b")"), (QJsonArray{QJsonObject{{"kind", "sgd"}}, "a b"}));
    QCOMPARE(typedValues(" ,, "), QJsonArray());
  }

  void theEstimateKnowsWhatHalvingSaves() {
    proto::ExpandSweepReply reply;
    reply.set_point_count(4);
    reply.set_run_count(8);  // two seeds
    reply.set_epochs(4);
    const QJsonObject plan{{"total_steps", 100},
                           {"world_size", 2},
                           {"payload_bytes_per_step_and_rank", 10},
                           {"step_seconds", QJsonObject{{"total", 0.5}}}};
    QCOMPARE(estimateOf(reply, plan).seconds, 400.0);
    QCOMPARE(estimateOf(reply, plan).bytes, 16000.0);
    for (const auto& [points, epochs] : {std::pair(4, 1.0), {2, 2.0}, {1, 4.0}}) {
      proto::SweepRung* rung = reply.add_rungs();
      rung->set_points(points);
      rung->set_epochs(epochs);
    }
    // 4 to 1 epoch, 2 one more, 1 two more: 8 epochs of 4, twice.
    QCOMPARE(estimateOf(reply, plan).run_share, 4.0);
    QCOMPARE(estimateOf(reply, plan).seconds, 200.0);
    QVERIFY(std::isnan(estimateOf(reply, {}).seconds));
  }

  void firstAxesLeaveTheSeedAside() {
    const VariedField seed{"/seed", "seed", {"1", "2"}, {1, 2}, {}};
    const VariedField codec{"/gradient", "gradient", {"none", "top-k"}, {}, {}};
    const VariedField rate{"/optimizer/learning_rate", "learning_rate", {"1", "2"}, {1, 2}, {}};
    QCOMPARE(firstAxes({seed, codec, rate}).x, 2);
    QCOMPARE(firstAxes({seed, codec, rate}).y, 1);
    QCOMPARE(firstAxes({seed, codec}).x, 1);
    QCOMPARE(firstAxes({seed, codec}).y, -1);
    QCOMPARE(firstAxes({seed}).x, 0);
    QCOMPARE(firstAxes({}).x, -1);
  }
};

CONCERTINA_TEST(SweepPageTest)

}  // namespace concertina::ui::sweep_page_test

#include "sweep_page_test.moc"
