// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// axis_bar_test.cc: what charts are drawn against is chosen by its buttons, in the order of Tab, and kept.
#include "ui/pages/axis_bar.h"

#include <QAction>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"

namespace concertina::ui::axis_bar_test {

class AxisBarTest : public QObject {
  Q_OBJECT

  std::unique_ptr<AxisBar> bar_;

  QToolButton* button(const char* name) const {
    return bar_->findChild<QToolButton*>(QLatin1String("page.against.") + QLatin1String(name));
  }
  QAction* entry(const char* series) const {
    return bar_->findChild<QAction*>(QLatin1String("page.x.") + QLatin1String(series));
  }

 private slots:
  void init() {
    bar_ = std::make_unique<AxisBar>(QStringLiteral("page"), QStringLiteral("against"));
    bar_->show();
  }
  void cleanup() { bar_.reset(); }

  void tabGoesFromLeftToRight() {
    QStringList chain;
    int right = -1;
    for (QWidget* next = bar_->nextInFocusChain(); next != bar_.get(); next = next->nextInFocusChain()) {
      if (qobject_cast<QToolButton*>(next) == nullptr) continue;
      chain << next->objectName();
      QVERIFY2(next->x() > right, qPrintable(next->objectName()));
      right = next->x();
    }
    QCOMPARE(chain, QStringList({"page.against.step", "page.against.epoch", "page.against.seconds",
                                 "page.against.bytes", "page.against.series", "page.logX"}));
  }

  void anAxisIsChosenByItsButton() {
    QSignalSpy changed(bar_.get(), &AxisBar::axisChanged);
    QCOMPARE(bar_->axis(), XAxis::kStep);
    QVERIFY(button("step")->isChecked());
    QTest::mouseClick(button("bytes"), Qt::LeftButton);
    QCOMPARE(bar_->axis(), XAxis::kBytes);
    QCOMPARE(changed.count(), 1);
    bar_->setAxis(XAxis::kBytes);  // no other
    QCOMPARE(changed.count(), 1);
    bar_->setAxis(XAxis::kEpoch);
    QVERIFY(button("epoch")->isChecked() && !button("bytes")->isChecked());
    QCOMPARE(changed.count(), 2);
  }

  void aSeriesIsChosenFromTheMenu() {
    QSignalSpy changed(bar_.get(), &AxisBar::axisChanged);
    bar_->offerSeries({"norm/gradient", "layer/conv1/relative_error", "comm/relative_error"});
    QVERIFY(entry("norm/gradient") != nullptr && !entry("norm/gradient")->isChecked());
    // What there may be hundreds of has a menu of its own.
    auto* menu = bar_->findChild<QMenu*>("page.axisMenu");
    QVERIFY(menu->actions().contains(entry("norm/gradient")));
    QVERIFY(!menu->actions().contains(entry("layer/conv1/relative_error")));
    entry("norm/gradient")->trigger();
    QTRY_COMPARE(bar_->axis(), XAxis::kSeries);
    QCOMPARE(bar_->xSeries(), "norm/gradient");
    QVERIFY(button("series")->isChecked() && button("series")->text().contains("norm/gradient"));
    QCOMPARE(changed.count(), 1);
    QVERIFY(entry("norm/gradient")->isChecked());
    entry("norm/gradient")->trigger();  // once more: it stays
    QTRY_VERIFY(entry("norm/gradient")->isChecked());
    entry("layer/conv1/relative_error")->trigger();
    QTRY_COMPARE(bar_->xSeries(), "layer/conv1/relative_error");
    QVERIFY(!entry("norm/gradient")->isChecked());
    bar_->offerSeries({});  // of another run, which has not measured it yet
    QVERIFY(entry("layer/conv1/relative_error")->isChecked());
    QTest::mouseClick(button("step"), Qt::LeftButton);
    QCOMPARE(bar_->xSeries(), "");
    QCOMPARE(button("series")->text(), "Series");
    QVERIFY(entry("layer/conv1/relative_error") == nullptr);
  }

  void withoutASeriesTheButtonChoosesNothing() {
    QSignalSpy changed(bar_.get(), &AxisBar::axisChanged);
    button("series")->setChecked(true);  // as the space bar does
    QVERIFY(button("step")->isChecked() && !button("series")->isChecked());
    QCOMPARE(bar_->axis(), XAxis::kStep);
    QCOMPARE(changed.count(), 0);
  }

  void theMenuAsksForWhatThereIs() {
    connect(bar_.get(), &AxisBar::menuOpens, bar_.get(), [this] { bar_->offerSeries({"train/loss"}); });
    QVERIFY(entry("train/loss") == nullptr);
    emit bar_->findChild<QMenu*>("page.axisMenu")->aboutToShow();
    QVERIFY(entry("train/loss") != nullptr);
  }

  void allOfItIsKept() {
    QSignalSpy scaled(bar_.get(), &AxisBar::logXChanged);
    const QJsonObject first = bar_->saveState();
    bar_->setXSeries("norm/gradient");
    bar_->findChild<QToolButton*>("page.logX")->click();
    QCOMPARE(scaled.count(), 1);
    const QJsonObject kept = bar_->saveState();
    bar_->reset();
    QCOMPARE(bar_->saveState(), first);
    bar_->restoreState(kept);
    QCOMPARE(bar_->saveState(), kept);
    QVERIFY(bar_->logX());
    QCOMPARE(bar_->xSeries(), "norm/gradient");
  }

  void whatAStateMakesUpIsPassedOver() {
    bar_->setAxis(XAxis::kSeconds);
    for (const QJsonObject& state :
         {QJsonObject{{"axis", "nonsense"}}, QJsonObject{{"axis", 3}}, QJsonObject{{"axis", "series"}},
          QJsonObject{{"axis", "series"}, {"x_series", QString(201, 'x')}}}) {
      bar_->restoreState(state);
      QCOMPARE(bar_->axis(), XAxis::kSeconds);
    }
  }
};

CONCERTINA_TEST(AxisBarTest)

}  // namespace concertina::ui::axis_bar_test

#include "axis_bar_test.moc"
