// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// test_program.h: the tests of one folder are one program, which runs those that it is asked for by name.
#pragma once

#include <QTest>
#include <string_view>

namespace concertina {

using RunTest = int (*)(int argc, char** argv);

// `file`: whose test it is; its name without the folder and the ending is the test's. Always true.
bool AddTest(std::string_view file, RunTest run);

// argv[1] is a test, and what follows is for Qt Test; without a name all run, one after the other. How many
// functions failed, 2 where there is no such test.
int RunTests(int argc, char** argv);

}  // namespace concertina

// At the end of x_test.cc, within its namespace concertina::x_test: files are compiled several at a time, so
// names in them are those of a namespace of their own.
#define CONCERTINA_TEST(Class)                                    \
  [[maybe_unused]] static const bool kHas##Class =                \
      ::concertina::AddTest(__FILE__, [](int argc, char** argv) { \
        Class test;                                               \
        return QTest::qExec(&test, argc, argv);                   \
      });
