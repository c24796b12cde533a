// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut_codec_test.cc: one end of a cut, encoded: payloads stay while they are on their way, each micro-batch
// has a codec of its own, and codecs that would mix samples are refused.
#include "core/parallel/cut_codec.h"

#include <QTest>
#include <cstring>
#include <limits>

#include "tests/core/gradient/codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::cut_codec_test {
namespace {

// Sends the first element plus the one that it was given last: a codec that remembers. It says so, or not.
class Remembering : public Codec {
 public:
  explicit Remembering(bool is_residual) : is_residual_(is_residual) {}
  absl::Status Encode(std::span<const float> x, int64_t, std::vector<uint8_t>& payload) override {
    const float sent = x[0] + last_;
    payload.resize(sizeof sent);
    std::memcpy(payload.data(), &sent, sizeof sent);
    last_ = x[0];
    return absl::OkStatus();
  }
  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> x) const override {
    if (payload.size() != sizeof(float)) return absl::DataLossError("not four bytes");
    std::memcpy(x.data(), payload.data(), sizeof(float));
    return absl::OkStatus();
  }
  absl::Status DecodeAdd(std::span<const uint8_t>, std::span<float>) const override {
    return absl::UnimplementedError("not asked for");
  }
  int64_t MaxPayloadBytes(int64_t) const override { return sizeof(float); }
  Sum sum() const override { return Sum::kGathered; }
  double ResidualNormSquared() const override { return is_residual_ ? double{last_} * last_ : 0; }
  void SaveState(std::vector<uint8_t>& state) const override {
    state.resize(sizeof last_);
    std::memcpy(state.data(), &last_, sizeof last_);
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    if (state.size() != sizeof last_) return absl::DataLossError("not four bytes");
    std::memcpy(&last_, state.data(), sizeof last_);
    return absl::OkStatus();
  }
  absl::Status Change(const Params&) override { return absl::FailedPreconditionError("it has no knob"); }

 private:
  const bool is_residual_;
  float last_ = 0;
};

