// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_export.cc: see run_export.h.
#include "core/engine/run_export.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "core/analysis/export_chart.h"
#include "core/analysis/export_csv.h"
#include "core/analysis/export_html.h"
#include "core/analysis/export_json.h"
#include "core/analysis/export_tensorboard.h"
#include "core/analysis/run_record.h"
#include "core/base/registry.h"
#include "core/data/dataset.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_writer.h"
#include "core/edge/safetensors.h"
#include "core/engine/run_archive.h"
#include "core/engine/run_query.h"
#include "core/experiment/spec.h"
#include "core/nn/model.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::StatusOr<std::string> ParametersPath(const Home& home, const proto::RunSummary& run) {
  std::string path = home.run(run.run()) + "/parameters.safetensors";
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return path;
  return absl::FailedPreconditionError(
      fmt::format("run {} has no parameters: they are kept when a run finishes or is stopped", run.run()));
}

absl::StatusOr<std::vector<float>> ValuesOf(const Value& value, const Safetensors& file,
                                            const std::string& path) {
  const auto found =
      std::find_if(file.tensors.begin(), file.tensors.end(),
                   [&](const Safetensors::Tensor& tensor) { return tensor.name == value.name; });
  if (found == file.tensors.end() || found->shape != value.shape)
    return absl::DataLossError(fmt::format("{}: the model's {} ({}) is not in it, or has another shape", path,
                                           value.name, ShapeText(value.shape)));
  return found->values;
}

// The file that the last step of a recipe was judged by; "" without a recipe.
std::string CompressedPath(const Home& home, const proto::RunSummary& run) {
  std::string path = home.run(run.run()) + "/model.edge";
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) ? path : std::string();
}

// The model that a run has trained, or compressed, with its values.
absl::StatusOr<Graph> TrainedModel(const Home& home, const proto::RunSummary& run) {
  if (const std::string path = CompressedPath(home, run); !path.empty()) {
    ASSIGN_OR_RETURN(ModelFile file, ReadModel(path));
    return std::move(file.graph);
  }
  ASSIGN_OR_RETURN(const std::string path, ParametersPath(home, run));
  ASSIGN_OR_RETURN(const Safetensors file, ReadSafetensors(path));
  SpecCheck check = CheckSpec(run.spec_json());
  RETURN_IF_ERROR(FaultsToStatus(check.faults));
  ASSIGN_OR_RETURN(const auto dataset, Registry::Global().Create<Dataset>("dataset", check.spec.dataset));
  ASSIGN_OR_RETURN(const DatasetInfo info, dataset->Probe(home.datasets()));
  ASSIGN_OR_RETURN(const auto model, Registry::Global().Create<Model>("model", check.spec.model));
  ASSIGN_OR_RETURN(Graph graph, model->Build(info.sample, info.classes));
  for (const ValueId id : graph.kept()) {
    ASSIGN_OR_RETURN(std::vector<float> values, ValuesOf(graph.value(id), file, path));
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
  }
  return graph;
}

absl::StatusOr<std::string> Onnx(const Home& home, const proto::RunSummary& run) {
  ASSIGN_OR_RETURN(const Graph graph, TrainedModel(home, run));
  return ToOnnx(graph, run.name());
}

absl::StatusOr<std::string> Edge(const Home& home, const proto::RunSummary& run) {
  ASSIGN_OR_RETURN(const Graph graph, TrainedModel(home, run));
  return WriteModel(graph, {{"name", run.name()}});
}

std::vector<std::pair<std::string, std::string>> SummaryForPeople(const proto::RunSummary& run) {
  std::vector<std::pair<std::string, std::string>> lines;
  const auto add = [&](const char* name, double value, const char* unit) {
    lines.emplace_back(name, QuantityText(value, unit));
  };
  // The first four are shown large.
  if (run.has_test()) add("Test accuracy", run.test_accuracy(), "");
  if (run.has_train_loss()) add("Training loss", run.train_loss(), "");
  add("Time", run.seconds(), "s");
  add("Sent", static_cast<double>(run.bytes_sent()), "B");
  if (run.has_test()) add("Test loss", run.test_loss(), "");
  lines.emplace_back("Steps", fmt::format("{} of {}", run.steps(), run.total_steps()));
  add("Epochs", run.epochs(), "");
  lines.emplace_back("Samples", fmt::format("{}", run.samples()));
  add("Rate", run.samples_per_second(), "samples/s");
  lines.emplace_back("Workers", fmt::format("{}", run.workers_size()));
  add("Received", static_cast<double>(run.bytes_received()), "B");
  add("Payload sent", static_cast<double>(run.payload_bytes_sent()), "B");
  lines.emplace_back("Messages sent", fmt::format("{}", run.messages_sent()));
  add("Compression ratio", run.compression_ratio(), "");
  add("Peak memory of a worker", static_cast<double>(run.peak_memory_bytes()), "B");
  lines.emplace_back("Parameters", fmt::format("{}", run.parameters()));
  if (!run.parameters_sha256().empty())
    lines.emplace_back("SHA-256 of the parameters", run.parameters_sha256());
  lines.emplace_back("Seed", fmt::format("{}", run.seed()));
  return lines;
}

