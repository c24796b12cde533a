// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_specs_test.cc: the experiments of the papers and lessons that come with the program are good ones,
// and are known again once their defaults are filled in.
#include <QTest>

#include "core/analysis/paper.h"
#include "core/base/file.h"
#include "core/experiment/spec.h"
#include "core/experiment/sweep.h"
#include "tests/test_program.h"

namespace concertina::paper_specs_test {

class PaperSpecsTest : public QObject {
  Q_OBJECT
 private slots:
  void everySpecOfAPaperIsGood() {
    QVERIFY(!PapersHere().empty());
    for (const Paper& paper : PapersHere())
      for (const PaperRun& run : paper.runs)
        for (const bool is_quick : {false, true}) {
          if (is_quick && !paper.has_quick()) continue;
          const PaperSpec& spec = run.SpecOf(is_quick);
          const SpecCheck check = CheckSpec(spec.json);
          for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
          QVERIFY2(check.faults.empty(), spec.name.c_str());
          QVERIFY2(IsPaperRun(spec, check.spec.name, check.spec.json), spec.name.c_str());
        }
  }

  void everyLessonIsGood_data() {
    QTest::addColumn<QString>("id");
    for (const char* id : {"lesson-staleness", "lesson-slow-link", "lesson-straggler"})
      QTest::newRow(id) << id;
  }
  void everyLessonIsGood() {
    QFETCH(QString, id);
    const auto text =
        ReadFile(CONCERTINA_SOURCE_DIR "/resources/presets/" + id.toStdString() + ".sweep.json", 1 << 20);
    QVERIFY(text.ok());
    const auto check = CheckSweep({.json = *text});
    QVERIFY(check.ok());
    for (const Fault& fault : check->faults) qWarning("%s", fault.message.c_str());
    QVERIFY(check->faults.empty());
    QCOMPARE(check->sweep.points.size(), size_t{9});
  }
};

CONCERTINA_TEST(PaperSpecsTest)

}  // namespace concertina::paper_specs_test

#include "paper_specs_test.moc"
