// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_message.h: a message from rank to rank as a message of the programs, and back.
#pragma once

#include "core/base/message_ring.h"
#include "core/proto/run.pb.h"

namespace concertina {

proto::RankMessage ToRankMessage(const WaitingMessage& message);
// What is not there, or of a kind that is not known here, is left at its default.
WaitingMessage FromRankMessage(const proto::RankMessage& message);

}  // namespace concertina
