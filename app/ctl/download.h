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

// What came of it: the files that are in their places, each of them whole, also where the status is not OK.
struct Downloaded {
  std::vector<std::string> files;
  absl::Status status;
};

// Writes `out`, or files into that folder. `run`: an id, a unique beginning of one, or "last"; `format` as
// engine/run_export.h has them. kCancelled: Control-C; kDataLoss: the engine sent what is no export;
// kAlreadyExists, with nothing written: a file is there already and is not to be replaced.
Downloaded Download(Connection& engine, const std::string& run, const std::string& format,
                    const std::string& out, const DownloadWatch& watch = {});

// Of one that went wrong: "nothing was written", or which files were, and that others are missing.
std::string WrittenText(const std::vector<std::string>& files);

}  // namespace concertina::ctl
