// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixed_precision_test.cc: bits go where the loss needs them, within the budget, and the answer is better
// than with as many bits for all.
#include <QTest>
#include <set>

#include "core/compress/sensitivity.h"
#include "core/compress/weight_grid.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::mixed_precision_test {
namespace {

using Floats = std::vector<float>;

// Four classes of ten; feature 1 + label is one, the others are nought.
class OneHot final : public Samples {
 public:
  int64_t size() const override { return 32; }
  int32_t label(int64_t index) const override { return static_cast<int32_t>(index % 4); }
  void Read(int64_t index, float* destination) const override {
    std::fill_n(destination, 5, 0.0F);
    destination[1 + label(index)] = 1;
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<int32_t> labels_ = std::vector<int32_t>(32);
};

class Noise784 final : public Samples {
 public:
  int64_t size() const override { return 24; }
  int32_t label(int64_t index) const override { return static_cast<int32_t>(index % 10); }
  void Read(int64_t index, float* destination) const override {
    Rng rng(static_cast<uint64_t>(index), "noise");
    for (int i = 0; i < 784; ++i) destination[i] = static_cast<float>(rng.Uniform());
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<int32_t> labels_ = std::vector<int32_t>(24);
};

CompressContext ContextOf(std::shared_ptr<const Samples> samples) {
  CompressContext context;
  context.train = std::move(samples);
  return context;
}

// 5 -> a (4 units, ReLU) -> b (10 classes). Unit j of a has 0.04 of the feature of class j, and 1 of a
// feature that is always nought but sets the scale: with 4 bits, in steps of 1/7, the 0.04 is gone, with 6 it
// is 1/31, with 8 5/127. b gives class j 40 times unit j: its weights are 0 and 40, which 2 bits hold.
Graph Uneven() {
  Layers net("uneven", {5});
  net.Dense("a", 4).Relu();
  Graph graph = WithRandomValues(Must(net.Classify("b", 10)));
  Floats a(20), b(40);
  for (size_t j = 0; j < 4; ++j) {
    a[j * 5] = 1;
    a[j * 5 + 1 + j] = 0.04F;
    b[j * 4 + j] = 40;
  }
  SetValues(graph, "a.weight", a);
  SetValues(graph, "b.weight", b);
  SetValues(graph, "a.bias", Floats(4));
  SetValues(graph, "b.bias", Floats(10));
  return graph;
}

int BitsOf(const Graph& graph, const std::string& name) {
  return ValueNamed(graph, name).quantization ? ValueNamed(graph, name).quantization->bits : 32;
}

double LossOf(const Graph& graph) {
  return Must(AnswersTo(graph, OneHot(), 32, [] { return true; })).loss;
}

}  // namespace

class MixedPrecisionTest : public QObject {
  Q_OBJECT
 private slots:
  void bitsGoWhereTheLossNeedsThem_data() {
    QTest::addColumn<double>("bits");
    QTest::addColumn<int>("of_a");
    QTest::addColumn<int>("of_b");
    // Of 60 weights, 20 are a's. A budget of 4 each is 240: 8 * 20 + 2 * 40, just.
    QTest::newRow("all of the budget") << 4.0 << 8 << 2;
    QTest::newRow("a little less") << 3.99 << 6 << 2;
    QTest::newRow("not enough for either") << 3.3 << 2 << 2;  // 3 and 4 bits are of no use to a
    QTest::newRow("the least") << 2.0 << 2 << 2;
    QTest::newRow("more than enough") << 8.0 << 8 << 2;
  }
  void bitsGoWhereTheLossNeedsThem() {
    QFETCH(double, bits);
    QFETCH(int, of_a);
    QFETCH(int, of_b);
    const Graph graph = Uneven();
    const Json step = {{"kind", "mixed-precision"}, {"bits", bits}};
    const Graph mixed = Compressed(graph, step, ContextOf(std::make_shared<OneHot>()));
    QCOMPARE(BitsOf(mixed, "a.weight"), of_a);
    QCOMPARE(BitsOf(mixed, "b.weight"), of_b);
    QVERIFY(ValueNamed(mixed, "a.weight").hold == Hold::kGrid);
    QVERIFY(ValueNamed(mixed, "a.bias").hold == Hold::kNothing);
    for (const char* name : {"a.weight", "b.weight"})
      QCOMPARE(ValuesOf(mixed, name), OnGrid(ValuesOf(graph, name), *ValueNamed(mixed, name).quantization));
    QCOMPARE(ValuesOf(Compressed(graph, step, ContextOf(std::make_shared<OneHot>())), "a.weight"),
             ValuesOf(mixed, "a.weight"));
    QVERIFY(!ValueNamed(graph, "a.weight").quantization);  // the given graph stays
  }

