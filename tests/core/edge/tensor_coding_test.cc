// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_coding_test.cc: every bit of every tensor comes back, in the coding and about the size that one
// expects.
#include "core/edge/tensor_coding.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::tensor_coding_test {
namespace {

struct Sample {
  std::vector<float> values;
  Shape shape;
  std::optional<Quantization> grid;

  const Quantization* the_grid() const { return grid ? &*grid : nullptr; }
};

Sample Flat(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return {.values = std::move(values), .shape = {count}, .grid = {}};
}

template <class Draw>
Sample Drawn(Shape shape, Draw draw) {
  Sample sample{
      .values = std::vector<float>(static_cast<size_t>(ElementCount(shape))), .shape = shape, .grid = {}};
  Rng rng(7, "tensor");
  for (size_t i = 0; i < sample.values.size(); ++i) sample.values[i] = draw(rng, i);
  return sample;
}

float Normal(Rng& rng) { return static_cast<float>(rng.Normal()); }

// 32 values that no narrow float has.
float Entry(uint64_t i) { return 0.01F + 0.037F * static_cast<float>(i); }

Sample Pruned() {
  return Drawn({60, 784}, [](Rng& rng, size_t) { return rng.Uniform() < .92 ? 0 : Entry(rng.Below(32)); });
}

// A quarter of the columns, here and there, is alive: what a first layer on MNIST looks like.
Sample DeadColumns() {
  return Drawn({300, 784}, [](Rng& rng, size_t i) {
    const bool is_alive = Rng(9, "column", i % 784).Below(4) == 0;
    return !is_alive || rng.Uniform() < .68 ? 0 : Entry(rng.Below(32));
  });
}

Sample OnGrid(Shape shape, Quantization grid, double spread) {
  const auto each = static_cast<size_t>(ElementCount(shape)) / grid.scales.size();
  const int most = (1 << (grid.is_signed ? grid.bits - 1 : grid.bits)) - 1;
  const int least = grid.is_signed ? -most : 0;
  Sample sample = Drawn(shape, [&](Rng& rng, size_t i) {
    int q = std::min(most, std::max(least, static_cast<int>(std::lround(rng.Normal() * spread))));
    if (grid.bits == 1 && grid.is_signed) q = rng.Below(2) == 0 ? -1 : 1;
    return grid.scales[i / each] * static_cast<float>(q - grid.zero_point);
  });
  sample.grid = std::move(grid);
  return sample;
}

std::vector<float> ScalesOf(size_t count) {
  Rng rng(8, "scales");
  std::vector<float> scales;
  for (size_t i = 0; i < count; ++i) scales.push_back(static_cast<float>(std::exp(rng.Normal())));
  return scales;
}

Sample WithBits(Sample sample, size_t at, uint32_t bits) {
  std::memcpy(&sample.values[at], &bits, sizeof bits);
  return sample;
}

std::map<std::string, Sample> Samples() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::map<std::string, Sample> all;
  all["normal"] = Drawn({40, 50}, [](Rng& rng, size_t) { return Normal(rng); });
  all["all zero"] = {.values = std::vector<float>(5000), .shape = {50, 100}, .grid = {}};
  all["all minus zero"] = Flat(std::vector<float>(500, -0.0F));
  all["one value"] = Flat(std::vector<float>(777, 0.3F));
  all["empty"] = {.values = {}, .shape = {0, 4}, .grid = {}};
  all["scalar"] = {.values = {0.1F}, .shape = {}, .grid = {}};
  all["one zero"] = Flat({0});
  all["pruned"] = Pruned();
  all["dead columns"] = DeadColumns();
  all["a few nonzeros"] =
      Drawn({100, 100}, [](Rng& rng, size_t) { return rng.Below(1000) == 0 ? Normal(rng) : 0; });
  all["sparse without a pattern"] =
      Drawn({300, 100}, [](Rng& rng, size_t) { return rng.Uniform() < .9 ? 0 : Normal(rng); });
  all["half zeros"] = Drawn({50, 40}, [](Rng& rng, size_t) { return rng.Below(2) == 0 ? Normal(rng) : 0; });
  all["a convolution"] =
      Drawn({20, 3, 5, 5}, [](Rng& rng, size_t) { return rng.Uniform() < .7 ? 0 : Entry(rng.Below(16)); });
  all["halves"] =
      Drawn({20, 30}, [](Rng& rng, size_t) { return static_cast<float>(rng.Below(2048)) * 0x1p-24F; });
  all["bfloat16"] = Drawn({500}, [](Rng& rng, size_t) {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(Normal(rng) * 1e20F) & 0xffff0000U);
  });
  all["256 values"] = Drawn({3000}, [](Rng& rng, size_t) { return Entry(rng.Below(256)); });
  all["257 values"] = Drawn({3000}, [](Rng&, size_t i) { return Entry(i % 257); });
  all["specials"] = WithBits(Flat({0, -0.0F, kInfinity, -kInfinity, 1e-45F, -3e38F, 1, 0.1F}), 6, 0x7f812345);
  all["specials among many"] =
      WithBits(WithBits(WithBits(Pruned(), 5, 0xffc00001), 9, 0x80000000), 500, 0x7f800001);
  all["specials in halves"] =
      WithBits(Flat({kInfinity, 0x1p-24F, 65504, -0.0F, 1, 0x1.ff8p-15F}), 4, 0x7f802000);
  all["ternary"] = OnGrid({100, 60}, {.bits = 2, .scales = {0.137F}}, .7);
  all["binary"] = OnGrid({100, 60}, {.bits = 1, .scales = {0.137F}}, 1);
  all["binary, unsigned"] = OnGrid({100, 60}, {.bits = 1, .is_signed = false, .scales = {0.137F}}, 1);
  all["int4"] = OnGrid({30, 50}, {.bits = 4, .scales = {1e-3F}}, 3);
  all["int8 per channel"] = OnGrid({50, 100}, {.bits = 8, .scales = ScalesOf(50)}, 40);
  all["uint8 with a zero point"] =
      OnGrid({50, 100}, {.bits = 8, .is_signed = false, .scales = ScalesOf(50), .zero_point = 7}, 40);
  all["int8 per channel, sparse"] = OnGrid({50, 100}, {.bits = 8, .scales = ScalesOf(50)}, .25);
  all["int12"] = OnGrid({50, 100}, {.bits = 12, .scales = {0.3F}}, 300);
  all["int16"] = OnGrid({50, 100}, {.bits = 16, .scales = {0.3F}}, 9000);
  all["a channel of scale 0"] = OnGrid({3, 40}, {.bits = 8, .scales = {0.1F, 0, 0.2F}}, 40);
  all["a scale below the normal floats"] = OnGrid({3, 40}, {.bits = 8, .scales = {3e-45F}}, 40);
  all["a vector with a scale each"] = OnGrid({40}, {.bits = 8, .scales = ScalesOf(40)}, 40);
  Sample minus_zero = OnGrid({30, 50}, {.bits = 4, .scales = {1e-3F}}, 3);
  minus_zero.values[7] = -0.0F;
  all["minus zero on a grid"] = minus_zero;
  return all;
}

