// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_text.h: text that a person or a program wrote, read as JSON without believing it.
// On the way of the data: experiment.json -> here -> experiment/spec.cc; resources/papers -> here ->
// analysis/paper.cc.
#pragma once

#include <string>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// Parses `text`. What is no JSON at all is one fault with line and column ("line 3, column 7"; columns count
// characters), and so is a text over 1 MiB or nested deeper than 32: then the result is null and `faults` has
// grown. A name that stands twice in one object is a fault with its pointer; the rest can still be checked.
Json ParseJsonText(const std::string& text, std::vector<Fault>& faults);

}  // namespace concertina
