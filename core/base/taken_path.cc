// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// taken_path.cc: see taken_path.h.
#include "core/base/taken_path.h"

#include <filesystem>
#include <system_error>

namespace concertina {

bool IsTakenPath(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error))) return false;
  if (!fs::is_directory(path, error)) return true;
  const bool is_empty = fs::is_empty(path, error);
  return !is_empty || error;  // a folder that may not be read is not ours to fill
}

}  // namespace concertina
