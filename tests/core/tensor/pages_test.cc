// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pages_test.cc: memory that goes back to the system, and what must not go with it.
#include "core/tensor/pages.h"

#include <QTest>
#include <algorithm>

#include "core/tensor/float_buffer.h"
#include "tests/test_program.h"

namespace concertina::pages_test {

class PagesTest : public QObject {
  Q_OBJECT
 private slots:
  void wholePagesGoBackAndNeighboursStay() {
    constexpr int64_t kFloats = 4 << 20;  // 16 MiB: huge pages, if the kernel has any
    FloatBuffer buffer(kFloats);
    std::ranges::fill(buffer.span(), 1.0F);
    KeepInSmallPages(buffer.span());
    const int64_t before = ResidentBytes(buffer.span());
    QVERIFY(before >= kFloats * 4);
    const size_t first = 1000, count = 2'000'000;  // neither on the border of a page
    GiveBackPages(buffer.span().subspan(first, count));
    QVERIFY(ResidentBytes(buffer.span()) <= before - static_cast<int64_t>(count) * 4 + 3 * 4096);
    for (size_t i = 0; i < first; ++i) QCOMPARE(buffer.data()[i], 1.0F);
    for (size_t i = first + count; i < static_cast<size_t>(kFloats); ++i)
      if (buffer.data()[i] != 1.0F) QCOMPARE(buffer.data()[i], 1.0F);
    // Written again, it is there again.
    std::ranges::fill(buffer.span().subspan(first, count), 2.0F);
    QVERIFY(ResidentBytes(buffer.span()) >= kFloats * 4);
    QCOMPARE(buffer.data()[first + count / 2], 2.0F);
  }
  void whatIsNotWrittenTakesNoMemory_data() {
    QTest::addColumn<qint64>("floats");
    QTest::newRow("two MiB") << qint64{512 << 10};
    QTest::newRow("and a bit") << qint64{(512 << 10) + 1};
    QTest::newRow("64 MiB") << qint64{16 << 20};
  }
  void whatIsNotWrittenTakesNoMemory() {
    QFETCH(qint64, floats);
    constexpr int64_t kHugePage = 2 << 20;
    for (int round = 0; round < 2; ++round) {  // the second must not get the first one's numbers
      FloatBuffer buffer(floats);
      QCOMPARE(reinterpret_cast<uintptr_t>(buffer.data()) % 64, uintptr_t{0});
      QCOMPARE(ResidentBytes(buffer.span()), int64_t{0});
      FloatBuffer moved(std::move(buffer));
      moved.data()[floats / 2] = 1;
      QVERIFY(ResidentBytes(moved.span()) <= kHugePage);
      QCOMPARE(qint64{std::ranges::count(moved.span(), 0.0F)}, floats - 1);
      std::ranges::fill(moved.span(), 7.0F);
      QVERIFY(ResidentBytes(moved.span()) >= floats * 4);
    }
  }
  void lessThanAPageStays() {
    FloatBuffer buffer(4096);
    std::ranges::fill(buffer.span(), 1.0F);
    GiveBackPages(buffer.span().subspan(1, 1000));
    GiveBackPages(buffer.span().first(0));
    GiveBackPages({});
    QVERIFY(std::ranges::all_of(buffer.span().first(1024), [](float value) { return value == 1.0F; }));
    QCOMPARE(ResidentBytes({}), int64_t{0});
  }
};

CONCERTINA_TEST(PagesTest)

}  // namespace concertina::pages_test

#include "pages_test.moc"
