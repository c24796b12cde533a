// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_traffic_test.cc: how fast workers send to whom, as they say how much they have sent; and how the engine
// says that each is. What was not measured has no figure.
#include <limits>

#include "core/engine/traffic_meter.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::run_traffic_test {
namespace {

proto::Traffic Said(double seconds, const std::vector<uint64_t>& sent) {
  proto::Traffic said;
  said.set_seconds(seconds);
  said.mutable_sent_bytes()->Add(sent.begin(), sent.end());
  return said;
}

}  // namespace

class RunTrafficTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void aRateIsTheDifferenceOfTwoReadings() {
    TrafficMeter meter;
    meter.Take(Said(10, {0, 1000, 0}), 1, 3, 100);
    QCOMPARE(meter.Links(1, 100).size(), size_t{1});
    QVERIFY(!meter.Links(1, 100)[0].bytes_per_second.has_value());  // one reading is no rate
    meter.Take(Said(10, {0, 1000, 0}), 1, 3, 100.5);                // the same one again
    QVERIFY(!meter.Links(1, 100.5)[0].bytes_per_second.has_value());
    meter.Take(Said(10.5, {0, 2000, 300}), 1, 3, 100.5);
    const std::vector<TrafficMeter::Link> links = meter.Links(1, 101);
    QCOMPARE(links.size(), size_t{2});
    QCOMPARE(links[0].to, size_t{1});
    QCOMPARE(links[0].bytes_sent, uint64_t{2000});
    QCOMPARE(links[0].bytes_per_second.value_or(-1), 2000.0);
    QCOMPARE(links[1].bytes_per_second.value_or(-1), 600.0);
    meter.Take(Said(11, {0, 2000, 300}), 1, 3, 101);  // nothing more: that is a figure, too
    QCOMPARE(meter.Links(1, 101)[0].bytes_per_second.value_or(-1), 0.0);
  }

  void whatIsOldIsNoFigureOfNow() {
    TrafficMeter meter;
    meter.Take(Said(10, {0, 1000}), 1, 2, 100);
    meter.Take(Said(11, {0, 2000}), 1, 2, 101);
    QVERIFY(meter.Links(1, 103.9)[0].bytes_per_second.has_value());
    QVERIFY(!meter.Links(1, 104.1)[0].bytes_per_second.has_value());
    QCOMPARE(meter.Links(1, 104.1)[0].bytes_sent, uint64_t{2000});
    meter.Take(Said(21, {0, 4000}), 1, 2, 111);  // steps of ten seconds: the figure lasts as long
    QCOMPARE(meter.Links(1, 125)[0].bytes_per_second.value_or(-1), 200.0);
    QVERIFY(!meter.Links(1, 132)[0].bytes_per_second.has_value());
  }

  void anotherGroupBeginsAnew() {
    TrafficMeter meter;
    meter.Take(Said(10, {0, 1000}), 1, 2, 100);
    meter.Take(Said(11, {0, 2000}), 1, 2, 101);
    QVERIFY(meter.Links(2, 101).empty());
    meter.Take(Said(12, {0, 5000}), 2, 2, 102);
    QVERIFY(!meter.Links(2, 102)[0].bytes_per_second.has_value());
    QVERIFY(meter.Links(1, 102).empty());
  }

  void whatMakesNoSenseIsNoFigure_data() {
    QTest::addColumn<double>("seconds");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("sent");
    QTest::newRow("fewer ranks") << 11.0 << 1 << 2000;
    QTest::newRow("more ranks") << 11.0 << 3 << 2000;
    QTest::newRow("fewer bytes") << 11.0 << 2 << 900;
    QTest::newRow("a clock that goes back") << 9.0 << 2 << 2000;
    QTest::newRow("no time") << std::numeric_limits<double>::quiet_NaN() << 2 << 2000;
    QTest::newRow("no end of time") << std::numeric_limits<double>::infinity() << 2 << 2000;
  }
  void whatMakesNoSenseIsNoFigure() {
    QFETCH(double, seconds);
    QFETCH(int, ranks);
    QFETCH(int, sent);
    TrafficMeter meter;
    meter.Take(Said(10, {0, 1000}), 1, 2, 100);
    std::vector<uint64_t> said(static_cast<size_t>(ranks), 0);
    said.back() = static_cast<uint64_t>(sent);
    meter.Take(Said(seconds, said), 1, 2, 101);
    for (const TrafficMeter::Link& link : meter.Links(1, 101)) QVERIFY(!link.bytes_per_second.has_value());
  }

  void theEngineTellsWhatItsWorkersSay() {
    const std::string run = Begin(2);
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 5);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    proto::TrafficReply reply = Ask(run);
    QCOMPARE(reply.ranks_size(), 2);
    QCOMPARE(reply.ranks(0).state(), std::string("running"));
    QVERIFY(reply.ranks(0).has_heard_seconds());
    QVERIFY(reply.ranks(0).links().empty());  // nothing was said
    QVERIFY(!reply.ranks(0).has_memory_bytes() && !reply.ranks(0).has_samples_per_second());

    Say(*workers[0], 5, {0, 1000});
    Say(*workers[0], 6, {0, 4000});
    QVERIFY(Eventually([&] {
      return Ask(run).ranks(0).links_size() == 1 && Ask(run).ranks(0).links(0).has_bytes_per_second();
    }));
    reply = Ask(run);
    QCOMPARE(reply.ranks(0).links(0).to(), 1U);
    QCOMPARE(reply.ranks(0).links(0).bytes_sent(), uint64_t{4000});
    QCOMPARE(reply.ranks(0).links(0).bytes_per_second(), 3000.0);
    QVERIFY(reply.ranks(1).links().empty());
  }

  void aWorkerThatDiesIsLost() {
    const std::string run = Begin(2);
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 5);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    PuppetStage::Get().Exit(1, {.signal = 9});
    QVERIFY(Eventually([&] {
      const proto::TrafficReply reply = Ask(run);
      return reply.ranks().empty() || reply.ranks(1).state() == "lost";  // empty: the run has ended of it
    }));
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(Eventually([&] { return Ask(run).ranks().empty(); }));
  }

 private:
  std::string Begin(int workers) {
    if (const absl::Status status = room_->Start(); !status.ok())
      qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    return room_->Launched(workers);
  }
  static void Say(PuppetWorker& worker, double seconds, const std::vector<uint64_t>& sent) {
    proto::WorkerMessage message;
    message.set_incarnation(worker.assignment().incarnation());
    message.mutable_heartbeat()->set_step(5);
    message.mutable_heartbeat()->set_phase("compute");
    *message.mutable_heartbeat()->mutable_traffic() = Said(seconds, sent);
    worker.Send(message);
  }
  proto::TrafficReply Ask(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    grpc::ClientContext context;
    proto::TrafficReply reply;
    const grpc::Status status = room_->stub().GetTraffic(&context, request, &reply);
    if (!status.ok()) qWarning("%s", status.error_message().c_str());
    return reply;
  }

  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(RunTrafficTest)

}  // namespace concertina::run_traffic_test

#include "run_traffic_test.moc"
