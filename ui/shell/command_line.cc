// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// command_line.cc: quotes and composes (see command_line.h).
#include "ui/shell/command_line.h"

#include <QRegularExpression>

namespace concertina::ui {

QString shellQuoted(const QString& text) {
  static const QRegularExpression harmless(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
  if (harmless.match(text).hasMatch()) return text;
  return QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QLatin1String("'\\''")) +
         QLatin1Char('\'');
}

QString commandLine(const CommandLineSource& source) {
  QString command = QStringLiteral("concertinactl");
  if (!source.home.isEmpty()) command += QStringLiteral(" --home ") + shellQuoted(source.home);
  if (!source.address.isEmpty()) command += QStringLiteral(" --engine ") + shellQuoted(source.address);
  command += QStringLiteral(" run ");
  if (!source.file.isEmpty()) return command + shellQuoted(source.file);
  // A here-document: nothing in it is expanded, because its end is quoted.
  QString spec = source.spec;
  if (!spec.endsWith(QLatin1Char('\n'))) spec += QLatin1Char('\n');
  return command + QStringLiteral("/dev/stdin <<'EXPERIMENT'\n") + spec + QStringLiteral("EXPERIMENT\n");
}

}  // namespace concertina::ui
