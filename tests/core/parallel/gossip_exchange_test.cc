// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip_exchange_test.cc: gossip and CHOCO-SGD: averages stay, differences shrink as the spectral gap says,
// the bytes are those foretold.
#include <QTest>

#include "core/parallel/bucket.h"
#include "core/parallel/mixing_exchange.h"
#include "mixing_ranks.h"
#include "tests/test_program.h"

namespace concertina::gossip_exchange_test {
namespace {

using nlohmann::json;

const json kTenth = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}};

// f_i(x) = ||x - c_i||^2 / 2, with noise.
void NoisyPull(int rank, int64_t step, std::span<const float> x, std::span<float> g) {
  Rng rng(4, "noise", static_cast<uint64_t>(step * 100 + rank));
  for (size_t i = 0; i < x.size(); ++i)
    g[i] = x[i] - static_cast<float>(rank) + 0.1f * static_cast<float>(rng.Uniform(-1, 1));
}

double Foretold(const MixingCase& c, int rank, double Flow::*figure) {
  Traffic traffic{.floats = kMixedFloats, .ranks = c.ranks};
  if (!c.codec.is_null()) {
    std::vector<Fault> faults;
    const Registry& registry = Registry::Global();
    const auto codec =
        *registry.Create<Codec>("gradient-codec", registry.Check("gradient-codec", c.codec, "", faults));
    const auto buckets = CutIntoBuckets(
        MixedSlots(), {3, 2, 1, 0}, static_cast<int64_t>(c.exchange["bucket_mib"].get<double>() * 1048576));
    traffic.buckets = static_cast<int64_t>(buckets.size());
    int64_t bytes = 0;
    for (const Bucket& bucket : buckets) bytes += codec->MaxPayloadBytes(bucket.count);
    if (codec->sum() == Codec::Sum::kGathered)
      traffic.encoded_bytes = bytes;
    else
      traffic.element_bytes = static_cast<double>(bytes) / kMixedFloats;
  }
  double sum = 0;
  for (const Flow& flow : MakeExchange(c.exchange)->PatternOf(traffic).flows)
    if (flow.from == rank) sum += flow.*figure;
  return sum * static_cast<double>(c.steps);
}

}  // namespace

class GossipExchangeTest : public QObject {
  Q_OBJECT
 private slots:
  void averagesStay_data();
  void averagesStay();
  void differencesShrinkAsTheGapSays_data();
  void differencesShrinkAsTheGapSays();
  void exponentialIsExactAfterItsPeriod();
  void completeIsTheAverageOfAll();
  void theStepIsTheFormulas();
  void chocoWithoutCodecAndGammaOneIsGossip();
  void chocoComesToConsensusWithItsDefault_data();
  void chocoComesToConsensusWithItsDefault();
  void theSameSeedGivesTheSameBits_data();
  void theSameSeedGivesTheSameBits();
  void goingOnChangesNoBit_data();
  void goingOnChangesNoBit();
  void damagedStateIsRefused();
  void bytesAreAsForetold_data();
  void bytesAreAsForetold();
  void theMeasuredDistanceIsTheDistance();
  void inTheEndAllAreTheSame_data();
  void inTheEndAllAreTheSame();
  void whatDoesNotFitIsRefused();
};

void GossipExchangeTest::averagesStay_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<bool>("overlap");
  for (const bool overlap : {true, false})
    for (const char* exchange :
         {R"({"kind": "gossip"})", R"({"kind": "gossip", "graph": "torus"})",
          R"({"kind": "gossip", "graph": "complete"})", R"({"kind": "gossip", "graph": "exponential"})",
          R"({"kind": "choco-sgd"})", R"({"kind": "choco-sgd", "graph": "torus"})"})
      for (const int ranks : {1, 2, 3, 6, 8})
        QTest::addRow("%s, %d ranks%s", exchange, ranks, overlap ? "" : ", no overlap")
            << exchange << ranks << overlap;
}

void GossipExchangeTest::averagesStay() {
  QFETCH(QString, exchange);
  QFETCH(int, ranks);
  QFETCH(bool, overlap);
  for (const json& codec : {json(nullptr), kTenth}) {
    MixingCase c{.exchange = json::parse(exchange.toStdString()),
                 .codec = codec,
                 .ranks = ranks,
                 .steps = 20,
                 .may_overlap = overlap};
    if (!codec.is_null()) {
      if (c.exchange["kind"] == "gossip") continue;
      c.exchange["bucket_mib"] = 0.001;
    }
    const auto out = RunMixing(c);
    QVERIFY(out.is_ok());
    // 20 steps, each rounded at 2^-24 of values up to 4, a few times.
    QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(RandomVectors(ranks))) < 1e-5);
    if (ranks > 1) QVERIFY(DistanceOf(out.x) < DistanceOf(RandomVectors(ranks)));
  }
}

