// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_notices.h: a word from the desktop when a run ends while one looks elsewhere
// (org.freedesktop.Notifications). Nothing waits for the answer, and without a bus nothing happens.
#pragma once

#include <QDBusConnection>
#include <QHash>
#include <QObject>
#include <optional>

#include "core/proto/run.pb.h"

class QDBusPendingCallWatcher;

namespace concertina::ui {

struct RunNotice {
  QString run, title, text;
  bool is_urgent = false;
};
// What there is to say of a run that was in the state `before`; nothing unless it has just ended by itself:
// who stopped it knows.
std::optional<RunNotice> noticeOf(proto::RunState before, const proto::RunSummary& run);

class RunNotices : public QObject {
  Q_OBJECT
 public:
  explicit RunNotices(QDBusConnection bus, QObject* parent = nullptr);
  void show(const RunNotice& notice);

 signals:
  void chosen(const QString& run);  // somebody clicked on it

 private slots:
  void onAction(uint id, const QString& action);
  void onClosed(uint id, uint reason);

 private:
  QDBusConnection bus_;
  QHash<uint, QString> shown_;  // the run of each that may still be clicked on
};

}  // namespace concertina::ui
