// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// keep_in_floats.h: a recipe that leaves a layer in fp32. On the way of the data: the scan of sensitivity
// (pages/compress_detail.h) -> here -> pages/compress_setup.h.
#pragma once

#include <QJsonArray>
#include <QString>

namespace concertina::ui {

// Whether a step of it puts weights on grids or shares their values, layer by layer.
bool hasGrids(const QJsonArray& recipe);
// `recipe`, each such step of which leaves out `layer` ("layers": "*, !conv1"); where it has none, one of
// int8 comes behind it.
QJsonArray keptInFloats(const QJsonArray& recipe, const QString& layer);

}  // namespace concertina::ui
