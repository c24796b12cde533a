// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// theme_test.cc: what the theme colours can be read.
#include "ui/shell/theme.h"

#include <QApplication>
#include <QLabel>
#include <QTest>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::ui::theme_test {
namespace {

// WCAG 2.1, relative luminance and contrast ratio.
double luminance(const QColor& color) {
  const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}
double contrast(const QColor& a, const QColor& b) {
  const double of_a = luminance(a), of_b = luminance(b);
  return (std::max(of_a, of_b) + 0.05) / (std::min(of_a, of_b) + 0.05);
}

QLabel* shownTip() {
  for (QWidget* widget : QApplication::topLevelWidgets())
    if (widget->inherits("QTipLabel") && widget->isVisible()) return qobject_cast<QLabel*>(widget);
  return nullptr;
}

}  // namespace

class ThemeTest : public QObject {
  Q_OBJECT
 private slots:
  void aTipCanBeRead_data() {
    QTest::addColumn<Theme::Mode>("mode");
    QTest::newRow("light") << Theme::Mode::kLight;
    QTest::newRow("dark") << Theme::Mode::kDark;
  }
  void aTipCanBeRead() {
    QFETCH(Theme::Mode, mode);
    Theme theme;
    theme.apply(mode, false);
    QWidget window;
    window.resize(400, 300);
    window.show();
    QToolTip::showText(window.mapToGlobal(QPoint(20, 20)), QStringLiteral("MMMMMMMM"), &window);
    QTRY_VERIFY(shownTip() != nullptr);
    QLabel* const tip = shownTip();
    const QImage picture = tip->grab().toImage();
    const QColor ground = picture.pixelColor(3, picture.height() / 2);
    double most = 1;
    for (int y = 0; y < picture.height(); ++y)
      for (int x = 0; x < picture.width(); ++x)
        most = std::max(most, contrast(ground, picture.pixelColor(x, y)));
    QVERIFY2(most >= 4.5, qPrintable(QStringLiteral("%1 on %2").arg(most).arg(ground.name())));
    QToolTip::hideText();
    QTRY_VERIFY(shownTip() == nullptr);
  }
};

CONCERTINA_TEST(ThemeTest)

}  // namespace concertina::ui::theme_test

#include "theme_test.moc"
