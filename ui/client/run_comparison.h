// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison.h: runs that a person chose to see beside each other: their curves, thinned to what a chart
// has room for, and what the analysis makes of them. On the way of the data: client/engine_client.h,
// core/analysis/run_comparison.h -> here -> client/run_comparison_models.h, ui/pages/compare_runs.h.
#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QStringList>
#include <QTimer>
#include <QVector>
#include <vector>

#include "core/analysis/export_comparison.h"
#include "core/analysis/run_colors.h"
#include "core/analysis/run_comparison.h"
#include "ui/client/engine_client.h"
#include "ui/client/metric_model.h"
#include "ui/client/series_zoom.h"

namespace concertina::ui {

class RunComparison : public QObject {
  Q_OBJECT
 public:
  static constexpr int kNotifyMs = 50;     // answers that come together become one notice
  static constexpr int kRefreshMs = 1000;  // curves of runs that go on are asked for again so seldom

  explicit RunComparison(EngineClient& client, QObject* parent = nullptr);

  // In the order to show. What is known of those that stay is kept; the baseline is the first if its own is
  // gone, the target what all of them reached unless a person has set it.
  void setRuns(const QVector<proto::RunSummary>& runs);
  void setSeedsAsOne(bool as_one);
  void setBaseline(const QString& run);
  void setTarget(double accuracy);
  // What the charts draw now; asked for where it is missing. `columns`: points that a chart has room for.
  // `x_series`: which, where the axis is XAxis::kSeries.
  void setShown(const QStringList& series, XAxis axis, int columns, const QString& x_series = {});
  // Their points are spread as a logarithmic x axis needs them.
  void setLogX(bool log);
  // The range that all charts are zoomed into: read finer (client/series_zoom.h). from >= to: none.
  void setRange(double from, double to);
  const QString& zoomObstacle() const { return zoom_.obstacle(); }  // why that is coarse; "": it is not
  // Nothing is asked for while nobody looks.
  void setActive(bool active);

  const std::vector<ComparedRun>& runs() const { return runs_; }
  const std::vector<RunGroup>& groups() const { return groups_; }
  bool seedsAsOne() const { return seeds_as_one_; }
  QString baseline() const { return baseline_; }
  size_t baselineGroup() const;
  double target() const;  // NaN: no run was evaluated
  XAxis xAxis() const { return axis_; }
  const QString& xSeries() const { return x_series_; }
  QStringList seriesNames() const;  // that any of the runs has, for all its workers together
  QString unit(const QString& series) const { return units_.value(series); }
  // Of the group's first run, as tables show it, unless a group before it has that colour
  // (analysis/run_colors.h).
  const std::vector<RunColor>& colors() const { return colors_; }  // as many as groups

  GroupFigure figure(size_t group, RunFigure figure) const;
  // Of several seeds the mean with a band from the least to the largest.
  Curve curve(size_t group, const QString& series) const;
  // Of one run: against another series there is no mean over seeds, for at one x they are at different steps.
  Curve curveOfRun(size_t run, const QString& series) const;
  // All of it as a page: the series that are shown, on the axis that is shown. `title` gives a series' name.
  ComparisonReport report(const std::function<QString(const QString& series)>& title) const;

 signals:
  void groupsChanged();   // other runs, other names, or grouped otherwise
  void figuresChanged();  // of any run, or the target
  void curvesChanged();
  void zoomObstacleChanged();
  void seriesChanged();

 private:
  struct Fetched {
    Curve whole;
    bool is_stale = true;  // to be asked for (again)
  };
  using Key = QString;
  Key key(const QString& run, const QString& series, XAxis axis) const;

  void take(const proto::RunSummary& run);
  void regroup();
  void ask();  // whatever is wanted, and missing or stale
  void askWhole(const QString& run, const QString& series, XAxis axis, int columns);
  void askDetails();
  void askNames(const QString& run);
  void changed();
  Curve curveOf(const QString& run, const QString& series) const;
  int indexOf(const QString& run) const;

  EngineClient& client_;
  QVector<proto::RunSummary> summaries_;
  std::vector<ComparedRun> runs_;  // as many
  std::vector<RunGroup> groups_;
  std::vector<RunColor> colors_;
  QString baseline_;
  bool seeds_as_one_ = true, active_ = false, has_target_ = false;
  bool groups_changed_ = false, figures_changed_ = false, curves_changed_ = false;
  double target_ = 0, common_ = qQNaN();  // a person's, and what all runs reached
  QStringList shown_;
  XAxis axis_ = XAxis::kStep;
  QString x_series_;
  bool log_x_ = false;
  int columns_ = 512;
  double from_ = 0, to_ = 0;  // zoomed into
  QHash<Key, Fetched> fetched_;
  QSet<Key> under_way_;
  QHash<QString, QStringList> names_;  // by run
  QHash<QString, QString> units_;      // by series
  QTimer notify_, refresh_;
  SeriesZoom zoom_;
};

}  // namespace concertina::ui
