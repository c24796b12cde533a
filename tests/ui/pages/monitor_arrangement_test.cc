// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_arrangement_test.cc: the order that a person gave survives starts and versions.
#include "ui/pages/monitor_arrangement.h"

#include <QJsonArray>
#include <QTest>

#include "tests/test_program.h"

namespace concertina::ui::monitor_arrangement_test {
namespace {

CardArrangement of(const QStringList& names) {
  CardArrangement arrangement;
  for (const QString& name : names) arrangement.add(name);
  return arrangement;
}

}  // namespace

class MonitorArrangementTest : public QObject {
  Q_OBJECT
 private slots:
  void aCardTakesTheOthersPlace() {
    CardArrangement cards = of({"a", "b", "c", "d"});
    cards.moveTo("a", "c");
    QCOMPARE(cards.order(), QStringList({"b", "c", "a", "d"}));
    cards.moveTo("d", "b");
    QCOMPARE(cards.order(), QStringList({"d", "b", "c", "a"}));
    cards.moveTo("a", "none");
    QCOMPARE(cards.order(), QStringList({"d", "b", "c", "a"}));
    cards.reset();
    QVERIFY(cards.isFirst());
  }

  void whatIsSavedIsRestored() {
    CardArrangement cards = of({"a", "b", "c"});
    QVERIFY(cards.save().isEmpty());  // nothing to say of what nobody touched
    cards.moveTo("c", "a");
    cards.setHidden("b", true);
    CardArrangement next = of({"a", "b", "c"});
    next.restore(cards.save());
    QCOMPARE(next.order(), QStringList({"c", "a", "b"}));
    QVERIFY(next.isHidden("b") && !next.isHidden("a") && !next.isFirst());
  }

  // A newer version has more cards, an older one fewer; neither loses what the other kept.
  void otherVersionsAreUnderstood() {
    CardArrangement old = of({"a", "b", "c"});
    old.moveTo("c", "a");
    CardArrangement newer = of({"a", "new", "b", "c", "last"});
    newer.restore(old.save());
    QCOMPARE(newer.order(), QStringList({"c", "last", "a", "new", "b"}));
    newer.moveTo("new", "c");
    newer.setHidden("last", true);
    CardArrangement older = of({"a", "b", "c"});
    older.restore(newer.save());
    QCOMPARE(older.order(), QStringList({"c", "a", "b"}));
    CardArrangement again = of({"a", "new", "b", "c", "last"});
    again.restore(older.save());
    QVERIFY(again.isHidden("last") && again.order().contains("new"));
  }

  void nonsenseIsTheFirstOrder() {
    CardArrangement cards = of({"a", "b"});
    cards.restore({{"order", QJsonArray{3, "b", "b", QJsonValue()}}, {"hidden", "a"}});
    QCOMPARE(cards.order().size(), 2);
    QVERIFY(!cards.isHidden("a"));
  }
};

CONCERTINA_TEST(MonitorArrangementTest)

}  // namespace concertina::ui::monitor_arrangement_test

#include "monitor_arrangement_test.moc"
