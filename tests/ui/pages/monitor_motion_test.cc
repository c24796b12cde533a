// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_test.cc: slow motion in the Monitor: a recording is played message by message, and a live
// run is asked for its next one.
#include "ui/pages/monitor_motion.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/motion_feed.h"
#include "ui/pages/monitor_motion_model.h"
#include "ui/pages/monitor_motion_picture.h"

namespace concertina::ui::monitor_motion_test {

class MonitorMotionTest : public QObject {
  Q_OBJECT

  static constexpr char kRun[] = "20261124-031500-a1b2";
  std::unique_ptr<MonitorMotion> motion_;

  template <class Widget>
  Widget* find(const char* name) const {
    Widget* widget = motion_->findChild<Widget*>(QLatin1String("monitorPage.") + QLatin1String(name));
    if (widget == nullptr) qWarning("no widget %s", name);
    return widget;
  }
  static ReplayMessage messageOf(int from, int to, int64_t step, int part) {
    ReplayMessage message;
    message.from = from;
    message.to = to;
    message.bytes = 31000;
    message.step = step;
    message.note = {.kind = MessageKind::kReduce, .part = part, .parts = 4};
    return message;
  }
  // Two steps of two messages.
  static std::shared_ptr<const MessageReplay> replayOf() {
    auto replay = std::make_shared<MessageReplay>();
    replay->recording = 1764281540123;
    replay->ranks = 2;
    replay->messages = {messageOf(0, 1, 7, 0), messageOf(1, 0, 7, 1), messageOf(0, 1, 8, 2),
                        messageOf(1, 0, 8, 3)};
    return replay;
  }
  static proto::RankMessage said(int from, uint64_t number, uint64_t order) {
    proto::RankMessage message;
    message.set_number(number);
    message.set_order(order);
    message.set_from(from);
    message.set_to(1 - from);
    message.set_bytes(31000);
    message.set_step(7);
    message.set_kind(static_cast<uint32_t>(MessageKind::kSpread));
    message.set_part(1);
    message.set_parts(4);
    return message;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    motion_ = std::make_unique<MonitorMotion>();
    motion_->resize(1000, 700);
    motion_->show();
    motion_->setRun(FakeEngine::makeRun(kRun, "ring", proto::RUNNING));
  }
  void cleanup() { motion_.reset(); }

