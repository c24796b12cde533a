// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_values_test.cc: what holds of weights is true again after an exchange that averaged, or left out,
// some of them.
#include "core/worker/recipe_values.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::recipe_values_test {
namespace {

Graph OneWeight(std::vector<float> given, Hold hold) {
  Graph graph;
  const ValueId x = graph.AddInput({4});
  const ValueId weight = graph.AddParameter("a.weight", {2, 4}, Initializer::kZeros);
  graph.mutable_value(weight).given = std::make_shared<const std::vector<float>>(std::move(given));
  graph.mutable_value(weight).hold = hold;
  graph.SetOutputs(*graph.AddNode(OpKind::kDense, "a", {x, weight}), -1);
  return graph;
}

std::vector<float> After(const Graph& graph, std::vector<float> trained) {
  const std::vector<Safetensors::Tensor> tensors = {{"a.weight", {2, 4}, std::move(trained)}};
  const auto held = WithTrainedValues(graph, tensors);
  if (!held.ok()) qFatal("%s", std::string(held.status().message()).c_str());
  return *held->value(held->parameters()[0]).given;
}

}  // namespace

class RecipeValuesTest : public QObject {
  Q_OBJECT

 private slots:
  // Else every rank's part has a codebook of its own, and the file as many entries as all of them.
  void whatIsSharedIsSharedAgain() {
    const Graph graph = OneWeight({1, 0, 2, 1, 2, 2, 0, 1}, Hold::kShared);
    QCOMPARE(After(graph, {1.5F, 0.25F, 2, 1, 2.5F, 3, 0, 2}),
             (std::vector<float>{1.5F, 0, 2.5F, 1.5F, 2.5F, 2.5F, 0, 1.5F}));
    // What is so already stays to the bit.
    const std::vector<float> same = {0.1F, 0, 0.3F, 0.1F, 0.3F, 0.3F, 0, 0.1F};
    QCOMPARE(After(graph, same), same);
  }

  void whatWasPrunedStaysSo() {
    const Graph graph = OneWeight({1, 0, 2, 1, 2, 2, 0, 1}, Hold::kZeros);
    QCOMPARE(After(graph, {1.5F, 0.25F, 2, 1, 2.5F, 3, -1, 2}),
             (std::vector<float>{1.5F, 0, 2, 1, 2.5F, 3, 0, 2}));
  }
};

CONCERTINA_TEST(RecipeValuesTest)

}  // namespace concertina::recipe_values_test

#include "recipe_values_test.moc"
