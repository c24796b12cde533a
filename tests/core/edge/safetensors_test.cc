// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// safetensors_test.cc: files are read as they were written, and nothing damaged is believed.
#include "core/edge/safetensors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <map>

#include "core/edge/sha256.h"
#include "tests/test_program.h"

namespace concertina::safetensors_test {
namespace {

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

std::span<const std::byte> Bytes(const QByteArray& bytes) {
  return {reinterpret_cast<const std::byte*>(bytes.data()), static_cast<size_t>(bytes.size())};
}

// A file with this header and so many bytes of data.
QByteArray File(const QByteArray& header, int data_bytes) {
  const auto length = static_cast<quint64>(header.size());
  return QByteArray(reinterpret_cast<const char*>(&length), 8) + header + QByteArray(data_bytes, 0);
}

}  // namespace

class SafetensorsTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  const std::vector<float> weight_ = {1, -2.5F, 0x1p-149F, 3.4e38F, 0, 6};
  const std::vector<float> bias_ = {0.1F, 0.2F};

  std::string Path() const { return folder_.filePath("model.safetensors").toStdString(); }
  std::vector<NamedTensor> Tensors() const {
    return {
        {"fc.weight", {2, 3}, weight_}, {"fc.bias", {2}, bias_}, {"steps", {}, std::span(bias_).first(1)}};
  }
  QByteArray Written() const {
    if (!WriteSafetensors(Path(), Tensors(), {{"format", "pt"}}).ok()) return {};
    QFile file(QString::fromStdString(Path()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

 private slots:
  void whatIsWrittenIsRead() {
    const auto hash = WriteSafetensors(Path(), Tensors(), {{"model", "lenet \"5\""}, {"seed", "7"}});
    QVERIFY2(hash.ok(), qPrintable(Message(hash.status())));
    const auto file = ReadSafetensors(Path());
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QCOMPARE(file->metadata, (std::map<std::string, std::string>{{"model", "lenet \"5\""}, {"seed", "7"}}));
    QCOMPARE(file->tensors.size(), size_t{3});
    QCOMPARE(file->tensors[0].name, std::string("fc.weight"));
    QCOMPARE(file->tensors[0].shape, (Shape{2, 3}));
    QCOMPARE(file->tensors[0].values, weight_);
    QCOMPARE(file->tensors[1].values, bias_);
    QCOMPARE(file->tensors[2].shape, Shape{});
    QCOMPARE(file->data_sha256, *hash);
    QCOMPARE(QDir(folder_.path()).entryList(QDir::Files).size(), 1);  // nothing is left beside it
  }

  void theHashIsThatOfTheData() {
    std::vector<float> all = weight_;
    all.insert(all.end(), bias_.begin(), bias_.end());
    const std::vector<NamedTensor> tensors = {{"a", {6}, weight_}, {"b", {2}, bias_}};
    QCOMPARE(*WriteSafetensors(Path(), tensors, {}), Sha256Hex(std::as_bytes(std::span(all))));
  }

  void sha256IsThatOfTheStandard() {  // FIPS 180-2, appendix B.1
    const QByteArray abc = "abc";
    QCOMPARE(Sha256Hex(Bytes(abc)),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  }

  void theDataIsAlignedTo8Bytes() {
    const QByteArray file = Written();
    quint64 length = 0;
    std::memcpy(&length, file.data(), 8);
    QCOMPARE(length % 8, quint64{0});
    QCOMPARE(file.size(), static_cast<qsizetype>(8 + length + 9 * 4));
  }

  void anEmptyFileOfTensorsIsWrittenAndRead() {
    QVERIFY(WriteSafetensors(Path(), {}, {}).ok());
    const auto file = ReadSafetensors(Path());
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QVERIFY(file->tensors.empty());
  }

  void everyTruncationIsRefused() {
    const QByteArray whole = Written();
    QVERIFY(whole.size() > 100);
    for (qsizetype length = 0; length < whole.size(); ++length) {
      const absl::Status status = ParseSafetensors("m", Bytes(whole.left(length))).status();
      QVERIFY2(status.code() == absl::StatusCode::kDataLoss, qPrintable(QString::number(length)));
      QVERIFY2(Message(status).startsWith("m: at byte "), qPrintable(Message(status)));
    }
    QVERIFY(!ParseSafetensors("m", Bytes(whole + "x")).ok());
  }

  void everyFlippedBitOfTheHeaderIsRefusedOrReadWithoutHarm() {
    const QByteArray whole = Written();
    const qsizetype header = whole.size() - 9 * 4;
    int refused = 0;
    for (qsizetype bit = 0; bit < header * 8; ++bit) {
      QByteArray damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto file = ParseSafetensors("m", Bytes(damaged));
      refused += !file.ok();
      if (!file.ok()) continue;  // letters of a name may change and nobody can know
      for (const Safetensors::Tensor& tensor : file->tensors)
        QCOMPARE(static_cast<int64_t>(tensor.values.size()), ElementCount(tensor.shape));
    }
    QVERIFY(refused > header * 8 / 2);
  }

  void headersThatLieAreRefused_data() {
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("message");
    const QByteArray a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
    QTest::newRow("overlap") << File("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)
                             << "overlaps another";
    QTest::newRow("partial overlap") << File("{" + a +
                                                 R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                                             6)
                                     << "overlaps another";
    QTest::newRow("hole") << File("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})", 12)
                          << "there is a hole";
    QTest::newRow("hole at the beginning")
        << File(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8) << "there is a hole";
    QTest::newRow("beyond the end") << File("{" + a + "}", 3) << "found 3 bytes of data, expected 4";
    QTest::newRow("bytes that nobody owns") << File("{" + a + "}", 5) << "found 5 bytes of data, expected 4";
    QTest::newRow("name twice") << File("{" + a + "," + a + "}", 4) << "has a name twice";
    QTest::newRow("offsets and shape differ")
        << File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4) << "expected 8 bytes";
    QTest::newRow("offsets backwards")
        << File(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4) << "expected 4 bytes";
    QTest::newRow("negative dimension")
        << File(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4) << "a dimension is not";
    QTest::newRow("product beyond 64 bits")
        << File(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})", 0)
        << "too large";
    QTest::newRow("fraction") << File(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}})", 4)
                              << "not two whole numbers";
    QTest::newRow("no offsets") << File(R"({"a":{"dtype":"F32","shape":[1]}})", 4) << "expected dtype";
    QTest::newRow("a list") << File("[]", 0) << "expected the {";
    QTest::newRow("no JSON") << File("{x}", 0) << "not a JSON object";
    QTest::newRow("metadata of numbers") << File(R"({"__metadata__":{"a":1}})", 0) << "is not a text";
    QTest::newRow("deep JSON") << File(QByteArray("{\"a\":") + QByteArray(100000, '['), 0)
                               << "not a JSON object";
    QTest::newRow("length beyond the file")
        << QByteArray("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10) << "found a header of";
  }
  void headersThatLieAreRefused() {
    QFETCH(QByteArray, file);
    QFETCH(QString, message);
    const absl::Status status = ParseSafetensors("m", Bytes(file)).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void otherElementsAreNamed() {
    const absl::Status status =
        ParseSafetensors("m", Bytes(File(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1)))
            .status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).contains("F8_E4M3"), qPrintable(Message(status)));
  }

  // A name may be as long as the header, and a message goes over the wire.
  void aLongNameIsShortened_data() {
    QTest::addColumn<QByteArray>("tensor");
    QTest::newRow("no shape") << QByteArray(R"({"dtype":"F32"})");
    QTest::newRow("elements of another type")
        << QByteArray(R"({"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,4]})");
    QTest::newRow("hole") << QByteArray(R"({"dtype":"F32","shape":[0],"data_offsets":[4,4]})");
  }
  void aLongNameIsShortened() {
    QFETCH(QByteArray, tensor);
    const absl::Status status =
        ParseSafetensors("m", Bytes(File("{\"" + QByteArray(1 << 20, 'n') + "\":" + tensor + "}", 4)))
            .status();
    QVERIFY(!status.ok());
    QVERIFY2(Message(status).size() < 1000, qPrintable(QString::number(Message(status).size())));
  }

  // As PyTorch and Hugging Face write them: several widths, a count of batches, the largest elements first.
  void otherWidthsBecomeFloats() {
    QByteArray file = File(R"({"__metadata__":{"format":"pt"},)"
                           R"("bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
                           R"("half":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},)"
                           R"("double":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},)"
                           R"("brain":{"dtype":"BF16","shape":[1,2],"data_offsets":[20,24]}})",
                           0);
    file += QByteArray::fromHex(
        "0700000000000000"
        "000000000000e0bf"
        "003c"
        "ff7b"
        "803f"
        "00c0");
    const auto read = ParseSafetensors("m", Bytes(file));
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    std::map<std::string, std::vector<float>> values;
    for (const Safetensors::Tensor& tensor : read->tensors) values[tensor.name] = tensor.values;
    QCOMPARE(values, (std::map<std::string, std::vector<float>>{
                         {"half", {1, 65504}}, {"double", {-0.5F}}, {"brain", {1, -2}}}));
    // Whole numbers are left out, but their places are checked.
    file.chop(1);
    QCOMPARE(ParseSafetensors("m", Bytes(file)).status().code(), absl::StatusCode::kDataLoss);
  }

  void tensorsThatCannotBeWrittenAreRefused() {
    const std::vector<NamedTensor> twice = {{"a", {2}, bias_}, {"a", {2}, bias_}};
    const std::vector<NamedTensor> reserved = {{"__metadata__", {2}, bias_}};
    const std::vector<NamedTensor> wrong_shape = {{"a", {3}, bias_}};
    for (const auto& tensors : {twice, reserved, wrong_shape})
      QCOMPARE(WriteSafetensors(folder_.filePath("x").toStdString(), tensors, {}).status().code(),
               absl::StatusCode::kInvalidArgument);
    QVERIFY(!QFile::exists(folder_.filePath("x")));
    QVERIFY(!WriteSafetensors(folder_.filePath("no/folder/x").toStdString(), Tensors(), {}).ok());
    QCOMPARE(ReadSafetensors(folder_.filePath("nowhere").toStdString()).status().code(),
             absl::StatusCode::kNotFound);
  }
};

CONCERTINA_TEST(SafetensorsTest)

}  // namespace concertina::safetensors_test

#include "safetensors_test.moc"
