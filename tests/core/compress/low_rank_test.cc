// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// low_rank_test.cc: factors multiply to what they should, and thin layers answer as the layer did.
#include <QTest>

#include "core/compress/cp_decomposition.h"
#include "core/compress/singular_values.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_reader.h"
#include "core/edge/onnx_writer.h"
#include "core/edge/runtime.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::low_rank_test {
namespace {

using Floats = std::vector<float>;

// b (out x r) times a (r x in).
std::vector<double> Product(const Graph& graph, const std::string& layer) {
  const Floats &a = ValuesOf(graph, layer + "_a.weight"), &b = ValuesOf(graph, layer + "_b.weight");
  const Shape& shape = ValueNamed(graph, layer + "_a.weight").shape;
  const auto r = static_cast<size_t>(shape[0]), in = static_cast<size_t>(shape[1]), out = b.size() / r;
  std::vector<double> product(out * in);
  for (size_t o = 0; o < out; ++o)
    for (size_t k = 0; k < r; ++k)
      for (size_t i = 0; i < in; ++i)
        product[o * in + i] += static_cast<double>(b[o * r + k]) * a[k * in + i];
  return product;
}

double Distance(const std::vector<double>& a, const Floats& b) {
  double sum = 0;
  for (size_t i = 0; i < b.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

// A sum of r outer products of random vectors.
Floats OfRank(int64_t r, int64_t rows, int64_t columns, uint64_t seed) {
  Rng rng(seed, "of rank");
  std::vector<double> sum(static_cast<size_t>(rows * columns));
  for (int64_t k = 0; k < r; ++k) {
    std::vector<double> u(static_cast<size_t>(rows)), v(static_cast<size_t>(columns));
    for (double& x : u) x = rng.Normal();
    for (double& x : v) x = rng.Normal();
    for (size_t i = 0; i < sum.size(); ++i)
      sum[i] += u[i / v.size()] * v[i % v.size()] / static_cast<double>(columns);
  }
  return {sum.begin(), sum.end()};
}

// A sum of r products of four random vectors.
Floats OfProducts(int64_t r, const Shape& shape, uint64_t seed) {
  Rng rng(seed, "of products");
  std::vector<std::vector<double>> sides;
  for (const int64_t extent : shape) {
    std::vector<double>& side = sides.emplace_back(static_cast<size_t>(extent * r));
    for (double& x : side) x = rng.Normal();
  }
  Floats sum;
  const auto count = static_cast<size_t>(r);
  for (size_t o = 0; o < static_cast<size_t>(shape[0]); ++o)
    for (size_t i = 0; i < static_cast<size_t>(shape[1]); ++i)
      for (size_t y = 0; y < static_cast<size_t>(shape[2]); ++y)
        for (size_t x = 0; x < static_cast<size_t>(shape[3]); ++x) {
          double element = 0;
          for (size_t k = 0; k < count; ++k)
            element += sides[0][o * count + k] * sides[1][i * count + k] * sides[2][y * count + k] *
                       sides[3][x * count + k];
          sum.push_back(static_cast<float>(0.05 * element));
        }
  return sum;
}

std::vector<double> Flat(const Graph& graph) {
  std::vector<double> flat;
  for (const ValueId id : graph.parameters())
    flat.insert(flat.end(), graph.value(id).given->begin(), graph.value(id).given->end());
  return flat;
}

Graph Wide() {  // 40 -> a (30) -> b (36) -> c (3): a is wider than high, b is not
  Layers net("wide", {40});
  net.Dense("a", 30).Relu().Dense("b", 36).Relu();
  return WithRandomValues(Must(net.Classify("c", 3)));
}

}  // namespace

class LowRankTest : public QObject {
  Q_OBJECT
 private slots:
  void singularValuesOfAKnownMatrix() {
    // [[3, 0], [4, 5]]: M M^T = [[9, 12], [12, 41]], whose eigenvalues are 45 and 5.
    const Floats m = {3, 0, 4, 5};
    const RowDirections directions = DirectionsOfRows(m, 2, 2);
    QVERIFY(std::abs(directions.sigma[0] - std::sqrt(45.0)) < 1e-12);
    QVERIFY(std::abs(directions.sigma[1] - std::sqrt(5.0)) < 1e-12);
    // (1, 3) / sqrt 10 belongs to 45; of either column the largest element is positive.
    QVERIFY(std::abs(directions.u[0] - 1 / std::sqrt(10.0)) < 1e-12);
    QVERIFY(std::abs(directions.u[2] - 3 / std::sqrt(10.0)) < 1e-12);
    QVERIFY(std::abs(directions.u[1] - 3 / std::sqrt(10.0)) < 1e-12);
    QVERIFY(std::abs(directions.u[3] + 1 / std::sqrt(10.0)) < 1e-12);
  }

  void directionsAreOrthonormal() {
    const RowDirections directions = DirectionsOfRows(OfRank(5, 12, 30, 1), 12, 30);
    for (size_t a = 0; a < 12; ++a)
      for (size_t b = 0; b < 12; ++b) {
        double dot = 0;
        for (size_t i = 0; i < 12; ++i) dot += directions.u[i * 12 + a] * directions.u[i * 12 + b];
        QVERIFY(std::abs(dot - (a == b ? 1 : 0)) < 1e-12);
      }
    QVERIFY(directions.sigma[5] < 1e-6 * directions.sigma[0]);  // the matrix was rounded to floats
  }

  void theRankIsTheLeastThatKeepsTheEnergy() {
    const std::vector<double> sigma = {3, 2, 1};  // 9, 4, 1 of 14
    QCOMPARE(RankOfEnergy(sigma, 0.5), int64_t{1});
    QCOMPARE(RankOfEnergy(sigma, 9.0 / 14), int64_t{1});
    QCOMPARE(RankOfEnergy(sigma, 0.7), int64_t{2});
    QCOMPARE(RankOfEnergy(sigma, 0.95), int64_t{3});
    QCOMPARE(RankOfEnergy(sigma, 1), int64_t{3});
    QCOMPARE(RankOfEnergy(std::vector<double>{0, 0}, 0.9), int64_t{1});
  }

  void theErrorIsWhatWasDropped_data() {
    QTest::addColumn<QString>("layer");
    QTest::addColumn<int>("rank");
    for (const char* layer : {"a", "b"})
      for (const int rank : {1, 4, 12}) QTest::addRow("%s, rank %d", layer, rank) << QString(layer) << rank;
  }
  void theErrorIsWhatWasDropped() {  // Eckart and Young 1936
    QFETCH(QString, layer);
    QFETCH(int, rank);
    const std::string name = layer.toStdString();
    const Graph graph = Wide();
    const Graph thin = Compressed(graph, {{"kind", "low-rank"}, {"rank", rank}, {"layers", name}});
    const Floats& weight = ValuesOf(graph, name + ".weight");
    const Shape& shape = ValueNamed(graph, name + ".weight").shape;
    QCOMPARE(ValueNamed(thin, name + "_a.weight").shape, (Shape{rank, shape[1]}));
    QCOMPARE(ValueNamed(thin, name + "_b.weight").shape, (Shape{shape[0], rank}));
    QCOMPARE(ValuesOf(thin, name + "_b.bias"), ValuesOf(graph, name + ".bias"));
    const RowDirections directions = DirectionsOfRows(weight, shape[0], shape[1]);
    double dropped = 0;
    for (size_t k = static_cast<size_t>(rank); k < directions.sigma.size(); ++k)
      dropped += directions.sigma[k] * directions.sigma[k];
    // Factors are rounded to floats: 2^-24 of each element.
    QVERIFY(std::abs(Distance(Product(thin, name), weight) / std::sqrt(dropped) - 1) < 1e-5);
    QCOMPARE(thin.value(thin.prediction()).shape, (Shape{3}));
  }

  void layersOfLowRankAnswerAsBefore() {
    Graph graph = Wide();
    SetValues(graph, "a.weight", OfRank(3, 30, 40, 1));
    SetValues(graph, "b.weight", OfRank(2, 36, 30, 2));
    const Graph thin = Compressed(graph, {{"kind", "low-rank"}, {"energy", 1 - 1e-9}});
    QCOMPARE(ValueNamed(thin, "a_a.weight").shape, (Shape{3, 40}));
    QCOMPARE(ValueNamed(thin, "b_b.weight").shape, (Shape{36, 2}));
    const double difference = RelativeDifference(Predictions(thin), Predictions(graph));
    QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
    std::vector<std::string> names;  // in the places of what they stand for
    for (const ValueId id : thin.parameters()) names.push_back(thin.value(id).name);
    QCOMPARE(names, (std::vector<std::string>{"a_a.weight", "a_b.weight", "a_b.bias", "b_a.weight",
                                              "b_b.weight", "b_b.bias", "c.weight", "c.bias"}));
  }

  void convolutionsOfLowRankAnswerAsBefore_data() {
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("padding");
    QTest::newRow("3 x 3") << 3 << 1 << 0;
    QTest::newRow("3 x 3, stride and padding") << 3 << 2 << 1;
    QTest::newRow("1 x 1") << 1 << 1 << 0;
    QTest::newRow("1 x 1, stride and padding") << 1 << 2 << 1;
  }
  void convolutionsOfLowRankAnswerAsBefore() {
    QFETCH(int, kernel);
    QFETCH(int, stride);
    QFETCH(int, padding);
    GraphMaker m({16, 9, 8});
    m.Convolution(
        {.out = 20, .kernel = kernel, .stride = stride, .padding = padding, .activation = Activation::kTanh});
    m.Flat().Dense(3);
    Graph graph = WithRandomValues(m.Done());
    const Node layer = graph.nodes()[0];
    // 20 outputs are sums of 4, and 16 inputs count as sums of 4: rank 4 both ways.
    const int64_t taps = kernel * kernel;
    const Floats u = OfRank(4, 20, 4, 1), core = OfRank(16, 4, 4 * taps, 2), v = OfRank(4, 4, 16, 3);
    Floats weight(static_cast<size_t>(20 * 16 * taps));
    for (int64_t o = 0; o < 20; ++o)
      for (int64_t i = 0; i < 16; ++i)
        for (int64_t t = 0; t < taps; ++t)
          for (int64_t p = 0; p < 4; ++p)
            for (int64_t q = 0; q < 4; ++q)
              weight[static_cast<size_t>((o * 16 + i) * taps + t)] +=
                  u[static_cast<size_t>(o * 4 + p)] * core[static_cast<size_t>((p * 4 + q) * taps + t)] *
                  v[static_cast<size_t>(q * 16 + i)];
    graph.mutable_value(layer.inputs[1]).given = std::make_shared<const Floats>(weight);
    const Graph thin =
        Compressed(graph, {{"kind", "low-rank"}, {"energy", 1 - 1e-9}, {"layers", layer.name}});
    QCOMPARE(thin.nodes().size(), graph.nodes().size() + (kernel == 1 ? 1 : 2));
    QCOMPARE(ValueNamed(thin, layer.name + "_a.weight").shape, (Shape{4, 16, 1, 1}));
    QCOMPARE(ValueNamed(thin, layer.name + "_b.weight").shape, (Shape{20, 4, 1, 1}));
    if (kernel > 1)
      QCOMPARE(ValueNamed(thin, layer.name + "_core.weight").shape, (Shape{4, 4, kernel, kernel}));
    QVERIFY(thin.ForwardFlops() < graph.ForwardFlops());
    const double difference = RelativeDifference(Predictions(thin), Predictions(graph));
    QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
  }

  void aModeOfFullRankGetsNoLayer() {
    const Graph graph = KnownModel("lenet-5");
    const Graph thin = Compressed(graph, {{"kind", "low-rank"}, {"rank", 3}, {"layers", "conv1"}});
    QCOMPARE(ValueNamed(thin, "conv1_core.weight").shape, (Shape{3, 1, 5, 5}));  // one input
    QCOMPARE(ValueNamed(thin, "conv1_b.weight").shape, (Shape{20, 3, 1, 1}));
    QCOMPARE(thin.nodes().size(), graph.nodes().size() + 1);
  }

  void whatWouldNotBecomeSmallerStays() {
    const Graph graph = TwoDenseLayers();
    for (const Json& step : {Json{{"kind", "low-rank"}, {"energy", 1.0}},
                             Json{{"kind", "low-rank"}, {"rank", 4}}}) {  // 4 (8 + 6) >= 48
      const Graph same = Compressed(graph, step);
      QCOMPARE(same.nodes().size(), graph.nodes().size());
      QCOMPARE(same.parameter_count(), graph.parameter_count());
      QCOMPARE(ValuesOf(same, "a.weight"), ValuesOf(graph, "a.weight"));
    }
  }

  void aRankBeyondTheFullOneIsRefused() {
    const absl::Status status = TryCompress(TwoDenseLayers(), {{"kind", "low-rank"}, {"rank", 5}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    for (const char* part : {"\"b\"", "4x6", "at most rank 4", "5"})
      QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
  }

  // A weight that is a sum of r products is found again, and the four layers answer as the one did: with
  // strides, with padding, and where height and width differ.
  void productsAreFoundAgain_data() {
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("padding");
    QTest::addColumn<int>("kernel_width");
    QTest::newRow("3 x 3") << 1 << 0 << 3;
    QTest::newRow("padding") << 1 << 1 << 3;
    QTest::newRow("stride") << 2 << 0 << 3;
    QTest::newRow("stride and padding") << 2 << 1 << 3;
    QTest::newRow("3 x 2") << 2 << 1 << 2;
  }
  void productsAreFoundAgain() {
    QFETCH(int, stride);
    QFETCH(int, padding);
    QFETCH(int, kernel_width);
    GraphMaker m({16, 9, 8});
    m.Convolution({.out = 20,
                   .kernel = 3,
                   .stride = stride,
                   .padding = padding,
                   .activation = Activation::kTanh,
                   .kernel_width = kernel_width});
    m.Flat().Dense(3);
    Graph graph = WithRandomValues(m.Done());
    const Node layer = graph.nodes()[0];
    const Shape shape = graph.value(layer.inputs[1]).shape;
    graph.mutable_value(layer.inputs[1]).given = std::make_shared<const Floats>(OfProducts(4, shape, 2));
    for (const Json& step : {Json{{"rank", 4}}, Json{{"energy", 1 - 1e-6}}}) {
      Json cp = step;
      cp.update({{"kind", "low-rank"}, {"convolutions", "cp"}, {"layers", layer.name}});
      const Graph thin = Compressed(graph, cp);
      QCOMPARE(thin.nodes().size(), graph.nodes().size() + 3);
      QCOMPARE(ValueNamed(thin, layer.name + "_a.weight").shape, (Shape{4, 16, 1, 1}));
      QCOMPARE(ValueNamed(thin, layer.name + "_rows.weight").shape, (Shape{4, 1, 3, 1}));
      QCOMPARE(ValueNamed(thin, layer.name + "_columns.weight").shape, (Shape{4, 1, 1, kernel_width}));
      QCOMPARE(ValueNamed(thin, layer.name + "_b.weight").shape, (Shape{20, 4, 1, 1}));
      QCOMPARE(thin.value(thin.nodes()[3].output).shape, graph.value(layer.output).shape);
      QVERIFY(thin.ForwardFlops() < graph.ForwardFlops() / 3);
      const double difference = RelativeDifference(Predictions(thin), Predictions(graph));
      QVERIFY2(difference < 1e-3, qPrintable(QString::number(difference)));
      // The same bits once more.
      QCOMPARE(ValuesOf(Compressed(graph, cp), layer.name + "_a.weight"),
               ValuesOf(thin, layer.name + "_a.weight"));
    }
  }

  // A core of k x k is at most k products of a row and a column: so CP of rank k is at least as near as
  // Tucker of ranks 1 and 1, whose bound is the sum of what both sides drop [De Lathauwer et al. 2000].
  void productsAreAtLeastAsNearAsTuckersBound() {
    for (const uint64_t seed : {1, 2, 3}) {
      const Shape shape = {8, 6, 3, 3};
      Rng rng(seed, "weight");
      Floats weight(static_cast<size_t>(ElementCount(shape)));
      double norm = 0;
      for (float& w : weight) norm += std::pow(w = static_cast<float>(rng.Normal()), 2);
      Floats by_inputs;
      for (size_t i = 0; i < 6; ++i)
        for (size_t o = 0; o < 8; ++o)
          by_inputs.insert(by_inputs.end(), weight.begin() + static_cast<long>((o * 6 + i) * 9),
                           weight.begin() + static_cast<long>((o * 6 + i + 1) * 9));
      double bound = 0;
      for (const RowDirections& side : {DirectionsOfRows(weight, 8, 54), DirectionsOfRows(by_inputs, 6, 72)})
        for (size_t k = 1; k < side.sigma.size(); ++k) bound += side.sigma[k] * side.sigma[k];
      const CpTask task{.weight = weight, .shape = shape, .seed = seed, .stream = "test", .went_on = {}};
      const CpFactors factors = Must(DecomposeCp(task, 3));
      QVERIFY(factors.error * factors.error * norm <= bound);
      // What it says of its error is so, and more products are nearer.
      double found = 0;
      for (size_t o = 0, at = 0; o < 8; ++o)
        for (size_t i = 0; i < 6; ++i)
          for (size_t t = 0; t < 9; ++t, ++at) {
            double sum = 0;
            for (size_t r = 0; r < 3; ++r)
              sum += double{factors.out[o * 3 + r]} * factors.in[r * 6 + i] * factors.rows[r * 3 + t / 3] *
                     factors.columns[r * 3 + t % 3];
            found += (sum - weight[at]) * (sum - weight[at]);
          }
      QVERIFY(std::abs(std::sqrt(found / norm) - factors.error) < 1e-5);
      QVERIFY(Must(DecomposeCp(task, 8)).error < factors.error);
    }
  }

  // By energy: what is found is enough, and no less than any unfolding allows; and it is found in a few
  // hundred iterations, where each rank alone once had as many.
  void theRankOfProductsIsFoundByEnergy_data() {
    QTest::addColumn<double>("energy");
    for (const double energy : {0.5, 0.8, 0.9, 0.97}) QTest::addRow("%g", energy) << energy;
  }
  void theRankOfProductsIsFoundByEnergy() {
    QFETCH(double, energy);
    const Shape shape = {24, 16, 3, 3};
    Rng rng(5, "weight");
    Floats weight(static_cast<size_t>(ElementCount(shape)));
    for (float& w : weight) w = static_cast<float>(rng.Normal());
    int iterations = 0;
    const CpTask task{.weight = weight, .shape = shape, .seed = 1, .stream = "test", .went_on = [&](int64_t) {
                        ++iterations;
                        return absl::OkStatus();
                      }};
    const CpFactors found = Must(DecomposeCpByEnergy(task, energy, 75));
    QVERIFY(found.rank >= LeastCpRank(weight, shape, energy));
    QVERIFY(found.rank <= 75);
    QVERIFY(1 - found.error * found.error >= energy);
    QVERIFY2(iterations < 500, qPrintable(QString::number(iterations)));
    QCOMPARE(std::ssize(found.in), found.rank * 16);
    // With half of the products there is none.
    QCOMPARE(Must(DecomposeCpByEnergy(task, energy, found.rank / 2)).rank, int64_t{0});
  }

  void aWeightOfZerosIsOneProduct() {
    const Floats weight(static_cast<size_t>(4 * 3 * 3 * 3));
    const CpTask task{.weight = weight, .shape = {4, 3, 3, 3}, .seed = 1, .stream = "test", .went_on = {}};
    const CpFactors found = Must(DecomposeCpByEnergy(task, 0.9, 8));
    QCOMPARE(found.rank, int64_t{1});
    QCOMPARE(found.error, 0.0);
    for (const float x : found.out) QVERIFY(std::isfinite(x));
  }

  // Layer by layer, and within a layer that takes long; whoever listens can end it.
  void itSaysWhereItIsAndCanBeEnded() {
    const Graph graph = KnownModel("lenet-5");
    const Json step = {{"kind", "low-rank"}, {"convolutions", "cp"}, {"rank", 4}, {"layers", "conv*"}};
    std::vector<std::string> told;
    CompressContext context;
    context.listener = [&](const std::string& at) {
      told.push_back(at);
      return absl::OkStatus();
    };
    Compressed(graph, step, context);
    QCOMPARE(told.front(), std::string("layer 1 of 2, conv1"));
    QVERIFY(std::find(told.begin(), told.end(), "layer 2 of 2, conv2") != told.end());
    QVERIFY(std::any_of(told.begin(), told.end(), [](const std::string& at) {
      return at.starts_with("layer 2 of 2, conv2: 4 products of at most ");
    }));
    int left = 5;
    context.listener = [&](const std::string&) {
      return --left > 0 ? absl::OkStatus() : absl::CancelledError("enough");
    };
    const absl::Status status = TryCompress(graph, step, context).status();
    QCOMPARE(status, absl::CancelledError("enough"));
    QCOMPARE(left, 0);  // it was not asked again
  }

  // What CP made trains on, and runs from the file and as ONNX.
  void whatCpMadeIsAModelLikeAnother() {
    const Graph graph = KnownModel("lenet-5");
    const Graph thin =
        Compressed(graph, {{"kind", "low-rank"}, {"convolutions", "cp"}, {"rank", 6}, {"layers", "conv*"}});
    const auto executor = Must(Executor::Create(thin, {.batch_size = 8}));
    Initialize(thin, 1, executor->parameters(), executor->buffers());
    Rng rng(3, "images");
    for (float& pixel : executor->input()) pixel = static_cast<float>(rng.Uniform());
    for (size_t n = 0; n < 8; ++n) executor->labels()[n] = static_cast<int32_t>(n % 3);
    const double before = executor->Step(0, {});
    double after = before;
    for (int64_t step = 1; step <= 20; ++step) {
      for (size_t i = 0; i < executor->parameters().size(); ++i)
        executor->parameters()[i] -= 0.01F * executor->gradients()[i];
      after = executor->Step(step, {});
    }
    QVERIFY2(after < 0.9 * before, qPrintable(QString("%1 after %2").arg(after).arg(before)));
    const std::string bytes = Must(WriteModel(thin, {})), onnx = Must(ToOnnx(thin, "thin"));
    const ModelFile file = Must(ParseModel("thin", std::as_bytes(std::span(bytes))));
    const auto edge = Must(EdgeModel::Create(file.graph)), whole = Must(EdgeModel::Create(graph));
    QVERIFY(edge->macs() < whole->macs() / 2);
    const Graph read = Must(FromOnnx("thin", std::as_bytes(std::span(onnx))));
    const auto again = Must(EdgeModel::Create(read));
    std::vector<float> sample(784);
    for (float& pixel : sample) pixel = static_cast<float>(rng.Uniform());
    const std::span<const float> logits = edge->Run(sample), others = again->Run(sample);
    QVERIFY(std::equal(logits.begin(), logits.end(), others.begin()));
    std::vector<double> input(sample.begin(), sample.end());
    Reference<double> reference(thin, 1, Flat(thin), {});
    reference.Forward(input, std::vector<int32_t>(1), false);
    for (size_t c = 0; c < 10; ++c)
      QVERIFY(std::abs(logits[c] - reference.value(thin.prediction())[c]) < 1e-4 * (1 + std::abs(logits[c])));
  }

  void aConvolutionThatCpMakesNoSmallerStays() {
    const Graph graph = KnownModel("lenet-5");
    const Json step = {{"kind", "low-rank"}, {"convolutions", "cp"}, {"rank", 1000}, {"layers", "conv*"}};
    QCOMPARE(Compressed(graph, step).nodes().size(), graph.nodes().size());
  }

  void whatHeldOfTheWeightIsLost() {
    const Graph pruned = Compressed(Wide(), {{"kind", "prune-l1"}});
    const Graph thin = Compressed(pruned, {{"kind", "low-rank"}, {"rank", 2}, {"layers", "a"}});
    QVERIFY(ValueNamed(thin, "a_a.weight").hold == Hold::kNothing);
    QVERIFY(ValueNamed(thin, "b.weight").hold == Hold::kZeros);
    QVERIFY(ValueNamed(pruned, "a.weight").hold == Hold::kZeros);
  }
};

CONCERTINA_TEST(LowRankTest)

}  // namespace concertina::low_rank_test

#include "low_rank_test.moc"
