// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_meter.cc: see layer_meter.h.
#include "core/parallel/layer_meter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/gradient/norms.h"

namespace concertina {
namespace {

constexpr size_t kLanes = 8;  // sums side by side: one alone would wait for each addition
constexpr const char* kOthers = "others";

double SumOf(const double (&lanes)[kLanes]) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

// "stage2.block1" of "stage2.block1.conv"; "" of a name without a point.
std::string Prefix(const std::string& name) {
  const size_t point = name.rfind('.');
  return point == std::string::npos ? std::string() : name.substr(0, point);
}

size_t Depth(const std::string& name) {
  return static_cast<size_t>(std::count(name.begin(), name.end(), '.'));
}

// Names with at most `points` points: what is deeper becomes its prefix.
std::string WithPointsUpTo(std::string name, size_t points) {
  while (Depth(name) > points) name = Prefix(name);
  return name;
}

// The name of a series may have letters, digits and "_-." only, and 100 characters with what follows.
std::string AsSeriesName(std::string name) {
  constexpr size_t kLongest = 60;
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
          c == '-' || c == '.'))
      c = '_';
  if (name.empty()) name = "parameters";
  return name.substr(0, kLongest);
}

// ||e||^2 and <e, g>.
struct Waiting {
  double squared = 0, product = 0;
};
Waiting WaitingOf(std::span<const float> residual, std::span<const float> gradient) {
  double squared[kLanes] = {}, product[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= residual.size(); i += kLanes)
    for (size_t k = 0; k < kLanes; ++k) {
      const double e = residual[i + k], g = gradient[i + k];
      squared[k] += e * e;
      product[k] += e * g;
    }
  for (; i < residual.size(); ++i) {
    squared[0] += static_cast<double>(residual[i]) * residual[i];
    product[0] += static_cast<double>(residual[i]) * gradient[i];
  }
  return {SumOf(squared), SumOf(product)};
}

}  // namespace

Agreement AgreementOf(std::span<const float> gradient, std::span<const float> decoded) {
  double g_squared[kLanes] = {}, c_squared[kLanes] = {}, product[kLanes] = {}, error[kLanes] = {};
  const auto add = [&](size_t i, size_t lane) {
    const double g = gradient[i], c = decoded[i];
    g_squared[lane] += g * g;
    c_squared[lane] += c * c;
    product[lane] += g * c;
    error[lane] += (g - c) * (g - c);  // not from the other three: they cancel where little is lost
  };
  size_t i = 0;
  for (; i + kLanes <= gradient.size(); i += kLanes)
    for (size_t k = 0; k < kLanes; ++k) add(i + k, k);
  for (; i < gradient.size(); ++i) add(i, 0);
  return {SumOf(g_squared), SumOf(c_squared), SumOf(product), SumOf(error)};
}

std::vector<std::string> LayerNamesOf(const std::vector<ParameterSlot>& layout) {
  constexpr size_t kMaxLayers = LayerMeter::kMaxLayers;
  std::vector<std::string> names;
  size_t points = 0;
  for (const ParameterSlot& slot : layout) {
    const std::string layer = Prefix(slot.name);
    names.push_back(AsSeriesName(layer.empty() ? slot.name : layer));
    points = std::max(points, Depth(names.back()));
  }
  const auto too_many = [&] { return std::set<std::string>(names.begin(), names.end()).size() > kMaxLayers; };
  while (too_many() && points > 0) {
    --points;
    for (std::string& name : names) name = WithPointsUpTo(name, points);
  }
  if (!too_many()) return names;
  std::set<std::string> known;
  for (std::string& name : names) {
    if (known.size() + 1 >= kMaxLayers && !known.contains(name)) name = kOthers;
    known.insert(name);
  }
  return names;
}

LayerMeter::LayerMeter(const std::vector<ParameterSlot>& layout) {
  const std::vector<std::string> names = LayerNamesOf(layout);
  std::map<std::string, size_t> known;
  for (size_t i = 0; i < layout.size(); ++i) {
    const auto [found, is_new] = known.emplace(names[i], layers_.size());
    if (is_new) layers_.push_back({names[i], 0});
    layers_[found->second].parameters += layout[i].count;
    if (layout[i].count > 0)
      ranges_.push_back({layout[i].offset, layout[i].offset + layout[i].count, found->second});
  }
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  size_t last = 0;  // neighbours of one layer are one range
  for (size_t i = 1; i < ranges_.size(); ++i)
    if (ranges_[i].layer == ranges_[last].layer && ranges_[i].begin == ranges_[last].end)
      ranges_[last].end = ranges_[i].end;
    else
      ranges_[++last] = ranges_[i];
  if (!ranges_.empty()) ranges_.resize(last + 1);
  sums_.resize(layers_.size());
}

