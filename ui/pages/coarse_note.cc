// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// coarse_note.cc: see coarse_note.h.
#include "ui/pages/coarse_note.h"

#include "ui/client/plain_tool_tip.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

CoarseNote::CoarseNote(const QString& name, QWidget* parent)
    //: Beside charts: fewer points than there are.
    : QLabel(tr("Coarse for now"), parent) {
  setObjectName(name);
  setTone(this, "warning");
  hide();
}

void CoarseNote::setObstacle(const QString& obstacle) {
  setVisible(!obstacle.isEmpty());
  //: %1 is what went wrong.
  const QString why =
      tr("Finer points of this range are not here yet, and are asked for again: %1").arg(obstacle);
  setToolTip(obstacle.isEmpty() ? QString() : plainToolTip(why));
  setAccessibleDescription(obstacle.isEmpty() ? QString() : why);
}

}  // namespace concertina::ui
