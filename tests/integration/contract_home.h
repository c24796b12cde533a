// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// contract_home.h: a home with a run that has finished, for the tests that hold the command line to its
// contract.
#pragma once

#include <QDir>
#include <QFile>
#include <QTest>

#include "tests/integration/programs.h"

namespace concertina {

class ContractHome : public QObject {
 protected:
  using Json = nlohmann::json;

  TestHome home_;
  Json run_;  // as `run --json` told it; its experiment is in spec.json

  // What a test calls in its own initTestCase: two workers, 60 steps.
  void finishARun() {
    const QString spec = home_.Write("spec.json", SmallSpec(2, 60).dump());
    const CtlResult result = home_.CtlJson({"run", spec});
    QVERIFY2(result.exit_code == 0, result.err.constData());
    run_ = result.json();
    QVERIFY2(run_.is_object(), result.out.constData());
  }
  // Threads of the engine, a few steps: a point of a sweep takes a second.
  static Json TinyBase() {
    Json base = SmallSpec(2, 20);
    base["workers"][0]["launcher"] = "in-process";
    return base;
  }
};

}  // namespace concertina
