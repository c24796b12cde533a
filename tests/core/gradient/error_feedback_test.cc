// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// error_feedback_test.cc: the residual's identity, exactly; its norm; its state.
#include "core/gradient/error_feedback.h"

#include <QTest>
#include <numeric>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::error_feedback_test {

class ErrorFeedbackTest : public QObject {
  Q_OBJECT

  // Small whole numbers, so that every float sum is exact.
  static std::vector<float> WholeNumbers(int64_t d, uint64_t seed) {
    std::vector<float> gradient(static_cast<size_t>(d));
    Rng rng(seed);
    for (float& value : gradient) value = static_cast<float>(rng.Below(201)) - 100;
    return gradient;
  }

 private slots:
  void sentAndResidualMakeUpTheGradientsExactly_data() {
    QTest::addColumn<qint64>("d");
    for (const qint64 d : {1, 3, 1000, 4097, (1 << 20) + 1})
      QTest::newRow(qPrintable(QString::number(d))) << d;
  }
  void sentAndResidualMakeUpTheGradientsExactly() {
    QFETCH(qint64, d);
    ForEachInstructionSet([&] {
      ErrorFeedback feedback;
      std::vector<float> sum(static_cast<size_t>(d)), sent(sum.size());
      for (uint64_t step = 0; step < 4; ++step) {
        const std::vector<float> gradient = WholeNumbers(d, step);
        int64_t visited = 0;
        QVERIFY(feedback
                    .Correct(gradient,
                             [&](std::span<const float> block, int64_t offset) {
                               if (offset != visited) qFatal("blocks come in order");
                               visited += static_cast<int64_t>(block.size());
                               for (size_t i = 0; i < block.size(); i += 7) {
                                 const auto at = static_cast<size_t>(offset) + i;
                                 if (block[i] != sum[at] + gradient[at] - sent[at])
                                   qFatal("the block is not x");
                               }
                             })
                    .ok());
        QCOMPARE(visited, static_cast<int64_t>(d));
        const std::span<float> x = feedback.corrected();
        for (size_t i = step; i < x.size(); i += 3) {  // a codec that sends every third element
          sent[i] += x[i];
          x[i] = 0;
        }
        feedback.Commit();
        double norm = 0;
        for (size_t i = 0; i < sum.size(); ++i) {
          sum[i] += gradient[i];
          if (sent[i] + feedback.residual()[i] != sum[i]) QCOMPARE(sent[i] + feedback.residual()[i], sum[i]);
          norm += static_cast<double>(feedback.residual()[i]) * feedback.residual()[i];
        }
        QCOMPARE(feedback.ResidualNormSquared(), norm);
      }
    });
  }

  void nothingChangesWithoutCommit() {
    ErrorFeedback feedback;
    QVERIFY(feedback.Correct(std::vector<float>{1, 2, 3}).ok());
    feedback.Commit();
    QVERIFY(feedback.Correct(std::vector<float>{5, 5, 5}).ok());
    QCOMPARE(feedback.corrected()[2], 8.0F);
    QCOMPARE(feedback.residual()[2], 3.0F);
    QVERIFY(feedback.Correct(std::vector<float>{1, 1, 1}).ok());
    QCOMPARE(feedback.corrected()[2], 4.0F);
  }

  void sumsThatOverflowAreNamed() {
    ErrorFeedback feedback;
    QVERIFY(feedback.Correct(std::vector<float>{1, 3e38F}).ok());
    feedback.Commit();
    const absl::Status status = feedback.Correct(std::vector<float>{1, 3e38F});
    QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY2(status.message().find("element 1") != absl::string_view::npos,
             std::string(status.message()).c_str());
    QCOMPARE(feedback.residual()[1], 3e38F);
  }

  void squaresOfHugeElementsDoNotOverflow() {
    ErrorFeedback feedback;
    QVERIFY(feedback.Correct(std::vector<float>{3e38F, -3e38F}).ok());
    QVERIFY(std::abs(feedback.corrected_norm_squared() / (2 * 9e76) - 1) <
            1e-6);  // 3e38 is rounded to a float
  }

  void stateOfAnotherLengthIsRefused() {
    ErrorFeedback feedback;
    QVERIFY(feedback.Correct(std::vector<float>{1, 2, 3}).ok());
    feedback.Commit();
    QCOMPARE(feedback.LoadState(std::vector<uint8_t>(16)).code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(feedback.LoadState(std::vector<uint8_t>(11)).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(feedback.residual()[2], 3.0F);
    QVERIFY(feedback.LoadState({}).ok());  // as before the first step
    QCOMPARE(feedback.residual()[2], 0.0F);
    QCOMPARE(feedback.ResidualNormSquared(), 0.0);
  }

  void aLoadedStateFixesTheLength() {
    ErrorFeedback feedback;
    QVERIFY(feedback.LoadState(std::vector<uint8_t>(12)).ok());
    QCOMPARE(feedback.Correct(std::vector<float>{1, 2}).code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(feedback.Correct(std::vector<float>{1, 2, 3}).ok());
  }
};

CONCERTINA_TEST(ErrorFeedbackTest)

}  // namespace concertina::error_feedback_test

#include "error_feedback_test.moc"
