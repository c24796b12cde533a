// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// port_flood_test.cc: somebody with a worker's certificate of this authority floods the engine's port: tokens
// that were used, streams that say nothing or nonsense, messages that are too large. Nothing of it counts,
// the engine does not grow by it, and those who belong there are served meanwhile. Attackers and engine are
// one process here: what both hold together is below the bar of the engine alone.
#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/proto/engine_channel.h"
#include "core/security/provision.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::port_flood_test {
namespace {

constexpr int kStreams = 10'000, kReplays = 1'000, kLargeMessages = 100, kAttackers = 4;
constexpr size_t kLargeBytes = size_t{5} << 20;
constexpr uint64_t kMostGrowthBytes = uint64_t{64} << 20;
// Both cores of a small machine belong to the attackers, too: a bar for hanging, not for speed.
constexpr double kMostSeconds = 1;

uint64_t ResidentBytes() {
  QFile statm("/proc/self/statm");
  if (!statm.open(QIODevice::ReadOnly)) return 0;
  return statm.readAll().split(' ').value(1).toULongLong() * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// One stream of an attacker, from its first message to its end; true if the engine had anything to say to it.
bool Attack(proto::Home::Stub& stub, const proto::WorkerMessage& first) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const auto stream = stub.Join(&context);
  stream->Write(first);
  stream->WritesDone();
  proto::EngineMessage answer;
  bool is_let_in = false;
  while (stream->Read(&answer)) is_let_in = true;
  stream->Finish();
  return is_let_in;
}

}  // namespace

class PortFloodTest : public QObject {
  Q_OBJECT
 private slots:
  void nothingOfAFloodCountsAndNobodyIsKeptOut() {
    const QTemporaryDir folder(QDir::tempPath() + "/cnf-XXXXXX");
    const std::string kits = folder.filePath("kits").toStdString();
    QVERIFY(Provision({.folder = kits, .workers = {"pool", "thief"}, .persons = {"ada"}}).ok());
    EngineRoom room;
    room.options().listen = "127.0.0.1:0";
    room.options().kit = kits + "/engine-main";
    room.options().limits.silence = 60;  // the honest worker is a puppet that does not beat
    room.options().limits.hang = 60;
    QVERIFY(room.Start().ok());
    const auto channel_of = [&](const std::string& kit) {
      const auto channel = OpenEngineChannel(room.engine().network_address(), kits + "/" + kit, {});
      return channel.ok() ? *channel : nullptr;
    };
    const std::string run = room.Submit(room.Spec(1));
    QVERIFY(PuppetStage::Get().WaitForLaunch(1));
    const LaunchRequest request = PuppetStage::Get().RequestOf(0);
    PuppetWorker honest(channel_of("worker-pool"));
    honest.Hello(run, 0, request.token);
    QVERIFY(honest.WaitFor(proto::EngineMessage::kAssignment).has_value());
    honest.Ready();
    QVERIFY(honest.WaitFor(proto::EngineMessage::kPeers).has_value());
    honest.Steps(0, 3);
    QVERIFY(room.WaitForState(run, proto::RUNNING));

    const auto person = proto::Engine::NewStub(channel_of("person-ada"));
    const auto seconds_of_a_call = [&] {
      const double begun = Clock::Real().SteadySeconds();
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      proto::EngineStatus status;
      return person->Status(&context, {}, &status).ok() ? Clock::Real().SteadySeconds() - begun : 1e9;
    };
    std::vector<double> before(200), meanwhile;
    for (double& seconds : before) seconds = seconds_of_a_call();

    proto::WorkerMessage replay, nonsense, large;
    replay.mutable_hello()->set_run(run);
    replay.mutable_hello()->set_token(request.token);
    replay.mutable_hello()->set_version(CONCERTINA_VERSION);
    nonsense.mutable_heartbeat()->set_step(1'000'000);
    large.mutable_hello()->set_host(std::string(kLargeBytes, 'x'));
    std::atomic<int> at = 0, running = kAttackers, let_in = 0;
    uint64_t resident = 0, most_resident = 0;
    {
      std::vector<std::jthread> attackers;
      for (int i = 0; i < kAttackers; ++i)
        attackers.emplace_back([&, channel = channel_of("worker-thief")] {
          const auto stub = proto::Home::NewStub(channel);
          for (int stream = at++; stream < kStreams; stream = at++) {
            const bool is_large = stream % (kStreams / kLargeMessages) == 0;
            const bool is_replay = !is_large && stream % (kStreams / kReplays) == 1;
            let_in += Attack(*stub, is_large ? large : is_replay ? replay : nonsense) ? 1 : 0;
          }
          --running;
        });
      while (running > 0) {
        // What the first hundreds bring (threads, buffers, tables) is no growth.
        if (resident == 0 && at > kStreams / 20) resident = ResidentBytes();
        most_resident = std::max(most_resident, ResidentBytes());
        meanwhile.push_back(seconds_of_a_call());
        honest.Heartbeat(3);
      }
    }
    QCOMPARE(let_in.load(), 0);
    const uint64_t growth_bytes = std::max(most_resident, resident) - resident;
    QVERIFY(at >= kStreams && meanwhile.size() > 10);
    QVERIFY2(growth_bytes < kMostGrowthBytes, qPrintable(QString("%1 MiB more").arg(growth_bytes >> 20)));
    std::sort(before.begin(), before.end());
    std::sort(meanwhile.begin(), meanwhile.end());
    const double p99_before = before[before.size() * 99 / 100], p99 = meanwhile[meanwhile.size() * 99 / 100];
    qInfo("a call of a person: 99 of 100 within %.1f ms before, %.1f ms beside %d attackers; %lld MiB more",
          1e3 * p99_before, 1e3 * p99, kAttackers, static_cast<long long>(growth_bytes >> 20));
    QVERIFY2(p99 < kMostSeconds, qPrintable(QString("%1 s").arg(p99)));
    // The run is what it was: its worker is in, nobody else, and what was told of it is the worker's.
    QCOMPARE(room.Show(run).state(), proto::RUNNING);
    QCOMPARE(room.Show(run).error(), std::string());
    honest.Steps(3, 2);
    QVERIFY(Eventually([&] { return room.Series(run, "train/loss").x_size() == 5; }));
  }
};

CONCERTINA_TEST(PortFloodTest)

}  // namespace concertina::port_flood_test

#include "port_flood_test.moc"
