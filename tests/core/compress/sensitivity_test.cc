// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sensitivity_test.cc: the scan makes one layer smaller at a time and leaves the model as it is; ranks that
// share the work have together what one has alone; a layer that matters is seen to.
#include "core/compress/sensitivity.h"

#include <QTest>

#include "core/compress/layer_choice.h"
#include "core/edge/runtime.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::sensitivity_test {
namespace {

// Labels are what the model itself answers, so that it is always right.
class Answered final : public Samples {
 public:
  Answered(const Graph& graph, int64_t count) {
    const auto model = Must(EdgeModel::Create(graph));
    Rng rng(3, "samples");
    for (int64_t i = 0; i < count; ++i) {
      std::vector<float>& sample = samples_.emplace_back(static_cast<size_t>(ElementCount(model->sample())));
      for (float& element : sample) element = static_cast<float>(rng.Normal());
      const auto logits = model->Run(sample);
      labels_.push_back(
          static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    }
  }
  int64_t size() const override { return static_cast<int64_t>(samples_.size()); }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  void Read(int64_t index, float* destination) const override {
    const auto& sample = samples_[static_cast<size_t>(index)];
    std::copy(sample.begin(), sample.end(), destination);
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<std::vector<float>> samples_;
  std::vector<int32_t> labels_;
};

bool GoOn() { return true; }

}  // namespace

class SensitivityTest : public QObject {
  Q_OBJECT
 private slots:
  void fewerBitsHarmMore() {
    const Graph graph = TwoDenseLayers();
    const std::vector<float> before = ValuesOf(graph, "a.weight");
    const Answered test(graph, 700);
    const SensitivityScan scan = Must(ScanSensitivity(graph, test, 0, 1, GoOn));
    QCOMPARE(scan.samples, kSensitivitySamples);
    QCOMPARE(scan.accuracy, 1.0);
    QCOMPARE(scan.layers, (std::vector<std::string>{"a", "b"}));
    QCOMPARE(scan.losses.size(), 2 * kSensitivityMethods.size());
    for (size_t layer = 0; layer < 2; ++layer) {
      const double* const accuracy = &scan.accuracies[layer * kSensitivityMethods.size()];
      QVERIFY(accuracy[1] >= 0.95);        // 8 bits: an error of 1/254 of the largest weight
      QVERIFY(accuracy[3] < accuracy[1]);  // 2 bits are three values
      QVERIFY(accuracy[0] < accuracy[1]);
    }
    QCOMPARE(ValuesOf(graph, "a.weight"), before);
  }

  void ranksShareTheWork() {
    const Graph graph = TwoDenseLayers();
    const Answered test(graph, 50);
    const SensitivityScan one = Must(ScanSensitivity(graph, test, 0, 1, GoOn));
    std::vector<double> losses(one.losses.size()), accuracies(one.losses.size());
    for (int rank = 0; rank < 3; ++rank) {
      const SensitivityScan part = Must(ScanSensitivity(graph, test, rank, 3, GoOn));
      QCOMPARE(part.loss, one.loss);
      for (size_t i = 0; i < losses.size(); ++i) {
        QVERIFY(part.losses[i] == 0 || part.losses[i] == one.losses[i]);
        losses[i] += part.losses[i];
        accuracies[i] += part.accuracies[i];
      }
    }
    QCOMPARE(losses, one.losses);
    QCOMPARE(accuracies, one.accuracies);
  }

  // A layer that is on a grid already, whose inputs are too: what is pruned there is still only that layer.
  void aLayerOnAGridIsTakenOffIt() {
    Graph graph = TwoDenseLayers();
    Value& weight = graph.mutable_value(Named(graph, "b.weight"));
    weight.quantization = Quantization{.bits = 2, .scales = {0.5F}};
    std::vector<float> values(weight.given->size());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = 0.5F * static_cast<float>(static_cast<int>(i % 3) - 1);
    Give(graph, Named(graph, "b.weight"), values);
    const Answered test(graph, 40);
    const SensitivityScan scan = Must(ScanSensitivity(graph, test, 0, 1, GoOn));
    QCOMPARE(scan.accuracies.back(), 1.0);  // 2 bits are what it has
  }

  void isEndedWhenAsked() {
    const Graph graph = TwoDenseLayers();
    const Answered test(graph, 20);
    int samples = 0;
    const auto scan = ScanSensitivity(graph, test, 0, 1, [&] { return ++samples < 30; });
    QCOMPARE(scan.status().code(), absl::StatusCode::kCancelled);
    QCOMPARE(samples, 30);
  }
};
CONCERTINA_TEST(SensitivityTest)

}  // namespace concertina::sensitivity_test
#include "sensitivity_test.moc"
