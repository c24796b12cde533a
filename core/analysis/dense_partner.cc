// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_partner.cc: see dense_partner.h.
#include "core/analysis/dense_partner.h"

#include <algorithm>
#include <map>

#include "core/base/descriptor.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

bool IsDense(const Json& gradient) {
  return gradient.is_array() && std::all_of(gradient.begin(), gradient.end(), [](const Json& codec) {
           return codec.is_object() && codec.value("kind", Json()) == "none";
         });
}

}  // namespace

std::vector<std::optional<size_t>> DensePartners(const std::vector<std::string>& specs) {
  std::map<std::string, size_t> dense;  // by all that is not about the codec
  std::vector<std::string> others(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    Json spec = Json::parse(specs[i], nullptr, false);
    if (!spec.is_object()) continue;
    const bool is_dense = IsDense(spec.value("gradient", Json::array()));
    spec.erase("name");
    spec.erase("gradient");
    std::string rest = spec.dump();
    if (is_dense) {
      dense.emplace(std::move(rest), i);
    } else {
      others[i] = std::move(rest);
    }
  }
  std::vector<std::optional<size_t>> partners(specs.size());
  for (size_t i = 0; i < specs.size(); ++i)
    if (const auto found = dense.find(others[i]); found != dense.end()) partners[i] = found->second;
  return partners;
}

}  // namespace concertina
