// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// offscreen.h: a test program with widgets needs no display; and what the engine describes, as a file to test
// against.
#pragma once

#include <QApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace concertina::ui {

// `describe --json` of an engine, kept by hand: every type of parameter occurs in it.
inline QJsonObject describeSample() {
  QFile file(QStringLiteral(CONCERTINA_SOURCE_DIR "/tests/ui/forms/describe.json"));
  if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qUtf8Printable(file.fileName()));
  return QJsonDocument::fromJson(file.readAll()).object();
}

// A person marks everything and types.
inline void typeInto(QWidget* edit, const QString& text) {
  edit->setFocus();
  QTest::keySequence(edit, QKeySequence::SelectAll);
  QTest::keyClick(edit, Qt::Key_Delete);
  QTest::keyClicks(edit, text);
}

}  // namespace concertina::ui

#define CONCERTINA_OFFSCREEN_MAIN(Test)                                                         \
  int main(int argc, char** argv) {                                                             \
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen"); \
    QApplication app(argc, argv);                                                               \
    Test test;                                                                                  \
    return QTest::qExec(&test, argc, argv);                                                     \
  }
