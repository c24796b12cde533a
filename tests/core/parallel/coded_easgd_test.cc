// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// coded_easgd_test.cc: elastic averaging through a codec: worker and server know the same, the centre comes
// to where it comes without, with fewer bytes, and a run goes on bit for bit.
#include <QTest>
#include <cmath>
#include <cstring>
#include <limits>

#include "served_ranks.h"
#include "tests/test_program.h"

namespace concertina::coded_easgd_test {
namespace {

using namespace served_ranks;

void AddCodecs() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<double>("share");  // of the dense bytes, at most, but for the first visit
  QTest::newRow("fp16") << R"({"kind": "fp16"})" << 0.51;
  QTest::newRow("int8") << R"({"kind": "int8"})" << 0.3;
  QTest::newRow("top-k") << R"({"kind": "top-k", "ratio": 0.1, "error_feedback": false})" << 0.22;
}

Case CaseOf(const QString& codec, const json& more = json::object()) {
  Case c{.exchange = {{"kind", "easgd"}, {"period", 2}},
         .codec = json::parse(codec.toStdString()),
         .workers = 3,
         .gradient = Bowl};
  c.exchange.update(more);
  return c;
}

double ErrorOf(const Floats& parameters) {
  double square = 0;
  for (size_t i = 0; i < parameters.size(); ++i)
    square += std::pow(parameters[i] - static_cast<float>(i % 7), 2);
  return std::sqrt(square / static_cast<double>(parameters.size()));
}

}  // namespace

class CodedEasgdTest : public QObject {
  Q_OBJECT
 private slots:
  void theCentreComesToTheBottom_data();
  void theCentreComesToTheBottom();
  void bothEndsKnowTheSame_data() { AddCodecs(); }
  void bothEndsKnowTheSame();
  void fewerBytesGo_data() { AddCodecs(); }
  void fewerBytesGo();
  void goingOnChangesNoBit_data() { AddCodecs(); }
  void goingOnChangesNoBit();
  void aLostWorkerIsNotWaitedFor();
  void aParameterThatIsNoNumberIsNamed();
  void damagedStateIsRefused();
  void whatCannotBeIsRefused();
};

void CodedEasgdTest::theCentreComesToTheBottom_data() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<QString>("more");
  for (const char* codec : {R"({"kind": "fp16"})", R"({"kind": "int8"})",
                            R"({"kind": "top-k", "ratio": 0.1, "error_feedback": false})"})
    for (const char* more : {"{}", R"({"shards": 3})", R"({"shards": 2, "dedicated_servers": 1})"})
      QTest::addRow("%s, %s", codec, more) << codec << more;
}

void CodedEasgdTest::theCentreComesToTheBottom() {
  QFETCH(QString, codec);
  QFETCH(QString, more);
  Case c = CaseOf(codec, json::parse(more.toStdString()));
  c.steps = 300;
  c.initial = [](int, int64_t i) { return 0.1F * static_cast<float>(i % 5); };
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  // The noise of a gradient is 0.01, and a rate of 0.1 lets through a fifth of it; the rest is the centre's
  // way to where the workers are, of which no more than e^-10 is left with top-k.
  for (const Rank& rank : ranks)
    QVERIFY2(ErrorOf(rank.parameters) < 0.02, qPrintable(QString::number(ErrorOf(rank.parameters))));
}

// One dedicated server. A worker's state: u64 of the codec's | it | u8 | h. A server's: version, two clocks a
// worker | the centre | of each worker u8 | h | …
void CodedEasgdTest::bothEndsKnowTheSame() {
  QFETCH(QString, codec);
  Case c = CaseOf(codec, {{"dedicated_servers", 1}});
  c.steps = 40;
  c.keeps_state = true;
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  constexpr size_t kBytes = kFloats * sizeof(float);
  const std::vector<uint8_t>& server = ranks[3].state;
  for (size_t worker = 0; worker < 3; ++worker) {
    const std::vector<uint8_t>& own = ranks[worker].state;
    uint64_t codec_bytes = 0;
    std::memcpy(&codec_bytes, own.data(), sizeof codec_bytes);
    const size_t own_at = sizeof codec_bytes + codec_bytes;
    const size_t served_at = 8 + 16 * 3 + kBytes + worker * (1 + kBytes);
    QCOMPARE(own.size(), own_at + 1 + kBytes);
    QVERIFY(server.size() >= served_at + 1 + kBytes);
    QCOMPARE(own[own_at], 1);
    QVERIFY(std::memcmp(&own[own_at], &server[served_at], 1 + kBytes) == 0);
    std::vector<float> known(kFloats);
    std::memcpy(known.data(), &own[own_at + 1], kBytes);
    QVERIFY(ErrorOf(known) < 3.6);  // less than that of the zeros it began with, 3.605
  }
}

