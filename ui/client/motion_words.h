// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// motion_words.h: what one message between two ranks is, in words.
// On the way of the data: core/analysis/message_replay.h -> here -> ui/pages/monitor_motion.h.
#pragma once

#include <QString>

#include "core/analysis/message_replay.h"

namespace concertina::ui {

// "Reduce-scatter, segment 2 of 4"; "Activation, micro-batch 3"; "Gradient to the server, made at step 17".
QString messageWords(const MessageNote& note);
// "Rank 0 → rank 1: reduce-scatter, segment 2 of 4, 31.0 kB"
QString messageSentence(const ReplayMessage& message);

}  // namespace concertina::ui
