// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf.h: a report for paper and for the mail: the page that core/analysis wrote, as a PDF of numbered
// pages. On the way of the data: analysis/export_comparison.h, analysis/export_html.h -> here -> a file of
// the user.
#pragma once

#include <QByteArray>
#include <QPageSize>
#include <QString>
#include <string>

#include "core/base/status.h"

namespace concertina::ui {

// Letter where offices have it, else A4.
QPageSize paperOf(const QLocale& locale);

// Text and pictures as text and lines, with their fonts, in the light colours. On any thread.
// kInvalidArgument: `html` is no report of ours.
absl::StatusOr<QByteArray> reportPdf(const std::string& html, const QPageSize& paper);

// Writes it to `path`, whole or not at all (base/file.h).
absl::Status saveReportPdf(const std::string& html, const std::string& path);
// The same where `path` ends in ".pdf"; elsewhere the HTML as it is.
absl::Status writeReport(const std::string& html, const QString& path);

// `concertina --report PAGE.html --pdf FILE.pdf`, as concertinactl starts it: reads one and writes the other.
absl::Status printReport(const std::string& html_path, const std::string& pdf_path);

}  // namespace concertina::ui
