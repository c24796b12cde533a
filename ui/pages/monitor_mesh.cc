// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_mesh.cc: see monitor_mesh.h.
#include "ui/pages/monitor_mesh.h"

#include <QLabel>
#include <algorithm>
#include <climits>

#include "nlohmann/json.hpp"
#include "ui/client/run_state.h"
#include "ui/client/traffic_feed.h"
#include "ui/forms/tone.h"
#include "ui/pages/mesh_live.h"
#include "ui/pages/mesh_picture.h"
#include "ui/pages/monitor_card.h"

namespace concertina::ui {

QSet<int> lostRanks(const QVector<proto::RunEvent>& events, const proto::RunSummary& run) {
  QSet<int> lost;
  uint32_t attempts = 1;
  for (const proto::RunEvent& event : events) {
    if (event.kind() == "resuming") {  // with workers anew
      lost.clear();
      ++attempts;
    }
    if (event.kind() != "worker-lost") continue;
    const nlohmann::json json = nlohmann::json::parse(event.json(), nullptr, false);
    if (json.is_object() && json.contains("rank") && json["rank"].is_number_unsigned())
      lost.insert(static_cast<int>(std::min<uint64_t>(json["rank"].get<uint64_t>(), INT_MAX)));
  }
  // Somebody resumed it, which is no such event: nobody knows which of them were lost before.
  return run.attempt() > attempts ? QSet<int>() : lost;
}

MonitorMesh::MonitorMesh(QWidget* parent)
    : QWidget(parent),
      picture_(new MeshPicture(this)),
      caption_(new QLabel(this)),
      note_(new QLabel(this)),
      nothing_(new QLabel(tr("Its workers appear here once the run has started."), this)) {
  auto* column = cardColumn(this, 1.5, 1.5);
  picture_->setObjectName(QStringLiteral("monitorPage.meshPicture"));
  picture_->setAccessibleName(tr("Workers, and what goes between them now"));
  caption_->setObjectName(QStringLiteral("monitorPage.meshCaption"));
  caption_->setWordWrap(true);
  caption_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  // Two lines at least: the picture must not move while one points at workers.
  caption_->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());
  note_->setObjectName(QStringLiteral("monitorPage.meshNote"));
  note_->setWordWrap(true);
  setTone(note_, "quiet");
  nothing_->setObjectName(QStringLiteral("monitorPage.meshNothing"));
  nothing_->setWordWrap(true);
  nothing_->setAlignment(Qt::AlignCenter);
  setTone(nothing_, "quiet");
  for (QWidget* part : std::initializer_list<QWidget*>{caption_, picture_, note_}) {
    column->addWidget(part);
    part->hide();
  }
  column->addWidget(nothing_, 1);
  column->addStretch(1);
  connect(picture_, &MeshPicture::captionChanged, caption_, &QLabel::setText);
  connect(picture_, &MeshPicture::rankClicked, this, &MonitorMesh::rankChosen);
  connect(picture_, &MeshPicture::rankActivated, this, &MonitorMesh::logRequested);
}

void MonitorMesh::setPlan(const QJsonObject& plan) { plan_ = mapOfPlan(plan); }

void MonitorMesh::show(const TrafficFeed& feed, const proto::RunSummary& run, const QSet<int>& lost) {
  if (run.run() != run_ || run.attempt() != attempt_) lost_.clear();
  run_ = run.run();
  attempt_ = run.attempt();
  for (const proto::TrafficReply::Rank& rank : feed.traffic().ranks()) {
    if (rank.state() == "lost")
      lost_.insert(static_cast<int>(rank.rank()));
    else
      lost_.remove(static_cast<int>(rank.rank()));  // another one has its place
  }
  const TrafficMap map = liveTrafficMap(plan_, run, feed.traffic());
  const bool is_there = run.workers_size() > 0;
  for (QWidget* part : std::initializer_list<QWidget*>{caption_, picture_, note_}) part->setVisible(is_there);
  nothing_->setVisible(!is_there);
  if (!is_there) return;
  picture_->setLive(map, meshLive(map, run, feed.traffic(), lost_ + lost));
  QString note =
      tr("A click on a worker leaves only its lines in the log; a double click, or Enter, opens it.");
  if (isEnded(run.state()))
    note = tr("The run has ended: nothing goes over its links any more.");
  else if (!feed.problem().isEmpty())
    note = tr("What goes over the links is not known: %1").arg(feed.problem());
  if (note_->text() != note) note_->setText(note);
}

}  // namespace concertina::ui
