// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// test_program.cc: see test_program.h.
#include "tests/test_program.h"

#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace concertina {
namespace {

std::map<std::string, RunTest>& AllTests() {
  static std::map<std::string, RunTest> tests;
  return tests;
}

}  // namespace

bool AddTest(std::string_view file, RunTest run) {
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  AllTests()[std::string(file.substr(0, file.find('.')))] = run;
  return true;
}

int RunTests(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    int failed = 0;
    for (const auto& [name, run] : AllTests()) failed += run(argc, argv);
    return failed;
  }
  const auto test = AllTests().find(argv[1]);
  if (test == AllTests().end()) {
    std::fprintf(stderr, "no test \"%s\" here; there are\n", argv[1]);
    for (const auto& [name, run] : AllTests()) std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  std::vector<char*> rest(argv, argv + argc);
  rest.erase(rest.begin() + 1);
  rest.push_back(nullptr);
  return test->second(argc - 1, rest.data());
}

}  // namespace concertina
