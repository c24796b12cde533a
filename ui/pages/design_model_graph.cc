// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_model_graph.cc: painting, pointer and keys (see design_model_graph.h).
#include "ui/pages/design_model_graph.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

constexpr int kBoxCharacters = 24;
constexpr double kZoomStep = 1.25;

// The words in the box say the kind as well: colour alone says nothing.
int kindColor(const QString& kind) {
  if (kind.contains(QLatin1String("conv"))) return 0;
  if (kind == QLatin1String("dense")) return 1;
  if (kind.contains(QLatin1String("pool"))) return 2;
  if (kind.contains(QLatin1String("norm"))) return 3;
  if (kind == QLatin1String("add")) return 4;
  return 5;
}

}  // namespace

DesignModelGraph::DesignModelGraph(QWidget* parent) : QWidget(parent) {
  told_ = caption();
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Graph of the model"));
}

void DesignModelGraph::setPlan(const QJsonObject& plan) {
  const QVector<ModelLayer> layers = modelLayers(plan);
  const QString sample = sampleShape(plan);
  if (layers == layers_ && sample == sample_) return;  // another learning rate is no other model
  layers_ = layers;
  sample_ = sample;
  const QVector<QString> blocks = blocksOf(layers_);
  blocks_ = QSet<QString>(blocks.begin(), blocks.end());
  blocks_.remove(QString());
  folded_ = layers_.size() > kMostOpenLayers ? blocks_ : QSet<QString>();
  chosen_ = -1;
  layOut();
  emit foldingChanged();
}

void DesignModelGraph::setColors(Colors colors) {
  colors_ = colors;
  update();
  tellCaption();
}

void DesignModelGraph::setAllFolded(bool folded) {
  const int layer =
      chosen_ >= 0 && !layout_.boxes[chosen_].layers.isEmpty() ? layout_.boxes[chosen_].layers.first() : -1;
  folded_ = folded ? blocks_ : QSet<QString>();
  layOut();
  chosen_ = layer < 0 ? -1 : layout_.boxOf(layer);
  tellCaption();
  emit foldingChanged();
}

void DesignModelGraph::setZoom(double zoom) {
  zoom = std::clamp(zoom, kLeastZoom, kMostZoom);
  if (zoom == zoom_) return;
  zoom_ = zoom;
  setFixedSize(sizeHint());
  update();
}

QSize DesignModelGraph::sizeHint() const { return (layout_.size * zoom_).toSize(); }

void DesignModelGraph::layOut() {
  const double unit = rhythmUnit(this);
  layout_ = graphLayout(layers_, sample_, folded_,
                        {.box = QSizeF(charactersWide(this, kBoxCharacters), 4.5 * unit),
                         .beside = 2 * unit,
                         .between = 2.5 * unit,
                         .margin = 2 * unit});
  chosen_ = -1;
  setFixedSize(sizeHint());
  update();
  tellCaption();
}

double DesignModelGraph::shareOf(const GraphBox& box) const {
  double whole = 0;
  const auto figure = [this](double parameters, double flops) {
    return colors_ == Colors::kFlops ? flops : parameters;
  };
  for (const ModelLayer& layer : layers_) whole += figure(double(layer.parameters), layer.flops);
  return whole > 0 ? figure(double(box.parameters), box.flops) / whole : 0;
}

QColor DesignModelGraph::fillOf(const GraphBox& box) const {
  const QColor ground = palette().color(QPalette::Base);
  const bool dark = onDarkGround(palette());
  if (box.layers.isEmpty()) return ground;
  if (colors_ == Colors::kKind)
    return box.folded ? toneColor(palette(), Tone::kAccentSurface)
                      : mixed(ground, seriesColor(kindColor(box.kind), dark), 0.25);
  double most = 0;
  for (const GraphBox& other : layout_.boxes) most = std::max(most, shareOf(other));
  // By the root: a hundredth of the largest is still seen. At most half, so that the words stay legible.
  return mixed(ground, seriesColor(1, dark), most > 0 ? 0.5 * std::sqrt(shareOf(box) / most) : 0);
}

QString DesignModelGraph::figureText(const GraphBox& box) const {
  if (box.layers.isEmpty() || colors_ == Colors::kKind)
    return box.folded           ? tr("%n layer(s) · %1", nullptr, int(box.layers.size())).arg(box.output)
           : box.kind.isEmpty() ? box.output
                                : QStringLiteral("%1 · %2").arg(box.kind, box.output);
  return QStringLiteral("%1 · %2").arg(formatPercent(shareOf(box)),
                                       colors_ == Colors::kFlops
                                           ? formatWithPrefix(box.flops, QStringLiteral("FLOP"))
                                           : formatCount(box.parameters));
}

