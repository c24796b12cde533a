// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_packing.cc: the spans of one rank as bytes, and back (see timeline.h).
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/analysis/timeline.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::string_view kSpansMagic = "CSP1", kMessagesMagic = "CSP2";  // with messages too
constexpr uint64_t kMostMessages = MessageRing::kMaxRecords;
constexpr int64_t kMostNanoseconds = int64_t{1} << 60;  // 36 years
constexpr int64_t kMostStep = int64_t{1} << 54;
constexpr uint64_t kMostSpans = SpanRing::kMaxRecords;
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

// Of what follows one another in time: the step and the beginning, each against the one before.
struct PackedPlace {
  int64_t step = 0, begin = 0;

  void Put(int64_t at_step, int64_t begins, int64_t ends, std::string& bytes) {
    PutSigned(at_step - step, bytes);
    PutSigned(begins - begin, bytes);
    PutVarint(static_cast<uint64_t>(std::max<int64_t>(0, ends - begins)), bytes);
    step = at_step;
    begin = begins;
  }
  // Gives the length.
  absl::StatusOr<int64_t> Take(SpanReader& reader) {
    ASSIGN_OR_RETURN(const int64_t steps, reader.Signed());
    ASSIGN_OR_RETURN(const int64_t later, reader.Signed());
    ASSIGN_OR_RETURN(const int64_t length, reader.Below(kMostNanoseconds, "a length"));
    if (steps < -kMostStep || steps > kMostStep || later < -kMostNanoseconds || later > kMostNanoseconds)
      return reader.Damaged("found a time that is too far from the one before");
    step += steps;
    begin += later;
    if (step < 0 || step > kMostStep || begin < -kMostNanoseconds || begin > kMostNanoseconds)
      return reader.Damaged("found a time that cannot be");
    return length;
  }
};

std::array<int32_t*, 5> NumbersOf(MessageNote& note) {
  return {&note.part, &note.parts, &note.micro_batch, &note.version, &note.staleness};
}

void PutMessages(const RankSpans& spans, std::string& bytes) {
  PutVarint(spans.dropped_messages, bytes);
  PutVarint(spans.messages.size(), bytes);
  PackedPlace place{.step = spans.first_step};
  for (MovedMessage message : spans.messages) {
    bytes += static_cast<char>(static_cast<uint8_t>(message.note.kind) | (message.is_received ? 0x80 : 0));
    PutVarint(static_cast<uint64_t>(message.peer), bytes);
    PutVarint(message.tag, bytes);
    place.Put(message.step, Nanoseconds(message.begin_seconds - spans.own_seconds),
              Nanoseconds(message.end_seconds - spans.own_seconds), bytes);
    PutVarint(message.bytes, bytes);
    if (message.is_received) continue;
    for (const int32_t* number : NumbersOf(message.note))
      PutVarint(static_cast<uint64_t>(int64_t{*number} + 1), bytes);
  }
}

absl::Status TakeMessages(SpanReader& reader, RankSpans& spans) {
  ASSIGN_OR_RETURN(spans.dropped_messages, reader.Varint());
  ASSIGN_OR_RETURN(const int64_t count, reader.Below(kMostMessages + 1, "the number of messages"));
  constexpr size_t kLeastMessageBytes = 7;
  if (static_cast<size_t>(count) > reader.left() / kLeastMessageBytes)
    return reader.Damaged(fmt::format("claims {} messages, and {} bytes are left", count, reader.left()));
  PackedPlace place{.step = spans.first_step};
  spans.messages.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    MovedMessage message;
    ASSIGN_OR_RETURN(const uint8_t kind, reader.Byte());
    if ((kind & 0x7f) >= kMessageKinds)
      return reader.Damaged(fmt::format("found a message of the kind {}, which there is not", kind & 0x7f));
    message.note.kind = static_cast<MessageKind>(kind & 0x7f);
    message.is_received = (kind & 0x80) != 0;
    ASSIGN_OR_RETURN(const int64_t peer, reader.Below(kMostRankNumber, "a peer"));
    ASSIGN_OR_RETURN(const int64_t tag, reader.Below(uint64_t{1} << 32, "a tag"));
    ASSIGN_OR_RETURN(const int64_t length, place.Take(reader));
    ASSIGN_OR_RETURN(message.bytes, reader.Below(uint64_t{1} << 53, "the bytes of a message"));
    message.peer = static_cast<int32_t>(peer);
    message.tag = static_cast<uint32_t>(tag);
    message.step = place.step;
    message.begin_seconds = spans.own_seconds + static_cast<double>(place.begin) * 1e-9;
    message.end_seconds = message.begin_seconds + static_cast<double>(length) * 1e-9;
    if (!message.is_received)
      for (int32_t* number : NumbersOf(message.note)) {
        ASSIGN_OR_RETURN(const int64_t value, reader.Below(uint64_t{1} << 31, "a number"));
        *number = static_cast<int32_t>(value - 1);
      }
    spans.messages.push_back(message);
  }
  return absl::OkStatus();
}

}  // namespace

std::string PackSpans(const RankSpans& spans) {
  const bool has_messages = !spans.messages.empty() || spans.dropped_messages > 0;
  std::string bytes(has_messages ? kMessagesMagic : kSpansMagic);
  bytes.reserve(64 + 12 * spans.spans.size() + 20 * spans.messages.size());
  PutVarint(static_cast<uint64_t>(spans.rank), bytes);
  PutVarint(static_cast<uint64_t>(spans.recording), bytes);
  PutVarint(static_cast<uint64_t>(spans.first_step), bytes);
  PutVarint(static_cast<uint64_t>(spans.steps), bytes);
  PutVarint(spans.dropped, bytes);
  PutVarint(spans.spans.size(), bytes);
  PutDouble(spans.own_seconds, bytes);
  PutDouble(spans.first_seconds, bytes);
  PackedPlace place{.step = spans.first_step};
  for (const Span& span : spans.spans) {
    bytes += static_cast<char>(static_cast<uint8_t>(span.kind) | static_cast<uint8_t>(span.row) << 6);
    PutVarint(static_cast<uint64_t>(int64_t{span.number} + 1), bytes);
    place.Put(span.step, Nanoseconds(span.begin_seconds - spans.own_seconds),
              Nanoseconds(span.end_seconds - spans.own_seconds), bytes);
    PutVarint(span.bytes, bytes);
  }
  if (has_messages) PutMessages(spans, bytes);
  return bytes;
}

absl::StatusOr<RankSpans> UnpackSpans(std::string_view packed) {
  SpanReader reader(packed);
  const bool has_messages = reader.Skip(kMessagesMagic);
  if (!has_messages && !reader.Skip(kSpansMagic))
    return reader.Damaged("these are no spans: they do not begin with CSP1");
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
  PackedPlace place{.step = spans.first_step};
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
    ASSIGN_OR_RETURN(const int64_t length, place.Take(reader));
    ASSIGN_OR_RETURN(span.bytes, reader.Varint());
    span.step = place.step;
    span.begin_seconds = spans.own_seconds + static_cast<double>(place.begin) * 1e-9;
    span.end_seconds = span.begin_seconds + static_cast<double>(length) * 1e-9;
    spans.spans.push_back(span);
  }
  if (has_messages) RETURN_IF_ERROR(TakeMessages(reader, spans));
  if (reader.left() > 0) return reader.Damaged(fmt::format("{} bytes are left over", reader.left()));
  return spans;
}

}  // namespace concertina
