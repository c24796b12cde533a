// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_state.h: what a run's state is called, and what can be done in it. The one place that decides which of
// pause, resume, stop, checkpoint and delete a button or menu may offer.
// On the way of the data: core/proto/run.proto -> here -> ui/pages.
#pragma once

#include <QString>

#include "core/proto/run.pb.h"

namespace concertina::ui {

QString stateName(proto::RunState state);  // "Running": for people, translated
QString stateWord(proto::RunState state);  // "running": as in files and filters, never translated

bool isActive(proto::RunState state);  // has, or will have, workers: queued, starting, running, paused
bool isEnded(proto::RunState state);   // finished, failed, stopped
bool canPause(proto::RunState state);
bool canContinue(proto::RunState state);  // a paused run goes on
bool canStop(proto::RunState state);
bool canCheckpoint(proto::RunState state);
// A failed or stopped run starts again where its last checkpoint was written.
bool canRestart(const proto::RunSummary& run);
bool canDelete(proto::RunState state);

}  // namespace concertina::ui
