// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// task_bar.h: how far the active runs are, on the program's entry of the dock or task bar.
// Qt 6 has nothing for it; the docks of Plasma, Ubuntu, Dash to Dock and others listen to the signal
// com.canonical.Unity.LauncherEntry. Nobody answers, so the window's title says the same for all others.
#pragma once

#include <QDBusConnection>
#include <QVector>
#include <optional>

#include "core/proto/run.pb.h"

namespace concertina::ui {

// Where one run is; `total` is 0 as long as nobody knows.
struct RunProgress {
  proto::RunState state = proto::RUN_STATE_UNSPECIFIED;
  qint64 steps = 0, total = 0;
};
// Of all that are active together, weighed by their steps: 0 to 99, since 100 is not active any more.
// Nothing if none is.
std::optional<int> percentDone(const QVector<RunProgress>& runs);

class TaskBar {
 public:
  // `bus`: the session's; tests have one of their own. One that is not connected is no error.
  explicit TaskBar(QDBusConnection bus) : bus_(std::move(bus)) {}
  void show(std::optional<int> percent);  // says nothing twice

 private:
  QDBusConnection bus_;
  std::optional<int> shown_;
};

}  // namespace concertina::ui
