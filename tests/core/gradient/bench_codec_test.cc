// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_codec_test.cc: the shape of what `bench codec` prints, and what in it does not depend on the machine.
#include "core/gradient/bench_codec.h"

#include <QTest>

#include "core/base/registry.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::bench_codec_test {

class BenchCodecTest : public QObject {
  Q_OBJECT
 private slots:
  void givesEveryCodecItsFigures() {
    const absl::StatusOr<Json> bench = BenchCodecs(10000);
    QVERIFY(bench.ok());
    QVERIFY(bench->at("memcpy_bytes_per_second").get<double>() > 0);
    std::vector<std::string> kinds;
    for (const Json& result : bench->at("results")) {
      kinds.push_back(result.at("kind").get<std::string>());
      QVERIFY(result.at("encode_bytes_per_second").get<double>() > 0);
      QVERIFY(result.at("decode_bytes_per_second").get<double>() > 0);
      const double ratio = result.at("ratio").get<double>();
      const double error = result.at("relative_error").get<double>();
      if (kinds.back() == "none") {
        QCOMPARE(ratio, 1.0);
        QCOMPARE(error, 0.0);
      } else if (kinds.back() == "fp16") {
        QCOMPARE(ratio, 2.0);
        QVERIFY(error > 0 && error < 1.0 / 2048);  // half a unit of 11 bits
      } else if (kinds.back() == "top-k") {
        QCOMPARE(ratio, 40000.0 / 804);
        // The largest 1 % of a normal distribution hold 8.4 % of its squares: sqrt(0.916).
        QVERIFY(std::abs(error - 0.957) < 0.01);
      }
    }
    QCOMPARE(kinds, Registry::Global().Kinds("gradient-codec"));
    QVERIFY(!bench->at("chains").empty());
    for (const Json& chain : bench->at("chains")) {
      QVERIFY(chain.at("encode_bytes_per_second").get<double>() > 0);
      QVERIFY(chain.at("codecs").size() > 1);
      // Half of what is sent as it is, and less than top-k's 8 bytes an element.
      if (chain.at("kind") == "error-feedback, fp16") QCOMPARE(chain.at("ratio").get<double>(), 2.0);
      if (chain.at("kind") == "top-k, fp16") QVERIFY(chain.at("ratio").get<double>() > 40000.0 / 330);
    }
  }

  void timesOneChainOfAnExperiment() {
    std::vector<Fault> faults;
    const auto chain_of = [&](const char* text) {
      std::vector<Params> chain;
      for (const Json& codec : Json::parse(text))
        chain.push_back(Registry::Global().Check("gradient-codec", codec, "", faults));
      return chain;
    };
    for (const char* text : {R"([{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "zstd"}])",
                             R"([{"kind": "powersgd"}])", R"([{"kind": "none"}])"})
      for (const int64_t floats : {int64_t{1}, int64_t{1000}}) {
        const absl::StatusOr<CodecSeconds> seconds = TimeChain(chain_of(text), floats);
        QVERIFY2(seconds.ok(), text);
        QVERIFY(seconds->encode > 0 && seconds->decode > 0);
      }
    // A thousand times as many floats take longer, whatever the machine does meanwhile.
    const auto fp16 = chain_of(R"([{"kind": "fp16"}])");
    QVERIFY(TimeChain(fp16, 1'000'000)->encode > TimeChain(fp16, 1000)->encode);
    QVERIFY(faults.empty());
  }

  void refusesSizesThatCannotBe() {
    for (const int64_t elements : {int64_t{0}, int64_t{-1}, int64_t{1} << 31})
      QCOMPARE(BenchCodecs(elements).status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(BenchCodecs(1).ok());
  }
};

CONCERTINA_TEST(BenchCodecTest)

}  // namespace concertina::bench_codec_test

#include "bench_codec_test.moc"