  void withoutARecordingItSaysWhatToDo() {
    motion_->setRecordable(true, false);
    QSignalSpy asked(motion_.get(), &MonitorMotion::recordRequested);
    QVERIFY(!find<QPushButton>("motionNext")->isEnabled());
    QVERIFY(!find<QToolButton>("motionMore")->isEnabled());
    QTest::mouseClick(find<QPushButton>("motionRecord"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked[0][0].toInt(), 3);
  }

  void aRecordingIsPlayedMessageByMessage() {
    const auto replay = replayOf();
    motion_->showRecording(replay, {qint64(replay->recording)});
    auto* picture = find<MotionPicture>("motionPicture");
    auto* table = find<QTableView>("motionTable");
    QAbstractItemModelTester tester(table->model());
    QCOMPARE(find<QComboBox>("motionSource")->currentIndex(), 1);  // what is new is shown
    QCOMPARE(table->model()->rowCount(), 4);
    QVERIFY(picture->message().has_value());
    QCOMPARE(picture->message()->note.part, 0);
    QVERIFY2(find<QLabel>("motionCaption")->text().contains("segment 1 of 4"),
             qPrintable(find<QLabel>("motionCaption")->text()));
    QVERIFY(find<QLabel>("motionCaption")->text().contains("31"));
    QTest::mouseClick(find<QPushButton>("motionNext"), Qt::LeftButton);
    QCOMPARE(picture->message()->note.part, 1);
    QCOMPARE(table->currentIndex().row(), 1);
    QCOMPARE(find<QProgressBar>("motionProgress")->value(), 2);
    QCOMPARE(find<QProgressBar>("motionProgress")->maximum(), 2);
    QTest::mouseClick(find<QPushButton>("motionStep"), Qt::LeftButton);  // that of the next step
    QCOMPARE(picture->message()->note.part, 3);
    QVERIFY(!find<QPushButton>("motionNext")->isEnabled());
    picture->setFocus();
    QTest::keyClick(picture, Qt::Key_Left);
    QCOMPARE(picture->message()->note.part, 2);
    QTest::keyClick(picture, Qt::Key_Space);
    QCOMPARE(picture->message()->note.part, 3);
    QVERIFY(picture->accessibleDescription().contains("segment 4 of 4"));
    QVERIFY(find<QToolButton>("motionMore")->isEnabled());
    QVERIFY(!picture->grab().isNull());
  }

  void playingEndsAtTheEnd() {
    const auto replay = replayOf();
    motion_->showRecording(replay, {qint64(replay->recording)});
    find<QSpinBox>("motionSpeed")->setValue(20);
    QTest::mouseClick(find<QPushButton>("motionPlay"), Qt::LeftButton);
    QVERIFY(find<QPushButton>("motionPlay")->isChecked());
    QTRY_COMPARE(find<MotionPicture>("motionPicture")->message()->note.part, 3);
    QTRY_VERIFY(!find<QPushButton>("motionPlay")->isChecked());
  }

  void aLiveRunIsAskedForItsNextMessage() {
    QTemporaryDir folder;
    FakeEngine engine;
    engine.start(folder.filePath("engine.sock"));
    EngineClient client;
    client.start({}, engine.address());
    QTRY_COMPARE(client.state(), EngineClient::State::kConnected);
    MotionFeed feed(client);
    connect(&feed, &MotionFeed::changed, motion_.get(), [&] { motion_->showLive(feed); });
    connect(motion_.get(), &MonitorMotion::nextRequested, &feed, &MotionFeed::next);
    connect(motion_.get(), &MonitorMotion::beginRequested, &feed, &MotionFeed::begin);
    connect(motion_.get(), &MonitorMotion::leaveRequested, &feed, &MotionFeed::leave);
    const auto called = [&](const std::string& call) {
      const std::vector<std::string> calls = engine.calls();
      return std::find(calls.begin(), calls.end(), call + " " + kRun) != calls.end();
    };
    feed.setRun(FakeEngine::makeRun(kRun, "ring", proto::RUNNING));
    feed.setActive(true);
    auto* begin = find<QPushButton>("motionBegin");
    QTRY_VERIFY(begin->isEnabled());
    proto::SlowMotionReply reply;
    reply.set_on(true);
    reply.set_step(-1);
    *reply.add_waiting() = said(0, 1, 0);
    engine.putMotion(reply);
    QTest::mouseClick(begin, Qt::LeftButton);
    QTRY_VERIFY(called("motion begin"));
    QTRY_VERIFY2(find<QLabel>("motionNote")->text().contains("segment 2 of 4"),
                 qPrintable(find<QLabel>("motionNote")->text()));
    auto* picture = find<MotionPicture>("motionPicture");
    QVERIFY(!picture->message().has_value());
    reply.clear_waiting();
    *reply.add_waiting() = said(1, 1, 0);
    *reply.add_moved() = said(0, 1, 1);
    reply.set_moved_count(1);
    reply.set_moved_of_step(1);
    reply.set_step(7);
    engine.putMotion(reply);
    QTest::keyClick(picture, Qt::Key_Space);
    QTRY_VERIFY(called("motion next"));
    QTRY_VERIFY(picture->message().has_value());
    QCOMPARE(picture->message()->from, 0);
    QCOMPARE(find<QTableView>("motionTable")->model()->rowCount(), 1);  // however often it is told
    QVERIFY(begin->text().contains("Leave"));
    reply.Clear();
    reply.set_obstacle("it has ended");
    engine.putMotion(reply);
    QTest::mouseClick(begin, Qt::LeftButton);
    QTRY_VERIFY(called("motion leave"));
    QTRY_VERIFY(!find<QPushButton>("motionNext")->isEnabled());
    QCOMPARE(begin->toolTip(), QStringLiteral("it has ended"));
    QCOMPARE(find<QTableView>("motionTable")->model()->rowCount(), 1);  // what was lived stays
  }

  void anAnswerThatWasOvertakenClearsNothing() {
    QTemporaryDir folder;
    FakeEngine engine;
    engine.start(folder.filePath("engine.sock"));
    EngineClient client;
    client.start({}, engine.address());
    QTRY_COMPARE(client.state(), EngineClient::State::kConnected);
    MotionFeed feed(client);
    size_t most = 0;
    bool is_cleared = false;
    connect(&feed, &MotionFeed::changed, this, [&] {
      is_cleared |= feed.lived().messages.size() < most;
      most = std::max(most, feed.lived().messages.size());
    });
    proto::SlowMotionReply reply;
    reply.set_on(true);
    reply.set_step(7);
    *reply.add_moved() = said(0, 1, 1);
    reply.set_moved_count(1);
    engine.putMotion(reply);
    feed.setRun(FakeEngine::makeRun(kRun, "ring", proto::RUNNING));
    feed.setActive(true);
    QTRY_COMPARE(feed.lived().messages.size(), size_t{1});
    engine.looks_are_slow = true;
    QTRY_VERIFY(engine.slow_looks > 0);  // has seen one message, and says so last
    *reply.add_moved() = said(1, 1, 2);
    reply.set_moved_count(2);
    engine.putMotion(reply);
    feed.next(1);
    QTRY_COMPARE(feed.lived().messages.size(), size_t{2});
    const auto looks = [&] {
      const std::vector<std::string> calls = engine.calls();
      return std::count(calls.begin(), calls.end(), std::string("motion look ") + kRun);
    };
    const auto looks_before = looks();
    engine.looks_are_slow = false;
    QTRY_VERIFY(looks() > looks_before + 1);  // so the slow one was answered
    QVERIFY(!is_cleared);
    QCOMPARE(feed.lived().messages.size(), size_t{2});
  }

  void theMapHasRanksOfTheMeshAndFlowsOfTheMessages() {
    const TrafficMap map =
        motionMap(R"({"mesh": {"data": 1, "pipeline": 2}})",
                  {messageOf(0, 1, 1, 0), messageOf(0, 1, 1, 1), messageOf(5, 0, 1, 0)}, 3);
    QCOMPARE(map.ranks.size(), size_t{3});
    QCOMPARE(map.ranks[1].axis[1], 1);
    QVERIFY(map.ranks[2].server);
    QCOMPARE(map.flows.size(), size_t{1});  // there is no rank 5
    QCOMPARE(map.flows[0].bytes, 62000.0);
    QCOMPARE(map.flows[0].messages, 2.0);
    QVERIFY(motionMap("no json", {}, 0).ranks.empty());
  }
};

CONCERTINA_TEST(MonitorMotionTest)

}  // namespace concertina::ui::monitor_motion_test

#include "monitor_motion_test.moc"
