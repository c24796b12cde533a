// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_gz_target.cc: an IDX file that is compressed. No file of some bytes may make memory for more than its
// header asks for, nor the header ask for more than so many compressed bytes can hold.
// Input: way u8 (odd: the rest is compressed here) | the file.
#include <zlib.h>

#include <algorithm>

#include "core/data/idx_file.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr uint64_t kMostDeflateRatio = 1032;

FuzzBytes Compressed(std::span<const uint8_t> bytes) {
  z_stream stream = {};
  constexpr int kGzip = 15 + 16;
  Require(deflateInit2(&stream, 1, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2 failed");
  FuzzBytes compressed(deflateBound(&stream, bytes.size()) + 32);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = compressed.data();
  stream.avail_out = static_cast<uInt>(compressed.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate failed");
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (const std::vector<int64_t>& dims : {std::vector<int64_t>{6}, {4, 3, 2}, {1500}}) {
    FuzzBytes file = MakeIdxHeader(IdxType::kUint8, dims);
    int64_t bytes = 1;
    for (const int64_t dim : dims) bytes *= dim;
    for (int64_t i = 0; i < bytes; ++i) file.push_back(static_cast<uint8_t>(i % 10));
    FuzzBytes packed = Compressed(file);
    packed.insert(packed.begin(), 0);
    file.insert(file.begin(), 1);
    inputs.seeds.push_back(std::move(packed));
    inputs.seeds.push_back(std::move(file));
  }
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static MemoryFile file;
  InputReader input({data, size});
  const bool is_to_be_compressed = input.Byte() % 2 == 1;
  const FuzzBytes bytes =
      is_to_be_compressed ? Compressed(input.rest()) : FuzzBytes(input.rest().begin(), input.rest().end());
  file.Write(bytes);
  const uint64_t claimed = kMostDeflateRatio * (bytes.size() + 1);
  absl::StatusOr<IdxHeader> probed;
  absl::StatusOr<IdxFile> opened;
  absl::StatusOr<std::vector<int32_t>> labels;
  {
    const AllocationBound bound({.one = 2 * claimed + (2U << 20), .all = 16 * claimed + (16U << 20)});
    probed = ProbeIdx(file.path());
    opened = OpenIdx(file.path(), "");
    labels = ReadIdxLabels(file.path(), 0);
  }
  Note(opened);
  if (opened.ok()) {
    Require(probed.ok() && probed->dims == opened->header.dims, "ProbeIdx says something else than OpenIdx");
    Require(static_cast<int64_t>(opened->file.bytes.size()) ==
                opened->header.header_bytes + opened->header.data_bytes,
            "another size than the header's");
  }
  if (labels.ok())
    for (const int32_t label : *labels) Require(label >= 0 && label < 65536, "a label out of range");
  return 0;
}
