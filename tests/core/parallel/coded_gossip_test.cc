// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// coded_gossip_test.cc: gossip through a codec comes to where the dense exchange does, with fewer bytes, goes
// on from its copies bit for bit, and sends no parameter that is no number.
#include <QTest>
#include <limits>

#include "mixing_ranks.h"
#include "tests/test_program.h"

namespace concertina::coded_gossip_test {
namespace {

using nlohmann::json;

// f_i(x) = ||x - i||^2 / 2, with noise.
void Pull(int rank, int64_t step, std::span<const float> x, std::span<float> g) {
  Rng rng(5, "noise", static_cast<uint64_t>(step * 100 + rank));
  for (size_t i = 0; i < x.size(); ++i)
    g[i] = x[i] - static_cast<float>(rank) + 0.1F * static_cast<float>(rng.Uniform(-1, 1));
}

MixingCase CaseOf(const QString& codec) {
  return {.exchange = {{"kind", "gossip"}, {"bucket_mib", 0.001}},
          .codec = json::parse(codec.toStdString()),
          .ranks = 8,
          .learning_rate = 0.05,
          .records = false};
}

// gamma: that of the codec; share: the most of the dense bytes that go.
void AddCodecs() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<double>("gamma");
  QTest::addColumn<double>("share");
  QTest::newRow("fp16") << R"({"kind": "fp16"})" << 1.0 << 0.51;
  QTest::newRow("int8") << R"({"kind": "int8"})" << 1.0 << 0.3;
  QTest::newRow("top-k") << R"({"kind": "top-k", "ratio": 0.1, "error_feedback": false})" << 0.2 << 0.22;
}

}  // namespace

class CodedGossipTest : public QObject {
  Q_OBJECT
 private slots:
  void itComesToWhereTheDenseExchangeDoes_data() { AddCodecs(); }
  void itComesToWhereTheDenseExchangeDoes();
  void differencesVanishWithoutGradients_data() { AddCodecs(); }
  void differencesVanishWithoutGradients();
  void fewerBytesGo_data() { AddCodecs(); }
  void fewerBytesGo();
  void goingOnChangesNoBit_data() { AddCodecs(); }
  void goingOnChangesNoBit();
  void aParameterThatIsNoNumberIsNamed_data();
  void aParameterThatIsNoNumberIsNamed();
  void whatCannotBeIsRefused();
};

void CodedGossipTest::itComesToWhereTheDenseExchangeDoes() {
  QFETCH(QString, codec);
  QFETCH(double, gamma);
  MixingCase coded = CaseOf(codec);
  coded.steps = 300;
  coded.gradient = Pull;
  MixingCase dense = coded;
  dense.codec = nullptr;
  dense.exchange = {{"kind", "choco-sgd"}, {"gamma", gamma}};  // without a codec: whole parameters
  const auto out = RunMixing(coded), whole = RunMixing(dense);
  QVERIFY(out.is_ok() && whole.is_ok());
  QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(whole.x)) < 1e-3);
  // Ranks pull apart all the time, so the distance is not zero, but the exchange's own.
  const double ratio = DistanceOf(out.x) / DistanceOf(whole.x);
  QVERIFY2(std::abs(ratio - 1) < 0.1, qPrintable(QString::number(ratio)));
}

void CodedGossipTest::differencesVanishWithoutGradients() {
  QFETCH(QString, codec);
  MixingCase c = CaseOf(codec);
  c.steps = 400;
  const auto out = RunMixing(c);
  QVERIFY(out.is_ok());
  const double shrunk = DistanceOf(out.x) / DistanceOf(RandomVectors(c.ranks));
  QVERIFY2(shrunk < 1e-3, qPrintable(QString::number(shrunk)));
  const double moved = LargestDifference(MeanOf(out.x), MeanOf(RandomVectors(c.ranks)));
  // Neighbours' copies are kept as one sum, whose rounding is not that of each: 1.7e-4 of int8 in 400 steps.
  QVERIFY2(moved < 1e-3, qPrintable(QString::number(moved)));
}

