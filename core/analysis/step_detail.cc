// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_detail.cc: see step_detail.h.
#include "core/analysis/step_detail.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using DetailJson = nlohmann::json;

constexpr size_t kMostShapeExtents = 8;
constexpr size_t kMostTextBytes = 4096;
constexpr size_t kMostSensitivities = 8 * kMostDetailLayers;

absl::Status DetailFault(const std::string& where, const std::string& expected) {
  return absl::DataLossError(
      fmt::format("the step's detail: {}: expected {}; the file was changed or damaged", where, expected));
}

// One object of the file, and where it stands. The first fault stays; what was not read is as it was.
class DetailReader {
 public:
  DetailReader(const DetailJson& object, std::string where, absl::Status& status)
      : object_(object), where_(std::move(where)), status_(status) {
    if (!object_.is_object()) Fail("", "an object");
  }

  // Null if there is none; a fault unless it may be absent.
  const DetailJson* Find(const char* name, bool is_needed = true) {
    if (!status_.ok()) return nullptr;
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    if (is_needed) Fail(name, "it to be there");
    return nullptr;
  }
  void Count(const char* name, int64_t& count, int64_t most = std::numeric_limits<int64_t>::max()) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!IsCount(*value) || value->get<int64_t>() > most)
      return Fail(name, most == std::numeric_limits<int64_t>::max() ? "a whole number from 0 on"
                                                                    : fmt::format("0 to {}", most));
    count = value->get<int64_t>();
  }
  void Number(const char* name, double& number) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_number() || !std::isfinite(value->get<double>())) return Fail(name, "a number");
    number = value->get<double>();
  }
  // A number from 0 on that need not be there.
  void OptionalSeconds(const char* name, double& seconds) {
    const DetailJson* const value = Find(name, false);
    if (value == nullptr) return;
    if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() < 0)
      return Fail(name, "seconds from 0 on");
    seconds = value->get<double>();
  }
  void Text(const char* name, std::string& text, size_t most = kMostTextBytes) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_string() || value->get_ref<const std::string&>().size() > most)
      return Fail(name, fmt::format("a text of at most {} bytes", most));
    text = value->get<std::string>();
  }
  void Bytes(const char* name, std::string& bytes, int64_t size) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_string() || !absl::Base64Unescape(value->get_ref<const std::string&>(), &bytes) ||
        static_cast<int64_t>(bytes.size()) != size)
      Fail(name, fmt::format("{} bytes in base64", size));
  }
  void Counts(const char* name, std::vector<int64_t>& counts, size_t least, size_t most) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_array() || value->size() < least || value->size() > most ||
        !std::all_of(value->begin(), value->end(), IsCount))
      return Fail(name, least == most ? fmt::format("{} whole numbers from 0 on", least)
                                      : fmt::format("{} to {} whole numbers from 0 on", least, most));
    counts = value->get<std::vector<int64_t>>();
  }
  // Each element that is an object, by its own reader.
  template <class Read>
  void Objects(const char* name, size_t most, const Read& read) {
    const DetailJson* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_array() || value->size() > most)
      return Fail(name, fmt::format("a list of at most {}", most));
    for (size_t i = 0; i < value->size() && status_.ok(); ++i)
      read(DetailReader((*value)[i], fmt::format("{}/{}/{}", where_, name, i), status_));
  }
  void Expect(bool holds, const char* name, const std::string& expected) {
    if (status_.ok() && !holds) Fail(name, expected);
  }
  bool ok() const { return status_.ok(); }

 private:
  // Sums of 2^16 such counts stay within 64 bits.
  static bool IsCount(const DetailJson& value) {
    return value.is_number_integer() && value >= 0 && value <= (int64_t{1} << 47);
  }
  void Fail(const std::string& name, const std::string& expected) {
    if (status_.ok()) status_ = DetailFault(name.empty() ? where_ : where_ + "/" + name, expected);
  }

  const DetailJson& object_;
  const std::string where_;
  absl::Status& status_;
};

std::string InBase64(const std::string& bytes) {
  std::string text;
  absl::Base64Escape(bytes, &text);
  return text;
}

