// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_difference_test.cc: only what differs, named by its pointer; and who repeats whom.
#include "core/analysis/spec_difference.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::spec_difference_test {

class SpecDifferenceTest : public QObject {
  Q_OBJECT
 private slots:
  void differences_data() {
    QTest::addColumn<QStringList>("specs");
    QTest::addColumn<QStringList>("lines");
    QTest::newRow("nothing differs") << QStringList{R"({"a": 1, "b": {"c": [1, 2]}})",
                                                    R"({"b": {"c": [1, 2]}, "a": 1})"}
                                     << QStringList{};
    QTest::newRow("one value deep within")
        << QStringList{R"({"a": 1, "b": {"c": [1, 2]}})", R"({"a": 1, "b": {"c": [1, 3]}})"}
        << QStringList{"/b/c/1: 2 | 3"};
    QTest::newRow("a codec and none")
        << QStringList{R"({"gradient": []})", R"({"gradient": [{"kind": "top-k", "ratio": 0.01}]})"}
        << QStringList{"/gradient/0/kind: – | top-k", "/gradient/0/ratio: – | 0.01"};
    QTest::newRow("the order is the first's")
        << QStringList{R"({"z": 1, "a": 1})", R"({"a": 2, "z": 2, "m": 3})"}
        << QStringList{"/z: 1 | 2", "/a: 1 | 2", "/m: – | 3"};
    QTest::newRow("three") << QStringList{R"({"a": true})", R"({"a": true})", R"({"a": false})"}
                           << QStringList{"/a: true | true | false"};
    QTest::newRow("a slash in a name")
        << QStringList{R"({"a/b": 1})", R"({"a/b": 2})"} << QStringList{"/a~1b: 1 | 2"};
    QTest::newRow("1 and 1.0 are one number") << QStringList{R"({"a": 1})", R"({"a": 1.0})"} << QStringList{};
    QTest::newRow("not JSON") << QStringList{"{", R"({"a": 1})"} << QStringList{"/a: – | 1"};
    QTest::newRow("one alone") << QStringList{R"({"a": 1})"} << QStringList{};
    QTest::newRow("none") << QStringList{} << QStringList{};
  }
  void differences() {
    QFETCH(QStringList, specs);
    QFETCH(QStringList, lines);
    std::vector<std::string> texts;
    for (const QString& spec : specs) texts.push_back(spec.toStdString());
    QStringList found;
    for (const SpecDifference& difference : SpecDifferences(texts)) {
      QStringList values;
      for (const Json& value : difference.values) values << QString::fromStdString(SettingText(value));
      found << QString::fromStdString(difference.pointer) + ": " + values.join(" | ");
    }
    QCOMPARE(found, lines);
  }

  void seedAndNameMakeNoOtherExperiment() {
    const std::string one = ExperimentKey(R"({"name": "a", "seed": 1, "model": {"kind": "mlp", "seed": 3}})");
    QCOMPARE(ExperimentKey(R"({"model": {"seed": 3, "kind": "mlp"}, "name": "b", "seed": 2})"), one);
    QVERIFY(ExperimentKey(R"({"name": "a", "seed": 1, "model": {"kind": "mlp", "seed": 4}})") != one);
    for (const char* unknown : {"", "{", "[1]"}) QCOMPARE(ExperimentKey(unknown), std::string());
  }

  void settingsReadAsPeopleWriteThem_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("text");
    QTest::newRow("text") << R"("top-k")"
                          << "top-k";
    QTest::newRow("none") << "null"
                          << "–";
    QTest::newRow("truth") << "false"
                           << "false";
    QTest::newRow("whole") << "64"
                           << "64";
    QTest::newRow("a whole number of a real field") << "64.0"
                                                    << "64";
    QTest::newRow("fraction") << "0.05"
                              << "0.05";
    QTest::newRow("small") << "1e-06"
                           << "1e-6";
    QTest::newRow("large") << "1.5e20"
                           << "1.5e20";
    QTest::newRow("negative") << "-2.5e-10"
                              << "-2.5e-10";
  }
  void settingsReadAsPeopleWriteThem() {
    QFETCH(QString, json);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(SettingText(Json::parse(json.toStdString()))), text);
  }
};

CONCERTINA_TEST(SpecDifferenceTest)

}  // namespace concertina::spec_difference_test

#include "spec_difference_test.moc"
