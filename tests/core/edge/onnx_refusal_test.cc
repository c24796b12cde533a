// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_refusal_test.cc: a file that is not ours to read, or is damaged, is refused, and the words say where.
#include <QTest>

#include "core/edge/onnx_reader.h"
#include "core/edge/onnx_writer.h"
#include "tests/core/edge/onnx_files.h"
#include "tests/core/edge/onnx_graphs.h"
#include "tests/test_program.h"

namespace concertina::onnx_refusal_test {
namespace {

using namespace onnx_files;

}  // namespace

class OnnxRefusalTest : public QObject {
  Q_OBJECT

 private slots:
  void whatIsNotOursIsRefused_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const OnnxFile& file, const char* message) {
      QTest::newRow(name) << file.Bytes() << QString(message);
    };
    const auto number = [](const char* name, int64_t value) { return OnnxFile::Number(name, value); };
    const auto numbers = OnnxFile::Numbers;
    const OnnxFile good = Layer().Node("Gemm", {"x", "w"}, "y");
    QTest::newRow("operator set 0") << good.Bytes(0) << "found operator set 0, expected 1 or later";
    QTest::newRow("batch norm in training, as it was")
        << Layer().Node("BatchNormalization", {"x", "w", "w", "w", "w"}, "y").Bytes(6)
        << "its is_test is 0, expected 1";
    QTest::newRow("a bias along the batch, as it was")
        << Layer()
               .Constant("b", {2}, Some(2))
               .Node("MatMul", {"x", "w"}, "m")
               .Node("Add", {"m", "b"}, "y", {number("broadcast", 1), number("axis", 0)})
               .Bytes(6)
        << "its axis is 0, expected 1";
    row("dropout in training",
        Layer()
            .Constant("r", {}, Floats{0.5F})
            .Part(5, OnnxFile::Tensor("t", {}, 9, std::vector<uint8_t>{1}))
            .Node("Dropout", {"x", "r", "t"}, "d")
            .Node("Gemm", {"d", "w"}, "y"),
        "(Dropout): its training_mode is on");
    row("a product of stacks",
        Vector().Constant("v", {2, 3, 2}, Some(12)).Node("MatMul", {"x", "v"}, "m").Node("Relu", {"m"}, "y"),
        "(MatMul): its weight \"v\" is 2x3x2");
    row("one number for too many outputs",
        Vector()
            .Constant("v", {3, 400000}, Some(1200000))
            .Constant("b", {}, Floats{1})
            .Constant("c", {1}, Floats{1})
            .Constant("d", {1, 1}, Floats{1})
            .Node("Gemm", {"x", "v", "b"}, "p")
            .Node("Gemm", {"x", "v", "c"}, "q")
            .Node("Gemm", {"x", "v", "d"}, "r")
            .Node("Add", {"p", "q"}, "s")
            .Node("Add", {"s", "r"}, "y"),
        "its bias \"d\" is one number for 400000 outputs");
    QTest::newRow("format 2") << good.Bytes(13, 2) << "found version 2 of ONNX's format";
    QTest::newRow("format 99") << good.Bytes(13, 99) << "expected 3 to 12";
    row("an unknown operator", Vector().Node("LSTM", {"x"}, "y"),
        "node \"y\" (LSTM): its operator is unknown here, "
        "expected one of Add, AveragePool");
    row("another domain", Vector().Node("Gelu", {"x"}, "y", {}, "com.microsoft"),
        "of domain \"com.microsoft\"");
    row("whole numbers of floats", Vector().Node("Cast", {"x"}, "y", {number("to", 7)}),
        "(Cast): makes int64 of it, expected floats");
    row("a softmax within", Layer().Node("Softmax", {"x"}, "s").Node("Gemm", {"s", "w"}, "y"),
        "(Softmax): its operator");
    row("two inputs", Layer().Input("z", {"N", "3"}).Node("Add", {"x", "z"}, "y"),
        "found the inputs \"x\" and \"z\"");
    row("two outputs", Layer().Output("z").Node("Relu", {"x"}, "y").Node("Tanh", {"x"}, "z"),
        "found the outputs \"y\" and \"z\", expected one");
    row("double floats", OnnxFile().Output("y").Input("x", {"N", "3"}, 11).Node("Relu", {"x"}, "y"),
        "its elements are double");
    row("a double weight",
        Vector()
            .Part(5, OnnxFile::Tensor("w", {3, 2}, 11, std::vector<double>(6)))
            .Node("Gemm", {"x", "w"}, "y"),
        "its constant \"w\" is double, expected float");
    row("an open height",
        OnnxFile().Output("y").Input("x", {"N", "3", "height", "4"}).Node("Relu", {"x"}, "y"),
        "its dimension 2 is \"height\"");
    row("an unknown height", OnnxFile().Output("y").Input("x", {"N", "3", "", "4"}).Node("Relu", {"x"}, "y"),
        "its dimension 2 is open");
    row("ReLU6",
        Layer()
            .Constant("0", {}, Floats{0})
            .Constant("6", {}, Floats{6})
            .Node("Gemm", {"x", "w"}, "g")
            .Node("Clip", {"g", "0", "6"}, "y"),
        "no layer of ours is ReLU6");
    row("padding before a pool",
        Image()
            .Node("Pad", {"x"}, "p", {numbers("pads", {0, 0, 1, 1, 0, 0, 1, 1})})
            .Node("MaxPool", {"p"}, "m", {numbers("kernel_shape", {2, 2})})
            .Node("Flatten", {"m"}, "y"),
        "reads \"p\", which a Pad gives");
    row("padding of channels", Image().Node("Pad", {"x"}, "y", {numbers("pads", {0, 1, 0, 0, 0, 1, 0, 0})}),
        "its pads are 0, 1, 0, 0, 0, 1, 0, 0, expected zeros around height and width");
    row("padding that mirrors",
        Image().Node("Pad", {"x"}, "y",
                     {numbers("pads", {0, 0, 1, 1, 0, 0, 1, 1}), OnnxFile::Text("mode", "reflect")}),
        "its mode is \"reflect\"");
    row("a mean over channels", Image().Node("ReduceMean", {"x"}, "y", {numbers("axes", {1})}),
        "takes the mean over the axes 1 of 2x4x4");
    row("a turn within",
        Image().Node("Relu", {"x"}, "r").Node("Transpose", {"r"}, "y", {numbers("perm", {0, 2, 3, 1})}),
        "its perm is 0, 2, 3, 1, expected");
    row("the batch within a shape",
        Image()
            .Constant("s", {1}, std::vector<int64_t>{-1})
            .Node("Shape", {"x"}, "e", {number("end", 1)})
            .Node("Concat", {"s", "e"}, "t", {number("axis", 0)})
            .Node("Reshape", {"x", "t"}, "y"),
        "expected the batch (0, -1 or 1)");
    {
      OnnxFile doubling = Image().Node("Shape", {"x"}, "s0");
      for (int i = 0; i < 40; ++i) {
        const std::string from = "s" + std::to_string(i);
        doubling.Node("Concat", {from, from}, "s" + std::to_string(i + 1),
                      {OnnxFile::Number("axis", int64_t{0})});
      }
      row("a shape that doubles", doubling.Node("Reshape", {"x", "s40"}, "y"),
          "joins what is no part of a shape");
    }
    row("no batch", OnnxFile().Output("y").Input("x", {"3"}).Node("Relu", {"x"}, "y"), "found 1 dimensions");
    row("a sample of no size", OnnxFile().Output("y").Input("x", {"N", "0"}).Node("Relu", {"x"}, "y"),
        "expected 1 to");
    row("a sample beyond all memory",
        OnnxFile()
            .Output("y")
            .Input("x", {"N", "9000000000", "9000000000", "9000000000"})
            .Node("Relu", {"x"}, "y"),
        "expected 1 to");
    row("no layers", OnnxFile().Input("x", {"N", "3"}).Output("x"), "is the input itself");
    row("an image at the end", Image().Node("Relu", {"x"}, "y"), "output \"y\": layer \"loss\"");
    row("a sparse initialiser", OnnxFile(good).Part(15, ProtobufWriter()), "sparse");
    ProtobufWriter outside = OnnxFile::Tensor("w", {3, 2}, 1, Floats());
    outside.Integer(14, 1);
    row("data elsewhere", Vector().Part(5, outside).Node("Gemm", {"x", "w"}, "y"),
        "\"w\": its data lie in another file");
    row("groups", Convolution({number("group", 2)}), "node \"c\" (Conv): its group is 2, expected 1, or");
    row("dilation", Convolution({numbers("dilations", {2, 2})}), "its dilations are 2, 2");
    row("strides that differ", Convolution({numbers("strides", {1, 2})}), "its strides are 1, 2");
    row("padding on one side", Convolution({numbers("pads", {0, 0, 1, 1})}), "its padding is 0, 0, 1, 1");
    row("padding below zero", Convolution({numbers("pads", {-1, -1, -1, -1})}), "its pads are");
    row("SAME with an odd rest", Convolution({OnnxFile::Text("auto_pad", "SAME_UPPER")}, {1, 2, 2, 2}),
        "its padding (SAME_UPPER) is 0, 0, 1, 1");
    row("an unknown auto_pad", Convolution({OnnxFile::Text("auto_pad", "MAYBE")}),
        "its auto_pad is \"MAYBE\"");
    row("strides of one dimension", Convolution({numbers("strides", {1})}), "its strides are 1 numbers");
    row("a kernel that is another", Convolution({numbers("kernel_shape", {2, 2})}),
        "its kernel_shape is 2x2, expected 3x3");
    row("a weight of other channels", Convolution({}, {1, 3, 3, 3}), "since the input has 2 channels");
    row("a convolution of vectors", Vector().Constant("w", {1, 3, 1}, Some(3)).Node("Conv", {"x", "w"}, "y"),
        "its input is 3, expected an image");
    row("a pool with ceil_mode",
        Image()
            .Node("MaxPool", {"x"}, "p",
                  {numbers("kernel_shape", {3, 3}), numbers("strides", {2, 2}), number("ceil_mode", 1)})
            .Node("Flatten", {"p"}, "y"),
        "its ceil_mode is 1");
    row("a mean that leaves padding out",
        Image()
            .Node("AveragePool", {"x"}, "p", {numbers("kernel_shape", {3, 3}), numbers("pads", {1, 1, 1, 1})})
            .Node("Flatten", {"p"}, "y"),
        "it has padding: its count_include_pad is 0");
    row("a pool of no kernel", Image().Node("MaxPool", {"x"}, "p").Node("Flatten", {"p"}, "y"),
        "its kernel_shape is 0, 0");
    row("transA", Layer().Node("Gemm", {"x", "w"}, "y", {number("transA", 1)}),
        "its transA is 1, expected 0");
    row("a bias of another width", Layer().Constant("b", {3}, Some(3)).Node("Gemm", {"x", "w", "b"}, "y"),
        "its bias \"b\" is 3, expected 2");
    row("a weight that is computed", Vector().Node("MatMul", {"x", "x"}, "y"),
        "\"x\", depends on the model's input");
    row("a weight in two scales",
        Layer()
            .Node("Gemm", {"x", "w"}, "a")
            .Node("Gemm", {"x", "w"}, "b", {OnnxFile::Number("alpha", 2.0F)})
            .Node("Add", {"a", "b"}, "y"),
        "reads \"w\" as 2x3 times 2, and another node as 2x3 times 1");
    row("a constant that is added", Vector().Constant("b", {3}, Some(3)).Node("Add", {"x", "b"}, "y"),
        "adds the constant \"b\"");
    row("another product", Vector().Constant("b", {}, Floats{3}).Node("Mul", {"x", "b"}, "y"),
        "only as a part of GELU");
    row("half of GELU", Vector().Constant("h", {}, Floats{0.5F}).Node("Mul", {"x", "h"}, "y"),
        "reads \"y\", expected only x/2");
    row("GELU of tanh", Vector().Node("Gelu", {"x"}, "y", {OnnxFile::Text("approximate", "tanh")}),
        "is an approximation");
    row("sums of two shapes", Layer().Node("Gemm", {"x", "w"}, "a").Node("Add", {"x", "a"}, "y"),
        "the second input is 2, expected 3");
    row("a reshape that mixes samples",
        Image().Constant("s", {2}, std::vector<int64_t>{16, 2}).Node("Reshape", {"x", "s"}, "y"),
        "its shape is 16, 2, expected the batch");
    row("a reshape of another size",
        Image().Constant("s", {2}, std::vector<int64_t>{-1, 31}).Node("Reshape", {"x", "s"}, "y"),
        "and 32 elements");
    row("a reshape that is computed", Image().Node("Reshape", {"x", "x"}, "y"),
        "depends on the model's input");
    row("Flatten of the batch", Image().Node("Flatten", {"x"}, "y", {number("axis", 0)}),
        "its axis is 0, expected 1");
    row("Squeeze of an image", Image().Node("Squeeze", {"x"}, "y", {numbers("axes", {2, 3})}),
        "takes the axes 2, 3 from 2x4x4");
    row("training",
        Layer().Node("BatchNormalization", {"x", "w", "w", "w", "w"}, "y", {number("training_mode", 1)}),
        "its training_mode is 1");
    const auto grids = [] {
      return Layer()
          .Constant("s", {}, Floats{1})
          .Constant("t", {}, Floats{2})
          .Constant("n", {}, Floats{-1})
          .Constant("m", {2}, Floats{1, 1})
          .Node("QuantizeLinear", {"x", "s"}, "q");
    };
    row("whole numbers that are read", grids().Node("Gemm", {"q", "w"}, "y"),
        "reads \"q\", the whole numbers");
    row("two scales", grids().Node("DequantizeLinear", {"q", "t"}, "y"),
        "its scale is 2 and its zero point 0, expected 1 and 0");
    row("a scale below zero", grids().Node("DequantizeLinear", {"q", "n"}, "y"),
        "are not all finite and above 0");
    row("an activation of two scales", grids().Node("DequantizeLinear", {"q", "m"}, "y"),
        "has 2 scales and 1 zero points");
    row("floats that are dequantised",
        grids().Node("DequantizeLinear", {"w", "s"}, "f").Node("Gemm", {"x", "f"}, "y"),
        "its whole numbers are float");
    row("a constant with two grids",
        Vector()
            .Constant("w", {3, 2}, std::vector<int8_t>(6))
            .Constant("s", {}, Floats{1})
            .Constant("t", {}, Floats{2})
            .Node("DequantizeLinear", {"w", "s"}, "f")
            .Node("DequantizeLinear", {"w", "t"}, "g")
            .Node("Gemm", {"x", "f"}, "a")
            .Node("Gemm", {"x", "g"}, "b")
            .Node("Add", {"a", "b"}, "y"),
        "with other scales");
  }
  void whatIsNotOursIsRefused() {
    QFETCH(std::string, file);
    QFETCH(QString, message);
    const absl::Status status = Read(file).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).startsWith("m: "), qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void whatIsDamagedIsRefused_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const OnnxFile& file, const char* message) {
      QTest::newRow(name) << file.Bytes() << QString(message);
    };
    QTest::newRow("nothing") << std::string() << "expected a ModelProto";
    QTest::newRow("a text") << std::string("not a model") << "at byte 0";
    QTest::newRow("no graph") << std::string("\x08\x07") << "without a graph";
    row("a name from nowhere", Vector().Node("Relu", {"z"}, "y"),
        "node \"y\" (Relu): reads \"z\", which nothing before it gives");
    row("a cycle", Vector().Node("Add", {"x", "b"}, "a").Node("Relu", {"a"}, "b").Node("Relu", {"b"}, "y"),
        "reads \"b\"");
    row("a name given twice", Vector().Node("Relu", {"x"}, "y").Node("Relu", {"x"}, "y"),
        "the name \"y\" is given twice");
    row("an initialiser twice", Layer().Constant("w", {3, 2}, Some(6)).Node("Gemm", {"x", "w"}, "y"),
        "\"w\" is given twice");
    row("an output from nowhere", Vector().Output("z").Node("Relu", {"x"}, "y"),
        "the output \"z\" is given by no node");
    row("too few bytes", Vector().Constant("w", {3, 2}, Some(5)),
        "tensor \"w\": found 20 bytes of data, expected 24 for 3x2");
    row("too many bytes", Vector().Constant("w", {3, 2}, Some(7)), "found 28 bytes of data");
    row("no bytes", Vector().Constant("w", {3, 2}, Floats()), "found 0 elements of float, expected 6");
    row("a negative extent", Vector().Constant("w", {-3, 2}, Some(6)), "found a dimension of -3");
    row("a product beyond 64 bits", Vector().Constant("w", {int64_t{1} << 39, int64_t{1} << 39, 4}, Some(6)),
        "it cannot be that large");
    ProtobufWriter code;
    code.Integer(1, 1);
    code.Integer(2, 3);
    code.Bytes(8, "q");
    code.Integer(5, 128);
    row("a code beyond its type", Vector().Part(5, code), "found the element 128, expected int8");
    ProtobufWriter twice = OnnxFile::Tensor("w", {1}, 1, Some(1));
    twice.Float(4, 1);
    row("data twice", Vector().Part(5, twice), "has its data twice");
    row("a node without an output", Vector().Part(1, ProtobufWriter()), "without an operator");
  }
  void whatIsDamagedIsRefused() {
    QFETCH(std::string, file);
    QFETCH(QString, message);
    const absl::Status status = Read(file).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).startsWith("m: "), qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void everyTruncationIsRefused() {
    const std::string whole = *ToOnnx(OnGrids().graph, "grids");
    QVERIFY(Read(whole).ok());
    for (size_t length = 0; length < whole.size(); ++length)
      QVERIFY2(!Read(whole.substr(0, length)).ok(), qPrintable(QString::number(length)));
  }

  void everyFlippedBitIsRefusedOrReadWithoutHarm() {
    const std::string whole = Layer()
                                  .Constant("b", {2}, Some(2))
                                  .Node("MatMul", {"x", "w"}, "m")
                                  .Node("Add", {"m", "b"}, "a")
                                  .Node("Softmax", {"a"}, "y")
                                  .Bytes();
    int refused = 0;
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto read = Read(damaged);
      refused += !read.ok();
      if (!read.ok()) continue;
      for (const ValueId id : read->parameters())
        QCOMPARE(std::ssize(*read->value(id).given), ElementCount(read->value(id).shape));
    }
    QVERIFY(refused >
            std::ssize(whole) * 8 / 3);  // half of the bytes are numbers and names, which may be any
  }
};

CONCERTINA_TEST(OnnxRefusalTest)

}  // namespace concertina::onnx_refusal_test

#include "onnx_refusal_test.moc"
