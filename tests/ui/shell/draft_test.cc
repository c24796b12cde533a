// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draft_test.cc: what one window keeps, the next one finds, and no other takes.
#include "ui/shell/draft.h"

#include <sys/wait.h>
#include <unistd.h>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"

namespace concertina::ui::draft_test {

class DraftTest : public QObject {
  Q_OBJECT
 private slots:
  void anEmptyFolderHasNothingToOffer() {
    QTemporaryDir folder;
    QVERIFY(!DraftKeeper(folder.filePath("not-there")).leftBehind());
    QVERIFY(!DraftKeeper(folder.path()).leftBehind());
  }

  // Half-typed text and all.
  void whatAWindowLeavesIsOfferedOnce() {
    QTemporaryDir folder;
    {
      DraftKeeper window(folder.filePath("made/when/needed"));
      QVERIFY(window.keep({"{\"name\": \"hal", "/home/ada/ring.json", 5}));
      QVERIFY(window.keep({"{\"name\": \"half", "/home/ada/ring.json", 7}));
    }
    DraftKeeper next(folder.filePath("made/when/needed"));
    const auto left = next.leftBehind();
    QVERIFY(left);
    QCOMPARE(left->text, QString("{\"name\": \"half"));
    QCOMPARE(left->file, QString("/home/ada/ring.json"));
    QCOMPARE(left->kept_unix_ms, qint64{7});
    QVERIFY(!DraftKeeper(folder.filePath("made/when/needed")).leftBehind());  // it is next's by now
    next.discardLeft();
    QVERIFY(!next.leftBehind());
  }

  void whatIsSavedIsNotOffered() {
    QTemporaryDir folder;
    DraftKeeper window(folder.path());
    QVERIFY(window.keep({"{}", {}, 1}));
    window.discard();
    QVERIFY(!DraftKeeper(folder.path()).leftBehind());
  }

  void windowsKeepOutOfEachOthersWay() {
    QTemporaryDir folder;
    DraftKeeper first(folder.path());
    QVERIFY(first.keep({"first", {}, 2}));
    DraftKeeper second(folder.path());
    QVERIFY(!second.leftBehind());
    QVERIFY(second.keep({"second", {}, 1}));
    first.leave();
    second.leave();
    DraftKeeper third(folder.path());
    QCOMPARE(third.leftBehind()->text, QString("first"));  // the newest
    third.discardLeft();
    QCOMPARE(third.leftBehind()->text, QString("second"));
  }

  // The offered one stays until it is answered, even though this window keeps something by itself.
  void anUnansweredOfferIsMadeAgain() {
    QTemporaryDir folder;
    {
      DraftKeeper window(folder.path());
      QVERIFY(window.keep({"left", {}, 1}));
    }
    {
      DraftKeeper window(folder.path());
      QVERIFY(window.leftBehind());
      QVERIFY(window.keep({"newer", {}, 2}));
      window.discard();
    }
    QCOMPARE(DraftKeeper(folder.path()).leftBehind()->text, QString("left"));
  }

  void damagedFilesArePassedOver() {
    QTemporaryDir folder;
    QFile file(folder.filePath("draft-0.json"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{\"text\": 3") > 0);
    file.close();
    DraftKeeper window(folder.path());
    QVERIFY(!window.leftBehind());
    QVERIFY(window.keep({"mine", {}, 1}));
    QVERIFY(QFile::exists(folder.filePath("draft-0.json")));
  }

  void aKilledProcessLeavesItsDraft() {
    QTemporaryDir folder;
    const pid_t child = fork();
    if (child == 0) {
      DraftKeeper window(folder.path());
      const bool kept = window.keep({"typed just now", {}, 1});
      if (kept) kill(getpid(), SIGKILL);
      _exit(1);
    }
    int status = 0;
    QVERIFY(child > 0 && waitpid(child, &status, 0) == child);
    QVERIFY(WIFSIGNALED(status));
    DraftKeeper next(folder.path());
    const auto left = next.leftBehind();
    QVERIFY(left);
    QCOMPARE(left->text, QString("typed just now"));
  }
};

CONCERTINA_TEST(DraftTest)

}  // namespace concertina::ui::draft_test

#include "draft_test.moc"
