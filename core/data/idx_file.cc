// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_file.cc: believes no header before the size of the file agrees (see idx_file.h).
#include "core/data/idx_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/data/gzip_file.h"
#include "core/data/prepared.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kMaxDims = 8;
constexpr int64_t kMaxHeaderBytes = 4 + 4 * kMaxDims;
constexpr int64_t kMaxDataBytes = int64_t{1} << 46;
// Deflate cannot do better than 1032:1; a header that wants more than that is a bomb or damage.
constexpr int64_t kMaxDeflateRatio = 1032;

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

int64_t ElementBytes(IdxType type) { return type == IdxType::kUint8 ? 1 : 4; }

std::string Wants(const IdxHeader& header) {
  return fmt::format("the header's {} elements need {}", fmt::join(header.dims, "x"),
                     header.header_bytes + header.data_bytes);
}

absl::Status WrongSize(const std::string& path, const IdxHeader& header, int64_t found) {
  return absl::DataLossError(
      fmt::format("{}: {} at byte {}: {} bytes", path,
                  found < header.header_bytes + header.data_bytes ? "cut short" : "longer than expected",
                  std::min(found, header.header_bytes + header.data_bytes), Wants(header)));
}

absl::StatusOr<int64_t> FileBytes(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return ErrnoStatus(errno, "opening " + path);
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError(path + ": expected a file");
  return about.st_size;
}

// The header of a plain or compressed file. Leaves `file` after the bytes in `start`.
absl::StatusOr<IdxHeader> ReadHeader(const std::string& path, GzipFile& file, std::vector<uint8_t>& start) {
  RETURN_IF_ERROR(file.Open());
  start.resize(4);
  ASSIGN_OR_RETURN(size_t count, file.Read(start));
  if (count == 4) {
    start.resize(static_cast<size_t>(4 + 4 * std::min<int64_t>(start[3], kMaxDims)));
    ASSIGN_OR_RETURN(const size_t more, file.Read(std::span(start).subspan(4)));
    count += more;
  }
  start.resize(count);
  return ParseIdxHeader(path, start);
}

absl::Status CheckDeflateRatio(const std::string& path, const IdxHeader& header) {
  ASSIGN_OR_RETURN(const int64_t compressed, FileBytes(path));
  if (header.data_bytes / kMaxDeflateRatio <= compressed) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{}: at byte 4: {} bytes, which {} compressed bytes cannot hold",
                                         path, Wants(header), compressed));
}

// Decompresses all, but never more than the header asks for.
absl::Status Decompress(const std::string& path, const ByteSink& sink) {
  GzipFile file(path);
  std::vector<uint8_t> chunk;
  ASSIGN_OR_RETURN(const IdxHeader header, ReadHeader(path, file, chunk));
  RETURN_IF_ERROR(CheckDeflateRatio(path, header));
  RETURN_IF_ERROR(sink(chunk));
  int64_t done = 0;
  while (done < header.data_bytes) {
    chunk.resize(static_cast<size_t>(std::min<int64_t>(header.data_bytes - done, 1 << 20)));
    ASSIGN_OR_RETURN(const size_t count, file.Read(chunk));
    if (count == 0) return WrongSize(path, header, header.header_bytes + done);
    RETURN_IF_ERROR(sink(std::span(chunk).first(count)));
    done += static_cast<int64_t>(count);
  }
  // Reading past the end compares the checksum, too.
  uint8_t beyond = 0;
  ASSIGN_OR_RETURN(const size_t more, file.Read({&beyond, 1}));
  if (more != 0) return WrongSize(path, header, header.header_bytes + header.data_bytes + 1);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> DecompressedBytes(const std::string& path, int64_t limit) {
  GzipFile file(path);
  RETURN_IF_ERROR(file.Open());
  std::vector<uint8_t> chunk(1 << 20);
  int64_t total = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const size_t count, file.Read(chunk));
    total += static_cast<int64_t>(count);
    if (count == 0 || total > limit) return total;
  }
}

// The last four bytes of a gzip file are the size of what it holds, modulo 2^32.
absl::StatusOr<uint32_t> GzipTrailer(const std::string& path) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  if (file.bytes.size() < 18)
    return absl::DataLossError(
        fmt::format("{}: at byte {}: it ends too early; expected whole gzip data", path, file.bytes.size()));
  const uint8_t* end = file.bytes.data() + file.bytes.size();
  return uint32_t{end[-4]} | uint32_t{end[-3]} << 8 | uint32_t{end[-2]} << 16 | uint32_t{end[-1]} << 24;
}

}  // namespace

