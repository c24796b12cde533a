// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// palette.cc: see palette.h.
#include "ui/charts/palette.h"

#include <array>

#include "core/proto/run.pb.h"

namespace concertina::ui {
namespace {

struct Shade {
  QRgb light, dark;
  QColor on(bool dark_ground) const { return QColor(dark_ground ? dark : light); }
};

constexpr Shade kBlue = {0xff0072b2, 0xff4ba3dd};
constexpr Shade kVermilion = {0xffd55e00, 0xffec8343};
constexpr Shade kGreen = {0xff00916b, 0xff2fc498};
constexpr Shade kPurple = {0xffb8578f, 0xffdd96bf};
constexpr Shade kOrange = {0xffb87a00, 0xffe9b33a};
constexpr Shade kSky = {0xff2f93c9, 0xff83c9f0};
constexpr Shade kInk = {0xff4a525c, 0xffc3cad2};
constexpr Shade kGrey = {0xff848e99, 0xff7d8894};

constexpr std::array<Shade, kSeriesColors> kSeries = {kBlue,   kVermilion, kGreen, kPurple,
                                                      kOrange, kSky,       kInk};
// data, compute, encode, exchange, decode, update, wait: light and dark by turns, so that neighbours in a
// stack differ for every eye. Areas, not lines: they may be lighter than a line on the same ground.
constexpr std::array<Shade, 7> kPhaseShades = {{{0xff7cc4ee, 0xff83c9f0},
                                                {0xff1c76b4, 0xff2f86c4},
                                                {0xffecd05a, 0xfff0dc6a},
                                                {0xffc85a14, 0xffd5682a},
                                                {0xfff5bd70, 0xfff4bc6e},
                                                {0xff128a68, 0xff1fa67e},
                                                {0xffc0c7ce, 0xff8a949f}}};

}  // namespace

bool onDarkGround(const QPalette& palette) {
  return palette.color(QPalette::Base).lightnessF() < palette.color(QPalette::Text).lightnessF();
}

QColor seriesColor(int index, bool dark) {
  return kSeries[size_t((index % kSeriesColors + kSeriesColors) % kSeriesColors)].on(dark);
}

QColor phaseColor(int phase, bool dark) { return kPhaseShades[size_t(phase) % kPhaseShades.size()].on(dark); }

QColor stateColor(int state, bool dark) {
  switch (state) {
    case proto::STARTING:
    case proto::RUNNING:
      return kBlue.on(dark);
    case proto::PAUSED:
      return kOrange.on(dark);
    case proto::FINISHED:
      return kGreen.on(dark);
    case proto::FAILED:
      return kVermilion.on(dark);
    default:
      return kGrey.on(dark);
  }
}

QColor mixed(const QColor& a, const QColor& b, double share) {
  return QColor::fromRgbF(float(a.redF() + (b.redF() - a.redF()) * share),
                          float(a.greenF() + (b.greenF() - a.greenF()) * share),
                          float(a.blueF() + (b.blueF() - a.blueF()) * share));
}

QColor gridColor(const QPalette& palette) {
  return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.09);
}

QColor quietTextColor(const QPalette& palette) {
  return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.68);
}

}  // namespace concertina::ui
