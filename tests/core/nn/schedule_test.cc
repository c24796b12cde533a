// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// schedule_test.cc: the factors of every schedule, and its warm-up.
#include <QTest>

#include "core/base/registry.h"
#include "core/nn/optimizer.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::schedule_test {

class ScheduleTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Schedule> Make(const Json& spec) {
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("schedule", spec, "", faults);
    return faults.empty() ? Registry::Global().Create<Schedule>("schedule", params).value() : nullptr;
  }

 private slots:
  void factors_data() {
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<int>("step");
    QTest::addColumn<double>("factor");  // of 100 steps, 10 an epoch
    const auto row = [](const char* spec, int step, double factor) {
      QTest::addRow("%s at %d", spec, step) << QByteArray(spec) << step << factor;
    };
    row(R"({"kind": "constant"})", 0, 1);
    row(R"({"kind": "constant"})", 99, 1);
    row(R"({"kind": "constant", "warmup_steps": 4})", 0, 0.25);
    row(R"({"kind": "constant", "warmup_steps": 4})", 2, 0.75);
    row(R"({"kind": "constant", "warmup_steps": 4})", 3, 1);
    row(R"({"kind": "constant", "warmup_steps": 4})", 4, 1);
    row(R"({"kind": "step", "every_epochs": 2, "factor": 0.5})", 0, 1);
    row(R"({"kind": "step", "every_epochs": 2, "factor": 0.5})", 19, 1);
    row(R"({"kind": "step", "every_epochs": 2, "factor": 0.5})", 20, 0.5);
    row(R"({"kind": "step", "every_epochs": 2, "factor": 0.5})", 99, 0.0625);
    row(R"({"kind": "step", "every_epochs": 1, "factor": 0.5, "warmup_steps": 20})", 14, 0.75 * 0.5);
    row(R"({"kind": "cosine"})", 0, 1);
    row(R"({"kind": "cosine"})", 25, 0.85355339059327378);  // (1 + cos(pi / 4)) / 2
    row(R"({"kind": "cosine"})", 50, 0.5);
    row(R"({"kind": "cosine"})", 100, 0);
    row(R"({"kind": "cosine"})", 1000, 0);  // a run that goes on longer than planned
    row(R"({"kind": "cosine", "warmup_steps": 20})", 9, 0.5);
    row(R"({"kind": "cosine", "warmup_steps": 20})", 20, 1);
    row(R"({"kind": "cosine", "warmup_steps": 20})", 60, 0.5);
  }
  void factors() {
    QFETCH(QByteArray, spec);
    QFETCH(int, step);
    QFETCH(double, factor);
    const double got = Make(Json::parse(spec.toStdString()))->Factor(step, 100, 10);
    QVERIFY2(std::abs(got - factor) < 1e-12, qPrintable(QString::number(got)));
  }

  void everyScheduleStaysBetweenZeroAndOne() {
    for (const std::string& kind : Registry::Global().Kinds("schedule")) {
      for (const int64_t warmup_steps : {0, 7, 1000}) {  // the last is longer than the run
        const std::unique_ptr<Schedule> schedule = Make({{"kind", kind}, {"warmup_steps", warmup_steps}});
        QVERIFY(schedule != nullptr);
        for (const auto& [total, per_epoch] :
             {std::pair<int64_t, int64_t>{100, 10}, {1, 1}, {0, 0}, {3, 100}})
          for (int64_t step = 0; step < 200; ++step) {
            const double factor = schedule->Factor(step, total, per_epoch);
            QVERIFY(factor >= 0 && factor <= 1);
          }
      }
    }
  }

  void valuesOutOfRangeAreRefused() {
    QVERIFY(Make({{"kind", "constant"}, {"warmup_steps", -1}}) == nullptr);
    QVERIFY(Make({{"kind", "step"}, {"every_epochs", 0}}) == nullptr);
    QVERIFY(Make({{"kind", "step"}, {"factor", 1.5}}) == nullptr);
    QVERIFY(Make({{"kind", "cosign"}}) == nullptr);
  }
};

CONCERTINA_TEST(ScheduleTest)

}  // namespace concertina::schedule_test

#include "schedule_test.moc"
