// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_picture.cc: see monitor_motion_picture.h.
#include "ui/pages/monitor_motion_picture.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QPainter>
#include <QStyle>
#include <algorithm>
#include <cmath>
#include <map>

#include "nlohmann/json.hpp"
#include "ui/charts/palette.h"
#include "ui/client/motion_words.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kMostMeshRanks = 4096;

int meshLength(const Json& spec, const char* axis) {
  if (!spec.is_object() || !spec.contains("mesh") || !spec["mesh"].is_object()) return 1;
  const auto found = spec["mesh"].find(axis);
  return found != spec["mesh"].end() && found->is_number_integer()
             ? static_cast<int>(std::clamp<int64_t>(found->get<int64_t>(), 1, kMostMeshRanks))
             : 1;
}

}  // namespace

TrafficMap motionMap(const std::string& spec_json, const std::vector<ReplayMessage>& messages, int ranks) {
  const Json spec = Json::parse(spec_json, nullptr, false);
  TrafficMap map;
  map.lengths = {meshLength(spec, "data"), meshLength(spec, "pipeline"), meshLength(spec, "tensor")};
  const int64_t mesh = int64_t{map.lengths[0]} * map.lengths[1] * map.lengths[2];
  for (int rank = 0; rank < std::min(ranks, kMostMeshRanks); ++rank) {
    TrafficRank& one = map.ranks.emplace_back();
    one.rank = rank;
    one.server = rank >= mesh && mesh > 1;
    if (!one.server)
      one.axis = {rank / (map.lengths[2] * map.lengths[1]), rank / map.lengths[2] % map.lengths[1],
                  rank % map.lengths[2]};
  }
  std::map<std::pair<int, int>, TrafficFlow> flows;
  for (const ReplayMessage& message : messages) {
    if (message.from < 0 || message.to < 0 || message.from == message.to ||
        std::max(message.from, message.to) >= static_cast<int>(map.ranks.size()))
      continue;
    TrafficFlow& flow = flows[{message.from, message.to}];
    flow.from = message.from;
    flow.to = message.to;
    flow.bytes += static_cast<double>(message.bytes);
    ++flow.messages;
  }
  for (const auto& [way, flow] : flows) map.flows.push_back(flow);
  std::stable_sort(map.flows.begin(), map.flows.end(),
                   [](const TrafficFlow& a, const TrafficFlow& b) { return a.bytes > b.bytes; });
  return map;
}

MotionPicture::MotionPicture(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Ranks, and the message on its way"));
  flight_.setStartValue(0.0);
  flight_.setEndValue(1.0);
  flight_.setEasingCurve(QEasingCurve::InOutQuad);
  connect(&flight_, &QVariantAnimation::valueChanged, this, qOverload<>(&QWidget::update));
}

void MotionPicture::setMap(const TrafficMap& map) {
  const auto sameFlows = [&] {
    return std::equal(
        map.flows.begin(), map.flows.end(), map_.flows.begin(), map_.flows.end(),
        [](const TrafficFlow& a, const TrafficFlow& b) { return a.from == b.from && a.to == b.to; });
  };
  const bool is_same = map.ranks.size() == map_.ranks.size() && map.lengths == map_.lengths && sameFlows();
  map_ = map;
  if (!is_same) layOut();
}

void MotionPicture::setMessage(const std::optional<ReplayMessage>& message, int flight_ms) {
  message_ = message;
  flight_.stop();
  // Who wants no animations has set their length to 0.
  const bool flies = message && flight_ms > 0 && isVisible() &&
                     style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0;
  if (flies) {
    flight_.setDuration(flight_ms);
    flight_.start();
  }
  const QString text = message ? messageSentence(*message) : QString();
  if (text != accessibleDescription()) {
    setAccessibleDescription(text);
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
  }
  update();
}

void MotionPicture::setWaiting(const QVector<ReplayMessage>& waiting) {
  waiting_ = waiting;
  update();
}

void MotionPicture::setEmptyText(const QString& text) {
  empty_text_ = text;
  update();
}

QSize MotionPicture::sizeHint() const { return {charactersWide(this, 50), rhythmUnit(this) * 36}; }
QSize MotionPicture::minimumSizeHint() const { return {charactersWide(this, 24), rhythmUnit(this) * 18}; }

void MotionPicture::layOut() {
  const double unit = rhythmUnit(this), digit = QFontMetricsF(font()).horizontalAdvance(QLatin1Char('0'));
  layout_ = map_.ranks.empty() ? MeshLayout() : meshLayout(map_, size(), unit, digit);
  update();
}

const MeshArrow* MotionPicture::arrowOf(const ReplayMessage& message) const {
  const auto found = std::find_if(layout_.arrows.begin(), layout_.arrows.end(), [&](const MeshArrow& arrow) {
    return arrow.from == message.from && arrow.to == message.to;
  });
  return found == layout_.arrows.end() ? nullptr : &*found;
}

