// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// asking_graph_test.cc: on every connected graph each edge is asked from one end, and waits have no circle.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/parallel/asking_graph.h"
#include "tests/test_program.h"

namespace concertina::asking_graph_test {
namespace {

// Every connected graph of `ranks` numbered ranks, by going through all sets of edges.
std::vector<MixingGraph> ConnectedGraphs(int ranks) {
  std::vector<std::string> edges;
  for (int a = 0; a < ranks; ++a)
    for (int b = a + 1; b < ranks; ++b) edges.push_back(std::to_string(a) + "-" + std::to_string(b));
  std::vector<MixingGraph> graphs;
  for (uint32_t set = 1; set < uint32_t{1} << edges.size(); ++set) {
    std::string chosen;
    for (size_t edge = 0; edge < edges.size(); ++edge)
      if ((set >> edge & 1) != 0) chosen += (chosen.empty() ? "" : ",") + edges[edge];
    auto graph = MixingGraph::Create({.kind = "edges", .edges = chosen}, ranks);
    if (graph.ok()) graphs.push_back(*std::move(graph));
  }
  return graphs;
}

// The longest chain of ranks that wait for one another, this one the first; more than N: a circle.
int ChainFrom(const AskingGraph& asking, int rank, int depth) {
  int longest = depth;
  if (depth <= asking.ranks())
    for (const int whom : asking.AskedBy(rank))
      longest = std::max(longest, ChainFrom(asking, whom, depth + 1));
  return longest;
}

}  // namespace

class AskingGraphTest : public QObject {
  Q_OBJECT
 private slots:
  void edgesHaveOneAskerAndWaitsNoCircle_data();
  void edgesHaveOneAskerAndWaitsNoCircle();
  void aBipartiteGraphHasActiveAndPassiveRanks_data();
  void aBipartiteGraphHasActiveAndPassiveRanks();
  void theGapIsThatOfTheExpectedMixing();
};

void AskingGraphTest::edgesHaveOneAskerAndWaitsNoCircle_data() {
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("graphs");  // OEIS A001187: connected labelled graphs
  QTest::newRow("2 ranks") << 2 << 1;
  QTest::newRow("3 ranks") << 3 << 4;
  QTest::newRow("4 ranks") << 4 << 38;
  QTest::newRow("5 ranks") << 5 << 728;
}

void AskingGraphTest::edgesHaveOneAskerAndWaitsNoCircle() {
  QFETCH(int, ranks);
  QFETCH(int, graphs);
  const std::vector<MixingGraph> all = ConnectedGraphs(ranks);
  QCOMPARE(static_cast<int>(all.size()), graphs);
  for (const MixingGraph& graph : all) {
    const AskingGraph asking(graph);
    QVERIFY(asking.passive_ranks() >= 1);
    for (int rank = 0; rank < ranks; ++rank) {
      QVERIFY(ChainFrom(asking, rank, 1) <= ranks);
      const std::vector<int>& whom = asking.AskedBy(rank);
      for (int other = 0; other < ranks; ++other) {
        const std::vector<int>& to = graph.RowOf(rank, 0).to;
        const std::vector<int>& back = asking.AskedBy(other);
        const auto asks = std::count(whom.begin(), whom.end(), other);
        const auto asked = std::count(back.begin(), back.end(), rank);
        QCOMPARE(asks + asked, std::count(to.begin(), to.end(), other));
      }
    }
  }
}

void AskingGraphTest::aBipartiteGraphHasActiveAndPassiveRanks_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("passive");
  QTest::addColumn<int>("chain");  // ranks that may wait in a row, the answering one included
  QTest::newRow("even ring") << "ring" << 6 << 3 << 2;
  QTest::newRow("odd ring") << "ring" << 5 << 2 << 3;
  QTest::newRow("hypercube") << "hypercube" << 8 << 4 << 2;
  QTest::newRow("complete") << "complete" << 5 << 1 << 5;
  QTest::newRow("two") << "complete" << 2 << 1 << 2;
}

void AskingGraphTest::aBipartiteGraphHasActiveAndPassiveRanks() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  QFETCH(int, passive);
  QFETCH(int, chain);
  const AskingGraph asking(*MixingGraph::Create({.kind = graph.toStdString()}, ranks));
  QCOMPARE(asking.passive_ranks(), passive);
  int longest = 0;
  for (int rank = 0; rank < ranks; ++rank) longest = std::max(longest, ChainFrom(asking, rank, 1));
  QCOMPARE(longest, chain);
}

void AskingGraphTest::theGapIsThatOfTheExpectedMixing() {
  // Two ranks are one after a meeting. On a path 1-0-2 or a star of n, whose middle is asked by all n - 1
  // others: E[W] has the eigenvalue 1 - 1/(2 (n - 1)) for differences between the others.
  QCOMPARE(AskingGraph(*MixingGraph::Create({.kind = "ring"}, 2)).SpectralGap(), 1.0);
  QCOMPARE(AskingGraph(*MixingGraph::Create({.kind = "ring"}, 1)).SpectralGap(), 1.0);
  const AskingGraph star(*MixingGraph::Create({.kind = "edges", .edges = "0-1,0-2,0-3,0-4"}, 5));
  QVERIFY(std::abs(star.SpectralGap() - (1 - std::pow(1 - 1.0 / 8, 4))) < 1e-12);
}

CONCERTINA_TEST(AskingGraphTest)

}  // namespace concertina::asking_graph_test

#include "asking_graph_test.moc"
