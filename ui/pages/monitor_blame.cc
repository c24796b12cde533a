// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_blame.cc: see monitor_blame.h.
#include "ui/pages/monitor_blame.h"

#include <QFrame>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QTableWidget>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/flow_layout.h"
#include "ui/charts/palette.h"
#include "ui/client/analysis_words.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_card.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

// The colours of a step's time (charts/palette.h) for what a rank is late with.
QColor lateColor(size_t phase, bool dark) {
  static constexpr int kPhaseOf[kLatePhases] = {0, 1, 3, 4, 5, 6, 2};
  return phaseColor(kPhaseOf[phase], dark);
}

// A square of a colour and a word.
class LegendEntry : public QWidget {
 public:
  LegendEntry(size_t phase, QWidget* parent) : QWidget(parent), phase_(phase) {
    setFont(scaledFont(parent->font(), 0.9));
  }
  QSize sizeHint() const override {
    const QFontMetrics metrics(font());
    return {metrics.horizontalAdvance(text()) + metrics.height() * 7 / 4, metrics.height()};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const QFontMetrics metrics(font());
    const double side = metrics.xHeight() * 1.3;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(lateColor(phase_, onDarkGround(palette())));
    painter.drawRoundedRect(QRectF(1, (height() - side) / 2, side, side), 2, 2);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(rect().adjusted(metrics.height(), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
  }

 private:
  QString text() const { return latePhaseText(static_cast<LatePhase>(phase_)); }
  size_t phase_;
};

double shareOf(const Blame& blame, double seconds) {
  return blame.others_seconds > 0 ? seconds / blame.others_seconds : 0;
}

// "38 %", "2.5 %": what a schedule gives is not known more exactly.
QString shareText(double share) { return MonitorBlame::tr("%1 %").arg(formatNumber(100 * share, 2)); }

LatePhase mostly(const RankBlame& rank) {
  const auto& seconds = rank.charged_seconds;
  return static_cast<LatePhase>(std::max_element(seconds.begin(), seconds.end()) - seconds.begin());
}

}  // namespace

QString latePhaseText(LatePhase phase) {
  switch (phase) {
    case LatePhase::kData:
      return MonitorBlame::tr("Reading data");
    case LatePhase::kCompute:
      return MonitorBlame::tr("Computing");
    case LatePhase::kExchange:
      return MonitorBlame::tr("The exchange before");
    case LatePhase::kDecode:
      return MonitorBlame::tr("Decoding");
    case LatePhase::kUpdate:
      return MonitorBlame::tr("Updating");
    case LatePhase::kEncode:
      return MonitorBlame::tr("Encoding");
    case LatePhase::kOther:
      break;
  }
  return MonitorBlame::tr("Between steps");
}

QString blameText(const Blame& blame) {
  const QString together = shareText(blame.charged_share);
  switch (blame.verdict) {
    case Blame::Verdict::kNobodyWaits:
      return MonitorBlame::tr("Nobody waits: no step was seen of two ranks together.");
    case Blame::Verdict::kEven:
      return MonitorBlame::tr("The ranks come together: waiting for the last takes %1 of their time.")
          .arg(together);
    case Blame::Verdict::kByTurns:
      return MonitorBlame::tr(
                 "The ranks keep one another waiting by turns, %1 of the time; none of them stands out.")
          .arg(together);
    case Blame::Verdict::kStraggler:
      break;
  }
  const QString share = shareText(blame.straggler_share);
  const auto of = [&](const QString& sentence) { return sentence.arg(blame.straggler).arg(share); };
  switch (blame.phase) {
    case LatePhase::kData:
      return of(MonitorBlame::tr("Rank %1 kept the others waiting %2 of the time, reading its data."));
    case LatePhase::kCompute:
      return of(MonitorBlame::tr("Rank %1 kept the others waiting %2 of the time, computing."));
    case LatePhase::kExchange:
      return of(MonitorBlame::tr(
          "Rank %1 kept the others waiting %2 of the time, held up in the exchange before."));
    case LatePhase::kDecode:
      return of(
          MonitorBlame::tr("Rank %1 kept the others waiting %2 of the time, decoding what it received."));
    case LatePhase::kUpdate:
      return of(MonitorBlame::tr("Rank %1 kept the others waiting %2 of the time, updating its parameters."));
    case LatePhase::kEncode:
      return of(MonitorBlame::tr("Rank %1 kept the others waiting %2 of the time, encoding what it sends."));
    case LatePhase::kOther:
      break;
  }
  return of(MonitorBlame::tr(
      "Rank %1 kept the others waiting %2 of the time, busy between two steps (evaluation, a "
      "checkpoint, or a machine that did something else)."));
}

QString blameRankText(const Blame& blame, const RankBlame& rank) {
  const double seconds = rank.total_seconds();
  if (!(seconds > 0)) return MonitorBlame::tr("charged nothing");
  //: %1 is a time, %2 a share, %3 what a rank was late with
  return MonitorBlame::tr("%1, %2, mostly: %3")
      .arg(formatDuration(seconds), shareText(shareOf(blame, seconds)), latePhaseText(mostly(rank)));
}

BlameBars::BlameBars(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Seconds that each rank is charged"));
}

void BlameBars::setBlame(const Blame& blame) {
  const bool resized = blame.ranks.size() != blame_.ranks.size();
  blame_ = blame;
  most_ = 0;
  QStringList spoken;
  for (const RankBlame& rank : blame_.ranks) {
    most_ = std::max(most_, rank.total_seconds());
    spoken << tr("rank %1: %2").arg(rank.rank).arg(blameRankText(blame_, rank));
  }
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
  if (resized) updateGeometry();
  update();
}

int BlameBars::rowHeight() const { return 3 * rhythmUnit(this); }
int BlameBars::labelWidth() const {
  const int last = blame_.ranks.empty() ? 0 : blame_.ranks.back().rank;
  return fontMetrics().horizontalAdvance(tr("Rank %1").arg(last)) + 2 * rhythmUnit(this);
}
int BlameBars::figureWidth() const { return charactersWide(this, 46); }
QSize BlameBars::sizeHint() const {
  return {charactersWide(this, 90), static_cast<int>(blame_.ranks.size()) * rowHeight()};
}
QSize BlameBars::minimumSizeHint() const { return {charactersWide(this, 60), sizeHint().height()}; }

QRectF BlameBars::barOf(qsizetype row) const {
  const double room = std::max(0, width() - labelWidth() - figureWidth() - rhythmUnit(this));
  const double total = blame_.ranks[static_cast<size_t>(row)].total_seconds();
  return {double(labelWidth()), row * rowHeight() + rowHeight() * 0.2, most_ > 0 ? room * total / most_ : 0,
          rowHeight() * 0.6};
}

void BlameBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const bool dark = onDarkGround(palette());
  for (qsizetype row = 0; row < static_cast<qsizetype>(blame_.ranks.size()); ++row) {
    const RankBlame& rank = blame_.ranks[static_cast<size_t>(row)];
    const QRect line(0, static_cast<int>(row) * rowHeight(), width(), rowHeight());
    const bool straggler = rank.rank == blame_.straggler;
    painter.setFont(straggler ? scaledFont(font(), 1, QFont::DemiBold) : font());
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, tr("Rank %1").arg(rank.rank));
    const QRectF bar = barOf(row);
    double left = bar.left();
    const double total = rank.total_seconds();
    for (size_t phase = 0; phase < kLatePhases && total > 0; ++phase) {
      const double wide = bar.width() * rank.charged_seconds[phase] / total;
      if (wide <= 0) continue;
      painter.fillRect(QRectF(left, bar.top(), wide, bar.height()), lateColor(phase, dark));
      if (left > bar.left())  // neighbours are told apart without their colours
        painter.fillRect(QRectF(left - 0.5, bar.top(), 1, bar.height()), palette().color(QPalette::Base));
      left += wide;
    }
    painter.setPen(straggler ? palette().color(QPalette::Text) : toneColor(palette(), Tone::kQuiet));
    const QRect room(static_cast<int>(bar.right()) + rhythmUnit(this), line.top(), figureWidth(),
                     rowHeight());
    painter.drawText(
        room, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(blameRankText(blame_, rank), Qt::ElideRight, room.width()));
  }
}

