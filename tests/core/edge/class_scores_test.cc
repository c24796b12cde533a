// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// class_scores_test.cc: the classes of a sample in their order, with probabilities that are those of all.
#include "core/edge/class_scores.h"

#include <cmath>

#include "tests/test_program.h"

namespace concertina::class_scores_test {

class ClassScoresTest : public QObject {
  Q_OBJECT
 private slots:
  void theLikeliestComeFirstAndOfEqualsTheLower() {
    const std::vector<float> logits = {1, 3, 3, -2};
    const std::vector<ClassProbability> all = LikeliestClasses(logits, 4);
    QCOMPARE(all.size(), size_t{4});
    const int64_t order[] = {1, 2, 0, 3};
    double sum = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      QCOMPARE(all[i].class_index, order[i]);
      sum += all[i].probability;
    }
    QVERIFY(std::abs(sum - 1) < 1e-12);
    QVERIFY(std::abs(all[0].probability / all[2].probability - std::exp(2.0)) < 1e-9);
  }

  void fewOfThemHaveTheProbabilitiesOfAll() {
    const std::vector<float> logits = {90, 100, 95};  // no exponential overflows
    const std::vector<ClassProbability> all = LikeliestClasses(logits, 3), one = LikeliestClasses(logits, 1);
    QCOMPARE(one.size(), size_t{1});
    QCOMPARE(one[0].class_index, int64_t{1});
    QCOMPARE(one[0].probability, all[0].probability);
    QCOMPARE(LikeliestClasses(logits, 0).size(), size_t{1});
    QCOMPARE(LikeliestClasses(logits, 99).size(), size_t{3});
  }
};

CONCERTINA_TEST(ClassScoresTest)

}  // namespace concertina::class_scores_test

#include "class_scores_test.moc"
