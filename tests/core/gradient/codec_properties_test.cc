// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_properties_test.cc: what holds for every gradient codec, the example plugin's included. A new codec
// is tested by existing.
#include <QTest>
#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "codecs_under_test.h"
#include "tests/allocations.h"
#include "tests/test_program.h"

namespace concertina::codec_properties_test {

using Bytes = std::vector<uint8_t>;

class CodecPropertiesTest : public QObject {
  Q_OBJECT

  static double Square(double value) { return value * value; }
  static bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0;
  }
  static void AddCodecRows() {
    QTest::addColumn<QByteArray>("spec");
    for (const Json& spec : AllCodecs())
      QTest::newRow(spec.dump().c_str()) << QByteArray(spec.dump().c_str());
  }
  static std::unique_ptr<Codec> CodecOfRow() {
    const QByteArray spec = *static_cast<QByteArray*>(QTest::qData("spec", QMetaType::QByteArray));
    absl::StatusOr<std::unique_ptr<Codec>> codec = MakeCodec(Json::parse(spec.toStdString()));
    if (!codec.ok()) qFatal("%s", std::string(codec.status().message()).c_str());
    return *std::move(codec);
  }
  static std::vector<Json*> Elements(Json& chain) {
    std::vector<Json*> elements;
    for (Json& element : chain) elements.push_back(&element);
    return elements;
  }
  static int64_t PayloadBytes(const std::string& pattern, int64_t d) {
    Bytes payload;
    if (!CodecOfRow()->Encode(MakeGradient(pattern, d, 2), 0, payload).ok()) qFatal("%s", pattern.c_str());
    return static_cast<int64_t>(payload.size());
  }

 private slots:
  void initTestCase() {
    const std::vector<std::string> refused = LoadPlugins(CONCERTINA_PLUGINS_DIR);
    QVERIFY2(refused.empty(), refused.empty() ? "" : refused.front().c_str());
    const std::vector<std::string> kinds = Registry::Global().Kinds("gradient-codec");
    for (const char* kind : {"none", "fp16", "bf16", "fp8", "int8", "signsgd", "onebit", "terngrad", "qsgd",
                             "natural", "top-k", "sign-example"})
      QVERIFY2(std::count(kinds.begin(), kinds.end(), kind) == 1, kind);
  }

  void roundTripMeetsItsBound_data() { AddCodecRows(); }
  void roundTripMeetsItsBound() {
    const bool is_fixed = PayloadBytes("normal", 1000) == PayloadBytes("zeros", 1000);
    for (const int64_t d : {int64_t{1}, int64_t{3}, int64_t{1000}, (int64_t{1} << 20) + 1}) {
      for (const char* pattern :
           {"normal", "zeros", "denormal", "huge", "largest", "ties", "sparse", "spike"}) {
        const bool is_shape_of_its_own =
            std::string_view("normal ties sparse").find(pattern) != std::string_view::npos;
        if (d > 1000 && !is_shape_of_its_own)
          continue;  // a million of the others takes time and shows no more
        const QString where = QString("%1 x %2").arg(pattern).arg(d);
        const std::vector<float> gradient = MakeGradient(pattern, d, 1);
        const std::unique_ptr<Codec> codec = CodecOfRow();
        Bytes payload;
        const absl::Status encoded = codec->Encode(gradient, 0, payload);
        // A product of factors may be beyond all floats where the gradient is not quite: then it is refused
        // here, and never sent for the others to refuse.
        if (pattern == std::string_view("largest") && absl::IsOutOfRange(encoded)) continue;
        QVERIFY2(encoded.ok(), qPrintable(where + ": " + std::string(encoded.message()).c_str()));
        const auto bytes = static_cast<int64_t>(payload.size());
        QVERIFY2(bytes <= codec->MaxPayloadBytes(d), qPrintable(where));
        // A payload that depends on the content may be far shorter, but not where there is nothing to save.
        const double least = is_fixed && codec->has_fixed_size()     ? 0.95
                             : !codec->has_fixed_size()              ? 0
                             : pattern == std::string_view("normal") ? 0.7
                                                                     : 0;
        QVERIFY2(static_cast<double>(bytes) >= least * static_cast<double>(codec->MaxPayloadBytes(d)),
                 qPrintable(where));
        std::vector<float> decoded(gradient.size(), 9.0F);
        QVERIFY2(codec->Decode(payload, decoded).ok(), qPrintable(where));
        double error = 0;
        for (size_t i = 0; i < gradient.size(); ++i) {
          if (!std::isfinite(decoded[i])) QFAIL(qPrintable(where));
          error += Square(static_cast<double>(gradient[i]) - decoded[i]);
        }
        // 1e-6: a scale or a value is rounded once to a float.
        const double share = codec->ErrorBound(d);
        const double bound = std::isinf(share) ? HUGE_VAL : share * NormSquared(gradient) * (1 + 1e-6);
        QVERIFY2(error <= bound, qPrintable(where + QString(": error %1, bound %2").arg(error).arg(bound)));
        // DecodeAdd adds what Decode gives, and only that.
        std::vector<float> added(gradient.size(), 0.25F);
        QVERIFY2(codec->DecodeAdd(payload, added).ok(), qPrintable(where));
        for (size_t i = 0; i < gradient.size(); ++i)
          if (added[i] != 0.25F + decoded[i]) QCOMPARE(added[i], 0.25F + decoded[i]);
      }
    }
  }

