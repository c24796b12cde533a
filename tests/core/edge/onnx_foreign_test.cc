// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_foreign_test.cc: other programs' ways of writing what we write are understood.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
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
    // What PyTorch writes for x.view(x.size(0), -1), and its later exporter.
    row("a shape that is computed",
        Image()
            .Constant("0", {}, std::vector<int64_t>{0})
            .Constant("-1", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e")
            .Node("Gather", {"e", "0"}, "g", {number("axis", 0)})
            .Node("Unsqueeze", {"g"}, "u", {numbers("axes", {0})})
            .Node("Concat", {"u", "-1"}, "t", {number("axis", 0)})
            .Node("Reshape", {"x", "t"}, "y"),
        "reshape", 11);
    row("a shape that is cut",
        Image()
            .Constant("-1", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e", {number("start", 0), number("end", 1)})
            .Node("Concat", {"e", "-1"}, "t", {number("axis", 0)})
            .Node("Cast", {"t"}, "c", {number("to", 7)})
            .Node("Reshape", {"x", "c"}, "y", {number("allowzero", 1)}),
        "reshape", 18);
    row("a fixed batch",
        OnnxFile()
            .Output("y")
            .Input("x", {"32", "2", "4", "4"})
            .Constant("s", {2}, std::vector<int64_t>{32, 32})
            .Node("Reshape", {"x", "s"}, "y"),
        "reshape");
    row("a linear layer without a bias",
        Vector()
            .Constant("w", {2, 3}, Some(6))
            .Node("Transpose", {"w"}, "t", {numbers("perm", {1, 0})})
            .Node("MatMul", {"x", "t"}, "y"),
        "dense");
    row("ReLU as Clip",
        Layer().Constant("0", {}, Floats{0}).Node("Gemm", {"x", "w"}, "g").Node("Clip", {"g", "0"}, "y"),
        "dense relu");
    row("ReLU as Clip, as it was",
        Layer().Node("Gemm", {"x", "w"}, "g").Node("Clip", {"g"}, "y", {OnnxFile::Number("min", 0.0F)}),
        "dense relu", 6);
    row("padding before a convolution",
        Image()
            .Constant("w", {1, 2, 3, 3}, Some(18))
            .Constant("p", {8}, std::vector<int64_t>{0, 0, 1, 1, 0, 0, 1, 1})
            .Node("Pad", {"x", "p"}, "z")
            .Node("Conv", {"z", "w"}, "c", {numbers("strides", {1, 1})})
            .Node("Flatten", {"c"}, "y"),
        "conv2d reshape");
    row("a mean over both sides",
        Image().Node("ReduceMean", {"x"}, "y", {numbers("axes", {-1, -2}), number("keepdims", 0)}),
        "global-average-pool", 11);
    row("a mean over both sides of 18",
        Image()
            .Constant("a", {2}, std::vector<int64_t>{2, 3})
            .Node("ReduceMean", {"x", "a"}, "m")
            .Node("Flatten", {"m"}, "y"),
        "global-average-pool", 18);
    row("channels last, as TensorFlow has them",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "4", "5", "2"})
            .Constant("w", {1, 2, 3, 3}, Some(18))
            .Node("Transpose", {"x"}, "t", {numbers("perm", {0, 3, 1, 2})})
            .Node("Conv", {"t", "w"}, "c")
            .Node("Flatten", {"c"}, "y"),
        "conv2d reshape");
    row("floats of 16 bits",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "3"}, 10)
            .Part(5, OnnxFile::Tensor("w", {3, 2}, 10, std::vector<uint16_t>(6, 0x3c00)))
            .Node("Gemm", {"x", "w"}, "g")
            .Node("Cast", {"g"}, "y", {number("to", 1)}),
        "dense");
    QTest::newRow("format 12") << Layer().Node("Gemm", {"x", "w"}, "y").Bytes(22, 12)
                               << "dense softmax-cross-entropy";
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

  void halvesAreWidened_data() {
    QTest::addColumn<int64_t>("type");
    QTest::addColumn<std::vector<uint16_t>>("halves");
    QTest::addColumn<Floats>("floats");
    QTest::newRow("float16") << int64_t{10}
                             << std::vector<uint16_t>{0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x3555}
                             << Floats{1, -2, 0x1p-24F, 65504, -0.0F, 0x1.554p-2F};
    QTest::newRow("bfloat16") << int64_t{16}
                              << std::vector<uint16_t>{0x3f80, 0xc000, 0x0001, 0x7f7f, 0x8000, 0x3eab}
                              << Floats{1, -2, 0x1p-133F, 0x1.fep127F, -0.0F, 0x1.56p-2F};
  }
  void halvesAreWidened() {
    QFETCH(int64_t, type);
    QFETCH(std::vector<uint16_t>, halves);
    QFETCH(Floats, floats);
    ProtobufWriter one_by_one;
    one_by_one.Integer(1, 2);
    one_by_one.Integer(1, 3);
    one_by_one.Integer(2, type);
    one_by_one.Bytes(8, "w");
    for (const uint16_t half : halves) one_by_one.Integer(5, half);
    for (const ProtobufWriter& tensor : {OnnxFile::Tensor("w", {2, 3}, type, halves), one_by_one}) {
      const auto read = Read(Vector()
                                 .Part(5, tensor)
                                 .Node("Gemm", {"x", "w"}, "y", {OnnxFile::Number("transB", int64_t{1})})
                                 .Bytes());
      QVERIFY2(read.ok(), qPrintable(Message(read.status())));
      QCOMPARE(*Named(*read, "w")->given, floats);
    }
  }

  void weightsBesideTheModelAreRead_data() {
    QTest::addColumn<QString>("location");
    QTest::addColumn<int64_t>("offset");
    QTest::addColumn<QString>("message");
    QTest::newRow("beside it") << "m.onnx.data" << int64_t{8} << "";
    QTest::newRow("in a folder") << "weights/w.bin" << int64_t{0} << "";
    QTest::newRow("cut short") << "m.onnx.data" << int64_t{12} << "m.onnx.data: cut short at byte 32";
    QTest::newRow("not there") << "gone.data" << int64_t{0} << "belongs beside the model; copy it there";
    QTest::newRow("elsewhere") << "../w.bin" << int64_t{0} << "expected a file beside the model";
    QTest::newRow("anywhere") << "/etc/passwd" << int64_t{0} << "expected a file beside the model";
  }
  void weightsBesideTheModelAreRead() {
    QFETCH(QString, location);
    QFETCH(int64_t, offset);
    QFETCH(QString, message);
    QTemporaryDir folder;
    const Floats values = {1, 2, 3, 4, 5, 6};
    const auto write = [&](const QString& name, const QByteArray& bytes) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      QCOMPARE(file.write(bytes), bytes.size());
    };
    const QByteArray stored(reinterpret_cast<const char*>(values.data()), 24);
    QVERIFY(QDir(folder.path()).mkdir("weights"));
    write("weights/w.bin", stored);
    write("m.onnx.data", QByteArray(8, 'x') + stored);
    ProtobufWriter tensor;
    for (const int64_t extent : {2, 3}) tensor.Integer(1, extent);
    tensor.Integer(2, 1);
    tensor.Bytes(8, "w");
    const std::vector<std::pair<std::string, std::string>> entries = {
        {"location", location.toStdString()}, {"offset", std::to_string(offset)}, {"length", "24"}};
    for (const auto& [key, value] : entries) {
      ProtobufWriter entry;
      entry.Bytes(1, key);
      entry.Bytes(2, value);
      tensor.Message(13, entry);
    }
    tensor.Integer(14, 1);
    const std::string model = Vector()
                                  .Part(5, tensor)
                                  .Node("Gemm", {"x", "w"}, "y", {OnnxFile::Number("transB", int64_t{1})})
                                  .Bytes();
    write("m.onnx", QByteArray::fromStdString(model));
    const auto read = ReadOnnx(folder.filePath("m.onnx").toStdString());
    if (message.isEmpty()) {
      QVERIFY2(read.ok(), qPrintable(Message(read.status())));
      QCOMPARE(*Named(*read, "w")->given, values);
    } else {
      QVERIFY(!read.ok());
      QVERIFY2(Message(read.status()).contains(message), qPrintable(Message(read.status())));
    }
  }

  void imagesWithChannelsLastAreTaken() {
    const auto read = Read(OnnxFile()
                               .Output("y")
                               .Input("x", {"N", "4", "5", "2"})
                               .Node("Transpose", {"x"}, "t", {OnnxFile::Numbers("perm", {0, 3, 1, 2})})
                               .Node("Flatten", {"t"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(read->value(read->input()).shape, (Shape{2, 4, 5}));
  }

  void aWeightThatIsTurnedBeforeIsTurnedBack() {
    const auto read = Read(Vector()
                               .Constant("w", {2, 3}, Floats{1, 2, 3, 4, 5, 6})
                               .Node("Transpose", {"w"}, "t")
                               .Node("MatMul", {"x", "t"}, "y")
                               .Bytes());
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(Named(*read, "w")->shape, (Shape{2, 3}));
    QCOMPARE(*Named(*read, "w")->given, (Floats{1, 2, 3, 4, 5, 6}));
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
