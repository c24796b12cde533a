// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// schema.h: the tables, their versions, and opening a file without believing that it is a good one.
#pragma once

#include <memory>
#include <string>

#include "core/store/connection.h"

namespace concertina {

inline constexpr int kSchemaVersion = 3;

// Opens `path`, or makes it. An older file is first copied to `path`.v1 (and so on) and then brought up to
// date in one transaction. Errors as Store::Open.
absl::StatusOr<std::unique_ptr<Connection>> OpenDatabase(const std::string& path);

}  // namespace concertina