void GossipExchangeTest::differencesShrinkAsTheGapSays_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("first");  // other eigenvalues are gone by then, and rounding does not matter yet
  QTest::addColumn<int>("second");
  QTest::newRow("ring") << "ring" << 8 << 10 << 40;
  QTest::newRow("torus") << "torus" << 16 << 6 << 16;
  QTest::newRow("hypercube") << "hypercube" << 8 << 5 << 14;
}

void GossipExchangeTest::differencesShrinkAsTheGapSays() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  QFETCH(int, first);
  QFETCH(int, second);
  const auto out = RunMixing({.exchange = {{"kind", "gossip"}, {"graph", graph.toStdString()}},
                              .ranks = ranks,
                              .steps = second + 1});
  QVERIFY(out.is_ok());
  const double shrinks = std::pow(
      DistanceOf(out.after[static_cast<size_t>(second)]) / DistanceOf(out.after[static_cast<size_t>(first)]),
      1.0 / (second - first));
  const double lambda = 1 - MixingGraph::Create({.kind = graph.toStdString()}, ranks)->SpectralGap();
  QVERIFY2(std::abs(shrinks / lambda - 1) < 0.05, qPrintable(QString("%1, %2").arg(shrinks).arg(lambda)));
}

void GossipExchangeTest::exponentialIsExactAfterItsPeriod() {
  for (const auto& [ranks, steps] : {std::pair{2, 1}, std::pair{4, 2}, std::pair{8, 3}}) {
    const auto out = RunMixing(
        {.exchange = {{"kind", "gossip"}, {"graph", "exponential"}}, .ranks = ranks, .steps = steps});
    QVERIFY(out.is_ok());
    QVERIFY(DistanceOf(out.x) < 1e-6 * DistanceOf(RandomVectors(ranks)));
    if (steps > 1)
      QVERIFY(DistanceOf(out.after[static_cast<size_t>(steps) - 2]) > 0.1 * DistanceOf(RandomVectors(ranks)));
  }
}

void GossipExchangeTest::completeIsTheAverageOfAll() {
  const auto out = RunMixing({.exchange = {{"kind", "gossip"}, {"graph", "complete"}}, .ranks = 5});
  QVERIFY(out.is_ok());
  const std::vector<double> mean = MeanOf(RandomVectors(5));
  for (const auto& x : out.x) QVERIFY(LargestDifference({x.begin(), x.end()}, mean) < 2e-6);
}

// x_i <- sum_j W_ij x_j - lr g_i, g_i of x_i before the mixing.
void GossipExchangeTest::theStepIsTheFormulas() {
  const auto out = RunMixing({.exchange = {{"kind", "gossip"}}, .ranks = 5, .gradient = NoisyPull});
  QVERIFY(out.is_ok());
  const Vectors start = RandomVectors(5);
  std::vector<float> g(kMixedFloats);
  for (size_t r = 0; r < 5; ++r) {
    NoisyPull(static_cast<int>(r), 0, start[r], g);
    for (size_t i = 0; i < g.size(); ++i) {
      const double expected =
          (double{start[r][i]} + start[(r + 1) % 5][i] + start[(r + 4) % 5][i]) / 3 - 0.1 * g[i];
      QVERIFY(std::abs(out.x[r][i] - expected) < 2e-6);
    }
  }
}

void GossipExchangeTest::chocoWithoutCodecAndGammaOneIsGossip() {
  const auto gossip =
      RunMixing({.exchange = {{"kind", "gossip"}}, .ranks = 6, .steps = 10, .gradient = NoisyPull});
  const auto choco = RunMixing(
      {.exchange = {{"kind", "choco-sgd"}, {"gamma", 1}}, .ranks = 6, .steps = 10, .gradient = NoisyPull});
  QVERIFY(gossip.is_ok() && choco.is_ok());
  QVERIFY(gossip.x == choco.x);
  // A codec that loses nothing goes the other way, through the copies, to the same end.
  const auto copies = RunMixing({.exchange = {{"kind", "choco-sgd"}, {"gamma", 1}},
                                 .codec = {{"kind", "top-k"}, {"ratio", 1}, {"error_feedback", false}},
                                 .ranks = 6,
                                 .steps = 10,
                                 .gradient = NoisyPull});
  QVERIFY(copies.is_ok());
  for (size_t r = 0; r < 6; ++r)
    QVERIFY(LargestDifference({copies.x[r].begin(), copies.x[r].end()},
                              {gossip.x[r].begin(), gossip.x[r].end()}) < 2e-5);
}

