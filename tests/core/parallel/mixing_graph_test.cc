// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph_test.cc: every graph keeps the mean, and agrees as fast as theory says.
#include "core/parallel/mixing_graph.h"

#include <QTest>
#include <cmath>

namespace concertina {

class MixingGraphTest : public QObject {
  Q_OBJECT
 private slots:
  void weightsAreDoublyStochastic_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("ranks");
    for (const char* kind : {"ring", "torus", "complete", "hypercube", "exponential"})
      for (int ranks = 1; ranks <= 17; ++ranks) {
        if (QString(kind) == "hypercube" && (ranks & (ranks - 1)) != 0) continue;
        QTest::addRow("%s of %d", kind, ranks) << kind << ranks;
      }
  }
  void weightsAreDoublyStochastic() {
    QFETCH(QString, kind);
    QFETCH(int, ranks);
    const auto graph = MixingGraph::Create(kind.toStdString(), ranks, "");
    QVERIFY2(graph.ok(), std::string(graph.status().message()).c_str());
    for (int step = 0; step < graph->period(); ++step) {
      std::vector<double> given(static_cast<size_t>(ranks));
      for (int rank = 0; rank < ranks; ++rank) {
        QVERIFY(graph->OwnWeight(rank, step) > -1e-6F);
        given[static_cast<size_t>(rank)] += graph->OwnWeight(rank, step);
        for (const auto& neighbour : graph->Hears(rank, step)) {
          QVERIFY(neighbour.rank != rank && neighbour.weight > 0);
          given[static_cast<size_t>(neighbour.rank)] += neighbour.weight;
          // Whom I hear speaks to me.
          const auto& to = graph->SpeaksTo(neighbour.rank, step);
          QVERIFY(std::find(to.begin(), to.end(), rank) != to.end());
        }
      }
      for (const double sum : given) QVERIFY(std::abs(sum - 1) < 1e-6);
    }
  }

  // Ring with weights of a third: (1 + 2 cos(2 pi / n)) / 3; torus 4 x 4 with a fifth: .4; hypercube of
  // dimension d: 2 / (d + 1); complete: 1.
  void theSpectralGapIsTheKnownOne_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<double>("gap");
    for (const int n : {4, 8, 16, 32}) {
      QTest::addRow("ring of %d", n) << "ring" << n << 1 - (1 + 2 * std::cos(2 * M_PI / n)) / 3;
      QTest::addRow("hypercube of %d", n) << "hypercube" << n << 2 / (std::log2(n) + 1);
      QTest::addRow("complete %d", n) << "complete" << n << 1.0;
      QTest::addRow("exponential %d, exact", n) << "exponential" << n << 1.0;
    }
    QTest::newRow("torus 4 x 4") << "torus" << 16 << 0.4;
    QTest::newRow("one alone") << "ring" << 1 << 1.0;
  }
  void theSpectralGapIsTheKnownOne() {
    QFETCH(QString, kind);
    QFETCH(int, ranks);
    QFETCH(double, gap);
    const double got = MixingGraph::Create(kind.toStdString(), ranks, "")->SpectralGap();
    QVERIFY2(std::abs(got - gap) < 1e-5, qPrintable(QString("%1, expected %2").arg(got).arg(gap)));
  }

  void edgesAreRead() {
    const auto graph = MixingGraph::Create("edges", 4, " 0-1,1-2 , 2-3,3-0, 1-0");
    QVERIFY(graph.ok());
    QVERIFY(graph->SpeaksTo(0, 5) == (std::vector<int>{1, 3}));
    QVERIFY(std::abs(graph->SpectralGap() - 2.0 / 3) < 1e-5);  // the ring of four
  }
  void whatCannotBeIsRefused_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QString>("edges");
    QTest::addColumn<QString>("about");
    QTest::newRow("not connected") << "edges" << 4 << "0-1, 2-3"
                                   << "rank 2";
    QTest::newRow("nobody") << "edges" << 2 << ""
                            << "rank 1";
    QTest::newRow("a rank too many") << "edges" << 3 << "0-1, 1-3"
                                     << "rank 3";
    QTest::newRow("below 0") << "edges" << 3 << "0--1"
                             << "rank -1";
    QTest::newRow("to itself") << "edges" << 3 << "1-1"
                               << "1-1";
    QTest::newRow("no number") << "edges" << 3 << "0-1, a-b"
                               << "a-b";
    QTest::newRow("half an edge") << "edges" << 3 << "0-1, 1-"
                                  << "1-";
    QTest::newRow("too large a number") << "edges" << 3 << "0-99999999999999"
                                        << "0-9";
    QTest::newRow("hypercube of six") << "hypercube" << 6 << ""
                                      << "hypercube";
  }
  void whatCannotBeIsRefused() {
    QFETCH(QString, kind);
    QFETCH(int, ranks);
    QFETCH(QString, edges);
    QFETCH(QString, about);
    const auto graph = MixingGraph::Create(kind.toStdString(), ranks, edges.toStdString());
    QVERIFY(absl::IsInvalidArgument(graph.status()));
    QVERIFY2(QString::fromStdString(std::string(graph.status().message())).contains(about),
             std::string(graph.status().message()).c_str());
  }
};

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::MixingGraphTest)
#include "mixing_graph_test.moc"
