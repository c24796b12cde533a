// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blocks.h: the few loops between a block in the nearest cache and a gradient in memory.
// On the way of the data: block_codec.cc, error_feedback.cc, qsgd.cc -> here.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

// Whether d floats are better written past the cache, with StreamBlock.
bool IsLong(int64_t d);
// to = block, past the cache. Call FinishStreams after the last, before another thread reads.
void StreamBlock(std::span<const float> block, float* to);
void FinishStreams();
// to += block.
void AddBlock(std::span<const float> block, float* to);
// from -= block.
void SubtractBlock(std::span<const float> block, std::span<float> from);

}  // namespace concertina
