// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_mesh_test.cc: the mesh of a run that goes: what was measured stands beside its arrow and nothing
// else does, a worker that dies turns grey, and pointer and keys tell how one is. And, of 64 workers, without
// a page.
#include "ui/pages/monitor_mesh.h"

#include <QComboBox>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/client/traffic_feed.h"
#include "ui/pages/mesh_live.h"
#include "ui/pages/mesh_picture.h"

namespace concertina::ui::monitor_mesh_test {
namespace {

// A ring of `ranks`, 1.6 MB a step from each to the next.
QString ringPlan(int ranks) {
  QStringList workers, flows;
  for (int rank = 0; rank < ranks; ++rank) {
    workers << QStringLiteral(R"({"rank": %1, "axis": {"data": %1, "pipeline": 0, "tensor": 0}})").arg(rank);
    flows << QStringLiteral(R"({"from": %1, "to": %2, "bytes": 1600000, "messages": 6})")
                 .arg(rank)
                 .arg((rank + 1) % ranks);
  }
  return QStringLiteral(R"({"workers": [%1], "pattern": {"rounds": 6, "flows": [%2]}})")
      .arg(workers.join(QStringLiteral(", ")), flows.join(QStringLiteral(", ")));
}

proto::TrafficReply ringTraffic(int ranks, double bytes_per_second) {
  proto::TrafficReply reply;
  for (int rank = 0; rank < ranks; ++rank) {
    proto::TrafficReply::Rank& one = *reply.add_ranks();
    one.set_rank(static_cast<uint32_t>(rank));
    one.set_state("running");
    one.set_heard_seconds(0.2);
    proto::TrafficReply::Link& link = *one.add_links();
    link.set_to(static_cast<uint32_t>((rank + 1) % ranks));
    link.set_bytes_sent(5'000'000);
    link.set_bytes_per_second(bytes_per_second);
  }
  return reply;
}

proto::RunSummary runOf(int ranks, proto::RunState state = proto::RUNNING) {
  proto::RunSummary run;
  run.set_run("a run");
  run.set_state(state);
  run.set_attempt(1);
  for (int rank = 0; rank < ranks; ++rank) {
    proto::Worker& worker = *run.add_workers();
    worker.set_rank(static_cast<uint32_t>(rank));
    worker.set_state("running");
    worker.set_host("node-7");
    worker.set_pid(100 + rank);
    for (const int at : {rank, 0, 0}) worker.add_axis(static_cast<uint32_t>(at));
  }
  return run;
}

TrafficMap ringMap(int ranks) {
  return mapOfPlan(QJsonDocument::fromJson(ringPlan(ranks).toUtf8()).object());
}

MeshLive liveOf(const TrafficMap& map, const proto::RunSummary& run, const proto::TrafficReply& traffic,
                const QSet<int>& died = {}) {
  return meshLive(liveTrafficMap(map, run, traffic), run, traffic, died);
}

}  // namespace

class MonitorMeshTest : public MonitorRoom {
  Q_OBJECT

  MeshPicture* picture() const { return find<MeshPicture>("meshPicture"); }
  int asked() const {
    const std::vector<std::string> calls = engine_->calls();
    return static_cast<int>(std::count(calls.begin(), calls.end(), std::string("traffic ") + kRun));
  }
  proto::RunSummary runOfFour(proto::RunState state = proto::RUNNING) const {
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", state);
    engine_->synthetic.summarise(run, 100);
    return run;
  }
  void show() {
    engine_->put(runOfFour());
    page_->showRun(kRun);
    openPanel("mesh");
    QTRY_VERIFY(picture()->isVisible());
  }
  const MeshArrow* arrow(int from, int to) const {
    for (const MeshArrow& one : picture()->layoutShown().arrows)
      if (one.from == from && one.to == to) return &one;
    return nullptr;
  }
  // Of the box's ground, left of its number.
  QColor groundOf(int rank) const {
    for (const MeshNode& node : picture()->layoutShown().nodes)
      if (node.rank == rank) {
        const QPointF at(node.box.left() + node.box.width() * 0.3,
                         node.box.bottom() - node.box.height() * 0.15);
        return picture()->grab().toImage().pixelColor((at * picture()->devicePixelRatioF()).toPoint());
      }
    return {};
  }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() {
    openPage();
    engine_->plan = ringPlan(4).toStdString();  // asked for once the run is shown
  }
  void cleanup() { closePage(); }

