// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_packing.cc: the spans of one rank as bytes, and back (see timeline.h).
#include <bit>
#include <cmath>

#include "core/analysis/timeline.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::string_view kSpansMagic = "CSP1";
constexpr uint64_t kMostSpans = SpanRing::kMaxSpans;
constexpr int kMostRankNumber = 1 << 20;

void PutVarint(uint64_t value, std::string& bytes) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}
void PutSigned(int64_t value, std::string& bytes) {
  PutVarint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63), bytes);
}
void PutDouble(double value, std::string& bytes) {
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(bits >> (8 * i));
}

// Whole nanoseconds since the moment of all ranks: what is measured is no finer.
int64_t Nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

class SpanReader {
 public:
  explicit SpanReader(std::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<uint64_t> Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) return Damaged("cut short within a number");
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Damaged("found a number beyond 64 bits");
  }
  absl::StatusOr<int64_t> Signed() {
    ASSIGN_OR_RETURN(const uint64_t value, Varint());
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  absl::StatusOr<int64_t> Below(uint64_t end, std::string_view what) {
    ASSIGN_OR_RETURN(const uint64_t value, Varint());
    if (value >= end) return Damaged(fmt::format("found {} for {}, expected less than {}", value, what, end));
    return static_cast<int64_t>(value);
  }
  absl::StatusOr<double> Double(std::string_view what) {
    if (bytes_.size() - at_ < 8) return Damaged("cut short within a time");
    uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[at_++])) << (8 * i);
    const auto value = std::bit_cast<double>(bits);
    if (!std::isfinite(value) || std::abs(value) > 1e12)
      return Damaged(fmt::format("found {} for {}, expected seconds of a clock", value, what));
    return value;
  }
  absl::StatusOr<uint8_t> Byte() {
    if (at_ == bytes_.size()) return Damaged("cut short before a span");
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  bool Skip(std::string_view expected) {
    if (!bytes_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  size_t left() const { return bytes_.size() - at_; }
  absl::Status Damaged(std::string_view what) const {
    return absl::DataLossError(fmt::format("spans, at byte {}: {}", at_, what));
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace

std::string PackSpans(const RankSpans& spans) {
  std::string bytes(kSpansMagic);
  bytes.reserve(64 + 12 * spans.spans.size());
  PutVarint(static_cast<uint64_t>(spans.rank), bytes);
  PutVarint(static_cast<uint64_t>(spans.recording), bytes);
  PutVarint(static_cast<uint64_t>(spans.first_step), bytes);
  PutVarint(static_cast<uint64_t>(spans.steps), bytes);
  PutVarint(spans.dropped, bytes);
  PutVarint(spans.spans.size(), bytes);
  PutDouble(spans.own_seconds, bytes);
  PutDouble(spans.first_seconds, bytes);
  int64_t step = spans.first_step, begin = 0;
  for (const Span& span : spans.spans) {
    const int64_t begins = Nanoseconds(span.begin_seconds - spans.own_seconds);
    const int64_t ends = Nanoseconds(span.end_seconds - spans.own_seconds);
    bytes += static_cast<char>(static_cast<uint8_t>(span.kind) | static_cast<uint8_t>(span.row) << 6);
    PutVarint(static_cast<uint64_t>(int64_t{span.number} + 1), bytes);
    PutSigned(span.step - step, bytes);
    PutSigned(begins - begin, bytes);
    PutVarint(static_cast<uint64_t>(std::max<int64_t>(0, ends - begins)), bytes);
    PutVarint(span.bytes, bytes);
    step = span.step;
    begin = begins;
  }
  return bytes;
}

absl::StatusOr<RankSpans> UnpackSpans(std::string_view packed) {
  SpanReader reader(packed);
  if (!reader.Skip(kSpansMagic)) return reader.Damaged("these are no spans: they do not begin with CSP1");
  RankSpans spans;
  ASSIGN_OR_RETURN(const int64_t rank, reader.Below(kMostRankNumber, "the rank"));
  spans.rank = static_cast<int>(rank);
  ASSIGN_OR_RETURN(spans.recording, reader.Below(uint64_t{1} << 53, "the number of the recording"));
  ASSIGN_OR_RETURN(spans.first_step, reader.Below(uint64_t{1} << 53, "the first step"));
  ASSIGN_OR_RETURN(spans.steps, reader.Below(uint64_t{1} << 53, "the number of steps"));
  ASSIGN_OR_RETURN(spans.dropped, reader.Varint());
  ASSIGN_OR_RETURN(const int64_t count, reader.Below(kMostSpans + 1, "the number of spans"));
  ASSIGN_OR_RETURN(spans.own_seconds, reader.Double("the clock of the rank"));
  ASSIGN_OR_RETURN(spans.first_seconds, reader.Double("the clock of rank 0"));
  constexpr size_t kLeastSpanBytes = 6;
  if (static_cast<size_t>(count) > reader.left() / kLeastSpanBytes)
    return reader.Damaged(fmt::format("claims {} spans, and {} bytes are left", count, reader.left()));
  constexpr int64_t kMostNanoseconds = int64_t{1} << 60;  // 36 years
  constexpr int64_t kMostStep = int64_t{1} << 54;
  int64_t step = spans.first_step, begin = 0;
  spans.spans.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    Span span;
    ASSIGN_OR_RETURN(const uint8_t kind, reader.Byte());
    if ((kind & 0x3f) >= kSpanKinds || kind >> 6 >= kSpanRows)
      return reader.Damaged(fmt::format("found a span of the kind {}, which there is not", kind));
    span.kind = static_cast<SpanKind>(kind & 0x3f);
    span.row = static_cast<SpanRow>(kind >> 6);
    ASSIGN_OR_RETURN(const int64_t number, reader.Below(uint64_t{1} << 31, "a number"));
    span.number = static_cast<int32_t>(number - 1);
    ASSIGN_OR_RETURN(const int64_t steps, reader.Signed());
    ASSIGN_OR_RETURN(const int64_t later, reader.Signed());
    ASSIGN_OR_RETURN(const int64_t length, reader.Below(kMostNanoseconds, "a length"));
    ASSIGN_OR_RETURN(span.bytes, reader.Varint());
    if (steps < -kMostStep || steps > kMostStep || later < -kMostNanoseconds || later > kMostNanoseconds)
      return reader.Damaged("found a span that is too far from the one before");
    step += steps;
    begin += later;
    if (step < 0 || step > kMostStep || begin < -kMostNanoseconds || begin > kMostNanoseconds)
      return reader.Damaged("found a span at a time that cannot be");
    span.step = step;
    span.begin_seconds = spans.own_seconds + static_cast<double>(begin) * 1e-9;
    span.end_seconds = span.begin_seconds + static_cast<double>(length) * 1e-9;
    spans.spans.push_back(span);
  }
  if (reader.left() > 0) return reader.Damaged(fmt::format("{} bytes are left over", reader.left()));
  return spans;
}

}  // namespace concertina
