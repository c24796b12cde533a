// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared.h: decompressed and decoded forms of datasets, made once for all workers and runs.
// On the way of the data: data/gzip_file.h, data/image_file.h -> here -> data/stored_bytes.h.
//
// A prepared file is complete as soon as it has its name: it is written aside, fsynced and renamed, so that
// any number of processes may make the same one at once. Its name holds what it was made from, so that a
// source that changed is prepared anew; the forms of older versions are then removed (who has them mapped
// keeps them).
#pragma once

#include <functional>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/data/stored_bytes.h"

namespace concertina {

struct PreparedName {
  std::string title;    // for people who look into the folder: "train-images-idx3-ubyte"
  std::string what;     // the source's path and all settings that shape the result
  std::string version;  // of the source: see FileVersion
};

using ByteSink = std::function<absl::Status(std::span<const uint8_t>)>;
using ProduceBytes = std::function<absl::Status(const ByteSink&)>;

// The bytes that `produce` writes to its sink: mapped from the folder `prepared` if they are there already,
// else produced (in memory if `prepared` is ""). An error of `produce` is given back and leaves nothing
// behind.
absl::StatusOr<StoredBytes> Prepare(const std::string& prepared, const PreparedName& name,
                                    const ProduceBytes& produce);

// Size and time of last change, which differ once a file was written again.
absl::StatusOr<std::string> FileVersion(const std::string& path);

}  // namespace concertina
