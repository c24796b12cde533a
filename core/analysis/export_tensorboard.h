// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_tensorboard.h: a run's curves as an event file that TensorBoard shows.
// On the way of the data: analysis/run_record.h -> here -> a file of the user.
//   record: length u64 | masked CRC-32C of the length u32 | an Event, protobuf | masked CRC-32C of the event
//   u32
// Source: TensorFlow, core/lib/io/record_writer and core/util/event.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/analysis/run_record.h"

namespace concertina {

// The bytes of the file: a version event, then one event a step and series, the series one after the other.
// The tag is the series' name, "train/loss", or "train/loss/rank 2". TensorBoard keeps single precision. NaN
// is left out.
std::string ExportTensorboard(const RunRecord& run);

// TensorBoard reads files that are named so, and takes a folder for a run.
std::string TensorboardFileName(const RunRecord& run);  // "events.out.tfevents.1700000000.ID"

// Castagnoli's CRC, reflected polynomial 0x82F63B78 [RFC 3720, appendix B.4]; and as TFRecord stores it.
uint32_t Crc32c(std::string_view bytes);
uint32_t MaskedCrc32c(std::string_view bytes);

}  // namespace concertina
