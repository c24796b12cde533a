// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// output.h: what the command line prints: JSON for programs, aligned text for people.
#pragma once

#include <string>
#include <vector>

#include "core/proto/engine.pb.h"
#include "core/proto/run.pb.h"
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

}  // namespace concertina::ctl
