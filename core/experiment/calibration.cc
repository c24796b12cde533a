// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// calibration.cc: a few steps, a few echoes, and the file of what they took (see calibration.h).
#include "core/experiment/calibration.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/disk.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/comm/bench_transport.h"
#include "core/graph/bench_train.h"
#include "core/graph/kernel_choice.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kMostFileBytes = size_t{1} << 20;
constexpr size_t kMostSteps = 256;           // kept; the oldest go
constexpr double kStepSeconds = 0.25;        // of measuring, after the warm-up
constexpr double kEchoSeconds = 0.15;        // of each size
constexpr double kMostFlopsAStep = 2e9;      // some 40 ms on one core
constexpr int64_t kLeastMeasuredBatch = 16;  // fewer samples do not fill the kernels' lanes
constexpr int64_t kMostMeasuredFloats = int64_t{1} << 20;
constexpr int64_t kEchoBytes[] = {64, 256 << 10};

std::string Now() {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", Clock::Real().Wall(), absl::UTCTimeZone());
}

std::optional<double> SecondsAt(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

bool IsOfThisProcessor(const Json& entry) {
  if (!entry.is_object()) return false;
  const auto cpu = entry.find("cpu");
  return cpu != entry.end() && cpu->is_string() && cpu->get_ref<const std::string&>() == ProcessorName();
}

std::string WhatOfChain(std::span<const Params> chain, int64_t floats) {
  Json codecs = Json::array();
  for (const Params& codec : chain) codecs.push_back(codec.json());
  return Json{{"codecs", std::move(codecs)}, {"floats", floats}}.dump(-1, ' ', false,
                                                                      Json::error_handler_t::replace);
}

// All that a step's time depends on.
std::string WhatOf(const Spec& spec, const Plan& plan) {
  return Json{{"model", spec.model.json()},
              {"sample", plan.dataset.sample},
              {"classes", plan.dataset.classes},
              {"batch_size", spec.training.batch_size},
              {"threads", spec.training.threads_per_worker},
              {"optimizer", spec.optimizer.kind()}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<double> MeasureStep(const Spec& spec, const Plan& plan, int64_t batch_size,
                                   const std::string& kernels_file) {
  const Registry& registry = Registry::Global();
  ASSIGN_OR_RETURN(const auto model, registry.Create<Model>("model", spec.model));
  ASSIGN_OR_RETURN(const Graph graph, model->Build(plan.dataset.sample, plan.dataset.classes));
  ASSIGN_OR_RETURN(const std::shared_ptr<Optimizer> optimizer,
                   registry.Create<Optimizer>("optimizer", spec.optimizer));
  optimizer->Prepare(SlotsOf(graph, graph.parameters()));
  const auto update = [&](int64_t step, std::span<const float> gradients, std::span<float> parameters) {
    optimizer->Update(step, 1e-4, 0, gradients, parameters);
  };
  ASSIGN_OR_RETURN(const TrainBench bench,
                   BenchTrain(graph,
                              {.batch_size = batch_size,
                               .threads = static_cast<int>(spec.training.threads_per_worker),
                               .seed = spec.seed,
                               .kernels_file = kernels_file},
                              kStepSeconds, update));
  return bench.seconds_per_step;
}

absl::StatusOr<TransportCost> MeasureTransport(const std::string& kind) {
  ASSIGN_OR_RETURN(const Json bench,
                   BenchTransport({std::begin(kEchoBytes), std::end(kEchoBytes)}, kEchoSeconds, kind));
  std::vector<EchoTime> echoes;
  for (const Json& result : bench.at("results"))
    echoes.push_back({result.value("bytes", int64_t{0}), result.value("median_seconds", 0.0)});
  return TransportCostOf(echoes);
}

// A file that is written aside, flushed and removed, as a checkpoint would be.
absl::StatusOr<double> MeasureDisk(const std::string& folder) {
  constexpr size_t kBytes = size_t{32} << 20;
  Disk& disk = Disk::Real();
  const std::string path = fmt::format("{}/calibration.{}.new", folder, ::getpid());
  std::string bytes(kBytes, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761U >> 13);  // not sparse
  const double begin = SteadyNow();
  ASSIGN_OR_RETURN(const std::unique_ptr<Disk::File> file, disk.Create(path));
  absl::Status status = file->Write(std::as_bytes(std::span(bytes)));
  if (status.ok()) status = file->Sync();
  status.Update(file->Close());
  const double seconds = SteadyNow() - begin;
  disk.Remove(path).IgnoreError();
  RETURN_IF_ERROR(status);
  return static_cast<double>(kBytes) / std::max(seconds, 1e-6);
}

}  // namespace

TransportCost TransportCostOf(const std::vector<EchoTime>& echoes) {
  const auto by_bytes = [](const EchoTime& a, const EchoTime& b) { return a.bytes < b.bytes; };
  const auto shortest = std::min_element(echoes.begin(), echoes.end(), by_bytes);
  const auto longest = std::max_element(echoes.begin(), echoes.end(), by_bytes);
  if (shortest == echoes.end()) return {};
  TransportCost cost{.alpha_seconds = std::max(0.0, shortest->seconds / 2)};
  if (const int64_t more = longest->bytes - shortest->bytes; more > 0)
    cost.beta_seconds_per_byte =
        std::max(0.0, (longest->seconds - shortest->seconds) / 2 / static_cast<double>(more));
  return cost;
}

int64_t MeasuredBatch(int64_t batch_size, double training_flops_per_sample) {
  const double most = kMostFlopsAStep / std::max(1.0, training_flops_per_sample);
  return std::min(batch_size, std::max(kLeastMeasuredBatch, static_cast<int64_t>(std::min(most, 1e9))));
}

Calibration::Means Calibration::RealMeans(const std::string& kernels_file) {
  return {.step = [kernels_file](
                      const Spec& spec, const Plan& plan,
                      int64_t batch_size) { return MeasureStep(spec, plan, batch_size, kernels_file); },
          .transport = MeasureTransport,
          .disk = MeasureDisk,
          .codec = TimeChain};
}

Json Calibration::Read() const {
  const absl::StatusOr<std::string> text = ReadFile(file_, kMostFileBytes);
  Json file = text.ok() ? Json::parse(*text, nullptr, false) : Json::object();
  if (!file.is_object()) file = Json::object();
  for (const char* list : {"steps", "codecs"})
    if (!file.contains(list) || !file[list].is_array()) file[list] = Json::array();
  return file;
}

void Calibration::Keep(const Json& file) const {
  const absl::Status kept =
      WriteFileAtomically(file_, file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (!kept.ok()) spdlog::warn("a measurement of this machine is not kept: {}", std::string(kept.message()));
}

absl::StatusOr<std::optional<double>> Calibration::StepSecondsOf(const Spec& spec, const Plan& plan,
                                                                 Measure measure) {
  absl::MutexLock lock(&mutex_);
  Json file = Read();
  const std::string what = WhatOf(spec, plan);
  const auto is_this = [&](const Json& entry) {
    return IsOfThisProcessor(entry) && entry.value("what", Json()) == Json(what);
  };
  Json& steps = file["steps"];
  const auto known = std::find_if(steps.begin(), steps.end(), is_this);
  if (measure != Measure::kAgain && known != steps.end())
    if (const std::optional<double> seconds = SecondsAt(*known, "seconds")) return seconds;
  if (measure == Measure::kNever) return std::nullopt;
  const int64_t batch_size = MeasuredBatch(spec.training.batch_size, plan.training_flops_per_sample);
  ASSIGN_OR_RETURN(double seconds, means_.step(spec, plan, batch_size));
  seconds *= static_cast<double>(spec.training.batch_size) / static_cast<double>(batch_size);
  if (known != steps.end()) steps.erase(known);
  while (steps.size() >= kMostSteps) steps.erase(steps.begin());
  steps.push_back({{"what", what},
                   {"cpu", ProcessorName()},
                   {"measured", Now()},
                   {"batch_size", batch_size},
                   {"seconds", seconds}});
  Keep(file);
  return seconds;
}

absl::StatusOr<std::optional<TransportCost>> Calibration::Transport(const std::string& kind,
                                                                    Measure measure) {
  absl::MutexLock lock(&mutex_);
  Json file = Read();
  if (!file.contains("transports") || !file["transports"].is_object()) file["transports"] = Json::object();
  Json& known = kind == "grpc" ? file["transport"] : file["transports"][kind];
  if (measure != Measure::kAgain && IsOfThisProcessor(known)) {
    const std::optional<double> alpha = SecondsAt(known, "alpha_seconds");
    const std::optional<double> beta = SecondsAt(known, "beta_seconds_per_byte");
    if (alpha && beta) return TransportCost{*alpha, *beta};
  }
  if (measure == Measure::kNever) return std::nullopt;
  ASSIGN_OR_RETURN(const TransportCost cost, means_.transport(kind));
  known = {{"cpu", ProcessorName()},
           {"measured", Now()},
           {"alpha_seconds", cost.alpha_seconds},
           {"beta_seconds_per_byte", cost.beta_seconds_per_byte}};
  Keep(file);
  return cost;
}

absl::StatusOr<std::optional<CodecSeconds>> Calibration::CodecSecondsOf(std::span<const Params> chain,
                                                                        int64_t floats, Measure measure) {
  absl::MutexLock lock(&mutex_);
  Json file = Read();
  const int64_t measured_floats = std::clamp<int64_t>(floats, 1, kMostMeasuredFloats);
  const std::string what = WhatOfChain(chain, measured_floats);
  const double times = static_cast<double>(floats) / static_cast<double>(measured_floats);
  const auto scaled = [times](double encode, double decode) {
    return CodecSeconds{.encode = encode * times, .decode = decode * times};
  };
  Json& codecs = file["codecs"];
  const auto known = std::find_if(codecs.begin(), codecs.end(), [&](const Json& entry) {
    return IsOfThisProcessor(entry) && entry.value("what", Json()) == Json(what);
  });
  if (measure != Measure::kAgain && known != codecs.end()) {
    const std::optional<double> encode = SecondsAt(*known, "encode_seconds");
    const std::optional<double> decode = SecondsAt(*known, "decode_seconds");
    if (encode && decode) return scaled(*encode, *decode);
  }
  if (measure == Measure::kNever || !means_.codec) return std::nullopt;
  ASSIGN_OR_RETURN(const CodecSeconds seconds, means_.codec(chain, measured_floats));
  if (known != codecs.end()) codecs.erase(known);
  while (codecs.size() >= kMostSteps) codecs.erase(codecs.begin());
  codecs.push_back({{"what", what},
                    {"cpu", ProcessorName()},
                    {"measured", Now()},
                    {"encode_seconds", seconds.encode},
                    {"decode_seconds", seconds.decode}});
  Keep(file);
  return scaled(seconds.encode, seconds.decode);
}

absl::StatusOr<std::optional<double>> Calibration::DiskBytesPerSecond(Measure measure) {
  absl::MutexLock lock(&mutex_);
  Json file = Read();
  Json& known = file["disk"];
  if (measure != Measure::kAgain && IsOfThisProcessor(known))
    if (const std::optional<double> rate = SecondsAt(known, "bytes_per_second"); rate && *rate > 0)
      return rate;
  if (measure == Measure::kNever || !means_.disk) return std::nullopt;
  ASSIGN_OR_RETURN(const double rate, means_.disk(FolderOf(file_)));
  known = {{"cpu", ProcessorName()}, {"measured", Now()}, {"bytes_per_second", rate}};
  Keep(file);
  return rate;
}

}  // namespace concertina
