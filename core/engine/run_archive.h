// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_archive.h: a run whole, as one file that another home takes in: its summary with spec, tags and note,
// its series, events and files.
// On the way of the data: store/store.h, RUN/ -> here -> engine/run_export.h; a file from outside -> here ->
// engine/import_stream.h.
//
// Little endian: "CNCTRUN1", then records: kind u32 | bytes of the name u32 | bytes of the content u32 |
// CRC-32C of kind, both lengths, name and content u32 | name | content. A content has at most 1 MiB; what is
// longer goes on in the next record of the same name.
//   1 summary: RunSummary, serialised; the first record, in pieces         2 event: a JSON object
//   3 series:  name {"name","unit","rank"} as JSON; content as store/chunk.h has points
//   4 file:    name as in the run's folder; content a piece of it
//   5 end:     content: how many records stood before, u64; the last, so that a shorter file is found out
// Checkpoints stay at home: a run that was taken in is looked at and built upon, but does not go on.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/proto/run.pb.h"
#include "core/store/store.h"

namespace concertina {

// Writes the run to `file`, from where it stands. Reads the store and the run's folder: for the work pool.
absl::Status WriteRunArchive(Store& store, const std::string& run_folder, const proto::RunSummary& run,
                             int file);

// What stands in an archive, in its order. Everything has been checked: names, lengths, order of steps.
struct RunArchiveVisitor {
  std::function<absl::Status(const StoredEvent& event)> event;
  std::function<absl::Status(const SeriesDescription& series, std::span<const int64_t> steps,
                             std::span<const double> seconds, std::span<const double> values)>
      points;
  std::function<absl::Status(const std::string& name, std::span<const uint8_t> piece)> file;
  std::function<bool()> goes_on;  // asked before each record; false: kCancelled
};

// Reads `file` from its beginning; nothing in it is believed. kDataLoss: it is damaged, or cut off, or no
// archive (where, and what was expected); kInvalidArgument: it is whole, but no run that could be one here.
// Bounded memory, whatever the file says.
absl::StatusOr<proto::RunSummary> ReadRunArchive(int file, const RunArchiveVisitor& visitor);

// Open for reading and writing in `folder`, and without a name from the first: it goes when it is closed.
absl::StatusOr<int> OpenNamelessFile(const std::string& folder);

// Whether a run's folder may hold a file of that name, and an archive carry it.
bool IsArchivedFile(const std::string& name);

}  // namespace concertina
