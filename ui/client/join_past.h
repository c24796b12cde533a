// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// join_past.h: what was asked for and what came by itself meanwhile, put together without a gap or a double.
// On the way of the data: EngineClient's answers and stream -> here -> the Monitor page's tables.
#pragma once

#include <QVector>
#include <algorithm>

namespace concertina::ui {

// `past` was written down at some moment after the stream of `live` began, so its end may be the beginning of
// `live`: the longest such overlap stands once. (Of equal
// neighbours, as log lines may be, one can be taken for the other.)
template <class Item, class Same>
QVector<Item> joinPast(QVector<Item> past, const QVector<Item>& live, Same same) {
  for (qsizetype overlap = std::min(past.size(), live.size());; --overlap) {
    if (!std::equal(past.end() - overlap, past.end(), live.begin(), live.begin() + overlap, same)) continue;
    for (qsizetype i = overlap; i < live.size(); ++i) past.push_back(live[i]);
    return past;
  }
}

}  // namespace concertina::ui
