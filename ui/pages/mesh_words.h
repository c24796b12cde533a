// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_words.h: who sends what to whom, in sentences: beneath the picture, and for who cannot see it.
// On the way of the data: core/analysis/traffic_map.h -> here -> ui/pages/mesh_picture.h.
#pragma once

#include <QString>
#include <QStringList>

#include "core/analysis/traffic_map.h"

namespace concertina::ui {

// "Each rank sends 2.59 MB in 12 messages to the next.", the busiest first; what is sent at all.
QStringList trafficSentences(const TrafficMap& map);
// "Rank 3 (data 1, stage 1) sends 1.6 MB in 6 messages a step and gets as much."; "" if there is no such
// rank.
QString rankSentence(const TrafficMap& map, int rank);
// What the flows of one kind are called in the legend: MeshArrow::kind.
QString flowKindText(int kind);

}  // namespace concertina::ui
