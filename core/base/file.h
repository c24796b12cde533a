// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file.h: whole files in and out, so that a reader sees the old file or the new one, never a mixture.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/base/disk.h"
#include "core/base/status.h"

namespace concertina {

// Writes the pieces one after the other to a new file beside `path`, fsyncs it, renames it over `path` and
// fsyncs the folder. On an error the old file is as it was and nothing is left beside it; only if the folder
// could not be flushed in the end, which is told as well, it may be the new one. Errors as ErrnoStatus, with
// the path.
absl::Status WriteFileAtomically(Disk& disk, const std::string& path,
                                 std::span<const std::span<const std::byte>> pieces);
absl::Status WriteFileAtomically(const std::string& path, std::span<const std::span<const std::byte>> pieces);
absl::Status WriteFileAtomically(const std::string& path, const std::string& text);
// What a process that was ended in the middle of it left beside `path`: "NAME.PID-COUNT.new".
bool IsLeftBeside(const std::string& name_in_folder, const std::string& name);

// The whole file; kOutOfRange if it is longer than max_bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// "~/x" and "~" with the user's home folder in the place of "~", as a shell would have them; others as they
// are.
std::string WithHomeFolder(const std::string& path);

// `path` if nothing is there, else the first of "NAME (2).EXT", "NAME (3).EXT", … beside it that is free.
std::string FreePath(const std::string& path);
// $TMPDIR, or else /tmp. kFailedPrecondition: it is no folder.
absl::StatusOr<std::string> TemporaryFolder();

// A new folder that nobody else can enter, with a name that nothing has: PARENT/concertina-XXXXXX. It is the
// caller's to remove.
absl::StatusOr<std::string> MakePrivateFolder(const std::string& parent);
// One whose path is short enough for a socket: in $XDG_RUNTIME_DIR, or else in /tmp.
absl::StatusOr<std::string> MakeSocketFolder();

// What is in the folder, by name and sorted, whatever the file system's order. Errors as ErrnoStatus.
absl::StatusOr<std::vector<std::string>> NamesInFolder(const std::string& folder);

// Makes the folder and its parents, 0700 where new; those that are new outlast a power cut.
absl::Status MakeFolder(Disk& disk, const std::string& path);
absl::Status MakeFolder(const std::string& path);

}  // namespace concertina
