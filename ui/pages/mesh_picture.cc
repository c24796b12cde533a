// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture.cc: painting, pointer and keys (see mesh_picture.h).
#include "ui/pages/mesh_picture.h"

#include <QAccessible>
#include <QJsonDocument>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/mesh_words.h"

namespace concertina::ui {
namespace {

// Never colour alone: each kind of flow has a stroke of its own, and the legend its words.
QPen penOf(MeshArrow::Kind kind, double width, const QColor& color) {
  QPen pen(color, width, Qt::SolidLine, Qt::FlatCap);
  if (kind == MeshArrow::kPipeline) pen.setDashPattern({5, 2});
  if (kind == MeshArrow::kTensor) pen.setDashPattern({1.5, 1.5});
  if (kind == MeshArrow::kServer) pen.setDashPattern({6, 1.5, 1.5, 1.5});
  return pen;
}

// QPainterPath::intersects closes the path first; a bow is not its area.
bool openPathMeets(const QPainterPath& path, const QRectF& room) {
  for (int i = 0; i <= 16; ++i)
    if (room.contains(path.pointAtPercent(i / 16.0))) return true;
  return false;
}

QFont smallFont(const QWidget* widget) { return scaledFont(widget->font(), 0.88); }

}  // namespace

MeshPicture::MeshPicture(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Who sends what to whom in a step"));
}

void MeshPicture::setPlan(const QJsonObject& plan) {
  // Only what the picture is made of: a plan also lists layers and classes.
  const QJsonObject part = {{QStringLiteral("workers"), plan.value(QLatin1String("workers"))},
                            {QStringLiteral("pattern"), plan.value(QLatin1String("pattern"))}};
  map_ = TrafficMapOf(QJsonDocument(part).toJson(QJsonDocument::Compact).toStdString());
  chosen_ = -1;
  updateGeometry();
  layOut();
  tellCaption();
}

QString MeshPicture::caption() const {
  if (chosen_ >= 0) return rankSentence(map_, chosen_);
  QStringList sentences = trafficSentences(map_);
  if (layout_.omitted > 0)
    sentences << tr("The busiest %1 of %2 flows are drawn.")
                     .arg(formatCount(layout_.arrows.size()),
                          formatCount(static_cast<qint64>(map_.flows.size())));
  return sentences.join(QLatin1Char(' '));
}

void MeshPicture::tellCaption() {
  const QString text = caption();
  if (text == accessibleDescription()) return;
  setAccessibleDescription(text);
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
  emit captionChanged(text);
}

int MeshPicture::legendHeight() const {
  return layout_.kinds.size() > 1 ? QFontMetrics(smallFont(this)).height() * 3 / 2 : 0;
}

int MeshPicture::heightForWidth(int width) const {
  const bool several =
      map_.lengths[1] > 1 || map_.lengths[2] > 1 ||
      std::any_of(map_.ranks.begin(), map_.ranks.end(), [](const TrafficRank& rank) { return rank.server; });
  const int legend = several ? QFontMetrics(smallFont(this)).height() * 3 / 2 : 0;
  return qRound(meshHeight(map_, width, rhythmUnit(this))) + legend;
}
QSize MeshPicture::sizeHint() const {
  const int wide = charactersWide(this, 48);
  return {wide, heightForWidth(wide)};
}
QSize MeshPicture::minimumSizeHint() const {
  const int wide = charactersWide(this, 24);
  return {wide, heightForWidth(wide)};
}

void MeshPicture::layOut() {
  const double unit = rhythmUnit(this), digit = QFontMetricsF(font()).horizontalAdvance(QLatin1Char('0'));
  layout_ = meshLayout(map_, size(), unit, digit);
  if (const int legend = legendHeight(); legend > 0)
    layout_ = meshLayout(map_, QSizeF(width(), std::max(1, height() - legend)), unit, digit);
  update();
}

void MeshPicture::paintArrows(QPainter& painter, bool dark) const {
  const auto paint = [&](const MeshArrow& arrow, double share, double wider) {
    const QColor color = mixed(palette().color(QPalette::Window), seriesColor(arrow.kind, dark), share);
    painter.setPen(penOf(arrow.kind, arrow.width * wider, color));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(arrow.path);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPolygon(QPolygonF({arrow.tip, arrow.back_left, arrow.back_right}));
  };
  const bool many = layout_.arrows.size() > kMostFullArrows;
  for (const MeshArrow& arrow : layout_.arrows)
    if (chosen_ < 0 || (arrow.from != chosen_ && arrow.to != chosen_))
      paint(arrow, chosen_ >= 0 ? 0.18 : many ? 0.6 : 0.9, 1);
  if (chosen_ < 0) return;
  for (const MeshArrow& arrow : layout_.arrows)
    if (arrow.from == chosen_ || arrow.to == chosen_) paint(arrow, 1, many ? 1.6 : 1.15);
}

void MeshPicture::paintNodes(QPainter& painter) const {
  const double unit = rhythmUnit(this);
  for (const MeshNode& node : layout_.nodes) {
    const bool chosen = node.rank == chosen_;
    painter.setPen(QPen(toneColor(palette(), Tone::kAccent), chosen ? unit * 0.3 : unit * 0.14));
    painter.setBrush(toneColor(palette(), Tone::kAccentSurface));
    if (node.server) {  // a server is another shape, not only another place
      const double cut = std::min(node.box.width(), node.box.height()) * 0.3;
      const QRectF& box = node.box;
      painter.drawPolygon(QPolygonF({{box.left() + cut, box.top()},
                                     {box.right() - cut, box.top()},
                                     {box.right(), box.center().y()},
                                     {box.right() - cut, box.bottom()},
                                     {box.left() + cut, box.bottom()},
                                     {box.left(), box.center().y()}}));
    } else {
      const double round = std::min(unit * 0.6, node.box.height() / 2);
      painter.drawRoundedRect(node.box, round, round);
    }
    if (!layout_.numbers) continue;
    painter.setPen(palette().color(QPalette::WindowText));
    painter.setFont(chosen ? scaledFont(font(), 1, QFont::DemiBold) : font());
    painter.drawText(node.box, Qt::AlignCenter, QString::number(node.rank));
  }
}

// Greedy: a label that would lie on another, on a box, on another arrow or outside is left out.
void MeshPicture::paintLabels(QPainter& painter) const {
  const QFont font = smallFont(this);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  QVector<QRectF> taken;
  for (const MeshNode& node : layout_.nodes) taken.push_back(node.box);
  const auto isFree = [&](const QRectF& room) {
    return QRectF(0, 0, width(), height() - legendHeight()).contains(room) &&
           std::none_of(taken.begin(), taken.end(),
                        [&](const QRectF& other) { return other.intersects(room); });
  };
  if (!layout_.numbers) {  // dots: their numbers outside the ring, as many as fit
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    for (const MeshNode& node : layout_.nodes) {
      if (node.outward.isNull()) continue;
      const QString text = QString::number(node.rank);
      QRectF room(0, 0, metrics.horizontalAdvance(text), metrics.height() * 0.8);
      room.moveCenter(node.box.center() + node.outward * (metrics.height() * 0.95 + node.box.height() / 2));
      if (!isFree(room.adjusted(-2, 0, 2, 0)) && node.rank != chosen_) continue;
      taken.push_back(room);
      painter.drawText(room, Qt::AlignCenter | Qt::TextDontClip, text);
    }
  }
  if (!layout_.labels && chosen_ < 0) return;
  for (qsizetype i = layout_.arrows.size(); i-- > 0;) {
    const MeshArrow& arrow = layout_.arrows[i];
    if (chosen_ >= 0 && arrow.from != chosen_ && arrow.to != chosen_) continue;
    const QString text = formatBytes(arrow.bytes);
    const QSizeF size(metrics.horizontalAdvance(text) + 4, metrics.height());
    QRectF room(QPointF(), size);
    // On the outer side of the bow, as far as the text is wide in that direction.
    const double reach = std::abs(arrow.beside.x()) * size.width() / 2 +
                         std::abs(arrow.beside.y()) * size.height() / 2 + arrow.width / 2 + 1;
    room.moveCenter(arrow.middle + arrow.beside * reach);
    const auto isClear = [&] {
      return isFree(room) &&
             std::none_of(layout_.arrows.begin(), layout_.arrows.end(), [&](const MeshArrow& other) {
               return &other != &arrow && other.path.boundingRect().intersects(room) &&
                      openPathMeets(other.path, room);
             });
    };
    if (!isClear()) {
      room.moveCenter(arrow.middle - arrow.beside * reach);
      if (!isClear()) continue;
    }
    taken.push_back(room);
    painter.setPen(Qt::NoPen);
    QColor ground = palette().color(QPalette::Window);
    ground.setAlphaF(0.85F);
    painter.setBrush(ground);
    painter.drawRect(room);
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(room, Qt::AlignCenter, text);
  }
}

void MeshPicture::paintLegend(QPainter& painter, bool dark) const {
  const double unit = rhythmUnit(this);
  const QFont font = smallFont(this);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(toneColor(palette(), Tone::kQuiet));
  for (const auto& [room, stage] : layout_.columns)
    painter.drawText(room, Qt::AlignCenter,
                     metrics.elidedText(tr("Stage %1").arg(stage), Qt::ElideRight, room.width()));
  if (layout_.kinds.size() < 2) return;
  double left = 0;
  const double middle = height() - metrics.height() * 0.7;
  for (const MeshArrow::Kind kind : layout_.kinds) {
    const QString text = flowKindText(kind);
    painter.setPen(penOf(kind, unit * 0.25, seriesColor(kind, dark)));
    painter.drawLine(QPointF(left, middle), QPointF(left + 3 * unit, middle));
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(QPointF(left + 3.6 * unit, middle + metrics.ascent() * 0.38), text);
    left += 3.6 * unit + metrics.horizontalAdvance(text) + 2 * unit;
  }
}

void MeshPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool dark = onDarkGround(palette());
  paintArrows(painter, dark);
  paintLabels(painter);
  paintNodes(painter);
  paintLegend(painter, dark);
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(Qt::NoBrush);
    const double round = rhythmUnit(this) / 2.0;
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), round, round);
  }
}

