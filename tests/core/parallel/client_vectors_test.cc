// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// client_vectors_test.cc: what was stored comes back, from memory or from the file.
#include "core/parallel/client_vectors.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::client_vectors_test {
namespace {

constexpr int64_t kFloats = 1000;
std::vector<float> VectorOf(int64_t client, int version) {
  std::vector<float> vector(kFloats);
  for (size_t i = 0; i < vector.size(); ++i)
    vector[i] =
        static_cast<float>(client) + 0.001F * static_cast<float>(i) + 100.0F * static_cast<float>(version);
  return vector;
}

}  // namespace

class ClientVectorsTest : public QObject {
  Q_OBJECT
 private slots:
  void whatWasStoredComesBack_data() {
    QTest::addColumn<int>("kept");
    QTest::newRow("all in memory") << 100;
    QTest::newRow("some in the file") << 3;
    QTest::newRow("all in the file") << 0;
  }
  void whatWasStoredComesBack() {
    QFETCH(int, kept);
    QTemporaryDir folder;
    ClientVectors vectors(kFloats, kept * 4 * kFloats, folder.filePath("below/vectors").toStdString());
    std::vector<float> got(kFloats, 7.0F);
    QVERIFY(vectors.Load(5, got).ok());
    QCOMPARE(got, std::vector<float>(kFloats));  // never stored
    const std::vector<int64_t> clients = {900, 5, 17, 1, 400, 23};
    for (const int version : {0, 1})
      for (const int64_t client : clients) QVERIFY(vectors.Store(client, VectorOf(client, version)).ok());
    for (const int64_t client : clients) {
      QVERIFY(vectors.Load(client, got).ok());
      QCOMPARE(got, VectorOf(client, 1));
    }
    QCOMPARE(vectors.in_file(), std::max<int64_t>(0, 6 - kept));
    QCOMPARE(vectors.stored(), (std::vector<int64_t>{1, 5, 17, 23, 400, 900}));
    // The file has no name any more: nothing is left when the process ends, however it does.
    QVERIFY(QDir(folder.filePath("below")).isEmpty());
  }

  void withoutAFolderTheLimitIsTheEnd() {
    ClientVectors vectors(kFloats, 4 * kFloats, "");
    QVERIFY(vectors.Store(1, VectorOf(1, 0)).ok());
    QVERIFY(vectors.Store(1, VectorOf(1, 1)).ok());
    QCOMPARE(vectors.Store(2, VectorOf(2, 0)).code(), absl::StatusCode::kResourceExhausted);
  }
};

CONCERTINA_TEST(ClientVectorsTest)

}  // namespace concertina::client_vectors_test

#include "client_vectors_test.moc"
