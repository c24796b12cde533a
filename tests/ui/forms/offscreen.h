// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// offscreen.h: what the engine describes, as a file to test against, and a person at the keyboard.
#pragma once

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
