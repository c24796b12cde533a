// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket_codec.cc: see bucket_codec.h.
#include "core/parallel/bucket_codec.h"

#include <algorithm>

namespace concertina {

std::vector<Matrix> MatricesWithin(const std::vector<ParameterSlot>& layout, int64_t offset, int64_t count) {
  std::vector<Matrix> matrices;
  for (const ParameterSlot& slot : layout) {
    if (slot.shape.size() < 2 || slot.count == 0) continue;
    const int64_t columns = slot.count / slot.shape[0];
    const int64_t before = std::max<int64_t>(0, offset - slot.offset);
    const int64_t first = (before + columns - 1) / columns;
    const int64_t end = std::min(slot.count, offset + count - slot.offset) / columns;
    if (slot.offset >= offset + count || end <= first) continue;
    matrices.push_back(
        {.offset = slot.offset + first * columns - offset, .rows = end - first, .columns = columns});
  }
  std::sort(matrices.begin(), matrices.end(),
            [](const Matrix& a, const Matrix& b) { return a.offset < b.offset; });
  return matrices;
}

absl::StatusOr<std::unique_ptr<Codec>> MakeBucketCodec(const ExchangeContext& context, int64_t offset,
                                                       int64_t count, int chain) {
  ASSIGN_OR_RETURN(std::unique_ptr<Codec> codec, context.codec_of(chain)());
  codec->Describe(MatricesWithin(*context.layout, offset, count));
  return codec;
}

}  // namespace concertina