void GossipExchangeTest::chocoComesToConsensusWithItsDefault_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<QString>("edges");
  QTest::addColumn<int>("ranks");
  QTest::newRow("ring") << "ring"
                        << "" << 8;
  QTest::newRow("complete") << "complete"
                            << "" << 4;
  QTest::newRow("torus") << "torus"
                         << "" << 9;
  QTest::newRow("weights of several sizes") << "edges"
                                            << "0-1, 0-2, 0-3, 3-4" << 5;
}

void GossipExchangeTest::chocoComesToConsensusWithItsDefault() {
  QFETCH(QString, graph);
  QFETCH(QString, edges);
  QFETCH(int, ranks);
  const auto out = RunMixing({.exchange = {{"kind", "choco-sgd"},
                                           {"graph", graph.toStdString()},
                                           {"edges", edges.toStdString()},
                                           {"bucket_mib", 0.001}},
                              .codec = kTenth,
                              .ranks = ranks,
                              .steps = 400});
  QVERIFY(out.is_ok());
  const double before = DistanceOf(RandomVectors(ranks));
  QVERIFY2(DistanceOf(out.x) < 1e-3 * before, qPrintable(QString::number(DistanceOf(out.x) / before)));
  QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(RandomVectors(ranks))) < 1e-4);
}

void GossipExchangeTest::theSameSeedGivesTheSameBits_data() {
  QTest::addColumn<QString>("exchange");
  QTest::newRow("gossip") << R"({"kind": "gossip"})";
  QTest::newRow("exponential") << R"({"kind": "gossip", "graph": "exponential"})";
  QTest::newRow("choco") << R"({"kind": "choco-sgd", "bucket_mib": 0.001})";
}

void GossipExchangeTest::theSameSeedGivesTheSameBits() {
  QFETCH(QString, exchange);
  MixingCase c{
      .exchange = json::parse(exchange.toStdString()), .ranks = 5, .steps = 30, .gradient = NoisyPull};
  if (c.exchange["kind"] == "choco-sgd") c.codec = kTenth;
  const auto first = RunMixing(c);
  QVERIFY(first.is_ok());
  c.may_overlap = false;  // nor does it matter which thread exchanges
  const auto second = RunMixing(c);
  QVERIFY(first.x == second.x);
}

void GossipExchangeTest::goingOnChangesNoBit_data() { theSameSeedGivesTheSameBits_data(); }

void GossipExchangeTest::goingOnChangesNoBit() {
  QFETCH(QString, exchange);
  MixingCase c{
      .exchange = json::parse(exchange.toStdString()), .ranks = 4, .steps = 25, .gradient = NoisyPull};
  if (c.exchange["kind"] == "choco-sgd") c.codec = kTenth;
  const auto whole = RunMixing(c);
  c.steps = 11;
  const auto first = RunMixing(c);
  QVERIFY(whole.is_ok() && first.is_ok());
  c.first_step = 11;
  c.steps = 14;
  c.start = first.x;
  c.state = first.state;
  const auto second = RunMixing(c);
  QVERIFY(second.is_ok());
  QVERIFY(second.x == whole.x);
  QVERIFY(second.state == whole.state);
}

void GossipExchangeTest::damagedStateIsRefused() {
  MixingCase c{.exchange = {{"kind", "choco-sgd"}, {"bucket_mib", 0.001}}, .codec = kTenth, .ranks = 2};
  const auto out = RunMixing(c);
  QVERIFY(out.is_ok());
  for (const auto damage : {0, 1, 2}) {
    c.state = out.state;
    for (auto& state : c.state) {
      if (damage == 0) state.pop_back();
      if (damage == 1) state.push_back(0);
      if (damage == 2) state[7] = 0x7f;  // a codec's size
    }
    QVERIFY(!RunMixing(c).status[0].ok());
  }
  QVERIFY(!RunMixing({.exchange = {{"kind", "gossip"}}, .ranks = 2, .state = {{1}, {1}}}).status[0].ok());
}

void GossipExchangeTest::bytesAreAsForetold_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("ranks");
  for (const int ranks : {1, 2, 3, 4, 6, 8}) {
    for (const char* graph : {"ring", "torus", "exponential", "complete"})
      QTest::addRow("%s, %d ranks", graph, ranks)
          << QString(R"({"kind": "gossip", "graph": "%1"})").arg(graph) << "" << ranks;
    for (const char* codec : {"", "top-k", "fp16"})
      QTest::addRow("choco %s, %d ranks", codec, ranks)
          << R"({"kind": "choco-sgd", "graph": "torus", "bucket_mib": 0.001})" << codec << ranks;
  }
  QTest::newRow("edges") << R"({"kind": "gossip", "graph": "edges", "edges": "0-1, 0-2, 0-3"})"
                         << "" << 4;
}

