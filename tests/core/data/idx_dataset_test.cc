// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_dataset_test.cc: the datasets of four IDX files, found, opened, and refused when they disagree.
#include "core/data/idx_dataset.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <bit>

#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::idx_dataset_test {

class IdxDatasetTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  // 6 + 3 images of 2 x 2 in 3 classes, under MNIST's names.
  QString WriteMnist(const QString& name, bool compressed) const {
    const QString folder = folder_.filePath(name);
    QDir().mkpath(folder);
    const auto write = [&](const char* file, const QByteArray& bytes) {
      if (compressed)
        WriteGzip(folder + "/" + file + ".gz", bytes);
      else
        WriteBytes(folder + "/" + file, bytes);
    };
    write("train-images-idx3-ubyte", IdxBytes(IdxType::kUint8, {6, 2, 2}, CountingBytes(24)));
    write("train-labels-idx1-ubyte", IdxBytes(IdxType::kUint8, {6}, CyclingLabels(6, 3)));
    write("t10k-images-idx3-ubyte", IdxBytes(IdxType::kUint8, {3, 2, 2}, CountingBytes(12)));
    write("t10k-labels-idx1-ubyte", IdxBytes(IdxType::kUint8, {3}, CyclingLabels(3, 3)));
    return folder;
  }
  static Json IdxSpec(const QString& folder) {
    const std::string path = folder.toStdString();
    return {{"kind", "idx"},
            {"train_images", path + "/train-images-idx3-ubyte"},
            {"train_labels", path + "/train-labels-idx1-ubyte"},
            {"test_images", path + "/t10k-images-idx3-ubyte"},
            {"test_labels", path + "/t10k-labels-idx1-ubyte"}};
  }

 private slots:
  void init() {
    qputenv("CONCERTINA_DATASETS", "");
    qputenv("XDG_DATA_HOME", folder_.filePath("no-data-home").toUtf8());
  }

  void plainAndCompressedFilesGiveTheSameSamples_data() {
    QTest::addColumn<bool>("compressed");
    QTest::addColumn<QString>("prepared");
    QTest::newRow("plain") << false << "";
    QTest::newRow("compressed, in memory") << true << "";
    QTest::newRow("compressed, prepared") << true << folder_.filePath("prepared");
  }
  void plainAndCompressedFilesGiveTheSameSamples() {
    QFETCH(bool, compressed);
    QFETCH(QString, prepared);
    const QString folder = WriteMnist(compressed ? "zipped" : "plain", compressed);
    const auto dataset = MakeDataset({{"kind", "mnist"}, {"path", folder.toStdString()}});
    VERIFY_OK(dataset);
    const auto info = (*dataset)->Probe(prepared.toStdString());
    VERIFY_OK(info);
    QCOMPARE(info->sample, (Shape{1, 2, 2}));
    QCOMPARE(info->classes, 10);
    QCOMPARE(info->class_names.size(), size_t{10});
    QCOMPARE(info->train_samples, 6);
    QCOMPARE(info->test_samples, 3);
    const auto train = (*dataset)->OpenTrain(prepared.toStdString());
    VERIFY_OK(train);
    QCOMPARE((*train)->size(), 6);
    for (int64_t i = 0; i < 6; ++i) {
      float pixels[4];
      (*train)->Read(i, pixels);
      QCOMPARE((*train)->label(i), static_cast<int32_t>(i % 3));
      for (int64_t j = 0; j < 4; ++j) QCOMPARE(pixels[j], static_cast<float>(4 * i + j) / 255.0F);
    }
    VERIFY_OK((*dataset)->OpenTest(prepared.toStdString()));
  }

  void mnistIsLookedForInTheFoldersOfTheEnvironment() {
    WriteMnist("second/mnist", false);
    const auto dataset = MakeDataset({{"kind", "mnist"}}).value();
    qputenv("CONCERTINA_DATASETS", (folder_.filePath("first") + ":" + folder_.filePath("second")).toUtf8());
    VERIFY_OK(dataset->Probe(""));
    qputenv("CONCERTINA_DATASETS", "");
    WriteMnist("data-home/concertina/datasets/mnist", true);
    qputenv("XDG_DATA_HOME", folder_.filePath("data-home").toUtf8());
    VERIFY_OK(dataset->Probe(""));
  }

  void aMissingMnistSaysHowToGetIt() {
    if (QDir("/usr/share/datasets/mnist").exists()) QSKIP("this machine has one");
    const absl::Status status = MakeDataset({{"kind", "mnist"}}).value()->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kNotFound);
    QVERIFY2(Message(status).contains("packaging/setup"), qPrintable(Message(status)));
  }

  void aFileThatIsMissingFromAFolderIsNamed() {
    const QString folder = WriteMnist("incomplete", false);
    QVERIFY(QFile::remove(folder + "/t10k-labels-idx1-ubyte"));
    for (const char* kind : {"mnist", "fashion-mnist"}) {
      const absl::Status status =
          MakeDataset({{"kind", kind}, {"path", folder.toStdString()}}).value()->Probe("").status();
      QCOMPARE(status.code(), absl::StatusCode::kNotFound);
      QVERIFY2(Message(status).contains("t10k-labels-idx1-ubyte"), qPrintable(Message(status)));
    }
  }

  void fashionMnistOfDebianIsComplete() {
    if (!QDir("/usr/share/datasets/fashion-mnist").exists()) QSKIP("apt-get install dataset-fashion-mnist");
    const auto info = MakeDataset({{"kind", "fashion-mnist"}}).value()->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->sample, (Shape{1, 28, 28}));
    QCOMPARE(info->train_samples, 60000);
    QCOMPARE(info->test_samples, 10000);
    QCOMPARE(info->class_names.at(9), std::string("Ankle boot"));
  }

  void samplesKeepTheirDimensions_data() {
    QTest::addColumn<std::vector<int64_t>>("dims");
    QTest::addColumn<Shape>("sample");
    QTest::newRow("vectors") << std::vector<int64_t>{6, 4} << Shape{4};
    QTest::newRow("grey images") << std::vector<int64_t>{6, 4, 5} << Shape{1, 4, 5};
    QTest::newRow("colour images") << std::vector<int64_t>{6, 3, 4, 5} << Shape{3, 4, 5};
    QTest::newRow("numbers") << std::vector<int64_t>{6} << Shape{1};
  }
  void samplesKeepTheirDimensions() {
    QFETCH(std::vector<int64_t>, dims);
    QFETCH(Shape, sample);
    int64_t count = 1;
    for (const int64_t dim : dims) count *= dim;
    WriteBytes(folder_.filePath("images"), IdxBytes(IdxType::kUint8, dims, CountingBytes(count)));
    WriteBytes(folder_.filePath("labels"), IdxBytes(IdxType::kUint8, {6}, CyclingLabels(6, 4)));
    const auto info = MakeDataset({{"kind", "idx"},
                                   {"train_images", folder_.filePath("images").toStdString()},
                                   {"train_labels", folder_.filePath("labels").toStdString()}})
                          .value()
                          ->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->sample, sample);
    QCOMPARE(info->classes, 4);
    QCOMPARE(info->test_samples, 0);
  }

  void coloursLastAreRefused() {  // 8 channels of 8 x 3 would be read without a word
    WriteBytes(folder_.filePath("images"),
               IdxBytes(IdxType::kUint8, {6, 8, 8, 3}, CountingBytes(6 * 8 * 8 * 3)));
    WriteBytes(folder_.filePath("labels"), IdxBytes(IdxType::kUint8, {6}, CyclingLabels(6, 4)));
    const auto dataset = MakeDataset({{"kind", "idx"},
                                      {"train_images", folder_.filePath("images").toStdString()},
                                      {"train_labels", folder_.filePath("labels").toStdString()}})
                             .value();
    for (const absl::Status& status : {dataset->Probe("").status(), dataset->OpenTrain("").status()})
      QVERIFY2(Message(status).contains("8x8x3, expected channels x height x width"),
               qPrintable(Message(status)));
  }

  void labelsMayBeAColumn() {
    const std::string path = folder_.filePath("column").toStdString();
    WriteBytes(folder_.filePath("column"), IdxBytes(IdxType::kUint8, {6, 1}, CyclingLabels(6, 3)));
    const auto labels = ReadIdxLabels(path, 3);
    VERIFY_OK(labels);
    QCOMPARE(*labels, (std::vector<int32_t>{0, 1, 2, 0, 1, 2}));
    WriteBytes(folder_.filePath("column"), IdxBytes(IdxType::kUint8, {3, 2}, CyclingLabels(6, 3)));
    QCOMPARE(ReadIdxLabels(path, 3).status().code(), absl::StatusCode::kDataLoss);
  }

  void otherProgramsFoldersAndNamesAreFound() {
    const QString folder = WriteMnist("torchvision/MNIST/raw", true);
    QVERIFY(QFile::rename(folder + "/t10k-labels-idx1-ubyte.gz", folder + "/t10k-labels.idx1-ubyte.gz"));
    const auto info =
        MakeDataset({{"kind", "mnist"}, {"path", folder_.filePath("torchvision").toStdString()}})
            .value()
            ->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->test_samples, 3);
  }

  void floatsAreTakenAsTheyAre() {
    QByteArray data;
    const std::vector<float> values = {0.0F, -1.5F, 3e20F, 1e-20F, 255.0F, 0.1F};
    for (const float value : values) {
      const auto bits = __builtin_bswap32(std::bit_cast<uint32_t>(value));
      data.append(reinterpret_cast<const char*>(&bits), 4);
    }
    WriteBytes(folder_.filePath("floats"), IdxBytes(IdxType::kFloat32, {2, 3}, data));
    WriteBytes(folder_.filePath("labels"), IdxBytes(IdxType::kUint8, {2}, CyclingLabels(2, 2)));
    const auto dataset = MakeDataset({{"kind", "idx"},
                                      {"train_images", folder_.filePath("floats").toStdString()},
                                      {"train_labels", folder_.filePath("labels").toStdString()}})
                             .value();
    const auto train = dataset->OpenTrain("");
    VERIFY_OK(train);
    std::vector<float> read(6);
    const int64_t indices[] = {0, 1};
    (*train)->ReadBatch(indices, read);
    QCOMPARE(read, values);
    QCOMPARE(dataset->OpenTest("").value()->size(), 0);
  }

  void filesThatDisagreeAreRefused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("fewer labels than images")
        << "train-labels-idx1-ubyte" << IdxBytes(IdxType::kUint8, {5}, CyclingLabels(5, 3))
        << "train-labels-idx1-ubyte: at byte 4: found 5 labels, expected 6";
    QTest::newRow("fewer test images than labels")
        << "t10k-images-idx3-ubyte" << IdxBytes(IdxType::kUint8, {2, 2, 2}, CountingBytes(8))
        << "t10k-labels-idx1-ubyte: at byte 4: found 3 labels, expected 2";
    QTest::newRow("test images of another size")
        << "t10k-images-idx3-ubyte" << IdxBytes(IdxType::kUint8, {3, 2, 3}, CountingBytes(18))
        << "t10k-images-idx3-ubyte: at byte 4: found samples of 1x2x3, expected 1x2x2";
    QTest::newRow("a test label that is no class")
        << "t10k-labels-idx1-ubyte" << IdxBytes(IdxType::kUint8, {3}, QByteArray("\0\3\1", 3))
        << "t10k-labels-idx1-ubyte: at byte 9: sample 1 has label 3, expected 0 to 2";
    QTest::newRow("labels where images belong")
        << "train-images-idx3-ubyte" << IdxBytes(IdxType::kInt32, {6}, QByteArray(24, 0))
        << "train-images-idx3-ubyte: at byte 2: found element type 0x0c";
    QTest::newRow("a train file cut short")
        << "train-images-idx3-ubyte" << IdxBytes(IdxType::kUint8, {6, 2, 2}, CountingBytes(23))
        << "train-images-idx3-ubyte: cut short at byte 39";
  }
  void filesThatDisagreeAreRefused() {
    QFETCH(QString, file);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const QString folder = WriteMnist("disagree", false);
    VERIFY_OK(MakeDataset(IdxSpec(folder)).value()->Probe(""));
    WriteBytes(folder + "/" + file, bytes);
    const auto dataset = MakeDataset(IdxSpec(folder)).value();
    const absl::Status probed = dataset->Probe("").status();
    QCOMPARE(probed.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(probed).contains(message), qPrintable(Message(probed)));
  }

  void halfATestSplitIsRefused() {
    Json spec = IdxSpec("/nowhere");
    spec.erase("test_labels");
    const absl::Status status = MakeDataset(spec).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).startsWith("/dataset/test_labels"), qPrintable(Message(status)));
  }

  void everyDatasetTakesAPartitionAndDefaultsToIid() {
    for (const Descriptor* descriptor : Registry::Global().InCategory("dataset")) {
      bool has_partition = false;
      for (const ParamSpec& spec : descriptor->params)
        has_partition |= spec.name == "partition" && spec.type == ParamType::kComponent;
      QVERIFY2(has_partition, descriptor->kind.c_str());
    }
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("dataset", {{"kind", "mnist"}}, "", faults);
    QVERIFY(faults.empty());
    QCOMPARE(params.Component("partition").kind(), std::string("iid"));
  }
};

CONCERTINA_TEST(IdxDatasetTest)

}  // namespace concertina::idx_dataset_test

#include "idx_dataset_test.moc"
