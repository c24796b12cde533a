// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks.h: tags and colour of a run, as the desktop takes them.
// On the way of the data: RunSummary.marks -> here -> client/run_table_model.h, ui/pages.
#pragma once

#include <QString>
#include <QStringList>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

QStringList tagsOfRun(const proto::RunSummary& run);

// A place in charts/palette.h, from 0: the one that was chosen for the run, or else one that follows from its
// id, and so is the same everywhere and always.
int colorOfRun(const proto::RunSummary& run);

// "ablation, -old lr" in words: what to add, and, with a dash before it, what to take away.
struct TagChange {
  QStringList add, remove;
};
TagChange parseTagChange(const QString& text);

}  // namespace concertina::ui
