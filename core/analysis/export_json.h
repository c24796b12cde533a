// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_json.h: a run as one JSON document for programs.
// On the way of the data: analysis/run_record.h -> here -> a file of the user.
#pragma once

#include <string>

#include "core/analysis/run_record.h"

namespace concertina {

// {run, name, state, error, started_unix_ms, summary {name: value}, spec, series [{name, unit, rank (null:
// the whole run), steps, seconds, values}], events [{step, seconds, kind, message}]}. Doubles read back as
// the same bits; what was not measured, or is not finite, is null. A spec that is not JSON is given as a
// text.
std::string ExportJson(const RunRecord& run);

}  // namespace concertina
