// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain_test.cc: what a list of codecs comes to, which lists make no sense, and that a step of a chain
// allocates nothing.
#include "core/gradient/chain.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "codecs_under_test.h"
#include "tests/allocations.h"
#include "tests/test_program.h"

namespace concertina::chain_test {

using Bytes = std::vector<uint8_t>;
using Floats = std::vector<float>;

class ChainTest : public QObject {
  Q_OBJECT

  static std::vector<Params> ParamsOf(const Json& chain) {
    std::vector<Fault> faults;
    std::vector<Params> params;
    for (const Json& element : chain)
      params.push_back(Registry::Global().Check("gradient-codec", element, "", faults));
    if (!faults.empty()) qFatal("%s", faults[0].message.c_str());
    return params;
  }
  static std::unique_ptr<Codec> Make(const char* chain) { return MakeCodec(Json::parse(chain)).value(); }
  static Bytes Encoded(Codec& codec, const Floats& gradient, int64_t step = 0) {
    Bytes payload;
    const absl::Status status = codec.Encode(gradient, step, payload);
    if (!status.ok()) qFatal("%s", std::string(status.message()).c_str());
    return payload;
  }
  static Floats Decoded(const Codec& codec, const Bytes& payload, size_t d) {
    Floats decoded(d);
    const absl::Status status = codec.Decode(payload, decoded);
    if (!status.ok()) qFatal("%s", std::string(status.message()).c_str());
    return decoded;
  }

 private slots:
  void aListOfOneIsThatCodec() {
    for (const Descriptor* descriptor : Registry::Global().InCategory("gradient-codec")) {
      const Json spec = {{"kind", descriptor->kind}};
      std::vector<Fault> faults;
      const auto alone =
          Registry::Global()
              .Create<Codec>("gradient-codec", Registry::Global().Check("gradient-codec", spec, "", faults))
              .value();
      const auto chain = MakeCodec(Json::array({spec})).value();
      for (int step = 0; step < 3; ++step) {
        const Floats gradient = MakeGradient("normal", 1000, static_cast<uint64_t>(step));
        QVERIFY(Encoded(*alone, gradient, step) == Encoded(*chain, gradient, step));
      }
    }
  }

  void anEmptyListSendsAll() {
    const Floats gradient = MakeGradient("normal", 100, 1);
    const auto codec = MakeCodec(Json::array()).value();
    QVERIFY(Decoded(*codec, Encoded(*codec, gradient), 100) == gradient);
  }

  // k u32 | delta-varint | a gap of 1 | a half.
  void thePayloadIsCountIndicesValues() {
    const auto codec = Make(R"([{"kind": "top-k", "ratio": 0.1}, {"kind": "fp16"}])");
    Floats gradient(10);
    gradient[1] = -1.5F;
    QVERIFY(Encoded(*codec, gradient) == (Bytes{1, 0, 0, 0, 2, 1, 0x00, 0xbe}));
  }

  void valuesGoThroughTheNextCodec() {
    const Floats gradient = MakeGradient("normal", 100000, 1);
    const auto top_k = Make(R"({"kind": "top-k", "error_feedback": false})");
    const Floats chosen = Decoded(*top_k, Encoded(*top_k, gradient), gradient.size());
    const auto chain = Make(R"([{"kind": "top-k", "error_feedback": false}, {"kind": "fp16"}])");
    const Bytes payload = Encoded(*chain, gradient);
    const Floats decoded = Decoded(*chain, payload, gradient.size());
    for (size_t i = 0; i < decoded.size(); ++i) {
      if ((decoded[i] == 0) != (chosen[i] == 0)) QFAIL(qPrintable(QString::number(i)));
      // Half a unit of 11 bits; what is chosen is far from the denormal halves.
      if (std::abs(decoded[i] - chosen[i]) > std::ldexp(std::abs(chosen[i]), -11))
        QCOMPARE(decoded[i], chosen[i]);
    }
    // Of 1000 elements 2 bytes each, and at most 2 + log2(100) bits for the place, against 8 bytes.
    QVERIFY(payload.size() <= 4 + 1 + 1081 + 2 + 2000);
  }

