// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf.h: a report as PDF, printed by the desktop's program: this one knows no fonts. No window opens,
// and no display is needed. On the way of the data: analysis/export_comparison.h -> here -> a file of the
// user.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/status.h"

namespace concertina::ctl {

inline constexpr size_t kMaxReportBytes = size_t{256} << 20;

// kFailedPrecondition: the desktop is not installed. To be asked before hours of work.
absl::Status CanWriteReportPdf();

// Writes `html`, a report of ours, to `path` as PDF, whole or not at all (base/file.h). kDeadlineExceeded: it
// was not printed in time. kInternal: it was not printed, and why.
absl::Status WriteReportPdf(const std::string& html, const std::string& path);

}  // namespace concertina::ctl
