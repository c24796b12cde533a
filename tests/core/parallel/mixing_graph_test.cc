// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph_test.cc: what holds for every graph: averages stay, and the gap is that of the literature.
#include "core/parallel/mixing_graph.h"

#include <QTest>
#include <bit>
#include <cmath>
#include "tests/test_program.h"

namespace concertina::mixing_graph_test {
namespace {

MixingGraph Make(const char* kind, int ranks, const char* edges = "") {
  auto graph = MixingGraph::Create({.kind = kind, .edges = edges}, ranks);
  if (!graph.ok()) qFatal("%s", std::string(graph.status().message()).c_str());
  return *std::move(graph);
}

}  // namespace

class MixingGraphTest : public QObject {
  Q_OBJECT
 private slots:
  void averagesStay_data();
  void averagesStay();
  void gapsAreThoseOfTheLiterature_data();
  void gapsAreThoseOfTheLiterature();
  void thePowerOfTheMatrixShrinksAsTheGapSays_data();
  void thePowerOfTheMatrixShrinksAsTheGapSays();
  void onePeerExponentialIsExactAfterItsPeriod();
  void aTorusIsNearestToASquare();
  void whatCannotBeIsRefused_data();
  void whatCannotBeIsRefused();
  void remarksSayTheGap();
  void whatIsLeftHasPartsAndAGap_data();
  void whatIsLeftHasPartsAndAGap();
};

void MixingGraphTest::averagesStay_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("ranks");
  for (const char* kind : {"ring", "torus", "complete", "hypercube", "exponential", "star"})
    for (int ranks = 1; ranks <= 17; ++ranks)
      if (QString(kind) != "hypercube" || std::has_single_bit(static_cast<unsigned>(ranks)))
        QTest::addRow("%s, %d", kind, ranks) << kind << ranks;
}

void MixingGraphTest::averagesStay() {
  QFETCH(QString, kind);
  QFETCH(int, ranks);
  std::string edges;
  if (kind == "star")
    for (int i = 1; i < ranks; ++i) edges += (i > 1 ? ", 0-" : "0-") + std::to_string(i);
  const MixingGraph graph = Make(kind == "star" ? "edges" : qPrintable(kind), ranks, edges.c_str());
  QCOMPARE(graph.ranks(), ranks);
  const auto n = static_cast<size_t>(ranks);
  for (int round = 0; round < graph.period(); ++round) {
    const std::vector<double> w = graph.MatrixOf(round);
    for (size_t i = 0; i < n; ++i) {
      double row = 0, column = 0;
      for (size_t j = 0; j < n; ++j) {
        row += w[i * n + j];
        column += w[j * n + i];
        QVERIFY(w[i * n + j] >= -1e-15);
        if (kind != "exponential" || ranks == 2) QCOMPARE(w[i * n + j], w[j * n + i]);
      }
      QVERIFY(std::abs(row - 1) < 1e-12 && std::abs(column - 1) < 1e-12);
      // Who takes from whom and who gives to whom is one and the same.
      for (const MixingRow::Neighbour& from : graph.RowOf(static_cast<int>(i), round).from) {
        const auto& to = graph.RowOf(from.rank, round).to;
        QVERIFY(std::count(to.begin(), to.end(), static_cast<int>(i)) == 1);
      }
    }
  }
  const double gap = graph.SpectralGap();
  QVERIFY(gap > 0 && gap <= 1);
}

void MixingGraphTest::gapsAreThoseOfTheLiterature_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<double>("gap");
  // Circulant matrix of the ring with weights 1/3: lambda_2 = (1 + 2 cos(2 pi / N)) / 3.
  QTest::newRow("ring 4") << "ring" << 4 << .6667;
  QTest::newRow("ring 8") << "ring" << 8 << .1953;
  QTest::newRow("ring 16") << "ring" << 16 << .05075;
  QTest::newRow("ring 32") << "ring" << 32 << .01281;
  QTest::newRow("torus 4 x 4") << "torus" << 16 << .4;
  for (int d = 1; d <= 6; ++d)
    QTest::addRow("hypercube of %d", d) << "hypercube" << (1 << d) << 2.0 / (d + 1);
  QTest::newRow("complete 7") << "complete" << 7 << 1.0;
  QTest::newRow("exponential 8") << "exponential" << 8 << 1.0;
}

void MixingGraphTest::gapsAreThoseOfTheLiterature() {
  QFETCH(QString, kind);
  QFETCH(int, ranks);
  QFETCH(double, gap);
  const double found = Make(qPrintable(kind), ranks).SpectralGap();
  QVERIFY2(std::abs(found - gap) < 5e-5, qPrintable(QString::number(found)));  // the tables' last digit
}

