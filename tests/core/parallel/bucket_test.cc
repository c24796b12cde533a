// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket_test.cc: buckets cover every element once, in the order in which gradients get ready.
#include "core/parallel/bucket.h"

#include <QTest>
#include <algorithm>
#include <numeric>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::bucket_test {

class BucketTest : public QObject {
  Q_OBJECT
 private slots:
  void everyElementIsInOneBucket() {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Rng rng(seed, "buckets");
      std::vector<ParameterSlot> layout(1 + rng.Below(12));
      int64_t offset = 0;
      for (ParameterSlot& slot : layout) {
        slot.offset = offset;
        slot.count = static_cast<int64_t>(rng.Below(5000));
        offset += slot.count;
      }
      std::vector<int> order(layout.size());
      std::iota(order.rbegin(), order.rend(), 0);
      for (size_t i = 0; i + 1 < order.size(); i += 2)  // weight before bias, or after
        if (rng.Below(2) == 0) std::swap(order[i], order[i + 1]);
      std::vector<int> covered(static_cast<size_t>(offset)), in_order;
      for (const Bucket& bucket : CutIntoBuckets(layout, order, static_cast<int64_t>(rng.Below(8000)))) {
        for (int64_t i = bucket.offset; i < bucket.offset + bucket.count; ++i)
          ++covered[static_cast<size_t>(i)];
        in_order.insert(in_order.end(), bucket.parameters.begin(), bucket.parameters.end());
      }
      QVERIFY(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
      QVERIFY(in_order == order);
    }
  }
  void bucketsAreAsLargeAsAsked() {
    std::vector<ParameterSlot> layout;
    for (int i = 0; i < 10; ++i)
      layout.push_back({.name = "p", .shape = {}, .offset = 100 * i, .count = 100});
    std::vector<int> order = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    const auto buckets = CutIntoBuckets(layout, order, 1200);  // three parameters of 400 bytes
    QCOMPARE(buckets.size(), size_t{4});
    QCOMPARE(buckets[0].offset, int64_t{700});
    QCOMPARE(buckets[0].count, int64_t{300});
    QCOMPARE(buckets[3].count, int64_t{100});  // what remains
    QCOMPARE(CutIntoBuckets(layout, order, 1 << 30).size(), size_t{1});
  }
  void aHoleIsNeverCutInto() {
    // Order 2, 0, 1: 2 and 0 together are large enough, but 1 is missing between them.
    const std::vector<ParameterSlot> layout = {{"a", {}, 0, 10}, {"b", {}, 10, 10}, {"c", {}, 20, 10}};
    QCOMPARE(CutIntoBuckets(layout, {2, 0, 1}, 80).size(), size_t{1});
    QCOMPARE(CutIntoBuckets(layout, {2, 1, 0}, 80).size(), size_t{2});
    QCOMPARE(CutIntoBuckets(layout, {0, 1, 2}, 1).size(),
             size_t{1});  // forwards: nothing is safe before the end
  }
  // Whatever the chains and the order: each element once, one chain a bucket, contiguous, and complete in the
  // order in which they stand.
  void bucketsHoldOneChainEach() {
    int64_t cut = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
      Rng rng(seed, "chains");
      std::vector<ParameterSlot> layout(1 + rng.Below(12));
      int64_t offset = 0;
      for (ParameterSlot& slot : layout) {
        slot.offset = offset;
        slot.count = static_cast<int64_t>(rng.Below(50));
        slot.chain = static_cast<int>(rng.Below(3));
        offset += slot.count;
      }
      std::vector<int> order(layout.size());
      std::iota(order.rbegin(), order.rend(), 0);
      for (uint64_t swaps = rng.Below(5); swaps > 0; --swaps)
        std::swap(order[rng.Below(order.size())], order[rng.Below(order.size())]);
      const auto bytes = static_cast<int64_t>(rng.Below(800));
      const auto buckets = CutIntoBuckets(layout, order, bytes);
      std::vector<int> covered(static_cast<size_t>(offset)), times(layout.size());
      int64_t last = -1;
      for (const Bucket& bucket : buckets) {
        int64_t count = 0, complete = 0;
        for (const int parameter : bucket.parameters) {
          const ParameterSlot& slot = layout[static_cast<size_t>(parameter)];
          QVERIFY(slot.count == 0 || slot.chain == bucket.chain);
          QVERIFY(slot.count == 0 ||
                  (slot.offset >= bucket.offset && slot.offset + slot.count <= bucket.offset + bucket.count));
          count += slot.count;
          ++times[static_cast<size_t>(parameter)];
          complete =
              std::max<int64_t>(complete, std::find(order.begin(), order.end(), parameter) - order.begin());
        }
        QCOMPARE(count, bucket.count);
        QVERIFY(complete > last);
        last = complete;
        for (int64_t i = bucket.offset; i < bucket.offset + bucket.count; ++i)
          ++covered[static_cast<size_t>(i)];
      }
      QVERIFY(std::all_of(covered.begin(), covered.end(), [](int n) { return n == 1; }));
      QVERIFY(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
      std::vector<ParameterSlot> alike = layout;
      for (ParameterSlot& slot : alike) slot.chain = 0;
      cut += static_cast<int64_t>(buckets.size() - CutIntoBuckets(alike, order, bytes).size());
    }
    QVERIFY(cut > 300);  // chains did cut
  }
  void noParametersGiveNoBuckets() { QVERIFY(CutIntoBuckets({}, {}, 1).empty()); }
};

CONCERTINA_TEST(BucketTest)

}  // namespace concertina::bucket_test

#include "bucket_test.moc"
