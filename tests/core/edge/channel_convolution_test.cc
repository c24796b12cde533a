// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// channel_convolution_test.cc: a convolution gives the same bits whichever of pixels and channels lie along a
// vector, and they are those of its definition.
#include <QTest>
#include <bit>
#include <cmath>

#include "core/base/rng.h"
#include "core/edge/kernels.h"
#include "tests/test_program.h"

namespace concertina::channel_convolution_test {
namespace {

using edge::ConvolutionShape;

std::vector<float> Drawn(Rng& rng, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.Uniform(-1, 1));
  return values;
}

std::vector<uint32_t> BitsOf(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

// Sums in the order of the taps: `fused` as most processors have it, or each product rounded first.
std::vector<float> ByDefinition(const ConvolutionShape& s, const std::vector<float>& weight,
                                const std::vector<float>& x, const float* bias, bool rectifies, bool fused) {
  std::vector<float> y;
  for (int64_t o = 0; o < s.out_channels; ++o)
    for (int64_t row = 0; row < s.out_height; ++row)
      for (int64_t column = 0; column < s.out_width; ++column) {
        float sum = bias == nullptr ? 0 : bias[o];
        for (int64_t c = 0; c < s.in_channels; ++c)
          for (int64_t i = 0; i < s.kernel_height; ++i)
            for (int64_t j = 0; j < s.kernel_width; ++j) {
              const int64_t at_row = row * s.stride + i - s.padding, at = column * s.stride + j - s.padding;
              const bool is_inside = at_row >= 0 && at >= 0 && at_row < s.height && at < s.width;
              const float pixel =
                  is_inside ? x[static_cast<size_t>((c * s.height + at_row) * s.width + at)] : 0;
              const float w = weight[static_cast<size_t>(
                  ((o * s.in_channels + c) * s.kernel_height + i) * s.kernel_width + j)];
              if (fused) {
                sum = std::fma(w, pixel, sum);
              } else {
                const volatile float product = w * pixel;  // rounded, whatever the compiler would join
                sum += product;
              }
            }
        y.push_back(rectifies ? std::max(sum, 0.0F) : sum);
      }
  return y;
}

}  // namespace

class ChannelConvolutionTest : public QObject {
  Q_OBJECT
 private slots:
  void givesTheBitsOfItsDefinition_data() {
    QTest::addColumn<int>("inputs");
    QTest::addColumn<int>("outputs");
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("padding");
    // Whole and partial vectors and blocks of channels, on every instruction set.
    for (const int outputs : {1, 3, 7, 8, 9, 16, 17, 25, 33})
      for (const int inputs : {1, 3, 8})
        QTest::addRow("%d to %d channels", inputs, outputs) << inputs << outputs << 6 << 7 << 3 << 1 << 1;
    // Whole and partial tiles and panels of pixels.
    for (const int side : {1, 2, 3, 4, 5, 7, 9, 10, 13, 14, 28})
      QTest::addRow("images of %d", side) << 3 << 10 << side << side << 3 << 1 << 1;
    for (const int stride : {1, 2, 3})
      for (const int padding : {0, 1, 2})
        for (const int kernel : {1, 3, 5})
          QTest::addRow("%d x %d, stride %d, padding %d", kernel, kernel, stride, padding)
              << 4 << 18 << 11 << 8 << kernel << stride << padding;
    QTest::newRow("wide") << 2 << 9 << 3 << 41 << 3 << 2 << 1;
    QTest::newRow("high") << 2 << 9 << 41 << 3 << 3 << 2 << 1;
    QTest::newRow("larger than the image") << 2 << 3 << 2 << 2 << 4 << 1 << 1;
    QTest::newRow("ResNet-20's third stage") << 64 << 64 << 7 << 7 << 3 << 1 << 1;
  }
  void givesTheBitsOfItsDefinition() {
    QFETCH(int, inputs);
    QFETCH(int, outputs);
    QFETCH(int, height);
    QFETCH(int, width);
    QFETCH(int, kernel);
    QFETCH(int, stride);
    QFETCH(int, padding);
    const ConvolutionShape shape{.in_channels = inputs,
                                 .height = height,
                                 .width = width,
                                 .kernel_height = kernel,
                                 .kernel_width = kernel,
                                 .stride = stride,
                                 .padding = padding,
                                 .out_channels = outputs,
                                 .out_height = (height + 2 * padding - kernel) / stride + 1,
                                 .out_width = (width + 2 * padding - kernel) / stride + 1};
    Rng rng(21, "channels");
    std::vector<float> x = Drawn(rng, inputs * height * width);
    const std::vector<float> weight = Drawn(rng, outputs * inputs * kernel * kernel);
    const std::vector<float> bias = Drawn(rng, outputs);
    const size_t count = static_cast<size_t>(outputs * shape.out_height * shape.out_width);
    const std::vector<float> image = x;
    x.resize(x.size() + edge::kSlack);
    const auto prepare = [&](const ConvolutionShape& s) {
      std::vector<float> prepared(static_cast<size_t>(s.prepared_count(inputs) + edge::kSlack));
      edge::PrepareFloat(s, x.data(), prepared.data());
      return prepared;
    };
    const std::vector<float> padded = prepare(shape.Unstrided()), prepared = prepare(shape);
    const std::vector<int32_t> offsets = edge::TapOffsets(shape.Unstrided()),
                               phased = edge::TapOffsets(shape);
    const std::vector<float> by_channels = edge::PackConvolutionByChannels(weight, shape),
                             by_pixels = edge::PackConvolution(weight, shape);
    for (const bool has_bias : {true, false})
      for (const bool rectifies : {true, false}) {
        const edge::FloatTail tail{.bias = has_bias ? bias.data() : nullptr, .rectifies = rectifies};
        constexpr float kUntouched = 77;
        std::vector<float> y(count + edge::kSlack, kUntouched), other(y);
        edge::ConvolutionByChannels(shape, by_channels.data(), offsets.data(), padded.data(), tail, y.data());
        edge::ConvolutionFloat(shape, by_pixels.data(), phased.data(), prepared.data(), tail, other.data());
        for (size_t i = count; i < y.size(); ++i) QCOMPARE(y[i], kUntouched);
        y.resize(count);
        other.resize(count);
        QCOMPARE(BitsOf(y), BitsOf(other));
        const auto exact = [&](bool fused) {
          return BitsOf(ByDefinition(shape, weight, image, tail.bias, rectifies, fused));
        };
        QVERIFY(BitsOf(y) == exact(true) || BitsOf(y) == exact(false));
      }
  }

  // No vector of seven pixels is full, and 64 channels fill all of theirs; a single channel fills none.
  void isTakenWhereItsVectorsAreFuller() {
    ConvolutionShape shape{.in_channels = 64,
                           .height = 7,
                           .width = 7,
                           .kernel_height = 3,
                           .kernel_width = 3,
                           .padding = 1,
                           .out_channels = 64,
                           .out_height = 7,
                           .out_width = 7};
    const bool has_vectors = edge::ConvolutionRows() > 0 && edge::FavoursChannels(shape);
    if (!has_vectors) QSKIP("this processor has no vectors that gain by it");
    shape.out_channels = 1;
    QVERIFY(!edge::FavoursChannels(shape));
  }
};

CONCERTINA_TEST(ChannelConvolutionTest)

}  // namespace concertina::channel_convolution_test

#include "channel_convolution_test.moc"
