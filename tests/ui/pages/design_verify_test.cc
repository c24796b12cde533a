// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_verify_test.cc: the comparison with one worker, against an engine whose runs end when told.
#include "ui/pages/design_verify.h"

#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "tests/ui/forms/offscreen.h"

namespace concertina::ui::design_verify_test {

class DesignVerifyTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  QPointer<DesignVerify> dialog_;

  static std::string file(float value) {  // one tensor of one element
    const std::string header = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    const uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header +
           std::string(reinterpret_cast<const char*>(&value), 4);
  }
  static std::string runAt(int index) {
    return "20261124-031500-new" + (index == 0 ? std::string() : std::to_string(index + 1));
  }
  void open(const char* spec = kSpecOfTests) {
    QString text = QString::fromUtf8(spec);
    dialog_ = new DesignVerify(*client_, text);
    dialog_->show();
  }
  QString plain() {  // the tests' experiment without its codec: meant to be equal
    QString spec = QString::fromUtf8(kSpecOfTests);
    return spec.replace(QStringLiteral(R"([{"kind": "top-k", "ratio": 0.01, "error_feedback": true}])"),
                        QStringLiteral("[]"));
  }
  bool waitForRun(int index) {
    return QTest::qWaitFor([&] { return !engine_->run(runAt(index)).run().empty(); }, 5000);
  }
  void end(int index, proto::RunState state = proto::FINISHED, const char* error = "") {
    proto::RunSummary run = engine_->run(runAt(index));
    run.set_state(state);
    run.set_error(error);
    engine_->put(run);
  }
  QString text(const char* name) {
    return dialog_->findChild<QLabel*>(QLatin1String("verifyDialog.") + QLatin1String(name))->text();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    client_->start({}, engine_->address());
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
    QTRY_COMPARE(engine_->runListeners(), 1);
  }
  void cleanup() {
    delete dialog_;
    client_.reset();
    engine_.reset();
  }

  void bothAreRunAndCompared_data() {
    QTest::addColumn<float>("many");
    QTest::addColumn<QString>("headline");
    QTest::addColumn<int>("runs");
    QTest::newRow("the same bits") << 1.0F << "Equal" << 2;
    QTest::newRow("rounding") << 1.00001F << "Equal" << 2;
    QTest::newRow("a mistake, with every seed") << 1.1F << "Different" << 6;
  }
  void bothAreRunAndCompared() {
    QFETCH(float, many);
    QFETCH(QString, headline);
    QFETCH(int, runs);
    engine_->parameters = [many](const std::string& run) {
      for (int i = 0; i < 6; ++i)
        if (run == runAt(i)) return file(i % 2 == 0 ? many : 1.0F);
      return std::string();
    };
    open(qPrintable(plain()));
    for (int i = 0; i < runs; ++i) {
      QVERIFY(waitForRun(i));
      const std::string spec = engine_->run(runAt(i)).spec_json();
      QCOMPARE(spec.find("\"single\"") != std::string::npos, i % 2 == 1);
      QVERIFY(dialog_->findChild<QProgressBar*>()->isVisible());
      end(i);
    }
    QTRY_COMPARE(text("headline"), headline);
    QVERIFY(!dialog_->findChild<QProgressBar*>()->isVisible());
    QCOMPARE(dialog_->findChild<QPushButton*>("verifyDialog.closeButton")->text(), "Close");
    QVERIFY(engine_->run(runAt(runs)).run().empty());
  }

  void whatIsNotMeantToBeEqualSaysWhy() {
    engine_->parameters = [](const std::string& run) { return file(run == runAt(0) ? 2.0F : 1.0F); };
    open();
    for (int i = 0; i < 2; ++i) {
      QVERIFY(waitForRun(i));
      end(i);
    }
    QTRY_COMPARE(text("headline"), "Not meant to be equal");
    QVERIFY(text("text").contains("top-k"));
  }

  void aRunThatFailsIsTold() {
    open(qPrintable(plain()));
    QVERIFY(waitForRun(0));
    end(0, proto::FAILED, "rank 1: killed by signal 9");
    QTRY_COMPARE(text("headline"), "Nothing was compared");
    QVERIFY(text("text").contains("signal 9"));
  }

  void damagedParametersAreTold() {
    engine_->parameters = [](const std::string&) { return std::string("nonsense"); };
    open(qPrintable(plain()));
    for (int i = 0; i < 2; ++i) {
      QVERIFY(waitForRun(i));
      end(i);
    }
    QTRY_COMPARE(text("headline"), "Nothing was compared");
  }

  void aFaultIsTold() {
    open(R"({"fault": 1})");
    QTRY_COMPARE(text("headline"), "Nothing was compared");
    QVERIFY(text("text").contains("lenet-6"));
  }

  void cancellingKillsTheRun() {
    open(qPrintable(plain()));
    QVERIFY(waitForRun(0));
    QTRY_VERIFY(text("text").startsWith("The experiment"));
    QTest::mouseClick(dialog_->findChild<QPushButton*>("verifyDialog.closeButton"), Qt::LeftButton);
    QTRY_VERIFY(dialog_.isNull());
    const auto killed = [this] {
      const std::vector<std::string> calls = engine_->calls();
      return std::find(calls.begin(), calls.end(), "control kill " + runAt(0)) != calls.end();
    };
    QTRY_VERIFY(killed());
    QVERIFY(engine_->run(runAt(1)).run().empty());
  }
};

CONCERTINA_TEST(DesignVerifyTest)

}  // namespace concertina::ui::design_verify_test

#include "design_verify_test.moc"
