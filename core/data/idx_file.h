// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_file.h: the IDX format of MNIST: a magic number, the dimensions, the elements, all big endian.
// On the way of the data: files, data/prepared.h -> here -> data/idx_dataset.h.
//   0 u16 | element type u8 | number of dimensions u8 | each dimension u32 | elements, row-major
// Source: LeCun, Cortes, Burges. The MNIST database of handwritten digits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/data/stored_bytes.h"

namespace concertina {

enum class IdxType : uint8_t { kUint8 = 0x08, kInt32 = 0x0C, kFloat32 = 0x0D };

struct IdxHeader {
  IdxType type = IdxType::kUint8;
  std::vector<int64_t> dims;  // the first counts the samples
  int64_t header_bytes = 0;
  int64_t data_bytes = 0;  // what the dimensions ask for
};

struct IdxFile {
  IdxHeader header;
  StoredBytes file;  // header and elements; its size was checked
  const uint8_t* data() const { return file.bytes.data() + header.header_bytes; }
};

// kDataLoss with path and offset: wrong magic, other element types, more elements than can be addressed.
absl::StatusOr<IdxHeader> ParseIdxHeader(const std::string& path, std::span<const uint8_t> start);
std::vector<uint8_t> MakeIdxHeader(IdxType type, const std::vector<int64_t>& dims);

// Header and size only: a compressed file is not decompressed. kNotFound, or kDataLoss if the size is not
// what the header asks for.
absl::StatusOr<IdxHeader> ProbeIdx(const std::string& path);

// Maps a plain file; a compressed one is decompressed to `prepared` first (see prepared.h), and never to more
// than its header asks for.
absl::StatusOr<IdxFile> OpenIdx(const std::string& path, const std::string& prepared);

// One dimension (others of 1 behind it) of u8 or i32, read whole. kDataLoss with path and offset of a label
// outside 0 … classes - 1; classes 0: any label from 0 to 65535.
absl::StatusOr<std::vector<int32_t>> ReadIdxLabels(const std::string& path, int64_t classes);

}  // namespace concertina
