// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_model.cc: see served_model.h.
#include "core/serve/served_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <span>

#include "core/base/file.h"
#include "core/data/pixels.h"
#include "core/edge/class_scores.h"
#include "core/edge/model_file.h"
#include "core/edge/sha256.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kMostFileBytes = size_t{4} << 30;
constexpr int kRestOfARequestBytes = 4096;

// Datasets of this program scale by 255 and nothing else (data/dataset.h), and so do their models.
constexpr char kPreprocessing[] =
    "each pixel is a byte divided by 255; colours as planes, red, green, blue; no other scaling, no cropping";

int64_t ElementsOf(const proto::ModelDescription& model) {
  int64_t elements = 1;
  for (const int64_t extent : model.sample_shape()) elements *= extent;
  return elements;
}

std::string ShapeTextOf(const proto::ModelDescription& model) {
  return ShapeText(Shape(model.sample_shape().begin(), model.sample_shape().end()));
}

int64_t BytesOfAnElement(proto::ClassifyRequest::Encoding encoding) {
  return encoding == proto::ClassifyRequest::FLOATS ? 4 : 1;
}

}  // namespace

absl::StatusOr<ServedModel> LoadServedModel(const std::string& path, int threads) {
  constexpr char kHowToMakeOne[] = "`concertinactl export RUN --to edge --out MODEL.edge` writes one";
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return absl::NotFoundError(fmt::format("{}: there is no such file; {}", path, kHowToMakeOne));
  if (!std::filesystem::is_regular_file(path, error))
    return absl::InvalidArgumentError(
        fmt::format("{}: is no file; expected a model as an .edge file; {}", path, kHowToMakeOne));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMostFileBytes));
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  absl::StatusOr<ModelFile> file = ParseModel(path, bytes);
  if (absl::IsDataLoss(file.status()))
    return absl::DataLossError(fmt::format("{}; expected a whole .edge file; {}",
                                           std::string(file.status().message()), kHowToMakeOne));
  if (!file.ok()) return file.status();
  const Graph& graph = file->graph;
  if (graph.input() < 0 || graph.prediction() < 0 || ElementCount(graph.value(graph.input()).shape) < 1 ||
      ElementCount(graph.value(graph.prediction()).shape) < 1)
    return absl::InvalidArgumentError(
        fmt::format("{}: is a model without input or answer; {}", path, kHowToMakeOne));

  ServedModel served;
  for (int i = 0; i < std::clamp(threads, 1, kMostServingThreads); ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<EdgeModel> runtime, EdgeModel::Create(graph));
    served.runtimes.push_back(std::move(runtime));
  }
  const EdgeModel& model = *served.runtimes.front();
  const int64_t elements = ElementCount(model.sample());
  if (elements > kMostElementsOfASample)
    return absl::InvalidArgumentError(fmt::format("{}: takes {}, {} elements; at most {} are served", path,
                                                  ShapeText(model.sample()), elements,
                                                  kMostElementsOfASample));
  if (model.outputs() > kMostClasses)
    return absl::InvalidArgumentError(fmt::format("{}: tells {} classes apart; at most {} are served", path,
                                                  model.outputs(), kMostClasses));
  proto::ModelDescription& told = served.description;
  const auto name = file->metadata.find("name");
  told.set_name(name != file->metadata.end() && !name->second.empty()
                    ? name->second
                    : std::filesystem::path(path).filename().string());
  for (const int64_t extent : model.sample()) told.add_sample_shape(extent);
  told.set_classes(model.outputs());
  told.set_preprocessing(kPreprocessing);
  told.set_file_bytes(text.size());
  told.set_file_sha256(Sha256Hex(bytes));
  told.set_most_samples(std::clamp<int64_t>(
      std::min<int64_t>(kMostSampleBytesOfACall / (4 * elements), kMostClasses / model.outputs()), 1,
      kMostSamplesOfACall));
  told.set_threads(static_cast<int32_t>(served.runtimes.size()));
  told.set_version(CONCERTINA_VERSION);
  return served;
}