void MixingGraphTest::thePowerOfTheMatrixShrinksAsTheGapSays_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("edges");
  QTest::newRow("ring 5") << "ring" << 5 << "";
  QTest::newRow("torus 12") << "torus" << 12 << "";
  for (const int ranks : {3, 5, 6, 7, 9, 12})
    QTest::addRow("exponential %d", ranks) << "exponential" << ranks << "";
  QTest::newRow("a path and a triangle") << "edges" << 5 << "0-1,1-2, 2-3 , 3-4,2-4";
}

// || W^p - J ||_F ^ (1 / p) tends to |lambda_2|, whatever way it was worked out.
void MixingGraphTest::thePowerOfTheMatrixShrinksAsTheGapSays() {
  QFETCH(QString, kind);
  QFETCH(int, ranks);
  QFETCH(QString, edges);
  const MixingGraph graph = Make(qPrintable(kind), ranks, qPrintable(edges));
  const auto n = static_cast<size_t>(ranks);
  const auto norm_after = [&](int rounds) {
    std::vector<double> product(n * n);
    for (size_t i = 0; i < n * n; ++i) product[i] = (i % (n + 1) == 0 ? 1.0 : 0.0) - 1.0 / ranks;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<double> w = graph.MatrixOf(round);
      std::vector<double> next(n * n);
      for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < n; ++k)
          for (size_t j = 0; j < n; ++j) next[i * n + j] += w[i * n + k] * product[k * n + j];
      product = next;
    }
    double square = 0;
    for (const double value : product) square += value * value;
    return std::sqrt(square);
  };
  // Between two powers the constants cancel; both are whole periods.
  const int first = 10 * graph.period(), second = 14 * graph.period();
  const double shrinks = std::pow(norm_after(second) / norm_after(first), 1.0 / (second - first));
  QVERIFY2(std::abs(shrinks - (1 - graph.SpectralGap())) < 2e-3,
           qPrintable(QString("%1 against %2").arg(shrinks).arg(1 - graph.SpectralGap())));
}

void MixingGraphTest::onePeerExponentialIsExactAfterItsPeriod() {
  for (const int ranks : {2, 4, 8, 16}) {
    const MixingGraph graph = Make("exponential", ranks);
    QCOMPARE(graph.period(), std::bit_width(static_cast<unsigned>(ranks)) - 1);
    std::vector<double> x(static_cast<size_t>(ranks));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i);
    double mean = 0;
    for (const double value : x) mean += value / ranks;
    for (int round = 0; round < graph.period(); ++round) {
      std::vector<double> next(x.size());
      for (int i = 0; i < ranks; ++i) {
        const MixingRow& row = graph.RowOf(i, round);
        QCOMPARE(row.from.size(), size_t{1});
        next[static_cast<size_t>(i)] =
            x[static_cast<size_t>(i)] / 2 + x[static_cast<size_t>(row.from[0].rank)] * row.from[0].weight;
      }
      x = next;
    }
    for (const double value : x) QVERIFY(std::abs(value - mean) < 1e-12 * mean + 1e-12);
  }
}

void MixingGraphTest::aTorusIsNearestToASquare() {
  QCOMPARE(Make("torus", 12).RowOf(0, 0).to, (std::vector<int>{1, 3, 4, 8}));  // 3 x 4
  QCOMPARE(Make("torus", 6).RowOf(0, 0).to, (std::vector<int>{1, 2, 3}));      // 2 x 3: up is down
  QCOMPARE(Make("torus", 7).RowOf(0, 0).to, Make("ring", 7).RowOf(0, 0).to);
}

