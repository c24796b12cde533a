// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sha256.h: SHA-256 of bytes that come in pieces, by OpenSSL.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/base/status.h"

namespace concertina {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Add(std::span<const std::byte> bytes);
  std::string Hex();  // 64 lower-case digits; once, at the end

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string Sha256Hex(std::span<const std::byte> bytes);
// Of a file, read in pieces. Errors: those of opening and reading it.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace concertina
