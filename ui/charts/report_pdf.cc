// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf.cc: see report_pdf.h.
#include "ui/charts/report_pdf.h"

#include <QBuffer>
#include <QFontDatabase>
#include <QLocale>
#include <QPageLayout>
#include <QPainter>
#include <QPdfWriter>
#include <span>

#include "core/base/file.h"
#include "ui/charts/report_pages.h"

namespace concertina::ui {
namespace {

constexpr int kDotsAnInch = 600;
constexpr double kPointsAnInch = 72;
constexpr double kMarginMillimetres = 17;
constexpr double kFooterPoints = 20;  // below what is written on, within the margins
constexpr size_t kMaxReportBytes = size_t{256} << 20;

QString firstFamily(const QStringList& wanted, QFontDatabase::SystemFont other) {
  const QStringList families = QFontDatabase::families();
  for (const QString& family : wanted)
    if (families.contains(family)) return family;
  return QFontDatabase::systemFont(other).family();
}

}  // namespace

QPageSize paperOf(const QLocale& locale) {
  // Where CLDR's paperSize is US-Letter.
  switch (locale.territory()) {
    case QLocale::UnitedStates:
    case QLocale::Canada:
    case QLocale::Mexico:
    case QLocale::Belize:
    case QLocale::Chile:
    case QLocale::Colombia:
    case QLocale::CostaRica:
    case QLocale::ElSalvador:
    case QLocale::Guatemala:
    case QLocale::Nicaragua:
    case QLocale::Panama:
    case QLocale::Philippines:
    case QLocale::PuertoRico:
    case QLocale::Venezuela:
      return QPageSize(QPageSize::Letter);
    default:
      return QPageSize(QPageSize::A4);
  }
}

absl::StatusOr<QByteArray> reportPdf(const std::string& html, const QPageSize& paper) {
  // The same on every desktop, whatever its own font is.
  const QString family =
      firstFamily({QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")}, QFontDatabase::GeneralFont);
  const QString code_family = firstFamily(
      {QStringLiteral("DejaVu Sans Mono"), QStringLiteral("Noto Sans Mono")}, QFontDatabase::FixedFont);
  ASSIGN_OR_RETURN(const ReportDocument document, readReport(html));

  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&buffer);
    writer.setTitle(document.title);
    writer.setCreator(QStringLiteral("Concertina"));
    writer.setResolution(kDotsAnInch);
    const QMarginsF margins(kMarginMillimetres, kMarginMillimetres, kMarginMillimetres, kMarginMillimetres);
    writer.setPageLayout(QPageLayout(paper, QPageLayout::Portrait, margins, QPageLayout::Millimeter));
    const QRectF area(QPointF(), writer.pageLayout().paintRectPixels(kDotsAnInch).size());
    const ReportSheet sheet{.width = area.width(),
                            .height = area.height() - kFooterPoints * kDotsAnInch / kPointsAnInch,
                            .dots_a_point = kDotsAnInch / kPointsAnInch,
                            .family = family,
                            .code_family = code_family};
    const std::vector<ReportPiece> pieces = piecesOf(document, sheet);
    const auto pages = pagesOf(pieces, sheet.height);

    QPainter painter(&writer);
    if (!painter.isActive()) return absl::InternalError("the pages could not be begun");
    for (size_t page = 0; page < pages.size(); ++page) {
      if (page > 0) writer.newPage();
      for (const PlacedPiece& placed : pages[page]) {
        painter.save();
        painter.translate(0, placed.y);
        pieces[placed.piece].paint(painter);
        painter.restore();
      }
      // The report is in English, as its HTML is.
      const QString number = QStringLiteral("%1 of %2").arg(page + 1).arg(pages.size());
      painter.setFont(sheet.font(7.5));
      painter.setPen(document.soft);
      const QRectF footer(0, sheet.height, area.width(), area.height() - sheet.height);
      const QFontMetricsF metrics(painter.font());
      painter.drawText(footer, Qt::AlignRight | Qt::AlignBottom, number);
      painter.drawText(footer, Qt::AlignLeft | Qt::AlignBottom,
                       metrics.elidedText(document.title, Qt::ElideRight,
                                          area.width() - 2 * metrics.horizontalAdvance(number)));
    }
  }
  return bytes;
}

absl::Status saveReportPdf(const std::string& html, const std::string& path) {
  ASSIGN_OR_RETURN(const QByteArray bytes, reportPdf(html, paperOf(QLocale())));
  const std::span<const std::byte> piece = std::as_bytes(std::span(bytes.constData(), size_t(bytes.size())));
  return WriteFileAtomically(path, std::span(&piece, 1));
}

absl::Status writeReport(const std::string& html, const QString& path) {
  const bool is_pdf = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive);
  return is_pdf ? saveReportPdf(html, path.toStdString()) : WriteFileAtomically(path.toStdString(), html);
}

absl::Status printReport(const std::string& html_path, const std::string& pdf_path) {
  ASSIGN_OR_RETURN(const std::string html, ReadFile(html_path, kMaxReportBytes));
  return saveReportPdf(html, pdf_path);
}

}  // namespace concertina::ui