void CodedGossipTest::fewerBytesGo() {
  QFETCH(QString, codec);
  QFETCH(double, share);
  MixingCase c = CaseOf(codec);
  c.steps = 10;
  const auto out = RunMixing(c);
  c.codec = nullptr;
  const auto dense = RunMixing(c);
  QVERIFY(out.is_ok() && dense.is_ok());
  for (size_t rank = 0; rank < out.payload_sent.size(); ++rank)
    QVERIFY(static_cast<double>(out.payload_sent[rank]) <
            share * static_cast<double>(dense.payload_sent[rank]));
}

void CodedGossipTest::goingOnChangesNoBit() {
  QFETCH(QString, codec);
  MixingCase c = CaseOf(codec);
  c.steps = 25;
  c.gradient = Pull;
  const auto whole = RunMixing(c);
  c.steps = 11;
  const auto first = RunMixing(c);
  QVERIFY(whole.is_ok() && first.is_ok());
  QVERIFY(!first.state[0].empty());
  c.first_step = 11;
  c.steps = 14;
  c.start = first.x;
  c.state = first.state;
  const auto second = RunMixing(c);
  QVERIFY(second.is_ok());
  QVERIFY(second.x == whole.x);
  QVERIFY(second.state == whole.state);
  for (auto& state : c.state) state.pop_back();
  QCOMPARE(RunMixing(c).status[0].code(), absl::StatusCode::kDataLoss);
}

void CodedGossipTest::aParameterThatIsNoNumberIsNamed_data() {
  QTest::addColumn<QString>("exchange");
  QTest::newRow("gossip") << R"({"kind": "gossip"})";
  QTest::newRow("choco") << R"({"kind": "choco-sgd"})";
}

void CodedGossipTest::aParameterThatIsNoNumberIsNamed() {
  QFETCH(QString, exchange);
  MixingCase c = CaseOf(R"({"kind": "fp16"})");
  c.exchange = json::parse(exchange.toStdString());
  c.ranks = 2;
  c.steps = 10;
  c.gradient = [](int rank, int64_t step, std::span<const float> x, std::span<float> g) {
    Pull(rank, step, x, g);
    if (step == 3) g[3001 + 5] = std::numeric_limits<float>::infinity();
  };
  for (const absl::Status& status : RunMixing(c).status) {
    QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY2(status.message().find("step 4, p3001: ") != std::string::npos,
             std::string(status.message()).c_str());
  }
}

void CodedGossipTest::whatCannotBeIsRefused() {
  const auto message = [](const json& exchange, const Circumstances& circumstances) {
    return QString::fromStdString(std::string(MakeExchange(exchange)->Fits(circumstances).message()));
  };
  const json gossip = {{"kind", "gossip"}}, changing = {{"kind", "gossip"}, {"graph", "exponential"}};
  QVERIFY(message(gossip, {.ranks = 4, .has_codec = true}).isEmpty());
  QVERIFY(message(gossip, {.ranks = 4, .has_codec = true, .codec_remembers = true})
              .startsWith("/gradient/0/error_feedback: gossip "));
  QVERIFY(message(gossip, {.ranks = 4, .has_codec = true, .codec_expands = true})
              .startsWith("/gradient: gossip "));
  QVERIFY(message(changing, {.ranks = 8}).isEmpty());
  QVERIFY(message(changing, {.ranks = 8, .has_codec = true}).startsWith("/exchange/graph: exponential "));
  QVERIFY(MakeExchange(gossip)->Warnings({.ranks = 4, .has_codec = true, .codec_has_momentum = true}).size() >
          MakeExchange(gossip)->Warnings({.ranks = 4, .has_codec = true}).size());
}

CONCERTINA_TEST(CodedGossipTest)

}  // namespace concertina::coded_gossip_test

#include "coded_gossip_test.moc"
