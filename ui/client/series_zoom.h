// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_zoom.h: finer points of the range that charts are zoomed into, beside the overview that covers all
// of a run. On the way of the data: client/engine_client.h (GetSeries of a range) -> here ->
// client/metric_model.h and client/run_comparison.h, whose curves have them in their place.
//
// A window is asked for with room on both sides, so that a hand that moves along finds something, and is kept
// until a better one is here. What was asked for a range that has been left is cancelled, and not taken if it
// comes all the same. Without a zoom there are no windows. What was not answered is asked for again, after
// pauses that grow, and at once when the engine is there again; what was refused, when the range changes.
#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QVector>
#include <functional>

#include "ui/client/engine_client.h"
#include "ui/client/metric_model.h"

namespace concertina::ui {

// `overview` with `detail` instead of what it has from the detail's first x to its last. Both ascend, and so
// does the result; what is newer than the detail stays.
Curve spliced(const Curve& overview, const Curve& detail);
Curve curveOfSeries(const SeriesData& series);

class SeriesZoom : public QObject {
  Q_OBJECT
 public:
  static constexpr int kMoveMs = 100;      // a range that moves is looked at so often
  static constexpr int kRefreshMs = 1000;  // and again, if its end grows, so seldom
  static constexpr int kRetryMs = 2000;    // before a question that failed is asked again
  static constexpr int kLongestRetryMs = 60'000;
  static constexpr int kMostAtOnce = 4;  // questions under way: the engine has others to answer
  static constexpr int kPointsAColumn = 2;
  static constexpr double kRoom = 0.5;           // on each side, of what is in sight
  static constexpr int kMostPointsEach = 16384;  // of a window: a chart 4,096 pixels wide
  static constexpr int kMostPoints = 1 << 19;    // of all windows: 24 MiB

  explicit SeriesZoom(EngineClient& client, QObject* parent = nullptr);
  ~SeriesZoom() override;

  // What is in sight, on so many columns of pixels. from >= to: all of the run; the windows go.
  void setRange(XAxis axis, double from, double to, int columns);
  void clear();  // of other runs from now on
  bool isZoomed() const { return from_ < to_; }

  // Asks for the window of a series unless what is here will do. Of one whose overview has every point there
  // is nothing to ask.
  void want(const QString& run, const QString& series, const Curve& overview);
  // With the finer points in place, as far as they are here.
  Curve curve(const QString& run, const QString& series, const Curve& overview) const;
  // The points themselves; null: none are here.
  const SeriesData* window(const QString& run, const QString& series) const;

  // Why what is in sight is only as fine as the overview, although finer points were asked for: what went
  // wrong. "": nothing did.
  const QString& obstacle() const { return obstacle_; }

  int pointsKept() const { return points_kept_; }
  int windowsKept() const { return int(windows_.size()); }

 signals:
  void moved();    // another range is in sight: who shows something says what it wants
  void arrived();  // finer points
  void obstacleChanged();

 private:
  using Key = std::pair<QString, QString>;  // run, series
  struct Window {
    SeriesData data;
    double from = 0, to = 0;  // as asked
    int columns = 0;          // of all of it
    bool is_exact = false;    // every point there is
    QElapsedTimer since;
    qint64 refresh_ms = kRefreshMs;  // longer and longer while nothing newer comes
    qint64 used = 0;
  };
  struct Failure {
    QString error;
    bool is_missing = false;     // the run never measured it: nothing finer is to be had, and nobody is told
    bool is_unanswered = false;  // which says nothing of the next time
    quint64 failed_in = 0, wanted_in = 0;  // ranges
    QElapsedTimer since;
    qint64 pause_ms = kRetryMs;  // longer and longer
  };
  struct Question {
    Key key;
    double from = 0, to = 0;
    int columns = 0;
    quint64 number = 0;
    std::function<void()> cancel = {};
  };
  bool isFine(double from, double to, int columns, bool is_exact) const;
  bool hasGrown(const Window& window, const Curve& overview) const;
  bool isFull() const;
  void askNext();
  void ask(const Question& question);
  void take(const Question& question, const SeriesData& data);
  void fail(const Question& question, const SeriesData& data, const QString& error);
  bool mayAskAgain(const Key& key);
  void lookAgainIn(qint64 ms);
  void updateObstacle();
  void cancel(bool all);  // or what the range does not need any more
  void drop(const Key& key);

  EngineClient& client_;
  XAxis axis_ = XAxis::kStep;
  double from_ = 0, to_ = 0;
  int columns_ = 0;
  QHash<Key, Window> windows_;
  QHash<Key, Failure> failures_;  // of what was asked last
  QString obstacle_;
  quint64 ranges_ = 0;
  QVector<Question> waiting_;
  QHash<Key, Question> under_way_;
  quint64 questions_ = 0;
  qint64 uses_ = 0;
  int points_kept_ = 0;
  QTimer move_, refresh_;
};

}  // namespace concertina::ui
