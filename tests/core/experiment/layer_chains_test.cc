// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_chains_test.cc: which layers a pattern fits, and that the first that fits counts.
#include "core/experiment/layer_chains.h"

#include <QTest>

#include "core/base/name_pattern.h"
#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::layer_chains_test {
namespace {

// The definition, which takes exponential time.
bool Fits(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*')
    return Fits(name, pattern.substr(1)) || (!name.empty() && Fits(name.substr(1), pattern));
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         Fits(name.substr(1), pattern.substr(1));
}

std::vector<ParameterSlot> Layout(const std::vector<std::string>& names) {
  std::vector<ParameterSlot> layout;
  for (const std::string& name : names)
    layout.push_back({.name = name, .offset = static_cast<int64_t>(layout.size()), .count = 1});
  return layout;
}

}  // namespace

class LayerChainsTest : public QObject {
  Q_OBJECT
 private slots:
  void patternsFollowTheirDefinition() {
    Rng rng(3, "patterns");
    int fitting = 0;
    for (int i = 0; i < 20000; ++i) {
      std::string name, pattern;
      for (uint64_t n = rng.Below(8); n > 0; --n) name += "ab"[rng.Below(2)];
      for (uint64_t n = rng.Below(7); n > 0; --n) pattern += "ab*?"[rng.Below(4)];
      QVERIFY2(FitsPattern(name, pattern) == Fits(name, pattern), (name + " " + pattern).c_str());
      fitting += Fits(name, pattern) ? 1 : 0;
    }
    QVERIFY(fitting > 1000);
  }
  void manyStarsTakeNoTime() {  // nor is there a deadline: with the definition it would never end
    std::string pattern;
    for (int i = 0; i < 60; ++i) pattern += "*a";
    QVERIFY(!FitsPattern(std::string(200, 'a') + "b", pattern));
  }
  void theFirstPatternThatFitsCounts() {
    const Spec spec = CheckSpec(R"({"gradient": [{"kind": "fp16"}], "layer_gradients": [
        {"layers": "conv2", "gradient": []}, {"layers": "conv*", "gradient": [{"kind": "top-k"}]},
        {"layers": "conv3", "gradient": []}]})")
                          .spec;
    std::vector<int> chains;
    const auto layout = Layout({"conv1.weight", "conv1.bias", "conv2.weight", "conv3.weight", "fc.weight"});
    for (const ParameterSlot& slot : WithChains(spec, layout)) chains.push_back(slot.chain);
    QCOMPARE(chains, (std::vector<int>{2, 2, 1, 2, 0}));
    QCOMPARE(ChainNumber(spec, 0)[0].kind(), std::string("fp16"));
    QCOMPARE(ChainNumber(spec, 2)[0].kind(), std::string("top-k"));
    QVERIFY(ChainNumber(spec, 1).empty());
    std::vector<Fault> faults;
    CheckPatterns(spec, layout, faults);
    QVERIFY(faults.empty());
    const std::vector<std::string> warnings = PatternWarnings(spec, layout);
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY(warnings[0].starts_with("/layer_gradients/2 (\"conv3\")"));
  }
  void aPatternThatFitsNothingIsAFault() {
    const auto layout = Layout({"conv1.weight", "conv2.weight", "dense1.weight", "dense2.weight"});
    for (const auto& [pattern, meant] :
         {std::pair("cnov*", "conv1"), {"Dense?", "dense1"}, {"convolution2", ""}}) {
      const Spec spec = CheckSpec(R"({"layer_gradients": [{"layers": "*", "gradient": []}, {"layers": ")" +
                                  std::string(pattern) + R"(", "gradient": []}]})")
                            .spec;
      std::vector<Fault> faults;
      CheckPatterns(spec, layout, faults);
      QCOMPARE(faults.size(), size_t{1});
      QCOMPARE(faults[0].pointer, std::string("/layer_gradients/1/layers"));
      QCOMPARE(faults[0].found, "\"" + std::string(pattern) + "\"");
      QVERIFY(faults[0].expected.find("conv1, conv2, dense1, dense2") != std::string::npos);
      QCOMPARE(faults[0].suggestion, std::string(meant));
    }
  }
};

CONCERTINA_TEST(LayerChainsTest)

}  // namespace concertina::layer_chains_test

#include "layer_chains_test.moc"
