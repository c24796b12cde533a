// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file_model.cc: the model "file": a graph with its values, as this program, or another, has written it.
// On the way of the data: a file of the user, or of a run -> here -> graph/executor.h, worker/recipe_loop.h.
#include <algorithm>
#include <set>

#include "core/base/registry.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_reader.h"
#include "core/edge/read_graph.h"
#include "core/edge/safetensors.h"
#include "core/nn/model.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Our own safetensors files name the model that they are of; of others' the user says it: a kind, or JSON.
Json ArchitectureOf(const Safetensors& file, const std::string& said) {
  if (!said.empty() && !said.starts_with('{')) return Json{{"kind", said}};
  const auto named = file.metadata.find("model");
  const std::string text = !said.empty() ? said : named == file.metadata.end() ? "" : named->second;
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json() : json;
}

// What PyTorch puts before all names of a model that was wrapped: to be trained on several devices, compiled,
// or within another.
void StripWrapping(std::vector<Safetensors::Tensor>& tensors) {
  for (bool is_stripped = true; is_stripped;) {
    is_stripped = false;
    for (const std::string_view prefix : {"module.", "_orig_mod.", "model."}) {
      const auto has = [&](const Safetensors::Tensor& tensor) { return tensor.name.starts_with(prefix); };
      if (tensors.empty() || !std::all_of(tensors.begin(), tensors.end(), has)) continue;
      for (Safetensors::Tensor& tensor : tensors) tensor.name.erase(0, prefix.size());
      is_stripped = true;
    }
  }
}

std::string SomeOf(const std::vector<Safetensors::Tensor>& tensors) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min<size_t>(tensors.size(), 8); ++i)
    names.push_back(fmt::format("{} ({})", Shortened(tensors[i].name), ShapeText(tensors[i].shape)));
  return fmt::format("{}{}", fmt::join(names, ", "), tensors.size() > 8 ? ", …" : "");
}

absl::StatusOr<Graph> GraphOfSafetensors(const std::string& path, const Shape& sample, int64_t classes,
                                         const std::string& architecture) {
  ASSIGN_OR_RETURN(Safetensors file, ReadSafetensors(path));
  std::vector<Fault> faults;
  const Params params =
      Registry::Global().Check("model", ArchitectureOf(file, architecture), "/model/architecture", faults);
  if (!faults.empty() && !architecture.empty()) return FaultsToStatus(faults);
  if (!faults.empty())
    return absl::InvalidArgumentError(fmt::format(
        "{}: does not say of which model its tensors are (its metadata has no \"model\" like {{\"kind\": "
        "\"lenet-5\"}}); set /model/architecture to the kind of the model, or give an ONNX or a .edge file, "
        "which have the layers too",
        path));
  ASSIGN_OR_RETURN(const auto model, Registry::Global().Create<Model>("model", params));
  ASSIGN_OR_RETURN(Graph graph, model->Build(sample, classes));
  if (!architecture.empty()) StripWrapping(file.tensors);
  std::set<std::string_view> taken;
  for (const ValueId id : graph.kept()) {
    const Value& value = graph.value(id);
    const auto found =
        std::find_if(file.tensors.begin(), file.tensors.end(),
                     [&](const Safetensors::Tensor& tensor) { return tensor.name == value.name; });
    if (found == file.tensors.end())
      return absl::InvalidArgumentError(fmt::format(
          "{}: the model's {} ({}) is not in it, which has {}; name its tensors as the model does", path,
          value.name, ShapeText(value.shape), SomeOf(file.tensors)));
    if (found->shape != value.shape)
      return absl::InvalidArgumentError(fmt::format("{}: its {} is {}, and the model's {}", path, value.name,
                                                    ShapeText(found->shape), ShapeText(value.shape)));
    taken.insert(found->name);
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(found->values);
  }
  // A larger model of like names would be read in part.
  for (const Safetensors::Tensor& tensor : file.tensors)
    if (!architecture.empty() && !taken.contains(tensor.name))
      return absl::InvalidArgumentError(
          fmt::format("{}: its {} ({}) is nothing of the model {}, so it is another's", path,
                      Shortened(tensor.name), ShapeText(tensor.shape), params.kind()));
  return graph;
}

class FileModel final : public Model {
 public:
  FileModel(std::string path, std::string architecture)
      : path_(std::move(path)), architecture_(std::move(architecture)) {}

  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    return ReadGraph(path_, sample, classes, architecture_);
  }

 private:
  const std::string path_, architecture_;
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
         .params =
             {{.name = "path", .type = ParamType::kPath, .doc = "The file. It is read, and never changed."},
              {.name = "architecture",
               .type = ParamType::kText,
               .doc =
                   "Of .safetensors that another program wrote: the model whose tensors they are, under the "
                   "same names: its kind, such as `lenet-5`, or JSON like `{\"kind\": \"mlp\", \"hidden\": "
                   "[64]}`.",
               .optional = true}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<FileModel>(params.Text("path"),
                                         params.Has("architecture") ? params.Text("architecture") : "");
    });

}  // namespace

absl::StatusOr<Graph> ReadGraph(const std::string& path, const Shape& sample, int64_t classes,
                                const std::string& architecture) {
  Graph graph;
  for (const char* ending : {".pt", ".pth", ".ckpt", ".h5", ".keras", ".pb", ".tflite", ".pkl"})
    if (path.ends_with(ending))
      return absl::InvalidArgumentError(
          fmt::format("{}: found a file of the kind {}, expected .onnx, .safetensors or .edge; export the "
                      "model as ONNX, or save "
                      "its tensors as safetensors",
                      path, ending));
  if (path.ends_with(".onnx")) {
    ASSIGN_OR_RETURN(graph, ReadOnnx(path));
  } else if (path.ends_with(".safetensors")) {
    ASSIGN_OR_RETURN(graph, GraphOfSafetensors(path, sample, classes, architecture));
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
