// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_faults.cc: see spec_faults.h.
#include "core/proto/spec_faults.h"

namespace concertina {

SpecFaults ToMessages(const std::vector<Fault>& faults) {
  SpecFaults messages;
  for (const Fault& fault : faults) {
    proto::SpecFault& message = *messages.Add();
    message.set_pointer(fault.pointer);
    message.set_found(fault.found);
    message.set_expected(fault.expected);
    message.set_suggestion(fault.suggestion);
    message.set_message(fault.message);
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
