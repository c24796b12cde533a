// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_tensorboard.cc: see export_tensorboard.h.
#include "core/analysis/export_tensorboard.h"

#include <array>
#include <bit>
#include <cmath>

#include "core/base/protobuf_writer.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kTable = MakeTable();

template <class Integer>
std::string LittleEndian(Integer value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

void AddRecord(std::string& file, const ProtobufWriter& event) {
  const std::string length = LittleEndian(static_cast<uint64_t>(event.bytes().size()));
  file += length;
  file += LittleEndian(MaskedCrc32c(length));
  file += event.bytes();
  file += LittleEndian(MaskedCrc32c(event.bytes()));
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

uint32_t MaskedCrc32c(std::string_view bytes) { return std::rotr(Crc32c(bytes), 15) + 0xa282ead8U; }

std::string TensorboardFileName(const RunRecord& run) {
  return fmt::format("events.out.tfevents.{}.{}", run.started_unix_ms / 1000,
                     run.id.empty() ? "concertina" : run.id);
}

std::string ExportTensorboard(const RunRecord& run) {
  // Event: wall_time 1 (double), step 2, file_version 3, summary 5 -> Summary: value 1 -> Value: tag 1,
  // simple_value 2.
  const double started = static_cast<double>(run.started_unix_ms) / 1000;
  std::string file;
  ProtobufWriter version;
  version.Double(1, started);
  version.Bytes(3, "brain.Event:2");
  AddRecord(file, version);
  for (const SeriesRecord& series : run.series) {
    const std::string tag =
        series.rank < 0 ? series.name : fmt::format("{}/rank {}", series.name, series.rank);
    for (const size_t i : RowsByStep(series)) {
      if (std::isnan(series.values[i])) continue;
      ProtobufWriter value, summary, event;
      value.Bytes(1, tag);
      value.Float(2, static_cast<float>(series.values[i]));
      summary.Message(1, value);
      event.Double(1, started + series.seconds[i]);
      event.Integer(2, series.steps[i]);
      event.Message(5, summary);
      AddRecord(file, event);
    }
  }
  return file;
}

}  // namespace concertina
