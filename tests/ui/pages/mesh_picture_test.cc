// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture_test.cc: the mesh picture for one rank to many: everything lies inside and apart, and
// pointer and keys tell what a rank sends.
#include "ui/pages/mesh_picture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/mesh_words.h"

namespace concertina::ui::mesh_picture_test {
namespace {

QJsonObject flow(int from, int to, double bytes = 1'600'000, double messages = 6) {
  return {{u"from"_qs, from}, {u"to"_qs, to}, {u"bytes"_qs, bytes}, {u"messages"_qs, messages}};
}
QJsonObject planOf(int data, int pipeline, int tensor, int servers, const QString& pattern) {
  QJsonArray workers, flows;
  int rank = 0;
  for (int d = 0; d < data; ++d)
    for (int p = 0; p < pipeline; ++p)
      for (int t = 0; t < tensor; ++t)
        workers << QJsonObject{
            {u"rank"_qs, rank++},
            {u"axis"_qs, QJsonObject{{u"data"_qs, d}, {u"pipeline"_qs, p}, {u"tensor"_qs, t}}}};
  for (int s = 0; s < servers; ++s)
    workers << QJsonObject{{u"rank"_qs, rank + s}, {u"role"_qs, u"server"_qs}};
  const auto at = [&](int d, int p, int t) { return (d * pipeline + p) * tensor + t; };
  for (int d = 0; d < data; ++d)
    for (int p = 0; p < pipeline; ++p)
      for (int t = 0; t < tensor; ++t) {
        if (pattern == u"ring"_qs && data > 1) flows << flow(at(d, p, t), at((d + 1) % data, p, t));
        if (pattern == u"everybody"_qs)
          for (int other = 0; other < data; ++other)
            if (other != d) flows << flow(at(d, p, t), at(other, p, t));
        if (pipeline > 1 && p + 1 < pipeline) flows << flow(at(d, p, t), at(d, p + 1, t), 40'000, 4);
        if (pipeline > 1 && p > 0) flows << flow(at(d, p, t), at(d, p - 1, t), 40'000, 4);
        if (tensor > 1) flows << flow(at(d, p, t), at(d, p, (t + 1) % tensor), 9'000, 8);
        for (int s = 0; s < servers; ++s) flows << flow(at(d, p, t), rank + s) << flow(rank + s, at(d, p, t));
      }
  return {{u"workers"_qs, workers}, {u"pattern"_qs, QJsonObject{{u"rounds"_qs, 6}, {u"flows"_qs, flows}}}};
}

}  // namespace

class MeshPictureTest : public QObject {
  Q_OBJECT

  static void shapes() {
    QTest::addColumn<QJsonObject>("plan");
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 3, 4, 8, 16, 64}) {
      QTest::addRow("ring of %d", ranks) << planOf(ranks, 1, 1, 0, u"ring"_qs) << ranks;
      QTest::addRow("everybody of %d", ranks) << planOf(ranks, 1, 1, 0, u"everybody"_qs) << ranks;
    }
    QTest::newRow("two servers") << planOf(6, 1, 1, 2, {}) << 8;
    QTest::newRow("four stages") << planOf(1, 4, 1, 0, {}) << 4;
    QTest::newRow("stages and replicas") << planOf(2, 4, 1, 0, u"ring"_qs) << 8;
    QTest::newRow("tensor pairs") << planOf(4, 1, 2, 0, u"ring"_qs) << 8;
    QTest::newRow("three axes") << planOf(2, 2, 2, 0, u"ring"_qs) << 8;
    QTest::newRow("three long axes") << planOf(4, 4, 4, 0, u"ring"_qs) << 64;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void everythingLiesInsideAndApart_data() { shapes(); }
  void everythingLiesInsideAndApart() {
    QFETCH(QJsonObject, plan);
    QFETCH(int, ranks);
    for (const int width : {300, 450, 900}) {
      MeshPicture picture;
      picture.setPlan(plan);
      picture.resize(width, picture.heightForWidth(width));
      picture.grab();  // painting must not fail at any size
      const MeshLayout& layout = picture.layoutShown();
      QCOMPARE(layout.nodes.size(), ranks);
      const QRectF all = picture.rect();
      for (qsizetype i = 0; i < layout.nodes.size(); ++i) {
        QVERIFY2(all.contains(layout.nodes[i].box), qPrintable(u"rank %1 at width %2"_qs.arg(i).arg(width)));
        for (qsizetype j = 0; j < i; ++j)
          QVERIFY2(!layout.nodes[i].box.intersects(layout.nodes[j].box),
                   qPrintable(u"ranks %1 and %2 at width %3"_qs.arg(i).arg(j).arg(width)));
        QCOMPARE(layout.rankAt(layout.nodes[i].box.center()), layout.nodes[i].rank);
      }
      QCOMPARE(layout.arrows.size() + layout.omitted, qsizetype(picture.map().flows.size()));
      QVERIFY(layout.arrows.size() <= kMostArrows);
      for (const MeshArrow& arrow : layout.arrows) {
        QVERIFY(std::isfinite(arrow.tip.x()) && std::isfinite(arrow.tip.y()));
        QVERIFY(arrow.width > 0);
      }
      QCOMPARE(layout.labels, layout.arrows.size() <= kMostFullArrows);
    }
  }

  void theSlowestLinkIsSaidWhereLinksDiffer() {
    QJsonObject plan = planOf(3, 1, 1, 0, u"ring"_qs);
    QVERIFY(!trafficSentences(TrafficMapOf(QJsonDocument(plan).toJson().toStdString()))
                 .join(u' ')
                 .contains(u"slowest"_qs));
    QJsonObject pattern = plan[u"pattern"_qs].toObject();
    QJsonArray flows = pattern[u"flows"_qs].toArray();
    QJsonObject slow = flows[1].toObject();
    slow[u"bandwidth_mbit"_qs] = 10;
    slow[u"latency_ms"_qs] = 5;
    flows[1] = slow;
    pattern[u"flows"_qs] = flows;
    plan[u"pattern"_qs] = pattern;
    MeshPicture picture;
    picture.setPlan(plan);
    QVERIFY2(picture.caption().contains(u"from rank 1 to 2 (10 Mbit/s, 5 ms)"_qs),
             qPrintable(picture.caption()));
  }

  void widthsFollowBytesByPowersOfTen() {
    const double unit = 8;
    double last = 0;
    for (const double bytes : {2e3, 2e4, 2e5, 2e6, 2e7, 2e8}) {
      QVERIFY(arrowWidth(bytes, unit) > last);
      last = arrowWidth(bytes, unit);
    }
    QVERIFY(std::abs((arrowWidth(1e6, unit) - arrowWidth(1e5, unit)) -
                     (arrowWidth(1e5, unit) - arrowWidth(1e4, unit))) < 1e-9);
    QVERIFY(arrowWidth(0, unit) > 0 && arrowWidth(1e30, unit) < unit);
  }

  void whatIsNotDrawnIsLeftOutOfAllRanksAlike() {
    MeshPicture picture;
    picture.setPlan(planOf(64, 1, 1, 0, u"everybody"_qs));
    picture.resize(450, picture.heightForWidth(450));
    picture.grab();
    QVector<int> sent(64);
    for (const MeshArrow& arrow : picture.layoutShown().arrows) ++sent[arrow.from];
    for (const int arrows : sent) QCOMPARE(arrows, int(kMostArrows) / 64);
    QVERIFY(picture.caption().contains(u"256 of 4,032 flows"_qs));
  }

  void thePatternIsToldInWords() {
    MeshPicture picture;
    picture.setPlan(planOf(4, 1, 1, 0, u"ring"_qs));
    QCOMPARE(picture.caption(), u"Each rank sends 1.60 MB in 6 messages to the next."_qs);
    QCOMPARE(picture.accessibleDescription(), picture.caption());
    QVERIFY(!picture.accessibleName().isEmpty());
    picture.setPlan(planOf(1, 1, 1, 0, {}));
    QCOMPARE(picture.caption(), u"One worker: nothing is sent."_qs);
    picture.setPlan(planOf(3, 1, 1, 0, {}));
    QCOMPARE(picture.caption(), u"Nothing is sent."_qs);
    picture.setPlan(planOf(2, 2, 1, 0, u"ring"_qs));
    QVERIFY(picture.caption().contains(u"to the other replica"_qs));
    QVERIFY(picture.caption().contains(u"to the next stage"_qs));
    picture.setPlan({});
    QVERIFY(picture.map().ranks.empty());
  }

  void keysChooseARank() {
    MeshPicture picture;
    picture.setPlan(planOf(4, 1, 1, 0, u"ring"_qs));
    picture.resize(400, picture.heightForWidth(400));
    picture.show();
    QSignalSpy told(&picture, &MeshPicture::captionChanged);
    QTest::keyClick(&picture, Qt::Key_Right);
    QCOMPARE(picture.chosenRank(), 0);
    QCOMPARE(told.last().first().toString(),
             u"Rank 0 sends 1.60 MB in 6 messages and gets 1.60 MB in 6 messages a step."_qs);
    QTest::keyClick(&picture, Qt::Key_Left);
    QCOMPARE(picture.chosenRank(), 3);
    QTest::keyClick(&picture, Qt::Key_Home);
    QCOMPARE(picture.chosenRank(), 0);
    QTest::keyClick(&picture, Qt::Key_End);
    QCOMPARE(picture.chosenRank(), 3);
    QTest::keyClick(&picture, Qt::Key_Escape);
    QCOMPARE(picture.chosenRank(), -1);
    QVERIFY(told.last().first().toString().startsWith(u"Each rank"_qs));
  }

  void thePointerChoosesARank() {
    MeshPicture picture;
    picture.setPlan(planOf(5, 1, 1, 0, u"ring"_qs));
    picture.resize(400, picture.heightForWidth(400));
    picture.show();
    const QImage before = picture.grab().toImage();
    QTest::mouseMove(&picture, picture.layoutShown().nodes[2].box.center().toPoint());
    QTRY_COMPARE(picture.chosenRank(), 2);
    QVERIFY(picture.grab().toImage() != before);  // its flows come forward
    picture.setPlan(planOf(2, 1, 1, 0, u"ring"_qs));
    QCOMPARE(picture.chosenRank(), -1);  // another plan has other ranks
  }
};

CONCERTINA_TEST(MeshPictureTest)

}  // namespace concertina::ui::mesh_picture_test

#include "mesh_picture_test.moc"
