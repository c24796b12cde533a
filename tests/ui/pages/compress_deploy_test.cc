// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_deploy_test.cc: a model goes to a device from the Compress page: the form is the launcher's, the
// figures and places are shown, what went wrong is said in words, and it can be cancelled.
#include "ui/pages/compress_deploy.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/device_figures.h"
#include "ui/client/number_format.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/compress_serve.h"

namespace concertina::ui::compress_deploy_test {
namespace {

QJsonObject textField(const char* name, const QJsonValue& usual) {
  QJsonObject field{
      {"name", name}, {"type", "text"}, {"unit", ""}, {"doc", "Of the way there."}, {"choices", QJsonArray()},
      {"live", false}};
  if (!usual.isUndefined()) field["default"] = usual;
  return field;
}

std::string withSsh() {
  QJsonObject describe = QJsonDocument::fromJson(kDescribeOfTests).object();
  QJsonArray categories = describe["categories"].toArray();
  categories.append(QJsonObject{
      {"category", "launcher"},
      {"components",
       QJsonArray{QJsonObject{{"kind", "ssh"},
                              {"title", "Another machine, by ssh"},
                              {"summary", ""},
                              {"citation", ""},
                              {"parameters", QJsonArray{textField("host", QJsonValue(QJsonValue::Undefined)),
                                                        textField("user", ""), textField("key", ""),
                                                        textField("environment", "")}}}}}});
  describe["categories"] = categories;
  return QJsonDocument(describe).toJson(QJsonDocument::Compact).toStdString();
}

proto::MeasureOnDeviceReply measured() {
  proto::MeasureOnDeviceReply reply;
  reply.set_host("raspberry");
  reply.set_system("Linux aarch64");
  reply.set_program("/home/pi/.cache/concertina/edge/concertina-edge-1");
  reply.set_model("/home/pi/.cache/concertina/edge/a.edge");
  reply.set_bench_json(R"({"p50_seconds": 0.0012, "p90_seconds": 0.0013, "p99_seconds": 0.0021,
                           "file_bytes": 256000, "load_seconds": "soon"})");
  reply.set_seconds(12);
  return reply;
}

}  // namespace

class CompressDeployTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;

  template <class Object>
  static Object* find(CompressDeploy& window, const char* name) {
    return window.findChild<Object*>(QLatin1String("compressDeploy.") + QLatin1String(name));
  }
  std::unique_ptr<CompressDeploy> open(const QJsonObject& device = {}) {
    auto window = std::make_unique<CompressDeploy>(*client_, "a", "small", device);
    window->setAttribute(Qt::WA_DeleteOnClose, false);
    window->show();
    return window;
  }
  static QString message(CompressDeploy& window) { return find<QLabel>(window, "message")->text(); }
  static QString shown(CompressDeploy& window) {
    QStringList texts;
    for (const QLabel* label : find<QFrame>(window, "figures")->findChildren<QLabel*>())
      texts << label->text();
    return texts.join(QLatin1Char('\n'));
  }
  std::string deviceCall() {
    for (const std::string& call : engine_->calls())
      if (call.starts_with("device a ")) return call;
    return "";
  }
  void begin(CompressDeploy& window) {
    QTRY_VERIFY(find<QPushButton>(window, "deployButton")->isEnabled());
    find<QPushButton>(window, "deployButton")->click();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->describe = withSsh();
    engine_->device = measured();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    client_.reset();
    engine_.reset();
  }

  void figuresAndPlacesAreShown() {
    const auto window = open({{"host", "raspberry"}, {"user", "pi"}});
    begin(*window);
    QTRY_VERIFY(find<QFrame>(*window, "figures")->isVisible());
    const std::string call = deviceCall();
    QVERIFY2(call.find(R"("launcher":"ssh")") != std::string::npos, call.c_str());
    QVERIFY2(call.find(R"("host":"raspberry")") != std::string::npos, call.c_str());
    QVERIFY2(call.find(R"("user":"pi")") != std::string::npos, call.c_str());
    QVERIFY2(call.starts_with("device a 1024 "), call.c_str());
    const QString all = shown(*window);
    for (const QString& words :
         {QStringLiteral("raspberry (Linux aarch64)"), formatValue(0.0012, "s"), formatValue(0.0013, "s"),
          formatValue(0.0021, "s"), formatValue(256000, "B"), notMeasured(),
          QStringLiteral("/home/pi/.cache/concertina/edge/a.edge"),
          QStringLiteral("concertina-edge-1 classify /home/pi/.cache/concertina/edge/a.edge FILE")})
      QVERIFY2(all.contains(words), qPrintable(words + " in\n" + all));
    QVERIFY(!find<QProgressBar>(*window, "progress")->isVisible());
    QVERIFY(window->findChild<QWidget*>("field:/workers/0/user") != nullptr);
    QVERIFY(window->findChild<QWidget*>("field:/workers/0/environment") == nullptr);  // is about workers
  }

  void withoutANameNothingIsTried() {
    const auto window = open();
    begin(*window);
    QVERIFY(!message(*window).isEmpty());
    QVERIFY(!find<QProgressBar>(*window, "progress")->isVisible());
    QCOMPARE(deviceCall(), std::string());
  }

  void whatWentWrongIsSaid_data() {
    QTest::addColumn<QString>("error");
    QTest::addColumn<QString>("fault");
    QTest::addColumn<QString>("bench");
    QTest::addColumn<QString>("words");
    QTest::newRow("the device") << "raspberry could not be looked at: no route"
                                << ""
                                << ""
                                << "no route";
    QTest::newRow("the entry") << ""
                               << "/workers/0/host: found \"a b\", expected a name"
                               << ""
                               << "expected a name";
    QTest::newRow("no figures") << ""
                                << ""
                                << "[1]"
                                << "without figures";
  }
  void whatWentWrongIsSaid() {
    QFETCH(QString, error);
    QFETCH(QString, fault);
    QFETCH(QString, bench);
    QFETCH(QString, words);
    engine_->device = {};
    engine_->device.set_error(error.toStdString());
    engine_->device.set_bench_json(bench.toStdString());
    if (!fault.isEmpty()) {
      proto::SpecFault* one = engine_->device.add_faults();
      one->set_pointer("/workers/0/host");
      one->set_message(fault.toStdString());
    }
    const auto window = open({{"host", "raspberry"}});
    begin(*window);
    QTRY_VERIFY2(message(*window).contains(words), qPrintable(message(*window)));
    QVERIFY(!find<QFrame>(*window, "figures")->isVisible());
    QVERIFY(find<QPushButton>(*window, "deployButton")->isEnabled());  // once more
  }

  void itCanBeCancelled() {
    engine_->device_is_slow = true;
    const auto window = open({{"host", "raspberry"}});
    begin(*window);
    QVERIFY(find<QProgressBar>(*window, "progress")->isVisible());
    QVERIFY(!find<QPushButton>(*window, "deployButton")->isEnabled());
    QTRY_VERIFY(!deviceCall().empty());
    QTest::keyClick(window.get(), Qt::Key_Escape);
    QVERIFY(window->isVisible());
    QVERIFY(message(*window).startsWith("Cancelled"));
    const auto was_told = [this] {
      const std::vector<std::string> calls = engine_->calls();
      return std::find(calls.begin(), calls.end(), "device cancelled") != calls.end();
    };
    QTRY_VERIFY(was_told());
    QVERIFY(message(*window).startsWith("Cancelled"));  // the late answer changes nothing
    engine_->device_is_slow = false;
    begin(*window);  // and it can be tried again
    QTRY_VERIFY(find<QFrame>(*window, "figures")->isVisible());
    find<QPushButton>(*window, "closeButton")->click();
    QVERIFY(!window->isVisible());
  }

  void aClosedWindowEndsWhatItBegan() {
    engine_->device_is_slow = true;
    {
      const auto window = open({{"host", "raspberry"}});
      begin(*window);
      QTRY_VERIFY(!deviceCall().empty());
    }
    const auto was_told = [this] {
      const std::vector<std::string> calls = engine_->calls();
      return std::find(calls.begin(), calls.end(), "device cancelled") != calls.end();
    };
    QTRY_VERIFY(was_told());
  }

  void theOtherWayIsToServeItHere() {
    QFile program(folder_.filePath("concertinactl"));
    QVERIFY(program.open(QIODevice::WriteOnly));
    program.write("#!/bin/sh\necho \"$@\" >" + folder_.path().toUtf8() + "/words\nexec sleep 600\n");
    program.close();
    QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    qputenv("CONCERTINA_PROGRAMS", folder_.path().toUtf8());
    const auto window = open();
    find<QPushButton>(*window, "serveButton")->click();
    qunsetenv("CONCERTINA_PROGRAMS");
    QVERIFY(window->findChild<CompressServe*>() != nullptr);
    const auto words = [this] {
      QFile file(folder_.filePath("words"));
      return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).trimmed() : QString();
    };
    QTRY_COMPARE(words(), "serve a --json --engine " + engine_->address());
  }

  void thePageOpensItForAFinishedRun() {
    CompressPage page(*client_);
    page.resize(1280, 860);
    page.show();
    proto::RunSummary run = FakeEngine::makeRun("a", "small", proto::FINISHED);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    spec["recipe"] = QJsonArray{QJsonObject{{"kind", "int8"}}};
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    engine_->put(run);
    auto* button = page.findChild<QPushButton*>("compressPage.deployButton");
    QTRY_VERIFY(button->isVisible() && button->isEnabled());
    button->click();
    const QPointer<CompressDeploy> window = page.findChild<CompressDeploy*>();
    QVERIFY(window != nullptr);
    QTRY_VERIFY(window->isVisible());
    find<QPushButton>(*window, "closeButton")->click();
    QTRY_VERIFY(window.isNull());
  }
};
CONCERTINA_TEST(CompressDeployTest)

}  // namespace concertina::ui::compress_deploy_test
#include "compress_deploy_test.moc"
