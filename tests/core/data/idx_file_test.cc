// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_file_test.cc: IDX files are read whole or refused with file and offset.
#include "core/data/idx_file.h"

#include <QTemporaryDir>
#include <QTest>

#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::idx_file_test {

class IdxFileTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string Path(const char* name) const { return folder_.filePath(name).toStdString(); }
  std::string Write(const QByteArray& bytes) const {
    WriteBytes(folder_.filePath("plain"), bytes);
    return Path("plain");
  }
  std::string WriteZipped(const QByteArray& bytes) const {
    WriteGzip(folder_.filePath("zipped.gz"), bytes);
    return Path("zipped.gz");
  }
  static QByteArray Images() { return IdxBytes(IdxType::kUint8, {5, 2, 3}, CountingBytes(30)); }

 private slots:
  void whatIsWrittenIsRead_data() {
    QTest::addColumn<bool>("compressed");
    QTest::addColumn<QString>("prepared");
    QTest::newRow("plain") << false << "";
    QTest::newRow("compressed, in memory") << true << "";
    QTest::newRow("compressed, prepared") << true << folder_.filePath("prepared");
    QTest::newRow("compressed, found prepared") << true << folder_.filePath("prepared");
  }
  void whatIsWrittenIsRead() {
    QFETCH(bool, compressed);
    QFETCH(QString, prepared);
    const std::string path = compressed ? WriteZipped(Images()) : Write(Images());
    const auto probed = ProbeIdx(path);
    VERIFY_OK(probed);
    QCOMPARE(probed->dims, (std::vector<int64_t>{5, 2, 3}));
    const auto idx = OpenIdx(path, prepared.toStdString());
    VERIFY_OK(idx);
    QCOMPARE(idx->header.dims, (std::vector<int64_t>{5, 2, 3}));
    QCOMPARE(idx->header.data_bytes, 30);
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(idx->data()), 30), CountingBytes(30));
  }

  void everyTruncationIsRefused() {
    const QByteArray whole = Images();
    for (qsizetype length = 0; length < whole.size(); ++length) {
      const std::string path = Write(whole.left(length));
      for (const absl::Status& status : {ProbeIdx(path).status(), OpenIdx(path, "").status()}) {
        QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
        QVERIFY2(
            Message(status).contains("plain") && Message(status).contains(QString("byte %1").arg(length)),
            qPrintable(Message(status)));
      }
    }
  }

  void everyTruncationOfACompressedFileIsRefused() {
    WriteZipped(Images());
    QFile file(folder_.filePath("zipped.gz"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    for (qsizetype length = 0; length < whole.size(); ++length) {
      const std::string path = Write(whole.left(length));
      QCOMPARE(ProbeIdx(path).status().code(), absl::StatusCode::kDataLoss);
      QCOMPARE(OpenIdx(path, "").status().code(), absl::StatusCode::kDataLoss);
      QCOMPARE(OpenIdx(path, folder_.filePath("prepared").toStdString()).status().code(),
               absl::StatusCode::kDataLoss);
    }
  }

  void everyFlippedBitOfACompressedFileIsRefusedOrHarmless() {
    WriteZipped(Images());
    QFile file(folder_.filePath("zipped.gz"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    int refused = 0;
    for (qsizetype bit = 0; bit < whole.size() * 8; ++bit) {
      QByteArray damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto idx = OpenIdx(Write(damaged), "");
      // Time stamp, system and flags of the gzip header do not matter; everything else does.
      if (idx.ok()) QCOMPARE(QByteArray(reinterpret_cast<const char*>(idx->data()), 30), CountingBytes(30));
      refused += !idx.ok();
    }
    QVERIFY(refused > (whole.size() - 10) * 8 * 9 / 10);
  }

  void everyFlippedBitOfTheHeaderIsRefused() {
    const QByteArray whole = Images();
    for (int bit = 0; bit < 16 * 8; ++bit) {
      QByteArray damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      QCOMPARE(OpenIdx(Write(damaged), "").status().code(), absl::StatusCode::kDataLoss);
    }
  }

  void bytesAfterTheEndAreRefused() {
    const absl::Status plain = OpenIdx(Write(Images() + "x"), "").status();
    QCOMPARE(plain.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(plain).contains("longer than expected at byte 46"), qPrintable(Message(plain)));
    const std::string zipped = WriteZipped(Images() + "x");
    QCOMPARE(OpenIdx(zipped, "").status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(ProbeIdx(zipped).status().code(), absl::StatusCode::kDataLoss);
  }

  void aHeaderThatPromisesTooMuchIsRefusedBeforeAnythingIsWritten() {
    // 2^20 x 2^10 x 2^10 bytes in a file of some 40 bytes; and a product beyond 64 bits.
    for (const QByteArray& bomb :
         {IdxBytes(IdxType::kUint8, {1 << 20, 1 << 10, 1 << 10}, "few"),
          IdxBytes(IdxType::kUint8, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, "few")}) {
      const std::string prepared = folder_.filePath("bomb").toStdString();
      const absl::Status status = OpenIdx(WriteZipped(bomb), prepared).status();
      QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
      QVERIFY2(Message(status).contains("byte"), qPrintable(Message(status)));
      QCOMPARE(QDir(folder_.filePath("bomb")).entryList(QDir::Files).size(), 0);
    }
  }

  void aCompressedFileThatHoldsMoreThanItsHeaderSaysIsNotInflatedFurther() {
    // 8 MB of zeros behind a header of 30 bytes.
    const std::string path = WriteZipped(Images() + QByteArray(8 << 20, 0));
    QCOMPARE(OpenIdx(path, folder_.filePath("bomb").toStdString()).status().code(),
             absl::StatusCode::kDataLoss);
    QCOMPARE(ProbeIdx(path).status().code(), absl::StatusCode::kDataLoss);
  }

  void gzipOfSeveralMembersIsRead() {
    WriteZipped(Images().left(20));
    QFile first(folder_.filePath("zipped.gz"));
    QVERIFY(first.open(QIODevice::ReadOnly));
    QByteArray both = first.readAll();
    WriteZipped(Images().mid(20));
    QFile second(folder_.filePath("zipped.gz"));
    QVERIFY(second.open(QIODevice::ReadOnly));
    both += second.readAll();
    VERIFY_OK(ProbeIdx(Write(both)));
    VERIFY_OK(OpenIdx(Write(both), ""));
  }

  void otherElementTypesAndDimensionsAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const auto raw = [](std::initializer_list<int> values) {
      QByteArray bytes;
      for (const int value : values) bytes.append(static_cast<char>(value));
      return bytes;
    };
    QTest::newRow("doubles") << raw({0, 0, 0x0e, 1, 0, 0, 0, 1}) << "at byte 2: found element type 0x0e";
    QTest::newRow("no magic") << raw({0x89, 'P', 'N', 'G'}) << "at byte 0: found 0x89504e47";
    QTest::newRow("no dimensions") << raw({0, 0, 8, 0}) << "at byte 3: found 0 dimensions";
    QTest::newRow("too many dimensions") << raw({0, 0, 8, 200}) << "at byte 3: found 200 dimensions";
    QTest::newRow("no samples") << raw({0, 0, 8, 1, 0, 0, 0, 0}) << "at byte 4: found dimension 0";
  }
  void otherElementTypesAndDimensionsAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const absl::Status status = OpenIdx(Write(bytes), "").status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void labelsAreReadAndChecked() {
    const std::string path = Write(IdxBytes(IdxType::kUint8, {6}, QByteArray("\0\1\2\3\2\1", 6)));
    QCOMPARE(ReadIdxLabels(path, 4).value(), (std::vector<int32_t>{0, 1, 2, 3, 2, 1}));
    QCOMPARE(ReadIdxLabels(path, 0).value().size(), size_t{6});
    const absl::Status status = ReadIdxLabels(path, 3).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains("at byte 11: sample 3 has label 3, expected 0 to 2"),
             qPrintable(Message(status)));
    const std::string wide = Write(IdxBytes(IdxType::kInt32, {2}, QByteArray("\0\0\1\2\xff\xff\xff\xff", 8)));
    const absl::Status negative = ReadIdxLabels(wide, 0).status();
    QVERIFY2(Message(negative).contains("at byte 12: sample 1 has label -1"), qPrintable(Message(negative)));
    QCOMPARE(ReadIdxLabels(Write(Images()), 10).status().code(), absl::StatusCode::kDataLoss);
  }

  void aMissingFileIsNotFound() {
    QCOMPARE(ProbeIdx(Path("nowhere")).status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(OpenIdx(Path("nowhere"), "").status().code(), absl::StatusCode::kNotFound);
    QVERIFY(!OpenIdx(folder_.path().toStdString(), "").ok());
  }
};

CONCERTINA_TEST(IdxFileTest)

}  // namespace concertina::idx_file_test

#include "idx_file_test.moc"