void GossipExchangeTest::bytesAreAsForetold() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(int, ranks);
  // A multiple of the measuring period, and of every period of the exponential graph here.
  MixingCase c{.exchange = json::parse(exchange.toStdString()), .ranks = ranks, .steps = 192};
  if (codec == "top-k") c.codec = kTenth;
  if (codec == "fp16") c.codec = {{"kind", "fp16"}};
  const auto out = RunMixing(c);
  QVERIFY(out.is_ok());
  for (int rank = 0; rank < ranks; ++rank) {
    const double bytes = Foretold(c, rank, &Flow::bytes), messages = Foretold(c, rank, &Flow::messages);
    QVERIFY2(
        std::abs(static_cast<double>(out.payload_sent[static_cast<size_t>(rank)]) - bytes) < 1e-3,
        qPrintable(
            QString("%1 sent, %2 foretold").arg(out.payload_sent[static_cast<size_t>(rank)]).arg(bytes)));
    QVERIFY2(
        std::abs(static_cast<double>(out.messages_sent[static_cast<size_t>(rank)]) - messages) < 1e-6,
        qPrintable(
            QString("%1 sent, %2 foretold").arg(out.messages_sent[static_cast<size_t>(rank)]).arg(messages)));
  }
}

void GossipExchangeTest::theMeasuredDistanceIsTheDistance() {
  const auto out = RunMixing({.exchange = {{"kind", "gossip"}}, .ranks = 5, .steps = 65});
  QVERIFY(out.is_ok());
  for (const SeriesInMemory& series : out.series) {
    const auto& distances = series.values.at("gossip/consensus_distance");
    QCOMPARE(distances.size(), size_t{2});  // steps 0 and 64
    QVERIFY(std::abs(distances.at(0) / DistanceOf(RandomVectors(5)) - 1) < 1e-5);
    QVERIFY(distances.at(64) < 1e-4);
    QVERIFY(std::abs(series.values.at("gossip/spectral_gap").at(0) -
                     MixingGraph::Create({.kind = "ring"}, 5)->SpectralGap()) < 1e-12);
  }
}

void GossipExchangeTest::inTheEndAllAreTheSame_data() { theSameSeedGivesTheSameBits_data(); }

void GossipExchangeTest::inTheEndAllAreTheSame() {
  QFETCH(QString, exchange);
  MixingCase c{.exchange = json::parse(exchange.toStdString()),
               .ranks = 4,
               .steps = 3,
               .gradient = NoisyPull,
               .settles = true};
  if (c.exchange["kind"] == "choco-sgd") c.codec = kTenth;
  const auto out = RunMixing(c);
  QVERIFY(out.is_ok());
  QVERIFY(out.after[2][0] != out.after[2][1]);
  for (const auto& x : out.x) QVERIFY(x == out.x[0]);
  for (const auto& buffers : out.buffers) QVERIFY(buffers == (std::vector<float>{1.5f, 1}));
  QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(out.after[2])) < 2e-6);
}

void GossipExchangeTest::whatDoesNotFitIsRefused() {
  const auto message = [](const json& exchange, const Circumstances& circumstances) {
    return QString::fromStdString(std::string(MakeExchange(exchange)->Fits(circumstances).message()));
  };
  QVERIFY(message({{"kind", "gossip"}}, {.ranks = 4}).isEmpty());
  QVERIFY(message({{"kind", "gossip"}}, {.ranks = 1}).isEmpty());
  QVERIFY(
      message({{"kind", "gossip"}, {"graph", "hypercube"}}, {.ranks = 6}).startsWith("/exchange/graph: "));
  QVERIFY(message({{"kind", "choco-sgd"}}, {.ranks = 4, .has_codec = true}).isEmpty());
  QVERIFY(message({{"kind", "choco-sgd"}}, {.ranks = 4, .has_codec = true, .codec_remembers = true})
              .startsWith("/gradient/0/error_feedback: "));
  QVERIFY(message({{"kind", "choco-sgd"}, {"graph", "edges"}, {"edges", "0-1"}}, {.ranks = 3})
              .startsWith("/exchange/edges: "));
  QVERIFY(MakeExchange({{"kind", "gossip"}})->Warnings({.ranks = 8})[0].find("0.1953") != std::string::npos);
  // Another graph every step is none that copies could follow.
  std::vector<Fault> faults;
  Registry::Global().Check("exchange", {{"kind", "choco-sgd"}, {"graph", "exponential"}}, "/exchange",
                           faults);
  QCOMPARE(faults.size(), size_t{1});
}

CONCERTINA_TEST(GossipExchangeTest)

}  // namespace concertina::gossip_exchange_test

#include "gossip_exchange_test.moc"
