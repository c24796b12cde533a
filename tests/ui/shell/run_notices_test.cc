// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_notices_test.cc: what is said of a run that ends, and that it goes over a bus as the desktop reads it;
// the same of progress in the task bar. The bus is the test's own: no session is needed.
#include "ui/shell/run_notices.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusServer>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTest>

#include "tests/test_program.h"
#include "ui/shell/task_bar.h"

namespace concertina::ui::run_notices_test {
namespace {

proto::RunSummary runIn(proto::RunState state) {
  proto::RunSummary run;
  run.set_run("7f");
  run.set_name("ring");
  run.set_state(state);
  run.set_seconds(12);
  return run;
}

}  // namespace

// A desktop with a place for notices.
class Desktop : public QObject {
  Q_OBJECT
  Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")
 public slots:
  uint Notify(const QString& program, uint, const QString& icon, const QString& title, const QString& text,
              const QStringList& actions, const QVariantMap& hints, int) {
    heard = {program, icon, title, text, actions.value(0), QString::number(hints.value("urgency").toInt())};
    return 41;
  }

 public:
  QStringList heard;
};

class RunNoticesTest : public QObject {
  Q_OBJECT
 private slots:
  void onlyAnEndThatNobodyAskedForIsWorthAWord_data() {
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("now");
    QTest::addColumn<bool>("said");
    QTest::newRow("finished") << int(proto::RUNNING) << int(proto::FINISHED) << true;
    QTest::newRow("failed at the start") << int(proto::STARTING) << int(proto::FAILED) << true;
    QTest::newRow("stopped by hand") << int(proto::RUNNING) << int(proto::STOPPED) << false;
    QTest::newRow("goes on") << int(proto::RUNNING) << int(proto::RUNNING) << false;
    QTest::newRow("told twice") << int(proto::FINISHED) << int(proto::FINISHED) << false;
    QTest::newRow("of the past, on connecting")
        << int(proto::RUN_STATE_UNSPECIFIED) << int(proto::FINISHED) << false;
  }
  void onlyAnEndThatNobodyAskedForIsWorthAWord() {
    QFETCH(int, before);
    QFETCH(int, now);
    QFETCH(bool, said);
    QCOMPARE(noticeOf(proto::RunState(before), runIn(proto::RunState(now))).has_value(), said);
  }

  void theWordsSayWhatCameOfIt() {
    proto::RunSummary run = runIn(proto::FINISHED);
    run.set_has_test(true);
    run.set_test_accuracy(0.8912);
    const auto finished = noticeOf(proto::RUNNING, run);
    QVERIFY(finished->title.contains("ring") && finished->text.contains("89.1"));
    QVERIFY(!finished->is_urgent);
    run = runIn(proto::FAILED);
    run.set_error("rank 2: out of memory");
    const auto failed = noticeOf(proto::RUNNING, run);
    QVERIFY(failed->is_urgent && failed->text.contains("rank 2"));
  }

  void aNoticeGoesOverTheBusAndComesBackWhenItIsClicked() {
    QDBusServer server;
    Desktop desktop;
    std::optional<QDBusConnection> at_desktop;
    connect(&server, &QDBusServer::newConnection, this, [&](const QDBusConnection& connection) {
      at_desktop = connection;
      QVERIFY(at_desktop->registerObject("/org/freedesktop/Notifications", &desktop,
                                         QDBusConnection::ExportAllSlots));
    });
    QVERIFY(server.isConnected());
    QDBusConnection bus = QDBusConnection::connectToPeer(server.address(), "notices");
    QTRY_VERIFY(at_desktop);
    RunNotices notices(bus);
    QSignalSpy chosen(&notices, &RunNotices::chosen);
    notices.show({.run = "7f", .title = "done", .text = "a < b", .is_urgent = true});
    QTRY_VERIFY(!desktop.heard.isEmpty());
    QCOMPARE(desktop.heard.value(2), QString("done"));
    QCOMPARE(desktop.heard.value(3), QString("a &lt; b"));  // a body may be markup
    QCOMPARE(desktop.heard.value(4), QString("default"));
    QCOMPARE(desktop.heard.value(5), QString("2"));

    const auto click = [&](uint id) {
      QDBusMessage signal = QDBusMessage::createSignal("/org/freedesktop/Notifications",
                                                       "org.freedesktop.Notifications", "ActionInvoked");
      signal << id << QString("default");
      at_desktop->send(signal);
    };
    click(40);  // somebody else's
    // The answer with the number may come after the call was heard: the click is made until it is known.
    QTRY_VERIFY((click(41), chosen.size() == 1));
    QCOMPARE(chosen.first().value(0).toString(), QString("7f"));
    QDBusConnection::disconnectFromPeer("notices");
  }

  void withoutABusNothingHappens() {
    RunNotices notices{QDBusConnection("there is none")};
    notices.show({.run = "7f", .title = "done", .text = {}});
    TaskBar(QDBusConnection("there is none")).show(3);
  }

  void progressIsThatOfAllActiveRuns_data() {
    QTest::addColumn<QVector<RunProgress>>("runs");
    QTest::addColumn<int>("percent");  // -1: none
    QTest::newRow("none") << QVector<RunProgress>{} << -1;
    QTest::newRow("ended") << QVector<RunProgress>{{proto::FINISHED, 10, 10}} << -1;
    QTest::newRow("not known yet") << QVector<RunProgress>{{proto::STARTING, 0, 0}} << 0;
    QTest::newRow("one") << QVector<RunProgress>{{proto::RUNNING, 1, 4}, {proto::FAILED, 1, 9}} << 25;
    QTest::newRow("two") << QVector<RunProgress>{{proto::RUNNING, 50, 100}, {proto::QUEUED, 0, 100}} << 25;
    QTest::newRow("about to end") << QVector<RunProgress>{{proto::RUNNING, 100, 100}} << 99;
    QTest::newRow("more than was planned") << QVector<RunProgress>{{proto::RUNNING, 300, 100}} << 99;
  }
  void progressIsThatOfAllActiveRuns() {
    QFETCH(QVector<RunProgress>, runs);
    QFETCH(int, percent);
    QCOMPARE(percentDone(runs).value_or(-1), percent);
  }
};

CONCERTINA_TEST(RunNoticesTest)

}  // namespace concertina::ui::run_notices_test

#include "run_notices_test.moc"
