// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_page_test.cc: the Compare page driven through its widgets: what is ticked is checked whole, then
// started; what has finished is in the pictures; the dial turns the links of what goes.
#include "ui/pages/compare_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/pages/compare_dial.h"
#include "ui/pages/compare_runs.h"
#include "ui/pages/compare_scatter.h"

namespace concertina::ui::compare_page_test {

class ComparePageTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<ComparePage> page_;

  template <class Object>
  Object* find(const char* name) const {
    return page_->findChild<Object*>(QLatin1String("comparePage.") + QLatin1String(name));
  }
  std::vector<std::string> calls(const std::string& begin) const {
    std::vector<std::string> found;
    for (const std::string& call : engine_->calls())
      if (call.starts_with(begin)) found.push_back(call);
    return found;
  }
  void put(const std::string& id, const std::string& variant, const char* gradient, double megabytes,
           proto::RunState state = proto::FINISHED) {
    proto::RunSummary run = FakeEngine::makeRun(id, "codecs · " + variant, state);
    engine_->synthetic.summarise(run, 600);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    spec["gradient"] = QJsonDocument::fromJson(gradient).array();
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    run.set_payload_bytes_sent(uint64_t(megabytes * 1e6));
    run.set_bytes_sent(uint64_t(megabytes * 1e6));
    run.mutable_time()->set_compute(0.004);
    run.mutable_time()->set_encode(megabytes > 10000 ? 0 : 0.002);
    engine_->put(run);
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    engine_->plan = R"({"pattern": {"rounds": 2, "flows": [
        {"from": 0, "to": 1, "bytes": 1e7, "messages": 2}, {"from": 1, "to": 0, "bytes": 1e7, "messages": 2}]},
      "workers": [{"rank": 0, "role": "worker", "axis": {"data": 0, "pipeline": 0, "tensor": 0}},
                  {"rank": 1, "role": "worker", "axis": {"data": 1, "pipeline": 0, "tensor": 0}}]})";
    client_ = std::make_unique<EngineClient>();
    page_ = std::make_unique<ComparePage>(*client_);
    page_->resize(1280, 860);
    page_->show();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  void withoutAComparisonItAsksForOne() {
    QVERIFY(find<QPushButton>("emptyButton")->isVisible());
    QSignalSpy asked(page_.get(), &ComparePage::newRequested);
    QTest::mouseClick(find<QPushButton>("emptyButton"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
  }

  void whatIsTickedIsStartedWhole() {
    page_->begin(kSpecOfTests);
    auto* codecs = find<QListWidget>("setupCodecs");
    QTRY_COMPARE(codecs->count(), 2);  // none, and the engine's one codec
    QTRY_COMPARE(find<QLabel>("setupCount")->text(), "2 codecs × 3 links: 6 run(s)");
    find<QListWidget>("setupLinks")->item(0)->setCheckState(Qt::Unchecked);
    QCOMPARE(find<QLabel>("setupCount")->text(), "2 codecs × 2 links: 4 run(s)");
    QTest::mouseClick(find<QPushButton>("setupStart"), Qt::LeftButton);
    QTRY_COMPARE(calls("submit").size(), size_t{4});
    QCOMPARE(calls("validate").size(), size_t{4});
    QTRY_VERIFY(find<QTableView>("table")->isVisible() || find<QPushButton>("emptyButton")->isVisible());
    const auto spec = QJsonDocument::fromJson(QByteArray::fromStdString(engine_->submitted().at(3))).object();
    QCOMPARE(spec["name"].toString(), "Codecs on lenet-5 · top-k, 100 Mbit/s");
    QCOMPARE(spec["gradient"].toArray()[0].toObject()["kind"].toString(), "top-k");
    QCOMPARE(spec["network"].toObject()["bandwidth_mbit"].toDouble(), 100.0);
    QCOMPARE(spec["network"].toObject()["transport"].toString(), "grpc");  // the experiment's own
    const auto dense =
        QJsonDocument::fromJson(QByteArray::fromStdString(engine_->submitted().at(0))).object();
    QVERIFY(dense["gradient"].toArray().isEmpty());
  }

  void oneBadPointStartsNothing() {
    QString spec = kSpecOfTests;
    spec.replace("\"seed\": 7", "\"fault\": 7");  // what the fake engine refuses
    page_->begin(spec);
    QTRY_VERIFY(find<QPushButton>("setupStart")->isEnabled());
    QTest::mouseClick(find<QPushButton>("setupStart"), Qt::LeftButton);
    auto* message = find<QLabel>("setupMessage");
    QTRY_VERIFY(message->text().startsWith("Nothing was started:"));
    QVERIFY2(message->text().contains("Codecs on lenet-5 · none, 1 Gbit/s: /model/kind: found"),
             qPrintable(message->text()));
    QVERIFY(calls("submit").empty());
    QVERIFY(find<QPushButton>("setupStart")->isEnabled());
  }

  void aNameIsNeeded() {
    page_->begin(kSpecOfTests);
    QTRY_VERIFY(find<QPushButton>("setupStart")->isEnabled());
    find<QLineEdit>("setupName")->clear();
    QTest::mouseClick(find<QPushButton>("setupStart"), Qt::LeftButton);
    QVERIFY(find<QLabel>("setupMessage")->text().contains("must not be empty"));
    QVERIFY(calls("validate").empty());
  }

  void finishedRunsAreInThePictures() {
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
    put("c", "top-k 10 %", R"([{"kind": "top-k", "ratio": 0.1}])", 1200);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 3);
    QTRY_COMPARE(find<QLabel>("progress")->text(), "3 of 3 run(s) have ended");
    // As accurate as the others with fewer bytes: alone on the front.
    QTRY_COMPARE(find<CompareScatter>("scatter")->front(), QStringList("top-k"));
    // 10 MB a step over 10 Mbit/s are 8 s; without a link's limit the codec only costs.
    auto* dial = page_->findChild<CompareDial*>();
    dial->setBandwidth(10);
    auto* verdict = find<QLabel>("dialVerdict");
    QTRY_VERIFY2(verdict->text().startsWith("Here the quickest is top-k 1 %"), qPrintable(verdict->text()));
    dial->setBandwidth(100000);
    QTRY_VERIFY2(verdict->text().startsWith("Here no codec pays"), qPrintable(verdict->text()));
  }

  // Plans and curves of many runs are much to ask for at every start.
  void nothingIsAskedForBeforeSomebodyLooks() {
    page_->hide();
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
    QTRY_COMPARE(find<QComboBox>("groups")->count(), 1);
    QVERIFY(calls("plan").empty() && calls("describe").empty());
    page_->show();
    QTRY_COMPARE(calls("plan").size(), size_t{2});
  }

  void whatCouldNotBeReadIsSaid() {
    engine_->refuseWith({grpc::StatusCode::INTERNAL, "the disk cannot be read"});
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
    auto* message = find<QLabel>("message");
    QTRY_VERIFY(message->isVisible() && message->text().contains("the disk cannot be read"));
    engine_->refuseWith(grpc::Status::OK);
    const auto is_silent = [&] {
      put("a", "none", "[]", 12000);
      put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
      return !message->isVisible();
    };
    QTRY_VERIFY(is_silent());
  }

  void aRowOpensItsRun() {
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
    auto* table = find<QTableView>("table");
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QSignalSpy opened(page_.get(), &ComparePage::opened);
    const QPoint at = table->visualRect(table->model()->index(1, 0)).center();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, at);
    QTest::mouseDClick(table->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].toString(), "b");
  }

  void aComparisonOpensBesideEachOtherAndComesBack() {
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 2);
    QTest::mouseClick(find<QPushButton>("curvesButton"), Qt::LeftButton);
    auto* runs = page_->findChild<CompareRuns*>();
    QVERIFY(runs->isVisible());
    QCOMPARE(runs->comparison().runs().size(), size_t{2});
    put("c", "top-k 10 %", R"([{"kind": "top-k", "ratio": 0.1}])", 1200);  // does not take the page away
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 3);
    QVERIFY(runs->isVisible());
    QTest::mouseClick(page_->findChild<QPushButton*>("compareRuns.backButton"), Qt::LeftButton);
    QVERIFY(!runs->isVisible() && find<QTableView>("table")->isVisible());
  }

  void theDialTurnsTheLinksOfWhatGoes() {
    put("a", "none", "[]", 12000);
    put("b", "top-k", R"([{"kind": "top-k", "ratio": 0.01}])", 120, proto::RUNNING);
    auto* follow = find<QCheckBox>("dialFollow");
    QTRY_VERIFY(follow->isEnabled());
    auto* slider = find<QSlider>("dialSlider");
    QTest::keyClick(slider, Qt::Key_PageDown);
    QVERIFY(calls("knob").empty());  // nobody asked for it
    follow->setChecked(true);
    QTest::keyClick(slider, Qt::Key_PageDown);  // from 1 Gbit/s, half a power of ten each time
    QTRY_COMPARE(calls("knob").size(), size_t{1});
    QCOMPARE(calls("knob")[0], "knob /network/bandwidth_mbit 100");
  }
};

CONCERTINA_TEST(ComparePageTest)

}  // namespace concertina::ui::compare_page_test

#include "compare_page_test.moc"
