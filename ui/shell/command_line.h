// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// command_line.h: an experiment as a command for the shell: what the desktop can do, the terminal can.
#pragma once

#include <QString>

namespace concertina::ui {

struct CommandLineSource {
  QString spec;           // JSON
  QString file;           // where exactly this spec is saved; "": it goes into the command
  QString home, address;  // as the desktop was started; "" for the usual
};
QString commandLine(const CommandLineSource& source);

// For sh: 'as it stands', or bare where nothing in it means anything to the shell.
QString shellQuoted(const QString& text);

}  // namespace concertina::ui