void LayerMeter::Begin() {
  if (!is_measured_) return;
  std::fill(sums_.begin(), sums_.end(), Sums{});
  is_measured_ = false;
}

template <class Visit>
void LayerMeter::ForEachPiece(int64_t offset, size_t count, Visit visit) {
  const int64_t end = offset + static_cast<int64_t>(count);
  auto range = std::partition_point(ranges_.begin(), ranges_.end(),
                                    [offset](const Range& r) { return r.end <= offset; });
  for (; range != ranges_.end() && range->begin < end; ++range) {
    const int64_t first = std::max(offset, range->begin), last = std::min(end, range->end);
    visit(sums_[range->layer], static_cast<size_t>(first - offset), static_cast<size_t>(last - first));
  }
  is_measured_ = true;
}

void LayerMeter::AddGradient(int64_t offset, std::span<const float> gradient, std::span<const float> residual,
                             double scaled_by) {
  const bool waits = residual.size() == gradient.size();
  const double rid = 1 / scaled_by;
  ForEachPiece(offset, gradient.size(), [&](Sums& sums, size_t first, size_t count) {
    const std::span<const float> g = gradient.subspan(first, count);
    sums.gradient_squared += rid * rid * SumSquares(g);
    if (!waits) return;
    const Waiting waiting = WaitingOf(residual.subspan(first, count), g);
    sums.residual_squared += rid * rid * waiting.squared;
    sums.residual_product += rid * rid * waiting.product;
  });
}

void LayerMeter::AddAgreement(int64_t offset, std::span<const float> gradient, std::span<const float> decoded,
                              Agreement& agreed) {
  ForEachPiece(offset, gradient.size(), [&](Sums& sums, size_t first, size_t count) {
    const Agreement piece = AgreementOf(gradient.subspan(first, count), decoded.subspan(first, count));
    for (Agreement* sum : {&sums.agreement, &agreed}) {
      sum->gradient_squared += piece.gradient_squared;
      sum->decoded_squared += piece.decoded_squared;
      sum->product += piece.product;
      sum->error_squared += piece.error_squared;
    }
  });
}

void LayerMeter::AddPayload(int64_t offset, std::span<const float> decoded, size_t payload_bytes,
                            bool is_chosen) {
  const auto sent = [&](size_t first, size_t count) {
    const std::span<const float> c = decoded.subspan(first, count);
    return count - static_cast<size_t>(std::count(c.begin(), c.end(), 0.0F));
  };
  const size_t chosen = is_chosen ? sent(0, decoded.size()) : 0;
  const double share = static_cast<double>(payload_bytes) /
                       static_cast<double>(std::max<size_t>(1, chosen > 0 ? chosen : decoded.size()));
  ForEachPiece(offset, decoded.size(), [&](Sums& sums, size_t first, size_t count) {
    sums.payload_bytes += share * static_cast<double>(chosen > 0 ? sent(first, count) : count);
  });
}

void LayerMeter::AddSeconds(int64_t offset, int64_t count, double encode, double decode) {
  const double share = 1 / static_cast<double>(std::max<int64_t>(1, count));
  ForEachPiece(offset, static_cast<size_t>(count), [&](Sums& sums, size_t, size_t piece) {
    sums.encode_seconds += encode * share * static_cast<double>(piece);
    sums.decode_seconds += decode * share * static_cast<double>(piece);
  });
}

LayerFigures LayerMeter::FiguresOf(size_t layer) const {
  const Sums& sums = sums_[layer];
  const Agreement& agreed = sums.agreement;
  const double g_squared = sums.gradient_squared, e_squared = sums.residual_squared;
  LayerFigures figures{.payload_bytes = sums.payload_bytes,
                       .encode_seconds = sums.encode_seconds,
                       .decode_seconds = sums.decode_seconds,
                       .gradient_norm = std::sqrt(g_squared),
                       .residual_norm = std::sqrt(e_squared)};
  if (agreed.gradient_squared > 0) {
    figures.relative_error = std::sqrt(agreed.error_squared / agreed.gradient_squared);
    if (agreed.decoded_squared > 0)
      figures.cosine = agreed.product / std::sqrt(agreed.gradient_squared * agreed.decoded_squared);
  }
  if (g_squared > 0 && e_squared > 0) {
    figures.residual_cosine = sums.residual_product / std::sqrt(e_squared * g_squared);
    const double r = e_squared / g_squared, p = std::max(0.0, sums.residual_product / g_squared);
    figures.residual_age = (r + p) / (1 + p);
  }
  return figures;
}

}  // namespace concertina