void DesignModelGraph::paintArrow(QPainter& painter, const GraphArrow& arrow, bool is_chosen) const {
  const double unit = rhythmUnit(this);
  const QColor color = toneColor(palette(), is_chosen ? Tone::kAccent : Tone::kQuiet);
  painter.setPen(QPen(color, unit * (is_chosen ? 0.25 : 0.14)));
  painter.setBrush(Qt::NoBrush);
  painter.drawPolyline(arrow.path);
  const QPointF tip = arrow.path.last(), from = arrow.path[arrow.path.size() - 2];
  const double length = std::max(1.0, std::hypot(tip.x() - from.x(), tip.y() - from.y()));
  const QPointF along = (tip - from) / length, across(-along.y(), along.x());
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  const QPointF back = tip - along * unit * 0.8;
  painter.drawPolygon(QPolygonF({tip, back + across * unit * 0.4, back - across * unit * 0.4}));
}

void DesignModelGraph::paintBox(QPainter& painter, int index) const {
  const GraphBox& box = layout_.boxes[index];
  const double unit = rhythmUnit(this);
  const bool chosen = index == chosen_, dark = onDarkGround(palette());
  const QColor edge = chosen ? palette().color(QPalette::Highlight)
                      : box.layers.isEmpty() || box.folded || colors_ != Colors::kKind
                          ? toneColor(palette(), Tone::kQuiet)
                          : seriesColor(kindColor(box.kind), dark);
  painter.setPen(QPen(edge, unit * (chosen ? 0.35 : 0.14)));
  painter.setBrush(fillOf(box));
  if (box.folded)  // a second sheet behind it: there is more inside
    painter.drawRoundedRect(box.place.translated(unit * 0.4, unit * 0.4), unit * 0.5, unit * 0.5);
  painter.drawRoundedRect(box.place, unit * 0.5, unit * 0.5);
  const QRectF words = box.place.adjusted(unit * 0.6, unit * 0.3, -unit * 0.6, -unit * 0.3);
  const QRectF upper(words.topLeft(), QSizeF(words.width(), words.height() / 2));
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  painter.setFont(bold);
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(upper, Qt::AlignCenter,
                   QFontMetricsF(bold).elidedText(box.name, Qt::ElideMiddle, upper.width()));
  const QFont small = scaledFont(font(), 0.88);
  painter.setFont(small);
  painter.drawText(upper.translated(0, upper.height()), Qt::AlignCenter,
                   QFontMetricsF(small).elidedText(figureText(box), Qt::ElideRight, upper.width()));
}

void DesignModelGraph::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(zoom_, zoom_);
  const double unit = rhythmUnit(this);
  for (qsizetype i = 0; i < layout_.bands.size(); ++i) {
    const GraphBand& band = layout_.bands[i];
    const QRectF room(0, band.top, layout_.size.width(), band.bottom - band.top);
    if (i % 2 == 0) painter.fillRect(room, palette().color(QPalette::AlternateBase));
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.setFont(scaledFont(font(), 0.88));
    painter.drawText(room.adjusted(unit * 0.5, 0, -unit * 0.5, 0), Qt::AlignLeft | Qt::AlignTop,
                     tr("Stage %1").arg(band.stage));
  }
  const auto touches = [this](const GraphArrow& arrow) {
    return chosen_ >= 0 && (arrow.from == chosen_ || arrow.to == chosen_);
  };
  for (const GraphArrow& arrow : layout_.arrows)
    if (!touches(arrow)) paintArrow(painter, arrow, false);
  for (const GraphArrow& arrow : layout_.arrows)
    if (touches(arrow)) paintArrow(painter, arrow, true);
  for (int i = 0; i < layout_.boxes.size(); ++i) paintBox(painter, i);
}

QString DesignModelGraph::boxSentence(int index) const {
  const GraphBox& box = layout_.boxes[index];
  if (box.layers.isEmpty()) return tr("The sample that the model reads: %1").arg(box.output);
  const auto names = [this](const QVector<int>& boxes) {
    QStringList texts;
    for (const int other : boxes) texts << layout_.boxes[other].name;
    return texts.join(QStringLiteral(", "));
  };
  QStringList parts;
  parts << (box.folded ? tr("%1: a block of %n layer(s)", nullptr, int(box.layers.size())).arg(box.name)
                       : tr("%1: %2").arg(box.name, box.kind));
  parts << tr("output %1").arg(box.output);
  if (box.parameters > 0) parts << tr("%1 parameters").arg(formatCount(box.parameters));
  if (box.flops > 0) parts << formatWithPrefix(box.flops, QStringLiteral("FLOP"));
  if (!layout_.bands.isEmpty()) parts << tr("stage %1").arg(box.stage);
  if (!box.above.isEmpty()) parts << tr("reads %1").arg(names(box.above));
  if (!box.below.isEmpty()) parts << tr("read by %1").arg(names(box.below));
  return parts.join(QStringLiteral("; "));
}

QString DesignModelGraph::caption() const {
  if (chosen_ >= 0) return boxSentence(chosen_);
  if (layout_.boxes.isEmpty()) return tr("The model has no layers.");
  return tr("%n layer(s).", nullptr, int(layers_.size())) + QLatin1Char(' ') +
         (folded_.isEmpty() ? tr("Choose a box by click or arrow keys.")
                            : tr("Choose a box by click or arrow keys; Enter opens a block."));
}

