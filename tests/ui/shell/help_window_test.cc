// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// help_window_test.cc: every page has words, and every link between pages leads to one.
#include "ui/shell/help_window.h"

#include <QDirIterator>
#include <QListWidget>
#include <QRegularExpression>
#include <QTest>
#include <QTextBrowser>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"

namespace concertina::ui::help_window_test {

class HelpWindowTest : public QObject {
  Q_OBJECT
 private slots:
  void everyFileIsAPageWithWords() {
    HelpWindow window;
    auto* index = window.findChild<QListWidget*>(QStringLiteral("helpWindow.index"));
    auto* text = window.findChild<QTextBrowser*>(QStringLiteral("helpWindow.text"));
    int files = 0;
    for (QDirIterator it(QStringLiteral(":/help")); it.hasNext(); ++files) {
      window.showPage(QFileInfo(it.next()).completeBaseName());
      QVERIFY2(text->toPlainText().size() > 300, qPrintable(it.fileName()));
      if (it.fileName() != QLatin1String("getting-started.md"))
        QVERIFY2(index->currentRow() > 0, qPrintable(it.fileName()));
    }
    QCOMPARE(index->count(), files);
  }
  void linksLeadToPages() {
    static const QRegularExpression link(QStringLiteral("\\]\\(([^)]+)\\)"));
    for (QDirIterator it(QStringLiteral(":/help")); it.hasNext();) {
      QFile file(it.next());
      QVERIFY(file.open(QIODevice::ReadOnly));
      const QString page = QString::fromUtf8(file.readAll());
      for (auto match = link.globalMatch(page); match.hasNext();) {
        const QString target = match.next().captured(1);
        if (!target.contains(QLatin1String("://")))
          QVERIFY2(QFile::exists(QStringLiteral(":/help/") + target),
                   qPrintable(it.fileName() + " -> " + target));
      }
    }
  }
};

CONCERTINA_TEST(HelpWindowTest)

}  // namespace concertina::ui::help_window_test

#include "help_window_test.moc"
