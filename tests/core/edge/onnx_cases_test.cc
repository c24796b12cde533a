// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_cases_test.cc: ONNX's own cases (libonnx-testdata: models with inputs and outputs) of every operator
// that we have are read and give ONNX's numbers; those that are refused are listed here, with what is said
// and why.
//
// The cases give all as inputs, parameters too. So the first stays the input, with the batch open, and the
// others become initialisers; the model runs sample by sample. Our models answer with a vector: a Flatten
// follows what is an image, and a DequantizeLinear what is whole numbers.
#include <QDir>
#include <QTest>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/edge/onnx_reader.h"
#include "core/edge/runtime.h"
#include "tests/test_program.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

namespace concertina::onnx_cases_test {
namespace {

constexpr char kFolder[] = "/usr/share/libonnx-testdata/data/";

const std::set<std::string> kOperators = {"Add",
                                          "AveragePool",
                                          "BatchNormalization",
                                          "Constant",
                                          "Conv",
                                          "DequantizeLinear",
                                          "Div",
                                          "Dropout",
                                          "Erf",
                                          "Flatten",
                                          "Gelu",
                                          "Gemm",
                                          "GlobalAveragePool",
                                          "Identity",
                                          "LogSoftmax",
                                          "MatMul",
                                          "MaxPool",
                                          "Mul",
                                          "QuantizeLinear",
                                          "Relu",
                                          "Reshape",
                                          "Sigmoid",
                                          "Softmax",
                                          "Squeeze",
                                          "Tanh"};

template <class Message>
std::optional<Message> Read(const QString& path) {
  QFile file(path);
  Message message;
  if (!file.open(QIODevice::ReadOnly) || !message.ParseFromString(file.readAll().toStdString()))
    return std::nullopt;
  return message;
}

// "group/test_name", of all whose operators we have.
std::vector<QString> Cases() {
  std::vector<QString> cases;
  for (const QString group : {"node", "pytorch-converted", "pytorch-operator", "simple"})
    for (const QString& name :
         QDir(kFolder + group).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
      const auto model = Read<onnx::ModelProto>(kFolder + group + "/" + name + "/model.onnx");
      if (!model) qFatal("%s cannot be read", qPrintable(name));
      const auto& nodes = model->graph().node();
      if (!nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [](const onnx::NodeProto& node) {
            return node.domain().empty() && kOperators.contains(node.op_type());
          }))
        cases.push_back(group + "/" + name);
    }
  return cases;
}

struct Stored {
  Shape shape;
  int type = onnx::TensorProto::FLOAT;
  std::vector<float> values;
};

template <class T>
std::vector<float> FromRaw(const std::string& raw) {
  std::vector<T> elements(raw.size() / sizeof(T));
  std::memcpy(elements.data(), raw.data(), elements.size() * sizeof(T));
  return {elements.begin(), elements.end()};
}

std::optional<Stored> ValuesOf(const onnx::TensorProto& tensor) {
  Stored stored = {.shape = {tensor.dims().begin(), tensor.dims().end()}, .type = tensor.data_type()};
  const bool is_raw = tensor.has_raw_data();
  if (stored.type == onnx::TensorProto::FLOAT)
    stored.values = is_raw ? FromRaw<float>(tensor.raw_data())
                           : std::vector<float>(tensor.float_data().begin(), tensor.float_data().end());
  else if (stored.type == onnx::TensorProto::UINT8)
    stored.values = is_raw ? FromRaw<uint8_t>(tensor.raw_data())
                           : std::vector<float>(tensor.int32_data().begin(), tensor.int32_data().end());
  else
    return std::nullopt;
  return stored;
}

struct OnnxCase {
  onnx::ModelProto model;                 // as our reader takes it
  std::vector<onnx::TensorProto> inputs;  // as they are stored
  std::optional<onnx::TensorProto> output;
  std::string softmax;  // the operator at the end, which our prediction comes before
};

// A shape that begins with the extent of the batch: as it comes, 0.
void OpenTheBatch(const onnx::TensorProto& input, onnx::TensorProto& shape) {
  std::string& raw = *shape.mutable_raw_data();
  int64_t first = 0;
  if (raw.size() < sizeof(first)) return;
  std::memcpy(&first, raw.data(), sizeof(first));
  if (first == input.dims(0)) std::fill_n(raw.begin(), sizeof(first), '\0');
}

OnnxCase Load(const QString& name) {
  const QString folder = kFolder + name;
  OnnxCase it = {.model = *Read<onnx::ModelProto>(folder + "/model.onnx")};
  for (int i = 0; QFile::exists(folder + QString("/test_data_set_0/input_%1.pb").arg(i)); ++i) {
    auto tensor = Read<onnx::TensorProto>(folder + QString("/test_data_set_0/input_%1.pb").arg(i));
    it.inputs.push_back(tensor ? *tensor : onnx::TensorProto());
  }
  it.output = Read<onnx::TensorProto>(folder + "/test_data_set_0/output_0.pb");
  onnx::GraphProto& graph = *it.model.mutable_graph();
  std::set<std::string> known;
  for (const onnx::TensorProto& tensor : graph.initializer()) known.insert(tensor.name());
  size_t next = 0;
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> inputs;
  inputs.Swap(graph.mutable_input());
  for (onnx::ValueInfoProto& input : inputs) {
    if (known.contains(input.name()) || next >= it.inputs.size()) continue;
    if (next == 0) {
      auto* const shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
      if (shape->dim_size() > 0) shape->mutable_dim(0)->set_dim_param("batch");
      if (shape->dim_size() == 1) shape->add_dim()->set_dim_value(1);
      *graph.add_input() = input;
    } else {
      onnx::TensorProto& tensor = *graph.add_initializer() = it.inputs[next];
      tensor.set_name(input.name());
      if (graph.node(0).op_type() == "Reshape") OpenTheBatch(it.inputs[0], tensor);
    }
    ++next;
  }
  // A model has a layer: one that does nothing.
  if (graph.input_size() == 1 && graph.node_size() == 1 &&
      std::set<std::string>{"Identity", "LogSoftmax", "QuantizeLinear", "Softmax"}.contains(
          graph.node(0).op_type())) {
    onnx::NodeProto nothing;
    nothing.set_op_type("Dropout");
    nothing.add_input(graph.input(0).name());
    nothing.add_output("after_nothing");
    graph.mutable_node(0)->set_input(0, "after_nothing");
    *graph.add_node() = graph.node(0);
    *graph.mutable_node(0) = nothing;
  }
  // First outputs alone: what is behind them is for training.
  const onnx::NodeProto& last = graph.node(graph.node_size() - 1);
  std::string name_of_output = last.output(0);
  if (last.op_type() == "Softmax" || last.op_type() == "LogSoftmax") it.softmax = last.op_type();
  const auto add = [&](const char* op_type, const std::vector<std::string>& reads) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(op_type);
    for (const std::string& input : reads) node.add_input(input);
    name_of_output = "after_" + name_of_output;
    node.add_output(name_of_output);
  };
  if (last.op_type() == "QuantizeLinear")
    add("DequantizeLinear", {name_of_output, last.input(1), last.input(2)});
  if (it.output && it.output->dims_size() > 2 && it.softmax.empty()) add("Flatten", {name_of_output});
  graph.clear_output();
  graph.add_output()->set_name(name_of_output);
  return it;
}

