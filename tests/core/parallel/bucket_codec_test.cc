// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket_codec_test.cc: which matrices a codec is told of.
#include "core/parallel/bucket_codec.h"

#include <QTest>

#include "core/base/registry.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::bucket_codec_test {

class BucketCodecTest : public QObject {
  Q_OBJECT

  static std::vector<ParameterSlot> Layout() {
    return {{.name = "conv", .shape = {6, 3, 5, 5}, .offset = 0, .count = 450},
            {.name = "bias", .shape = {6}, .offset = 450, .count = 6},
            {.name = "dense", .shape = {10, 20}, .offset = 456, .count = 200},
            {.name = "none", .shape = {0, 4}, .offset = 656, .count = 0},
            {.name = "scale", .shape = {}, .offset = 656, .count = 1}};
  }

 private slots:
  void matricesAreThoseOfTheRange_data() {
    QTest::addColumn<int>("offset");
    QTest::addColumn<int>("count");
    QTest::addColumn<QList<int>>("expected");  // offset, rows, columns of each
    using L = QList<int>;
    QTest::newRow("all: a convolution is its channels x the rest") << 0 << 657 << L{0, 6, 75, 456, 10, 20};
    QTest::newRow("one bucket of two") << 450 << 207 << L{6, 10, 20};
    QTest::newRow("vectors only") << 450 << 6 << L{};
    QTest::newRow("whole rows of a matrix that is cut at its end") << 0 << 300 << L{0, 4, 75};
    QTest::newRow("and within a row at both ends") << 70 << 450 << L{5, 5, 75, 386, 3, 20};
    QTest::newRow("less than a row") << 80 << 60 << L{};
    QTest::newRow("beyond") << 656 << 1 << L{};
  }
  void matricesAreThoseOfTheRange() {
    QFETCH(int, offset);
    QFETCH(int, count);
    QFETCH(QList<int>, expected);
    QList<int> found;
    for (const Matrix& m : MatricesWithin(Layout(), offset, count))
      found << static_cast<int>(m.offset) << static_cast<int>(m.rows) << static_cast<int>(m.columns);
    QCOMPARE(found, expected);
  }

  void theCodecKnowsThem() {
    const std::vector<ParameterSlot> layout = Layout();
    ExchangeContext context;
    context.layout = &layout;
    std::vector<Fault> faults;
    const Params params =
        Registry::Global().Check("gradient-codec", {{"kind", "powersgd"}, {"rank", 1}}, "", faults);
    context.make_codec = [&] { return Registry::Global().Create<Codec>("gradient-codec", params); };
    const auto codec = MakeBucketCodec(context, 0, 657);
    QVERIFY(codec.ok());
    QCOMPARE((*codec)->MaxPayloadBytes(657), int64_t{4} * (6 + 75 + 10 + 20 + 6 + 1));
    context.make_codec = []() -> absl::StatusOr<std::unique_ptr<Codec>> {
      return absl::InternalError("none");
    };
    QVERIFY(!MakeBucketCodec(context, 0, 657).ok());
  }
};

CONCERTINA_TEST(BucketCodecTest)

}  // namespace concertina::bucket_codec_test

#include "bucket_codec_test.moc"
