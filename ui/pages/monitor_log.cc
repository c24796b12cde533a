// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_log.cc: see monitor_log.h.
#include "ui/pages/monitor_log.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

constexpr int kEveryone = -2, kEngine = -1;

}  // namespace

MonitorLog::MonitorLog(QWidget* parent)
    : QWidget(parent),
      rank_(new QComboBox(this)),
      words_(new QLineEdit(this)),
      text_(new QPlainTextEdit(this)) {
  const int unit = rhythmUnit(this);
  rank_->setObjectName(QStringLiteral("monitorPage.logRankBox"));
  rank_->setAccessibleName(tr("Whose lines"));
  rank_->addItem(tr("Everyone"), kEveryone);
  rank_->addItem(tr("Engine"), kEngine);
  words_->setObjectName(QStringLiteral("monitorPage.logFilter"));
  words_->setPlaceholderText(tr("Lines with these words"));
  words_->setClearButtonEnabled(true);
  words_->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  text_->setObjectName(QStringLiteral("monitorPage.logText"));
  text_->setAccessibleName(tr("Log"));
  text_->setReadOnly(true);
  text_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  text_->setLineWrapMode(QPlainTextEdit::NoWrap);
  text_->setMaximumBlockCount(kMaxLines);
  text_->setPlaceholderText(tr("Nothing has been written yet."));
  text_->document()->setDocumentMargin(unit);
  auto* bar = new QHBoxLayout;
  bar->addWidget(rank_);
  bar->addWidget(words_, 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, unit, 0, 0);
  layout->setSpacing(unit);
  layout->addLayout(bar);
  layout->addWidget(text_, 1);
  connect(rank_, &QComboBox::currentIndexChanged, this, &MonitorLog::fill);
  connect(words_, &QLineEdit::textChanged, this, &MonitorLog::fill);
}

void MonitorLog::focusFilter() {
  words_->setFocus(Qt::ShortcutFocusReason);
  words_->selectAll();
}

void MonitorLog::showRank(int rank) {
  const int index = rank_->findData(rank < 0 ? kEveryone : rank);
  if (index >= 0) rank_->setCurrentIndex(index);
}

void MonitorLog::setRanks(int ranks) {
  const int known = rank_->count() - 2;
  for (int rank = known; rank < ranks; ++rank) rank_->addItem(tr("Rank %1").arg(rank), rank);
  while (rank_->count() - 2 > ranks) rank_->removeItem(rank_->count() - 1);
}

bool MonitorLog::shown(const Line& line) const {
  const int rank = rank_->currentData().toInt();
  return (rank == kEveryone || rank == line.rank) && line.text.contains(words_->text(), Qt::CaseInsensitive);
}

QString MonitorLog::written(const Line& line) {
  return line.rank < 0 ? tr("engine  %1").arg(line.text) : tr("rank %1  %2").arg(line.rank).arg(line.text);
}

void MonitorLog::keep(const proto::RankLog& line) {
  lines_.push_back({line.rank(), QString::fromStdString(line.line())});
  if (lines_.size() > kMaxLines) lines_.pop_front();
}

void MonitorLog::setLines(const QVector<proto::RankLog>& lines) {
  lines_.clear();
  for (const proto::RankLog& line : lines) keep(line);
  fill();
}

void MonitorLog::append(const proto::RankLog& line) {
  keep(line);
  // appendPlainText() follows the end by itself only for those who look at it.
  if (shown(lines_.back())) text_->appendPlainText(written(lines_.back()));
}

void MonitorLog::fill() {
  QStringList texts;
  for (const Line& line : lines_)
    if (shown(line)) texts.push_back(written(line));
  text_->setPlainText(texts.join(QLatin1Char('\n')));
  text_->verticalScrollBar()->setValue(text_->verticalScrollBar()->maximum());
}

}  // namespace concertina::ui