QString BlameBars::textAt(const QPoint& position) const {
  const qsizetype row = position.y() < 0 ? -1 : position.y() / rowHeight();
  if (row < 0 || row >= static_cast<qsizetype>(blame_.ranks.size())) return {};
  const RankBlame& rank = blame_.ranks[static_cast<size_t>(row)];
  QStringList lines = {
      tr("Rank %1: last at %2 of %3 steps")
          .arg(rank.rank)
          .arg(formatCount(rank.times_last), formatCount(static_cast<qint64>(blame_.steps.size())))};
  for (size_t phase = 0; phase < kLatePhases; ++phase)
    if (rank.charged_seconds[phase] > 0)
      lines << tr("%1: %2").arg(latePhaseText(static_cast<LatePhase>(phase)),
                                formatDuration(rank.charged_seconds[phase]));
  return lines.join(QLatin1Char('\n'));
}

bool BlameBars::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), textAt(help->pos()), this);
    return true;
  }
  return QWidget::event(event);
}

MonitorBlame::MonitorBlame(QWidget* parent)
    : QWidget(parent),
      sentence_(new QLabel(this)),
      about_(new QLabel(this)),
      legend_(new QWidget(this)),
      scroll_(new QScrollArea(this)),
      bars_(new BlameBars),
      collectives_about_(new QLabel(this)),
      collectives_(new QTableWidget(0, 5, this)) {
  const int unit = rhythmUnit(this);
  auto* column = cardColumn(this, 1, 1);
  sentence_->setObjectName(QStringLiteral("monitorPage.blameSentence"));
  sentence_->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  sentence_->setWordWrap(true);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  about_->setObjectName(QStringLiteral("monitorPage.blameAbout"));
  about_->setText(
      tr("All wait for the last to come, so every wait is charged to it, and to what it took longer for than "
         "the "
         "others. The newest steps of the run."));
  about_->setWordWrap(true);
  setTone(about_, "quiet");
  auto* entries = new FlowLayout(legend_, unit);
  for (size_t phase = 0; phase < kLatePhases; ++phase)
    if (static_cast<LatePhase>(phase) != LatePhase::kEncode)  // known of single collectives only
      entries->addWidget(new LegendEntry(phase, legend_));
  bars_->setObjectName(QStringLiteral("monitorPage.blameBars"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setWidgetResizable(true);
  scroll_->viewport()->setAutoFillBackground(false);
  bars_->setAutoFillBackground(false);
  auto* inside = new QWidget;
  auto* rows = new QVBoxLayout(inside);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->addWidget(bars_);
  rows->addStretch(1);
  scroll_->setWidget(inside);
  inside->setAutoFillBackground(false);  // setWidget has turned it on
  column->addWidget(sentence_);
  column->addWidget(about_);
  column->addSpacing(unit);
  column->addWidget(legend_);
  column->addWidget(scroll_, 1);
  collectives_about_->setObjectName(QStringLiteral("monitorPage.blameCollectivesAbout"));
  collectives_about_->setWordWrap(true);
  setTone(collectives_about_, "quiet");
  collectives_->setObjectName(QStringLiteral("monitorPage.blameCollectives"));
  collectives_->setAccessibleName(tr("Collectives at which ranks wait"));
  dressTable(collectives_, 3.25);
  collectives_->setFrameShape(QFrame::NoFrame);
  collectives_->setHorizontalHeaderLabels(
      {tr("Collective"), tr("Times"), tr("Waited a time"), tr("For rank"), tr("Late with")});
  for (int at = 0; at < collectives_->columnCount(); ++at)
    collectives_->horizontalHeaderItem(at)->setTextAlignment(
        (at > 0 && at < 4 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  collectives_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  collectives_about_->setBuddy(collectives_);
  column->addSpacing(unit);
  column->addWidget(collectives_about_);
  column->addWidget(collectives_, 1);
  show({}, false, {});
}

void MonitorBlame::show(const Blame& blame, bool answered, const QString& obstacle) {
  const bool seen = answered && obstacle.isEmpty() && !blame.steps.empty();
  QString text = tr("Nothing measured yet");
  if (!obstacle.isEmpty()) {
    text = analysisSentence(obstacle);
  } else if (answered) {
    text = blameText(blame);
  }
  if (sentence_->text() != text) sentence_->setText(text);
  about_->setVisible(seen);
  legend_->setVisible(seen);
  scroll_->setVisible(seen);
  seen_ = seen;
  collectives_about_->setVisible(seen_ && has_collectives_);
  collectives_->setVisible(seen_ && has_collectives_);
  layout()->setAlignment(seen ? Qt::Alignment() : Qt::AlignTop);
  if (seen) bars_->setBlame(blame);
}

void MonitorBlame::showCollectives(const CollectiveBlame& blame) {
  has_collectives_ = !blame.collectives.empty();
  collectives_about_->setVisible(seen_ && has_collectives_);
  collectives_->setVisible(seen_ && has_collectives_);
  if (!has_collectives_) return collectives_->setRowCount(0);
  collectives_about_->setText(tr(
      "Each collective of the %n step(s) whose arrivals were recorded; what overlap hides of it counts, too.",
      nullptr, static_cast<int>(blame.steps)));
  // Items stay, so that the selection does.
  collectives_->setRowCount(static_cast<int>(blame.collectives.size()));
  for (int row = 0; row < collectives_->rowCount(); ++row) {
    const CollectiveCharge& charge = blame.collectives[static_cast<size_t>(row)];
    const bool waits = charge.charged_seconds > 0;
    const QString nobody = QStringLiteral("–");
    const QString texts[] = {QString::fromStdString(charge.name), formatCount(charge.times),
                             formatDuration(charge.charged_seconds / static_cast<double>(charge.times)),
                             waits ? QString::number(charge.rank) : nobody,
                             waits ? latePhaseText(charge.phase) : nobody};
    for (int at = 0; at < collectives_->columnCount(); ++at) {
      if (collectives_->item(row, at) == nullptr) collectives_->setItem(row, at, new QTableWidgetItem);
      collectives_->item(row, at)->setText(texts[at]);
      if (at > 0 && at < 4) collectives_->item(row, at)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
  }
}

QString MonitorBlame::sentence() const { return sentence_->text(); }

}  // namespace concertina::ui
