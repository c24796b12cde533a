// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_curves.h: the small curves of the runs that a table shows: asked for those in sight in one call, kept,
// and asked again for those that go on. On the way of the data: client/engine_client.h -> here ->
// pages/runs_curve_delegate.h.
#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QStringList>
#include <QVector>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class RunCurves : public QObject {
  Q_OBJECT
 public:
  static constexpr int kMostPoints = 64;
  static constexpr int kMostAsked = 256;  // a screen has fewer rows
  static constexpr int kMostKept = 2048;  // the oldest go: 64 floats each, half a megabyte together
  static constexpr qint64 kFreshMs = 5000;

  explicit RunCurves(EngineClient& client, QObject* parent = nullptr) : QObject(parent), client_(client) {
    clock_.start();
  }

  struct InSight {
    QString run;
    bool goes_on = false;  // then what was asked grows old
  };
  // Asks for what is missing of these; at most one call is under way, and the newest wish follows it.
  void want(const QVector<InSight>& runs);
  QVector<float> curve(const QString& run) const { return kept_.value(run).values; }
  int keptCount() const { return int(kept_.size()); }
  void forget(const QString& run) { kept_.remove(run); }

 signals:
  void arrived();

 private:
  struct Kept {
    QVector<float> values;
    qint64 at_ms = 0;
    bool was_going = false;
  };
  EngineClient& client_;
  QHash<QString, Kept> kept_;
  QVector<InSight> wanted_;
  bool is_asking_ = false;
  QElapsedTimer clock_;
};

}  // namespace concertina::ui
