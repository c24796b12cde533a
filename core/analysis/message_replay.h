// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_replay.h: the messages of a recording, or of a run in slow motion, one after the other: who sent
// what to whom, for what, and how many bytes. On the way of the data: base/message_ring.h -> here ->
// concertinactl slow-motion, ui/pages/monitor_motion.h.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/analysis/timeline.h"
#include "core/base/message_ring.h"

namespace concertina {

struct ReplayMessage {
  int from = 0, to = 0;
  uint32_t tag = 0;
  MessageNote note = {};
  uint64_t bytes = 0;  // of payload; what the kernel adds is counted by link, not by message
  int64_t step = 0;
  // From the beginning of the recording, on rank 0's clock. NaN: not known; a receiver may have had no room
  // for it, or the recording ended while it was on its way.
  double sent_seconds = 0, arrived_seconds = std::numeric_limits<double>::quiet_NaN();
};
// One of a run in slow motion: what is lived has an order among the others, and no clock.
ReplayMessage LivedMessage(const WaitingMessage& message, double order);

struct MessageReplay {
  std::vector<ReplayMessage> messages;  // in the order in which they were sent
  int ranks = 0;                        // one more than the last that is named
  int64_t recording = 0;                // 0: it was lived, not recorded
  uint64_t dropped = 0;
  bool is_empty() const { return messages.empty(); }
  // [first, last) of the step of message `at`; at < size.
  std::pair<size_t, size_t> StepOf(size_t at) const;
};
// A message of (from, tag) arrives in the order of sending, so the n-th that was sent is the n-th that came.
// Where a recording begins amid messages, those that came before the first was sent are of earlier ones.
MessageReplay MakeReplay(const std::vector<RankSpans>& ranks);

// "reduce-scatter, segment 2 of 4"; "activation of micro-batch 3"; "gradient of step 17".
std::string MessageText(const MessageNote& note);

// Where ranks stand in a square of side 1: on a circle, or, where the mesh has stages, a column a stage.
// `axes`: by rank, data, pipeline, tensor; may be shorter than `ranks`, whose others stand beneath.
std::vector<std::array<double, 2>> RankPlaces(int ranks, const std::vector<std::array<int, 3>>& axes);

struct ClipOptions {
  std::string title;                     // "sgd on digits"
  std::vector<std::array<int, 3>> axes;  // as above
  double message_seconds = 0.9;          // that each is seen to fly
  size_t first = 0, count = 400;         // messages; a browser plays a few thousand at most
};
// A picture that moves by itself (SMIL) and asks for nothing else: one message after the other, in a loop.
std::string ClipSvg(const MessageReplay& replay, const ClipOptions& options);
std::string ClipHtml(const MessageReplay& replay, const ClipOptions& options);
Json ReplayJson(const MessageReplay& replay, const std::string& run);

}  // namespace concertina
