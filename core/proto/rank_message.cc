// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_message.cc: see rank_message.h.
#include "core/proto/rank_message.h"

namespace concertina {

proto::RankMessage ToRankMessage(const WaitingMessage& message) {
  proto::RankMessage said;
  said.set_number(message.number);
  said.set_from(message.from);
  said.set_to(message.to);
  said.set_bytes(message.bytes);
  said.set_step(message.step);
  said.set_kind(static_cast<uint32_t>(message.note.kind));
  if (message.note.part >= 0) said.set_part(message.note.part);
  if (message.note.parts >= 0) said.set_parts(message.note.parts);
  if (message.note.micro_batch >= 0) said.set_micro_batch(message.note.micro_batch);
  if (message.note.version >= 0) said.set_version(message.note.version);
  if (message.note.staleness >= 0) said.set_staleness(message.note.staleness);
  return said;
}

WaitingMessage FromRankMessage(const proto::RankMessage& message) {
  WaitingMessage read{.number = message.number(),
                      .from = message.from(),
                      .to = message.to(),
                      .bytes = message.bytes(),
                      .step = message.step()};
  if (message.kind() < kMessageKinds) read.note.kind = static_cast<MessageKind>(message.kind());
  if (message.has_part()) read.note.part = message.part();
  if (message.has_parts()) read.note.parts = message.parts();
  if (message.has_micro_batch()) read.note.micro_batch = message.micro_batch();
  if (message.has_version()) read.note.version = message.version();
  if (message.has_staleness()) read.note.staleness = message.staleness();
  return read;
}

}  // namespace concertina
