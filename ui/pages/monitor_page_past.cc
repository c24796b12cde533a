// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page_past.cc: what a run has measured, said and done before its stream began, read from the engine
// when it is opened (see monitor_page_impl.h).
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "core/analysis/layer_table.h"
#include "ui/client/join_past.h"
#include "ui/client/series_names.h"
#include "ui/pages/monitor_page_impl.h"

namespace concertina::ui {
namespace {

constexpr int kPastPoints = 2000;  // of each curve on opening a run: more than a chart has pixels

bool sameMessage(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace

// What was before the stream began. Answers to an older question are for another run, and are left lying.
void MonitorPage::Impl::fetchPast() {
  const QString of = run;
  client.listSeries(&page, of, [this, of](const QVector<proto::SeriesInfo>& known, const QString& error) {
    if (of != run || !error.isEmpty()) return;
    bool axes = false;
    for (const proto::SeriesInfo& info : known) {
      if (std::find(info.ranks().begin(), info.ranks().end(), MetricModel::kWholeRun) == info.ranks().end())
        continue;
      axes |= info.name() == kTrainLoss;
      const QString name = QString::fromStdString(info.name());
      if (ParseLayerSeries(info.name()))  // hundreds, which few look at
        layer_series.push_back(name);
      else
        fetchSeries(name);
    }
    refreshLayers();
    if (axes) fetchAxes();
  });
  client.events(&page, of, [this, of](const QVector<proto::RunEvent>& past, const QString& error) {
    if (of != run) return;
    if (!error.isEmpty()) return live_events.reset();  // there is nothing to join them to, ever
    events.setEvents(joinPast(past, live_events.value_or(QVector<proto::RunEvent>()), sameMessage));
    live_events.reset();
    charts->setEvents(events.events());
    showHistogram();
    refresh();
  });
  client.log(&page, of, MetricModel::kWholeRun,
             [this, of](const QVector<proto::RankLog>& lines, const QString& error) {
               if (of != run) return;
               if (!error.isEmpty()) return live_lines.reset();
               log->setLines(joinPast(lines, live_lines.value_or(QVector<proto::RankLog>()), sameMessage));
               live_lines.reset();
               for (const proto::RankLog& line : lines)
                 workers.setLastWords(line.rank(), QString::fromStdString(line.line()));
             });
  if (describe.isEmpty())
    client.describe(&page, [this](const QJsonObject& components, const QString& error) {
      if (!error.isEmpty()) return;
      describe = components;
      updateKnobs();
    });
}

void MonitorPage::Impl::fetchSeries(const QString& name) {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(name.toStdString());
  request.set_rank(MetricModel::kWholeRun);
  request.set_x("step");
  request.set_max_points(kPastPoints);
  client.series(&page, request, [this, of = run, name](const SeriesData& past, const QString& error) {
    if (of == run && error.isEmpty()) metrics.fill(name, MetricModel::kWholeRun, past);
  });
}

// One dense series over every axis tells at which second, epoch and byte each step was.
void MonitorPage::Impl::fetchAxes() {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(kTrainLoss);
  request.set_rank(MetricModel::kWholeRun);
  request.set_max_points(kPastPoints);
  request.set_x("step");
  client.series(
      &page, request, [this, of = run, request](const SeriesData& over_steps, const QString& error) {
        if (of != run || !error.isEmpty()) return;
        for (const XAxis axis : {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes}) {
          proto::GetSeriesRequest other = request;
          other.set_x(xAxisWord(axis).toStdString());
          client.series(&page, other,
                        [this, of, axis, over_steps](const SeriesData& over_axis, const QString& fault) {
                          if (of != run || !fault.isEmpty()) return;
                          metrics.fillAxis(axis, over_steps, over_axis);
                          charts->setEvents(events.events());  // their places are known now
                        });
        }
      });
}

}  // namespace concertina::ui
