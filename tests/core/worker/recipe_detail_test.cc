// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail_test.cc: a step's detail says what the model and its answers are: every weight is in one bin
// or a zero, thumbnails are as dense as what they show, and answers that changed have.
#include "core/worker/recipe_detail.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "core/base/file.h"
#include "core/base/rng.h"
#include "core/comm/transport.h"
#include "core/nn/layers.h"
#include "tests/test_program.h"

namespace concertina::recipe_detail_test {
namespace {

// Sample i is one pixel of i / 100.
class Hundred final : public Samples {
 public:
  explicit Hundred(int64_t pixels) : pixels_(pixels), labels_(100) {
    for (size_t i = 0; i < labels_.size(); ++i) labels_[i] = static_cast<int32_t>(i % 3);
  }
  int64_t size() const override { return 100; }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  void Read(int64_t index, float* destination) const override {
    std::fill_n(destination, pixels_, static_cast<float>(index) / 100);
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  const int64_t pixels_;
  std::vector<int32_t> labels_;
};

std::vector<float> RandomWeights(int64_t count, double density, uint64_t seed) {
  Rng rng(seed, "weights");
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(rng.Uniform(0, 1) < density ? static_cast<float>(rng.Normal()) : 0.0F);
  return values;
}

ModelFile SmallModel(float scale) {
  Layers net("small", {4});
  net.Dense("a", 4).Relu();
  auto graph = net.Classify("b", 3);
  if (!graph.ok()) qFatal("%s", std::string(graph.status().message()).c_str());
  ModelFile file{.graph = *std::move(graph), .metadata = {}, .tensors = {}};
  for (const ValueId id : file.graph.parameters()) {
    Value& value = file.graph.mutable_value(id);
    auto values = RandomWeights(ElementCount(value.shape), 0.7, 3);
    for (float& weight : values) weight *= scale;
    value.given = std::make_shared<const std::vector<float>>(values);
    file.tensors.push_back({.name = value.name, .shape = value.shape, .coding = "float32", .bytes = 7});
  }
  return file;
}

}  // namespace

class RecipeDetailTest : public QObject {
  Q_OBJECT
 private slots:
  void everyWeightIsInABinOrZero_data() {
    QTest::addColumn<int>("outputs");
    QTest::addColumn<int>("inner");
    QTest::addColumn<double>("density");
    QTest::newRow("one weight") << 1 << 1 << 1.0;
    QTest::newRow("no weight left") << 5 << 7 << 0.0;
    QTest::newRow("smaller than its picture") << 20 << 25 << 0.3;
    QTest::newRow("as large") << 96 << 96 << 0.5;
    QTest::newRow("larger, not evenly") << 300 << 785 << 0.1;
    QTest::newRow("a long one") << 2 << 5000 << 0.9;
  }
  void everyWeightIsInABinOrZero() {
    QFETCH(int, outputs);
    QFETCH(int, inner);
    QFETCH(double, density);
    const std::vector<float> values = RandomWeights(int64_t{outputs} * inner, density, 11);
    const LayerDetail layer = LayerDetailOf("x", {outputs, inner}, values, 1);  // some are beyond
    QCOMPARE(std::accumulate(layer.counts.begin(), layer.counts.end(), layer.zeros), layer.count);
    QCOMPARE(layer.zeros, std::count(values.begin(), values.end(), 0.0F));
    // The picture's mean, each block by its size, is the density; each byte is rounded by half a step.
    const MaskPicture& mask = layer.mask;
    QVERIFY(mask.rows <= kMostMaskCells && mask.columns <= kMostMaskCells);
    double nonzeros = 0;
    for (int64_t r = 0; r < mask.rows; ++r)
      for (int64_t c = 0; c < mask.columns; ++c) {
        const int64_t high = (r + 1) * outputs / mask.rows - r * outputs / mask.rows;
        const int64_t wide = (c + 1) * inner / mask.columns - c * inner / mask.columns;
        nonzeros += mask.share(r, c) * static_cast<double>(high * wide);
      }
    const auto count = static_cast<double>(layer.count);
    QVERIFY(std::abs(nonzeros / count - static_cast<double>(layer.count - layer.zeros) / count) <= 0.5 / 255);
  }

  void binsAreWhereTheWeightsAre() {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    const std::vector<float> values = {-2, -1.999F, -0.01F, 0, 0.01F, 1.999F, 2, 9, nan, -inf};
    const LayerDetail layer = LayerDetailOf("x", {10, 1}, values, 2);
    QCOMPARE(layer.counts[0], int64_t{2});
    QCOMPARE(layer.counts[31], int64_t{1});
    QCOMPARE(layer.counts[32], int64_t{1});
    QCOMPARE(layer.counts[63], int64_t{3});  // what is beyond is in the last
    QCOMPARE(layer.zeros, int64_t{1});
    QCOMPARE(layer.not_finite, int64_t{2});
    QCOMPARE(layer.largest, 9.0);
  }

