// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file_model.cc: the model "file": a graph with its values, as this program, or another, has written it.
// On the way of the data: a file of the user, or of a run -> here -> graph/executor.h, worker/recipe_loop.h.
#include <algorithm>

#include "core/base/registry.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_reader.h"
#include "core/edge/read_graph.h"
#include "core/edge/safetensors.h"
#include "core/nn/model.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Our own safetensors files name the model that they are of.
absl::StatusOr<Graph> GraphOfSafetensors(const std::string& path, const Shape& sample, int64_t classes) {
  ASSIGN_OR_RETURN(const Safetensors file, ReadSafetensors(path));
  const auto named = file.metadata.find("model");
  const Json component = named == file.metadata.end() ? Json() : Json::parse(named->second, nullptr, false);
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", component, "", faults);
  if (!faults.empty())
    return absl::InvalidArgumentError(fmt::format(
        "{}: does not say of which model its tensors are (its metadata has no \"model\" like {{\"kind\": "
        "\"lenet-5\"}}); give an ONNX or a .edge file, which have the layers too",
        path));
  ASSIGN_OR_RETURN(const auto model, Registry::Global().Create<Model>("model", params));
  ASSIGN_OR_RETURN(Graph graph, model->Build(sample, classes));
  for (const ValueId id : graph.kept()) {
    const Value& value = graph.value(id);
    const auto found =
        std::find_if(file.tensors.begin(), file.tensors.end(),
                     [&](const Safetensors::Tensor& tensor) { return tensor.name == value.name; });
    if (found == file.tensors.end() || found->shape != value.shape)
      return absl::InvalidArgumentError(
          fmt::format("{}: the model's {} ({}) is not in it, or has another shape", path, value.name,
                      ShapeText(value.shape)));
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(found->values);
  }
  return graph;
}

class FileModel final : public Model {
 public:
  explicit FileModel(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    return ReadGraph(path_, sample, classes);
  }

 private:
  const std::string path_;
};

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "file",
         .title = "A model from a file",
         .summary =
             "Layers and values as a file has them: .edge (this program's), .onnx, or .safetensors of a "
             "run.",
         .params = {{.name = "path",
                     .type = ParamType::kPath,
                     .doc = "The file. It is read, and never changed."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<FileModel>(params.Text("path"));
    });

}  // namespace

absl::StatusOr<Graph> ReadGraph(const std::string& path, const Shape& sample, int64_t classes) {
  Graph graph;
  if (path.ends_with(".onnx")) {
    ASSIGN_OR_RETURN(graph, ReadOnnx(path));
  } else if (path.ends_with(".safetensors")) {
    ASSIGN_OR_RETURN(graph, GraphOfSafetensors(path, sample, classes));
  } else {
    ASSIGN_OR_RETURN(ModelFile file, ReadModel(path));
    graph = std::move(file.graph);
  }
  const Shape& found = graph.value(graph.input()).shape;
  if (found != sample)
    return absl::InvalidArgumentError(fmt::format("{}: takes samples of {}, and the dataset has {}", path,
                                                  ShapeText(found), ShapeText(sample)));
  const int64_t outputs = ElementCount(graph.value(graph.prediction()).shape);
  if (outputs != classes)
    return absl::InvalidArgumentError(
        fmt::format("{}: tells {} classes apart, and the dataset has {}", path, outputs, classes));
  return graph;
}

}  // namespace concertina
