// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_state.cc: see run_state.h.
#include "ui/client/run_state.h"

#include <QCoreApplication>

namespace concertina::ui {
namespace {

class StateWords {
  Q_DECLARE_TR_FUNCTIONS(RunState)
};

}  // namespace

QString stateName(proto::RunState state) {
  switch (state) {
    case proto::QUEUED:
      return StateWords::tr("Queued");
    case proto::STARTING:
      return StateWords::tr("Starting");
    case proto::RUNNING:
      return StateWords::tr("Running");
    case proto::PAUSED:
      return StateWords::tr("Paused");
    case proto::FINISHED:
      return StateWords::tr("Finished");
    case proto::FAILED:
      return StateWords::tr("Failed");
    case proto::STOPPED:
      return StateWords::tr("Stopped");
    default:
      return StateWords::tr("Unknown");
  }
}

QString stateWord(proto::RunState state) {
  if (state == proto::RUN_STATE_UNSPECIFIED || !proto::RunState_IsValid(state))
    return QStringLiteral("unknown");
  return QString::fromStdString(proto::RunState_Name(state)).toLower();
}

bool isActive(proto::RunState state) {
  return state == proto::QUEUED || state == proto::STARTING || state == proto::RUNNING ||
         state == proto::PAUSED;
}

bool isEnded(proto::RunState state) {
  return state == proto::FINISHED || state == proto::FAILED || state == proto::STOPPED;
}

bool canPause(proto::RunState state) { return state == proto::RUNNING; }
bool canContinue(proto::RunState state) { return state == proto::PAUSED; }
bool canStop(proto::RunState state) { return isActive(state); }
bool canCheckpoint(proto::RunState state) { return state == proto::RUNNING || state == proto::PAUSED; }
bool canDelete(proto::RunState state) { return isEnded(state); }

bool canRestart(const proto::RunSummary& run) {
  return (run.state() == proto::FAILED || run.state() == proto::STOPPED) && run.last_checkpoint_step() > 0;
}

}  // namespace concertina::ui
