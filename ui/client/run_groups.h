// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_groups.h: runs that belong together by their names, "GROUP · VARIANT": comparisons and sweeps.
// On the way of the data: client/engine_client.h -> here -> client/comparison_model.h, client/sweep_model.h.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>

#include "core/proto/run.pb.h"

namespace concertina::ui {

inline constexpr char kComparisonMark[] = " · ";  // between a group's name and what a run varies

// "": it is in none.
QString groupOfRun(const proto::RunSummary& run);
// Those of several runs; the one with the newest run first. `runs`: by id.
QStringList groupsOfRuns(const QHash<QString, proto::RunSummary>& runs);

}  // namespace concertina::ui
