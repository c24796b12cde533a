// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture.cc: what is shown, pointer and keys (see mesh_picture.h; mesh_picture_paint.cc paints).
#include "ui/pages/mesh_picture.h"

#include <QJsonDocument>
#include <QKeyEvent>
#include <QMouseEvent>

#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/mesh_words.h"

namespace concertina::ui {
namespace {

QFont legendFont(const QWidget* widget) { return scaledFont(widget->font(), 0.88); }

}  // namespace

TrafficMap mapOfPlan(const QJsonObject& plan) {
  // Only what the picture is made of: a plan also lists layers and classes.
  const QJsonObject part = {{QStringLiteral("workers"), plan.value(QLatin1String("workers"))},
                            {QStringLiteral("pattern"), plan.value(QLatin1String("pattern"))}};
  return TrafficMapOf(QJsonDocument(part).toJson(QJsonDocument::Compact).toStdString());
}

MeshPicture::MeshPicture(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Who sends what to whom in a step"));
}

void MeshPicture::setPlan(const QJsonObject& plan) {
  live_.reset();
  map_ = mapOfPlan(plan);
  chosen_ = -1;
  updateGeometry();
  layOut();
  tellCaption();
}

void MeshPicture::setLive(const TrafficMap& map, const MeshLive& live) {
  const auto numbers = [](const TrafficMap& of) {
    QVector<int> ranks;
    for (const TrafficRank& rank : of.ranks) ranks.push_back(rank.rank);
    return ranks;
  };
  const bool other_ranks = numbers(map) != numbers(map_) || map.lengths != map_.lengths;
  // Figures come several times a second: who listens is told of what happens, and asks for them.
  const bool announces = !live_ || other_ranks || live_->looks != live.looks;
  if (other_ranks) chosen_ = -1;
  if (other_ranks || !live_) updateGeometry();
  map_ = map;
  live_ = live;
  setAccessibleName(tr("Workers, and what goes between them now"));
  layOut();
  tellCaption(announces);
}

QString MeshPicture::caption() const {
  if (chosen_ >= 0) return live_ ? live_->sentences.value(chosen_) : rankSentence(map_, chosen_);
  QStringList sentences = live_ ? QStringList{live_->summary} : trafficSentences(map_);
  if (layout_.omitted > 0)
    sentences << tr("The busiest %1 of %2 flows are drawn.")
                     .arg(formatCount(layout_.arrows.size()),
                          formatCount(static_cast<qint64>(map_.flows.size())));
  return sentences.join(QLatin1Char(' '));
}

void MeshPicture::tellCaption(bool announces) {
  const QString text = caption();
  if (text == caption_ && text == accessibleDescription()) return;
  caption_ = text;
  // Every change is an event, and who has the keyboard here would have it read out.
  if (announces || !hasFocus()) setAccessibleDescription(text);
  emit captionChanged(text);
}

int MeshPicture::legendHeight() const {
  return hasLegend() ? QFontMetrics(legendFont(this)).height() * 3 / 2 : 0;
}

int MeshPicture::heightForWidth(int width) const {
  const bool several =
      live_ || map_.lengths[1] > 1 || map_.lengths[2] > 1 ||
      std::any_of(map_.ranks.begin(), map_.ranks.end(), [](const TrafficRank& rank) { return rank.server; });
  const int legend = several ? QFontMetrics(legendFont(this)).height() * 3 / 2 : 0;
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
  const MeshRates* const rates = live_ ? &live_->rates : nullptr;
  layout_ = meshLayout(map_, size(), unit, digit, rates);
  if (const int legend = legendHeight(); legend > 0)
    layout_ = meshLayout(map_, QSizeF(width(), std::max(1, height() - legend)), unit, digit, rates);
  update();
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
void MeshPicture::mousePressEvent(QMouseEvent* event) {
  const int rank = layout_.rankAt(event->position());
  choose(rank);
  if (live_) emit rankClicked(rank);
}
void MeshPicture::mouseDoubleClickEvent(QMouseEvent* event) {
  const int rank = layout_.rankAt(event->position());
  if (live_ && rank >= 0) emit rankActivated(rank);
}
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
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (!live_ || chosen_ < 0) return QWidget::keyPressEvent(event);
      emit rankActivated(chosen_);
      return;
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
