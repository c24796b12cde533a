// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cifar_10_test.cc: binary batches of whole records, or a message with file and offset.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::cifar_10_test {

class Cifar10Test : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  // Record i of file f: label i % 10, pixels counting from f.
  static QByteArray Batch(int file, int records) {
    QByteArray bytes;
    for (int i = 0; i < records; ++i) {
      bytes.append(static_cast<char>(i % 10));
      for (int j = 0; j < 3072; ++j) bytes.append(static_cast<char>((file + i + j) % 256));
    }
    return bytes;
  }
  QString WriteAll(const QString& name) const {
    const QString folder = folder_.filePath(name);
    QDir().mkpath(folder);
    for (int file = 1; file <= 5; ++file)
      WriteBytes(QString("%1/data_batch_%2.bin").arg(folder).arg(file), Batch(file, file));
    WriteBytes(folder + "/test_batch.bin", Batch(9, 4));
    return folder;
  }
  static std::unique_ptr<Dataset> Make(const QString& folder) {
    return MakeDataset({{"kind", "cifar-10"}, {"path", folder.toStdString()}}).value();
  }

 private slots:
  void batchesFollowEachOther() {
    const auto dataset = Make(WriteAll("whole"));
    const auto info = dataset->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->sample, (Shape{3, 32, 32}));
    QCOMPARE(info->train_samples, 1 + 2 + 3 + 4 + 5);
    QCOMPARE(info->test_samples, 4);
    const auto train = dataset->OpenTrain("").value();
    int64_t index = 0;
    for (int file = 1; file <= 5; ++file)
      for (int i = 0; i < file; ++i, ++index) {
        std::vector<float> pixels(3072);
        train->Read(index, pixels.data());
        QCOMPARE(train->label(index), i);
        for (int j = 0; j < 3072; j += 511)
          QCOMPARE(pixels[static_cast<size_t>(j)], static_cast<float>((file + i + j) % 256) / 255.0F);
      }
  }

  void theParentOfTheUnpackedFolderMayBeNamed() {
    WriteAll("parent/cifar-10-batches-bin");
    VERIFY_OK(Make(folder_.filePath("parent"))->Probe(""));
  }

  void damageIsNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("cut short") << Batch(1, 2).left(6000) << "data_batch_3.bin: cut short at byte 6000";
    QTest::newRow("empty") << QByteArray() << "data_batch_3.bin: empty at byte 0";
    QByteArray mislabelled = Batch(1, 3);
    mislabelled[3073] = 10;
    QTest::newRow("no such class") << mislabelled << "data_batch_3.bin: at byte 3073: sample 1 has label 10";
  }
  void damageIsNamed() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const QString folder = WriteAll("damaged");
    WriteBytes(folder + "/data_batch_3.bin", bytes);
    const absl::Status status = Make(folder)->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void whatIsThereInsteadIsTold() {
    const QString folder = WriteAll("instead");
    const absl::Status one = Make(folder + "/data_batch_1.bin")->Probe("").status();
    QCOMPARE(one.code(), absl::StatusCode::kNotFound);
    QVERIFY2(Message(one).contains("is a file: set /dataset/path to the folder"), qPrintable(Message(one)));
    QDir().mkpath(folder_.filePath("python/cifar-10-batches-py"));
    WriteBytes(folder_.filePath("python/cifar-10-batches-py/data_batch_1"), "a pickle");
    const absl::Status python = Make(folder_.filePath("python"))->Probe("").status();
    QVERIFY2(Message(python).contains("cifar-10-binary.tar.gz"), qPrintable(Message(python)));
  }

  void aMissingBatchIsNotFound() {
    const absl::Status status = Make(folder_.filePath("nowhere"))->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kNotFound);
    QVERIFY2(Message(status).contains("/dataset/path"), qPrintable(Message(status)));
  }
};

CONCERTINA_TEST(Cifar10Test)

}  // namespace concertina::cifar_10_test

#include "cifar_10_test.moc"