  void sameGradientsGiveTheSameBits_data() { AddCodecRows(); }
  void sameGradientsGiveTheSameBits() {
    const std::unique_ptr<Codec> one = CodecOfRow();
    const std::unique_ptr<Codec> other = CodecOfRow();
    for (int step = 0; step < 5; ++step) {
      const std::vector<float> gradient = MakeGradient("normal", 50001, static_cast<uint64_t>(step));
      Bytes a, b(123456, 7);  // an old payload must not show through
      QVERIFY(one->Encode(gradient, step, a).ok());
      QVERIFY(other->Encode(gradient, step, b).ok());
      QVERIFY(a == b);
    }
  }

  // Of one payload: who sent it, who sent others before, and who never sent anything (a server).
  void everyRankDecodesTheSameBits_data() { AddCodecRows(); }
  void everyRankDecodesTheSameBits() {
    const std::unique_ptr<Codec> sender = CodecOfRow(), peer = CodecOfRow(), server = CodecOfRow();
    std::vector<float> decoded(5001), by_peer(5001, 1.0F), by_server(5001, 2.0F);
    Bytes payload, of_peer;
    for (int step = 0; step < 3; ++step) {
      QVERIFY(sender->Encode(MakeGradient("normal", 5001, 7), step, payload).ok());
      QVERIFY(peer->Encode(MakeGradient("sparse", 5001, 8), step, of_peer).ok());
      QVERIFY(sender->Decode(payload, decoded).ok());
      QVERIFY(peer->Decode(payload, by_peer).ok());
      QVERIFY(server->Decode(payload, by_server).ok());
      QVERIFY(SameBits(decoded, by_peer));
      QVERIFY(SameBits(decoded, by_server));
    }
  }

  // 2^24 is where floats end to count; only for those that take less than a second of it.
  void longBucketsKeepTheirLastElement_data() {
    QTest::addColumn<QByteArray>("spec");
    for (const char* kind :
         {"none", "fp16", "bf16", "fp8", "int8", "natural", "signsgd", "onebit", "terngrad", "qsgd", "top-k",
          "random-k", "threshold", "adaptive-threshold", "dgc"}) {
      Json spec = {{"kind", kind}};
      if (spec["kind"] == "random-k") spec["ratio"] = 1;
      QTest::newRow(kind) << QByteArray(spec.dump().c_str());
    }
    for (const char* chain :
         {R"([{"kind": "top-k"}, {"kind": "fp16"}])",
          R"([{"kind": "threshold", "threshold": 0.5}, {"kind": "int8"}, {"kind": "zstd"}])"})
      QTest::newRow(chain) << QByteArray(chain);
  }
  void longBucketsKeepTheirLastElement() {
    constexpr size_t kFloats = (size_t{1} << 24) + 1;
    static std::vector<float> gradient(kFloats), decoded(kFloats);
    gradient.front() = -7;
    gradient.back() = 7;
    const std::unique_ptr<Codec> codec = CodecOfRow();
    Bytes payload;
    QVERIFY(codec->Encode(gradient, 0, payload).ok());
    QVERIFY(static_cast<int64_t>(payload.size()) <= codec->MaxPayloadBytes(kFloats));
    QVERIFY(codec->Decode(payload, decoded).ok());
    // All are the nearest value or a random one of the right sign.
    QVERIFY(decoded.front() <= 0 && decoded.back() >= 0);
    double error = 0;
    for (size_t i = 0; i < kFloats; ++i) error += Square(static_cast<double>(gradient[i]) - decoded[i]);
    const double share = codec->ErrorBound(kFloats);
    QVERIFY(std::isinf(share) || error <= share * 98 * (1 + 1e-6));
  }