  void nothingIsAskedForWhileNobodyLooks() {
    engine_->put(runOfFour());
    page_->showRun(kRun);
    QTRY_COMPARE(find<QLabel>("nameLabel")->text(), "LeNet-5, ring");
    QCOMPARE(asked(), 0);
    openPanel("mesh");
    QTRY_VERIFY(asked() >= 2);  // again and again
    openPanel("log");
    QTRY_VERIFY(!picture()->isVisible());
    const int before = asked() + 1;  // one may be on its way
    QVERIFY(!QTest::qWaitFor([&] { return asked() > before; }, 3 * TrafficFeed::kPeriodMs));
  }

  void whatIsMeasuredStandsBesideItsArrow() {
    show();
    QTRY_COMPARE(picture()->layoutShown().arrows.size(), 4);  // the plan's, before anything is measured
    QVERIFY(std::isnan(arrow(0, 1)->bytes));
    QVERIFY(find<QLabel>("meshCaption")->text().contains("is not measured now"));
    proto::TrafficReply traffic = ringTraffic(4, 2'500'000);
    traffic.mutable_ranks(1)->mutable_links(0)->set_bytes_per_second(25'000'000);
    traffic.mutable_ranks(3)->mutable_links(0)->clear_bytes_per_second();
    engine_->putTraffic(traffic);
    QTRY_COMPARE(arrow(0, 1)->bytes, 2'500'000.0);
    QVERIFY(arrow(1, 2)->width > arrow(0, 1)->width);
    QVERIFY(std::isnan(arrow(3, 0)->bytes));  // no figure for what was not measured
    const QString caption = find<QLabel>("meshCaption")->text();
    QVERIFY2(caption.contains("Together they send 30.0 MB/s."), qPrintable(caption));
    QVERIFY2(caption.contains("from rank 1 to 2, with 25.0 MB/s"), qPrintable(caption));
    QVERIFY(caption.contains("4 running"));
    QVERIFY(!picture()->accessibleName().isEmpty());
    QCOMPARE(picture()->accessibleDescription(), caption);
  }

  void aWorkerThatDiesTurnsGrey() {
    engine_->putTraffic(ringTraffic(4, 2'500'000));
    show();
    QTRY_COMPARE(arrow(2, 3) == nullptr ? -1 : arrow(2, 3)->bytes, 2'500'000.0);
    QVERIFY(groundOf(2).saturation() > 10);  // blue
    proto::TrafficReply traffic = ringTraffic(4, 2'500'000);
    traffic.mutable_ranks(2)->set_state("lost");
    traffic.mutable_ranks(2)->clear_links();
    engine_->putTraffic(traffic);
    QTRY_COMPARE(picture()->live()->looks.value(2), WorkerLook::kLost);
    QVERIFY2(groundOf(2).saturation() <= 10, qPrintable(groundOf(2).name()));
    QVERIFY(groundOf(1).saturation() > 10);
    QVERIFY(std::isnan(arrow(2, 3)->bytes));
    QVERIFY(find<QLabel>("meshCaption")->text().contains("3 running, 1 lost"));
    // The run ends of it: who was lost is still known, and nothing is sent.
    proto::RunSummary ended = runOfFour(proto::FAILED);
    engine_->put(ended);
    QTRY_COMPARE(picture()->live()->looks.value(1), WorkerLook::kFinished);
    QCOMPARE(picture()->live()->looks.value(2), WorkerLook::kLost);
    QTRY_VERIFY(picture()->live()->rates.isEmpty());
    QVERIFY(find<QLabel>("meshNote")->text().contains("has ended"));
  }

