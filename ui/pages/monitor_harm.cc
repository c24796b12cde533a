// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_harm.cc: see monitor_harm.h. Whether a worker can be harmed, the engine decides and says.
#include "ui/pages/monitor_harm.h"

#include <QAction>
#include <QMenu>
#include <QPointer>
#include <QTableView>

#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/ask.h"
#include "ui/pages/monitor_tables.h"

namespace concertina::ui {
namespace {

constexpr double kShortFreezeSeconds = 10, kMenuSlowdown = 10;

}  // namespace

QString lossSentence(const std::string& recovery, const proto::RunSummary& run) {
  if (recovery == "goes-on") return MonitorHarm::tr("The others go on without it.");
  if (recovery == "regroups")
    return MonitorHarm::tr("The others form a new group between two steps, and go on from memory.");
  if (run.last_checkpoint_step() <= 0)
    return MonitorHarm::tr("The run fails, and has no checkpoint to go on from.");
  const QString step = formatCount(run.last_checkpoint_step());
  const int times =
      specValue(runFacts(run.spec_json()).spec, QStringLiteral("/training/resume_after_failure")).toInt(0);
  return int(run.automatic_resumes()) < times
             ? MonitorHarm::tr("The run ends, and goes on by itself from its checkpoint of step %1.")
                   .arg(step)
             : MonitorHarm::tr("The run fails, and can be resumed from its checkpoint of step %1.").arg(step);
}

MonitorHarm::MonitorHarm(EngineClient& client, const WorkersModel& workers, QTableView* table)
    : QObject(table), client_(client), workers_(workers), table_(table) {
  table->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(table, &QTableView::customContextMenuRequested, this, &MonitorHarm::showMenu);
}

void MonitorHarm::setRun(const proto::RunSummary& run) { run_ = run; }

void MonitorHarm::showMenu(const QPoint& at) {
  // The menu key names the current row's place, or, where that is scrolled away, none.
  const QModelIndex under = table_->indexAt(at);
  const QModelIndex row = under.isValid() ? under : table_->currentIndex();
  if (!row.isValid()) return;
  table_->selectRow(row.row());
  const proto::Worker worker = workers_.workerAt(row.row());
  const int rank = int(worker.rank());
  const bool lives = isActive(run_.state()) && !worker.state().empty() && worker.state() != "gone";
  const bool is_frozen = worker.state() == "frozen";

  auto* menu = new QMenu(table_);
  menu->setObjectName(QStringLiteral("monitorPage.workerMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setToolTipsVisible(true);
  menu->setAccessibleName(tr("Rank %1").arg(rank));
  const auto add = [&](const char* name, const QString& text, const QString& tip, bool enabled, auto act) {
    QAction* action = menu->addAction(text);
    action->setObjectName(QLatin1String("monitorPage.") + QLatin1String(name));
    action->setToolTip(tip);
    action->setEnabled(enabled);
    connect(action, &QAction::triggered, this, act);
  };
  menu->addSection(tr("Rank %1").arg(rank));
  add("freezeShortlyAction", tr("&Freeze for 10 s"),
      tr("Its process stands still; after 5 s of silence it is taken for lost"), lives && !is_frozen,
      [this, rank] { harm(rank, proto::HarmWorkerRequest::FREEZE, kShortFreezeSeconds); });
  add("freezeAction", tr("Free&ze"), tr("Its process stands still until it is thawed, or given up as lost"),
      lives && !is_frozen, [this, rank] { harm(rank, proto::HarmWorkerRequest::FREEZE); });
  add("slowAction", tr("&Slow Down Tenfold"), tr("Forward and backward pass take ten times as long"),
      lives && !is_frozen, [this, rank] { harm(rank, proto::HarmWorkerRequest::SLOW, 0, kMenuSlowdown); });
  add("thawAction", tr("&Thaw"), tr("It goes on, as fast as before"), lives,
      [this, rank] { harm(rank, proto::HarmWorkerRequest::THAW); });
  menu->addSeparator();
  add("killAction", tr("&Kill This Worker…"), tr("Its process ends without a word"), lives,
      [this, rank] { askAndKill(rank); });
  menu->popup(table_->viewport()->mapToGlobal(at));
}

void MonitorHarm::harm(int rank, proto::HarmWorkerRequest::Act act, double seconds, double slowdown) {
  proto::HarmWorkerRequest request;
  request.set_run(run_.run());
  request.set_rank(rank);
  request.set_act(act);
  request.set_seconds(seconds);
  request.set_slowdown(slowdown);
  client_.harmWorker(this, request,
                     [this, of = run_.run()](const proto::HarmWorkerReply&, const QString& error) {
                       if (of == run_.run()) emit answered(error);
                     });
}

// The engine is asked first, since only it knows what the loss of this worker would mean now.
void MonitorHarm::askAndKill(int rank) {
  proto::HarmWorkerRequest request;
  request.set_run(run_.run());
  request.set_rank(rank);
  request.set_act(proto::HarmWorkerRequest::LOOK);
  client_.harmWorker(
      this, request,
      [this, rank, of = run_.run()](const proto::HarmWorkerReply& reply, const QString& error) {
        if (of != run_.run()) return;
        if (!error.isEmpty()) {
          emit answered(error);
          return;
        }
        const Question question{
            .title = tr("Kill Rank %1?").arg(rank),
            .text = tr("Its process ends without a word, as when its machine loses power. %1")
                        .arg(lossSentence(reply.recovery(), run_)),
            .yes = tr("Kill This Worker"),
            .no = {},
            .destructive = true};
        // While it is asked the page may go, and this with it.
        const QPointer<MonitorHarm> self(this);
        const Question::Answer answer = ask(table_, question);
        if (self == nullptr || answer != Question::Answer::kYes || of != run_.run()) return;
        harm(rank, proto::HarmWorkerRequest::KILL);
      });
}

}  // namespace concertina::ui