  void savedStateGivesTheSameFuture_data() { AddCodecRows(); }
  void savedStateGivesTheSameFuture() {
    const std::unique_ptr<Codec> codec = CodecOfRow();
    for (int saved_after = 0; saved_after < 3; ++saved_after) {
      const std::unique_ptr<Codec> resumed = CodecOfRow();
      Bytes state;
      codec->SaveState(state);
      QVERIFY(resumed->LoadState(state).ok());
      // ||e||^2 is summed in another order after loading.
      const double norm = codec->ResidualNormSquared();
      QVERIFY(std::abs(resumed->ResidualNormSquared() - norm) <= 1e-9 * norm);
      Bytes a, b;
      for (int step = 0; step < 3; ++step) {
        const std::vector<float> gradient =
            MakeGradient("normal", 1000, static_cast<uint64_t>(10 * saved_after + step));
        QVERIFY(codec->Encode(gradient, step, a).ok());
        QVERIFY(resumed->Encode(gradient, step, b).ok());
        QVERIFY(a == b);
      }
      Bytes state_a, state_b;
      codec->SaveState(state_a);
      resumed->SaveState(state_b);
      QVERIFY(state_a == state_b);
    }
  }

  // What is kept is as long as the bucket: a state of another bucket is found, before or with the gradient.
  void aStateOfAnotherBucketIsFound_data() { AddCodecRows(); }
  void aStateOfAnotherBucketIsFound() {
    Bytes payload, of_short, of_long;
    const std::unique_ptr<Codec> used = CodecOfRow(), longer = CodecOfRow(), fresh = CodecOfRow();
    QVERIFY(used->Encode(MakeGradient("normal", 7, 1), 0, payload).ok());
    QVERIFY(longer->Encode(MakeGradient("normal", 3000, 1), 0, payload).ok());
    used->SaveState(of_short);
    longer->SaveState(of_long);
    absl::Status status = fresh->LoadState(of_short);
    if (status.ok()) status = fresh->Encode(MakeGradient("normal", 3000, 2), 1, payload);
    QCOMPARE(status.code(),
             of_short.size() == of_long.size() ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument);
  }

  void damagedStateIsRefusedAndChangesNothing_data() { AddCodecRows(); }
  void damagedStateIsRefusedAndChangesNothing() {
    const std::unique_ptr<Codec> codec = CodecOfRow();
    Bytes payload, state, after;
    QVERIFY(codec->Encode(MakeGradient("normal", 100, 1), 0, payload).ok());
    codec->SaveState(state);
    Bytes longer = state;
    longer.push_back(1);
    QCOMPARE(codec->LoadState(longer).code(), absl::StatusCode::kDataLoss);
    if (!state.empty()) {
      QVERIFY(!codec->LoadState(std::span(state).first(state.size() / 2 - 3)).ok());
      Bytes bad(state.size(), 0xff);  // every float NaN
      QCOMPARE(codec->LoadState(bad).code(), absl::StatusCode::kDataLoss);
    }
    codec->SaveState(after);
    QVERIFY(after == state);
  }