REGISTER_COMPONENT(Codec, Descriptor({.category = "gradient-codec", .kind = "fake-residual"}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Codec>> {
                     return std::make_unique<Remembering>(true);
                   });
REGISTER_COMPONENT(Codec, Descriptor({.category = "gradient-codec", .kind = "fake-state"}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Codec>> {
                     return std::make_unique<Remembering>(false);
                   });

Params ParamsOf(const Json& codec) {
  std::vector<Fault> faults;
  return Registry::Global().Check("gradient-codec", codec, "", faults);
}

std::unique_ptr<CutCodec> Make(const char* kind, int micro_batches, int payloads, int64_t floats) {
  return CutCodec::Create(
             [kind] {
               return MakeCodec(Json{{"kind", kind}});
             },
             micro_batches, payloads, floats)
      .value();
}

// What the other end takes.
void Deliver(std::span<const std::byte> bytes, CutCodec& to) {
  const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
  to.received().assign(first, first + bytes.size());
}

}  // namespace

class CutCodecTest : public QObject {
  Q_OBJECT

 private slots:
  void onlyCodecsThatForgetFit() {
    int fit = 0, refused = 0;
    for (const Json& codec : AllCodecs()) {
      if (codec.is_array()) continue;  // a cut takes one codec
      const absl::Status fits = FitsACut(ParamsOf(codec));
      const bool remembers = codec["kind"] == "fake-residual" || codec["kind"] == "dgc" ||
                             ParamsOf(codec).json().value("error_feedback", false);
      QVERIFY2(fits.ok() != remembers, codec.dump().c_str());
      (fits.ok() ? fit : refused) += 1;
      if (remembers) QCOMPARE(fits.code(), absl::StatusCode::kInvalidArgument);
    }
    QVERIFY(fit >= 3);
    QVERIFY(refused >= 2);
    const std::string why(FitsACut(ParamsOf({{"kind", "top-k"}})).message());
    QVERIFY2(why.find("would be added to another's, which is of other samples") != std::string::npos,
             why.c_str());
  }

  void payloadsOnTheirWayStayAsTheyAre() {
    const auto from = Make("fp16", 4, 2, 3), to = Make("fp16", 4, 1, 3);
    const std::vector<float> first = {1, -2, 0.5F}, second = {4, 8, -16}, third = {0, 0, 1};
    const auto one = from->Encode(0, 0, first, 0).value(), two = from->Encode(1, 1, second, 0).value();
    QCOMPARE(one.size(), size_t{6});
    QCOMPARE(from->max_bytes(), size_t{6});
    std::vector<float> got(3);
    Deliver(one, *to);
    QVERIFY(to->Decode(0, got).ok());
    QVERIFY(got == first);
    const auto three = from->Encode(2, 0, third, 0).value();
    QVERIFY(three.data() == one.data());  // memory is used again
    Deliver(two, *to);
    QVERIFY(to->Decode(1, got).ok());
    QVERIFY(got == second);
    QVERIFY(from->memory_bytes() >= 12);
  }

  void eachMicroBatchHasACodecOfItsOwn() {
    const auto cut = Make("fake-state", 2, 1, 1), other = Make("fake-state", 2, 1, 1);
    const auto sent = [](CutCodec& by, int micro_batch, float x) {
      Deliver(by.Encode(micro_batch, 0, std::span(&x, 1), 0).value(), by);
      float got = 0;
      return by.Decode(micro_batch, std::span(&got, 1)).ok() ? got : -1;
    };
    QCOMPARE(sent(*cut, 0, 1), 1.0F);
    QCOMPARE(sent(*cut, 1, 10), 10.0F);
    QCOMPARE(sent(*cut, 0, 2), 3.0F);
    // A checkpoint goes on from there, and leaves what is behind it to others.
    std::vector<uint8_t> state = {9};
    cut->SaveState(state);
    state.push_back(7);
    std::span<const uint8_t> rest = std::span(state).subspan(1);
    QVERIFY(other->TakeState(rest).ok());
    QCOMPARE(rest.size(), size_t{1});
    QCOMPARE(rest[0], uint8_t{7});
    for (CutCodec* one : {cut.get(), other.get()}) {
      QCOMPARE(sent(*one, 0, 0), 2.0F);
      QCOMPARE(sent(*one, 1, 0), 10.0F);
    }
    std::span<const uint8_t> cut_off = std::span(state).first(state.size() - 3);
    cut_off = cut_off.subspan(1);
    QCOMPARE(other->TakeState(cut_off).code(), absl::StatusCode::kDataLoss);
  }

  void knobsReachEveryCodec() {
    const Json sparse = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}};
    const auto cut = CutCodec::Create([&] { return MakeCodec(sparse); }, 3, 1, 100).value();
    QCOMPARE(cut->max_bytes(), size_t{4 + 8 * 10});
    Json more = sparse;
    more["ratio"] = 0.2;
    QVERIFY(cut->Change(ParamsOf(more)).ok());
    QCOMPARE(cut->max_bytes(), size_t{4 + 8 * 20});
    const std::vector<float> x(100, 1.0F);
    for (int m = 0; m < 3; ++m) QCOMPARE(cut->Encode(m, 0, x, 0)->size(), size_t{4 + 8 * 20});
    QCOMPARE(Make("fake-state", 1, 1, 1)->Change(ParamsOf({{"kind", "fake-state"}})).code(),
             absl::StatusCode::kFailedPrecondition);
  }

  void whatIsWrongIsSaid() {
    const auto cut = Make("fp16", 1, 1, 2);
    const std::vector<float> bad = {1, std::numeric_limits<float>::infinity()};
    const absl::Status status = cut->Encode(0, 0, bad, 17).status();
    QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY2(std::string(status.message()).find("at step 17") != std::string::npos,
             std::string(status.message()).c_str());
    cut->received() = {1, 2, 3};
    std::vector<float> got(2);
    QCOMPARE(cut->Decode(0, got).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(CutCodec::Create(
                 [] {
                   return MakeCodec(Json{{"kind", "nothing"}});
                 },
                 1, 1, 1)
                 .status()
                 .code(),
             absl::StatusCode::kInvalidArgument);
  }
};

CONCERTINA_TEST(CutCodecTest)

}  // namespace concertina::cut_codec_test

#include "cut_codec_test.moc"
