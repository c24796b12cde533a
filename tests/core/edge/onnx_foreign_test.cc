// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_foreign_test.cc: other programs' ways of writing what we write are understood.
#include <QTest>
#include <cmath>

#include "core/edge/onnx_reader.h"
#include "core/edge/onnx_writer.h"
#include "tests/core/edge/onnx_files.h"
#include "tests/test_program.h"

namespace concertina::onnx_foreign_test {
namespace {

using namespace onnx_files;

}  // namespace

class OnnxForeignTest : public QObject {
  Q_OBJECT

 private slots:
  void otherWaysOfWritingAreUnderstood_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("kinds");
    const auto row = [](const char* name, const OnnxFile& file, const char* kinds, int64_t opset = 13) {
      QTest::newRow(name) << file.Bytes(opset) << QString(kinds) + " softmax-cross-entropy";
    };
    const auto number = [](const char* name, int64_t value) { return OnnxFile::Number(name, value); };
    const auto numbers = OnnxFile::Numbers;
    row("MatMul, then Add",
        Layer().Constant("b", {2}, Floats{7, 8}).Node("MatMul", {"x", "w"}, "m").Node("Add", {"m", "b"}, "y"),
        "dense");
    row("MatMul, then Add, by an axis",
        Layer()
            .Constant("b", {2}, Floats{7, 8})
            .Node("MatMul", {"x", "w"}, "m")
            .Node("Add", {"m", "b"}, "y", {number("broadcast", 1), number("axis", 1)}),
        "dense", 6);
    row("one number for all outputs", Layer().Constant("b", {}, Floats{7}).Node("Gemm", {"x", "w", "b"}, "y"),
        "dense");
    row("dropout that says it is off",
        Layer()
            .Constant("r", {}, Floats{0.5F})
            .Part(5, OnnxFile::Tensor("t", {}, 9, std::vector<uint8_t>{0}))
            .Node("Dropout", {"x", "r", "t"}, "d")
            .Node("Gemm", {"d", "w"}, "y"),
        "dropout dense");
    row("the bias first",
        Layer()
            .Constant("b", {1, 2}, Floats{7, 8})
            .Node("MatMul", {"x", "w"}, "m")
            .Node("Add", {"b", "m"}, "y"),
        "dense");
    row("MatMul alone", Layer().Node("MatMul", {"x", "w"}, "y"), "dense");
    row("a product read twice",
        Layer().Node("MatMul", {"x", "w"}, "m").Node("Relu", {"m"}, "r").Node("Add", {"m", "r"}, "y"),
        "dense relu add");
    row("Gemm, inputs first", Layer().Node("Gemm", {"x", "w", ""}, "y"), "dense");
    row("a softmax at the end", Layer().Node("Gemm", {"x", "w"}, "l").Node("Softmax", {"l"}, "y"), "dense");
    row("its logarithm",
        Layer()
            .Node("Gemm", {"x", "w"}, "l")
            .Node("Identity", {"l"}, "i")
            .Node("LogSoftmax", {"i"}, "j", {number("axis", 1)})
            .Node("Identity", {"j"}, "y"),
        "dense");
    row("a softmax beside it",
        Layer().Output("p").Node("Gemm", {"x", "w"}, "y").Node("Softmax", {"y"}, "p", {number("axis", -1)}),
        "dense");
    row("what nobody needs", Layer().Node("Gemm", {"x", "w"}, "y").Node("Shape", {"y"}, "s"), "dense");
    row("initialisers among the inputs", Layer().Input("w", {"3", "2"}).Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("a batch of one",
        OnnxFile()
            .Output("y")
            .Input("x", {"1", "3"})
            .Constant("w", {3, 2}, Some(6))
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("an open batch",
        OnnxFile()
            .Output("y")
            .Input("x", {"", "3"})
            .Constant("w", {3, 2}, Some(6))
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    row("a constant node",
        Vector()
            .Node("Constant", {}, "w", {OnnxFile::Of("value", OnnxFile::Tensor("", {3, 2}, 1, Some(6)))})
            .Node("Gemm", {"x", "w"}, "y"),
        "dense");
    const auto gelu = [] {
      return Vector()
          .Constant("r", {}, Floats{std::sqrt(2.0F)})
          .Constant("h", {1}, Floats{0.5F})
          .Constant("1", {}, Floats{1})
          .Node("Div", {"x", "r"}, "a")
          .Node("Erf", {"a"}, "b")
          .Node("Add", {"b", "1"}, "c");
    };
    row("PyTorch's GELU", gelu().Node("Mul", {"x", "c"}, "d").Node("Mul", {"d", "h"}, "y"), "gelu");
    row("GELU with the half first", gelu().Node("Mul", {"h", "x"}, "d").Node("Mul", {"c", "d"}, "y"), "gelu");
    row("GELU by name", Vector().Node("Gelu", {"x"}, "y"), "gelu", 20);
    row("dropout", Layer().Node("Dropout", {"x"}, "d").Node("Gemm", {"d", "w"}, "y"), "dropout dense", 10);
    const auto pooled = [] { return Image().Node("GlobalAveragePool", {"x"}, "g"); };
    row("global pool and Squeeze", pooled().Node("Squeeze", {"g"}, "y", {numbers("axes", {-1, 2})}),
        "global-average-pool", 11);
    row("global pool and Squeeze of 13",
        pooled().Constant("a", {2}, std::vector<int64_t>{2, 3}).Node("Squeeze", {"g", "a"}, "y"),
        "global-average-pool");
    row("global pool and Reshape",
        pooled().Constant("s", {2}, std::vector<int64_t>{-1, 2}).Node("Reshape", {"g", "s"}, "y"),
        "global-average-pool");
    row("global pool, ReLU and Flatten",
        pooled().Node("Relu", {"g"}, "r").Node("Flatten", {"r"}, "y", {number("axis", -3)}),
        "global-average-pool relu");
    row("global pool and a convolution",
        pooled()
            .Constant("w", {3, 2, 1, 1}, Some(6))
            .Node("Conv", {"g", "w"}, "c")
            .Node("Flatten", {"c"}, "y"),
        "global-average-pool reshape conv2d reshape");
    row("global pool at the end", pooled().Node("Softmax", {"g"}, "y", {number("axis", 1)}),
        "global-average-pool");
    row("a reshape of three kinds",
        Image()
            .Constant("s", {3}, std::vector<int64_t>{1, 0, -1})
            .Node("Reshape", {"x", "s"}, "r")
            .Node("Flatten", {"r"}, "y"),
        "reshape reshape");
    row("padding SAME", Convolution({OnnxFile::Text("auto_pad", "SAME_UPPER")}), "conv2d reshape");
    row("padding VALID", Convolution({OnnxFile::Text("auto_pad", "VALID")}), "conv2d reshape");
    row("ceil_mode without a rest",
        Image()
            .Node("MaxPool", {"x"}, "p",
                  {numbers("kernel_shape", {2, 2}), numbers("strides", {2, 2}), number("ceil_mode", 1)})
            .Node("Flatten", {"p"}, "y"),
        "max-pool2d reshape");
    row("a mean without padding",
        Image()
            .Node("AveragePool", {"x"}, "p", {numbers("kernel_shape", {2, 2})})
            .Node("Flatten", {"p"}, "y"),
        "average-pool2d reshape");
  }
  void otherWaysOfWritingAreUnderstood() {
    QFETCH(std::string, file);
    QFETCH(QString, kinds);
    const auto read = Read(file);
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(KindsOf(*read), kinds);
    QVERIFY(ToOnnx(*read, "again").ok());  // all values are given
  }

  void weightsAreTurnedAndScaled() {
    const auto read = Read(Layer()
                               .Constant("b", {2}, Floats{7, 8})
                               .Node("Gemm", {"x", "w", "b"}, "y",
                                     {OnnxFile::Number("alpha", 2.0F), OnnxFile::Number("beta", 0.5F)})
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(Named(*read, "w")->shape, (Shape{2, 3}));
    QCOMPARE(*Named(*read, "w")->given, (Floats{2, 6, 10, 4, 8, 12}));
    QCOMPARE(*Named(*read, "b")->given, (Floats{3.5F, 4}));
  }

  void paddingSameIsHalfOnEachSide() {
    const auto read = Read(Convolution({OnnxFile::Text("auto_pad", "SAME_LOWER")}).Bytes());
    QVERIFY(read.ok());
    QCOMPARE(read->nodes()[0].attributes.padding, 1);
    QCOMPARE(read->value(read->nodes()[0].output).shape, (Shape{1, 4, 4}));
  }

  void elementsAreReadOneByOne() {  // float_data and int32_data, packed and not
    ProtobufWriter floats, codes;
    floats.Integer(1, 3);
    floats.Integer(1, 2);
    floats.Integer(2, 1);
    floats.Bytes(8, "w");
    const Floats first = {1, 2, 3, 4};
    floats.Bytes(4, {reinterpret_cast<const char*>(first.data()), 16});
    floats.Float(4, 5);
    floats.Float(4, 6);
    codes.Integer(1, 2);
    codes.Integer(2, 3);
    codes.Bytes(8, "b_quantized");
    codes.Integer(5, -3);
    codes.Bytes(5, "\x7f");
    const auto read = Read(Vector()
                               .Part(5, floats)
                               .Part(5, codes)
                               .Constant("s", {}, Floats{0.5F})
                               .Node("DequantizeLinear", {"b_quantized", "s"}, "b")
                               .Node("Gemm", {"x", "w", "b"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 3, 5, 2, 4, 6}));
    QCOMPARE(*Named(*read, "b")->given, (Floats{-1.5F, 63.5F}));
  }

  void aWeightIsDequantised_data() {
    QTest::addColumn<std::vector<int8_t>>("codes");
    QTest::addColumn<Floats>("scales");
    QTest::addColumn<std::vector<int8_t>>("zeros");
    QTest::addColumn<int>("axis");
    QTest::addColumn<Floats>("weight");  // ours, 2 x 3
    QTest::addColumn<Floats>("grid");    // empty: none
    const std::vector<int8_t> codes = {1, 2, 3, 4, 5, -6}, zero = {0};
    QTest::newRow("one scale") << codes << Floats{2} << zero << 0 << Floats{2, 6, 10, 4, 8, -12} << Floats{2};
    QTest::newRow("a scale an output") << codes << Floats{2, 4} << std::vector<int8_t>{0, 0} << 1
                                       << Floats{2, 6, 10, 8, 16, -24} << Floats{2, 4};
    QTest::newRow("counted from behind")
        << codes << Floats{2, 4} << zero << -1 << Floats{2, 6, 10, 8, 16, -24} << Floats{2, 4};
    QTest::newRow("a scale an input")
        << codes << Floats{1, 2, 4} << zero << 0 << Floats{1, 6, 20, 2, 8, -24} << Floats{};
    QTest::newRow("a zero point") << codes << Floats{1} << std::vector<int8_t>{1} << 0
                                  << Floats{0, 2, 4, 1, 3, -7} << Floats{};
    QTest::newRow("-128") << std::vector<int8_t>{-128, 0, 0, 0, 0, 0} << Floats{1} << zero << 0
                          << Floats{-128, 0, 0, 0, 0, 0} << Floats{};
  }
  void aWeightIsDequantised() {
    QFETCH(std::vector<int8_t>, codes);
    QFETCH(Floats, scales);
    QFETCH(std::vector<int8_t>, zeros);
    QFETCH(int, axis);
    QFETCH(Floats, weight);
    QFETCH(Floats, grid);
    const auto along = [](size_t count) { return count == 1 ? Shape{} : Shape{static_cast<int64_t>(count)}; };
    const auto read =
        Read(Vector()
                 .Constant("w", {3, 2}, codes)
                 .Constant("s", along(scales.size()), scales)
                 .Constant("z", along(zeros.size()), zeros)
                 .Node("DequantizeLinear", {"w", "s", "z"}, "f", {OnnxFile::Number("axis", int64_t{axis})})
                 .Node("Gemm", {"x", "f"}, "y")
                 .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    const Value* value = Named(*read, "w");
    QVERIFY(value != nullptr);
    QCOMPARE(*value->given, weight);
    QCOMPARE(value->quantization.has_value(), !grid.empty());
    if (value->quantization) QCOMPARE(value->quantization->scales, grid);
    // As uint8 with everything 128 higher it is the same.
    const auto raised = [](const std::vector<int8_t>& numbers) {
      std::vector<uint8_t> higher;
      for (const int8_t number : numbers) higher.push_back(static_cast<uint8_t>(number + 128));
      return higher;
    };
    const auto other =
        Read(Vector()
                 .Constant("w", {3, 2}, raised(codes))
                 .Constant("s", along(scales.size()), scales)
                 .Constant("z", along(zeros.size()), raised(zeros))
                 .Node("DequantizeLinear", {"w", "s", "z"}, "f", {OnnxFile::Number("axis", int64_t{axis})})
                 .Node("Gemm", {"x", "f"}, "y")
                 .Bytes());
    QVERIFY2(other.ok(), qPrintable(Message(other.status())));
    QCOMPARE(*Named(*other, "w")->given, weight);
    QVERIFY(IsSame(Named(*other, "w")->quantization, value->quantization));
  }

  void aWeightIsQuantisedAndBack() {
    const auto read = Read(Vector()
                               .Constant("w", {3, 2}, Floats{0.9F, 2.5F, 3.5F, 1000, -1000, NAN})
                               .Constant("s", {}, Floats{1})
                               .Constant("z", {}, std::vector<int8_t>{0})
                               .Node("QuantizeLinear", {"w", "s", "z"}, "q")
                               .Node("DequantizeLinear", {"q", "s", "z"}, "f")
                               .Node("Gemm", {"x", "f"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 4, -128, 2, 127, -128}));  // halves to even; saturated
  }

  // The value has the grid if all readers see it so; else a copy has it.
  void aGridIsForThoseWhoReadIt() {
    const auto file = [](bool is_shared, const std::vector<int8_t>& zero) {
      OnnxFile file = Layer().Constant("s", {}, Floats{0.5F}).Constant("z", {}, zero);
      file.Node("QuantizeLinear", {"x", "s", "z"}, "q").Node("DequantizeLinear", {"q", "s", "z"}, "d");
      file.Node("Relu", {"d"}, "r")
          .Node("Add", {"r", is_shared ? "x" : "d"}, "a")
          .Node("Gemm", {"a", "w"}, "y");
      return Read(file.Bytes());
    };
    const auto alone = file(false, {0});
    QVERIFY2(alone.ok(), qPrintable(Message(alone.status())));
    QCOMPARE(KindsOf(*alone), QString("relu add dense softmax-cross-entropy"));
    QVERIFY(IsSame(alone->value(alone->input()).quantization, Quantization{.scales = {0.5F}}));
    const auto shared = file(true, {-28});
    QVERIFY2(shared.ok(), qPrintable(Message(shared.status())));
    QCOMPARE(KindsOf(*shared), QString("reshape relu add dense softmax-cross-entropy"));
    QVERIFY(!shared->value(shared->input()).quantization);
    // A signed grid with a zero point is an unsigned one, moved.
    QVERIFY(IsSame(shared->value(shared->nodes()[0].output).quantization,
                   Quantization{.is_signed = false, .scales = {0.5F}, .zero_point = 100}));
    QCOMPARE(shared->nodes()[2].inputs[1], shared->input());
  }
};

CONCERTINA_TEST(OnnxForeignTest)

}  // namespace concertina::onnx_foreign_test

#include "onnx_foreign_test.moc"
