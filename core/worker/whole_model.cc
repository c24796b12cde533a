// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// whole_model.cc: see whole_model.h.
// On the way of the data: worker/step_loop_keeping.cc -> here -> comm/communicator.h.
//
// Message of a part, little endian: u64 header bytes | header | floats of the slots, one after another.
// Header, JSON: [{"name": …, "dimension": d, "begin": b, "extent": e}, …]: along dimension d the indices
// [b, b + e) of the whole; all of it where that is left out.
#include "core/worker/whole_model.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "core/worker/json_header.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxModelHeaderBytes = size_t{64} << 20;

std::vector<uint8_t> MessageOf(const ModelPart& part) {
  Json header = Json::array();
  std::vector<uint8_t> floats;
  for (const ParameterSlot& slot : *part.layout) {
    if (!slot.slice && !part.sends_whole) continue;
    Json entry = {{"name", slot.name}};
    if (slot.slice) {
      entry["dimension"] = slot.slice->dimension;
      entry["begin"] = slot.slice->begin;
      entry["extent"] = slot.shape[static_cast<size_t>(slot.slice->dimension)];
    }
    header.push_back(std::move(entry));
    const auto bytes =
        std::as_bytes(part.values.subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count)));
    const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
    floats.insert(floats.end(), first, first + bytes.size());
  }
  std::vector<uint8_t> message;
  AppendJsonHeader(header, message);
  message.insert(message.end(), floats.begin(), floats.end());
  return message;
}

// Puts parts into their places, and knows what is still missing.
class Assembly {
 public:
  Assembly(const std::vector<ParameterSlot>& whole, std::vector<float>& values) : values_(values) {
    int64_t total = 0;
    for (const ParameterSlot& slot : whole) {
      total = std::max(total, slot.offset + slot.count);
      places_.emplace(slot.name, Place{.slot = &slot, .missing = slot.count});
    }
    values_.assign(static_cast<size_t>(total), 0.0F);
    taken_.assign(static_cast<size_t>(total), false);
  }

  absl::Status Add(std::span<const uint8_t> message) {
    const absl::StatusOr<Json> taken = TakeJsonHeader(message, kMaxModelHeaderBytes);
    if (!taken.ok()) return Annotate(taken.status(), "its part");
    const Json& header = *taken;
    if (!header.is_array()) return absl::DataLossError("its part's header cannot be read");
    for (const Json& entry : header) RETURN_IF_ERROR(AddSlot(entry, message));
    if (!message.empty())
      return absl::DataLossError(fmt::format("its part has {} bytes too many", message.size()));
    return absl::OkStatus();
  }

  absl::Status CheckComplete() const {
    for (const auto& [name, place] : places_)
      if (place.missing > 0)
        return absl::InternalError(fmt::format("{}: {} of its {} elements are held by no rank", name,
                                               place.missing, place.slot->count));
    return absl::OkStatus();
  }

 private:
  struct Place {
    const ParameterSlot* slot;
    int64_t missing;
  };

  // Takes the slot's floats from the front of `rest`.
  absl::Status AddSlot(const Json& entry, std::span<const uint8_t>& rest) {
    const auto integer = [&](const char* field, int64_t absent) {
      const auto found = entry.find(field);
      return found != entry.end() && found->is_number_integer() ? found->get<int64_t>() : absent;
    };
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string())
      return absl::DataLossError("its part's header cannot be read");
    const auto name = entry["name"].get<std::string>();
    const auto found = places_.find(name);
    if (found == places_.end())
      return absl::DataLossError(fmt::format("its part has \"{}\", which the model has not", name));
    Place& place = found->second;
    const Shape& shape = place.slot->shape;
    const bool is_slice = entry.contains("dimension");
    const int64_t dimension = integer("dimension", is_slice ? -1 : 0);
    if (dimension < 0 || dimension >= static_cast<int64_t>(shape.size()))
      return absl::DataLossError(
          fmt::format("its part cuts {} ({}) along dimension {}", name, ShapeText(shape), dimension));
    const auto d = static_cast<size_t>(dimension);
    const int64_t begin = integer("begin", is_slice ? -1 : 0);
    const int64_t extent = integer("extent", is_slice ? -1 : shape[d]);
    if (begin < 0 || extent < 1 || extent > shape[d] || begin > shape[d] - extent)
      return absl::DataLossError(fmt::format("its part has {} from {} on of the {} in dimension {} of {}",
                                             extent, begin, shape[d], dimension, name));
    int64_t outer = 1;
    for (size_t i = 0; i < d; ++i) outer *= shape[i];
    const auto inner = static_cast<size_t>(place.slot->count / outer / shape[d]);
    const size_t run = static_cast<size_t>(extent) * inner;
    if (rest.size() / sizeof(float) < run * static_cast<size_t>(outer))
      return absl::DataLossError(fmt::format("its part ends within {}", name));
    for (int64_t o = 0; o < outer; ++o) {
      const size_t at =
          static_cast<size_t>(place.slot->offset) + static_cast<size_t>(o * shape[d] + begin) * inner;
      if (std::find(taken_.begin() + static_cast<std::ptrdiff_t>(at),
                    taken_.begin() + static_cast<std::ptrdiff_t>(at + run),
                    true) != taken_.begin() + static_cast<std::ptrdiff_t>(at + run))
        return absl::InternalError(fmt::format("two ranks hold the same elements of {}", name));
      std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(at), run, true);
      std::memcpy(&values_[at], rest.data(), run * sizeof(float));
      rest = rest.subspan(run * sizeof(float));
    }
    place.missing -= static_cast<int64_t>(run) * outer;
    return absl::OkStatus();
  }

  std::vector<float>& values_;
  std::vector<bool> taken_;
  std::map<std::string, Place> places_;
};

}  // namespace

absl::Status GatherWhole(Communicator& model, const std::vector<ParameterSlot>& whole, const ModelPart& mine,
                         Deadline deadline, std::vector<float>& gathered) {
  const std::vector<uint8_t> message = MessageOf(mine);
  if (model.rank() != 0) {
    RETURN_IF_ERROR(model.Send(0, std::as_bytes(std::span(message)), deadline));
    return model.Flush(deadline);
  }
  std::vector<float> values;  // `gathered` stays as it was if something is wrong
  Assembly assembly(whole, values);
  RETURN_IF_ERROR(assembly.Add(message));
  const size_t max_bytes = sizeof(uint64_t) + kMaxModelHeaderBytes + values.size() * sizeof(float);
  std::vector<uint8_t> theirs;
  for (int rank = 1; rank < model.size(); ++rank) {
    RETURN_IF_ERROR(model.ReceiveMessage(rank, max_bytes, theirs, deadline));
    RETURN_IF_ERROR(Annotate(assembly.Add(theirs), fmt::format("rank {}", model.global_rank(rank))));
  }
  RETURN_IF_ERROR(assembly.CheckComplete());
  gathered = std::move(values);
  return absl::OkStatus();
}

}  // namespace concertina