  void aHoleIsSeenWhereItIs() {
    std::vector<float> values(200 * 100, 1.0F);
    for (size_t i = 0; i < 100; ++i)
      for (size_t j = 50; j < 100; ++j) values[i * 100 + j] = 0;  // above, to the right
    const MaskPicture mask = MaskOf({200, 4, 5, 5}, values);
    QCOMPARE(mask.share(0, 0), 1.0);
    QCOMPARE(mask.share(0, mask.columns - 1), 0.0);
    QCOMPARE(mask.share(mask.rows - 1, mask.columns - 1), 1.0);
  }

  void samplesAreDrawn_data() {
    QTest::addColumn<QVector<qint64>>("shape");
    QTest::addColumn<QVector<qint64>>("drawn");
    QTest::newRow("grey") << QVector<qint64>{1, 28, 28} << QVector<qint64>{1, 28, 28};
    QTest::newRow("colours") << QVector<qint64>{3, 32, 32} << QVector<qint64>{3, 32, 32};
    QTest::newRow("more than colours") << QVector<qint64>{16, 4, 5} << QVector<qint64>{3, 4, 5};
    QTest::newRow("two channels") << QVector<qint64>{2, 4, 5} << QVector<qint64>{1, 4, 5};
    QTest::newRow("too large") << QVector<qint64>{3, 224, 200} << QVector<qint64>{3, 56, 50};
    QTest::newRow("a row of a table") << QVector<qint64>{7} << QVector<qint64>{1, 1, 7};
    QTest::newRow("a long row") << QVector<qint64>{30000} << QVector<qint64>{1, 1, 10000};
  }
  void samplesAreDrawn() {
    QFETCH(QVector<qint64>, shape);
    QFETCH(QVector<qint64>, drawn);
    const Shape of_sample(shape.begin(), shape.end());
    std::vector<float> sample(static_cast<size_t>(ElementCount(of_sample)));
    for (size_t i = 0; i < sample.size(); ++i)
      sample[i] = static_cast<float>(i) / static_cast<float>(sample.size());
    ChangedAnswer answer;
    DrawSample(of_sample, sample, answer);
    QCOMPARE((QVector<qint64>{answer.channels, answer.height, answer.width}), drawn);
    QCOMPARE(static_cast<qint64>(answer.pixels.size()), drawn[0] * drawn[1] * drawn[2]);
    QVERIFY(static_cast<int64_t>(answer.pixels.size()) <= kMostDetailPixels);
    QCOMPARE(answer.pixels[0], char{0});
    QVERIFY(std::is_sorted(answer.pixels.begin(), answer.pixels.end(),
                           [](char a, char b) { return static_cast<uint8_t>(a) < static_cast<uint8_t>(b); }));
  }
  void whatIsNoImageIsStretched() {
    ChangedAnswer answer;
    DrawSample({3}, std::vector<float>{-2, 0, 2}, answer);
    QCOMPARE(answer.pixels, std::string("\0\x80\xff", 3));
    DrawSample({2}, std::vector<float>{5, 5}, answer);  // nothing to stretch
    QCOMPARE(answer.pixels, std::string(2, '\0'));
  }

