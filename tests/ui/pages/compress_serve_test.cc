// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_serve_test.cc: a model answers here as long as its window is open: the programs that do it are
// started with lists of words, their figures are shown, and they end with the window.
#include "ui/pages/compress_serve.h"

#include <QDir>
#include <QFile>
#include <QFrame>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "tests/test_program.h"
#include "ui/client/number_format.h"

namespace concertina::ui::compress_serve_test {

class CompressServeTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;

  template <class Object>
  static Object* find(CompressServe& window, const char* name) {
    return window.findChild<Object*>(QLatin1String("compressServe.") + QLatin1String(name));
  }
  static QString message(CompressServe& window) { return find<QLabel>(window, "message")->text(); }
  static QString shown(CompressServe& window) {
    QStringList texts;
    for (const QLabel* label : find<QFrame>(window, "figures")->findChildren<QLabel*>())
      texts << label->text();
    return texts.join(QLatin1Char('\n'));
  }
  QString textOf(const QString& name) const {
    QFile file(folder_->filePath(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }
  // In the place of concertinactl: notes its words and its number, and says what it is told to.
  void put(const QByteArray& serve, const QByteArray& bench) {
    QFile program(folder_->filePath("concertinactl"));
    QVERIFY(program.open(QIODevice::WriteOnly));
    const QByteArray folder = folder_->path().toUtf8();
    program.write("#!/bin/sh\nif [ \"$1\" = serve ]; then\necho $$ >" + folder + "/pid\necho \"$@\" >" +
                  folder + "/serve\n" + serve + "\nelse\necho \"$@\" >>" + folder + "/bench\n" + bench +
                  "\nfi\n");
    QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  }
  std::unique_ptr<CompressServe> open() {
    auto window = std::make_unique<CompressServe>("unix:/e.sock", "a; rm -rf b", "small");
    window->setAttribute(Qt::WA_DeleteOnClose, false);
    window->show();
    return window;
  }
  bool isServing() const {
    const int pid = textOf("pid").trimmed().toInt();
    return pid > 0 && ::kill(pid, 0) == 0;
  }
  static QByteArray served() {
    return "echo '{\"address\": \"unix:/m/model.sock\", \"sample_shape\": [1, 28, 28], \"classes\": 10, "
           "\"file_bytes\": 256000}'\nexec sleep 600";
  }
  static QByteArray benched() {
    return "echo '{\"p50_seconds\": 0.0012, \"p90_seconds\": 0.0013, \"p99_seconds\": 0.0021, "
           "\"model_p50_seconds\": 0.0004, \"model_p90_seconds\": \"soon\", \"samples_per_second\": 800}'";
  }

 private slots:
  void init() {
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    folder_ = std::make_unique<QTemporaryDir>();
    qputenv("CONCERTINA_PROGRAMS", folder_->path().toUtf8());
  }
  void cleanup() { qunsetenv("CONCERTINA_PROGRAMS"); }

  void addressAndLatencyAreShown() {
    put(served(), benched());
    const auto window = open();
    QTRY_VERIFY2(message(*window).contains("Measured"), qPrintable(message(*window)));
    QCOMPARE(textOf("serve").trimmed(), "serve a; rm -rf b --json --engine unix:/e.sock");
    QCOMPARE(textOf("bench").trimmed(), "bench served unix:/m/model.sock --queries 1024 --json");
    const QString all = shown(*window);
    for (const QString& words :
         {QStringLiteral("unix:/m/model.sock"), QStringLiteral("1×28×28"), QStringLiteral("\n10\n"),
          formatValue(256000, "B"), formatValue(0.0012, "s"), formatValue(0.0004, "s"),
          formatValue(0.0021, "s"), notMeasured(), formatSamplesRate(800),
          QStringLiteral("concertinactl ask unix:/m/model.sock FILE")})
      QVERIFY2(all.contains(words), qPrintable(words + " in\n" + all));
    QVERIFY(!find<QProgressBar>(*window, "progress")->isVisible());
    QTest::mouseClick(find<QPushButton>(*window, "measureButton"), Qt::LeftButton);
    QTRY_COMPARE(textOf("bench").count('\n'), 2);
    QTRY_VERIFY(find<QPushButton>(*window, "measureButton")->isEnabled());
  }

  void itIsStopped() {
    put(served(), benched());
    const auto window = open();
    QTRY_VERIFY(find<QPushButton>(*window, "measureButton")->isEnabled());
    QVERIFY(isServing());
    QTest::mouseClick(find<QPushButton>(*window, "stopButton"), Qt::LeftButton);
    QTRY_VERIFY2(message(*window).startsWith("Stopped"), qPrintable(message(*window)));
    QTRY_VERIFY(!isServing());
    QVERIFY(!find<QPushButton>(*window, "measureButton")->isEnabled());
    QVERIFY(window->isVisible());
  }

  void itEndsWithTheWindow() {
    put(served(), "exec sleep 600");  // in the middle of a measurement
    {
      const auto window = open();
      QTRY_VERIFY(!textOf("bench").isEmpty());
      QVERIFY(isServing());
    }
    QTRY_VERIFY(!isServing());
  }

  void whatWentWrongIsSaid_data() {
    QTest::addColumn<QByteArray>("serve");
    QTest::addColumn<QByteArray>("bench");
    QTest::addColumn<QString>("words");
    const QByteArray complaint = "echo 'concertinactl: it has no parameters yet' >&2\nexit 2";
    QTest::newRow("it is not served") << complaint << QByteArray() << "it has no parameters yet";
    QTest::newRow("it says nothing") << QByteArray("exit 1") << QByteArray() << "status 1";
    QTest::newRow("it says something else") << QByteArray("echo hello\nexit 3") << QByteArray() << "status 3";
    QTest::newRow("it is not measured") << served() << complaint << "it has no parameters yet";
    QTest::newRow("no figures") << served() << QByteArray("echo '[1]'") << "no figures";
  }
  void whatWentWrongIsSaid() {
    QFETCH(QByteArray, serve);
    QFETCH(QByteArray, bench);
    QFETCH(QString, words);
    put(serve, bench);
    const auto window = open();
    QTRY_VERIFY2(message(*window).contains(words), qPrintable(message(*window)));
    QVERIFY(!message(*window).contains("concertinactl:"));
    QVERIFY(!find<QProgressBar>(*window, "progress")->isVisible());
  }
};

CONCERTINA_TEST(CompressServeTest)

}  // namespace concertina::ui::compress_serve_test

#include "compress_serve_test.moc"
