// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_recording_bar.cc: see monitor_recording_bar.h.
#include "ui/pages/monitor_recording_bar.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>

#include "ui/forms/rhythm.h"

namespace concertina::ui {

RecordingBar::RecordingBar(const Names& names, QWidget* parent)
    : QWidget(parent),
      record_(new QPushButton(this)),
      recordings_(new QComboBox(this)),
      more_(new QToolButton(this)),
      menu_(new QMenu(this)) {
  const std::pair<QWidget*, const char*> parts[] = {
      {record_, names.record}, {recordings_, names.recordings}, {more_, names.more}};
  for (const auto& [part, name] : parts)
    part->setObjectName(QLatin1String("monitorPage.") + QLatin1String(name));
  more_->setText(QStringLiteral("⋯"));
  more_->setAutoRaise(true);
  more_->setPopupMode(QToolButton::InstantPopup);
  more_->setMenu(menu_);
}

void RecordingBar::arrange(std::initializer_list<QWidget*> left, std::initializer_list<QWidget*> right) {
  const int unit = rhythmUnit(this);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(unit);
  for (QWidget* part : left) {
    if (part == nullptr)
      row->addSpacing(unit);
    else
      row->addWidget(part);
  }
  row->addStretch(1);
  for (QWidget* part : right) row->addWidget(part);
  // The keyboard goes along the line, whoever was made first.
  QWidget* before = nullptr;
  for (const auto& side : {left, right})
    for (QWidget* part : side) {
      if (part == nullptr) continue;
      if (before != nullptr) setTabOrder(before, part);
      before = part;
    }
}

void RecordingBar::setRecordings(const QVector<qint64>& recordings, const QString& live) {
  const QSignalBlocker blocker(recordings_);
  recordings_->clear();
  if (!live.isEmpty()) recordings_->addItem(live, qint64{0});
  for (const qint64 recording : recordings)
    recordings_->addItem(
        tr("Recorded at %1")
            .arg(QLocale().toString(QDateTime::fromMSecsSinceEpoch(recording).time(), QLocale::LongFormat)),
        recording);
}

void RecordingBar::showRecord(int steps, bool can_record, bool is_recording, const QString& what) {
  record_->setText(is_recording ? tr("Recording…") : tr("Record %n Step(s)", nullptr, steps));
  record_->setEnabled(can_record && !is_recording);
  record_->setToolTip(can_record ? what : tr("Only while the run trains"));
}

}  // namespace concertina::ui
