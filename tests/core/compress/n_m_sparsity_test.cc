// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// n_m_sparsity_test.cc: every group of m weights keeps its n largest.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::n_m_sparsity_test {

using Floats = std::vector<float>;

class NMSparsityTest : public QObject {
  Q_OBJECT
 private slots:
  void everyGroupKeepsItsLargest_data() {
    QTest::addColumn<QString>("layer");
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("m");
    QTest::newRow("2 of 4, dense") << "dense1" << 2 << 4;
    QTest::newRow("2 of 4, convolution") << "conv2" << 2 << 4;  // 50 x 20 x 5 x 5
    QTest::newRow("1 of 5, convolution") << "conv2" << 1 << 5;
    QTest::newRow("7 of 10, dense") << "dense2" << 7 << 10;
  }
  void everyGroupKeepsItsLargest() {
    QFETCH(QString, layer);
    QFETCH(int, n);
    QFETCH(int, m);
    const std::string name = layer.toStdString() + ".weight";
    const Graph graph = KnownModel("lenet-5");
    const Graph pruned =
        Compressed(graph, {{"kind", "prune-n-m"}, {"n", n}, {"m", m}, {"layers", layer.toStdString()}});
    const Shape& shape = ValueNamed(graph, name).shape;
    const Floats &before = ValuesOf(graph, name), &after = ValuesOf(pruned, name);
    const int64_t taps = ElementCount(shape) / shape[0] / shape[1];
    for (int64_t o = 0; o < shape[0]; ++o)
      for (int64_t first = 0; first < shape[1]; first += m)
        for (int64_t tap = 0; tap < taps; ++tap) {
          int kept = 0;
          float largest_gone = 0, smallest_kept = INFINITY;
          for (int64_t i = first; i < first + m; ++i) {
            const auto at = static_cast<size_t>((o * shape[1] + i) * taps + tap);
            if (after[at] == 0) {
              largest_gone = std::max(largest_gone, std::abs(before[at]));
              continue;
            }
            QCOMPARE(after[at], before[at]);
            smallest_kept = std::min(smallest_kept, std::abs(before[at]));
            ++kept;
          }
          QCOMPARE(kept, n);
          QVERIFY(largest_gone <= smallest_kept);
        }
    QVERIFY(ValueNamed(pruned, name).hold == Hold::kZeros);
    QCOMPARE(ZerosOf(ValuesOf(pruned, "conv1.weight")), int64_t{0});
  }

  void ofEqualOnesTheFirstGo() {
    Graph graph = TwoDenseLayers();
    SetValues(graph, "a.weight", Floats(48, 1.0F));
    const Graph pruned = Compressed(graph, {{"kind", "prune-n-m"}, {"layers", "a"}});
    const Floats& weight = ValuesOf(pruned, "a.weight");
    QCOMPARE(Floats(weight.begin(), weight.begin() + 8), (Floats{0, 0, 1, 1, 0, 0, 1, 1}));
  }

  void inputsThatAreNoMultipleAreRefused() {
    const absl::Status status = TryCompress(KnownModel("lenet-5"), {{"kind", "prune-n-m"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    for (const char* part : {"\"conv1\"", "20x1x5x5", "multiple of m = 4"})
      QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
  }

  void asManyAsThereAreIsRefused() {
    QVERIFY(!CompressorOf({{"kind", "prune-n-m"}, {"n", 4}, {"m", 4}}).ok());
    QVERIFY(CompressorOf({{"kind", "prune-n-m"}, {"n", 3}, {"m", 4}}).ok());
  }
};

CONCERTINA_TEST(NMSparsityTest)

}  // namespace concertina::n_m_sparsity_test

#include "n_m_sparsity_test.moc"
