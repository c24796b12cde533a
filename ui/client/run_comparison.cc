// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison.cc: see run_comparison.h.
#include "ui/client/run_comparison.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/analysis/export_chart.h"
#include "core/base/clock.h"
#include "ui/client/run_state.h"
#include "ui/client/series_names.h"

namespace concertina::ui {
namespace {

// Evaluations are few; a curve of more is thinned, and what is read off it is a little coarser.
constexpr int kAccuracyPoints = 4000;
constexpr XAxis kTargetAxes[] = {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes};

std::span<const double> spanOf(const QVector<double>& values) {
  return {values.constData(), static_cast<size_t>(values.size())};
}

QVector<double> vectorOf(const std::vector<double>& values) { return {values.begin(), values.end()}; }

Curve curveOfBand(const CurveBand& band) {
  return {vectorOf(band.x), vectorOf(band.mean), vectorOf(band.low), vectorOf(band.high), {}};
}

CurveBand bandOf(const Curve& curve) {
  const auto numbers = [](const QVector<double>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  return {numbers(curve.x), numbers(curve.mean), numbers(curve.min), numbers(curve.max)};
}

// A report writes every point: neighbours are merged until few are left.
CurveBand thinnedBandOf(const Curve& curve) {
  const qsizetype each = std::max<qsizetype>(1, (curve.size() + kChartColumns - 1) / kChartColumns);
  if (each == 1) return bandOf(curve);
  CurveBand band;
  for (qsizetype from = 0; from < curve.size(); from += each) {
    double x = 0, sum = 0, low = qInf(), high = -qInf();
    int count = 0;
    for (qsizetype i = from; i < std::min(from + each, curve.size()); ++i) {
      if (!std::isfinite(curve.mean[i])) continue;
      x += curve.x[i];
      sum += curve.mean[i];
      low = std::min(low, curve.min[i]);
      high = std::max(high, curve.max[i]);
      ++count;
    }
    if (count == 0) continue;
    band.x.push_back(x / count);
    band.mean.push_back(sum / count);
    band.low.push_back(low);
    band.high.push_back(high);
  }
  return band;
}

}  // namespace

RunComparison::RunComparison(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), zoom_(client) {
  notify_.setSingleShot(true);
  notify_.setInterval(kNotifyMs);
  connect(&notify_, &QTimer::timeout, this, [this] {
    if (std::exchange(groups_changed_, false)) {
      regroup();
      emit groupsChanged();
      figures_changed_ = curves_changed_ = true;
    }
    if (std::exchange(figures_changed_, false)) {
      common_ = CommonTarget(runs_);
      emit figuresChanged();
    }
    if (std::exchange(curves_changed_, false)) emit curvesChanged();
  });
  refresh_.setSingleShot(true);
  refresh_.setInterval(kRefreshMs);
  connect(&refresh_, &QTimer::timeout, this, &RunComparison::ask);
  connect(&zoom_, &SeriesZoom::moved, this, &RunComparison::askDetails);
  connect(&zoom_, &SeriesZoom::obstacleChanged, this, &RunComparison::zoomObstacleChanged);
  connect(&zoom_, &SeriesZoom::arrived, this, [this] {
    curves_changed_ = true;
    changed();
  });
  connect(&client_, &EngineClient::stateChanged, this, [this](EngineClient::State state) {
    if (state == EngineClient::State::kConnected) ask();  // for what failed while it was away
  });
  connect(&client_, &EngineClient::runChanged, this, &RunComparison::take);
  connect(&client_, &EngineClient::runRemoved, this, [this](const QString& run) {
    const int at = indexOf(run);
    if (at < 0) return;
    QVector<proto::RunSummary> left = summaries_;
    left.remove(at);
    setRuns(left);
  });
}

RunComparison::Key RunComparison::key(const QString& run, const QString& series, XAxis axis) const {
  const QString x = axis == XAxis::kSeries ? QLatin1Char('\n') + x_series_ : QString();
  return run + QLatin1Char('\n') + series + QLatin1Char('\n') + xAxisWord(axis) + x;
}

int RunComparison::indexOf(const QString& run) const {
  for (size_t i = 0; i < runs_.size(); ++i)
    if (runs_[i].id == run.toStdString()) return int(i);
  return -1;
}

void RunComparison::setRuns(const QVector<proto::RunSummary>& runs) {
  std::vector<ComparedRun> before = std::move(runs_);
  runs_.clear();
  summaries_ = runs;
  for (const proto::RunSummary& run : runs) {
    runs_.push_back(ComparedRunOf(run, stateName(run.state()).toStdString()));
    for (ComparedRun& old : before) {
      if (old.id != run.run()) continue;
      runs_.back().by_epoch = std::move(old.by_epoch);
      runs_.back().by_seconds = std::move(old.by_seconds);
      runs_.back().by_bytes = std::move(old.by_bytes);
    }
  }
  const auto is_gone = [this](const QString& run) { return indexOf(run) < 0; };
  for (auto i = fetched_.begin(); i != fetched_.end();)
    i = is_gone(i.key().section(QLatin1Char('\n'), 0, 0)) ? fetched_.erase(i) : std::next(i);
  for (auto i = names_.begin(); i != names_.end();) i = is_gone(i.key()) ? names_.erase(i) : std::next(i);
  zoom_.clear();
  if (is_gone(baseline_)) baseline_ = runs.isEmpty() ? QString() : QString::fromStdString(runs[0].run());
  regroup();
  common_ = CommonTarget(runs_);
  emit groupsChanged();
  emit seriesChanged();
  figures_changed_ = curves_changed_ = true;
  changed();
  ask();
}

void RunComparison::setSeedsAsOne(bool as_one) {
  if (as_one == seeds_as_one_) return;
  seeds_as_one_ = as_one;
  regroup();
  emit groupsChanged();
  figures_changed_ = curves_changed_ = true;
  changed();
}

void RunComparison::setBaseline(const QString& run) {
  if (run == baseline_ || indexOf(run) < 0) return;
  baseline_ = run;
  figures_changed_ = true;
  changed();
}

void RunComparison::setTarget(double accuracy) {
  if (has_target_ && accuracy == target_) return;
  has_target_ = true;
  target_ = accuracy;
  figures_changed_ = true;
  changed();
}

double RunComparison::target() const { return has_target_ ? target_ : common_; }

void RunComparison::setShown(const QStringList& series, XAxis axis, int columns, const QString& x_series) {
  const bool is_other_axis = axis != axis_ || (axis == XAxis::kSeries && x_series != x_series_);
  if (is_other_axis) from_ = to_ = 0;  // a range of steps is none of seconds
  // A little wider is no reason to read everything again.
  const bool is_finer = columns > columns_ * 3 / 2;
  if (is_finer) {
    columns_ = columns;
    for (Fetched& fetched : fetched_) fetched.is_stale = true;
  }
  if (series != shown_ || is_other_axis) curves_changed_ = true;
  shown_ = series;
  axis_ = axis;
  x_series_ = x_series;
  zoom_.setRange(axis_, from_, to_, columns_);
  changed();
  ask();
}

void RunComparison::setLogX(bool log) {
  if (log == log_x_) return;
  log_x_ = log;
  for (Fetched& fetched : fetched_) fetched.is_stale = true;
  ask();
}

void RunComparison::setRange(double from, double to) {
  // A range of a series is none of steps: what is there is drawn larger, and nothing finer is asked for.
  if (axis_ == XAxis::kSeries) return;
  const bool was_zoomed = zoom_.isZoomed();
  from_ = from;
  to_ = to;
  zoom_.setRange(axis_, from_, to_, columns_);
  if (!was_zoomed || zoom_.isZoomed()) return;
  curves_changed_ = true;  // all of the run as it was
  changed();
}

void RunComparison::askDetails() {
  if (!active_ || !zoom_.isZoomed()) return;
  for (const ComparedRun& run : runs_)
    for (const QString& series : std::as_const(shown_)) {
      const QString id = QString::fromStdString(run.id);
      const auto found = fetched_.constFind(key(id, series, axis_));
      zoom_.want(id, series, found == fetched_.cend() ? Curve() : found->whole);
    }
}

void RunComparison::setActive(bool active) {
  active_ = active;
  ask();
}

size_t RunComparison::baselineGroup() const {
  const int at = indexOf(baseline_);
  for (size_t g = 0; g < groups_.size(); ++g)
    for (const size_t run : groups_[g].runs)
      if (int(run) == at) return g;
  return 0;
}

QStringList RunComparison::seriesNames() const {
  QStringList names;
  for (const ComparedRun& run : runs_)
    for (const QString& name : names_.value(QString::fromStdString(run.id)))
      if (!names.contains(name)) names << name;
  return names;
}

GroupFigure RunComparison::figure(size_t group, RunFigure figure) const {
  return FigureOfGroup(runs_, groups_[group], figure, target());
}

Curve RunComparison::curveOf(const QString& run, const QString& series) const {
  const auto found = fetched_.constFind(key(run, series, axis_));
  if (found == fetched_.cend()) return {};
  // What a person looks at finely, the rest as it was: so that moving along shows something at once.
  return zoom_.curve(run, series, found->whole);
}

Curve RunComparison::curve(size_t group, const QString& series) const {
  const std::vector<size_t>& members = groups_[group].runs;
  QVector<Curve> curves;
  for (const size_t run : members) curves << curveOf(QString::fromStdString(runs_[run].id), series);
  if (curves.size() == 1) return curves[0];
  std::vector<SeedCurve> seeds;
  for (const Curve& curve : std::as_const(curves)) seeds.push_back({spanOf(curve.x), spanOf(curve.mean)});
  return curveOfBand(MeanOverSeeds(seeds));
}

Curve RunComparison::curveOfRun(size_t run, const QString& series) const {
  return curveOf(QString::fromStdString(runs_[run].id), series);
}

ComparisonReport RunComparison::report(const std::function<QString(const QString&)>& title) const {
  ComparisonReport report;
  report.runs = runs_;
  report.seeds_as_one = seeds_as_one_;
  report.baseline = size_t(std::max(0, indexOf(baseline_)));
  report.target_accuracy = target();
  report.written_unix_ms = WallUnixMs();
  for (const QString& series : shown_) {
    ReportChart chart;
    chart.title = title(series).toStdString();
    chart.unit = unit(series).toStdString();
    const bool is_joined = axis_ == XAxis::kSeries;
    chart.x_title =
        (is_joined ? tr("%1, joined in the order of steps").arg(title(x_series_)) : xAxisWord(axis_))
            .toStdString();
    chart.x_unit = (is_joined ? unit(x_series_) : xAxisUnit(axis_)).toStdString();
    chart.has_target = series == QLatin1String(kTestAccuracy);
    for (const ComparedRun& run : runs_) {
      const auto found = fetched_.constFind(key(QString::fromStdString(run.id), series, axis_));
      chart.curves.push_back(found == fetched_.cend() ? CurveBand{} : thinnedBandOf(found->whole));
      CurveBand& band = chart.curves.back();
      band.is_in_step_order = is_joined;
      if (is_joined) band.low = band.high = band.mean;  // along a path that goes back a band would hide it
    }
    report.charts.push_back(std::move(chart));
  }
  return report;
}

void RunComparison::take(const proto::RunSummary& run) {
  const int at = indexOf(QString::fromStdString(run.run()));
  if (at < 0) return;
  const proto::RunSummary old = std::exchange(summaries_[at], run);
  ComparedRun compared = ComparedRunOf(run, stateName(run.state()).toStdString());
  ComparedRun& kept = runs_[size_t(at)];
  compared.by_epoch = std::move(kept.by_epoch);
  compared.by_seconds = std::move(kept.by_seconds);
  compared.by_bytes = std::move(kept.by_bytes);
  groups_changed_ |= compared.name != kept.name || compared.spec_json != kept.spec_json ||
                     compared.chosen_color != kept.chosen_color;
  kept = std::move(compared);
  figures_changed_ = true;
  changed();
  if (old.steps() == run.steps() && old.attempt() == run.attempt() && old.state() == run.state()) return;
  const QString begin = QString::fromStdString(run.run()) + QLatin1Char('\n');
  for (auto i = fetched_.begin(); i != fetched_.end(); ++i)
    if (i.key().startsWith(begin)) i->is_stale = true;
  if (names_.value(QString::fromStdString(run.run())).isEmpty())
    names_.remove(QString::fromStdString(run.run()));  // it had not begun
  if (!refresh_.isActive()) refresh_.start();
}

void RunComparison::regroup() {
  groups_ = GroupRuns(runs_, seeds_as_one_);
  colors_ = ColorsOfGroups(runs_, groups_);
}

void RunComparison::changed() {
  if (!notify_.isActive()) notify_.start();
}

void RunComparison::ask() {
  if (!active_) return;
  for (const ComparedRun& run : runs_) {
    const QString id = QString::fromStdString(run.id);
    askNames(id);
    for (const XAxis axis : kTargetAxes) askWhole(id, QLatin1String(kTestAccuracy), axis, kAccuracyPoints);
    for (const QString& series : std::as_const(shown_)) askWhole(id, series, axis_, columns_);
  }
  askDetails();
}

void RunComparison::askNames(const QString& run) {
  if (names_.contains(run)) return;
  names_.insert(run, {});
  client_.listSeries(this, run, [this, run](const QVector<proto::SeriesInfo>& all, const QString& error) {
    if (indexOf(run) < 0) return;
    if (!error.isEmpty()) {
      names_.remove(run);  // asked for again with the next change
      return;
    }
    QStringList names;
    for (const proto::SeriesInfo& series : all) {
      if (std::find(series.ranks().begin(), series.ranks().end(), -1) == series.ranks().end()) continue;
      names << QString::fromStdString(series.name());
      units_.insert(names.back(), QString::fromStdString(series.unit()));
    }
    names_[run] = names;
    emit seriesChanged();
  });
}

void RunComparison::askWhole(const QString& run, const QString& series, XAxis axis, int columns) {
  const Key which = key(run, series, axis);
  if (under_way_.contains(which)) return;
  const auto known = fetched_.constFind(which);
  if (known != fetched_.cend() && !known->is_stale) return;
  under_way_.insert(which);
  fetched_[which].is_stale = false;  // what changes from now on makes it so again
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(series.toStdString());
  request.set_rank(-1);
  if (axis == XAxis::kSeries)
    request.set_x_series(x_series_.toStdString());
  else
    request.set_x(xAxisWord(axis).toStdString());
  request.set_max_points(columns);
  // Not the evaluations: figures are read off them.
  request.set_log_x(log_x_ && axis != XAxis::kSeries && series != QLatin1String(kTestAccuracy));
  request.set_with_counts(true);
  client_.series(
      this, request, [this, run, series, axis, which](const SeriesData& data, const QString& error) {
        under_way_.remove(which);
        const int at = indexOf(run);
        if (at < 0) return;
        if (!error.isEmpty()) {  // it has no such series, or the engine is away
          fetched_[which].is_stale = true;
          return;
        }
        fetched_[which].whole = curveOfSeries(data);
        if (series == QLatin1String(kTestAccuracy)) {
          const Accuracies accuracies{{data.x.begin(), data.x.end()}, {data.mean.begin(), data.mean.end()}};
          ComparedRun& compared = runs_[size_t(at)];
          if (axis == XAxis::kEpoch) compared.by_epoch = accuracies;
          if (axis == XAxis::kSeconds) compared.by_seconds = accuracies;
          if (axis == XAxis::kBytes) compared.by_bytes = accuracies;
          figures_changed_ = true;
        }
        curves_changed_ = true;
        changed();
        if (active_ && axis == axis_ && axis != XAxis::kSeries &&
            shown_.contains(series))  // its end may have grown into sight
          zoom_.want(run, series, fetched_[which].whole);
      });
}

}  // namespace concertina::ui
