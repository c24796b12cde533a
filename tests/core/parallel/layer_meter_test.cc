// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_meter_test.cc: how parameters become layers, and what is said of each.
#include "core/parallel/layer_meter.h"

#include <QTest>
#include <cmath>
#include <set>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/measured_encode.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::layer_meter_test {
namespace {

std::vector<ParameterSlot> LayoutOf(const std::vector<std::pair<std::string, int64_t>>& parameters) {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const auto& [name, count] : parameters) {
    layout.push_back({.name = name, .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

QStringList NamesOf(const LayerMeter& meter) {
  QStringList names;
  for (const LayerGroup& layer : meter.layers())
    names << QStringLiteral("%1:%2").arg(QString::fromStdString(layer.name)).arg(layer.parameters);
  return names;
}

std::unique_ptr<Codec> MakeCodec(const nlohmann::json& spec) {
  std::vector<Fault> faults;
  return *Registry::Global().Create<Codec>("gradient-codec",
                                           Registry::Global().Check("gradient-codec", spec, "", faults));
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0, a_squared = 0, b_squared = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * b[i];
    a_squared += double{a[i]} * a[i];
    b_squared += double{b[i]} * b[i];
  }
  return product / std::sqrt(a_squared * b_squared);
}

}  // namespace

class LayerMeterTest : public QObject {
  Q_OBJECT
 private slots:
  void parametersOfOneNameAreOneLayer() {
    const LayerMeter meter(LayoutOf({{"conv1.weight", 30},
                                     {"conv1.bias", 2},
                                     {"stage1.block0.norm.weight", 4},
                                     {"stage1.block0.norm.bias", 4},
                                     {"alone", 7}}));
    QCOMPARE(NamesOf(meter), QStringList({"conv1:32", "stage1.block0.norm:8", "alone:7"}));
  }

  void manyLayersAreGroupedByPrefix() {
    std::vector<std::pair<std::string, int64_t>> parameters;
    for (int stage = 0; stage < 3; ++stage)
      for (int block = 0; block < 12; ++block)
        for (const char* layer : {"conv", "norm"})
          parameters.emplace_back(
              "s" + std::to_string(stage) + ".b" + std::to_string(block) + "." + layer + ".w", 5);
    const LayerMeter meter(LayoutOf(parameters));  // 72 layers in 36 blocks
    QCOMPARE(meter.layers().size(), size_t{36});
    QCOMPARE(QString::fromStdString(meter.layers()[0].name), QStringLiteral("s0.b0"));
    QCOMPARE(meter.layers()[0].parameters, int64_t{10});
  }

  void withoutPrefixesTheRestIsOne() {
    std::vector<std::pair<std::string, int64_t>> parameters;
    for (int layer = 0; layer < 100; ++layer)
      parameters.emplace_back("layer" + std::to_string(layer) + ".w", 3);
    const LayerMeter meter(LayoutOf(parameters));
    QCOMPARE(meter.layers().size(), LayerMeter::kMaxLayers);
    QCOMPARE(QString::fromStdString(meter.layers().back().name), QStringLiteral("others"));
    int64_t all = 0;
    for (const LayerGroup& layer : meter.layers()) all += layer.parameters;
    QCOMPARE(all, int64_t{300});
  }

  void namesAreThoseOfSeries() {
    const LayerMeter meter(LayoutOf({{"Größe/1.w", 3}, {std::string(200, 'x') + ".w", 3}, {"", 2}}));
    for (const LayerGroup& layer : meter.layers()) {
      QVERIFY(layer.name.size() <= 60 && !layer.name.empty());
      for (const char c : layer.name)
        QVERIFY(std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-');
    }
  }

  // However buckets cut the layers, the figures are those of each layer by itself.
  void figuresAreThoseOfTheLayerAlone_data() {
    QTest::addColumn<QList<int>>("cuts");
    QTest::newRow("one bucket") << QList<int>{0, 1000};
    QTest::newRow("a bucket a layer") << QList<int>{0, 300, 1000};
    QTest::newRow("a layer over several buckets") << QList<int>{0, 17, 310, 500, 1000};
  }
  void figuresAreThoseOfTheLayerAlone() {
    QFETCH(QList<int>, cuts);
    LayerMeter meter(LayoutOf({{"a.weight", 290}, {"a.bias", 10}, {"b.weight", 700}}));
    Rng rng(3, "gradient");
    std::vector<float> g(1000), c(1000), e(1000);
    for (size_t i = 0; i < g.size(); ++i) {
      g[i] = static_cast<float>(rng.Normal());
      c[i] = i % 3 == 0 ? g[i] : 0;
      e[i] = static_cast<float>(rng.Normal() + 0.5 * g[i]);
    }
    Agreement all;
    meter.Begin();
    QVERIFY(!meter.is_measured());
    for (qsizetype i = 0; i + 1 < cuts.size(); ++i) {
      const auto begin = static_cast<size_t>(cuts[i]), count = static_cast<size_t>(cuts[i + 1]) - begin;
      const auto part = [&](std::vector<float>& whole) { return std::span(whole).subspan(begin, count); };
      meter.AddGradient(cuts[i], part(g), part(e));
      meter.AddAgreement(cuts[i], part(g), part(c), all);
      meter.AddSeconds(cuts[i], static_cast<int64_t>(count), static_cast<double>(count), 0);
    }
    QVERIFY(meter.is_measured());
    for (size_t layer = 0; layer < 2; ++layer) {
      const size_t begin = layer == 0 ? 0 : 300, count = layer == 0 ? 300 : 700;
      const auto part = [&](const std::vector<float>& whole) {
        return std::span(whole).subspan(begin, count);
      };
      const LayerFigures figures = meter.FiguresOf(layer);
      double g_squared = 0, error_squared = 0, e_squared = 0;
      for (size_t i = begin; i < begin + count; ++i) {
        g_squared += double{g[i]} * g[i];
        e_squared += double{e[i]} * e[i];
        error_squared += (double{g[i]} - c[i]) * (double{g[i]} - c[i]);
      }
      // Sums in another order of up to 1000 doubles.
      const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); };
      QVERIFY(near(figures.gradient_norm, std::sqrt(g_squared)));
      QVERIFY(near(figures.residual_norm, std::sqrt(e_squared)));
      QVERIFY(near(figures.relative_error, std::sqrt(error_squared / g_squared)));
      QVERIFY(near(figures.cosine, Cosine(part(g), part(c))));
      QVERIFY(near(figures.residual_cosine, Cosine(part(e), part(g))));
      QVERIFY(near(figures.encode_seconds, static_cast<double>(count)));
      QCOMPARE(figures.decode_seconds, 0.0);
    }
    meter.Begin();
    QVERIFY(!meter.is_measured());
    QCOMPARE(meter.FiguresOf(0).gradient_norm, 0.0);
  }

  void normsAreRidOfTheFactor() {
    LayerMeter meter(LayoutOf({{"a.weight", 4}}));
    const std::vector<float> quarter = {0.25F, 0.25F, -0.25F, 0.25F}, waits = {0.5F, 0, 0, 0};
    meter.AddGradient(0, quarter, waits, 0.25);
    QCOMPARE(meter.FiguresOf(0).gradient_norm, 2.0);
    QCOMPARE(meter.FiguresOf(0).residual_norm, 2.0);
    QCOMPARE(meter.FiguresOf(0).residual_cosine, 0.5);
  }

  void whatCannotBeSaidIsNotANumber() {
    LayerMeter meter(LayoutOf({{"a.weight", 4}}));
    const std::vector<float> zeros(4);
    Agreement all;
    meter.AddGradient(0, zeros, {});
    meter.AddAgreement(0, zeros, zeros, all);
    const LayerFigures figures = meter.FiguresOf(0);
    QVERIFY(std::isnan(figures.relative_error) && std::isnan(figures.cosine));
    QVERIFY(std::isnan(figures.residual_age) && std::isnan(figures.residual_cosine));
    QCOMPARE(figures.gradient_norm, 0.0);
  }

  // The residual is a sum of n gradients that have a share `steady` of their variance in common.
  void theAgeIsThatOfWhatWasGathered_data() {
    QTest::addColumn<int>("steps");
    QTest::addColumn<double>("steady");
    for (const int steps : {1, 4, 20})
      for (const double steady : {0.0, 0.1, 0.5, 1.0})
        QTest::addRow("%d steps, %g steady", steps, steady) << steps << steady;
  }
  void theAgeIsThatOfWhatWasGathered() {
    QFETCH(int, steps);
    QFETCH(double, steady);
    constexpr size_t kD = 100'000;
    LayerMeter meter(LayoutOf({{"a.weight", static_cast<int64_t>(kD)}}));
    std::vector<double> common(kD);
    Rng draw(1, "common");
    for (double& value : common) value = std::sqrt(steady) * draw.Normal();
    std::vector<float> e(kD), g(kD);
    for (int step = 0; step <= steps; ++step) {
      Rng own(1, "own", static_cast<uint64_t>(step));
      for (size_t i = 0; i < kD; ++i) {
        g[i] = static_cast<float>(common[i] + std::sqrt(1 - steady) * own.Normal());
        if (step < steps) e[i] += g[i];
      }
    }
    meter.AddGradient(0, g, e);
    // Products of d independent draws are off by 1/sqrt(d) = 0.3 % of a norm, of sums of n steps by sqrt(n)
    // as much; the age takes that up to (1 + n)/(1 + n steady) times.
    const double age = meter.FiguresOf(0).residual_age;
    const double off = 4 / std::sqrt(double{kD}) * std::sqrt(steps) * (1 + steps) / (1 + steps * steady);
    QVERIFY2(std::abs(age - steps) <= off + 0.02 * steps, qPrintable(QString::number(age)));
  }

  void aSwingingResidualHasAnAgeTo() {  // e = -2 g: p would be negative, and the quotient without meaning
    LayerMeter meter(LayoutOf({{"a.weight", 3}}));
    const std::vector<float> g = {1, 2, 3}, e = {-2, -4, -6};
    meter.AddGradient(0, g, e);
    QCOMPARE(meter.FiguresOf(0).residual_age, 4.0);
    QCOMPARE(meter.FiguresOf(0).residual_cosine, -1.0);
  }

  // Top-k of two layers, one of which has all that is large.
  void bytesOfChosenElementsAreThoseOfWhoHasThem() {
    LayerMeter meter(LayoutOf({{"quiet.weight", 90}, {"loud.weight", 10}}));
    const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "top-k"}, {"ratio", 0.1}});
    std::vector<float> gradient(100, 0.001F), before(100);
    for (size_t i = 90; i < 100; ++i) gradient[i] = i == 99 ? 0.0001F : static_cast<float>(i);
    std::vector<uint8_t> payload;
    ExchangeCost cost;
    QVERIFY(MeasuredEncode(*codec, gradient, before, 16, payload, cost, {&meter, 0}).ok());
    QCOMPARE(meter.FiguresOf(0).payload_bytes, 0.1 * static_cast<double>(payload.size()));
    QCOMPARE(meter.FiguresOf(1).payload_bytes, 0.9 * static_cast<double>(payload.size()));
    QCOMPARE(meter.FiguresOf(0).residual_norm, 0.0);  // nothing waited before
    QVERIFY(cost.error_measured && cost.product > 0 && cost.decoded_squared > 0);
    // The next measured step finds what the first one left.
    meter.Begin();
    std::fill(gradient.begin(), gradient.end(), 1.0F);
    QVERIFY(MeasuredEncode(*codec, gradient, before, 32, payload, cost, {&meter, 0}).ok());
    QVERIFY(std::abs(meter.FiguresOf(0).residual_norm - 0.001 * std::sqrt(89)) < 1e-8);
    QVERIFY(meter.FiguresOf(0).residual_cosine > 0.99);
  }

  void bytesOfOtherCodecsGoByElements() {
    LayerMeter meter(LayoutOf({{"quiet.weight", 75}, {"loud.weight", 25}}));
    const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "fp16"}});
    std::vector<float> gradient(100), before(100);
    gradient[3] = 1;
    std::vector<uint8_t> payload;
    ExchangeCost cost;
    QVERIFY(MeasuredEncode(*codec, gradient, before, 0, payload, cost, {&meter, 0}).ok());
    QCOMPARE(meter.FiguresOf(0).payload_bytes, 150.0);
    QCOMPARE(meter.FiguresOf(1).payload_bytes, 50.0);
  }

  void betweenMeasuredStepsNothingIsAdded() {
    LayerMeter meter(LayoutOf({{"a.weight", 10}}));
    const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "top-k"}, {"ratio", 0.1}});
    std::vector<float> gradient(10, 1.0F), before(10);
    std::vector<uint8_t> payload;
    ExchangeCost cost;
    for (int step = 1; step < 16; ++step)
      QVERIFY(MeasuredEncode(*codec, gradient, before, step, payload, cost, {&meter, 0}).ok());
    QVERIFY(!meter.is_measured() && !cost.error_measured);
  }

  void theWholeIsTheSameWithAndWithoutAMeter() {
    LayerMeter meter(LayoutOf({{"a.weight", 33}, {"b.weight", 67}}));
    Rng rng(9, "whole");
    std::vector<float> gradient(100), before(100);
    for (float& g : gradient) g = static_cast<float>(rng.Normal());
    const std::vector<float> same = gradient;
    std::vector<uint8_t> payload, other_payload;
    ExchangeCost with, without;
    QVERIFY(MeasuredEncode(*MakeCodec({{"kind", "top-k"}, {"ratio", 0.2}}), gradient, before, 0, payload,
                           with, {&meter, 0})
                .ok());
    gradient = same;
    QVERIFY(MeasuredEncode(*MakeCodec({{"kind", "top-k"}, {"ratio", 0.2}}), gradient, before, 0,
                           other_payload, without)
                .ok());
    QVERIFY(payload == other_payload);
    QVERIFY(std::abs(with.error_squared - without.error_squared) <= 1e-12 * without.error_squared);
    QVERIFY(std::abs(with.product - without.product) <= 1e-12 * without.product);
  }
};

CONCERTINA_TEST(LayerMeterTest)

}  // namespace concertina::layer_meter_test

#include "layer_meter_test.moc"
