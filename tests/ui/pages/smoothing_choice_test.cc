// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing_choice_test.cc: how curves are smoothed is chosen by slider and menu, said in words, and kept.
#include "ui/pages/smoothing_choice.h"

#include <QAction>
#include <QLocale>
#include <QMenu>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"

namespace concertina::ui::smoothing_choice_test {

class SmoothingChoiceTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void sliderAndMenuChoose() {
    SmoothingChoice choice(QStringLiteral("page"));
    auto* slider = choice.findChild<QSlider*>(QStringLiteral("page.smoothingSlider"));
    auto* button = choice.findChild<QToolButton*>(QStringLiteral("page.smoothingKind"));
    auto* running = choice.findChild<QAction*>(QStringLiteral("page.smoothing.running-mean"));
    QCOMPARE(button->text(), "none");
    QSignalSpy changed(&choice, &SmoothingChoice::changed);
    slider->setValue(50);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(button->text(), "β 0.90");
    running->trigger();
    QCOMPARE(changed.count(), 2);
    QVERIFY(running->isChecked());
    QCOMPARE(choice.smoothing(), (Smoothing{.kind = Smoothing::Kind::kRunningMean, .points = 19}));
    QCOMPARE(button->text(), "19 values");
    QCOMPARE(button->accessibleName(), "Smoothed by: Running mean, 19 values");
    running->trigger();  // chosen already
    QCOMPARE(changed.count(), 2);
    QVERIFY(running->isChecked());
    QVERIFY(button->focusPolicy() & Qt::TabFocus);
  }

  void aWordKeepsTheKind() {
    SmoothingChoice choice(QStringLiteral("page"));
    QCOMPARE(choice.kindWord(), "exponential");
    choice.setKindWord(QStringLiteral("running-mean"));
    QCOMPARE(choice.kind(), Smoothing::Kind::kRunningMean);
    QVERIFY(choice.findChild<QAction*>(QStringLiteral("page.smoothing.running-mean"))->isChecked());
    choice.setKindWord(QStringLiteral("of a later version"));
    choice.setKindWord({});
    QCOMPARE(choice.kindWord(), "running-mean");
  }

  // The row beside it stands still while a hand moves the slider.
  void itsWidthIsThatOfItsLongestWords() {
    SmoothingChoice choice(QStringLiteral("page"));
    choice.show();
    const int wide = choice.sizeHint().width();
    auto* slider = choice.findChild<QSlider*>(QStringLiteral("page.smoothingSlider"));
    for (const Smoothing::Kind kind : {Smoothing::Kind::kExponential, Smoothing::Kind::kRunningMean}) {
      choice.setKind(kind);
      for (const int percent : {0, 1, 50, 100}) {
        slider->setValue(percent);
        QCOMPARE(choice.sizeHint().width(), wide);
      }
    }
  }
};

CONCERTINA_TEST(SmoothingChoiceTest)

}  // namespace concertina::ui::smoothing_choice_test

#include "smoothing_choice_test.moc"
