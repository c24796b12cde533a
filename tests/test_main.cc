// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// test_main.cc: a program of tests without a window.
#include <QCoreApplication>

#include "tests/test_program.h"

int main(int argc, char** argv) {
  const QCoreApplication app(argc, argv);
  return concertina::RunTests(argc, argv);
}
