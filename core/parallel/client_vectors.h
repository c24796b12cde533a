// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// client_vectors.h: one vector of d floats for each client of a worker, where there may be thousands: in
// memory up to a limit, the rest in a file.
// On the way of the data: parallel/scaffold_exchange.cc -> here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// A vector that was never stored is zero and takes no room. The file is unlinked as soon as it is open: it is
// gone with the process, however that ends. Owned by the step thread.
class ClientVectors {
 public:
  // `path`: of the file; "" if there is nowhere to put one. Nothing is opened before the limit is reached.
  ClientVectors(int64_t floats, int64_t memory_limit_bytes, std::string path)
      : floats_(floats), memory_limit_bytes_(memory_limit_bytes), path_(std::move(path)) {}
  ~ClientVectors();
  ClientVectors(const ClientVectors&) = delete;
  ClientVectors& operator=(const ClientVectors&) = delete;

  // Both take d floats. Errors name the file; kResourceExhausted: the limit is reached and there is no file,
  // or its disk is full (then the vector is as before, or torn).
  absl::Status Load(int64_t client, std::span<float> vector) const;
  absl::Status Store(int64_t client, std::span<const float> vector);
  std::vector<int64_t> stored() const;  // ascending
  int64_t in_file() const { return rows_; }

 private:
  absl::Status Open();
  int64_t RowBytes() const { return floats_ * static_cast<int64_t>(sizeof(float)); }

  const int64_t floats_;
  const int64_t memory_limit_bytes_;
  const std::string path_;
  std::unordered_map<int64_t, std::vector<float>> kept_;
  std::unordered_map<int64_t, int64_t> row_;  // of the file, by client
  int64_t rows_ = 0;
  int file_ = -1;
};

}  // namespace concertina
