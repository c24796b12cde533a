// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_names.h: the series that the desktop knows by name; any other is shown under the name it has.
// On the way of the data: worker/step_loop.cc names them -> here -> ui/pages.
#pragma once

#include <QString>
#include <array>

namespace concertina::ui {

inline constexpr char kTrainLoss[] = "train/loss";
inline constexpr char kTestLoss[] = "test/loss";
inline constexpr char kTestAccuracy[] = "test/accuracy";
inline constexpr char kSamplesPerSecond[] = "train/samples_per_second";
inline constexpr char kLearningRate[] = "train/learning_rate";
inline constexpr char kBytesSent[] = "comm/bytes_sent";                 // B a step, all workers
inline constexpr char kBytesTotal[] = "comm/bytes_total";               // B since the run began
inline constexpr char kPayloadBytesSent[] = "comm/payload_bytes_sent";  // B a step, all workers
inline constexpr char kCompressionRatio[] = "comm/compression_ratio";   // dense / payload
inline constexpr char kRelativeError[] = "comm/relative_error";         // ||g - decoded|| / ||g||
inline constexpr char kResidualNorm[] = "comm/residual_norm";
inline constexpr char kGradientNorm[] = "norm/gradient";
inline constexpr char kStaleness[] = "async/staleness";  // updates of others since a gradient's parameters
inline constexpr char kStepTime[] = "time/step";

// Where the time of a step goes, in the order in which it goes there.
inline constexpr std::array<const char*, 7> kPhases = {"data",   "compute", "encode", "exchange",
                                                       "decode", "update",  "wait"};
inline QString phaseSeries(int phase) { return QLatin1String("time/") + QLatin1String(kPhases[phase]); }

}  // namespace concertina::ui