struct Refusal {
  const char* said;  // a part of the message: the operator or the attribute
  const char* why;   // what we have instead
  std::vector<const char*> cases;
};
const std::vector<Refusal> kRefusals = {
    {"its elements are uint8",
     "an input is floats",
     {"node/test_add_uint8", "node/test_dequantizelinear", "node/test_dequantizelinear_axis",
      "node/test_div_uint8", "node/test_maxpool_2d_uint8", "node/test_mul_uint8"}},
    {"its elements are double",
     "an input is floats",
     {"pytorch-operator/test_operator_add_broadcast", "pytorch-operator/test_operator_add_size1_broadcast",
      "pytorch-operator/test_operator_add_size1_right_broadcast",
      "pytorch-operator/test_operator_add_size1_singleton_broadcast",
      "pytorch-operator/test_operator_addconstant"}},
    {"its elements are int64", "an input is floats", {"pytorch-operator/test_operator_non_float_params"}},
    {"its elements are undefined",
     "an input is a tensor",
     {"node/test_identity_opt", "node/test_identity_sequence"}},
    {"(Add): adds the constant",
     "what is added is an activation: a model has one input",
     {"node/test_add", "node/test_add_bcast"}},
    {"(Div): is taken only as a part of GELU",
     "no layer of ours divides",
     {"node/test_div", "node/test_div_bcast", "node/test_div_example"}},
    {"(Mul): is taken only as a part of GELU",
     "no layer of ours multiplies two activations",
     {"node/test_mul", "node/test_mul_bcast", "node/test_mul_example"}},
    {"(Erf): is taken only as a part of GELU", "no layer of ours is erf alone", {"node/test_erf"}},
    {"its ceil_mode is 1",
     "a window that is not whole",
     {"node/test_averagepool_2d_ceil", "node/test_maxpool_2d_ceil"}},
    {"its count_include_pad is 0",
     "our mean counts the padding",
     {"node/test_averagepool_2d_pads", "node/test_averagepool_2d_precomputed_pads",
      "node/test_averagepool_2d_precomputed_same_upper"}},
    {"its padding is 2",
     "more than half of the window is padding",
     {"node/test_averagepool_2d_pads_count_include_pad", "node/test_maxpool_2d_pads"}},
    {"its padding (SAME_LOWER)",
     "more on one side than on the other",
     {"node/test_averagepool_2d_same_lower", "node/test_maxpool_2d_same_lower"}},
    {"its padding (SAME_UPPER)",
     "more on one side than on the other",
     {"node/test_averagepool_2d_same_upper", "node/test_maxpool_2d_same_upper"}},
    {"its padding is 1, 0, 1, 0",
     "more on one side than on the other",
     {"node/test_conv_with_strides_and_asymmetric_padding"}},
    {"its dilations are 2, 2",
     "windows without gaps",
     {"node/test_maxpool_2d_dilations", "pytorch-converted/test_Conv2d_dilated"}},
    {"its group is",
     "every input channel for every output",
     {"pytorch-converted/test_Conv1d_groups", "pytorch-converted/test_Conv2d_depthwise",
      "pytorch-converted/test_Conv2d_depthwise_padded", "pytorch-converted/test_Conv2d_depthwise_strided",
      "pytorch-converted/test_Conv2d_depthwise_with_multiplier", "pytorch-converted/test_Conv2d_groups",
      "pytorch-converted/test_Conv2d_groups_thnn", "pytorch-converted/test_Conv3d_groups"}},
    {"its kernel_shape is 60, 80",
     "square windows",
     {"pytorch-converted/test_MaxPool2d_stride_padding_dilation"}},
    {"(BatchNormalization): its training_mode is 1",
     "a model is evaluated",
     {"node/test_batchnorm_epsilon_training_mode", "node/test_batchnorm_example_training_mode"}},
    {"(Dropout): its training_mode is on",
     "a model is evaluated",
     {"node/test_training_dropout", "node/test_training_dropout_default",
      "node/test_training_dropout_default_mask", "node/test_training_dropout_mask"}},
    {"found no input", "a model has one", {"node/test_constant"}},
    {"(Flatten): its axis is",
     "the first dimension is the batch",
     {"node/test_flatten_axis0", "node/test_flatten_axis2", "node/test_flatten_axis3",
      "node/test_flatten_negative_axis1", "node/test_flatten_negative_axis2",
      "node/test_flatten_negative_axis4"}},
    {"its transA is 1",
     "the first dimension is the batch",
     {"node/test_gemm_all_attributes", "node/test_gemm_transposeA"}},
    {"its bias \"c\" is 3x4", "a bias for each sample of a batch", {"node/test_gemm_default_matrix_bias"}},
    {"(Gemm): its input 2, \"3\", depends",
     "a parameter is a constant",
     {"pytorch-operator/test_operator_addmm"}},
    {"(LogSoftmax): its axis is",
     "classes are the one dimension behind the batch",
     {"node/test_logsoftmax_axis_0", "node/test_logsoftmax_axis_2", "node/test_logsoftmax_default_axis",
      "node/test_logsoftmax_negative_axis", "pytorch-converted/test_log_softmax_dim3"}},
    {"(Softmax): its axis is",
     "classes are the one dimension behind the batch",
     {"node/test_softmax_axis_0", "node/test_softmax_axis_2", "node/test_softmax_default_axis",
      "node/test_softmax_negative_axis", "pytorch-converted/test_softmax_functional_dim3"}},
    {"the prediction is 4x5",
     "classes are the one dimension behind the batch",
     {"node/test_logsoftmax_axis_1", "node/test_softmax_axis_1"}},
    {"(MatMul): its weight \"b\" is",
     "another matrix for each sample",
     {"node/test_matmul_3d", "node/test_matmul_4d"}},
    {"(QuantizeLinear): has 3 scales", "an activation has one scale", {"node/test_quantizelinear_axis"}},
    {"its allowzero is 1", "nothing has no elements", {"node/test_reshape_allowzero_reordered"}},
    {"(Reshape): its shape is",
     "the first dimension is the batch",
     {"node/test_reshape_negative_extended_dims", "node/test_reshape_one_dim",
      "node/test_reshape_reordered_all_dims"}},
    {"(Squeeze): takes the axes",
     "only a pooled image loses dimensions",
     {"node/test_squeeze", "node/test_squeeze_negative_axes"}},
    {"expected an image of channels x height x width",
     "of one dimension, or three",
     {"node/test_averagepool_1d_default",
      "node/test_averagepool_3d_default",
      "node/test_maxpool_1d_default",
      "node/test_maxpool_3d_default",
      "pytorch-converted/test_AvgPool3d",
      "pytorch-converted/test_AvgPool3d_stride",
      "pytorch-converted/test_AvgPool3d_stride1_pad0_gpu_input",
      "pytorch-converted/test_Conv1d",
      "pytorch-converted/test_Conv1d_dilated",
      "pytorch-converted/test_Conv1d_pad1",
      "pytorch-converted/test_Conv1d_pad1size1",
      "pytorch-converted/test_Conv1d_pad2",
      "pytorch-converted/test_Conv1d_pad2size1",
      "pytorch-converted/test_Conv1d_stride",
      "pytorch-converted/test_Conv3d",
      "pytorch-converted/test_Conv3d_dilated",
      "pytorch-converted/test_Conv3d_dilated_strided",
      "pytorch-converted/test_Conv3d_no_bias",
      "pytorch-converted/test_Conv3d_stride",
      "pytorch-converted/test_Conv3d_stride_padding",
      "pytorch-converted/test_MaxPool1d",
      "pytorch-converted/test_MaxPool1d_stride",
      "pytorch-converted/test_MaxPool1d_stride_padding_dilation",
      "pytorch-converted/test_MaxPool3d",
      "pytorch-converted/test_MaxPool3d_stride",
      "pytorch-converted/test_MaxPool3d_stride_padding",
      "pytorch-operator/test_operator_maxpool"}},
    {"(BatchNormalization): layer \"5\" (batch-norm): the input is",
     "of one dimension, or three",
     {"pytorch-converted/test_BatchNorm1d_3d_input_eval", "pytorch-converted/test_BatchNorm3d_eval",
      "pytorch-converted/test_BatchNorm3d_momentum_eval"}},
};
const Refusal* RefusalOf(const QString& name) {
  for (const Refusal& refusal : kRefusals)
    for (const char* each : refusal.cases)
      if (name == each) return &refusal;
  return nullptr;
}

