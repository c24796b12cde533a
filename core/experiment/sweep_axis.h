// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_axis.h: one axis of a sweep file, checked. Used by the other files of this folder only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/experiment/sweep.h"

namespace concertina {

// `entry` stands at /axes/`place`. Nothing if it has faults.
std::optional<SweepAxis> CheckAxis(const Json& entry, size_t place, std::vector<Fault>& faults);

// A value in few words: 0.05 is "0.05", {"kind": "top-k", "ratio": 0.01} is "top-k ratio=0.01", a list of
// such is joined by " + ", and an empty one is "none".
std::string LabelOf(const Json& value);

// The fields of `object` that are among `names`; each of the others is a fault that suggests the nearest.
Json KnownFields(const Json& object, const std::string& pointer, const std::vector<std::string>& names,
                 const std::string& owner, std::vector<Fault>& faults);

// Not empty, no control characters, at most `max_bytes`: it stands in tables and terminals.
bool IsOneLine(const std::string& text, size_t max_bytes);

}  // namespace concertina