void MotionPicture::paintArrow(QPainter& painter, const MeshArrow& arrow, const QPen& pen) const {
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawPath(arrow.path);
  painter.setPen(Qt::NoPen);
  painter.setBrush(pen.color());
  painter.drawPolygon(QPolygonF({arrow.tip, arrow.back_left, arrow.back_right}));
}

void MotionPicture::paintMessage(QPainter& painter, const MeshArrow& arrow) const {
  const double unit = rhythmUnit(this);
  const QColor color = seriesColor(1, onDarkGround(palette()));
  paintArrow(painter, arrow, QPen(color, unit * 0.3, Qt::SolidLine, Qt::FlatCap));
  const double way = flight_.state() == QAbstractAnimation::Running ? flight_.currentValue().toDouble() : 1;
  const QPointF at = arrow.path.pointAtPercent(std::clamp(way, 0.0, 1.0));
  const double radius =
      unit * std::clamp(0.4 + 0.12 * std::log10(1.0 + static_cast<double>(message_->bytes)), 0.4, 1.3);
  painter.setPen(QPen(palette().color(QPalette::Base), unit * 0.15));
  painter.setBrush(color);
  painter.drawEllipse(at, radius, radius);
  const QString text = formatBytes(static_cast<double>(message_->bytes));
  const QFontMetricsF metrics(font());
  QRectF room(0, 0, metrics.horizontalAdvance(text) + unit, metrics.height() * 1.2);
  room.moveCenter(arrow.middle + arrow.beside * (std::abs(arrow.beside.x()) * room.width() / 2 +
                                                 std::abs(arrow.beside.y()) * room.height() / 2 + unit));
  room.moveLeft(std::clamp(room.left(), 0.0, std::max(0.0, width() - room.width())));
  QColor ground = palette().color(QPalette::Base);
  ground.setAlphaF(0.9F);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ground);
  painter.drawRoundedRect(room, unit / 2, unit / 2);
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(room, Qt::AlignCenter, text);
}

void MotionPicture::paintNodes(QPainter& painter) const {
  const double unit = rhythmUnit(this);
  for (const MeshNode& node : layout_.nodes) {
    const bool moves = message_ && (node.rank == message_->from || node.rank == message_->to);
    const bool waits = std::any_of(waiting_.begin(), waiting_.end(),
                                   [&](const ReplayMessage& one) { return one.from == node.rank; });
    QPen pen(toneColor(palette(), Tone::kAccent), moves ? unit * 0.3 : unit * 0.14);
    if (waits && !moves) pen.setDashPattern({3, 2});  // its message stands at the gate
    painter.setPen(pen);
    painter.setBrush(toneColor(palette(), Tone::kAccentSurface));
    // A server is another shape, not only another place.
    const double round = node.server ? 0 : std::min(unit * 0.6, node.box.height() / 2);
    painter.drawRoundedRect(node.box, round, round);
    if (!layout_.numbers) continue;
    painter.setPen(palette().color(QPalette::WindowText));
    painter.setFont(moves ? scaledFont(font(), 1, QFont::DemiBold) : font());
    painter.drawText(node.box, Qt::AlignCenter, QString::number(node.rank));
  }
  painter.setFont(font());
  painter.setPen(toneColor(palette(), Tone::kQuiet));
  for (const auto& [room, stage] : layout_.columns)
    painter.drawText(
        room, Qt::AlignCenter,
        QFontMetricsF(font()).elidedText(tr("Stage %1").arg(stage), Qt::ElideRight, room.width()));
}

void MotionPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double unit = rhythmUnit(this);
  if (!empty_text_.isEmpty() && !message_ && waiting_.isEmpty()) {
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(QRectF(rect()).adjusted(4 * unit, unit, -4 * unit, -unit),
                     Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
  } else {
    const QColor quiet = mixed(palette().color(QPalette::Base), palette().color(QPalette::WindowText), 0.22);
    for (const MeshArrow& arrow : layout_.arrows) paintArrow(painter, arrow, QPen(quiet, unit * 0.12));
    for (qsizetype i = waiting_.size(); i-- > 0;)
      if (const MeshArrow* arrow = arrowOf(waiting_[i])) {
        QPen pen(toneColor(palette(), Tone::kAccent), i == 0 ? unit * 0.25 : unit * 0.16);
        pen.setDashPattern({3, 2});
        paintArrow(painter, *arrow, pen);
      }
    if (message_)
      if (const MeshArrow* arrow = arrowOf(*message_)) paintMessage(painter, *arrow);
    paintNodes(painter);
  }
  if (!hasFocus()) return;
  painter.setPen(palette().color(QPalette::Highlight));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), unit / 2, unit / 2);
}

void MotionPicture::resizeEvent(QResizeEvent*) { layOut(); }

void MotionPicture::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Right)
    emit nextRequested();
  else if (event->key() == Qt::Key_Left)
    emit previousRequested();
  else
    QWidget::keyPressEvent(event);
}

void MotionPicture::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) layOut();
}

}  // namespace concertina::ui