  void aWorkerTellsHowItIs() {
    proto::TrafficReply traffic = ringTraffic(4, 2'500'000);
    traffic.mutable_ranks(0)->set_samples_per_second(752);
    traffic.mutable_ranks(0)->set_memory_bytes(210e6);
    traffic.mutable_ranks(1)->set_state("silent");
    traffic.mutable_ranks(1)->set_heard_seconds(7.4);
    engine_->putTraffic(traffic);
    show();
    QTRY_VERIFY(!picture()->live()->rates.isEmpty());
    picture()->setFocus();
    QTest::keyClick(picture(), Qt::Key_Home);
    const QString first = find<QLabel>("meshCaption")->text();
    for (const char* part :
         {"Rank 0: running", "localhost", "process 48210", "752 samples/s", "210 MB of memory",
          "sends 2.50 MB/s", "gets 2.50 MB/s", "heard of less than a second ago"})
      QVERIFY2(first.contains(QLatin1String(part)), qPrintable(first));
    QCOMPARE(picture()->accessibleDescription(), first);
    QTest::keyClick(picture(), Qt::Key_Right);
    const QString second = find<QLabel>("meshCaption")->text();
    QVERIFY2(second.contains("Rank 1: silent") && second.contains("heard of 7 s ago"), qPrintable(second));
    QVERIFY(!second.contains("samples") && !second.contains("memory"));  // nobody has measured it
    const int before = asked();
    QTRY_VERIFY(asked() > before + 1);
    QCOMPARE(picture()->chosenRank(), 1);  // new figures leave it chosen
  }

  void aClickLeavesTheLinesOfOneWorkerInTheLog() {
    show();
    QTRY_COMPARE(picture()->layoutShown().nodes.size(), 4);
    auto* whose = find<QComboBox>("logRankBox");
    QTRY_COMPARE(whose->count(), 6);
    const QPoint at = picture()->layoutShown().nodes[2].box.center().toPoint();
    QTest::mouseClick(picture(), Qt::LeftButton, {}, at);
    QCOMPARE(whose->currentData().toInt(), 2);
    QVERIFY(picture()->isVisible());
    QTest::mouseClick(picture(), Qt::LeftButton, {}, QPoint(1, 1));
    QCOMPARE(whose->currentIndex(), 0);  // everyone's
    picture()->setFocus();
    QTest::keyClick(picture(), Qt::Key_End);
    QTest::keyClick(picture(), Qt::Key_Return);
    QCOMPARE(whose->currentData().toInt(), 3);
    QTRY_VERIFY(find<QPlainTextEdit>("logText")->isVisible());
  }

  void anEngineThatDoesNotSayItIsNoRiddle() {
    engine_->refuseWith({grpc::StatusCode::UNIMPLEMENTED, "no such call"});
    show();
    QTRY_VERIFY(find<QLabel>("meshNote")->text().contains("of another version"));
    QCOMPARE(picture()->live()->looks.value(0), WorkerLook::kRunning);  // that the summary knows
    QVERIFY(picture()->live()->rates.isEmpty());
  }

  // Without a page, and without a window.
  void aSummaryThatIsNewerIsBelieved() {
    proto::RunSummary run = runOf(3);
    run.mutable_workers(1)->set_state("gone");
    const MeshLive live = liveOf(ringMap(3), run, ringTraffic(3, 1000));
    QCOMPARE(live.looks.value(0), WorkerLook::kRunning);
    QCOMPARE(live.looks.value(1), WorkerLook::kFinished);
    QVERIFY(!live.rates.contains({1, 2}));  // nothing comes of who is gone
    run.set_state(proto::PAUSED);
    QCOMPARE(liveOf(ringMap(3), run, {}).looks.value(0), WorkerLook::kPaused);
  }

