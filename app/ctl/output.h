// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// output.h: what the command line prints: JSON for programs, aligned text for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/proto/engine.pb.h"
#include "core/proto/run.pb.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina::ctl {

using Json = nlohmann::ordered_json;

std::string StateName(proto::RunState state);    // "finished"
bool Ended(proto::RunState state);               // finished, failed or stopped
Json SummaryJson(const proto::RunSummary& run);  // the fields of the contract
std::string SummaryText(const proto::RunSummary& run);
Json EventJson(const proto::RunEvent& event);
Json FaultsJson(const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults);
// A number, or null where it is NaN or infinite: JSON has no other way.
Json NumberOrNull(double value);

std::string BytesText(double bytes);      // "12.4 MB"
std::string SecondsText(double seconds);  // "1 min 12 s"
std::string CountText(double value);      // "12,345"
// Columns aligned; numbers (cells that begin with a digit or sign) to the right.
std::string TableText(const std::vector<std::string>& header,
                      const std::vector<std::vector<std::string>>& rows);

// One document on standard output: a line of its own, or over several for people.
inline constexpr int kOneLine = -1, kForPeople = 2;
void PrintJson(const Json& json, int indent = kOneLine);
void PrintText(const std::string& text);
// Whether all of it came out: of a disk that is full, or a standard output that is closed, kResourceExhausted
// or kUnavailable.
absl::Status Printed();

// Progress, messages and faults on standard error. Where that cannot be written nobody can be told.
void TellText(const std::string& text);
template <class... Values>
void Tell(fmt::format_string<Values...> format, Values&&... values) {
  TellText(fmt::format(format, std::forward<Values>(values)...));
}

// Ends the program at once, as an interruption does: the exit status and the words of the contract. In any
// thread; what another is printing comes out whole before.
[[noreturn]] void EndInterrupted(bool json);

}  // namespace concertina::ctl
