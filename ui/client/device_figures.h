// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// device_figures.h: what was measured of a model on its device, in words.
// On the way of the data: engine/device_bench.h -> here -> ui/pages/compress_deploy.h.
#pragma once

#include <QString>
#include <QVector>
#include <utility>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

struct DeviceWords {
  QString error;                              // why there are none; "" if there are
  QVector<std::pair<QString, QString>> rows;  // what, and how much
  QString command;                            // that classifies a file there
};

// Trusts nothing: figures that are no numbers are not measured.
DeviceWords deviceWords(const proto::MeasureOnDeviceReply& reply);

}  // namespace concertina::ui
