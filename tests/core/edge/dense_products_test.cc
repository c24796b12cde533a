// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_products_test.cc: a dense layer gives the same bits whether its zeros are multiplied or left out.
#include <QTest>
#include <bit>
#include <cmath>

#include "core/base/rng.h"
#include "core/edge/kernels.h"
#include "tests/test_program.h"

namespace concertina::dense_products_test {

class DenseProductsTest : public QObject {
  Q_OBJECT
 private slots:
  // Whole and partial blocks and groups of them, an input without a weight.
  void sparseDenseLayersGiveTheBitsOfDenseOnes_data() {
    QTest::addColumn<int>("inputs");
    QTest::addColumn<int>("outputs");
    QTest::addColumn<double>("zeros");
    for (const auto& [inputs, outputs] :
         {std::pair(784, 300), {300, 100}, {100, 10}, {1, 1}, {9, 8}, {17, 33}, {64, 64}})
      for (const double zeros : {0.0, 0.5, 0.9, 0.99, 1.0})
        QTest::addRow("%d to %d, %.0f %% zeros", inputs, outputs, 100 * zeros) << inputs << outputs << zeros;
  }
  void sparseDenseLayersGiveTheBitsOfDenseOnes() {
    QFETCH(int, inputs);
    QFETCH(int, outputs);
    QFETCH(double, zeros);
    Rng rng(11, "sparse");
    std::vector<float> weight(static_cast<size_t>(inputs * outputs)),
        x(static_cast<size_t>(inputs) + edge::kSlack), bias(static_cast<size_t>(outputs) + 2 * edge::kSlack);
    for (float& w : weight) w = rng.Uniform() < zeros ? 0.0F : static_cast<float>(rng.Uniform(-1, 1));
    for (int k = 0; k < inputs; ++k)
      x[static_cast<size_t>(k)] = rng.Uniform() < 0.5 ? 0.0F : static_cast<float>(rng.Uniform(-1, 1));
    for (int o = 0; o < outputs; ++o) bias[static_cast<size_t>(o)] = static_cast<float>(rng.Uniform(-1, 1));
    const std::vector<float> packed = edge::PackDense(weight, inputs, outputs);
    const edge::SparseDense few = edge::PackSparseDense(weight, inputs, outputs);
    QCOMPARE(few.begin.size(), static_cast<size_t>(inputs) + 1);
    std::vector<int32_t> nonzero(static_cast<size_t>(inputs) + 1);
    for (const bool has_bias : {true, false})
      for (const bool rectifies : {true, false}) {
        const edge::FloatTail tail{.bias = has_bias ? bias.data() : nullptr, .rectifies = rectifies};
        std::vector<float> y(static_cast<size_t>(outputs) + 2 * edge::kSlack), sparse(y);
        edge::DenseFloat(packed.data(), inputs, outputs, x.data(), nonzero.data(), tail, y.data());
        edge::DenseSparse(few, few.weight.data(), inputs, outputs, x.data(), nonzero.data(), tail,
                          sparse.data());
        y.resize(static_cast<size_t>(outputs));
        sparse.resize(y.size());
        for (size_t o = 0; o < y.size(); ++o)
          QCOMPARE(std::bit_cast<uint32_t>(sparse[o]), std::bit_cast<uint32_t>(y[o]));
      }
  }

  // Zeros are left out, and what is no number is none.
  void aNumberThatIsNoneIsNotLeftOut() {
    for (const int at : {0, 5, 8, 16}) {  // within a vector, and behind the last
      std::vector<float> x(17 + edge::kSlack), y(edge::kSlack);
      x[static_cast<size_t>(at)] = NAN;
      const std::vector<float> packed = edge::PackDense(std::vector<float>(17, 1.0F), 17, 1);
      std::vector<int32_t> nonzero(18);
      edge::DenseFloat(packed.data(), 17, 1, x.data(), nonzero.data(), {}, y.data());
      QVERIFY(std::isnan(y[0]));
    }
  }
};

CONCERTINA_TEST(DenseProductsTest)

}  // namespace concertina::dense_products_test

#include "dense_products_test.moc"
