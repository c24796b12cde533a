// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_desk.cc: see paper_desk.h.
#include "ui/client/paper_desk.h"

#include <QDateTime>
#include <algorithm>
#include <cmath>

#include "ui/client/core_words.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

std::map<std::string, double> figuresOf(const proto::RunSummary& run) {
  std::map<std::string, double> figures = {{"epochs", run.epochs()},
                                           {"steps", double(run.steps())},
                                           {"seconds", run.seconds()},
                                           {"samples_per_second", run.samples_per_second()},
                                           {"bytes_sent", double(run.bytes_sent())},
                                           {"payload_bytes_sent", double(run.payload_bytes_sent())},
                                           {"messages_sent", double(run.messages_sent())},
                                           {"parameters", double(run.parameters())},
                                           {"peak_memory_bytes", double(run.peak_memory_bytes())},
                                           {"compression_ratio", run.compression_ratio()}};
  if (run.has_train_loss()) figures["train_loss"] = run.train_loss();
  if (run.has_test()) {
    figures["test_loss"] = run.test_loss();
    figures["test_accuracy"] = run.test_accuracy();
  }
  return figures;
}

double shareDone(const proto::RunSummary& run) {
  if (run.state() == proto::FINISHED) return 1;
  return run.total_steps() > 0 ? std::min(1.0, double(run.steps()) / double(run.total_steps())) : 0;
}

}  // namespace

PaperDesk::PaperDesk(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), papers_(PapersHere()) {
  for (const Paper& paper : papers_) slots_.emplace_back(paper.runs.size());
  connect(&client_, &EngineClient::runChanged, this, &PaperDesk::take);
  connect(&client_, &EngineClient::runRemoved, this, &PaperDesk::forget);
  connect(&client_, &EngineClient::stateChanged, this, &PaperDesk::connectionChanged);
  if (client_.listed()) client_.listAgain();  // they were told before this was here
}

bool PaperDesk::isConnected() const { return client_.state() == EngineClient::State::kConnected; }

const PaperDesk::Seen* PaperDesk::newest(const Slot& slot) const {
  const Seen* found = nullptr;
  for (const auto& [id, seen] : slot.runs)
    if (found == nullptr || seen.summary.created_unix_ms() >= found->summary.created_unix_ms()) found = &seen;
  return found;
}

PaperState PaperDesk::state(size_t paper, bool quick) const {
  PaperState state;
  std::vector<std::optional<PaperEvidence>> evidence;
  for (const auto& both : slots_[paper]) {
    const Seen* seen = newest(both[quick]);
    evidence.push_back(seen != nullptr && seen->missing == 0 ? seen->evidence : std::nullopt);
    if (seen == nullptr) continue;
    const proto::RunSummary& run = seen->summary;
    state.newest_unix_ms = std::max<qint64>(state.newest_unix_ms, run.created_unix_ms());
    state.progress += shareDone(run) / double(slots_[paper].size());
    state.finished += run.state() == proto::FINISHED ? 1 : 0;
    state.active += isActive(run.state()) ? 1 : 0;
    if (run.state() == proto::FAILED) state.failure = coreText(run.error());
  }
  for (const Waiting& each : waiting_) state.active += each.paper == paper && each.quick == quick ? 1 : 0;
  state.rows = PaperRows(papers_[paper], quick, evidence);
  state.verdict = WholeVerdict(state.rows);
  return state;
}

bool PaperDesk::isQuickNewer(size_t paper) const {
  const PaperState whole = state(paper, false), quick = state(paper, true);
  if ((whole.active > 0) != (quick.active > 0)) return quick.active > 0;
  return quick.newest_unix_ms > whole.newest_unix_ms;
}

void PaperDesk::take(const proto::RunSummary& run) {
  for (size_t paper = 0; paper < papers_.size(); ++paper)
    for (size_t i = 0; i < papers_[paper].runs.size(); ++i)
      for (const bool quick : {false, true}) {
        if (run.name() != papers_[paper].runs[i].SpecOf(quick).name) continue;  // cheaply, for most runs
        if (!IsPaperRun(papers_[paper].runs[i].SpecOf(quick), run.name(), run.spec_json())) continue;
        Seen& seen = slots_[paper][i][quick].runs[run.run()];
        const bool was_finished = seen.summary.state() == proto::FINISHED && seen.evidence;
        seen.summary = run;
        if (run.state() != proto::FINISHED)
          seen.evidence.reset();
        else if (!was_finished || seen.missing > 0)
          ask(paper, i, quick, run.run());
        emit changed(paper);
      }
}

void PaperDesk::forget(const QString& run) {
  for (size_t paper = 0; paper < papers_.size(); ++paper)
    for (auto& both : slots_[paper])
      for (Slot& slot : both)
        if (slot.runs.erase(run.toStdString()) > 0) emit changed(paper);
}

PaperDesk::Seen* PaperDesk::find(size_t paper, size_t run, bool quick, const std::string& id) {
  auto& runs = slots_[paper][run][quick].runs;
  const auto found = runs.find(id);
  return found == runs.end() ? nullptr : &found->second;
}