  // Three ranks with a third of the samples each: the counts are of all, the pictures of rank 0's.
  void answersAreCountedOverAllRanks() {
    constexpr int kRanks = 3;
    const QTemporaryDir folder;
    const Hundred test(4);
    const DatasetInfo info{.sample = {1, 2, 2}, .classes = 3, .class_names = {"a", "b", "c"}};
    // First right but for every tenth, then wrong for every seventh, and the tenth right.
    const auto first = [&](int64_t i) { return i % 10 == 0 ? (test.label(i) + 1) % 3 : test.label(i); };
    const auto second = [&](int64_t i) { return i % 7 == 0 ? (test.label(i) + 2) % 3 : test.label(i); };
    auto transports = MakeInProcessTransports(kRanks);
    std::vector<absl::Status> results(kRanks);
    std::vector<std::thread> threads;
    for (int rank = 0; rank < kRanks; ++rank)
      threads.emplace_back([&, rank] {
        Communicator everyone(*transports[static_cast<size_t>(rank)], {0, 1, 2}, 7);
        RecipeDetail detail(info);
        results[static_cast<size_t>(rank)] = [&]() -> absl::Status {
          for (int step = 0; step < 2; ++step) {
            detail.Begin();
            for (int64_t i = rank; i < test.size(); i += kRanks)
              detail.Add(i, test.label(i), step == 0 ? first(i) : second(i));
            RETURN_IF_ERROR(detail.Sum(everyone, Deadline::After(20)));
            if (rank != 0) continue;
            detail.Describe(step * 10, "a step", SmallModel(step == 0 ? 1.0F : 0.5F), test);
            RETURN_IF_ERROR(detail.Write(Disk::Real(), folder.path().toStdString()));
          }
          return absl::OkStatus();
        }();
      });
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& status : results) QVERIFY2(status.ok(), std::string(status.message()).c_str());
    const StepDetail before = Read(folder, 0), now = Read(folder, 1);
    QVERIFY(before.changed.empty());
    int64_t wrong = 0, right = 0, still_wrong = 0;
    std::vector<int64_t> confusion(9);
    for (int64_t i = 0; i < test.size(); ++i) {
      const int32_t label = test.label(i);
      ++confusion[static_cast<size_t>(label * 3 + second(i))];
      wrong += first(i) == label && second(i) != label ? 1 : 0;
      right += first(i) != label && second(i) == label ? 1 : 0;
      still_wrong += first(i) != label && second(i) != label && first(i) != second(i) ? 1 : 0;
    }
    QCOMPARE(now.confusion, confusion);
    QCOMPARE(std::accumulate(before.confusion.begin(), before.confusion.end(), int64_t{0}), test.size());
    QCOMPARE(now.became_wrong, wrong);
    QCOMPARE(now.became_right, right);
    QCOMPARE(now.still_wrong, still_wrong);
    QCOMPARE(now.looked_at, int64_t{34});
    QVERIFY(!now.changed.empty());
    int last_kind = 0;
    for (const ChangedAnswer& answer : now.changed) {
      QCOMPARE(answer.index % kRanks, int64_t{0});  // of rank 0
      QCOMPARE(answer.label, int64_t{test.label(answer.index)});
      QCOMPARE(answer.before, int64_t{first(answer.index)});
      QCOMPARE(answer.now, int64_t{second(answer.index)});
      QCOMPARE(static_cast<uint8_t>(answer.pixels[0]),
               static_cast<uint8_t>(std::lround(255.0 * double{static_cast<float>(answer.index) / 100})));
      const int kind = answer.became_wrong() ? 0 : answer.became_right() ? 1 : 2;
      QVERIFY(kind >= last_kind);  // those that became wrong come first
      last_kind = kind;
    }
    // Bins are those of the model as it was: half the weight is half as far out.
    QCOMPARE(now.layers.size(), size_t{2});
    QCOMPARE(now.layers[0].name, std::string("a"));
    QCOMPARE(now.layers[0].range, before.layers[0].range);
    QCOMPARE(now.layers[0].zeros, before.layers[0].zeros);
    QCOMPARE(before.layers[0].largest, before.layers[0].range);
    QCOMPARE(now.layers[0].largest, before.layers[0].range / 2);
    QCOMPARE(std::accumulate(now.layers[0].counts.begin(), now.layers[0].counts.begin() + 15, int64_t{0}),
             int64_t{0});
    QCOMPARE(now.layers[0].bytes, int64_t{7});
  }

  void noMoreThanThereIsRoomForIsKept() {
    const QTemporaryDir folder;
    const Hundred test(1);
    auto transports = MakeInProcessTransports(1);
    Communicator everyone(*transports[0], {0}, 7);
    RecipeDetail detail({.sample = {1}, .classes = 1000});  // too many to be a table
    for (int step = 0; step < 2; ++step) {
      detail.Begin();
      for (int64_t i = 0; i < test.size(); ++i) detail.Add(i, test.label(i), step == 0 ? test.label(i) : 999);
      QVERIFY(detail.Sum(everyone, Deadline::After(20)).ok());
      detail.Describe(step, "", SmallModel(1), test);
      QVERIFY(detail.Write(Disk::Real(), folder.path().toStdString()).ok());
    }
    const StepDetail now = Read(folder, 1);
    QCOMPARE(now.classes, int64_t{0});
    QVERIFY(now.confusion.empty());
    QCOMPARE(now.became_wrong, int64_t{100});
    QCOMPARE(now.changed.size(), kMostChangedAnswers);
  }

  void stepsOfAnEarlierAttemptAreGone() {
    const QTemporaryDir folder;
    const Hundred test(1);
    for (int old = 1; old < 4; ++old) {
      QFile file(folder.filePath(QString::fromStdString(StepDetailFileName(old))));
      QVERIFY(file.open(QIODevice::WriteOnly));
    }
    RecipeDetail detail({.sample = {1}, .classes = 3});
    detail.Begin();
    detail.Describe(0, "", SmallModel(1), test);
    QVERIFY(detail.Write(Disk::Real(), folder.path().toStdString()).ok());
    QCOMPARE(QDir(folder.path()).entryList({"recipe-*.json"}), QStringList{"recipe-0.json"});
  }

 private:
  static StepDetail Read(const QTemporaryDir& folder, int64_t index) {
    const auto text =
        ReadFile(folder.path().toStdString() + "/" + StepDetailFileName(index), kMostDetailBytes);
    if (!text.ok()) qFatal("%s", std::string(text.status().message()).c_str());
    auto detail = ReadStepDetail(*text);
    if (!detail.ok()) qFatal("%s", std::string(detail.status().message()).c_str());
    return *std::move(detail);
  }
};
CONCERTINA_TEST(RecipeDetailTest)

}  // namespace concertina::recipe_detail_test
#include "recipe_detail_test.moc"
