// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_colors_test.cc: a run's colour is its own, and runs beside each other are told apart.
#include "core/analysis/run_colors.h"

#include <QTest>
#include <set>
#include <string>

#include "tests/test_program.h"

namespace concertina::run_colors_test {

class RunColorsTest : public QObject {
  Q_OBJECT

 private slots:
  void aColorIsTheRunsOwn() {
    QCOMPARE(OwnColor({"20261124-031500-a1b2c3", 0}), OwnColor({"20261124-031500-a1b2c3", 0}));
    for (uint32_t chosen = 1; chosen <= 20; ++chosen)
      QCOMPARE(OwnColor({"a", chosen}), static_cast<int>(chosen - 1) % kRunColors);
    std::set<int> places;
    for (int i = 0; i < 100; ++i) places.insert(OwnColor({std::to_string(i), 0}));
    QCOMPARE(places.size(), size_t{kRunColors});  // all of them come
  }
  void runsBesideEachOtherAreToldApart() {
    std::vector<std::string> ids;
    for (int i = 0; i < 2 * kRunColors; ++i) ids.push_back("run " + std::to_string(i));
    std::vector<ColoredRun> runs;
    for (const std::string& id : ids) {
      runs.push_back({id, 0});
      const std::vector<RunColor> colors = ColorsOf(runs);
      std::set<std::pair<int, bool>> different;
      for (const RunColor& color : colors) different.insert({color.place, color.is_shared});
      QCOMPARE(different.size(), runs.size());
      QVERIFY(!colors[0].is_shared);
    }
    // One alone has its own, and a chosen one before all others.
    QCOMPARE(ColorsOf({runs.data(), 1})[0].place, OwnColor(runs[0]));
    runs.resize(2);
    runs[1].chosen = static_cast<uint32_t>(OwnColor(runs[0])) + 1;
    QCOMPARE(ColorsOf(runs)[1].place, OwnColor(runs[0]));
    QVERIFY(ColorsOf(runs)[0].place != OwnColor(runs[0]));
    QVERIFY(ColorsOf({}).empty());
  }
};

CONCERTINA_TEST(RunColorsTest)

}  // namespace concertina::run_colors_test

#include "run_colors_test.moc"