std::vector<double> Softmax(std::span<const float> logits, bool is_log) {
  const double most = double{*std::max_element(logits.begin(), logits.end())};
  double sum = 0;
  for (const float x : logits) sum += std::exp(double{x} - most);
  std::vector<double> values;
  for (const float x : logits)
    values.push_back(is_log ? double{x} - most - std::log(sum) : std::exp(double{x} - most) / sum);
  return values;
}

}  // namespace

class OnnxCasesTest : public QObject {
  Q_OBJECT

  std::vector<QString> cases_;

 private slots:
  void initTestCase() {
    if (!QDir(kFolder).exists()) QSKIP("libonnx-testdata is not installed; packaging/setup installs it");
    cases_ = Cases();
    // Those of libonnx-testdata 1.12: a case that is not looked at would pass.
    QCOMPARE(cases_.size(), size_t{193});
  }

  void theyGiveTheNumbersOfOnnx_data() {
    QTest::addColumn<QString>("name");
    for (const QString& name : cases_)
      if (RefusalOf(name) == nullptr) QTest::newRow(qPrintable(name)) << name;
  }
  void theyGiveTheNumbersOfOnnx() {
    QFETCH(QString, name);
    const OnnxCase it = Load(name);
    const std::string bytes = it.model.SerializeAsString();
    const auto graph = FromOnnx(name.toStdString(), std::as_bytes(std::span(bytes)));
    QVERIFY2(graph.ok(), std::string(graph.status().message()).c_str());
    const auto model = EdgeModel::Create(*graph);
    QVERIFY2(model.ok(), std::string(model.status().message()).c_str());
    QVERIFY(it.output && !it.inputs.empty());
    const auto input = ValuesOf(it.inputs[0]), wanted = ValuesOf(*it.output);
    QVERIFY(input && wanted);
    const auto elements = static_cast<size_t>(ElementCount((*model)->sample()));
    QCOMPARE(input->values.size() % elements, size_t{0});
    std::vector<double> found;
    for (size_t at = 0; at < input->values.size(); at += elements) {
      const auto y = (*model)->Run(std::span(input->values).subspan(at, elements));
      if (it.softmax.empty()) {
        found.insert(found.end(), y.begin(), y.end());
      } else {
        const std::vector<double> values = Softmax(y, it.softmax == "LogSoftmax");
        found.insert(found.end(), values.begin(), values.end());
      }
    }
    QCOMPARE(found.size(), wanted->values.size());
    double scale = 1, zero = 0;
    if (wanted->type == onnx::TensorProto::UINT8) {
      scale = double{ValuesOf(it.inputs[1])->values[0]};
      zero = double{ValuesOf(it.inputs[2])->values[0]};
    }
    for (size_t i = 0; i < found.size(); ++i) {
      const double expected = scale * (double{wanted->values[i]} - zero);
      QVERIFY2(std::abs(found[i] - expected) <= 1e-5 * std::max(1.0, std::abs(expected)),
               qPrintable(QString("element %1: %2, expected %3").arg(i).arg(found[i]).arg(expected)));
    }
  }

  void whatWeHaveNotIsRefused_data() {
    QTest::addColumn<QString>("name");
    for (const Refusal& refusal : kRefusals)
      for (const char* name : refusal.cases) QTest::newRow(name) << QString(name);
  }
  void whatWeHaveNotIsRefused() {
    QFETCH(QString, name);
    QVERIFY2(std::find(cases_.begin(), cases_.end(), name) != cases_.end(), "there is no such case");
    const std::string bytes = Load(name).model.SerializeAsString();
    const auto graph = FromOnnx(name.toStdString(), std::as_bytes(std::span(bytes)));
    QCOMPARE(graph.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(graph.status().message().find(RefusalOf(name)->said) != std::string_view::npos,
             std::string(graph.status().message()).c_str());
  }
};
CONCERTINA_TEST(OnnxCasesTest)

}  // namespace concertina::onnx_cases_test

#include "onnx_cases_test.moc"
