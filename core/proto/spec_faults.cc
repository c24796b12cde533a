// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_faults.cc: see spec_faults.h.
#include "core/proto/spec_faults.h"

#include "core/base/utf8.h"

namespace concertina {
namespace {

// A fault quotes cells, names of files and keys, which may be in any coding: a message must not fail for it.
constexpr size_t kMaxFaultTextBytes = 64 * 1024;
std::string FaultText(const std::string& text) { return CutUtf8(text, kMaxFaultTextBytes); }

}  // namespace

SpecFaults ToMessages(const std::vector<Fault>& faults) {
  SpecFaults messages;
  for (const Fault& fault : faults) {
    proto::SpecFault& message = *messages.Add();
    message.set_pointer(FaultText(fault.pointer));
    message.set_found(FaultText(fault.found));
    message.set_expected(FaultText(fault.expected));
    message.set_suggestion(FaultText(fault.suggestion));
    message.set_message(FaultText(fault.message));
  }
  return messages;
}

std::vector<Fault> FromMessages(const SpecFaults& messages) {
  std::vector<Fault> faults;
  for (const proto::SpecFault& message : messages)
    faults.push_back(
        {message.pointer(), message.found(), message.expected(), message.suggestion(), message.message()});
  return faults;
}

}  // namespace concertina