void MixingGraphTest::whatCannotBeIsRefused_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("edges");
  QTest::addColumn<QString>("message");  // begins so
  QTest::newRow("not a power of two") << "hypercube" << 6 << ""
                                      << "/exchange/graph: a hypercube";
  QTest::newRow("in two parts") << "edges" << 4 << "0-1, 2-3"
                                << "/exchange/edges: no way leads from rank 0 to rank 2";
  QTest::newRow("no edges") << "edges" << 3 << ""
                            << "/exchange/edges: \"\" is not an edge";
  QTest::newRow("out of range") << "edges" << 3 << "0-1, 1-3"
                                << "/exchange/edges: \"1-3\" names rank 3";
  QTest::newRow("itself") << "edges" << 3 << "0-1, 1-1"
                          << "/exchange/edges: \"1-1\" joins";
  QTest::newRow("twice, turned") << "edges" << 3 << "0-1, 1-2, 1-0"
                                 << "/exchange/edges: \"1-0\" stands twice";
  QTest::newRow("comma at the end") << "edges" << 3 << "0-1, 1-2,"
                                    << "/exchange/edges: \"\" is not an edge";
  QTest::newRow("no dash") << "edges" << 3 << "0-1, 12"
                           << "/exchange/edges: \"12\" is not an edge";
  QTest::newRow("negative") << "edges" << 3 << "0--1"
                            << "/exchange/edges: \"0--1\" is not an edge";
  QTest::newRow("three ranks") << "edges" << 3 << "0-1-2"
                               << "/exchange/edges: \"0-1-2\" is not an edge";
  QTest::newRow("a letter") << "edges" << 3 << "0-b"
                            << "/exchange/edges: \"0-b\" is not an edge";
  QTest::newRow("past an int") << "edges" << 3 << "0-99999999999"
                               << "/exchange/edges: ";
  QTest::newRow("edges of a ring") << "ring" << 3 << "0-1"
                                   << "/exchange/edges: edges are given";
  QTest::newRow("too many") << "ring" << 1025 << ""
                            << "/exchange/graph: 1025 workers";
}

void MixingGraphTest::whatCannotBeIsRefused() {
  QFETCH(QString, kind);
  QFETCH(int, ranks);
  QFETCH(QString, edges);
  QFETCH(QString, message);
  const auto graph = MixingGraph::Create({.kind = kind.toStdString(), .edges = edges.toStdString()}, ranks);
  QCOMPARE(graph.status().code(), absl::StatusCode::kInvalidArgument);
  const auto found = QString::fromStdString(std::string(graph.status().message()));
  QVERIFY2(found.startsWith(message), qPrintable(found));
}

void MixingGraphTest::remarksSayTheGap() {
  QVERIFY(Make("ring", 8).Remarks()[0].find("spectral gap 0.1953") != std::string::npos);
  QVERIFY(Make("ring", 1).Remarks()[0].find("trains alone") != std::string::npos);
  QVERIFY(Make("torus", 7).Remarks().back().find("prime") != std::string::npos);
  QVERIFY(Make("exponential", 8).Remarks()[0].find("after 3 steps") != std::string::npos);
}

void MixingGraphTest::whatIsLeftHasPartsAndAGap_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("edges");
  QTest::addColumn<QString>("gone");  // by rank, 1 if it is
  QTest::addColumn<int>("parts");
  QTest::addColumn<double>("gap");  // -1: none
  QTest::newRow("nobody gone") << "complete"
                               << ""
                               << "00000" << 1 << 1.0;
  // What three of complete(4) keep: 1/4 each way and 1/2 of themselves, eigenvalues 1, 1/4, 1/4.
  QTest::newRow("one of four") << "complete"
                               << ""
                               << "0010" << 1 << 0.75;
  // A path of three with weights of 1/3: eigenvalues 1, 2/3, 0.
  QTest::newRow("a ring becomes a path") << "ring"
                                         << ""
                                         << "0100" << 1 << 1.0 / 3;
  QTest::newRow("a ring in two") << "ring"
                                 << ""
                                 << "101000" << 2 << 0.0;
  QTest::newRow("the middle of a star") << "edges"
                                        << "0-1,0-2,0-3"
                                        << "1000" << 3 << 0.0;
  QTest::newRow("one is left") << "ring"
                               << ""
                               << "1101" << 1 << 1.0;
  QTest::newRow("one-peer, other distances remain") << "exponential"
                                                    << ""
                                                    << "01000" << 1 << -1.0;
  QTest::newRow("one-peer, two of three") << "exponential"
                                          << ""
                                          << "010" << 1 << -1.0;
}

void MixingGraphTest::whatIsLeftHasPartsAndAGap() {
  QFETCH(QString, kind);
  QFETCH(QString, edges);
  QFETCH(QString, gone);
  QFETCH(int, parts);
  QFETCH(double, gap);
  std::vector<char> flags;
  for (const QChar c : gone) flags.push_back(c == '1');
  const auto graph = MixingGraph::Create({.kind = kind.toStdString(), .edges = edges.toStdString()},
                                         static_cast<int>(flags.size()));
  QVERIFY(graph.ok());
  QCOMPARE(graph->PartsWithout(flags), parts);
  const auto found = graph->SpectralGapWithout(flags);
  QCOMPARE(found.has_value(), gap >= 0);
  if (found) QVERIFY2(std::abs(*found - gap) < 1e-12, qPrintable(QString::number(*found)));
  if (!gone.contains('1') && found) QCOMPARE(*found, graph->SpectralGap());
}

CONCERTINA_TEST(MixingGraphTest)

}  // namespace concertina::mixing_graph_test

#include "mixing_graph_test.moc"
