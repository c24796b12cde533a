// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers_model_test.cc: series of layers as a table.
#include "ui/client/layers_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include "tests/test_program.h"

namespace concertina::ui::layers_model_test {

class LayersModelTest : public QObject {
  Q_OBJECT

  static void add(MetricModel& metrics, int64_t step,
                  std::initializer_list<std::pair<const char*, double>> values) {
    proto::MetricUpdate update;
    update.add_steps(step);
    update.add_seconds(static_cast<double>(step));
    update.add_epochs(0);
    update.add_bytes(0);
    for (const auto& [name, value] : values) {
      proto::MetricUpdate::Column* column = update.add_columns();
      column->set_series(name);
      column->set_rank(-1);
      column->add_values(value);
    }
    metrics.append(update);
  }
  static QString text(const LayersModel& model, int row, int column) {
    return model.index(row, column).data().toString();
  }
  static double bar(const LayersModel& model, int row, int column) {
    return model.data(model.index(row, column), LayersModel::kBarRole).toDouble();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void aRowIsALayerAndFollowsTheNewest() {
    MetricModel metrics;
    LayersModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.take(metrics);
    QCOMPARE(model.rowCount(), 0);
    add(metrics, 0,
        {{"train/loss", 2},
         {"layer/conv1/parameters", 520},
         {"layer/conv1/payload_bytes", 100},
         {"layer/conv1/relative_error", 0.25},
         {"layer/conv1/cosine", -0.5},
         {"layer/conv1/gradient_norm", 2},
         {"layer/conv1/residual_norm", 6},
         {"layer/conv1/residual_age", 12}});
    model.take(metrics);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(text(model, 0, LayersModel::kLayer), "conv1");
    QCOMPARE(text(model, 0, LayersModel::kParameters), "520");
    QCOMPARE(text(model, 0, LayersModel::kShare), formatted(1));
    QCOMPARE(text(model, 0, LayersModel::kResidual), "3.00");
    QCOMPARE(text(model, 0, LayersModel::kDirection), "–");  // not measured is not zero
    add(metrics, 16,
        {{"layer/conv1/relative_error", 0.75},
         {"layer/dense1/payload_bytes", 300},
         {"layer/dense1/residual_age", 3}});
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.take(metrics);
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(reset.count(), 0);
    QCOMPARE(model.rowOf("dense1"), 1);
    QCOMPARE(model.rowOf("dense2"), -1);
    QCOMPARE(text(model, 0, LayersModel::kError), "0.750");
    QCOMPARE(text(model, 1, LayersModel::kShare), formatted(0.75));
    // Bars: of a whole, of 1, of the largest, and from the middle.
    QCOMPARE(bar(model, 1, LayersModel::kShare), 0.75);
    QCOMPARE(bar(model, 0, LayersModel::kError), 0.75);
    QCOMPARE(bar(model, 0, LayersModel::kAge), 1.0);
    QCOMPARE(bar(model, 1, LayersModel::kAge), 0.25);
    QCOMPARE(bar(model, 0, LayersModel::kCosine), -0.5);
    QVERIFY(std::isnan(bar(model, 1, LayersModel::kCosine)));
    QVERIFY(std::isnan(bar(model, 0, LayersModel::kParameters)));
  }

  void anotherRunTakesItsPlaceWhole() {
    MetricModel metrics, other;
    LayersModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    add(metrics, 0, {{"layer/a/cosine", 1}, {"layer/b/cosine", 1}});
    model.take(metrics);
    QCOMPARE(model.rowCount(), 2);
    add(other, 0, {{"layer/c/cosine", 1}, {"layer/d/cosine", 1}});
    model.take(other);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(text(model, 0, LayersModel::kLayer), "c");
    other.clear();
    model.take(other);
    QCOMPARE(model.rowCount(), 0);
  }

  void everyColumnHasItsWords() {
    LayersModel model;
    for (int column = 0; column < LayersModel::kColumns; ++column)
      QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
    MetricModel metrics;
    add(metrics, 0, {{"layer/a/cosine", 0.5}});
    model.take(metrics);
    QCOMPARE(model.data(model.index(0, LayersModel::kCosine), Qt::AccessibleTextRole).toString(),
             "Cosine: 0.500");
  }

 private:
  static QString formatted(double share) {
    return share == 1 ? QStringLiteral("100.0 %") : QStringLiteral("75.0 %");
  }
};

CONCERTINA_TEST(LayersModelTest)

}  // namespace concertina::ui::layers_model_test

#include "layers_model_test.moc"
