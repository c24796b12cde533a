// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// palette_test.cc: colours that stand off their ground, and off each other for colour-blind eyes.
#include "ui/charts/palette.h"

#include <QTest>
#include <array>
#include <cmath>
#include "tests/test_program.h"

namespace concertina::ui::palette_test {
namespace {

using Rgb = std::array<double, 3>;

Rgb linear(const QColor& color) {
  const auto channel = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  return {channel(color.redF()), channel(color.greenF()), channel(color.blueF())};
}

double contrast(const QColor& a, const QColor& b) {
  const auto luminance = [](const QColor& color) {
    const Rgb c = linear(color);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  };
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

// Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency. IEEE
// TVCG 2009, severity 1.0, in linear RGB.
const std::array<std::array<double, 9>, 3> kSight = {{
    {1, 0, 0, 0, 1, 0, 0, 0, 1},
    {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
     0.968881},  // deuteranopia
    {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
     1.051998},  // protanopia
}};

// CIE L*a*b* (D65) of a colour as seen with `sight`; distances of about 2 are just noticeable.
Rgb lab(const QColor& color, const std::array<double, 9>& sight) {
  const Rgb c = linear(color);
  Rgb s;
  for (int i = 0; i < 3; ++i)
    s[i] = std::clamp(sight[3 * i] * c[0] + sight[3 * i + 1] * c[1] + sight[3 * i + 2] * c[2], 0.0, 1.0);
  const double x = (0.4124 * s[0] + 0.3576 * s[1] + 0.1805 * s[2]) / 0.9505,
               y = 0.2126 * s[0] + 0.7152 * s[1] + 0.0722 * s[2],
               z = (0.0193 * s[0] + 0.1192 * s[1] + 0.9505 * s[2]) / 1.089;
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  return {116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))};
}

double distance(const QColor& a, const QColor& b, const std::array<double, 9>& sight) {
  const Rgb x = lab(a, sight), y = lab(b, sight);
  return std::sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                   (x[2] - y[2]) * (x[2] - y[2]));
}

}  // namespace

class PaletteTest : public QObject {
  Q_OBJECT
 private slots:
  void linesStandOffTheirGround() {  // WCAG 2.1, 1.4.11: 3 for graphics; the grounds are the theme's cards
    for (int i = 0; i < kSeriesColors; ++i) {
      QVERIFY2(contrast(seriesColor(i, false), Qt::white) >= 3, qPrintable(QString::number(i)));
      QVERIFY2(contrast(seriesColor(i, true), QColor(0x23, 0x28, 0x2e)) >= 3, qPrintable(QString::number(i)));
    }
    for (int state = 1; state <= 7; ++state) {
      QVERIFY(contrast(stateColor(state, false), Qt::white) >= 3);
      QVERIFY(contrast(stateColor(state, true), QColor(0x23, 0x28, 0x2e)) >= 3);
    }
  }

  void theFirstFourAreToldApartByEveryEye() {  // more than four curves need the read-out anyway
    for (const bool dark : {false, true})
      for (const auto& sight : kSight)
        for (int a = 0; a < 4; ++a)
          for (int b = 0; b < a; ++b) {
            const double d = distance(seriesColor(a, dark), seriesColor(b, dark), sight);
            QVERIFY2(d >= 12, qPrintable(QStringLiteral("%1 and %2: %3").arg(a).arg(b).arg(d)));
          }
  }

  void neighboursInAStackAreToldApart() {
    for (const bool dark : {false, true})
      for (const auto& sight : kSight)
        for (int phase = 1; phase < 7; ++phase) {
          const double d = distance(phaseColor(phase, dark), phaseColor(phase - 1, dark), sight);
          QVERIFY2(d >= 12,
                   qPrintable(QStringLiteral("phases %1 and %2: %3").arg(phase - 1).arg(phase).arg(d)));
        }
  }

  void coloursGoRound() {
    QCOMPARE(seriesColor(kSeriesColors, false), seriesColor(0, false));
    QCOMPARE(seriesColor(-1, false), seriesColor(kSeriesColors - 1, false));
  }
};

CONCERTINA_TEST(PaletteTest)

}  // namespace concertina::ui::palette_test

#include "palette_test.moc"
