// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_button.cc: see picture_button.h.
#include "ui/pages/picture_button.h"

#include <QAction>
#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/picture_caption.h"
#include "ui/charts/picture_export.h"
#include "ui/forms/ask.h"

namespace concertina::ui {
namespace {

class PictureWords {
  Q_DECLARE_TR_FUNCTIONS(PictureButton)
};

PictureSource sourceOf(const SavedPicture& picture) {
  QWidget* const widget = picture.widget;
  const QPalette palette = widget->palette();
  return captioned({.title = picture.title,
                    .size = widget->size(),
                    .ground = palette.color(QPalette::Base),
                    .paint =
                        [widget](QPainter& painter) {
                          widget->render(&painter, QPoint(), QRegion(), QWidget::DrawChildren);
                        }},
                   {.unit = {},
                    .entries = {},
                    .font = widget->font(),
                    .ink = palette.color(QPalette::Text),
                    .quiet = quietTextColor(palette)});
}

void saveAs(const SavedPicture& picture, const QString& suffix) {
  const QString path = askForFile(
      picture.widget, {.what = FileQuestion::What::kSaveFile,
                       .title = PictureWords::tr("Save “%1”").arg(picture.title),
                       .start = picture.title.toLower().replace(QLatin1Char(' '), QLatin1Char('-')) +
                                QLatin1Char('.') + suffix,
                       .filter = PictureWords::tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
                       .suffix = suffix});
  if (path.isEmpty()) return;
  const QString error =
      suffix == QLatin1String("png")   ? savePicturePng(sourceOf(picture), path)
      : suffix == QLatin1String("svg") ? savePictureSvg(sourceOf(picture), path)
      : suffix == QLatin1String("pdf")
          ? savePicturePdf(sourceOf(picture), path)
          : saveFile(path, QByteArray::fromStdString(TableAs(picture.numbers(), TableFormat::kCsv)));
  picture.tell(error.isEmpty() ? PictureWords::tr("Written: %1").arg(path) : error, !error.isEmpty());
}

}  // namespace

QToolButton* makePictureButton(const QString& name, const SavedPicture& picture, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(name);
  button->setText(QStringLiteral("⋯"));
  button->setAccessibleName(PictureWords::tr("Copy or save “%1”").arg(picture.title));
  button->setToolTip(PictureWords::tr("Copy this picture, or save it or its numbers"));
  button->setPopupMode(QToolButton::InstantPopup);
  button->setAutoRaise(true);
  auto* menu = new QMenu(button);
  QAction* copy = menu->addAction(PictureWords::tr("Copy Picture"));
  copy->setObjectName(name + QStringLiteral(".copy"));
  QObject::connect(copy, &QAction::triggered, picture.widget,
                   [widget = picture.widget] { QGuiApplication::clipboard()->setPixmap(widget->grab()); });
  for (const auto& [text, suffix] : std::initializer_list<std::pair<QString, const char*>>{
           {PictureWords::tr("Save as PNG…"), "png"},
           {PictureWords::tr("Save as SVG…"), "svg"},
           {PictureWords::tr("Save as PDF…"), "pdf"},
           {PictureWords::tr("Save Data as CSV…"), "csv"}}) {
    QAction* action = menu->addAction(text);
    action->setObjectName(name + QLatin1Char('.') + QLatin1String(suffix));
    QObject::connect(action, &QAction::triggered, picture.widget,
                     [picture, suffix = QString::fromLatin1(suffix)] { saveAs(picture, suffix); });
  }
  button->setMenu(menu);
  return button;
}

std::string exactNumber(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', QLocale::FloatingPointShortest).toStdString()
                              : std::string();
}

}  // namespace concertina::ui
