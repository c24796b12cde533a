// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distill.cc: a model learns from another one's answers, besides the labels: soft answers say which wrong
// classes are nearly right. The teacher stands in the graph beside the student, its weights constants, and
// one loss compares them (graph/distillation_operator.cc); so it is trained by whatever exchange, codec and
// optimiser the experiment has, and no byte of the teacher is ever exchanged.
// On the way of the data: experiment/spec.h's recipe -> here -> worker/recipe_loop.cc trains what it made ->
// Finish, which leaves the student alone.
#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/first_values.h"
#include "core/compress/training_params.h"
#include "core/edge/read_graph.h"
#include "core/graph/beside.h"
#include "core/graph/executor.h"
#include "core/nn/model.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr char kTeacherPrefix[] = "teacher/";

struct DistillOptions {
  std::string teacher;  // a file; "": the model as it was when the recipe began
  std::optional<Params> student;
  bool anew = false;
  double temperature = 4, teacher_share = 0.9;
  std::string compares, student_layer, teacher_layer;
  double feature_weight = 1;
  double epochs = 1, learning_rate_factor = 1;
};

absl::StatusOr<ValueId> OutputOf(const Graph& graph, const std::string& layer, const char* whose) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) {
    if (node.name == layer) return node.output;
    names.push_back(node.name);
  }
  return absl::InvalidArgumentError(fmt::format("{}_layer: \"{}\" is no layer of the {}, which has {}", whose,
                                                layer, whose, fmt::join(names, ", ")));
}

class Distill final : public Compressor {
 public:
  explicit Distill(DistillOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    const Shape& sample = graph.value(graph.input()).shape;
    const int64_t classes = ElementCount(graph.value(graph.prediction()).shape);
    ASSIGN_OR_RETURN(const Graph teacher, TeacherOf(graph, context, sample, classes));
    ASSIGN_OR_RETURN(Graph student, StudentOf(graph, context, sample, classes));
    absl::StatusOr<std::vector<ValueId>> beside =
        PutBeside(student, teacher, GuestRole::kFrozen, kTeacherPrefix);
    if (!beside.ok()) return Annotate(beside.status(), "the teacher");
    std::vector<ValueId> compared = {student.prediction(), (*beside)[IndexOf(teacher.prediction())]};
    if (options_.compares != "logits") RETURN_IF_ERROR(AddFeatures(student, teacher, *beside, compared));
    ASSIGN_OR_RETURN(const ValueId loss,
                     student.AddNode(OpKind::kDistillation, "loss", std::move(compared),
                                     {.temperature = options_.temperature,
                                      .teacher_share = options_.teacher_share,
                                      .feature_weight = options_.feature_weight,
                                      .compares_attention = options_.compares == "attention"}));
    student.SetOutputs(student.prediction(), loss);
    // A regressor of features has no values yet.
    GiveFirstValues(student, context.seed + static_cast<uint64_t>(context.step_index) + 1);
    return student;
  }

  absl::StatusOr<Graph> Finish(const Graph& trained) const override {
    ASSIGN_OR_RETURN(Graph student, PredictionOf(trained));
    RETURN_IF_ERROR(AddCrossEntropy(student));
    return student;
  }
  bool trains_whole() const override { return true; }
  double retrain_epochs() const override { return options_.epochs; }
  double retrain_learning_rate_factor() const override { return options_.learning_rate_factor; }

 private:
  absl::StatusOr<Graph> TeacherOf(const Graph& graph, const CompressContext& context, const Shape& sample,
                                  int64_t classes) const {
    if (options_.teacher.empty()) return context.trained == nullptr ? graph : *context.trained;
    absl::StatusOr<Graph> teacher = ReadGraph(options_.teacher, sample, classes);
    if (!teacher.ok()) return Annotate(teacher.status(), "the teacher");
    return teacher;
  }

  // Without its loss, and with values.
  absl::StatusOr<Graph> StudentOf(const Graph& graph, const CompressContext& context, const Shape& sample,
                                  int64_t classes) const {
    if (!options_.student && !options_.anew) return PredictionOf(graph);
    Graph begun;
    if (options_.student) {
      ASSIGN_OR_RETURN(const auto model, Registry::Global().Create<Model>("model", *options_.student));
      absl::StatusOr<Graph> built = model->Build(sample, classes);
      if (!built.ok()) return Annotate(built.status(), "the student");
      begun = *std::move(built);
    } else {
      begun = graph;
      for (const ValueId id : begun.kept()) {
        Value& value = begun.mutable_value(id);
        if (value.hold != Hold::kNothing || value.quantization)
          return absl::InvalidArgumentError(fmt::format(
              "anew: \"{}\" was compressed already, and would not be after beginning again; begin "
              "again first, or leave anew out",
              value.name));
        value.given = nullptr;
      }
      GiveInitializers(begun);
    }
    GiveFirstValues(begun, context.seed + static_cast<uint64_t>(context.step_index) + 1);
    return PredictionOf(begun);
  }

