// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_disk_test.cc: whole recipes whose disk is full or broken: they wait for room, or stop without what
// does not fit, and what they made is what a run with room makes.
#include <QDir>
#include <QTest>
#include <cerrno>

#include "core/analysis/step_detail.h"
#include "core/base/file.h"
#include "core/worker/checkpoint_manifest.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/core/worker/recipe_ranks.h"
#include "tests/test_program.h"

namespace concertina::recipe_disk_test {

class RecipeDiskTest : public QObject, private RecipeRanks {
  Q_OBJECT

  const nlohmann::json recipe_ = {{{"kind", "prune-l1"}, {"amount", 0.5}},
                                  {{"kind", "retrain"}, {"epochs", 1}}};

  std::string Bytes(const QString& run, const std::string& file) const {
    const auto bytes = ReadFile(folder_.filePath(run).toStdString() + "/" + file, size_t{1} << 24);
    return bytes.ok() ? *bytes : std::string();
  }
  static std::string Said(const RecipeResult& of) { return of.result.status().ToString(); }

 private slots:
  void cleanup() {
    disk_ = &Disk::Real();
    no_room_ = nullptr;
    step_told_ = step_kept_ = nullptr;
  }

  // At each of its writes: making, writing, flushing, closing and renaming a file, and its folder. The model
  // and its detail come first, of the model as it was trained.
  void aFullDiskPausesTheRecipeUntilThereIsRoom_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("operation");
    for (const int ranks : {1, 2}) {
      QTest::addRow("making model.edge, %d ranks", ranks) << ranks << 1;
      QTest::addRow("writing model.edge, %d ranks", ranks) << ranks << 2;
      QTest::addRow("behind model.edge, %d ranks", ranks) << ranks << 7;
      QTest::addRow("in recipe-0.json, %d ranks", ranks) << ranks << 8;
    }
  }
  void aFullDiskPausesTheRecipeUntilThereIsRoom() {
    QFETCH(int, ranks);
    QFETCH(int, operation);
    const nlohmann::json spec = Spec(ranks, recipe_);
    const QString free_run = QStringLiteral("free %1").arg(ranks);
    if (!QDir(folder_.filePath(free_run)).exists()) QVERIFY(Run(spec, free_run)[0].result.ok());

    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.FailAt(operation, ENOSPC);
    const QString name = QString(QTest::currentDataTag());
    const auto got = Run(spec, name);
    QVERIFY(disk.has_failed());
    for (const RecipeResult& rank : got)
      QVERIFY2(rank.result.ok() && !rank.result->stopped, Said(rank).c_str());
    QCOMPARE(got[0].no_room.size(), size_t{1});
    QVERIFY2(got[0].no_room[0].find("rank 0: ") == 0, got[0].no_room[0].c_str());
    QCOMPARE(got[0].states, std::vector<std::string>{"running"});
    QCOMPARE(got[0].figures.size(), size_t{3});
    QVERIFY(!Bytes(name, "model.edge").empty() && Bytes(name, "model.edge") == Bytes(free_run, "model.edge"));
    const auto detail = ReadStepDetail(Bytes(name, "recipe-0.json")),
               expected = ReadStepDetail(Bytes(free_run, "recipe-0.json"));
    QVERIFY(detail.ok() && expected.ok());
    QCOMPARE(detail->layers.size(), expected->layers.size());  // none is there twice
  }

  void parametersWaitForRoomAtTheEnd() {
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    step_told_ = [&](int64_t number) { disk.SetFull(number == 2); };  // behind the last nothing is kept
    no_room_ = [&](const std::string&) { disk.SetFull(false); };
    const auto got = Run(Spec(2, recipe_), "end");
    QVERIFY2(got[0].result.ok() && !got[0].result->stopped, Said(got[0]).c_str());
    QVERIFY(disk.refused() > 0);
    QCOMPARE(got[0].no_room.size(), size_t{1});
    QVERIFY2(got[0].no_room[0].find("parameters.safetensors") != std::string::npos,
             got[0].no_room[0].c_str());
    QVERIFY(!ParametersOf(folder_.filePath("end")).empty());
    QVERIFY(!got[0].result->parameters_path.empty());
  }

  // Nor does one that is asked to stop meanwhile.
  void parametersThatHaveNoRoomDoNotKeepARecipeFromStopping() {
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    step_told_ = [&](int64_t number) { disk.SetFull(number == 2); };
    const auto got = Run(Spec(2, recipe_), "stopped at the end", {.stops_when_full = true});
    QVERIFY2(got[0].result.ok() && got[0].result->stopped, Said(got[0]).c_str());
    QVERIFY(got[0].result->parameters_path.empty());
    QCOMPARE(got[0].figures.size(), size_t{3});
  }

  // The model of a step does not fit: the run stops, on all ranks, and goes on behind the step before.
  void aRecipeThatIsStoppedDoesNotWaitForRoom() {
    const nlohmann::json spec = Spec(2, recipe_);
    QVERIFY(Run(spec, "whole")[0].result.ok());
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    step_kept_ = [&](int64_t number) { disk.SetFull(number == 0); };
    const auto got = Run(spec, "halfway", {.stops_when_full = true});
    for (const RecipeResult& rank : got)
      QVERIFY2(rank.result.ok() && rank.result->stopped, Said(rank).c_str());
    QCOMPARE(got[0].figures.size(), size_t{1});
    QCOMPARE(got[0].missed.size(), size_t{1});
    QVERIFY2(got[0].missed[0].find("prune-l1: amount 0.5") != std::string::npos, got[0].missed[0].c_str());
    QVERIFY(got[0].result->parameters_path.empty());

    disk.SetFull(false);
    step_kept_ = nullptr;
    const auto newest = NewestWholeCheckpoint(disk, folder_.filePath("halfway").toStdString(), 2);
    QVERIFY2(newest.ok(), std::string(newest.status().message()).c_str());
    const auto rest = Run(spec, "halfway", {.checkpoint = newest->path});
    QVERIFY2(rest[0].result.ok() && !rest[0].result->stopped, Said(rest[0]).c_str());
    QVERIFY(Bytes("halfway", "model.edge") == Bytes("whole", "model.edge"));
  }

  // Training hands its values on in memory: a stretch has nothing to write.
  void aStopWhileItTrainsNeedsNoRoom() {
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.SetFull(true);
    const auto got = Run(Spec(2, recipe_), "in a stretch", {.actions = {proto::Control::STOP}});
    for (const RecipeResult& rank : got)
      QVERIFY2(rank.result.ok() && rank.result->stopped, Said(rank).c_str());
    QVERIFY(got[0].result->parameters_path.empty());
    QVERIFY(got[0].no_room.empty());
    QVERIFY(QDir(folder_.filePath("in a stretch")).entryList(QDir::Files).isEmpty());
  }

  void aBrokenDiskEndsTheRecipeOnAllRanks() {
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.FailAt(2, EIO);
    const auto got = Run(Spec(2, recipe_), "broken");
    QVERIFY(disk.has_failed());
    QVERIFY(!got[0].result.ok() && !got[1].result.ok());
    QVERIFY2(Said(got[0]).find("model.edge") != std::string::npos, Said(got[0]).c_str());
    QVERIFY(got[0].no_room.empty());
  }
};
CONCERTINA_TEST(RecipeDiskTest)

}  // namespace concertina::recipe_disk_test
#include "recipe_disk_test.moc"