  void itBeatsAsManyBitsForAll() {
    const Graph graph = Uneven();
    const Graph mixed =
        Compressed(graph, {{"kind", "mixed-precision"}, {"bits", 4}}, ContextOf(std::make_shared<OneHot>()));
    const Graph uniform = Compressed(graph, {{"kind", "quantize-weights"}, {"bits", 4}});
    // A logit of 1.6 among nine of nought, and of nought among nine.
    QVERIFY(std::abs(LossOf(graph) - (std::log(std::exp(1.6) + 9) - 1.6)) < 1e-5);
    QVERIFY(std::abs(LossOf(uniform) - std::log(10.0)) < 1e-5);
    QVERIFY2(LossOf(mixed) < LossOf(graph) + 0.03, qPrintable(QString::number(LossOf(mixed))));
  }

  void theMeanIsWithinTheBudget_data() {
    QTest::addColumn<double>("bits");
    for (const double bits : {2.0, 2.5, 3.1, 4.0, 5.7, 8.0}) QTest::addRow("%g", bits) << bits;
  }
  void theMeanIsWithinTheBudget() {
    QFETCH(double, bits);
    const Graph mixed =
        Compressed(KnownModel("lenet-300-100"), {{"kind", "mixed-precision"}, {"bits", bits}, {"samples", 8}},
                   ContextOf(std::make_shared<Noise784>()));
    int64_t weights = 0, total = 0;
    for (const char* name : {"dense1.weight", "dense2.weight", "dense3.weight"}) {
      QVERIFY((std::set<int>{2, 3, 4, 6, 8}.contains(BitsOf(mixed, name))));
      const int64_t count = std::ssize(ValuesOf(mixed, name));
      weights += count;
      total += count * BitsOf(mixed, name);
    }
    QVERIFY(static_cast<double>(total) <= bits * static_cast<double>(weights));
  }

  void otherLayersStayInFloats() {
    const Graph graph = Uneven();
    const Graph mixed = Compressed(graph, {{"kind", "mixed-precision"}, {"layers", "b"}},
                                   ContextOf(std::make_shared<OneHot>()));
    QCOMPARE(BitsOf(mixed, "a.weight"), 32);
    QCOMPARE(BitsOf(mixed, "b.weight"), 2);
    QCOMPARE(ValuesOf(mixed, "a.weight"), ValuesOf(graph, "a.weight"));
  }

  void whatCannotBeMeasuredIsRefused() {
    const CompressContext context = ContextOf(std::make_shared<OneHot>());
    const Json step = {{"kind", "mixed-precision"}};
    QCOMPARE(TryCompress(Uneven(), step).status().code(), absl::StatusCode::kFailedPrecondition);
    Graph nan = Uneven();
    Floats weight = ValuesOf(nan, "b.weight");
    weight[7] = NAN;
    SetValues(nan, "b.weight", weight);
    const Graph on_grid = Compressed(Uneven(), {{"kind", "quantize-weights"}, {"layers", "b"}});
    const Graph shared = Compressed(Uneven(), {{"kind", "codebook"}, {"layers", "b"}});
    for (const auto& [graph, word] : {std::pair(nan, "element 7"), std::pair(on_grid, "grid of 4 bits"),
                                      std::pair(shared, "weights share")}) {
      const absl::Status status = TryCompress(graph, step, context).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      for (const char* part : {"layer \"b\"", word})
        QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
    }
    QVERIFY(!TryCompress(Uneven(), {{"kind", "mixed-precision"}, {"bits", 1.5}}, context).ok());
    QVERIFY(!TryCompress(Uneven(), {{"kind", "mixed-precision"}, {"bits", 9}}, context).ok());
  }
};

CONCERTINA_TEST(MixedPrecisionTest)

}  // namespace concertina::mixed_precision_test

#include "mixed_precision_test.moc"
