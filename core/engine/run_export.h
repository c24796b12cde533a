// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_export.h: a run as files for other programs: its curves, its model, or all of it for another home.
// On the way of the data: store/store.h, RUN/parameters.safetensors -> here -> engine/export_stream.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/home.h"
#include "core/proto/run.pb.h"
#include "core/store/store.h"

namespace concertina {

struct ExportedFile {
  std::string name;     // "summary.csv"; never with a folder
  std::string path;     // of a file that exists, or
  std::string content;  // the bytes themselves
  std::shared_ptr<const void> kept;  // what keeps a file without a name at its path
};

std::vector<std::string> ExportFormats();

// kInvalidArgument: no such format (the nearest is named); kFailedPrecondition: the run has no parameters
// (yet). Reads the store and files: for the work pool.
absl::StatusOr<std::vector<ExportedFile>> ExportRun(Store& store, const Home& home,
                                                    const proto::RunSummary& run, const std::string& format);

}  // namespace concertina
