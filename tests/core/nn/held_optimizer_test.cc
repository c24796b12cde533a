// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// held_optimizer_test.cc: what a compressor made of the parameters stays true through any updates.
#include "core/nn/held_optimizer.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::held_optimizer_test {
namespace {

std::unique_ptr<Optimizer> Sgd(double momentum) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check(
      "optimizer", {{"kind", "sgd"}, {"learning_rate", 0.1}, {"momentum", momentum}}, "", faults);
  auto made = Registry::Global().Create<Optimizer>("optimizer", params);
  if (!made.ok()) qFatal("%s", std::string(made.status().message()).c_str());
  return *std::move(made);
}

ParameterSlot Slot(std::vector<float> given, Hold hold, int64_t offset = 0) {
  ParameterSlot slot{.name = "w", .shape = {static_cast<int64_t>(given.size())}, .offset = offset};
  slot.count = static_cast<int64_t>(given.size());
  slot.hold = hold;
  slot.given = std::make_shared<const std::vector<float>>(std::move(given));
  return slot;
}

std::vector<float> RandomFloats(size_t count, uint64_t index) {
  Rng rng(3, "gradient", index);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

}  // namespace

class HeldOptimizerTest : public QObject {
  Q_OBJECT
 private slots:
  void nothingHeldIsNothingBetween() {
    auto inner = Sgd(0.9);
    const Optimizer* const before = inner.get();
    QCOMPARE(HoldCompressed(std::move(inner), {Slot({1, 2}, Hold::kNothing)}).get(), before);
  }

  // Elements that are not held move as without the wrapper, and in any pieces.
  void zerosStayAndOthersMoveAsEver() {
    const std::vector<float> given = {1, 0, -2, 0, 3, 0.5F};
    auto held = HoldCompressed(Sgd(0.9), {Slot(given, Hold::kZeros)});
    auto free = Sgd(0.9);
    held->Prepare({Slot(given, Hold::kZeros)});
    free->Prepare({Slot(given, Hold::kNothing)});
    std::vector<float> w = given, reference = given;
    for (int64_t step = 0; step < 20; ++step) {
      const std::vector<float> gradient = RandomFloats(6, static_cast<uint64_t>(step));
      const int64_t cut = step % 5 + 1;
      held->Update(step, 0.1, cut, std::span(gradient).subspan(static_cast<size_t>(cut)),
                   std::span(w).subspan(static_cast<size_t>(cut)));
      held->Update(step, 0.1, 0, std::span(gradient).first(static_cast<size_t>(cut)),
                   std::span(w).first(static_cast<size_t>(cut)));
      free->Update(step, 0.1, 0, gradient, reference);
      for (size_t i = 0; i < given.size(); ++i) QCOMPARE(w[i], given[i] == 0 ? 0.0F : reference[i]);
    }
  }

  void whatWasEqualStaysEqualAndMovesByTheMean() {
    const std::vector<float> given = {0.5F, -1, 0.5F, 0, -1, 0.5F, 0};
    auto held = HoldCompressed(Sgd(0), {Slot(given, Hold::kShared)});
    held->Prepare({Slot(given, Hold::kShared)});
    std::vector<float> w = given;
    const std::vector<float> gradient = {1, 2, 3, 4, 6, 8, 9};
    held->Update(0, 0.1, 0, std::span(gradient).first(4), std::span(w).first(4));
    held->Update(0, 0.1, 4, std::span(gradient).subspan(4), std::span(w).subspan(4));
    const std::vector<float> moved = {0.1F, -1.4F, 0.1F, 0, -1.4F, 0.1F, 0};
    for (size_t i = 0; i < w.size(); ++i) QVERIFY(std::abs(w[i] - moved[i]) < 1e-6F);
    for (uint64_t step = 1; step < 30; ++step)
      held->Update(static_cast<int64_t>(step), 0.1, 0, RandomFloats(7, step), w);
    QVERIFY(w[0] == w[2] && w[0] == w[5] && w[1] == w[4] && w[3] == 0 && w[6] == 0 && w[0] != w[1]);
  }

  // Steps that are each too small to reach the next of the grid add up all the same.
  void smallStepsAddUpBehindTheGrid() {
    ParameterSlot slot = Slot({0, 0}, Hold::kGrid);
    slot.quantization = Quantization{.bits = 8, .is_signed = true, .scales = {0.1F}};
    auto held = HoldCompressed(Sgd(0), {slot});
    held->Prepare({slot});
    std::vector<float> w = {0, 0};
    const std::vector<float> gradient = {-0.1F, 0.1F};
    for (int64_t step = 0; step < 12; ++step) {
      held->Update(step, 0.1, 0, gradient, w);
      if (step == 4) continue;  // 0.05 is half way, give or take a rounding
      QCOMPARE(w[0], step < 4 ? 0.0F : 0.1F);
      QCOMPARE(w[1], -w[0]);
    }
  }

  // What was pruned and then rounded: with momentum and whatever gradient, its zeros are not the grid's.
  void prunedZerosOfAGridStay() {
    ParameterSlot slot = Slot({0, 1, 0, -2}, Hold::kSparseGrid);
    slot.quantization = Quantization{.bits = 4, .is_signed = true, .scales = {1}, .zero_point = 0};
    auto held = HoldCompressed(Sgd(0.9), {slot});
    held->Prepare({slot});
    std::vector<float> w = *slot.given;
    const std::vector<float> gradient = {-2, -2, 2, 2};
    for (int64_t step = 0; step < 20; ++step) held->Update(step, 0.1, 0, gradient, w);
    QCOMPARE(w, (std::vector<float>{0, 7, 0, -7}));
  }

  void theGridOfAPartIsItsOwn() {
    ParameterSlot slot = Slot({0.2F, 0.4F, 3, 6}, Hold::kGrid);
    slot.shape = {2, 2};
    slot.quantization = Quantization{.bits = 4, .is_signed = true, .scales = {0.2F, 3}};
    slot.first = 2;  // the second row
    slot.count = 2;
    auto held = HoldCompressed(Sgd(0), {slot});
    held->Prepare({slot});
    std::vector<float> w = {3, 6};
    held->Update(0, 1, 0, std::vector<float>{-2, 1}, w);
    QCOMPARE(w, (std::vector<float>{6, 6}));
  }

  void theNearestOfAGrid_data() {
    QTest::addColumn<float>("x");
    QTest::addColumn<int>("bits");
    QTest::addColumn<float>("nearest");
    QTest::newRow("in the midst") << 0.26F << 8 << 0.25F;
    QTest::newRow("clipped") << 100.0F << 8 << 127 * 0.25F;
    QTest::newRow("clipped below") << -100.0F << 8 << -127 * 0.25F;
    QTest::newRow("ternary") << 5.0F << 2 << 0.25F;
    QTest::newRow("ternary nought") << 0.1F << 2 << 0.0F;
    QTest::newRow("binary") << 0.0F << 1 << 0.25F;
    QTest::newRow("binary below") << -9.0F << 1 << -0.25F;
    QTest::newRow("never minus nought") << -0.01F << 8 << 0.0F;
  }
  void theNearestOfAGrid() {
    QFETCH(float, x);
    QFETCH(int, bits);
    QFETCH(float, nearest);
    const float found = NearestOnGrid(x, 0.25F, bits, true);
    QCOMPARE(found, nearest);
    QCOMPARE(std::signbit(found), std::signbit(nearest));
  }
};
CONCERTINA_TEST(HeldOptimizerTest)

}  // namespace concertina::held_optimizer_test
#include "held_optimizer_test.moc"
