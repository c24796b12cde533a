// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_html.h: a run as one page that needs nothing else: no script, no other file, no network.
// On the way of the data: analysis/run_record.h -> here -> a file of the user.
#pragma once

#include <string>

#include "core/analysis/run_record.h"

namespace concertina {

// Summary, charts, settings and events; light or dark as the reader's system is. All text of the run is
// escaped. A curve of any length is drawn in a bounded number of points: the mean over a band from minimum to
// maximum. Series of single ranks are drawn only where the whole run has none of that name.
std::string ExportHtml(const RunRecord& run);

}  // namespace concertina
