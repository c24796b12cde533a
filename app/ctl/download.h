// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// download.h: what the engine exports of a run, as files here.
// On the way of the data: engine/export_stream.h -> here -> a file of the user.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/ctl/connection.h"
#include "app/ctl/follow.h"

namespace concertina::ctl {

enum class Existing { kReplace, kKeepBoth, kRefuse };  // what is done where a file of that name is already

struct DownloadWatch {
  Interrupts* interrupts = nullptr;              // Control-C cancels it, if there are any
  std::function<void(uint64_t bytes)> progress;  // so many have come; may be null
  Existing existing = Existing::kReplace;
};

absl::Status RefusedToReplace(const std::string& files);  // "run.csv", "2 files of 3, run.csv, …"

// Writes `out`, or files into that folder, whole or not at all; the paths that were written. `run`: an id, a
// unique beginning of one, or "last"; `format` as engine/run_export.h has them.
// kAlreadyExists, with nothing written, where a file is there already and is not to be replaced.
absl::StatusOr<std::vector<std::string>> Download(Connection& engine, const std::string& run,
                                                  const std::string& format, const std::string& out,
                                                  const DownloadWatch& watch = {});

}  // namespace concertina::ctl