void MeshPicture::choose(int rank) {
  if (rank == chosen_) return;
  chosen_ = rank;
  update();
  tellCaption();
}

void MeshPicture::resizeEvent(QResizeEvent*) {
  layOut();
  tellCaption();
}

void MeshPicture::mouseMoveEvent(QMouseEvent* event) {
  const int rank = layout_.rankAt(event->position());
  setCursor(rank >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (rank >= 0 || !hasFocus()) choose(rank);  // what the keys chose stays
}
void MeshPicture::mousePressEvent(QMouseEvent* event) { choose(layout_.rankAt(event->position())); }
void MeshPicture::leaveEvent(QEvent*) {
  if (!hasFocus()) choose(-1);
}

void MeshPicture::keyPressEvent(QKeyEvent* event) {
  const auto count = static_cast<int>(map_.ranks.size());
  int at = -1;
  for (int i = 0; i < count; ++i)
    if (map_.ranks[static_cast<size_t>(i)].rank == chosen_) at = i;
  switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down:
      at = at < 0 ? 0 : (at + 1) % std::max(1, count);
      break;
    case Qt::Key_Left:
    case Qt::Key_Up:
      at = at < 0 ? count - 1 : (at + count - 1) % std::max(1, count);
      break;
    case Qt::Key_Home:
      at = 0;
      break;
    case Qt::Key_End:
      at = count - 1;
      break;
    case Qt::Key_Escape:
      if (chosen_ < 0) return QWidget::keyPressEvent(event);
      return choose(-1);
    default:
      return QWidget::keyPressEvent(event);
  }
  if (at >= 0 && at < count) choose(map_.ranks[static_cast<size_t>(at)].rank);
}

void MeshPicture::focusInEvent(QFocusEvent* event) {
  // By the keyboard the first rank is chosen at once: that something can be chosen must be seen.
  if ((event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) && chosen_ < 0 &&
      !map_.ranks.empty())
    choose(map_.ranks.front().rank);
  update();
}
void MeshPicture::focusOutEvent(QFocusEvent*) {
  choose(-1);
  update();
}

void MeshPicture::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::FontChange) return;
  updateGeometry();
  layOut();
}

}  // namespace concertina::ui
