// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chart_export.h: a chart as a file: PNG, SVG and PDF of what is seen, CSV of the data behind it.
// On the way of the data: charts/series_chart.h -> here -> files.
#pragma once

#include <QString>

#include "ui/charts/series_chart.h"

namespace concertina::ui {

// "" if it went well, else what a person should read. The picture has the chart's width, and above it its
// title and a legend of the curves that are shown; PNG in twice its resolution.
QString saveChartPng(SeriesChart& chart, const QString& path);
QString saveChartSvg(SeriesChart& chart, const QString& path);
QString saveChartPdf(SeriesChart& chart, const QString& path);  // one page, in vectors
QString saveChartCsv(const SeriesChart& chart, const QString& path);

// A line per point: series, x, value, and the least and largest value of what was merged there. Numbers are
// written so that reading them gives the same bits, with a point whatever the locale; names are quoted (RFC
// 4180).
// `x_series`: what x is, where the axis is XAxis::kSeries; then the step of each point stands there, too.
QString chartCsv(const QVector<ChartCurve>& curves, XAxis axis, const QString& x_series = {});

}  // namespace concertina::ui