bool IsSame(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

double OrderZeroBytes(std::span<const float> values) {
  std::map<uint32_t, double> counts;
  for (const float value : values) ++counts[std::bit_cast<uint32_t>(value)];
  double bits = 0;
  for (const auto& [value, count] : counts)
    bits -= count * std::log2(count / static_cast<double>(values.size()));
  return bits / 8;
}

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

}  // namespace

class TensorCodingTest : public QObject {
  Q_OBJECT

  const std::map<std::string, Sample> samples_ = Samples();

  EncodedTensor Encoded(const std::string& name) const {
    const Sample& sample = samples_.at(name);
    auto encoded = EncodeTensor(sample.values, sample.shape, sample.the_grid());
    if (!encoded.ok()) qFatal("%s", std::string(encoded.status().message()).c_str());
    return *std::move(encoded);
  }

 private slots:
  void everyBitComesBack_data() {
    QTest::addColumn<QString>("name");
    for (const auto& [name, sample] : samples_) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
  void everyBitComesBack() {
    QFETCH(QString, name);
    const Sample& sample = samples_.at(name.toStdString());
    const auto encoded = EncodeTensor(sample.values, sample.shape, sample.the_grid());
    QVERIFY2(encoded.ok(), qPrintable(Message(encoded.status())));
    const auto decoded = DecodeTensor(encoded->bytes, sample.shape, sample.the_grid());
    QVERIFY2(decoded.ok(), qPrintable(Message(decoded.status())));
    QVERIFY2(IsSame(decoded->values, sample.values), encoded->coding.c_str());
    QCOMPARE(decoded->coding, encoded->coding);
    QVERIFY(encoded->bytes.size() <= 1 + 4 * sample.values.size());  // never more than raw, and a byte
  }

  void theCodingIsTheOneThatFits_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("coding");
    QTest::newRow("normal") << "normal"
                            << "float32";
    QTest::newRow("all zero") << "all zero"
                              << "one value";
    QTest::newRow("one value") << "one value"
                               << "one value";
    QTest::newRow("halves") << "halves"
                            << "float16";
    QTest::newRow("bfloat16") << "bfloat16"
                              << "bfloat16";
    QTest::newRow("256 values") << "256 values"
                                << "8-bit codebook";
    QTest::newRow("257 values") << "257 values"
                                << "float32";
    QTest::newRow("pruned") << "pruned"
                            << "sparse, 5-bit codebook";
    QTest::newRow("half zeros") << "half zeros"
                                << "sparse, float32";
    QTest::newRow("binary") << "binary"
                            << "int1";
    QTest::newRow("int8 per channel") << "int8 per channel"
                                      << "int8, Huffman-coded";
    QTest::newRow("int16") << "int16"
                           << "int16";
    QTest::newRow("uint8") << "uint8 with a zero point"
                           << "uint8, Huffman-coded";
    QTest::newRow("sparse int8") << "int8 per channel, sparse"
                                 << "sparse, int8, arithmetic-coded";
    QTest::newRow("minus zero") << "minus zero on a grid"
                                << "4-bit codebook, Huffman-coded";
  }
  void theCodingIsTheOneThatFits() {
    QFETCH(QString, name);
    QFETCH(QString, coding);
    QCOMPARE(QString::fromStdString(Encoded(name.toStdString()).coding), coding);
  }

