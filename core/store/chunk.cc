// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chunk.cc: columns of numbers as bytes and back, bit for bit (see chunk.h).
#include "core/store/chunk.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "fmt/format.h"

namespace concertina {
namespace {

static_assert(std::endian::native == std::endian::little, "stored bytes are little endian");

constexpr uint8_t kFormat = 1;
constexpr uint32_t kMaxCount = 1U << 20;  // of one row; far above any chunk that is written
enum class What : uint8_t { kPoints = 0, kBuckets = 1 };
enum class Form : uint8_t { kLinear = 1, kFloat = 2, kDouble = 3, kIntegerLinear = 4, kInteger = 5 };

template <class T>
void Put(std::vector<uint8_t>& bytes, T value) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof(T));
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

template <class T>
void PutAll(std::vector<uint8_t>& bytes, std::span<const T> values) {
  const size_t at = bytes.size();
  bytes.resize(at + values.size_bytes());
  std::memcpy(bytes.data() + at, values.data(), values.size_bytes());
}

// Half of a whole number, and small enough that sums and products of such are exact: then first + i stride
// is the same however the compiler contracts it.
bool IsExact(double x) { return std::abs(x) < 0x1p51 && 2 * x == std::floor(2 * x); }

bool SameBits(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

bool IsLinear(std::span<const double> column, double stride) {
  if (!IsExact(column.front()) || !IsExact(stride) ||
      !IsExact(column.front() + stride * static_cast<double>(column.size())))
    return false;
  for (size_t i = 0; i < column.size(); ++i)
    if (!SameBits(column[i], column.front() + static_cast<double>(i) * stride)) return false;
  return true;
}

bool AreFloats(std::span<const double> column) {
  for (const double x : column) {
    if (std::abs(x) > static_cast<double>(std::numeric_limits<float>::max()) && std::isfinite(x))
      return false;
    if (!SameBits(x, static_cast<double>(static_cast<float>(x)))) return false;
  }
  return true;
}

void PutColumn(std::vector<uint8_t>& bytes, std::span<const double> column) {
  const double stride = column.size() > 1 ? column[1] - column[0] : 0;
  if (IsLinear(column, stride)) {
    Put(bytes, Form::kLinear);
    Put(bytes, column.front());
    Put(bytes, stride);
  } else if (AreFloats(column)) {
    Put(bytes, Form::kFloat);
    for (const double x : column) Put(bytes, static_cast<float>(x));
  } else {
    Put(bytes, Form::kDouble);
    PutAll(bytes, column);
  }
}

void PutColumn(std::vector<uint8_t>& bytes, std::span<const int64_t> column) {
  // Unsigned, so that hostile steps wrap instead of overflowing.
  const auto first = static_cast<uint64_t>(column.front());
  const uint64_t stride = column.size() > 1 ? static_cast<uint64_t>(column[1]) - first : 0;
  bool is_linear = true;
  for (size_t i = 0; is_linear && i < column.size(); ++i)
    is_linear = static_cast<uint64_t>(column[i]) == first + i * stride;
  Put(bytes, is_linear ? Form::kIntegerLinear : Form::kInteger);
  if (is_linear) {
    Put(bytes, first);
    Put(bytes, stride);
  } else {
    PutAll(bytes, column);
  }
}

void PutHeader(std::vector<uint8_t>& bytes, What what, size_t count) {
  Put(bytes, kFormat);
  Put(bytes, what);
  Put(bytes, uint16_t{0});
  Put(bytes, static_cast<uint32_t>(count));
}

// Reads in order; after the first thing that is wrong everything is empty, and status() says what it was.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t Header(What what) {
    const auto format = Get<uint8_t>();
    const auto kind = Get<uint8_t>();
    Get<uint16_t>();
    const auto count = Get<uint32_t>();
    if (status_.ok() &&
        (format != kFormat || kind != static_cast<uint8_t>(what) || count < 1 || count > kMaxCount))
      Fail(fmt::format("a header of format {}, kind {}, count {}", format, kind, count));
    return status_.ok() ? count : 0;
  }

  std::vector<double> Doubles(size_t count) {
    const auto form = static_cast<Form>(Get<uint8_t>());
    std::vector<double> column;
    if (form == Form::kLinear) {
      const auto first = Get<double>();
      const auto stride = Get<double>();
      if (!status_.ok()) return {};
      for (size_t i = 0; i < count; ++i) column.push_back(first + static_cast<double>(i) * stride);
    } else if (form == Form::kFloat) {
      for (const float x : All<float>(count)) column.push_back(static_cast<double>(x));
    } else if (form == Form::kDouble) {
      column = All<double>(count);
    } else if (status_.ok()) {
      Fail(fmt::format("a column of doubles in form {}", static_cast<int>(form)));
    }
    return column;
  }