  // The sparsifier's own switch and the wrapper are the same error feedback, around all of the chain.
  void theSparsifiersFeedbackIsTheChains() {
    const auto own = Make(R"([{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "zstd"}])");
    const auto wrapped = Make(R"([{"kind": "error-feedback"}, {"kind": "top-k", "error_feedback": false},
                                  {"kind": "fp16"}, {"kind": "zstd"}])");
    for (int step = 0; step < 10; ++step) {
      const Floats gradient = MakeGradient("normal", 5000, static_cast<uint64_t>(step));
      QVERIFY(Encoded(*own, gradient, step) == Encoded(*wrapped, gradient, step));
      QVERIFY(own->ResidualNormSquared() > 0);
      QCOMPARE(own->ResidualNormSquared(), wrapped->ResidualNormSquared());
    }
  }

  // All elements are chosen, so what is left is what the halves lost.
  void whatTheValuesLoseIsRemembered() {
    const auto codec = Make(R"([{"kind": "top-k", "ratio": 1}, {"kind": "fp16"}])");
    const Floats gradient(100, 1.0F + 1.0F / 4096);  // a quarter of the way between two halves
    double sent = 0;
    for (int step = 0; step < 64; ++step) sent += Decoded(*codec, Encoded(*codec, gradient, step), 100)[7];
    // Never further behind than a unit of the halves between 1 and 2.
    QVERIFY(std::abs(sent - 64 * static_cast<double>(gradient[7])) <= 1.0 / 1024);
  }

  // Without a codec of values a chain is its sparsifier, whose memory it is, too.
  void everySparsifierHeadsAChain_data() {
    QTest::addColumn<QByteArray>("sparsifier");
    for (const char* sparsifier :
         {R"({"kind": "top-k"})", R"({"kind": "random-k", "ratio": 0.05})",
          R"({"kind": "random-k", "error_feedback": false})", R"({"kind": "threshold", "threshold": 0.02})",
          R"({"kind": "adaptive-threshold"})", R"({"kind": "dgc", "ratio": 0.01})",
          R"({"kind": "dgc", "warm_up_steps": 8})"})
      QTest::newRow(sparsifier) << QByteArray(sparsifier);
  }
  void everySparsifierHeadsAChain() {
    QFETCH(QByteArray, sparsifier);
    const auto alone = Make(sparsifier.data());
    const auto chain = Make(("[" + sparsifier + R"(, {"kind": "zstd"}])").data());
    const auto halves = Make(("[" + sparsifier + R"(, {"kind": "fp16"}, {"kind": "zstd"}])").data());
    size_t dense_bytes = 0, halves_bytes = 0;
    for (int step = 0; step < 10; ++step) {
      const Floats gradient = MakeGradient("normal", 20000, static_cast<uint64_t>(step));
      const Bytes dense_values = Encoded(*alone, gradient, step);
      const Floats sent = Decoded(*alone, dense_values, gradient.size());
      QVERIFY(Decoded(*chain, Encoded(*chain, gradient, step), gradient.size()) == sent);
      // ||e||^2 is summed in another order.
      const double norm = alone->ResidualNormSquared();
      QVERIFY(std::abs(chain->ResidualNormSquared() - norm) <= 1e-6 * norm);
      const Bytes payload = Encoded(*halves, gradient, step);
      dense_bytes += dense_values.size();
      halves_bytes += payload.size();
      if (step > 0) continue;  // from the second step on they remember something else
      const Floats rounded = Decoded(*halves, payload, gradient.size());
      // Half a unit of 11 bits, and of the least halves.
      for (size_t i = 0; i < sent.size(); ++i)
        if (std::abs(rounded[i] - sent[i]) > std::max(std::ldexp(std::abs(sent[i]), -11), 0x1p-25F))
          QCOMPARE(rounded[i], sent[i]);
    }
    QVERIFY2(halves_bytes < dense_bytes, qPrintable(QString("%1 of %2").arg(halves_bytes).arg(dense_bytes)));
  }