LayerDetail ReadLayer(DetailReader& from) {
  LayerDetail layer;
  int64_t bits = layer.bits;
  std::vector<int64_t> counts;
  from.Text("name", layer.name, 3 * kMostNameBytes);
  from.Counts("shape", layer.shape, 1, kMostShapeExtents);
  from.Count("count", layer.count);
  from.Count("zeros", layer.zeros);
  from.Count("not_finite", layer.not_finite);
  from.Count("bits", bits, 32);
  from.Text("coding", layer.coding);
  from.Count("bytes", layer.bytes);
  from.OptionalSeconds("seconds", layer.seconds);
  from.OptionalSeconds("converting_seconds", layer.converting_seconds);
  from.Number("range", layer.range);
  from.Number("largest", layer.largest);
  from.Counts("counts", counts, kWeightBins, kWeightBins);
  layer.bits = static_cast<int>(bits);
  if (from.ok()) std::copy(counts.begin(), counts.end(), layer.counts.begin());
  from.Expect(layer.range > 0, "range", "more than 0");
  from.Expect(std::accumulate(counts.begin(), counts.end(), layer.zeros + layer.not_finite) == layer.count,
              "counts", fmt::format("{} weights together with zeros and not_finite", layer.count));
  from.Count("mask_rows", layer.mask.rows, kMostMaskCells);
  from.Count("mask_columns", layer.mask.columns, kMostMaskCells);
  from.Expect((layer.mask.rows == 0) == (layer.mask.columns == 0), "mask_rows", "0 where mask_columns is");
  from.Bytes("mask", layer.mask.shares, layer.mask.rows * layer.mask.columns);
  return layer;
}

ChangedAnswer ReadAnswer(DetailReader& from) {
  ChangedAnswer answer;
  from.Count("index", answer.index);
  from.Count("label", answer.label);
  from.Count("before", answer.before);
  from.Count("now", answer.now);
  from.Expect(answer.before != answer.now, "now", "another answer than before");
  from.Count("channels", answer.channels, 3);
  from.Expect(answer.channels == 1 || answer.channels == 3, "channels", "1 or 3");
  from.Count("height", answer.height, kMostDetailPixels);
  from.Count("width", answer.width, kMostDetailPixels);
  const int64_t pixels = answer.channels * answer.height * answer.width;
  from.Expect(pixels <= kMostDetailPixels, "height", "fewer pixels");
  from.Bytes("pixels", answer.pixels, pixels);
  return answer;
}

}  // namespace

std::string StepDetail::ClassName(int64_t index) const {
  return index >= 0 && index < static_cast<int64_t>(class_names.size())
             ? class_names[static_cast<size_t>(index)]
             : std::to_string(index);
}

const LayerDetail* StepDetail::Layer(const std::string& name) const {
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [&](const LayerDetail& layer) { return layer.name == name; });
  return found == layers.end() ? nullptr : &*found;
}

std::string WriteStepDetail(const StepDetail& detail) {
  DetailJson layers = DetailJson::array(), changed = DetailJson::array(), sensitivity = DetailJson::array();
  for (const LayerDetail& layer : detail.layers) {
    layers.push_back({{"name", layer.name},
                      {"shape", layer.shape},
                      {"count", layer.count},
                      {"zeros", layer.zeros},
                      {"not_finite", layer.not_finite},
                      {"bits", layer.bits},
                      {"coding", layer.coding},
                      {"bytes", layer.bytes},
                      {"range", layer.range},
                      {"largest", layer.largest},
                      {"counts", layer.counts},
                      {"mask_rows", layer.mask.rows},
                      {"mask_columns", layer.mask.columns},
                      {"mask", InBase64(layer.mask.shares)}});
    if (layer.seconds > 0) {
      layers.back()["seconds"] = layer.seconds;
      layers.back()["converting_seconds"] = layer.converting_seconds;
    }
  }
  for (const ChangedAnswer& answer : detail.changed)
    changed.push_back({{"index", answer.index},
                       {"label", answer.label},
                       {"before", answer.before},
                       {"now", answer.now},
                       {"channels", answer.channels},
                       {"height", answer.height},
                       {"width", answer.width},
                       {"pixels", InBase64(answer.pixels)}});
  for (const LayerSensitivity& one : detail.sensitivity)
    sensitivity.push_back(
        {{"layer", one.layer}, {"method", one.method}, {"loss", one.loss}, {"accuracy", one.accuracy}});
  DetailJson json = {{"index", detail.index},
                     {"step", detail.step},
                     {"text", detail.text},
                     {"class_names", detail.class_names},
                     {"layers", std::move(layers)},
                     {"more_layers", detail.more_layers},
                     {"classes", detail.classes},
                     {"confusion", detail.confusion},
                     {"became_wrong", detail.became_wrong},
                     {"became_right", detail.became_right},
                     {"still_wrong", detail.still_wrong},
                     {"looked_at", detail.looked_at},
                     {"changed", std::move(changed)}};
  if (!detail.sensitivity.empty())
    json["sensitivity"] = {{"samples", detail.sensitivity_samples},
                           {"loss", detail.sensitivity_loss},
                           {"accuracy", detail.sensitivity_accuracy},
                           {"layers", std::move(sensitivity)}};
  return json.dump(-1, ' ', false, DetailJson::error_handler_t::replace);
}