  void linksThatThePlanDoesNotNameAreDrawnIfTheyCarryMuch() {
    proto::TrafficReply traffic = ringTraffic(4, 1'000'000);
    proto::TrafficReply::Link& more = *traffic.mutable_ranks(0)->add_links();
    more.set_to(2);
    more.set_bytes_sent(10'000);  // what ranks say between steps
    more.set_bytes_per_second(400);
    QCOMPARE(liveTrafficMap(ringMap(4), runOf(4), traffic).flows.size(), size_t{4});
    QVERIFY(liveOf(ringMap(4), runOf(4), traffic).summary.contains("4.00 MB/s"));  // counted all the same
    traffic.mutable_ranks(0)->mutable_links(1)->set_bytes_sent(2'000'000);
    const TrafficMap map = liveTrafficMap(ringMap(4), runOf(4), traffic);
    QCOMPARE(map.flows.size(), size_t{5});
    QVERIFY(map.SlowestFlow() == nullptr);  // its link is not another one
    more.set_to(77);                        // of nobody
    QCOMPARE(liveTrafficMap(ringMap(4), runOf(4), traffic).flows.size(), size_t{4});
  }

  void whoJoinsHasABox() {
    const TrafficMap map = liveTrafficMap(ringMap(3), runOf(5), {});
    QCOMPARE(map.ranks.size(), size_t{5});
    QCOMPARE(map.lengths[0], 5);
    QCOMPARE(liveTrafficMap({}, runOf(2), {}).ranks.size(), size_t{2});  // no plan is known yet
  }

  void aFullLinkIsSeen() {
    TrafficMap map = ringMap(3);
    for (TrafficFlow& flow : map.flows) flow.bandwidth_mbit = 10;
    proto::TrafficReply traffic = ringTraffic(3, 200'000);
    traffic.mutable_ranks(1)->mutable_links(0)->set_bytes_per_second(1'100'000);  // 8.8 Mbit/s
    QCOMPARE(liveOf(map, runOf(3), traffic).strained, (QSet<std::pair<int, int>>{{1, 2}}));
    map.flows[0].bandwidth_mbit = 1;  // the slowest of all, whatever goes over it
    const std::pair<int, int> slow(map.flows[0].from, map.flows[0].to);
    const MeshLive live = liveOf(map, runOf(3), ringTraffic(3, 100));
    QVERIFY(live.strained.contains(slow));
    QVERIFY2(live.summary.contains("slowest link, as the experiment has it"), qPrintable(live.summary));
  }

  void sixtyFourWorkersArePainted() {
    for (const int width : {320, 1200}) {
      MeshPicture picture;
      const TrafficMap map = liveTrafficMap(ringMap(64), runOf(64), ringTraffic(64, 1e6));
      picture.setLive(map, meshLive(map, runOf(64), ringTraffic(64, 1e6), {63}));
      picture.resize(width, picture.heightForWidth(width));
      picture.grab();
      QCOMPARE(picture.layoutShown().nodes.size(), 64);
      QCOMPARE(picture.layoutShown().arrows.size(), 64);
      QVERIFY(!picture.layoutShown().labels);  // but of the one that is chosen
      for (const MeshNode& node : picture.layoutShown().nodes)
        QVERIFY(QRectF(picture.rect()).contains(node.box));
      QVERIFY(picture.accessibleDescription().contains("64 running"));
    }
  }

  void whoIsLostIsReadFromEvents() {
    proto::RunEvent lost, resuming;
    lost.set_kind("worker-lost");
    lost.set_json(R"({"rank": 2, "signal": 9})");
    resuming.set_kind("resuming");
    proto::RunSummary run = runOf(4);
    QCOMPARE(lostRanks({lost}, run), QSet<int>{2});
    run.set_attempt(2);
    QCOMPARE(lostRanks({lost, resuming}, run), QSet<int>());
    QCOMPARE(lostRanks({lost}, run), QSet<int>());  // somebody resumed it: nobody knows
    for (const char* json : {"", "[]", "{\"rank\": -1}", "{\"rank\": \"two\"}", "{"}) {
      lost.set_json(json);
      run.set_attempt(1);
      QCOMPARE(lostRanks({lost}, run), QSet<int>());
    }
  }
};

CONCERTINA_TEST(MonitorMeshTest)

}  // namespace concertina::ui::monitor_mesh_test

#include "monitor_mesh_test.moc"