// A file of this process alone: without a name, it is gone with the last who keeps it, whatever happens.
absl::StatusOr<std::vector<ExportedFile>> Archive(Store& store, const Home& home,
                                                  const proto::RunSummary& run) {
  ASSIGN_OR_RETURN(const int file, OpenNamelessFile(home.path()));
  const std::shared_ptr<const void> kept(nullptr, [file](const void*) { close(file); });
  RETURN_IF_ERROR(WriteRunArchive(store, home.run(run.run()), run, file));
  return std::vector<ExportedFile>{
      {.name = run.run() + ".concertina-run", .path = fmt::format("/proc/self/fd/{}", file), .kept = kept}};
}

absl::StatusOr<RunRecord> RecordOf(Store& store, const proto::RunSummary& run) {
  RunRecord record;
  record.id = run.run();
  record.name = run.name();
  record.state = RunStateName(run.state());
  record.error = run.error();
  record.spec_json = run.spec_json();
  record.started_unix_ms = run.started_unix_ms();
  record.summary = SummaryForPeople(run);
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(run.run()));
  for (const SeriesDescription& series : all) {
    if (series.rank != kWholeRun && run.workers_size() == 1) continue;  // the one worker's are the run's
    ASSIGN_OR_RETURN(
        const std::vector<SeriesPoint> points,
        store.ReadSeries(run.run(), series.name, series.rank, 0, std::numeric_limits<int64_t>::max(), 0));
    SeriesRecord& put = record.series.emplace_back();
    put.name = series.name;
    put.unit = series.unit;
    put.rank = series.rank;
    for (const SeriesPoint& point : points) {
      put.steps.push_back(static_cast<int64_t>(point.step));
      put.seconds.push_back(point.seconds);
      put.values.push_back(point.mean);
    }
  }
  ASSIGN_OR_RETURN(const std::vector<StoredEvent> events, store.Events(run.run()));
  for (const StoredEvent& event : events)
    record.events.push_back({event.step, event.seconds, event.kind, event.message});
  return record;
}

}  // namespace

std::vector<std::string> ExportFormats() {
  return {"csv", "json", "tensorboard", "safetensors", "onnx", "edge", "html", "run"};
}

absl::StatusOr<std::vector<ExportedFile>> ExportRun(Store& store, const Home& home,
                                                    const proto::RunSummary& run, const std::string& format) {
  if (format == "run") return Archive(store, home, run);
  if (format == "safetensors") {
    ASSIGN_OR_RETURN(std::string path, ParametersPath(home, run));
    return std::vector<ExportedFile>{{.name = "parameters.safetensors", .path = std::move(path)}};
  }
  if (format == "edge") {
    if (std::string path = CompressedPath(home, run); !path.empty())
      return std::vector<ExportedFile>{{.name = "model.edge", .path = std::move(path)}};
    ASSIGN_OR_RETURN(std::string bytes, Edge(home, run));
    return std::vector<ExportedFile>{{.name = "model.edge", .content = std::move(bytes)}};
  }
  if (format == "onnx") {
    ASSIGN_OR_RETURN(std::string bytes, Onnx(home, run));
    return std::vector<ExportedFile>{{.name = "model.onnx", .content = std::move(bytes)}};
  }
  const std::vector<std::string> formats = ExportFormats();
  if (std::find(formats.begin(), formats.end(), format) != formats.end()) {
    ASSIGN_OR_RETURN(const RunRecord record, RecordOf(store, run));
    if (format == "csv")
      return std::vector<ExportedFile>{{.name = "series.csv", .content = ExportCsv(record)}};
    if (format == "json")
      return std::vector<ExportedFile>{{.name = "run.json", .content = ExportJson(record)}};
    if (format == "html")
      return std::vector<ExportedFile>{{.name = "run.html", .content = ExportHtml(record)}};
    return std::vector<ExportedFile>{
        {.name = TensorboardFileName(record), .content = ExportTensorboard(record)}};
  }
  const std::string nearest = NearestName(format, formats);
  return absl::InvalidArgumentError(fmt::format(
      "runs are not exported to \"{}\"{}; formats are {}", format,
      nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest), fmt::join(formats, ", ")));
}

}  // namespace concertina