  // Without a pattern nothing can be below the entropy of the distribution, and the tables are all that is
  // above.
  void theSizeIsNearTheEntropy_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("table_bytes");
    QTest::newRow("pruned") << "pruned" << 32 * 4;
    QTest::newRow("ternary") << "ternary" << 0;
    QTest::newRow("binary") << "binary" << 0;
    QTest::newRow("int4") << "int4" << 8;
    QTest::newRow("256 values") << "256 values" << 256 * 4;
  }
  void theSizeIsNearTheEntropy() {
    QFETCH(QString, name);
    QFETCH(int, table_bytes);
    const double entropy = OrderZeroBytes(samples_.at(name.toStdString()).values);
    const auto found = static_cast<double>(Encoded(name.toStdString()).bytes.size());
    QVERIFY2(found <= 1.02 * entropy + table_bytes + 16,
             qPrintable(QString("%1, entropy %2").arg(found).arg(entropy)));
    QVERIFY(found > 0.98 * entropy);
  }

  // Of the mask's 8 % of ones three quarters of the columns have none: that is worth H(.08) - H(.32)/4 = 0.18
  // bits an element, of which the models shall find 90 %.
  void deadColumnsTakeAlmostNothing() {
    const Sample& sample = samples_.at("dead columns");
    const double entropy = OrderZeroBytes(sample.values);
    const auto h = [](double p) { return -p * std::log2(p) - (1 - p) * std::log2(1 - p); };
    const double worth = (h(.08) - h(.32) / 4) * static_cast<double>(sample.values.size()) / 8;
    const auto found = static_cast<double>(Encoded("dead columns").bytes.size());
    QVERIFY2(found < entropy - .9 * worth,
             qPrintable(QString("%1, entropy %2, worth %3").arg(found).arg(entropy).arg(worth)));
  }

  void smallTensorsHaveNoOverhead() {
    QCOMPARE(Encoded("empty").bytes.size(), size_t{1});
    QCOMPARE(Encoded("scalar").bytes.size(), size_t{5});
    QCOMPARE(Encoded("one zero").bytes.size(), size_t{3});
    QCOMPARE(Encoded("all zero").bytes.size(), size_t{4});
    QCOMPARE(Encoded("one value").bytes.size(), size_t{6});
  }

  void valuesBesideTheirGridAreNamed() {
    const Quantization grid{.bits = 2, .scales = {0.5F}};
    for (const float wrong : {0.25F, 1.0F, std::numeric_limits<float>::quiet_NaN(), HUGE_VALF}) {
      const absl::Status status = EncodeTensor(std::vector<float>{0.5F, wrong, 0}, {3}, &grid).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(Message(status).startsWith("element 1 is "), qPrintable(Message(status)));
    }
    QVERIFY(EncodeTensor(std::vector<float>{0.5F, -0.5F, 0}, {3}, &grid).ok());
    const Quantization one_bit{.bits = 1, .scales = {0.5F}};
    QVERIFY(!EncodeTensor(std::vector<float>{0.5F, -0.5F, 0}, {3}, &one_bit).ok());
  }

  void gridsThatAreNoneAreRefused_data() {
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("scales");
    QTest::addColumn<double>("scale");
    QTest::newRow("no bits") << 0 << 1 << .5;
    QTest::newRow("too many bits") << 17 << 1 << .5;
    QTest::newRow("no scales") << 8 << 0 << .5;
    QTest::newRow("too few scales") << 8 << 2 << .5;
    QTest::newRow("not a number") << 8 << 3 << std::nan("");
    QTest::newRow("infinite") << 8 << 1 << HUGE_VAL;
  }
  void gridsThatAreNoneAreRefused() {
    QFETCH(int, bits);
    QFETCH(int, scales);
    QFETCH(double, scale);
    const Quantization grid{
        .bits = bits, .scales = std::vector<float>(static_cast<size_t>(scales), static_cast<float>(scale))};
    QCOMPARE(EncodeTensor(std::vector<float>(6), {3, 2}, &grid).status().code(),
             absl::StatusCode::kInvalidArgument);
  }

  void anotherNumberOfValuesIsRefused() {
    QCOMPARE(EncodeTensor(std::vector<float>(5), {3, 2}, nullptr).status().code(),
             absl::StatusCode::kInvalidArgument);
  }

  // What the bytes are cut to is refused, or decodes to as many values: an arithmetic code that is cut by a
  // few bytes can not be told from another. The file's CRC tells.
  void damageDoesNoHarm_data() { everyBitComesBack_data(); }
  void damageDoesNoHarm() {
    QFETCH(QString, name);
    const Sample& sample = samples_.at(name.toStdString());
    const std::vector<uint8_t> bytes = Encoded(name.toStdString()).bytes;
    Rng rng(9, "damage");
    int refused = 0;
    constexpr int kRounds = 30;
    for (int i = 0; i < kRounds; ++i) {
      const auto cut = std::span(bytes).first(
          i < 8 ? std::min<size_t>(static_cast<size_t>(i), bytes.size() - 1) : rng.Below(bytes.size()));
      refused += !DecodeTensor(cut, sample.shape, sample.the_grid()).ok();
      auto flipped = bytes;
      flipped[i < kRounds / 2 ? rng.Below(std::min<size_t>(8, bytes.size())) : rng.Below(bytes.size())] ^=
          static_cast<uint8_t>(1 + rng.Below(255));
      const auto decoded = DecodeTensor(flipped, sample.shape, sample.the_grid());
      if (decoded.ok()) QCOMPARE(decoded->values.size(), sample.values.size());
    }
    QVERIFY2(refused >= kRounds / 2, qPrintable(QString::number(refused)));
    auto longer = bytes;
    longer.insert(longer.end(), 5, 0);
    QCOMPARE(DecodeTensor(longer, sample.shape, sample.the_grid()).status().code(),
             absl::StatusCode::kDataLoss);
  }

  void bytesThatLieAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    // Eight elements, no grid. coding = place | kind << 2 | code << 5
    QTest::newRow("nothing") << QByteArray() << "ends within its coding";
    QTest::newRow("a kind that there is not") << QByteArray(1, 7 << 2) << "found coding 28";
    QTest::newRow("a code that there is not") << QByteArray(1, char(3 << 5 | 4 << 2)) << "which there is not";
    QTest::newRow("floats with a code") << QByteArray(1, 1 << 5) << "which there is not";
    QTest::newRow("a grid without one") << QByteArray(1, 3 << 2) << "it has none";
    QTest::newRow("too few floats") << QByteArray(1 + 31, 0) << "found 31 bytes of floats, expected 32";
    QTest::newRow("no codebook") << QByteArray(1, 4 << 2) << "ends within its codebook";
    QTest::newRow("half a codebook") << QByteArray("\x10\x01\0\0\0\0", 6) << "ends within its codebook";
    QTest::newRow("more nonzeros than elements") << QByteArray("\x01\x09\xff", 3) << "found 9 nonzeros";
    QTest::newRow("a huge count") << QByteArray("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)
                                  << "nonzeros";
    QTest::newRow("a bitmap of others") << QByteArray("\x01\x02\x07", 3) << "not the 2 nonzeros";
    QTest::newRow("a bitmap of fewer") << QByteArray("\x01\x02\x01", 3) << "not the 2 nonzeros";
    QTest::newRow("a mask beyond the end") << QByteArray("\x02\x01\x7f", 3) << "ends within its mask";
    QTest::newRow("gaps of no width") << QByteArray("\x03\x01\x00\x01\x01\x00", 6) << "found gaps of 0 bits";
    QTest::newRow("more gaps than fit") << QByteArray("\x03\x01\x04\x7f\x01\x00", 6) << "found 127 gaps";
    QTest::newRow("gaps beyond the end")
        << QByteArray("\x03\x01\x04\x01\x01\x09", 6) << "beyond the tensor's end";
    QTest::newRow("a symbol beyond the alphabet")
        << QByteArray("\x14\x02\0\0\0\x3c\0\x40\xff\xff", 10) << "found symbol 3 of an alphabet of 3";
  }
  void bytesThatLieAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const absl::Status status =
        DecodeTensor({reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<size_t>(bytes.size())},
                     {2, 4}, nullptr)
            .status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }
};

CONCERTINA_TEST(TensorCodingTest)

}  // namespace concertina::tensor_coding_test

#include "tensor_coding_test.moc"
