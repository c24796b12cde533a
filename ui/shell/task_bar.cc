// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// task_bar.cc: see task_bar.h.
#include "ui/shell/task_bar.h"

#include <QDBusMessage>
#include <QGuiApplication>
#include <algorithm>

#include "ui/client/run_state.h"

namespace concertina::ui {

std::optional<int> percentDone(const QVector<RunProgress>& runs) {
  qint64 steps = 0, total = 0;
  bool is_active = false;
  for (const RunProgress& run : runs) {
    if (!isActive(run.state)) continue;
    is_active = true;
    steps += std::min(run.steps, run.total);
    total += run.total;
  }
  if (!is_active) return std::nullopt;
  return total <= 0 ? 0 : static_cast<int>(std::clamp<qint64>(100 * steps / total, 0, 99));
}

void TaskBar::show(std::optional<int> percent) {
  if (percent == shown_) return;
  shown_ = percent;
  if (!bus_.isConnected()) return;
  QDBusMessage update = QDBusMessage::createSignal(QStringLiteral("/org/concertina/Concertina"),
                                                   QStringLiteral("com.canonical.Unity.LauncherEntry"),
                                                   QStringLiteral("Update"));
  update << QStringLiteral("application://%1.desktop").arg(QGuiApplication::desktopFileName())
         << QVariantMap{{QStringLiteral("progress"), percent.value_or(0) / 100.0},
                        {QStringLiteral("progress-visible"), percent.has_value()}};
  bus_.send(update);
}

}  // namespace concertina::ui
