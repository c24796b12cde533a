// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_workers_bar.cc: see monitor_workers_bar.h. What may be asked for, the engine decides and says; here
// stands only whether it is worth asking.
#include "ui/pages/monitor_workers_bar.h"

#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>

#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

MonitorWorkersBar::MonitorWorkersBar(QWidget* parent)
    : QWidget(parent),
      about_(new QLabel(this)),
      add_(new QPushButton(lineIcon(QStringLiteral("add")), tr("Add a Worker"), this)),
      remove_(new QPushButton(lineIcon(QStringLiteral("remove")), tr("Let One Leave"), this)) {
  about_->setObjectName(QStringLiteral("monitorPage.workersAbout"));
  about_->setWordWrap(true);
  about_->setTextFormat(Qt::PlainText);
  about_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  add_->setObjectName(QStringLiteral("monitorPage.addWorkerButton"));
  add_->setToolTip(tr("It is started, and joins the others between two steps"));
  remove_->setObjectName(QStringLiteral("monitorPage.removeWorkerButton"));
  remove_->setToolTip(tr("The last rank leaves between two steps; the others go on"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  row->addWidget(about_, 1);
  row->addWidget(add_);
  row->addWidget(remove_);
  connect(add_, &QPushButton::clicked, this, [this] { change(1); });
  connect(remove_, &QPushButton::clicked, this, [this] { change(-1); });
  hide();
}

void MonitorWorkersBar::setRun(const proto::RunSummary& run) {
  if (run.run() != run_ || run.spec_json() != spec_) {
    run_ = run.run();
    spec_ = run.spec_json();
    const QJsonObject spec = runFacts(spec_).spec;
    is_elastic_ = spec.value(QLatin1String("elastic")).isObject();
    const int least = specValue(spec, QStringLiteral("/elastic/min_workers")).toInt(1),
              most = specValue(spec, QStringLiteral("/elastic/max_workers")).toInt(0);
    rule_ =
        most > 0
            ? tr("Workers may join and leave between two steps: from %1 to %2 of them.").arg(least).arg(most)
            : tr("Workers may join and leave between two steps: %1 of them at least.").arg(least);
    about_->setText(rule_);
    setTone(about_, "quiet");
  }
  const bool may_change = run.state() == proto::RUNNING || run.state() == proto::PAUSED;
  add_->setEnabled(may_change);
  remove_->setEnabled(may_change);
  setVisible(is_elastic_ && isActive(run.state()));
}

void MonitorWorkersBar::change(int by) {
  about_->setText(rule_);
  setTone(about_, "quiet");
  emit changeRequested(by);
}

void MonitorWorkersBar::showAnswer(int workers, const QString& error) {
  about_->setText(error.isEmpty()
                      ? tr("The group will be of %n worker(s), between two steps to come.", nullptr, workers)
                      : error);
  setTone(about_, error.isEmpty() ? "quiet" : "error");
}

}  // namespace concertina::ui