  void gradientsThatAreNotFiniteAreNamedAndChangeNothing_data() { AddCodecRows(); }
  void gradientsThatAreNotFiniteAreNamedAndChangeNothing() {
    for (const size_t d : {size_t{1}, size_t{3}, size_t{1000}, (size_t{1} << 20) + 1}) {
      for (const size_t at : {size_t{0}, d / 2, d - 1}) {
        for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
          if (d > 1000 && (at != d / 2 || bad == bad)) continue;  // one of the long ones is enough
          const std::unique_ptr<Codec> codec = CodecOfRow();
          std::vector<float> gradient = MakeGradient("normal", static_cast<int64_t>(d), 3);
          Bytes payload, before, after;
          QVERIFY(codec->Encode(gradient, 0, payload).ok());
          codec->SaveState(before);
          gradient[at] = bad;
          const absl::Status status = codec->Encode(gradient, 1, payload);
          QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
          QVERIFY2(absl::StrContains(status.message(), "element " + std::to_string(at) + " is"),
                   std::string(status.message()).c_str());
          codec->SaveState(after);
          QVERIFY(before == after);
        }
      }
    }
  }

  void lengthsThatChangeAreRefused_data() { AddCodecRows(); }
  void lengthsThatChangeAreRefused() {
    const std::unique_ptr<Codec> codec = CodecOfRow();
    Bytes payload;
    QCOMPARE(codec->Encode({}, 0, payload).code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(codec->Encode(MakeGradient("normal", 10, 1), 0, payload).ok());
    QCOMPARE(codec->Encode(MakeGradient("normal", 11, 1), 1, payload).code(),
             absl::StatusCode::kInvalidArgument);
    QCOMPARE(codec->Encode({}, 1, payload).code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(codec->Encode(MakeGradient("normal", 10, 2), 1, payload).ok());
  }

  void hostilePayloadsNeverCrash_data() { AddCodecRows(); }
  void hostilePayloadsNeverCrash() {
    for (const int64_t d : {1, 7, 40, 300}) {
      const std::unique_ptr<Codec> codec = CodecOfRow();
      Bytes payload;
      QVERIFY(codec->Encode(MakeGradient("normal", d, 5), 0, payload).ok());
      std::vector<float> gradient(static_cast<size_t>(d));
      const auto try_decode = [&](const Bytes& hostile) {
        // An exact copy on the heap, so that a sanitizer sees a read beyond its end.
        const Bytes exact(hostile.begin(), hostile.end());
        largest_allocation = 0;
        const absl::Status decoded = codec->Decode(exact, gradient);
        const bool finite =
            std::all_of(gradient.begin(), gradient.end(), [](float v) { return std::isfinite(v); });
        const absl::Status added = codec->DecodeAdd(exact, gradient);
        // Messages are all that may be allocated on a payload's word.
        if (largest_allocation > 4096)
          qFatal("a payload of %zu bytes made Decode allocate %zu", exact.size(), largest_allocation);
        if (decoded.ok() != added.ok()) qFatal("Decode and DecodeAdd disagree");
        if (decoded.ok() && !finite) qFatal("Decode gave an element that is not finite");
        return decoded.code();
      };
      for (size_t i = 0; i < payload.size(); ++i) {
        for (const int mask : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
          Bytes hostile = payload;
          hostile[i] = static_cast<uint8_t>(hostile[i] ^ mask);
          const absl::StatusCode code = try_decode(hostile);
          QVERIFY(code == absl::StatusCode::kOk || code == absl::StatusCode::kDataLoss);
        }
      }
      for (size_t length = 0; length < payload.size(); ++length) {
        const Bytes truncated(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length));
        QCOMPARE(try_decode(truncated), absl::StatusCode::kDataLoss);
      }
      Bytes longer = payload;
      longer.push_back(0);
      QCOMPARE(try_decode(longer), absl::StatusCode::kDataLoss);
      Rng rng(1, "hostile");
      for (int i = 0; i < 2000; ++i) {
        Bytes noise(rng.Below(2 * payload.size() + 8));
        for (uint8_t& byte : noise) byte = static_cast<uint8_t>(rng.Next());
        const absl::StatusCode code = try_decode(noise);
        QVERIFY(code == absl::StatusCode::kOk || code == absl::StatusCode::kDataLoss);
      }
    }
  }

  void infiniteElementsAreDamage_data() { AddCodecRows(); }
  void infiniteElementsAreDamage() {  // bytes of ones are NaN in every floating format
    const std::unique_ptr<Codec> codec = CodecOfRow();
    Bytes payload;
    QVERIFY(codec->Encode(MakeGradient("normal", 64, 5), 0, payload).ok());
    std::fill(payload.begin(), payload.end(), uint8_t{0xff});
    std::vector<float> gradient(64);
    QCOMPARE(codec->Decode(payload, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(codec->DecodeAdd(payload, gradient).code(), absl::StatusCode::kDataLoss);
  }

  void payloadsThatSumAreOfOneLength_data() { AddCodecRows(); }
  void payloadsThatSumAreOfOneLength() {
    const std::unique_ptr<Codec> codec = CodecOfRow();
    if (codec->sum() == Codec::Sum::kGathered) return;
    QVERIFY(codec->has_fixed_size());
    for (const int64_t d : {1, 2, 63, 1000, 50001}) {
      const std::unique_ptr<Codec> fresh = CodecOfRow();
      for (const char* pattern : {"normal", "zeros", "ties", "sparse"}) {
        Bytes payload;
        QVERIFY(fresh->Encode(MakeGradient(pattern, d, 1), 0, payload).ok());
        QCOMPARE(static_cast<int64_t>(payload.size()), fresh->MaxPayloadBytes(d));
        QCOMPARE(payload.size() % (codec->sum() == Codec::Sum::kFloat32 ? 4 : 2), size_t{0});
      }
    }
  }

  // Sent so far + residual = gradients so far, where there is a residual. Momentum adds to the gradients.
  void whatIsNotSentIsKept_data() {
    QTest::addColumn<QByteArray>("spec");
    for (Json spec : AllCodecs()) {
      for (Json* one : spec.is_array() ? Elements(spec) : std::vector<Json*>{&spec})
        for (const ParamSpec& param :
             Registry::Global().Find("gradient-codec", (*one)["kind"].get<std::string>())->params)
          if (param.name == "momentum") (*one)["momentum"] = 0;
      const std::unique_ptr<Codec> codec = MakeCodec(spec).value();
      Bytes payload;
      QVERIFY(codec->Encode(MakeGradient("normal", 100, 1), 0, payload).ok());
      // What these owe is told apart in feedback_wrapper_test.
      const Json first = spec.is_array() ? spec[0] : spec;
      const bool owes_more = first["kind"] == "momentum-correction" || first.value("variant", "ef") != "ef";
      if (codec->ResidualNormSquared() > 0 && !owes_more)
        QTest::newRow(spec.dump().c_str()) << QByteArray(spec.dump().c_str());
    }
  }
  void whatIsNotSentIsKept() {
    constexpr int kSteps = 20;
    const std::unique_ptr<Codec> codec = CodecOfRow();
    std::vector<double> owed(2000);
    std::vector<float> decoded(owed.size());
    Bytes payload;
    double gradients_squared = 0;
    for (int step = 0; step < kSteps; ++step) {
      const std::vector<float> gradient = MakeGradient("normal", 2000, static_cast<uint64_t>(step));
      QVERIFY(codec->Encode(gradient, step, payload).ok());
      QVERIFY(codec->Decode(payload, decoded).ok());
      for (size_t i = 0; i < owed.size(); ++i) owed[i] += static_cast<double>(gradient[i]) - decoded[i];
      gradients_squared += NormSquared(gradient);
    }
    double owed_squared = 0;
    for (const double value : owed) owed_squared += value * value;
    // Each of the steps rounds x = g + e once: 2^-24 of its size.
    const double tolerance = kSteps * std::ldexp(1, -24) * (gradients_squared + owed_squared);
    QVERIFY2(std::abs(owed_squared - codec->ResidualNormSquared()) <= tolerance,
             qPrintable(QString("%1 owed, %2 kept").arg(owed_squared).arg(codec->ResidualNormSquared())));
    // The residual itself is what is owed, element by element.
    const std::span<const float> residual = codec->residual();
    QCOMPARE(residual.size(), owed.size());
    double apart_squared = 0;
    for (size_t i = 0; i < owed.size(); ++i)
      apart_squared += (owed[i] - residual[i]) * (owed[i] - residual[i]);
    QVERIFY2(apart_squared <= kSteps * std::ldexp(1, -40) * (gradients_squared + owed_squared),
             qPrintable(QString("%1 apart").arg(apart_squared)));
  }
};

CONCERTINA_TEST(CodecPropertiesTest)

}  // namespace concertina::codec_properties_test

#include "codec_properties_test.moc"
