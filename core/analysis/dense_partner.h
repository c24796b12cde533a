// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_partner.h: the run that a compressed one is to be held against.
// On the way of the data: specs of runs -> here -> analysis/break_even.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace concertina {

// For each spec (whole, defaults filled in) the index of the first other one that differs from it in
// /gradient alone, name aside, and sends gradients as they are ([], or only "none"). Nothing for a spec that
// does so itself, or has no such partner.
std::vector<std::optional<size_t>> DensePartners(const std::vector<std::string>& specs);

}  // namespace concertina
