// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// simulation_test.cc: the control plane under 500 seeds of bad luck, in virtual time; more by
// tests/chaos/simulate, which sets
//   CONCERTINA_SIMULATE       how many seeds
//   CONCERTINA_SIMULATE_FIRST the first of them (1)
#include "tests/core/engine/simulation/simulation.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/log.h"
#include "tests/test_program.h"

namespace concertina::simulation_test {

using simulation::Ground;
using simulation::Outcome;

constexpr int kSeeds = 500, kSeedsARow = 50;

class SimulationTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    spdlog::set_level(spdlog::level::off);  // the traces say more
    // Checkpoints are flushed: in memory that costs nothing.
    const bool has_memory_disk = QFileInfo("/dev/shm").isWritable();
    folder_ = std::make_unique<QTemporaryDir>(has_memory_disk ? "/dev/shm/concertina-XXXXXX" : "");
    auto ground = Ground::Open(folder_->path().toStdString());
    QVERIFY2(ground.ok(), std::string(ground.status().message()).c_str());
    ground_ = *std::move(ground);
  }
  void cleanupTestCase() {
    ground_.reset();
    folder_.reset();
  }

  void theSameSeedGivesTheSameTrace_data() {
    QTest::addColumn<int>("seed");
    for (const int seed : {1, 7, 296, 513}) QTest::addRow("seed %d", seed) << seed;
  }
  void theSameSeedGivesTheSameTrace() {
    QFETCH(int, seed);
    const Outcome first = ground_->Simulate(static_cast<uint64_t>(seed));
    const Outcome second = ground_->Simulate(static_cast<uint64_t>(seed));
    QVERIFY(first.trace.size() > 1000);
    QVERIFY(first.trace == second.trace);
    QVERIFY(first.trace != ground_->Simulate(static_cast<uint64_t>(seed) + 1).trace);
  }

  void nothingIsLostAndNothingHangs_data() {
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("count");
    const int first = std::max(1, qEnvironmentVariableIntValue("CONCERTINA_SIMULATE_FIRST"));
    const int asked = qEnvironmentVariableIntValue("CONCERTINA_SIMULATE");
    const int count = asked > 0 ? asked : kSeeds;
    for (int seed = first; seed < first + count; seed += kSeedsARow) {
      const int here = std::min(kSeedsARow, first + count - seed);
      QTest::addRow("seeds %d to %d", seed, seed + here - 1) << seed << here;
    }
  }
  void nothingIsLostAndNothingHangs() {
    QFETCH(int, first);
    QFETCH(int, count);
    for (int seed = first; seed < first + count; ++seed) {
      const Outcome outcome = ground_->Simulate(static_cast<uint64_t>(seed));
      if (!outcome.violation.empty()) {
        std::fputs(outcome.trace.c_str(), stderr);
        QFAIL(qPrintable(QString("seed %1: %2\n    again: tests/chaos/simulate 1 --seed %1")
                             .arg(seed)
                             .arg(QString::fromStdString(outcome.violation))));
      }
      seconds_ += outcome.seconds;
      runs_ += outcome.runs;
      finished_ += outcome.finished;
      kills_ += outcome.engine_kills;
      harms_ += outcome.worker_harms;
      noticed_ += outcome.noticed;
      regroups_ += outcome.regroups;
      resumes_ += outcome.resumes;
      full_ += outcome.full_disks;
      ghosts_ += outcome.ghosts;
      forks_ += outcome.forks;
      power_cuts_ += outcome.power_cuts;
      marks_ += outcome.marks;
      held_ += outcome.held;
      held_up_ += outcome.held_up;
      returns_ += outcome.returns;
      ++seeds_;
    }
  }

  // A simulation in which nothing goes wrong shows nothing.
  void badLuckWasHad() {
    if (seeds_ < 100) QSKIP("too few seeds to say");
    qInfo(
        "%d seeds: %lld runs, %lld finished; %lld workers broken, %lld of them had to be named and were; "
        "%lld groups formed anew, %lld resumed by themselves, %lld forks, %lld marks; %lld engines killed, "
        "%lld by a power cut, after which %lld answers had to hold and did; %lld full disks, %lld "
        "waits behind a truncation that did not fit, %lld old tokens; %.0f hours of virtual time",
        seeds_, runs_, finished_, harms_, noticed_, regroups_, resumes_, forks_, marks_, kills_, power_cuts_,
        held_, full_, held_up_, ghosts_, seconds_ / 3600);
    for (const long long count :
         {harms_, noticed_, regroups_, resumes_, full_, ghosts_, forks_, kills_, power_cuts_, marks_, held_})
      QVERIFY(count >= seeds_ / 20);
    qInfo("%lld times a run went on without its engine, and the next one found it", returns_);
    QVERIFY(returns_ >= seeds_ / 20);
    QVERIFY(held_up_ >= seeds_ / 50);  // it takes a resume and a disk that has just so much room
    QVERIFY(finished_ > runs_ / 4);
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Ground> ground_;
  double seconds_ = 0;
  long long runs_ = 0, finished_ = 0, kills_ = 0, harms_ = 0, noticed_ = 0, regroups_ = 0, resumes_ = 0,
            full_ = 0, ghosts_ = 0, forks_ = 0, power_cuts_ = 0, marks_ = 0, held_ = 0, held_up_ = 0,
            returns_ = 0;
  int seeds_ = 0;
};

CONCERTINA_TEST(SimulationTest)

}  // namespace concertina::simulation_test

#include "simulation_test.moc"
