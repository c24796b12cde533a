// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// not_finite.cc: see not_finite.h.
#include "core/parallel/not_finite.h"

#include "core/gradient/checks.h"
#include "fmt/format.h"

namespace concertina {
namespace {

std::string_view NameAt(const std::vector<ParameterSlot>& layout, int64_t element) {
  for (const ParameterSlot& slot : layout)
    if (element >= slot.offset && element < slot.offset + slot.count) return slot.name;
  return "?";
}

}  // namespace

absl::Status NameNotFinite(const absl::Status& status, std::span<const float> gradient, int64_t offset,
                           const std::vector<ParameterSlot>& layout, int64_t step) {
  if (!absl::IsOutOfRange(status) || gradient.empty()) return status;
  const auto count = static_cast<int64_t>(gradient.size());
  const int64_t index = FirstNotFinite(gradient.data(), count);
  if (index >= 0) return Annotate(status, fmt::format("step {}, {}", step, NameAt(layout, offset + index)));
  const std::string_view first = NameAt(layout, offset), last = NameAt(layout, offset + count - 1);
  return Annotate(status, first == last ? fmt::format("step {}, {}", step, first)
                                        : fmt::format("step {}, {} to {}", step, first, last));
}

std::string_view ParameterNotFinite(std::span<const float> values, const std::vector<ParameterSlot>& layout) {
  const int64_t index = FirstNotFinite(values.data(), static_cast<int64_t>(values.size()));
  return index < 0 ? std::string_view() : NameAt(layout, index);
}

}  // namespace concertina
