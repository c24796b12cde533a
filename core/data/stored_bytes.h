// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_bytes.h: bytes that are read and never changed, mapped from a file or kept in memory.
// On the way of the data: files, data/prepared.h -> here -> data/stored_samples.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

struct StoredBytes {
  std::span<const uint8_t> bytes;
  std::shared_ptr<const void> owner;  // unmaps or frees with the last copy
};

// Only the pages that are touched are read. The file must not be shortened while it is mapped: replace files
// by renaming. Errors as ErrnoStatus, with the path; kInvalidArgument if it is not a regular file.
absl::StatusOr<StoredBytes> MapFile(const std::string& path);

StoredBytes KeepInMemory(std::vector<uint8_t> bytes);

}  // namespace concertina
