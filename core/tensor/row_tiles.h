// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// row_tiles.h: cuts rows into tiles of nearly the same height: 50 rows by at most 12 are 5 tiles of 10,
// not 4 of 12 and a slow one of 2.
// On the way of the data: tensor/dense.cc, tensor/convolution.cc -> here -> tensor/register_tile-inl.h.
#pragma once

#include <cstdint>

namespace concertina {

struct RowTiles {
  RowTiles(int64_t rows, int64_t tallest) : rows(rows), count((rows + tallest - 1) / tallest) {}
  int64_t First(int64_t tile) const { return rows * tile / count; }
  int64_t Rows(int64_t tile) const { return First(tile + 1) - First(tile); }
  int64_t rows;
  int64_t count;
};

}  // namespace concertina