void DesignModelGraph::tellCaption() {
  const QString text = caption();
  if (text == told_) return;
  told_ = text;
  setAccessibleDescription(text);
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
  emit captionChanged(text);
}

TextTable DesignModelGraph::numbers() const {
  TextTable table{.headings = {"layer", "kind", "output", "parameters", "forward_flops", "stage", "reads"},
                  .rows = {}};
  for (const ModelLayer& layer : layers_) {
    QStringList reads;
    for (const int input : layer.inputs)
      reads << (input < 0 ? QStringLiteral("sample") : layers_[input].name);
    table.rows.push_back({layer.name.toStdString(), layer.kind.toStdString(), layer.output.toStdString(),
                          std::to_string(layer.parameters), exactNumber(layer.flops),
                          std::to_string(layer.stage), reads.join(QLatin1Char(' ')).toStdString()});
  }
  return table;
}

void DesignModelGraph::choose(int box, bool is_told) {
  if (box != chosen_) {
    chosen_ = box;
    update();
    tellCaption();
  }
  if (box < 0) {
    if (is_told) emit layersChosen({});
    return;
  }
  const QRectF place = layout_.boxes[box].place;
  emit boxNeedsSight(QRectF(place.topLeft() * zoom_, place.size() * zoom_).toAlignedRect());
  if (is_told) emit layersChosen(layout_.boxes[box].layers);
}

void DesignModelGraph::chooseLayer(int layer) { choose(layer < 0 ? -1 : layout_.boxOf(layer), false); }

// A folded block opens; of an open one, any of its layers folds it.
void DesignModelGraph::toggle(int box) {
  if (box < 0 || layout_.boxes[box].block.isEmpty()) return;
  const QString block = layout_.boxes[box].block;
  const int layer = layout_.boxes[box].layers.first();
  if (!folded_.remove(block)) folded_.insert(block);
  layOut();
  choose(layout_.boxOf(layer), true);
  emit foldingChanged();
}

void DesignModelGraph::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) choose(layout_.boxAt(event->position() / zoom_), true);
}

void DesignModelGraph::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) toggle(layout_.boxAt(event->position() / zoom_));
}

// The wheel alone scrolls the page, as everywhere.
void DesignModelGraph::wheelEvent(QWheelEvent* event) {
  if (!event->modifiers().testFlag(Qt::ControlModifier)) return event->ignore();
  setZoom(zoom_ * std::pow(kZoomStep, event->angleDelta().y() / 120.0));
  event->accept();
}

// Down and up along the arrows, to the left one of several; beside it within the rank.
int DesignModelGraph::nextBox(int key) const {
  const int last = int(layout_.boxes.size()) - 1;
  if (last < 0) return -1;
  if (key == Qt::Key_Home) return 0;
  if (key == Qt::Key_End) return last;
  if (chosen_ < 0) return key == Qt::Key_Up ? last : 0;
  const GraphBox& here = layout_.boxes[chosen_];
  if (key == Qt::Key_Down) return here.below.isEmpty() ? chosen_ : here.below.first();
  if (key == Qt::Key_Up) return here.above.isEmpty() ? chosen_ : here.above.first();
  int nearest = chosen_;
  double distance = 0;
  for (int i = 0; i <= last; ++i) {
    if (i == chosen_ || layout_.boxes[i].rank != here.rank) continue;
    const double away = layout_.boxes[i].place.left() - here.place.left();
    if ((key == Qt::Key_Right) != (away > 0)) continue;
    if (nearest == chosen_ || std::abs(away) < distance) {
      nearest = i;
      distance = std::abs(away);
    }
  }
  return nearest;
}

void DesignModelGraph::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Down:
    case Qt::Key_Up:
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
      if (const int next = nextBox(event->key()); next >= 0) choose(next, true);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      return toggle(chosen_);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return setZoom(zoom_ * kZoomStep);
    case Qt::Key_Minus:
      return setZoom(zoom_ / kZoomStep);
    case Qt::Key_0:
      return setZoom(1);
    case Qt::Key_Escape:
      if (chosen_ < 0) break;
      return choose(-1, true);
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void DesignModelGraph::focusInEvent(QFocusEvent* event) {
  // By the keyboard the first box is chosen at once: that something can be chosen must be seen.
  if ((event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) && chosen_ < 0 &&
      !layout_.boxes.isEmpty())
    choose(0, true);
  update();
}
void DesignModelGraph::focusOutEvent(QFocusEvent*) { update(); }

void DesignModelGraph::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) layOut();
}

bool DesignModelGraph::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int box = layout_.boxAt(QPointF(help->pos()) / zoom_);
  // As text: names of layers come from elsewhere.
  QToolTip::showText(help->globalPos(),
                     box < 0 ? QString() : QStringLiteral("<p>%1</p>").arg(boxSentence(box).toHtmlEscaped()),
                     this);
  return true;
}

}  // namespace concertina::ui