absl::StatusOr<StepDetail> ReadStepDetail(const std::string& json) {
  if (json.size() > kMostDetailBytes)
    return DetailFault(fmt::format("{} bytes", json.size()), fmt::format("at most {}", kMostDetailBytes));
  const DetailJson all = DetailJson::parse(json, nullptr, false);
  if (all.is_discarded()) return DetailFault(fmt::format("{} bytes", json.size()), "JSON");
  StepDetail detail;
  absl::Status status;
  DetailReader from(all, "", status);
  from.Count("index", detail.index);
  from.Count("step", detail.step);
  from.Text("text", detail.text);
  if (const DetailJson* const names = from.Find("class_names"); names != nullptr) {
    const bool are_texts =
        names->is_array() && names->size() <= static_cast<size_t>(kMostDetailClasses) &&
        std::all_of(names->begin(), names->end(), [](const DetailJson& name) { return name.is_string(); });
    from.Expect(are_texts, "class_names", fmt::format("at most {} texts", kMostDetailClasses));
    if (are_texts) detail.class_names = names->get<std::vector<std::string>>();
  }
  from.Objects("layers", kMostDetailLayers,
               [&](DetailReader layer) { detail.layers.push_back(ReadLayer(layer)); });
  from.Count("more_layers", detail.more_layers);
  from.Count("classes", detail.classes, kMostDetailClasses);
  const auto cells = static_cast<size_t>(detail.classes * detail.classes);
  from.Counts("confusion", detail.confusion, cells, cells);
  from.Count("became_wrong", detail.became_wrong);
  from.Count("became_right", detail.became_right);
  from.Count("still_wrong", detail.still_wrong);
  from.Count("looked_at", detail.looked_at);
  from.Objects("changed", kMostChangedAnswers,
               [&](DetailReader answer) { detail.changed.push_back(ReadAnswer(answer)); });
  if (const DetailJson* const scan = from.Find("sensitivity", false); scan != nullptr) {
    DetailReader of_scan(*scan, "/sensitivity", status);
    of_scan.Count("samples", detail.sensitivity_samples);
    of_scan.Number("loss", detail.sensitivity_loss);
    of_scan.Number("accuracy", detail.sensitivity_accuracy);
    of_scan.Objects("layers", kMostSensitivities, [&](DetailReader one) {
      LayerSensitivity& point = detail.sensitivity.emplace_back();
      one.Text("layer", point.layer, 3 * kMostNameBytes);
      one.Text("method", point.method);
      one.Number("loss", point.loss);
      one.Number("accuracy", point.accuracy);
    });
  }
  RETURN_IF_ERROR(status);
  return detail;
}

std::vector<LayerSensitivity> ByHarm(std::vector<LayerSensitivity> layers) {
  std::stable_sort(layers.begin(), layers.end(), [](const LayerSensitivity& a, const LayerSensitivity& b) {
    return a.accuracy != b.accuracy ? a.accuracy < b.accuracy : a.loss > b.loss;
  });
  return layers;
}

std::string StepDetailFileName(int64_t index) { return fmt::format("recipe-{}.json", index); }

}  // namespace concertina