void PaperDesk::ask(size_t paper, size_t run, bool quick, const std::string& id) {
  Seen* seen = find(paper, run, quick, id);
  const std::vector<PaperCurveName> curves = CurvesOf(papers_[paper], run);
  const bool has_recipe = NeedsRecipe(papers_[paper], run);
  seen->evidence = PaperEvidence{.summary = figuresOf(seen->summary), .curves = {}, .recipe = {}};
  seen->missing = int(curves.size()) + (has_recipe ? 1 : 0);
  seen->turn = ++turn_;
  // Null: it was deleted, or is asked anew.
  const auto asked = [=, this, turn = turn_] {
    Seen* const mine = find(paper, run, quick, id);
    return mine != nullptr && mine->turn == turn ? mine : nullptr;
  };
  for (const PaperCurveName& name : curves) {
    proto::GetSeriesRequest request;
    request.set_run(id);
    request.set_name(name.series);
    request.set_rank(-1);
    request.set_x(name.x);
    client_.series(this, request, [=, this](const SeriesData& series, const QString& error) {
      Seen* const mine = asked();
      if (mine == nullptr) return;
      if (mine->evidence && error.isEmpty())
        mine->evidence->curves[name] = {{series.x.begin(), series.x.end()},
                                        {series.mean.begin(), series.mean.end()}};
      answered(paper, *mine, error.isEmpty() || series.is_missing);
    });
  }
  if (!has_recipe) return;
  client_.events(this, QString::fromStdString(id),
                 [=, this](const QVector<proto::RunEvent>& events, const QString& error) {
                   Seen* const mine = asked();
                   if (mine == nullptr) return;
                   if (mine->evidence) {
                     mine->evidence->recipe.clear();
                     for (const proto::RunEvent& event : events)
                       if (event.kind() == "recipe") mine->evidence->recipe.push_back(event.json());
                   }
                   answered(paper, *mine, error.isEmpty());
                 });
}

void PaperDesk::answered(size_t paper, Seen& seen, bool is_known) {
  // What a lost connection or a busy engine kept to itself was not "never measured": it is asked for when the
  // run is told again.
  if (!is_known) seen.evidence.reset();
  seen.missing = std::max(0, seen.missing - 1);
  if (seen.missing == 0) emit changed(paper);
}

void PaperDesk::run(size_t paper, bool quick) {
  quick = quick && papers_[paper].has_quick();
  if (state(paper, quick).active > 0) return;
  const bool all = state(paper, quick).finished == int(papers_[paper].runs.size());
  for (size_t i = 0; i < papers_[paper].runs.size(); ++i) {
    const Seen* seen = newest(slots_[paper][i][quick]);
    if (all || seen == nullptr || seen->summary.state() != proto::FINISHED)
      waiting_.push_back({paper, i, quick});
  }
  emit changed(paper);
  submitNext();
}

void PaperDesk::submitNext() {
  if (is_calling_ || waiting_.empty()) return;
  is_calling_ = true;
  const Waiting next = waiting_.front();
  client_.submit(this, QString::fromStdString(papers_[next.paper].runs[next.run].SpecOf(next.quick).json),
                 [this, next](const QString& id, const QVector<SpecFault>& faults, const QString& error) {
                   is_calling_ = false;
                   const auto is_same = [&](const Waiting& each) {
                     return each.paper == next.paper && each.quick == next.quick &&
                            (id.isEmpty() || each.run == next.run);
                   };
                   waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), is_same), waiting_.end());
                   if (id.isEmpty()) {
                     emit failed(next.paper, faults.isEmpty() ? error : faults[0].message);
                   } else {
                     proto::MarkRunsRequest marks;
                     marks.add_runs(id.toStdString());
                     marks.add_add_tags(papers_[next.paper].tag());
                     // The run is known by its name; the tag is for people.
                     client_.markRuns(this, marks, [](int, const QString&) {});
                     // Its own word of being queued may come later than this.
                     Seen& seen = slots_[next.paper][next.run][next.quick].runs[id.toStdString()];
                     if (seen.summary.run().empty()) {
                       seen.summary.set_run(id.toStdString());
                       seen.summary.set_state(proto::QUEUED);
                       seen.summary.set_created_unix_ms(QDateTime::currentMSecsSinceEpoch());
                     }
                   }
                   emit changed(next.paper);
                   submitNext();
                 });
}

void PaperDesk::stop(size_t paper) {
  // What is being submitted right now cannot be called back; its run is stopped by the next click.
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [&](const Waiting& each) { return each.paper == paper; }),
                 waiting_.end());
  for (const auto& both : slots_[paper])
    for (const Slot& slot : both)
      for (const auto& [id, seen] : slot.runs)
        if (canStop(seen.summary.state()))
          client_.control(this, QString::fromStdString(id), proto::ControlRunRequest::STOP,
                          [](int, const QString&) {});
  emit changed(paper);
}

}  // namespace concertina::ui