  std::vector<int64_t> Integers(size_t count) {
    const auto form = static_cast<Form>(Get<uint8_t>());
    std::vector<int64_t> column;
    if (form == Form::kIntegerLinear) {
      const auto first = Get<uint64_t>();
      const auto stride = Get<uint64_t>();
      if (!status_.ok()) return {};
      for (size_t i = 0; i < count; ++i) column.push_back(static_cast<int64_t>(first + i * stride));
    } else if (form == Form::kInteger) {
      column = All<int64_t>(count);
    } else if (status_.ok()) {
      Fail(fmt::format("a column of whole numbers in form {}", static_cast<int>(form)));
    }
    return column;
  }

  // OK if everything was read and nothing is left over.
  absl::Status Finish() {
    if (status_.ok() && at_ != bytes_.size()) Fail(fmt::format("{} bytes too many", bytes_.size() - at_));
    return status_;
  }

 private:
  void Fail(const std::string& what) {
    if (status_.ok()) status_ = absl::DataLossError(what);
  }
  template <class T>
  T Get() {
    T value{};
    if (!status_.ok()) return value;
    if (bytes_.size() - at_ < sizeof(T)) {
      Fail(fmt::format("cut off after {} bytes", bytes_.size()));
      return value;
    }
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  template <class T>
  std::vector<T> All(size_t count) {
    if (!status_.ok()) return {};
    if ((bytes_.size() - at_) / sizeof(T) < count) {
      Fail(fmt::format("cut off after {} bytes", bytes_.size()));
      return {};
    }
    std::vector<T> values(count);
    std::memcpy(values.data(), bytes_.data() + at_, count * sizeof(T));
    at_ += count * sizeof(T);
    return values;
  }

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  absl::Status status_;
};

}  // namespace

void EncodePoints(std::span<const int64_t> steps, std::span<const double> seconds,
                  std::span<const double> values, std::vector<uint8_t>& bytes) {
  PutHeader(bytes, What::kPoints, steps.size());
  PutColumn(bytes, steps);
  PutColumn(bytes, seconds);
  PutColumn(bytes, values);
}

void EncodeBuckets(std::span<const SeriesBucket> buckets, std::vector<uint8_t>& bytes) {
  PutHeader(bytes, What::kBuckets, buckets.size());
  std::vector<double> column(buckets.size());
  for (double SeriesBucket::*const field : {&SeriesBucket::step, &SeriesBucket::seconds, &SeriesBucket::mean,
                                            &SeriesBucket::min, &SeriesBucket::max}) {
    for (size_t i = 0; i < buckets.size(); ++i) column[i] = buckets[i].*field;
    PutColumn(bytes, column);
  }
  std::vector<int64_t> counts(buckets.size());
  for (int64_t SeriesBucket::*const field : {&SeriesBucket::points, &SeriesBucket::count}) {
    for (size_t i = 0; i < buckets.size(); ++i) counts[i] = buckets[i].*field;
    PutColumn(bytes, counts);
  }
}

absl::StatusOr<Pyramid::Points> DecodePoints(std::span<const uint8_t> bytes) {
  Reader reader(bytes);
  const size_t count = reader.Header(What::kPoints);
  Pyramid::Points points;
  points.steps = reader.Integers(count);
  points.seconds = reader.Doubles(count);
  points.values = reader.Doubles(count);
  RETURN_IF_ERROR(reader.Finish());
  return points;
}

absl::StatusOr<std::vector<SeriesBucket>> DecodeBuckets(std::span<const uint8_t> bytes) {
  Reader reader(bytes);
  const size_t count = reader.Header(What::kBuckets);
  std::vector<SeriesBucket> buckets(count);
  for (double SeriesBucket::*const field : {&SeriesBucket::step, &SeriesBucket::seconds, &SeriesBucket::mean,
                                            &SeriesBucket::min, &SeriesBucket::max}) {
    const std::vector<double> column = reader.Doubles(count);
    for (size_t i = 0; i < column.size(); ++i) buckets[i].*field = column[i];
  }
  for (int64_t SeriesBucket::*const field : {&SeriesBucket::points, &SeriesBucket::count}) {
    const std::vector<int64_t> column = reader.Integers(count);
    for (size_t i = 0; i < column.size(); ++i) buckets[i].*field = column[i];
  }
  RETURN_IF_ERROR(reader.Finish());
  return buckets;
}

}  // namespace concertina