  // The pair of features, the student's through a layer of its own where the shapes differ (which goes
  // again).
  absl::Status AddFeatures(Graph& student, const Graph& teacher, const std::vector<ValueId>& beside,
                           std::vector<ValueId>& compared) const {
    ASSIGN_OR_RETURN(ValueId own, OutputOf(student, options_.student_layer, "student"));
    ASSIGN_OR_RETURN(const ValueId of_teacher, OutputOf(teacher, options_.teacher_layer, "teacher"));
    const ValueId other = beside[IndexOf(of_teacher)];
    if (other < 0)
      return absl::InvalidArgumentError(
          fmt::format("teacher_layer: the teacher's answer does not depend on \"{}\"; name another",
                      options_.teacher_layer));
    const Shape have = student.value(own).shape, wanted = student.value(other).shape;
    if (options_.compares == "features" && have != wanted) {
      const bool images =
          have.size() == 3 && wanted.size() == 3 && have[1] == wanted[1] && have[2] == wanted[2];
      if (!images && !(have.size() == 1 && wanted.size() == 1))
        return absl::InvalidArgumentError(fmt::format(
            "student_layer: \"{}\" gives {}, and the teacher's \"{}\" {}: features compare between "
            "vectors, or images of one height and width",
            options_.student_layer, ShapeText(have), options_.teacher_layer, ShapeText(wanted)));
      const Shape shape = images ? Shape{wanted[0], have[0], 1, 1} : Shape{wanted[0], have[0]};
      const ValueId weight =
          student.AddParameter("regressor.weight", shape, Initializer::kKaimingUniform, have[0], wanted[0]);
      ASSIGN_OR_RETURN(own, student.AddNode(images ? OpKind::kConv2d : OpKind::kDense, "regressor",
                                            {own, weight}, {.kernel = images ? 1 : 0}));
    }
    compared.push_back(own);
    compared.push_back(other);
    return absl::OkStatus();
  }

  const DistillOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "distill",
         .title = "Learn from a teacher",
         .summary = "Trains a student on a larger model's answers besides the labels. The teacher is the "
                    "model as the "
                    "recipe found it, or a file of any run; the student goes on from what it is, begins "
                    "again, or is "
                    "another model.",
         .citation =
             "Hinton, Vinyals, Dean. Distilling the Knowledge in a Neural Network. 2015; Romero et al. "
             "FitNets. ICLR 2015; Zagoruyko, Komodakis. Paying More Attention to Attention. ICLR 2017; "
             "Furlanello et al. Born-Again Neural Networks. ICML 2018",
         .params =
             {EpochsParam(),
              {.name = "student",
               .type = ParamType::kComponent,
               .choices = {"model"},
               .doc = "The model that learns, with first values of its own. Left out: the model as it is.",
               .optional = true},
              {.name = "teacher",
               .type = ParamType::kPath,
               .default_value = "",
               .doc =
                   "The teacher: a run, as \"run:last\", or a file: .edge, .onnx, or .safetensors of a run. "
                   "Empty: the model as it was when the recipe began, so that what was compressed learns "
                   "from what it was."},
              {.name = "anew",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "The model forgets what it has learnt and begins with first values: with the empty "
                      "teacher "
                      "it learns from itself."},
              {.name = "temperature",
               .default_value = 4.0,
               .minimum = 0.01,
               .maximum = 1000,
               .doc =
                   "Divides the logits of both: the higher, the more the small probabilities of the teacher "
                   "count."},
              {.name = "teacher_share",
               .default_value = 0.9,
               .minimum = 0,
               .maximum = 1,
               .doc = "Of the loss; the labels have the rest."},
              {.name = "compares",
               .type = ParamType::kChoice,
               .default_value = "logits",
               .choices = {"logits", "features", "attention"},
               .doc = "Besides the answers: features of a layer of each, or where in the image a layer of "
                      "each is "
                      "most active."},
              {.name = "student_layer",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Of features and attention: the layer of the student."},
              {.name = "teacher_layer",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Of features and attention: the layer of the teacher."},
              {.name = "feature_weight",
               .default_value = 1.0,
               .minimum = 0,
               .maximum = 1e6,
               .doc = "Of the difference of features or attention in the loss."},
              LearningRateFactorParam(1.0)}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      DistillOptions options{.teacher = params.Text("teacher"),
                             .student = std::nullopt,
                             .anew = params.Boolean("anew"),
                             .temperature = params.Number("temperature"),
                             .teacher_share = params.Number("teacher_share"),
                             .compares = params.Text("compares"),
                             .student_layer = params.Text("student_layer"),
                             .teacher_layer = params.Text("teacher_layer"),
                             .feature_weight = params.Number("feature_weight"),
                             .epochs = params.Number("epochs"),
                             .learning_rate_factor = params.Number("learning_rate_factor")};
      if (params.Has("student")) options.student = params.Component("student");
      if (options.student && options.anew)
        return absl::InvalidArgumentError(
            "anew: a student of its own begins with first values anyway; leave one out");
      const bool compares_layers = options.compares != "logits";
      if (compares_layers && (options.student_layer.empty() || options.teacher_layer.empty()))
        return absl::InvalidArgumentError(
            fmt::format("compares \"{}\" needs student_layer and teacher_layer", options.compares));
      return std::make_unique<Distill>(std::move(options));
    });

}  // namespace
}  // namespace concertina
