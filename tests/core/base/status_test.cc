// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// status_test.cc: near names, exit codes, errno.
#include "core/base/status.h"

#include <QTest>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "tests/test_program.h"

namespace concertina::status_test {

class StatusTest : public QObject {
  Q_OBJECT
 private slots:
  void nearestNameFindsTypos_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("nearest");
    QTest::newRow("one letter") << "top-j"
                                << "top-k";
    QTest::newRow("case") << "FP16"
                          << "fp16";
    QTest::newRow("nothing like it") << "zebra-crossing"
                                     << "";
    QTest::newRow("empty") << ""
                           << "";
  }
  void nearestNameFindsTypos() {
    QFETCH(QString, name);
    QFETCH(QString, nearest);
    QCOMPARE(QString::fromStdString(NearestName(name.toStdString(), {"top-k", "fp16", "powersgd"})), nearest);
  }
  void exitCodesFollowTheContract() {
    QCOMPARE(ExitCodeOf(absl::OkStatus()), ExitCode::kWell);
    QCOMPARE(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kBadInput);
    QCOMPARE(ExitCodeOf(absl::PermissionDeniedError("")), ExitCode::kBadInput);
    QCOMPARE(ExitCodeOf(absl::CancelledError("")), ExitCode::kInterrupted);
    QCOMPARE(ExitCodeOf(absl::UnavailableError("")), ExitCode::kNoEngine);
    QCOMPARE(ExitCodeOf(absl::InternalError("")), ExitCode::kRunFailed);
  }
  // Scripts tell a wrong path from an engine that is not there by the exit code.
  void aWrongPathIsBadInput() {
    for (const int error : {ENOENT, EACCES, EPERM, EROFS, EEXIST, EISDIR, ENOTDIR, ENAMETOOLONG, ELOOP})
      QVERIFY2(ExitCodeOf(ErrnoStatus(error, "opening /x")) == ExitCode::kBadInput, std::strerror(error));
    QCOMPARE(ExitCodeOf(ErrnoStatus(ECONNREFUSED, "connecting")), ExitCode::kNoEngine);
    QCOMPARE(ExitCodeOf(ErrnoStatus(ENOSPC, "writing /x")), ExitCode::kRunFailed);
  }
  void fullDiskIsResourceExhausted() {
    // A disk that is broken is no engine that is missing, and no peer that is lost.
    for (const int error : {EIO, ENXIO, ESTALE, EUCLEAN, EFBIG}) {
      QCOMPARE(ErrnoStatus(error, "reading /x").code(), absl::StatusCode::kUnknown);
      QVERIFY2(ExitCodeOf(ErrnoStatus(error, "reading /x")) == ExitCode::kRunFailed, std::strerror(error));
    }
    for (const int error : {ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, EAGAIN})
      QCOMPARE(ErrnoStatus(error, "reading from a peer").code(), absl::StatusCode::kUnavailable);
    QCOMPARE(ErrnoStatus(ENOSPC, "writing /x").code(), absl::StatusCode::kResourceExhausted);
    QVERIFY(absl::StrContains(ErrnoStatus(ENOSPC, "writing /x").message(), "writing /x: No space"));
  }
};

CONCERTINA_TEST(StatusTest)

}  // namespace concertina::status_test

#include "status_test.moc"
