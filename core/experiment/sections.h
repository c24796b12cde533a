// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sections.h: the sections of an experiment file: which there are, in which order, and what they are when
// left out. Used by the other files of this folder only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

using OrderedJson = nlohmann::ordered_json;  // of what people read: keys stay where they were put

// A section that is a component, and its category.
struct ComponentSection {
  std::string name;
  std::string category;
  std::string absent;  // JSON: what it is when left out
};
const ComponentSection* FindComponentSection(std::string_view name);

// Names at the top of the file, in DESIGN's order. "pipeline" and "tensor" stand in a filled spec only where
// there is such an axis, or where the file names them.
const std::vector<std::string>& SectionNames();

// What a section is when the file leaves it out; null where that depends on other sections.
Json AbsentSection(std::string_view name);

// The descriptor of a section that is no component ("training"), or of an entry of "workers".
Descriptor SectionDescriptor(std::string_view kind);

// An entry of "workers" for a launcher: its parameters behind those that all entries have.
Descriptor WorkersEntry(Descriptor launcher);
// Whether every launcher's entry has it ("count", "speed", …).
bool IsCommonToWorkers(std::string_view param);

// What may change while a run goes, of a file that was checked and filled in, its "knobs" included
// (knobs.cc).
struct LiveKnob {
  std::string pointer;
  ParamSpec param;
};
std::vector<LiveKnob> LiveKnobsOf(const Json& file);

}  // namespace concertina
