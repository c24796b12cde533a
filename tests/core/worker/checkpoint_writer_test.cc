// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_writer_test.cc: what is written is the state as it was, whatever becomes of it meanwhile.
#include "core/worker/checkpoint_writer.h"

#include <QTest>

#include "core/base/rng.h"
#include "tests/core/base/power_cut_disk.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/test_program.h"

namespace concertina::checkpoint_writer_test {
namespace {

const char kFolder[] = "/run/checkpoints/step-000000000007";

std::vector<float> Numbers(size_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(rng.Normal());
  return numbers;
}

CheckpointWriter::State StateOf(const std::vector<std::span<const float>>& parameters,
                                std::span<const float> optimizer) {
  CheckpointWriter::State state;
  state.small.step = 7;
  state.small.world_size = 1;
  state.spec_json = "{}";
  state.parameters = parameters;
  state.optimizer = {optimizer};
  state.buffers = {1, 2};
  state.exchange = {3, 4, 5};
  return state;
}

}  // namespace

class CheckpointWriterTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsWrittenIsTheStateAsItWas_data() {
    QTest::addColumn<qulonglong>("parameters");
    QTest::addColumn<qulonglong>("optimizer");
    QTest::newRow("empty") << qulonglong{0} << qulonglong{0};
    QTest::newRow("one") << qulonglong{1} << qulonglong{0};
    QTest::newRow("a block") << qulonglong{1 << 18} << qulonglong{1 << 18};
    QTest::newRow("many, and a rest") << qulonglong{(5 << 18) + 17} << qulonglong{(3 << 18) + 1};
  }
  void whatIsWrittenIsTheStateAsItWas() {
    QFETCH(qulonglong, parameters);
    QFETCH(qulonglong, optimizer);
    PowerCutDisk disk;
    CheckpointWriter writer(disk, {});
    // Again and again, into the same spare: smaller and larger ones too.
    for (const uint64_t seed : {1, 2, 3}) {
      std::vector<float> first = Numbers(parameters, seed), second = Numbers(parameters / seed, seed + 10);
      std::vector<float> moments = Numbers(optimizer, seed + 20);
      std::vector<float> all = first;
      all.insert(all.end(), second.begin(), second.end());
      const std::vector<float> moments_then = moments;
      writer.Write(kFolder, StateOf({first, second}, moments));
      writer.FinishCopy();
      for (std::vector<float>* values : {&first, &second, &moments})
        std::fill(values->begin(), values->end(), -1.0F);
      QVERIFY(writer.Await(Deadline::After(60)));
      QVERIFY(writer.report() == CheckpointWriter::Report::kDone);
      const auto read = ReadCheckpoint(disk, kFolder, 0);
      QVERIFY2(read.ok(), std::string(read.status().message()).c_str());
      QVERIFY(read->parameters == all && read->optimizer == moments_then);
      QVERIFY(read->buffers == (std::vector<float>{1, 2}) &&
              read->exchange == (std::vector<uint8_t>{3, 4, 5}));
      QCOMPARE(CheckCheckpoint(disk, kFolder, 0)->sha256, writer.part().sha256);
    }
  }

  void whatFoundNoRoomIsWrittenLater() {
    PowerCutDisk memory;
    RefusingDisk disk(memory);
    CheckpointWriter writer(disk, {});
    std::vector<float> parameters = Numbers(1000, 1);
    const std::vector<float> then = parameters;
    disk.SetFull(true);
    writer.Write(kFolder, StateOf({parameters}, {}));
    writer.FinishCopy();
    std::fill(parameters.begin(), parameters.end(), 0.0F);
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(writer.report() == CheckpointWriter::Report::kNoRoom);
    writer.TryAgain();
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(writer.report() == CheckpointWriter::Report::kNoRoom);
    disk.SetFull(false);
    writer.TryAgain();
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(writer.report() == CheckpointWriter::Report::kDone);
    QVERIFY(ReadCheckpoint(disk, kFolder, 0)->parameters == then);
  }

  void anotherFailureIsToldAsWhatItIs() {
    PowerCutDisk memory;
    RefusingDisk disk(memory);
    CheckpointWriter writer(disk, {});
    disk.FailAt(4, EIO);
    const std::vector<float> parameters = Numbers(10, 1);
    writer.Write(kFolder, StateOf({parameters}, {}));
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(writer.report() == CheckpointWriter::Report::kFailed);
    QCOMPARE(writer.status().code(), absl::StatusCode::kUnknown);
  }

  // Nobody goes on from a part without what was measured before it.
  void aPartCountsOnceMeasurementsAreKept() {
    PowerCutDisk disk;
    bool is_there = false;
    absl::Status answer = absl::UnavailableError("the engine is gone");
    CheckpointWriter writer(disk, {}, [&] {
      is_there = disk.SizeOf(CheckpointFile(kFolder, 0)).ok();
      return answer;
    });
    writer.Write(kFolder, StateOf({}, {}));
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(is_there);
    QVERIFY(writer.report() == CheckpointWriter::Report::kFailed);
    QCOMPARE(writer.status().code(), absl::StatusCode::kUnavailable);
    answer = absl::OkStatus();
    writer.TryAgain();
    QVERIFY(writer.Await(Deadline::After(60)));
    QVERIFY(writer.report() == CheckpointWriter::Report::kDone);
  }

  void whatIsCarriedAwayDoesNotStay() {
    PowerCutDisk disk;
    std::vector<std::string> carried;
    CheckpointWriter writer(disk, [&](const std::string& file) {
      if (disk.SizeOf(file).ok()) carried.push_back(file);
      return absl::OkStatus();
    });
    writer.Write(kFolder, StateOf({}, {}));
    QVERIFY(writer.Await(Deadline::After(60)));
    writer.WriteManifest(kFolder, {.step = 7, .in_step = true, .parts = {}});
    QVERIFY(writer.Await(Deadline::After(60)));
    QCOMPARE(carried,
             (std::vector<std::string>{CheckpointFile(kFolder, 0), CheckpointManifestFile(kFolder)}));
    QVERIFY(disk.List("/run/checkpoints")->empty());
  }
};

CONCERTINA_TEST(CheckpointWriterTest)

}  // namespace concertina::checkpoint_writer_test

#include "checkpoint_writer_test.moc"
