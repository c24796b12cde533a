// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elastic_test.cc: what becomes of an experiment that loses a worker, and the same one for another group.
#include "core/experiment/elastic.h"

#include <QTest>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::elastic_test {

using Json = nlohmann::json;

class ElasticTest : public QObject {
  Q_OBJECT
 private slots:
  void eachStrategyHasItsRecovery_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("kind");
    QTest::newRow("all-reduce") << R"({"mesh": {"data": 4}, "elastic": {}})"
                                << "regroups";
    QTest::newRow("a server in step")
        << R"({"mesh": {"data": 4}, "exchange": {"kind": "parameter-server"}, "elastic": {}})"
        << "regroups";
    QTest::newRow("not elastic") << R"({"mesh": {"data": 4}})"
                                 << "resumes";
    QTest::newRow("pipeline") << R"({"mesh": {"data": 2, "pipeline": 2}, "elastic": {}})"
                              << "resumes";
    QTest::newRow("zero") << R"({"mesh": {"data": 4}, "exchange": {"kind": "zero"}, "elastic": {}})"
                          << "resumes";
    QTest::newRow("gossip") << R"({"mesh": {"data": 4}, "exchange": {"kind": "gossip"}})"
                            << "goes-on";
  }
  void eachStrategyHasItsRecovery() {
    QFETCH(QString, spec);
    QFETCH(QString, kind);
    const SpecCheck check = CheckSpec(spec.toStdString());
    QVERIFY(check.faults.empty());
    QCOMPARE(RecoveryName(RecoveryOf(check.spec)), kind.toStdString());
    QVERIFY(!RecoveryText(check.spec).empty());
  }
  void boundsAreCheckedAgainstTheWorkers() {
    const auto pointer = [](const char* spec) {
      const SpecCheck check = CheckSpec(spec);
      return check.faults.empty() ? std::string() : check.faults[0].pointer;
    };
    QCOMPARE(pointer(R"({"mesh": {"data": 2}, "elastic": {"min_workers": 3}})"),
             std::string("/elastic/min_workers"));
    QCOMPARE(pointer(R"({"mesh": {"data": 4}, "elastic": {"max_workers": 3}})"),
             std::string("/elastic/max_workers"));
    QCOMPARE(pointer(R"({"elastic": {"replaces": true}})"), std::string("/elastic/replaces"));
    QCOMPARE(pointer(R"({"mesh": {"data": 3}, "elastic": {"min_workers": 3, "max_workers": 3}})"),
             std::string());
    QVERIFY(!CheckSpec("{}").spec.elastic.has_value());
  }
  void aGroupOfAnotherSizeIsTheSameExperiment() {
    const SpecCheck check = CheckSpec(
        R"({"elastic": {"learning_rate": "linear"},
            "workers": [{"launcher": "local", "count": 2, "speed": 0.5}, {"launcher": "local", "count": 2}]})");
    QVERIFY(check.faults.empty());
    std::vector<std::string> entries = EntriesByRank(check.spec);
    QCOMPARE(entries.size(), size_t{4});
    entries.erase(entries.begin() + 1);
    const auto three = SpecForGroup(check.spec, entries);
    QVERIFY2(three.ok(), std::string(three.status().message()).c_str());
    QCOMPARE(three->mesh_data, int64_t{3});
    QCOMPARE(three->workers.size(), size_t{2});
    QCOMPARE(three->workers[0].count, int64_t{1});
    QCOMPARE(three->group_of(0).speed, 0.5);
    QCOMPARE(three->group_of(1).speed, 1.0);
    QCOMPARE(three->elastic->base_workers, int64_t{4});
    QCOMPARE(LearningRateScale(*three), 0.75);
    QCOMPARE(LearningRateScale(check.spec), 1.0);
    // Four again, one of them new: the base stays.
    entries.push_back(entries.back());
    const auto four = SpecForGroup(*three, entries);
    QVERIFY(four.ok());
    QCOMPARE(four->elastic->base_workers, int64_t{4});
    QCOMPARE(LearningRateScale(*four), 1.0);
    QVERIFY(!SpecForGroup(check.spec, {}).ok());
  }
};

CONCERTINA_TEST(ElasticTest)

}  // namespace concertina::elastic_test

#include "elastic_test.moc"
