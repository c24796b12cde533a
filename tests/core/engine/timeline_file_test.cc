// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_file_test.cc: recordings are stored a rank a file, the newest few of them, and given as they came.
#include "core/engine/timeline_file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "core/analysis/timeline.h"
#include "core/base/file.h"
#include "tests/test_program.h"

namespace concertina::timeline_file_test {

class TimelineFileTest : public QObject {
  Q_OBJECT

  static std::string Packed(int64_t recording, int rank) {
    return PackSpans(
        {.rank = rank,
         .recording = recording,
         .first_step = 3,
         .steps = 1,
         .spans = {{.kind = SpanKind::kForward, .step = 3, .begin_seconds = 1, .end_seconds = 2}}});
  }
  static absl::StatusOr<proto::GetTimelineReply> Read(const QTemporaryDir& folder, int64_t recording,
                                                      int rank) {
    proto::GetTimelineRequest request;
    request.set_recording(recording);
    request.set_rank(rank);
    return ReadTimeline(folder.path().toStdString(), request);
  }

 private slots:
  void whatIsWrittenIsRead() {
    const QTemporaryDir folder;
    const std::string run = folder.path().toStdString();
    for (const int rank : {1, 0}) QCOMPARE(WriteTimelineFile(run, 500, rank, Packed(500, rank)).value(), 1);
    QCOMPARE(WriteTimelineFile(run, 600, 1, Packed(600, 1)).value(), 1);
    const auto list = Read(folder, 0, -1);
    QVERIFY(list.ok());
    QCOMPARE(list->recordings_size(), 2);
    QCOMPARE(list->recordings(0).recording(), int64_t{600});
    QCOMPARE(list->recordings(0).ranks_size(), 1);
    QCOMPARE(list->recordings(1).ranks_size(), 2);
    QCOMPARE(list->recordings(1).ranks(0), 0);
    QVERIFY(list->packed().empty());
    QCOMPARE(Read(folder, 500, 0)->packed(), Packed(500, 0));
    QCOMPARE(Read(folder, 0, 1)->packed(), Packed(600, 1));  // the newest
    QCOMPARE(Read(folder, 0, 1)->recording(), int64_t{600});
  }

  void whatIsNotThereIsSaid() {
    const QTemporaryDir folder;
    const auto nothing = Read(folder, 0, 0);
    QCOMPARE(nothing.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(QString::fromStdString(std::string(nothing.status().message())).contains("--record"));
    QVERIFY(Read(folder, 0, -1)->recordings().empty());
    QVERIFY(WriteTimelineFile(folder.path().toStdString(), 500, 0, Packed(500, 0)).ok());
    QCOMPARE(Read(folder, 501, 0).status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(Read(folder, 500, 7).status().code(), absl::StatusCode::kNotFound);
  }

  void whatIsNoRecordingOfThisRankIsRefused_data() {
    QTest::addColumn<QByteArray>("packed");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("cut short") << QByteArray::fromStdString(Packed(500, 0)).chopped(1);
    QTest::newRow("another rank") << QByteArray::fromStdString(Packed(500, 1));
    QTest::newRow("another recording") << QByteArray::fromStdString(Packed(501, 0));
  }
  void whatIsNoRecordingOfThisRankIsRefused() {
    QFETCH(QByteArray, packed);
    const QTemporaryDir folder;
    const auto written = WriteTimelineFile(folder.path().toStdString(), 500, 0, packed.toStdString());
    QCOMPARE(written.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(Read(folder, 0, -1)->recordings().empty());
  }

  void aDamagedFileIsNamed() {
    const QTemporaryDir folder;
    const std::string run = folder.path().toStdString();
    QVERIFY(WriteTimelineFile(run, 500, 0, Packed(500, 0)).ok());
    QVERIFY(WriteFileAtomically(run + "/timeline/500/rank-0", "CSP1").ok());
    const auto read = Read(folder, 0, 0);
    QCOMPARE(read.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(QString::fromStdString(std::string(read.status().message())).contains("timeline/500/rank-0"));
  }

  void onlyTheNewestAreKept() {
    const QTemporaryDir folder;
    const std::string run = folder.path().toStdString();
    QVERIFY(MakeFolder(run + "/timeline/notes").ok());  // not ours
    for (int64_t recording = 1; recording <= kKeptRecordings + 3; ++recording)
      QVERIFY(WriteTimelineFile(run, recording, 0, Packed(recording, 0)).ok());
    const auto list = Read(folder, 0, -1);
    QCOMPARE(list->recordings_size(), kKeptRecordings);
    QCOMPARE(list->recordings(kKeptRecordings - 1).recording(), int64_t{4});
    QVERIFY(QDir(folder.filePath("timeline/notes")).exists());
  }
};

CONCERTINA_TEST(TimelineFileTest)

}  // namespace concertina::timeline_file_test

#include "timeline_file_test.moc"
