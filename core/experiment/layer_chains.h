// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_chains.h: which chain of codecs the gradient of each layer goes through: the first of
// /layer_gradients whose pattern fits the layer's name, else /gradient.
// On the way of the data: experiment/spec.h, graph/executor.h's slots -> here -> parallel/bucket.h.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/experiment/spec.h"
#include "core/graph/executor.h"

namespace concertina {

// The layer of a parameter: "conv1" of "conv1.weight".
std::string_view LayerOf(const ParameterSlot& slot);

// 0: /gradient; k: entry k - 1 of /layer_gradients.
int ChainOfLayer(const Spec& spec, std::string_view layer);
std::span<const Params> ChainNumber(const Spec& spec, int chain);
// The same slots, each with its chain.
std::vector<ParameterSlot> WithChains(const Spec& spec, std::vector<ParameterSlot> layout);

// What is wrong with the patterns for a model of those layers: a pattern that fits none of them.
void CheckPatterns(const Spec& spec, std::span<const ParameterSlot> layout, std::vector<Fault>& faults);
// What a person should know of them, in sentences.
std::vector<std::string> PatternWarnings(const Spec& spec, std::span<const ParameterSlot> layout);

}  // namespace concertina
