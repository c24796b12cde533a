// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_codec_test.cc: sums over a tensor axis through every codec that fits: the same bits on every rank,
// the sum of what the payloads say, and the same again when it is asked for again.
#include "core/parallel/tensor_codec.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "tests/core/gradient/codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::tensor_codec_test {
namespace {

constexpr size_t kFloats = 1000;
constexpr uint64_t kSeed = 11;

Params ParamsOf(const Json& codec) {
  std::vector<Fault> faults;
  return Registry::Global().Check("gradient-codec", codec, "", faults);
}

TensorCodec::MakeCodec MakerOf(const Json& codec, int rank) {
  return [params = ParamsOf(codec), rank] {
    return MakeChain({&params, 1}, ChainPlace{.run_seed = kSeed, .rank = rank});
  };
}

std::vector<Json> CodecsThatFit() {
  std::vector<Json> fit;
  for (const Json& codec : AllCodecs())
    if (codec.is_object() && codec["kind"] != "none" && FitsTensorAxis(ParamsOf(codec)).ok())
      fit.push_back(codec);
  return fit;
}

std::vector<float> ValuesOf(int rank, size_t floats = kFloats) {
  return MakeGradient("normal", static_cast<int64_t>(floats), 100 + static_cast<uint64_t>(rank));
}

struct RankOfAxis {
  std::vector<float> sum, again;  // of the same values, twice in one step
  uint64_t sent = 0;              // by the first sum
  absl::Status status;
};

// Sums `values_of` each rank.
std::vector<RankOfAxis> SumOver(const Json& codec, int ranks,
                                const std::function<std::vector<float>(int)>& values_of) {
  auto transports = MakeInProcessTransports(ranks);
  std::vector<int> members(static_cast<size_t>(ranks));
  std::iota(members.begin(), members.end(), 0);
  std::vector<RankOfAxis> results(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < ranks; ++r)
    threads.emplace_back([&, r] {
      RankOfAxis& mine = results[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      const auto run = [&]() -> absl::Status {
        Communicator axis(transport, members, 4);
        TensorCodec by(MakerOf(codec, r));
        double seconds = 0;
        mine.sum = values_of(r);
        mine.again = mine.sum;
        RETURN_IF_ERROR(by.Expect(mine.sum.size()));
        RETURN_IF_ERROR(by.Sum(mine.sum, 3, axis, Deadline::After(10), nullptr, seconds));
        mine.sent = transport.counts().payload_sent;
        RETURN_IF_ERROR(by.Sum(mine.again, 3, axis, Deadline::After(10), nullptr, seconds));
        return by.seconds().encode > 0 && by.seconds().decode > 0 && seconds > 0
                   ? absl::OkStatus()
                   : absl::InternalError("the seconds were not counted");
      };
      mine.status = run();
      if (!mine.status.ok()) transport.Abort(mine.status);
    });
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace

class TensorCodecTest : public QObject {
  Q_OBJECT

  // What is found in a sum of sketches is not the sum of what is found in each.
  static void SketchesAreAddedUp(const Json& codec, int ranks) {
    const std::vector<RankOfAxis> results = SumOver(codec, ranks, [](int r) { return ValuesOf(r); });
    for (const RankOfAxis& rank : results) {
      QVERIFY2(rank.status.ok(), rank.status.ToString().c_str());
      QVERIFY(rank.sum == results[0].sum);
      QVERIFY(rank.again == rank.sum);
    }
  }

 private slots:
  void onlyCodecsThatKeepNothingFit_data() {
    QTest::addColumn<QString>("codec");
    QTest::addColumn<QString>("why");  // "": it fits
    const auto row = [](const char* codec, const char* why = "") { QTest::newRow(codec) << codec << why; };
    row(R"({"kind": "fp16"})");
    row(R"({"kind": "bf16"})");
    row(R"({"kind": "fp8"})");
    row(R"({"kind": "int8"})");
    row(R"({"kind": "natural"})");
    row(R"({"kind": "qsgd"})");
    row(R"({"kind": "zstd"})");
    row(R"({"kind": "top-k", "ratio": 0.5, "error_feedback": false})");
    row(R"({"kind": "random-k", "ratio": 0.5, "error_feedback": false})");
    row(R"({"kind": "top-k"})", "false, or a codec like fp16: what top-k keeps back of one sum");
    row(R"({"kind": "dgc"})", "what dgc keeps back of one sum");
    row(R"({"kind": "adaptive-threshold", "error_feedback": false})",
        "goes on from what it was given before");
    row(R"({"kind": "powersgd", "error_feedback": false})", "goes on from what it was given before");
    row(R"({"kind": "signsgd", "scale": "one", "error_feedback": false, "vote": true})",
        "signsgd makes a vote of it");
  }
  void onlyCodecsThatKeepNothingFit() {
    QFETCH(QString, codec);
    QFETCH(QString, why);
    const absl::Status fits = FitsTensorAxis(ParamsOf(Json::parse(codec.toStdString())));
    const QString said = QString::fromStdString(std::string(fits.message()));
    QVERIFY2(why.isEmpty() ? fits.ok() : said.contains(why), qPrintable(said));
    if (!why.isEmpty()) QCOMPARE(fits.code(), absl::StatusCode::kInvalidArgument);
  }

  void allRanksHaveTheSumOfThePayloads_data() {
    QTest::addColumn<QString>("codec");
    QTest::addColumn<int>("ranks");
    for (const Json& codec : CodecsThatFit())
      for (const int ranks : {2, 3, 4})
        QTest::addRow("%s, %d", codec.dump().c_str(), ranks) << QString::fromStdString(codec.dump()) << ranks;
  }
  void allRanksHaveTheSumOfThePayloads() {
    QFETCH(QString, codec);
    QFETCH(int, ranks);
    const Json json = Json::parse(codec.toStdString());
    std::vector<double> expected(kFloats), magnitude(kFloats);
    if (json["kind"] == "sketch") return SketchesAreAddedUp(json, ranks);
    for (int r = 0; r < ranks; ++r) {
      const auto alone = MakerOf(json, r)().value();
      std::vector<uint8_t> payload;
      std::vector<float> decoded(kFloats);
      QVERIFY(alone->Encode(ValuesOf(r), 3, payload).ok());
      QVERIFY(alone->Decode(payload, decoded).ok());
      for (size_t i = 0; i < kFloats; ++i) {
        expected[i] += static_cast<double>(decoded[i]);
        magnitude[i] += std::abs(static_cast<double>(decoded[i]));
      }
    }
    const std::vector<RankOfAxis> results = SumOver(json, ranks, [](int r) { return ValuesOf(r); });
    // Halves are rounded once more at each of N additions, to 11 bits; all else to those of a float. 2^-24 is
    // half of the smallest half.
    const bool are_halves = MakerOf(json, 0)().value()->sum() == Codec::Sum::kFloat16;
    const double relative = are_halves ? (ranks + 1) * std::ldexp(1, -11) : ranks * 1e-6;
    const double absolute = are_halves ? ranks * (ranks + 1) * std::ldexp(1, -24) : 1e-12;
    for (const RankOfAxis& rank : results) {
      QVERIFY2(rank.status.ok(), rank.status.ToString().c_str());
      QVERIFY(rank.sum == results[0].sum);  // to the bit
      QVERIFY(rank.again == rank.sum);      // as a pipeline that recomputes needs it
      for (size_t i = 0; i < kFloats; ++i) {
        const double error = std::abs(static_cast<double>(rank.sum[i]) - expected[i]);
        QVERIFY2(error <= relative * magnitude[i] + absolute,
                 qPrintable(QString("element %1: %2, expected %3").arg(i).arg(rank.sum[i]).arg(expected[i])));
      }
    }
  }

  void halvesAreHalfOfTheBytes() {
    for (const int ranks : {2, 3, 4}) {
      const auto results = SumOver({{"kind", "fp16"}}, ranks, [](int r) { return ValuesOf(r, 1200); });
      for (const RankOfAxis& rank : results) {
        QVERIFY(rank.status.ok());
        QCOMPARE(static_cast<double>(rank.sent), 2.0 * (ranks - 1) / ranks * 1200 * 2);
      }
    }
  }

  // Each fits a half, and the sum does not.
  void aSumBeyondTheLargestHalfIsOne() {
    const auto results = SumOver({{"kind", "fp16"}}, 4, [](int) { return std::vector<float>(64, 60000.0F); });
    for (const RankOfAxis& rank : results) {
      QVERIFY2(rank.status.ok(), rank.status.ToString().c_str());
      for (const float value : rank.sum) QVERIFY(std::abs(value - 240000.0F) <= 240000.0F / 1024);
    }
  }

  void whatIsNotFiniteIsNamed() {
    const auto results = SumOver({{"kind", "fp16"}}, 2, [](int r) {
      std::vector<float> values(8, 1.0F);
      if (r == 1) values[3] = std::numeric_limits<float>::infinity();
      return values;
    });
    QVERIFY(!results[0].status.ok());
    const std::string message(results[1].status.message());
    QCOMPARE(results[1].status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY2(message.starts_with("/tensor/activations: ") && message.find("at step 3") != std::string::npos,
             message.c_str());
  }

  void knobsReachTheCodecOfEachSize() {
    const Json sparse = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}};
    Json more = sparse;
    more["ratio"] = 0.2;
    std::vector<std::vector<std::pair<size_t, size_t>>> kept(2);  // before and after, of each rank
    auto transports = MakeInProcessTransports(2);
    std::vector<std::thread> threads;
    std::vector<absl::Status> statuses(2);
    for (int r = 0; r < 2; ++r)
      threads.emplace_back([&, r] {
        const auto rank = static_cast<size_t>(r);
        const auto run = [&]() -> absl::Status {
          Communicator axis(*transports[rank], {0, 1}, 4);
          TensorCodec by(MakerOf(sparse, r));
          double seconds = 0;
          // Alike on both ranks, so that both keep the same elements.
          const auto left = [&](size_t floats) -> absl::StatusOr<size_t> {
            std::vector<float> values = ValuesOf(0, floats);
            RETURN_IF_ERROR(by.Sum(values, 0, axis, Deadline::After(10), nullptr, seconds));
            return floats - static_cast<size_t>(std::count(values.begin(), values.end(), 0.0F));
          };
          for (const size_t floats : {100, 200}) RETURN_IF_ERROR(by.Expect(floats));
          for (const bool changes : {false, true}) {
            if (changes) RETURN_IF_ERROR(by.Change(ParamsOf(more)));
            ASSIGN_OR_RETURN(const size_t small, left(100));
            ASSIGN_OR_RETURN(const size_t large, left(200));
            kept[rank].emplace_back(small, large);
          }
          std::vector<float> unexpected(7);
          return by.Sum(unexpected, 0, axis, Deadline::After(10), nullptr, seconds);
        };
        statuses[rank] = run();
      });
    for (std::thread& thread : threads) thread.join();
    for (size_t rank = 0; rank < 2; ++rank) {
      QCOMPARE(statuses[rank].code(), absl::StatusCode::kInternal);  // of the seven that nobody expected
      QVERIFY((kept[rank] == std::vector<std::pair<size_t, size_t>>{{10, 20}, {20, 40}}));
    }
  }
};

CONCERTINA_TEST(TensorCodecTest)

}  // namespace concertina::tensor_codec_test

#include "tensor_codec_test.moc"