void CodedEasgdTest::fewerBytesGo() {
  QFETCH(QString, codec);
  QFETCH(double, share);
  Case c = CaseOf(codec, {{"dedicated_servers", 1}});
  c.steps = 2 * 50;
  const auto coded = Run(c);
  c.codec = nullptr;
  const auto dense = Run(c);
  VERIFY_WELL(coded);
  VERIFY_WELL(dense);
  for (size_t rank = 0; rank < coded.size(); ++rank)
    QVERIFY(static_cast<double>(coded[rank].counts.payload_sent) <
            (share + 0.03) * static_cast<double>(dense[rank].counts.payload_sent));  // the first of 50 visits
}

// With one worker nothing depends on who is sooner.
void CodedEasgdTest::goingOnChangesNoBit() {
  QFETCH(QString, codec);
  constexpr int kBefore = 10, kSteps = 24;
  Floats at_the_middle;
  Case c = CaseOf(codec, {{"dedicated_servers", 1}});
  c.workers = 1;
  c.steps = kSteps;
  c.gradient = [&](int rank, int64_t step, std::span<const float> x, std::span<float> g) {
    if (step == kBefore) at_the_middle.assign(x.begin(), x.end());
    Bowl(rank, step, x, g);
  };
  const auto whole = Run(c);
  VERIFY_WELL(whole);
  c.steps = kBefore;
  c.keeps_state = true;
  const auto first = Run(c);
  VERIFY_WELL(first);
  c.keeps_state = false;
  c.steps = kSteps - kBefore;
  c.initial = [&](int, int64_t i) { return at_the_middle[static_cast<size_t>(i)]; };
  c.gradient = [](int rank, int64_t step, std::span<const float> x, std::span<float> g) {
    Bowl(rank, step + kBefore, x, g);
  };
  for (const Rank& rank : first) c.states.push_back(rank.state);
  const auto rest = Run(c);
  VERIFY_WELL(rest);
  for (size_t rank = 0; rank < 2; ++rank) QVERIFY(rest[rank].parameters == whole[rank].parameters);
}

void CodedEasgdTest::aLostWorkerIsNotWaitedFor() {
  Case c = CaseOf(R"({"kind": "int8"})");
  c.steps = 100;
  c.dead_rank = 2;
  c.dead_step = 11;
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  QVERIFY(ranks[0].parameters == ranks[1].parameters);
  QVERIFY(ErrorOf(ranks[0].parameters) < 0.1);
}

void CodedEasgdTest::aParameterThatIsNoNumberIsNamed() {
  Case c = CaseOf(R"({"kind": "fp16"})");
  c.workers = 1;
  c.gradient = [](int rank, int64_t step, std::span<const float> x, std::span<float> g) {
    Bowl(rank, step, x, g);
    if (step == 6) g[3001 + 5] = std::numeric_limits<float>::quiet_NaN();
  };
  const auto ranks = Run(c);
  QCOMPARE(ranks[0].status.code(), absl::StatusCode::kOutOfRange);
  QVERIFY2(ranks[0].status.message().find("step 7, p3001: ") != std::string::npos,
           std::string(ranks[0].status.message()).c_str());
}

void CodedEasgdTest::damagedStateIsRefused() {
  Case c = CaseOf(R"({"kind": "fp16"})");
  c.workers = 1;
  c.keeps_state = true;
  const auto good = Run(c);
  VERIFY_WELL(good);
  for (const int damage : {0, 1, 2}) {
    c.states = {good[0].state};
    if (damage == 0) c.states[0].resize(c.states[0].size() / 4);
    if (damage == 1) c.states[0].push_back(0);
    if (damage == 2) c.states[0][8] = 2;  // neither known nor not
    QCOMPARE(Run(c)[0].status.code(), absl::StatusCode::kDataLoss);
  }
}

void CodedEasgdTest::whatCannotBeIsRefused() {
  const auto exchange = *Make<Exchange>("exchange", {{"kind", "easgd"}});
  const auto message = [&](const Circumstances& circumstances) {
    return QString::fromStdString(std::string(exchange->Fits(circumstances).message()));
  };
  QVERIFY(message({.ranks = 4, .floats = 100, .has_codec = true}).isEmpty());
  QVERIFY(message({.ranks = 4, .floats = 100, .has_codec = true, .codec_remembers = true})
              .startsWith("/gradient/0/error_feedback: easgd "));
  QVERIFY(message({.ranks = 4, .floats = 100, .has_codec = true, .codec_expands = true})
              .startsWith("/gradient: easgd "));
}

CONCERTINA_TEST(CodedEasgdTest)

}  // namespace concertina::coded_easgd_test

#include "coded_easgd_test.moc"
