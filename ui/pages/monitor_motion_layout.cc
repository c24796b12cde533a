// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_layout.cc: what stands where in the panel of slow motion (see monitor_motion.h).
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_card.h"
#include "ui/pages/monitor_motion.h"
#include "ui/pages/monitor_motion_model.h"
#include "ui/pages/monitor_motion_picture.h"
#include "ui/pages/monitor_recording_bar.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

constexpr int kUsualMessagesPerSecond = 2, kMostMessagesPerSecond = 20;

}  // namespace

MonitorMotion::MonitorMotion(QWidget* parent)
    : QWidget(parent),
      picture_(new MotionPicture),
      model_(new MotionModel(this)),
      bar_(new RecordingBar({.record = "motionRecord", .recordings = "motionSource", .more = "motionMore"},
                            this)),
      source_(bar_->recordings()),
      record_(bar_->record()),
      more_(bar_->more()),
      begin_(new QPushButton(this)),
      previous_(new QToolButton(this)),
      next_(new QPushButton(tr("Next Message"), this)),
      step_(new QPushButton(tr("Rest of Step"), this)),
      play_(new QPushButton(tr("Play"), this)),
      speed_(new QSpinBox(this)),
      caption_(new QLabel(this)),
      note_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      table_(nullptr) {
  auto* column = cardColumn(this, 1, 1);

  picture_->setObjectName(QStringLiteral("monitorPage.motionPicture"));
  table_ = makeTable(QStringLiteral("monitorPage.motionTable"), model_, 3, this);
  table_->setAccessibleName(tr("Messages"));
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  for (const auto& [part, characters] : std::initializer_list<std::pair<int, int>>{{MotionModel::kStep, 9},
                                                                                   {MotionModel::kFrom, 7},
                                                                                   {MotionModel::kTo, 7},
                                                                                   {MotionModel::kBytes, 10},
                                                                                   {MotionModel::kWhat, 30}})
    table_->setColumnWidth(part, charactersWide(table_, characters));
  caption_->setObjectName(QStringLiteral("monitorPage.motionCaption"));
  caption_->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  caption_->setWordWrap(true);
  note_->setObjectName(QStringLiteral("monitorPage.motionNote"));
  note_->setWordWrap(true);
  setTone(note_, "quiet");
  progress_->setObjectName(QStringLiteral("monitorPage.motionProgress"));
  progress_->setAccessibleName(tr("Messages of this step"));
  progress_->setTextVisible(true);

  auto* splitter = new QSplitter(Qt::Horizontal, column->parentWidget());
  auto* left = new QWidget(splitter);
  auto* seen = new QVBoxLayout(left);
  seen->setContentsMargins(0, 0, 0, 0);
  seen->addWidget(caption_);
  seen->addWidget(picture_, 1);
  seen->addWidget(progress_);
  splitter->addWidget(left);
  splitter->addWidget(table_);
  splitter->setChildrenCollapsible(false);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({charactersWide(this, 60), charactersWide(this, 60)});
  column->addWidget(makeSource());
  column->addWidget(splitter, 1);
  column->addWidget(makeControls());
  column->addWidget(note_);

  connect(&play_timer_, &QTimer::timeout, this, &MonitorMotion::next);
  connect(picture_, &MotionPicture::nextRequested, this, &MonitorMotion::next);
  connect(picture_, &MotionPicture::previousRequested, this, [this] {
    if (!isLive()) moveTo(at_ - 1, false);
  });
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    if (!isLive()) moveTo(index.row(), true);
  });
  connect(table_, &QTableView::clicked, this, [this](const QModelIndex& index) {
    if (!isLive()) moveTo(index.row(), true);
  });
  showRecording(replay_, {});
  showSource();
}

QWidget* MonitorMotion::makeSource() {
  source_->setAccessibleName(tr("What is shown"));
  begin_->setObjectName(QStringLiteral("monitorPage.motionBegin"));
  begin_->setProperty("primary", true);
  more_->setToolTip(tr("Save the clip"));
  more_->setAccessibleName(more_->toolTip());
  QMenu* menu = bar_->menu();
  menu->addAction(tr("Save Clip as HTML…"), this, [this] { save(QStringLiteral("html")); });
  menu->addAction(tr("Save Clip as SVG…"), this, [this] { save(QStringLiteral("svg")); });
  menu->addAction(tr("Save Messages as JSON…"), this, [this] { save(QStringLiteral("json")); });
  bar_->arrange({source_, begin_, record_}, {more_});
  connect(source_, &QComboBox::activated, this, [this] {
    setPlaying(false);
    if (!isLive()) emit recordingChosen(source_->currentData().toLongLong());
    showSource();
  });
  connect(begin_, &QPushButton::clicked, this, [this] {
    setPlaying(false);
    if (is_on_)
      emit leaveRequested();
    else
      emit beginRequested();
    picture_->setFocus();  // Space is the next message from here on
  });
  connect(record_, &QPushButton::clicked, this, [this] { emit recordRequested(kRecordedSteps); });
  return bar_;
}

QWidget* MonitorMotion::makeControls() {
  auto* row_widget = new QWidget(this);
  auto* row = new QHBoxLayout(row_widget);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  previous_->setObjectName(QStringLiteral("monitorPage.motionPrevious"));
  previous_->setText(QStringLiteral("◂"));
  previous_->setToolTip(tr("The message before"));
  previous_->setAccessibleName(previous_->toolTip());
  next_->setObjectName(QStringLiteral("monitorPage.motionNext"));
  step_->setObjectName(QStringLiteral("monitorPage.motionStep"));
  play_->setObjectName(QStringLiteral("monitorPage.motionPlay"));
  play_->setCheckable(true);
  speed_->setObjectName(QStringLiteral("monitorPage.motionSpeed"));
  speed_->setRange(1, kMostMessagesPerSecond);
  speed_->setValue(kUsualMessagesPerSecond);
  speed_->setSuffix(tr(" messages/s"));
  speed_->setAccessibleName(tr("Messages a second"));
  speed_->setButtonSymbols(QAbstractSpinBox::NoButtons);  // the arrow keys turn it
  for (QWidget* widget : std::initializer_list<QWidget*>{previous_, next_, step_, play_, speed_})
    row->addWidget(widget);
  row->addStretch(1);
  connect(previous_, &QToolButton::clicked, this, [this] { moveTo(at_ - 1, false); });
  connect(next_, &QPushButton::clicked, this, &MonitorMotion::next);
  connect(step_, &QPushButton::clicked, this, &MonitorMotion::finishStep);
  connect(play_, &QPushButton::clicked, this, [this](bool plays) { setPlaying(plays); });
  connect(speed_, &QSpinBox::valueChanged, this, [this] { play_timer_.setInterval(1000 / speed_->value()); });
  play_timer_.setInterval(1000 / speed_->value());
  return row_widget;
}

}  // namespace concertina::ui
