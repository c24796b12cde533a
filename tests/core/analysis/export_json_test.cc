// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_json_test.cc: the document is JSON whatever the run holds, and numbers keep their bits.
#include "core/analysis/export_json.h"

#include <QTest>
#include <bit>
#include <cmath>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::export_json_test {

class ExportJsonTest : public QObject {
  Q_OBJECT

 private slots:
  void everythingIsThere() {
    const double third = 1.0 / 3;
    const RunRecord run = {
        .id = "r1",
        .name = "a \"name\"\n",
        .state = "finished",
        .spec_json = R"({"seed": 7})",
        .started_unix_ms = 1700000000123,
        .summary = {{"test accuracy", "0.88"}},
        .series = {{"train/loss", "", -1, {0, 1, 2}, {0, third, 1}, {third, std::nan(""), INFINITY}},
                   {"comm/bytes_sent", "B", 2, {5}, {0}, {1e9}}},
        .events = {{3, 0.5, "knob", "ratio 0.1"}}};
    const auto json = nlohmann::json::parse(ExportJson(run), nullptr, false);
    QVERIFY(!json.is_discarded());
    QCOMPARE(json["run"].get<std::string>(), run.id);
    QCOMPARE(json["name"].get<std::string>(), run.name);
    QCOMPARE(json["spec"]["seed"].get<int>(), 7);
    QCOMPARE(json["summary"]["test accuracy"].get<std::string>(), std::string("0.88"));
    QVERIFY(json["series"][0]["rank"].is_null());
    QCOMPARE(json["series"][1]["rank"].get<int>(), 2);
    QCOMPARE(json["series"][1]["unit"].get<std::string>(), std::string("B"));
    QCOMPARE(std::bit_cast<uint64_t>(json["series"][0]["values"][0].get<double>()),
             std::bit_cast<uint64_t>(third));
    QVERIFY(json["series"][0]["values"][1].is_null());
    QVERIFY(json["series"][0]["values"][2].is_null());
    QCOMPARE(json["events"][0]["kind"].get<std::string>(), std::string("knob"));
    QCOMPARE(json["started_unix_ms"].get<int64_t>(), 1700000000123);
  }

  void whatIsNoJsonAndNoUnicodeDoesNotBreakIt() {
    const RunRecord run = {.name = "\xff\xfe", .spec_json = "{not json"};
    const auto json = nlohmann::json::parse(ExportJson(run), nullptr, false);
    QVERIFY(!json.is_discarded());
    QCOMPARE(json["spec"].get<std::string>(), std::string("{not json"));
    QVERIFY(json["series"].is_array());
  }
};

CONCERTINA_TEST(ExportJsonTest)

}  // namespace concertina::export_json_test

#include "export_json_test.moc"
