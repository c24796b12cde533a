// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_coding.cc: puts a tensor's block together from that of its places and that of its values (see
// tensor_coding.h, tensor_coding_impl.h).
#include "core/edge/tensor_coding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/edge/grid_symbols.h"
#include "core/edge/tensor_coding_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status CheckOnGrid(std::span<const float> values, const Shape& shape, const Quantization& grid) {
  const GridSymbols symbols(grid, shape, true);
  for (size_t i = 0; i < values.size(); ++i)
    if (!symbols.Find(values[i], symbols.ScaleAt(i)))
      return absl::InvalidArgumentError(fmt::format(
          "element {} is {}, which is not on its grid of {} bits with a scale of {}; round it first", i,
          values[i], grid.bits, symbols.ScaleAt(i)));
  return absl::OkStatus();
}

std::string CodingText(coding::Place place, coding::Kind kind, coding::Code code, const Quantization* grid,
                       size_t entries) {
  std::string text = place == coding::Place::kDense ? "" : "sparse, ";
  switch (kind) {
    case coding::Kind::kFloat32:
      text += "float32";
      break;
    case coding::Kind::kFloat16:
      text += "float16";
      break;
    case coding::Kind::kBfloat16:
      text += "bfloat16";
      break;
    case coding::Kind::kGrid:
      text += fmt::format("{}int{}", grid->is_signed ? "" : "u", grid->bits);
      break;
    case coding::Kind::kCodebook32:
    case coding::Kind::kCodebook16:
    case coding::Kind::kCodebookBfloat16:
      text += entries == 1 ? "one value" : fmt::format("{}-bit codebook", coding::WidthOf(entries));
      break;
  }
  if (code == coding::Code::kHuffman) text += ", Huffman-coded";
  if (code == coding::Code::kArithmetic) text += ", arithmetic-coded";
  return text;
}

}  // namespace

absl::Status CheckGrid(const Quantization& grid, const Shape& shape) {
  if (grid.bits < 1 || grid.bits > kMaxGridBits)
    return absl::InvalidArgumentError(
        fmt::format("its grid has {} bits, expected 1 to {}", grid.bits, kMaxGridBits));
  if (std::abs(int64_t{grid.zero_point}) > 1 << kMaxGridBits)
    return absl::InvalidArgumentError(
        fmt::format("its grid has its zero at {}, expected within {}", grid.zero_point, 1 << kMaxGridBits));
  const bool has_rows = !shape.empty() && grid.scales.size() == static_cast<size_t>(shape[0]);
  if (grid.scales.empty() || (grid.scales.size() != 1 && !has_rows))
    return absl::InvalidArgumentError(fmt::format("its grid has {} scales, expected 1{}", grid.scales.size(),
                                                  shape.empty() ? "" : fmt::format(" or {}", shape[0])));
  for (const float scale : grid.scales)
    if (!std::isfinite(scale))
      return absl::InvalidArgumentError(fmt::format("its grid has a scale of {}", scale));
  return absl::OkStatus();
}

absl::StatusOr<EncodedTensor> EncodeTensor(std::span<const float> values, const Shape& shape,
                                           const Quantization* grid) {
  if (static_cast<int64_t>(values.size()) != ElementCount(shape))
    return absl::InvalidArgumentError(
        fmt::format("found {} values, expected {}", values.size(), ShapeText(shape)));
  if (static_cast<int64_t>(values.size()) > kMaxTensorElements)
    return absl::InvalidArgumentError(
        fmt::format("found {} values, expected at most {}", values.size(), kMaxTensorElements));
  if (grid != nullptr) {
    RETURN_IF_ERROR(CheckGrid(*grid, shape));
    RETURN_IF_ERROR(CheckOnGrid(values, shape, *grid));
  }
  const coding::Extent extent = coding::ExtentOf(shape);
  std::vector<uint32_t> all(values.size()), nonzero;
  if (!values.empty()) std::memcpy(all.data(), values.data(), values.size_bytes());
  coding::Place place = coding::Place::kDense;
  std::vector<uint8_t> place_block;
  coding::CodedValues coded =
      coding::EncodeValues({.values = all, .places = nullptr, .elements = all.size()}, shape, grid);
  if (std::find(all.begin(), all.end(), 0U) != all.end()) {
    coding::Places places;
    std::vector<bool> mask(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      mask[i] = all[i] != 0;
      if (!mask[i]) continue;
      places.push_back(static_cast<uint32_t>(i));
      nonzero.push_back(all[i]);
    }
    coding::CodedValues others =
        coding::EncodeValues({.values = nonzero, .places = &places, .elements = all.size()}, shape, grid);
    const coding::CodedPlaces coded_places = coding::EncodePlaces(mask, extent);
    std::vector<uint8_t> block;
    AppendVarint(nonzero.size(), block);
    block.insert(block.end(), coded_places.block.begin(), coded_places.block.end());
    if (coding::CostOf(block, coded_places.is_arithmetic) + others.cost() < coded.cost()) {
      place = coded_places.place;
      place_block = std::move(block);
      coded = std::move(others);
    }
  }
  EncodedTensor encoded;
  encoded.bytes.reserve(1 + place_block.size() + coded.block.size());
  encoded.bytes.push_back(static_cast<uint8_t>(static_cast<int>(place) | static_cast<int>(coded.kind) << 2 |
                                               static_cast<int>(coded.code) << 5));
  encoded.bytes.insert(encoded.bytes.end(), place_block.begin(), place_block.end());
  encoded.bytes.insert(encoded.bytes.end(), coded.block.begin(), coded.block.end());
  const size_t entries = coded.kind >= coding::Kind::kCodebook32 ? size_t{coded.block[0]} + 1 : 0;
  encoded.coding = CodingText(place, coded.kind, coded.code, grid, entries);
  return encoded;
}

absl::StatusOr<DecodedTensor> DecodeTensor(std::span<const uint8_t> bytes, const Shape& shape,
                                           const Quantization* grid) {
  VarintReader reader(bytes);
  const auto byte = reader.Byte();
  if (!byte) return coding::EndedEarly("its coding");
  const auto place = static_cast<coding::Place>(*byte & 3);
  const auto kind = static_cast<coding::Kind>(*byte >> 2 & 7);
  const auto code = static_cast<coding::Code>(*byte >> 5);
  const bool has_symbols = kind >= coding::Kind::kGrid;
  if (static_cast<uint8_t>(kind) >= coding::kKinds || static_cast<uint8_t>(code) >= coding::kCodes ||
      (!has_symbols && code != coding::Code::kFixed))
    return absl::DataLossError(fmt::format("found coding {}, which there is not", *byte));
  if (kind == coding::Kind::kGrid && grid == nullptr)
    return absl::DataLossError("its values are on a grid, and it has none");

  const coding::Extent extent = coding::ExtentOf(shape);
  coding::Places places;
  if (place != coding::Place::kDense) {
    ASSIGN_OR_RETURN(places, coding::ReadPlaces(place, extent, reader));
  }
  const coding::Places* const sparse = place == coding::Place::kDense ? nullptr : &places;
  DecodedTensor decoded;
  decoded.values.resize(extent.elements);
  ASSIGN_OR_RETURN(const size_t entries,
                   coding::DecodeValues(reader.rest(), {kind, code}, shape, grid, sparse, decoded.values));
  decoded.coding = CodingText(place, kind, code, grid, entries);
  return decoded;
}

}  // namespace concertina
