// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// join_past_test.cc: nothing is lost and nothing is doubled, whenever the past was written down.
#include "ui/client/join_past.h"

#include <QTest>
#include "tests/test_program.h"

namespace concertina::ui::join_past_test {

class JoinPastTest : public QObject {
  Q_OBJECT
 private slots:
  void everyMomentGivesTheSameWhole() {
    const QVector<int> whole = {5, 1, 4, 2, 7, 6, 3};
    // The stream began after `begin` items, the past was written down after `until`.
    for (qsizetype begin = 0; begin <= whole.size(); ++begin)
      for (qsizetype until = begin; until <= whole.size(); ++until)
        QCOMPARE(joinPast(whole.mid(0, until), whole.mid(begin), std::equal_to<>()), whole);
  }
  void whatOnlyTheStreamHasIsKept() {
    QCOMPARE(joinPast(QVector<int>{}, QVector<int>{1, 2}, std::equal_to<>()), (QVector<int>{1, 2}));
    QCOMPARE(joinPast(QVector<int>{1, 2}, QVector<int>{}, std::equal_to<>()), (QVector<int>{1, 2}));
  }
};

CONCERTINA_TEST(JoinPastTest)

}  // namespace concertina::ui::join_past_test

#include "join_past_test.moc"