  // k u32 | the step's stamp | 50 halves.
  void randomKSendsNoPlaces() {
    const auto chain = Make(R"([{"kind": "random-k", "ratio": 0.05, "seed": 3}, {"kind": "fp16"}])");
    const auto other = Make(R"([{"kind": "random-k", "ratio": 0.05, "seed": 3}, {"kind": "fp16"}])");
    const Floats gradient = MakeGradient("normal", 1000, 1);
    for (const int64_t step : {int64_t{0}, int64_t{5000}, int64_t{1} << 24, (int64_t{1} << 40) + 7}) {
      const Bytes payload = Encoded(*chain, gradient, step);
      QCOMPARE(payload.size(), size_t{4 + 4 + 100});
      QVERIFY(Decoded(*other, payload, 1000) == Decoded(*chain, payload, 1000));
      Bytes fewer = payload;
      fewer[0] = 49;
      Floats decoded(1000);
      QCOMPARE(chain->Decode(fewer, decoded).code(), absl::StatusCode::kDataLoss);
      QCOMPARE(chain->Decode(std::span(payload).first(6), decoded).code(), absl::StatusCode::kDataLoss);
    }
  }

  // Another number of values at every step, none among them.
  void aThresholdSendsAsManyAsThereAre_data() {
    QTest::addColumn<QByteArray>("values");
    for (const char* spec :
         {R"({"kind": "none"})", R"({"kind": "fp16"})", R"({"kind": "bf16"})", R"({"kind": "fp8"})",
          R"({"kind": "int8"})", R"({"kind": "natural"})", R"({"kind": "qsgd"})",
          R"({"kind": "qsgd", "coding": "elias"})", R"({"kind": "sketch", "error_feedback": false})",
          R"({"kind": "powersgd", "error_feedback": false})"})
      QTest::newRow(spec) << QByteArray(spec);
  }
  void aThresholdSendsAsManyAsThereAre() {
    QFETCH(QByteArray, values);
    const auto with_threshold = [&](const char* t) {
      return Make(QByteArray(R"([{"kind": "threshold", "error_feedback": false, "threshold": )")
                      .append(t)
                      .append("}, ")
                      .append(values)
                      .append("]")
                      .data());
    };
    const auto chain = with_threshold("0.5"), receiver = with_threshold("9");
    const bool is_near = !values.contains("qsgd") && !values.contains("sketch");
    for (const size_t large : {3, 0, 700, 1, 64, 0, 65}) {
      Floats gradient(700, 0.25F);
      for (size_t i = 0; i < large; ++i) gradient[i] = 1;
      const Bytes payload = Encoded(*chain, gradient);
      QVERIFY(static_cast<int64_t>(payload.size()) <= chain->MaxPayloadBytes(700));
      const Floats decoded = Decoded(*receiver, payload, 700);
      QVERIFY(std::all_of(decoded.begin() + static_cast<std::ptrdiff_t>(large), decoded.end(),
                          [](float value) { return value == 0; }));
      const auto ones = std::count_if(decoded.begin(), decoded.end(),
                                      [](float value) { return std::abs(value - 1) < 0.1F; });
      if (is_near) QCOMPARE(ones, static_cast<std::ptrdiff_t>(large));
    }
  }

  // Where the residual is dgc's own, what halves lose of its values waits there too.
  void whatTheValuesLoseStaysWithDgc() {
    const auto codec = Make(R"([{"kind": "dgc", "ratio": 1, "momentum": 0}, {"kind": "fp16"}])");
    const Floats gradient(100, 1.0F + 1.0F / 4096);  // a quarter of the way between two halves
    double sent = 0;
    for (int step = 0; step < 64; ++step) sent += Decoded(*codec, Encoded(*codec, gradient, step), 100)[7];
    QVERIFY(std::abs(sent - 64 * static_cast<double>(gradient[7])) <= 1.0 / 1024);
  }

