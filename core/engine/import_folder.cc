// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_folder.cc: see import_folder.h.
#include "core/engine/import_folder.h"

#include <utility>

#include "fmt/format.h"

namespace concertina {

absl::StatusOr<ImportFolder> ImportFolder::Make(Disk& disk, std::string folder) {
  ASSIGN_OR_RETURN(const bool is_new, disk.MakeFolder(folder));
  if (!is_new)
    return absl::AlreadyExistsError(
        fmt::format("{} is there, though no run of this engine is in it; move it away first", folder));
  return ImportFolder(disk, std::move(folder));
}

absl::Status ImportFolder::Add(const std::string& name, std::span<const std::byte> piece) {
  if (file_ == nullptr || name != name_) {
    RETURN_IF_ERROR(EndFile());
    ASSIGN_OR_RETURN(file_, disk_->Create(folder_ + "/" + name));
    name_ = name;
  }
  return file_->Write(piece);
}

absl::Status ImportFolder::EndFile() {
  if (file_ == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(file_->Sync());
  const absl::Status closed = file_->Close();
  file_.reset();
  return closed;
}

absl::Status ImportFolder::Finish() {
  RETURN_IF_ERROR(EndFile());
  RETURN_IF_ERROR(disk_->SyncFolder(folder_));
  return disk_->SyncFolder(FolderOf(folder_));
}

}  // namespace concertina
