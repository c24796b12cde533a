// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// line_icon.cc: an icon engine that renders an SVG whose strokes say "#000" in a colour of the palette.
#include "ui/forms/line_icon.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace concertina::ui {
namespace {

class LineIconEngine : public QIconEngine {
 public:
  LineIconEngine(QString name, QByteArray svg, int role)
      : name_(std::move(name)), svg_(std::move(svg)), role_(role) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    QSvgRenderer renderer(QByteArray(svg_).replace("#000", color(mode).name().toLatin1()));
    const int side = std::min(rect.width(), rect.height());
    QRectF square(0, 0, side, side);
    square.moveCenter(QRectF(rect).center());
    renderer.render(painter, square);
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    return scaledPixmap(size, mode, state, 1.0);
  }

  QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal /*scale*/) override {
    const QString key = QStringLiteral("concertina-%1-%2-%3x%4")
                            .arg(name_, color(mode).name())
                            .arg(size.width())
                            .arg(size.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
  }

  QIconEngine* clone() const override { return new LineIconEngine(name_, svg_, role_); }
  QString key() const override { return QStringLiteral("concertina-line"); }

 private:
  QColor color(QIcon::Mode mode) const {
    const QPalette palette = QGuiApplication::palette();
    if (mode == QIcon::Disabled) return palette.color(QPalette::Disabled, QPalette::ButtonText);
    if (mode == QIcon::Selected) return palette.color(QPalette::HighlightedText);
    return palette.color(QPalette::Active, static_cast<QPalette::ColorRole>(role_));
  }

  QString name_;
  QByteArray svg_;
  int role_;
};

}  // namespace

QIcon lineIcon(const QString& name, int palette_role) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  return QIcon(new LineIconEngine(name, file.readAll(), palette_role));
}

QIcon lineIcon(const QString& name) { return lineIcon(name, QPalette::ButtonText); }

}  // namespace concertina::ui