int MostRequestBytes(const proto::ModelDescription& model) {
  return static_cast<int>(model.most_samples() * ElementsOf(model) * 4) + kRestOfARequestBytes;
}

absl::Status CheckClassifyRequest(const proto::ModelDescription& model,
                                  const proto::ClassifyRequest& request) {
  if (request.encoding() != proto::ClassifyRequest::FLOATS &&
      request.encoding() != proto::ClassifyRequest::PIXELS)
    return absl::InvalidArgumentError(fmt::format(
        "encoding: found {}, expected {} (FLOATS) or {} (PIXELS)", static_cast<int>(request.encoding()),
        static_cast<int>(proto::ClassifyRequest::FLOATS), static_cast<int>(proto::ClassifyRequest::PIXELS)));
  if (request.sample_count() < 1 || request.sample_count() > model.most_samples())
    return absl::InvalidArgumentError(fmt::format("sample_count: found {}, expected 1 to {} in one call",
                                                  request.sample_count(), model.most_samples()));
  if (request.top() < 0)
    return absl::InvalidArgumentError(
        fmt::format("top: found {}, expected 0 to {}", request.top(), model.classes()));
  const int64_t wanted = request.sample_count() * ElementsOf(model) * BytesOfAnElement(request.encoding());
  if (static_cast<int64_t>(request.samples().size()) != wanted)
    return absl::InvalidArgumentError(fmt::format(
        "samples: found {} bytes, expected {}: {} of {}, {} a number; the model takes no other shape",
        request.samples().size(), wanted, request.sample_count(), ShapeTextOf(model),
        request.encoding() == proto::ClassifyRequest::FLOATS ? "4 bytes" : "one byte"));
  if (request.encoding() == proto::ClassifyRequest::PIXELS) return absl::OkStatus();
  const char* at = request.samples().data();
  for (int64_t i = 0; i < wanted / 4; ++i, at += 4) {
    float element = 0;
    std::memcpy(&element, at, sizeof(element));
    if (!std::isfinite(element))
      return absl::InvalidArgumentError(fmt::format("samples: element {} of sample {} is {}",
                                                    i % ElementsOf(model), i / ElementsOf(model), element));
  }
  return absl::OkStatus();
}

absl::Status AnswerRequest(EdgeModel& model, const proto::ClassifyRequest& request,
                           const std::function<absl::Status()>& go_on, proto::ClassifyReply& reply) {
  using Steady = std::chrono::steady_clock;
  const auto elements = static_cast<size_t>(ElementCount(model.sample()));
  const size_t sample_bytes = elements * static_cast<size_t>(BytesOfAnElement(request.encoding()));
  std::vector<float> sample(elements);
  for (int64_t i = 0; i < request.sample_count(); ++i) {
    RETURN_IF_ERROR(go_on());
    const char* from = request.samples().data() + static_cast<size_t>(i) * sample_bytes;
    if (request.encoding() == proto::ClassifyRequest::FLOATS)
      std::memcpy(sample.data(), from, sample_bytes);
    else
      PixelsToFloats(reinterpret_cast<const uint8_t*>(from), elements, sample.data());
    const Steady::time_point begin = Steady::now();
    const std::span<const float> logits = model.Run(sample);
    const double seconds = std::chrono::duration<double>(Steady::now() - begin).count();
    if (!std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }))
      return absl::OutOfRangeError(fmt::format(
          "sample {}: the model gives numbers that are not finite; are its elements within 0 and 1?", i));
    proto::ClassifiedSample& answer = *reply.add_samples();
    answer.set_model_seconds(seconds);
    for (const ClassProbability& each : LikeliestClasses(logits, request.top())) {
      proto::ClassScore& score = *answer.add_scores();
      score.set_class_index(each.class_index);
      score.set_probability(each.probability);
    }
    if (request.logits()) answer.mutable_logits()->Assign(logits.begin(), logits.end());
  }
  return absl::OkStatus();
}

}  // namespace concertina
