// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_papers.cc: see design_papers.h.
#include "ui/pages/design_papers.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/client/number_format.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

QLabel* paragraph(const QString& text, const char* tone, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);  // a failure is told in the words of a worker
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  if (tone != nullptr) setTone(label, tone);
  return label;
}

QString verdictText(PaperVerdict verdict) {
  switch (verdict) {
    case PaperVerdict::kInside:
      return PaperCard::tr("Inside");
    case PaperVerdict::kOutside:
      return PaperCard::tr("Outside");
    case PaperVerdict::kPending:
      break;
  }
  return {};
}

void showVerdict(QLabel* label, PaperVerdict verdict) {
  label->setText(verdictText(verdict));
  setTone(label, verdict == PaperVerdict::kOutside  ? "error"
                 : verdict == PaperVerdict::kInside ? "good"
                                                    : "quiet");
}

}  // namespace

QString paperText(const std::string& text) {
  return text.empty() ? QString() : QCoreApplication::translate("Paper", text.c_str());
}

QStringList paperTexts(const Paper& paper) {
  QStringList texts;
  const auto add = [&texts](const std::string& text) {
    if (const QString words = QString::fromStdString(text); !words.isEmpty() && !texts.contains(words))
      texts << words;
  };
  for (const std::string* text :
       {&paper.title, &paper.place, &paper.claim, &paper.difference, &paper.quick_difference})
    add(*text);
  for (const PaperMeasure& measure : paper.measures) {
    for (const std::string* text : {&measure.title, &measure.published_words, &measure.band.reason})
      add(*text);
    if (measure.quick_band) add(measure.quick_band->reason);
  }
  return texts;
}

QString paperValueText(double value, PaperUnit unit) {
  if (std::isnan(value)) return notMeasured();
  if (std::isinf(value)) return PaperCard::tr("never");
  const QLocale locale;
  switch (unit) {
    case PaperUnit::kCount:
      return formatCount(qint64(std::llround(value)));
    case PaperUnit::kShare:
      return PaperCard::tr("%1 %").arg(locale.toString(100 * value, 'f', 2));
    case PaperUnit::kPoints:
      return PaperCard::tr("%1 points").arg(locale.toString(100 * value, 'f', 2));
    case PaperUnit::kBytes:
      return formatBytes(value);
    case PaperUnit::kTimes:
      return formatRatio(value);
    case PaperUnit::kSeconds:
      return formatDuration(value);
    case PaperUnit::kNumber:
      break;
  }
  return formatNumber(value, 4);
}

QString paperPublishedText(const PaperMeasure& measure) {
  return measure.published ? paperValueText(*measure.published, measure.unit)
                           : paperText(measure.published_words);
}

QString paperBandText(const PaperBand& band, PaperUnit unit) {
  if (!band.low)
    return band.high ? PaperCard::tr("at most %1").arg(paperValueText(*band.high, unit)) : QString();
  const QString low = paperValueText(*band.low, unit);
  if (!band.high) return PaperCard::tr("at least %1").arg(low);
  if (*band.low == *band.high) return PaperCard::tr("exactly %1").arg(low);
  return PaperCard::tr("%1 to %2").arg(low, paperValueText(*band.high, unit));
}

QString paperProgressText(const PaperState& state, size_t runs, bool quick) {
  if (state.newest_unix_ms == 0 && state.active == 0) return {};
  const QString done = PaperCard::tr("%1 of %n run(s) finished", nullptr, int(runs)).arg(state.finished);
  return quick ? PaperCard::tr("Quick: %1").arg(done) : done;
}

PaperCard::PaperCard(PaperDesk& desk, size_t paper, QWidget* parent)
    : QFrame(parent), desk_(desk), paper_(paper) {
  const Paper& known = desk.papers()[paper];
  const QString id = QString::fromStdString(known.id);
  setObjectName(QStringLiteral("paper.") + id);
  setProperty("card", true);
  setAccessibleName(paperText(known.title));
  setAccessibleDescription(paperText(known.claim));
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 2, 2, 2, 2, 1);

  auto* head = new QHBoxLayout;
  auto* title = new QLabel(paperText(known.title), this);
  title->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  head->addWidget(title, 1);
  verdict_ = new QLabel(this);
  verdict_->setObjectName(QStringLiteral("paper.verdict.") + id);
  verdict_->setAccessibleName(tr("Verdict"));
  verdict_->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  head->addWidget(verdict_);
  column->addLayout(head);
  column->addWidget(paragraph(paperText(known.claim), nullptr, this));
  column->addWidget(
      paragraph(tr("%1 %2.", "a citation, and the place in it")
                    .arg(QString::fromStdString(known.citation) + QLatin1Char('.'), paperText(known.place)),
                "quiet", this));
  difference_ = paragraph(QString(), "quiet", this);
  difference_->setObjectName(QStringLiteral("paper.difference.") + id);
  column->addWidget(difference_);
  makeTable(column);

  auto* row = new QHBoxLayout;
  row->setSpacing(rhythmUnit(this));
  run_ = new QPushButton(lineIcon(QStringLiteral("launch")), tr("Run"), this);
  run_->setObjectName(QStringLiteral("paper.run.") + id);
  run_->setAccessibleName(tr("Run %1").arg(title->text()));
  row->addWidget(run_);
  if (known.has_quick()) {
    quick_ = new QPushButton(tr("Run Quickly"), this);
    quick_->setObjectName(QStringLiteral("paper.quick.") + id);
    quick_->setToolTip(paperText(known.quick_difference));
    quick_->setAccessibleName(tr("Run %1 quickly").arg(title->text()));
    quick_->setAccessibleDescription(quick_->toolTip());
    row->addWidget(quick_);
  }
  stop_ = new QPushButton(lineIcon(QStringLiteral("stop")), tr("Stop"), this);
  stop_->setObjectName(QStringLiteral("paper.stop.") + id);
  stop_->setAccessibleName(tr("Stop %1").arg(title->text()));
  row->addWidget(stop_);
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("paper.progress.") + id);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  row->addWidget(progress_, 1);
  progress_text_ = new QLabel(this);
  progress_text_->setObjectName(QStringLiteral("paper.progressText.") + id);
  setTone(progress_text_, "quiet");
  row->addWidget(progress_text_);
  row->addStretch(0);
  column->addLayout(row);
  failure_ = paragraph(QString(), "error", this);
  failure_->setObjectName(QStringLiteral("paper.failure.") + id);
  failure_->hide();
  column->addWidget(failure_);

  connect(run_, &QPushButton::clicked, this, [this] { desk_.run(paper_, false); });
  if (quick_ != nullptr) connect(quick_, &QPushButton::clicked, this, [this] { desk_.run(paper_, true); });
  connect(stop_, &QPushButton::clicked, this, [this] { desk_.stop(paper_); });
  connect(&desk_, &PaperDesk::changed, this, [this](size_t changed) {
    if (changed == paper_) showState();
  });
  connect(&desk_, &PaperDesk::connectionChanged, this, &PaperCard::showState);
  connect(&desk_, &PaperDesk::failed, this, [this](size_t failed, const QString& why) {
    if (failed == paper_) sayFailed(why);
  });
  showState();
}