  void zstdGivesBackTheBits() {
    for (const char* pattern : {"normal", "zeros", "sparse", "ties"}) {
      const Floats gradient = MakeGradient(pattern, 30000, 1);
      const auto codec = Make(R"({"kind": "zstd", "level": 3})");
      const Bytes payload = Encoded(*codec, gradient);
      QVERIFY(Decoded(*codec, payload, gradient.size()) == gradient);
      if (std::strcmp(pattern, "normal") != 0) QVERIFY(4 * payload.size() < 4 * gradient.size());
    }
  }

  void aFrameThatUnpacksToTooMuchIsRefused() {
    const auto codec = Make(R"({"kind": "zstd"})");
    const Bytes payload = Encoded(*codec, Floats(1000000));  // zeros: a few hundred bytes
    QVERIFY(payload.size() < 4000);
    Floats shorter(1000);
    QCOMPARE(codec->Decode(payload, shorter).code(), absl::StatusCode::kDataLoss);
  }

  void knobsReachTheirElement() {
    const Floats gradient = MakeGradient("normal", 1000, 1);
    const auto codec =
        Make(R"([{"kind": "top-k", "error_feedback": false}, {"kind": "fp16"}, {"kind": "zstd"}])");
    const auto count = [&] {
      const Floats decoded = Decoded(*codec, Encoded(*codec, gradient), gradient.size());
      return decoded.size() - static_cast<size_t>(std::count(decoded.begin(), decoded.end(), 0.0F));
    };
    QCOMPARE(count(), size_t{10});
    for (const Params& element :
         ParamsOf(Json::parse(R"([{"kind": "top-k", "ratio": 0.2, "error_feedback": false}, {"kind": "fp16"},
                             {"kind": "zstd", "level": 9}])")))
      QVERIFY(codec->Change(element).ok());
    QCOMPARE(count(), size_t{200});
    const auto fixed = ParamsOf(Json::parse(R"([{"kind": "top-k", "error_feedback": true}])"));
    QCOMPARE(codec->Change(fixed[0]).code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(count(), size_t{200});
  }

  void aStepAllocatesNothing_data() {
    QTest::addColumn<QByteArray>("spec");
    for (const Json& spec : SomeChains())
      QTest::newRow(spec.dump().c_str()) << QByteArray(spec.dump().c_str());
  }
  void aStepAllocatesNothing() {
    QFETCH(QByteArray, spec);
    const auto codec = MakeCodec(Json::parse(spec.toStdString())).value();
    const Floats gradients[2] = {MakeGradient("normal", 100000, 1), MakeGradient("normal", 100000, 2)};
    Floats decoded(100000);
    Bytes payload;
    payload.reserve(static_cast<size_t>(codec->MaxPayloadBytes(100000)));
    int64_t before = 0;
    for (int step = 0; step < 8; ++step) {
      if (step == 4) before = allocations;
      if (!codec->Encode(gradients[step % 2], step, payload).ok()) qFatal("encode");
      if (!codec->Decode(payload, decoded).ok()) qFatal("decode");
      if (!codec->DecodeAdd(payload, decoded).ok()) qFatal("add");
    }
    QCOMPARE(allocations.load(), before);
  }

  void senselessChainsAreRefused_data() {
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* spec, const char* pointer, const char* expected) {
      QTest::newRow(name) << QByteArray(spec) << pointer << expected;
    };
    row("two sparsifiers", R"([{"kind": "top-k"}, {"kind": "top-k", "error_feedback": false}])",
        "/gradient/1", "one sparsifier");
    row("two sparsifiers of two kinds", R"([{"kind": "threshold"}, {"kind": "dgc"}, {"kind": "fp16"}])",
        "/gradient/1", "one sparsifier");
    row("two codecs of values", R"([{"kind": "fp16"}, {"kind": "fp16"}])", "/gradient/1", "one codec");
    row("a sparsifier behind the values", R"([{"kind": "fp16"}, {"kind": "top-k"}])", "/gradient/1",
        "before the codec");
    row("a lossless stage amid", R"([{"kind": "top-k"}, {"kind": "zstd"}, {"kind": "fp16"}])", "/gradient/2",
        "nothing: zstd");
    row("two lossless stages", R"([{"kind": "zstd"}, {"kind": "zstd"}])", "/gradient/1", "nothing: zstd");
    row("a wrapper behind", R"([{"kind": "top-k", "error_feedback": false}, {"kind": "error-feedback"}])",
        "/gradient/1", "as the first");
    row("two that remember", R"([{"kind": "error-feedback"}, {"kind": "momentum-correction"}])",
        "/gradient/1", "kept once");
    row("a memory in a memory", R"([{"kind": "error-feedback"}, {"kind": "top-k"}])",
        "/gradient/1/error_feedback", "false: error-feedback remembers");
    row("a vote on elements that each chose",
        R"([{"kind": "top-k", "error_feedback": false},
            {"kind": "signsgd", "scale": "one", "error_feedback": false, "vote": true}])",
        "/gradient/1", "without a sparsifier");
    row("a memory in a memory, behind",
        R"([{"kind": "momentum-correction"}, {"kind": "top-k"}, {"kind": "fp16"}])",
        "/gradient/1/error_feedback", "false: momentum-correction remembers");
  }
  void senselessChainsAreRefused() {
    QFETCH(QByteArray, spec);
    QFETCH(QString, pointer);
    QFETCH(QString, expected);
    const std::vector<Params> chain = ParamsOf(Json::parse(spec.toStdString()));
    std::vector<std::string> pointers;
    for (size_t i = 0; i < chain.size(); ++i) pointers.push_back("/gradient/" + std::to_string(i));
    std::vector<Fault> faults;
    CheckChain(chain, pointers, faults);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(faults[0].pointer), pointer);
    QVERIFY2(faults[0].expected.find(expected.toStdString()) != std::string::npos, faults[0].message.c_str());
    const absl::Status made = MakeChain(chain).status();
    QCOMPARE(made.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(made.message().find(pointer.toStdString()) != std::string::npos);
  }

  void saysWhatRemembers() {
    const auto pointer = [](const char* chain) {
      return RememberingPointer(ParamsOf(Json::parse(chain))).value_or("");
    };
    QCOMPARE(pointer("[]"), std::string());
    QCOMPARE(pointer(R"([{"kind": "fp16"}, {"kind": "zstd"}])"), std::string());
    QCOMPARE(pointer(R"([{"kind": "top-k"}, {"kind": "zstd"}])"), std::string("/gradient/0/error_feedback"));
    QCOMPARE(pointer(R"([{"kind": "error-feedback"}, {"kind": "fp16"}])"), std::string("/gradient/0"));
  }

  void saysWhatHasMomentumAndWhatCombines() {
    const auto momentum = [](const char* chain) {
      return MomentumPointer(ParamsOf(Json::parse(chain))).value_or("");
    };
    QCOMPARE(momentum(R"([{"kind": "top-k"}])"), std::string());
    QCOMPARE(momentum(R"([{"kind": "dgc"}, {"kind": "zstd"}])"), std::string("/gradient/0/momentum"));
    QCOMPARE(momentum(R"([{"kind": "dgc", "momentum": 0}])"), std::string());
    const auto vote = [](const char* chain) {
      return CombiningPointer(ParamsOf(Json::parse(chain))).value_or("");
    };
    QCOMPARE(vote(R"([{"kind": "signsgd"}])"), std::string());
    QCOMPARE(vote(R"([{"kind": "signsgd", "scale": "one", "error_feedback": false, "vote": true}])"),
             std::string("/gradient/0/vote"));
  }
};

CONCERTINA_TEST(ChainTest)

}  // namespace concertina::chain_test

#include "chain_test.moc"
