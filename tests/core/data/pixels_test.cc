// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pixels_test.cc: conversions are exact, for every value and every length.
#include "core/data/pixels.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <vector>
#include "tests/test_program.h"

namespace concertina::pixels_test {
namespace {

// QCOMPARE takes floats for equal that are only near.
void SameBits(float found, float wanted) {
  QCOMPARE(std::bit_cast<uint32_t>(found), std::bit_cast<uint32_t>(wanted));
}

}  // namespace

class PixelsTest : public QObject {
  Q_OBJECT
 private slots:
  void everyPixelIsDividedBy255WithOneRounding() {
    std::vector<uint8_t> pixels(256);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i);
    std::vector<float> floats(pixels.size());
    PixelsToFloats(pixels.data(), pixels.size(), floats.data());
    for (size_t i = 0; i < pixels.size(); ++i) SameBits(floats[i], static_cast<float>(i) / 255.0F);
  }

  void anyLengthIsConvertedAndNothingBeyondIt() {
    std::vector<uint8_t> pixels(200);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(255 - i);
    for (size_t count = 0; count < pixels.size(); ++count) {
      std::vector<float> floats(count + 1, -7);
      PixelsToFloats(pixels.data(), count, floats.data());
      for (size_t i = 0; i < count; ++i) SameBits(floats[i], static_cast<float>(pixels[i]) / 255.0F);
      SameBits(floats[count], -7.0F);
    }
  }

  void bigEndianFloatsKeepTheirBits() {
    std::vector<float> wanted;
    for (int i = 0; i < 77; ++i) wanted.push_back(std::ldexp(static_cast<float>(i) - 38.5F, i - 40));
    std::vector<uint32_t> stored;
    for (const float x : wanted) stored.push_back(__builtin_bswap32(std::bit_cast<uint32_t>(x)));
    for (size_t count = 0; count <= wanted.size(); ++count) {
      std::vector<float> floats(count + 1, -7);
      BigEndianToFloats(reinterpret_cast<const uint8_t*>(stored.data()), count, floats.data());
      for (size_t i = 0; i < count; ++i) SameBits(floats[i], wanted[i]);
      SameBits(floats[count], -7.0F);
    }
  }
};

CONCERTINA_TEST(PixelsTest)

}  // namespace concertina::pixels_test

#include "pixels_test.moc"