void PaperCard::makeTable(QVBoxLayout* column) {
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(2 * rhythmUnit(this));
  grid->setVerticalSpacing(rhythmUnit(this) / 2);
  const QString heads[] = {tr("Measure"), tr("Published"), tr("Measured"), tr("Band"), tr("Verdict")};
  for (int i = 0; i < 5; ++i) {
    auto* head = new QLabel(heads[i], this);
    head->setFont(scaledFont(font(), 0.92, QFont::DemiBold));
    grid->addWidget(head, 0, i);
  }
  grid->setColumnStretch(0, 1);
  int line = 1;
  for (const PaperMeasure& measure : desk_.papers()[paper_].measures) {
    const QString title = paperText(measure.title);
    Row row{new QLabel(this), new QLabel(this), new QLabel(this), paragraph(QString(), "quiet", this)};
    row.measured->setObjectName(QStringLiteral("paper.measured.%1.%2")
                                    .arg(QString::fromStdString(desk_.papers()[paper_].id))
                                    .arg(rows_.size()));
    row.measured->setAccessibleName(tr("%1, measured").arg(title));
    row.verdict->setAccessibleName(tr("%1, verdict").arg(title));
    row.reason->setFont(scaledFont(font(), 0.92));
    grid->addWidget(paragraph(title, nullptr, this), line, 0);
    grid->addWidget(new QLabel(paperPublishedText(measure), this), line, 1);
    grid->addWidget(row.measured, line, 2);
    grid->addWidget(row.band, line, 3);
    grid->addWidget(row.verdict, line, 4);
    grid->addWidget(row.reason, line + 1, 0, 1, 5);
    rows_ << row;
    line += 2;
  }
  column->addLayout(grid);
}

void PaperCard::showState() {
  const Paper& known = desk_.papers()[paper_];
  const bool quick = known.has_quick() && desk_.isQuickNewer(paper_);
  const PaperState state = desk_.state(paper_, quick);
  for (qsizetype i = 0; i < rows_.size(); ++i) {
    const PaperMeasure& measure = known.measures[size_t(i)];
    const PaperBand& band = measure.BandOf(quick);
    const PaperRow& found = state.rows[size_t(i)];
    rows_[i].measured->setText(paperValueText(found.measured, measure.unit));
    rows_[i].band->setText(paperBandText(band, measure.unit));
    rows_[i].reason->setText(paperText(band.reason));
    showVerdict(rows_[i].verdict, found.verdict);
  }
  showVerdict(verdict_, state.verdict);
  const QString difference = paperText(known.difference);
  difference_->setText(quick ? tr("%1 Quick: %2").arg(difference, paperText(known.quick_difference))
                             : difference);
  const bool is_going = state.active > 0;
  const bool can_run = desk_.isConnected() && !is_going;
  run_->setEnabled(can_run);
  run_->setToolTip(desk_.isConnected()
                       ? tr("Puts its %n run(s) into the queue", nullptr, int(known.runs.size()))
                       : tr("Not connected to the engine"));
  if (quick_ != nullptr) quick_->setEnabled(can_run);
  stop_->setVisible(is_going);
  progress_->setVisible(is_going);
  progress_->setValue(int(std::lround(1000 * state.progress)));
  progress_text_->setText(paperProgressText(state, known.runs.size(), quick));
  if (is_going || !state.failure.isEmpty()) {
    failure_->setText(state.failure);
    failure_->setVisible(!state.failure.isEmpty());
  }
}

void PaperCard::sayFailed(const QString& why) {
  failure_->setText(tr("The run was refused: %1").arg(why));
  failure_->show();
}

DesignPapers::DesignPapers(PaperDesk& desk, QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("designPage.papers"));
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 0, 2, 0, 0, 1.5);
  auto* title = new QLabel(tr("Papers in a box"), this);
  title->setFont(scaledFont(font(), 1.3, QFont::DemiBold));
  column->addWidget(title);
  column->addWidget(paragraph(tr("Published tables, with the settings that make them. Run one, and see "
                                 "whether the numbers come out here: "
                                 "inside or outside of a band whose width has its reason beside it."),
                              "quiet", this));
  for (size_t paper = 0; paper < desk.papers().size(); ++paper)
    column->addWidget(new PaperCard(desk, paper, this));
}

}  // namespace concertina::ui
