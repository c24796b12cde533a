// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_folder.h: the folder of a run that is taken in, and its files, piece by piece.
// On the way of the data: engine/run_archive.h -> engine/import_stream.cc -> here -> RUN/.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/base/disk.h"
#include "core/base/status.h"

namespace concertina {

// One owner, one thread.
class ImportFolder {
 public:
  // A new one. kAlreadyExists: it is there, and is left alone.
  static absl::StatusOr<ImportFolder> Make(Disk& disk, std::string folder);

  // A file's pieces come one behind the other. `name` has no folder in it.
  absl::Status Add(const std::string& name, std::span<const std::byte> piece);
  // Once this went well a power cut takes nothing of it away. Nothing is added afterwards.
  absl::Status Finish();

 private:
  ImportFolder(Disk& disk, std::string folder) : disk_(&disk), folder_(std::move(folder)) {}
  absl::Status EndFile();

  Disk* disk_;
  std::string folder_, name_;
  std::unique_ptr<Disk::File> file_;  // of that name, not yet whole
};

}  // namespace concertina
