// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// snip_test.cc: what goes is what the loss feels least, by a gradient worked out here.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::snip_test {
namespace {

using Floats = std::vector<float>;

// Random features, of which the last two are always zero.
class Tables final : public Samples {
 public:
  explicit Tables(int64_t size) {
    Rng rng(3, "tables");
    for (int64_t i = 0; i < size; ++i) {
      labels_.push_back(static_cast<int32_t>(rng.Below(4)));
      for (int f = 0; f < 8; ++f) features_.push_back(f < 6 ? static_cast<float>(rng.Normal()) : 0.0F);
    }
  }
  int64_t size() const override { return std::ssize(labels_); }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  void Read(int64_t index, float* destination) const override {
    std::copy_n(features_.begin() + index * 8, 8, destination);
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<int32_t> labels_;
  Floats features_;
};

// 8 features -> 4 classes, nothing between.
Graph OneLayer() {
  Layers net("one layer", {8});
  return WithRandomValues(Must(net.Classify("b", 4)));
}

// dL/dW of softmax regression: the mean of (p - y) x^T.
std::vector<double> GradientOf(const Graph& graph, const Samples& samples) {
  const Floats &w = ValuesOf(graph, "b.weight"), &bias = ValuesOf(graph, "b.bias");
  std::vector<double> gradient(w.size());
  for (int64_t s = 0; s < samples.size(); ++s) {
    float x[8];
    samples.Read(s, x);
    double p[4], sum = 0;
    for (size_t c = 0; c < 4; ++c) {
      double z = bias[c];
      for (size_t i = 0; i < 8; ++i) z += static_cast<double>(w[c * 8 + i]) * x[i];
      sum += p[c] = std::exp(z);
    }
    for (size_t c = 0; c < 4; ++c)
      for (size_t i = 0; i < 8; ++i)
        gradient[c * 8 + i] += (p[c] / sum - (samples.label(s) == static_cast<int32_t>(c) ? 1 : 0)) * x[i] /
                               static_cast<double>(samples.size());
  }
  return gradient;
}

}  // namespace

class SnipTest : public QObject {
  Q_OBJECT
 private slots:
  void whatTheLossFeelsLeastGoes() {
    const Graph graph = OneLayer();
    const auto samples = std::make_shared<const Tables>(100);  // two batches, the second not full
    const Graph pruned = Compressed(graph, {{"kind", "prune-snip"}, {"amount", 0.5}}, {.train = samples});
    const Floats &before = ValuesOf(graph, "b.weight"), &after = ValuesOf(pruned, "b.weight");
    const std::vector<double> gradient = GradientOf(graph, *samples);
    QCOMPARE(ZerosOf(after), int64_t{16});
    double largest_gone = 0, smallest_kept = INFINITY;
    for (size_t i = 0; i < before.size(); ++i) {
      const double score = std::abs(before[i] * gradient[i]);
      if (after[i] != 0) QCOMPARE(after[i], before[i]);
      if (after[i] == 0)
        largest_gone = std::max(largest_gone, score);
      else
        smallest_kept = std::min(smallest_kept, score);
      if (i % 8 >= 6) QCOMPARE(after[i], 0.0F);  // of a feature that is always zero, however large
    }
    QVERIFY2(largest_gone <= smallest_kept * (1 + 1e-5),  // float against double
             qPrintable(QString("%1, %2").arg(largest_gone).arg(smallest_kept)));
    QVERIFY(ValueNamed(pruned, "b.weight").hold == Hold::kZeros);
  }

  void theSameArgumentsGiveTheSameBits() {
    const Graph graph = TwoDenseLayers();
    const auto samples = std::make_shared<const Tables>(200);
    const Json step = {{"kind", "prune-snip"}, {"samples", 10}};
    const auto a = [&](uint64_t seed) {
      return ValuesOf(Compressed(graph, step, {.seed = seed, .train = samples}), "a.weight");
    };
    QCOMPARE(a(1), a(1));
    QVERIFY(a(1) != a(2));  // other samples
    QCOMPARE(ZerosOf(ValuesOf(graph, "a.weight")), int64_t{0});
  }

  void withoutSamplesItIsRefused() {
    const absl::Status status = TryCompress(OneLayer(), {{"kind", "prune-snip"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(MessageOf(status).contains("samples"), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(SnipTest)

}  // namespace concertina::snip_test

#include "snip_test.moc"