absl::StatusOr<IdxHeader> ParseIdxHeader(const std::string& path, std::span<const uint8_t> start) {
  if (start.size() < 4)
    return absl::DataLossError(fmt::format(
        "{}: cut short at byte {}: expected the 4 bytes of an IDX magic number", path, start.size()));
  if (start[0] != 0 || start[1] != 0)
    return absl::DataLossError(
        fmt::format("{}: at byte 0: found {:#010x}, expected an IDX magic number 0x0000….", path,
                    BigEndian(start.data())));
  IdxHeader header;
  switch (start[2]) {
    case 0x08:
      header.type = IdxType::kUint8;
      break;
    case 0x0C:
      header.type = IdxType::kInt32;
      break;
    case 0x0D:
      header.type = IdxType::kFloat32;
      break;
    default:
      return absl::DataLossError(
          fmt::format("{}: at byte 2: found element type {:#04x}, expected 0x08 (bytes), "
                      "0x0c (32-bit integers) or 0x0d (32-bit floats); write the file in one of these",
                      path, start[2]));
  }
  if (start[3] < 1 || start[3] > kMaxDims)
    return absl::DataLossError(
        fmt::format("{}: at byte 3: found {} dimensions, expected 1 to {}", path, start[3], kMaxDims));
  header.header_bytes = 4 + 4 * int64_t{start[3]};
  if (start.size() < static_cast<size_t>(header.header_bytes))
    return absl::DataLossError(fmt::format("{}: cut short at byte {}: expected an IDX header of {} bytes",
                                           path, start.size(), header.header_bytes));
  header.data_bytes = ElementBytes(header.type);
  for (int64_t i = 0; i < start[3]; ++i) {
    const int64_t offset = 4 + 4 * i;
    const int64_t dim = BigEndian(start.data() + offset);
    if (dim == 0 || header.data_bytes > kMaxDataBytes / dim)
      return absl::DataLossError(
          fmt::format("{}: at byte {}: found dimension {}, expected at least 1 and at most {} "
                      "bytes in all",
                      path, offset, dim, kMaxDataBytes));
    header.data_bytes *= dim;
    header.dims.push_back(dim);
  }
  return header;
}

std::vector<uint8_t> MakeIdxHeader(IdxType type, const std::vector<int64_t>& dims) {
  std::vector<uint8_t> bytes = {0, 0, static_cast<uint8_t>(type), static_cast<uint8_t>(dims.size())};
  for (const int64_t dim : dims)
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<uint8_t>(dim >> shift));
  return bytes;
}

absl::StatusOr<IdxHeader> ProbeIdx(const std::string& path) {
  ASSIGN_OR_RETURN(const bool compressed, IsGzip(path));
  GzipFile file(path);
  std::vector<uint8_t> start;
  ASSIGN_OR_RETURN(const IdxHeader header, ReadHeader(path, file, start));
  const int64_t wanted = header.header_bytes + header.data_bytes;
  if (!compressed) {
    ASSIGN_OR_RETURN(const int64_t found, FileBytes(path));
    if (found != wanted) return WrongSize(path, header, found);
    return header;
  }
  RETURN_IF_ERROR(CheckDeflateRatio(path, header));
  ASSIGN_OR_RETURN(const uint32_t trailer, GzipTrailer(path));
  if (trailer != static_cast<uint32_t>(wanted)) {
    // Cut short, or made of several gzip members, of which the trailer tells only the last: count.
    ASSIGN_OR_RETURN(const int64_t found, DecompressedBytes(path, wanted));
    if (found != wanted) return WrongSize(path, header, found);
  }
  return header;
}

absl::StatusOr<IdxFile> OpenIdx(const std::string& path, const std::string& prepared) {
  ASSIGN_OR_RETURN(const bool compressed, IsGzip(path));
  IdxFile idx;
  if (compressed) {
    std::error_code ignored;
    std::filesystem::path absolute = std::filesystem::absolute(path, ignored).lexically_normal();
    ASSIGN_OR_RETURN(std::string version, FileVersion(path));
    const PreparedName name = {
        .title = absolute.stem().string(), .what = absolute.string(), .version = version};
    ASSIGN_OR_RETURN(idx.file,
                     Prepare(prepared, name, [&](const ByteSink& sink) { return Decompress(path, sink); }));
  } else {
    ASSIGN_OR_RETURN(idx.file, MapFile(path));
  }
  ASSIGN_OR_RETURN(idx.header, ParseIdxHeader(path, idx.file.bytes));
  const auto found = static_cast<int64_t>(idx.file.bytes.size());
  if (found != idx.header.header_bytes + idx.header.data_bytes) return WrongSize(path, idx.header, found);
  return idx;
}

absl::StatusOr<std::vector<int32_t>> ReadIdxLabels(const std::string& path, int64_t classes) {
  ASSIGN_OR_RETURN(const IdxFile idx, OpenIdx(path, ""));
  // One for each sample, also as a column: n x 1.
  const std::vector<int64_t>& dims = idx.header.dims;
  const bool is_list = std::all_of(dims.begin() + 1, dims.end(), [](int64_t dim) { return dim == 1; });
  if (!is_list || idx.header.type == IdxType::kFloat32)
    return absl::DataLossError(
        fmt::format("{}: at byte 2: found {} dimensions of type {:#04x}, expected labels: one "
                    "dimension of bytes or 32-bit integers",
                    path, idx.header.dims.size(), static_cast<int>(idx.header.type)));
  const int64_t limit = classes > 0 ? classes : 65536;
  std::vector<int32_t> labels(static_cast<size_t>(idx.header.dims[0]));
  const int64_t element = ElementBytes(idx.header.type);
  for (size_t i = 0; i < labels.size(); ++i) {
    const uint8_t* at = idx.data() + static_cast<int64_t>(i) * element;
    labels[i] = element == 1 ? int32_t{*at} : static_cast<int32_t>(BigEndian(at));
    if (labels[i] < 0 || labels[i] >= limit)
      return absl::DataLossError(fmt::format("{}: at byte {}: sample {} has label {}, expected 0 to {}", path,
                                             at - idx.file.bytes.data(), i, labels[i], limit - 1));
  }
  return labels;
}

}  // namespace concertina
