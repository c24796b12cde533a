// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sketch_test.cc: a table gives back what was sent, the sum of tables the sum; tables too full do no harm;
// short buckets go whole.
#include <QTest>
#include <algorithm>
#include <cstring>

#include "codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::sketch_test {

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

class SketchTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(Json spec) {
    spec["kind"] = "sketch";
    return MakeCodec(spec).value();
  }
  static double SquaredDistance(const Floats& a, const Floats& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
    return sum;
  }
  static Floats Decoded(const Codec& codec, const Bytes& payload, size_t d) {
    Floats decoded(d);
    if (!codec.Decode(payload, decoded).ok()) qFatal("a good payload was refused");
    return decoded;
  }

 private slots:
  void nearlyAllOfTheLargestComeBack() {
    constexpr size_t d = 100000;  // 1000 columns, 100 elements
    const Floats x = MakeGradient("normal", d, 1);
    const std::unique_ptr<Codec> codec = Make({{"error_feedback", false}});
    const std::unique_ptr<Codec> top_k =
        MakeCodec({{"kind", "top-k"}, {"ratio", 0.001}, {"error_feedback", false}}).value();
    Bytes payload, exact_payload;
    QVERIFY(codec->Encode(x, 0, payload).ok() && top_k->Encode(x, 0, exact_payload).ok());
    QCOMPARE(payload.size(), 4 * d / 20);
    const Floats sent = Decoded(*codec, payload, d), exact = Decoded(*top_k, exact_payload, d);
    int same = 0, others = 0;
    for (size_t i = 0; i < d; ++i) {
      same += exact[i] != 0 && sent[i] == exact[i];
      others += exact[i] == 0 && sent[i] != 0;
    }
    // Of five cells three are alone but for a chance of 0.008 (each is shared with one of 0.095); another's
    // cells are all in use with one of 0.095^5: 0.8 of 100,000.
    QVERIFY2(same >= 95 && others <= 5, qPrintable(QString("%1 came back, %2 others").arg(same).arg(others)));
    QVERIFY(SquaredDistance(x, sent) < 1.01 * SquaredDistance(x, exact));
  }

  void sumsDecodeToSums_data() {
    QTest::addColumn<int>("ranks");
    for (const int ranks : {2, 4, 8}) QTest::addRow("%d ranks", ranks) << ranks;
  }
  void sumsDecodeToSums() {
    QFETCH(int, ranks);
    constexpr size_t d = 100000;
    const std::unique_ptr<Codec> codec = Make({{"error_feedback", false}});
    Floats sum, expected(d);
    for (int rank = 0; rank < ranks; ++rank) {
      // What is common to all ranks, and noise of their own: other elements are chosen by each.
      Floats x = MakeGradient("normal", d, static_cast<uint64_t>(100 + rank));
      const Floats common = MakeGradient("sparse", d, 1);
      for (size_t i = 0; i < d; ++i) x[i] = 0.5F * x[i] + (i % 20 == 0 ? common[i] : 0);
      Bytes payload;
      QVERIFY(codec->Encode(x, 0, payload).ok());
      QVERIFY(codec->DecodeAdd(payload, expected).ok());
      Floats table(payload.size() / 4);
      std::memcpy(table.data(), payload.data(), payload.size());
      sum.resize(table.size());
      for (size_t i = 0; i < table.size(); ++i) sum[i] += table[i];
    }
    Bytes summed(4 * sum.size());
    std::memcpy(summed.data(), sum.data(), summed.size());
    const Floats decoded = Decoded(*codec, summed, d);
    const double relative = SquaredDistance(decoded, expected) / NormSquared(expected);
    QVERIFY2(relative < 0.1, qPrintable(QString::number(relative)));
  }

  void noTableDoesHarm_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<double>("load");
    for (const char* pattern : {"normal", "ties", "sparse", "spike", "zeros"})
      for (const double load : {0.1, 0.5, 1.0}) QTest::addRow("%s, %g", pattern, load) << pattern << load;
  }
  void noTableDoesHarm() {  // ||x - u|| <= ||x|| whatever x is, however full the table
    QFETCH(QString, pattern);
    QFETCH(double, load);
    for (const int rows : {1, 3, 9})
      for (const int d : {100, 999, 20000}) {
        const std::unique_ptr<Codec> codec =
            Make({{"rows", rows}, {"load", load}, {"ratio", 0.05}, {"error_feedback", false}});
        for (uint64_t seed = 0; seed < 5; ++seed) {
          const Floats x = MakeGradient(pattern.toStdString(), d, seed);
          Bytes payload;
          QVERIFY(codec->Encode(x, 0, payload).ok());
          QVERIFY(SquaredDistance(x, Decoded(*codec, payload, x.size())) <= NormSquared(x) * (1 + 1e-6));
        }
      }
  }

  void whatDoesNotComeBackIsSentLater() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.2}});
    constexpr size_t d = 5000;
    Floats owed = MakeGradient("normal", d, 1);
    const double all = NormSquared(owed);
    Bytes payload;
    for (int step = 0; step < 300; ++step) {
      QVERIFY(codec->Encode(step == 0 ? owed : Floats(d), step, payload).ok());
      const Floats sent = Decoded(*codec, payload, d);
      for (size_t i = 0; i < d; ++i) owed[i] -= sent[i];
      QVERIFY(std::abs(codec->ResidualNormSquared() - NormSquared(owed)) <= 1e-6 * all);
    }
    QVERIFY2(NormSquared(owed) < 1e-3 * all, qPrintable(QString::number(NormSquared(owed) / all)));
  }

  void shortBucketsGoWhole() {
    for (const int64_t d : {1, 8, 40}) {  // 5 rows of 8 columns at the least
      const std::unique_ptr<Codec> codec = Make({});
      const Floats x = MakeGradient("normal", d, 1);
      Bytes payload;
      QVERIFY(codec->Encode(x, 0, payload).ok());
      QCOMPARE(static_cast<int64_t>(payload.size()), 4 * d);
      QVERIFY(Decoded(*codec, payload, x.size()) == x);
      QCOMPARE(codec->ErrorBound(d), 0.0);
      QCOMPARE(codec->ResidualNormSquared(), 0.0);
    }
    QCOMPARE(Make({})->MaxPayloadBytes(41), int64_t{4 * 40});
    QCOMPARE(Make({{"ratio", 1}})->MaxPayloadBytes(1002), int64_t{4 * 1002});
  }

  void evenRowsAreRefused() {
    const auto codec = MakeCodec({{"kind", "sketch"}, {"rows", 4}});
    QCOMPARE(codec.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(std::string(codec.status().message()).find("rows: found 4") != std::string::npos);
  }

  void shapesAreLiveAndHashesAreNot() {
    const std::unique_ptr<Codec> codec = Make({});
    std::vector<Fault> faults;
    const auto change = [&](Json spec) {
      spec["kind"] = "sketch";
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults)).code();
    };
    QCOMPARE(change({{"ratio", 0.1}, {"load", 0.5}}), absl::StatusCode::kOk);
    QCOMPARE(codec->MaxPayloadBytes(10000), int64_t{4000});
    for (const Json& spec : {Json{{"rows", 3}}, Json{{"seed", 1}}, Json{{"error_feedback", false}}})
      QCOMPARE(change(spec), absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }
};

CONCERTINA_TEST(SketchTest)

}  // namespace concertina::sketch_test

#include "sketch_test.moc"
