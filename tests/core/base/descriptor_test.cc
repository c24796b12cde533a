// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// descriptor_test.cc: values are checked against their descriptors, all faults at once.
#include "core/base/descriptor.h"

#include <QTest>

#include "core/base/registry.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::descriptor_test {
namespace {

Descriptor Example() {
  return {
      .category = "descriptor-test",
      .kind = "example",
      .title = "Example",
      .summary = "Every type of parameter.",
      .params = {
          {.name = "nesterov", .type = ParamType::kBoolean, .default_value = false},
          {.name = "width",
           .type = ParamType::kInteger,
           .default_value = 4,
           .minimum = 1,
           .maximum = 1048576},
          {.name = "ratio", .unit = "", .default_value = 0.01, .minimum = 1e-6, .maximum = 1, .live = true},
          {.name = "label", .type = ParamType::kText, .default_value = "x"},
          {.name = "algorithm",
           .type = ParamType::kChoice,
           .default_value = "ring",
           .choices = {"ring", "tree"}},
          {.name = "path", .type = ParamType::kPath, .doc = "where it is."},
          {.name = "hidden", .type = ParamType::kIntegerList, .default_value = {3, 4}, .minimum = 1},
          {.name = "limit", .type = ParamType::kNumber, .optional = true},
      }};
}

struct Checked {
  Params params;
  std::vector<Fault> faults;
};
Checked Check(const std::string& json) {
  Checked checked;
  checked.params = Params::Check(Example(), Json::parse(json), "/here", checked.faults);
  return checked;
}

}  // namespace

class DescriptorTest : public QObject {
  Q_OBJECT
 private slots:
  void defaultsAreFilledIn() {
    const Checked checked = Check(R"({"kind": "example", "path": "/data"})");
    QCOMPARE(checked.faults.size(), size_t{0});
    QCOMPARE(checked.params.Boolean("nesterov"), false);
    QCOMPARE(checked.params.Integer("width"), int64_t{4});
    QCOMPARE(checked.params.Number("ratio"), 0.01);
    QCOMPARE(checked.params.Text("algorithm"), std::string("ring"));
    QCOMPARE(checked.params.IntegerList("hidden"), (std::vector<int64_t>{3, 4}));
    QVERIFY(!checked.params.Has("limit"));
    QCOMPARE(checked.params.kind(), std::string("example"));
  }
  void aCheckedValueChecksAgainUnchanged() {
    const Checked once = Check(R"({"path": "/data", "ratio": 1, "hidden": [], "limit": 2.5})");
    const Checked twice = Check(once.params.json().dump());
    QVERIFY(once.faults.empty() && twice.faults.empty());
    QCOMPARE(twice.params.json().dump(), once.params.json().dump());
  }
  void wrongValuesAreNamed_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("suggestion");
    QTest::newRow("a number for a boolean") << "nesterov"
                                            << "1"
                                            << "true or false"
                                            << "";
    QTest::newRow("a fraction") << "width"
                                << "1.5"
                                << "a whole number from 1 to 1048576"
                                << "";
    QTest::newRow("below the range") << "width"
                                     << "0"
                                     << "a whole number from 1 to 1048576"
                                     << "";
    QTest::newRow("just above") << "width"
                                << "1048577"
                                << "a whole number from 1 to 1048576"
                                << "";
    QTest::newRow("beyond 64 bits") << "width"
                                    << "18446744073709551615"
                                    << "a whole number from 1 to 1048576"
                                    << "";
    QTest::newRow("a text for a number") << "ratio"
                                         << "\"0.5\""
                                         << "a number from 1e-06 to 1"
                                         << "";
    QTest::newRow("null") << "ratio"
                          << "null"
                          << "a number from 1e-06 to 1"
                          << "";
    QTest::newRow("a list for a text") << "label"
                                       << "[]"
                                       << "a text in quotes"
                                       << "";
    QTest::newRow("a near choice") << "algorithm"
                                   << "\"rings\""
                                   << "one of ring, tree"
                                   << "ring";
    QTest::newRow("a choice of another type") << "algorithm"
                                              << "3"
                                              << "one of ring, tree"
                                              << "";
    QTest::newRow("a list with a zero") << "hidden"
                                        << "[5,0]"
                                        << "a list of whole numbers, each one of at least 1"
                                        << "";
    QTest::newRow("a number for a list") << "hidden"
                                         << "5"
                                         << "a list of whole numbers, each one of at least 1"
                                         << "";
  }
  void wrongValuesAreNamed() {
    QFETCH(QString, field);
    QFETCH(QString, value);
    QFETCH(QString, expected);
    QFETCH(QString, suggestion);
    const Checked checked = Check(QString(R"({"path": "p", "%1": %2})").arg(field, value).toStdString());
    QCOMPARE(checked.faults.size(), size_t{1});
    const Fault& fault = checked.faults.front();
    QCOMPARE(QString::fromStdString(fault.pointer), "/here/" + field);
    QCOMPARE(QString::fromStdString(fault.found), value);
    QCOMPARE(QString::fromStdString(fault.expected), expected);
    QCOMPARE(QString::fromStdString(fault.suggestion), suggestion);
    QVERIFY(QString::fromStdString(fault.message).contains(expected));
  }
  void allFaultsComeAtOnce() {
    const Checked checked = Check(R"({"widht": 3, "ratio": 2, "nesterov": "yes"})");
    QCOMPARE(checked.faults.size(), size_t{4});  // and the path is missing
    QCOMPARE(checked.faults[0].pointer, std::string("/here/widht"));
    QCOMPARE(checked.faults[0].suggestion, std::string("width"));
    const absl::Status status = FaultsToStatus(checked.faults);
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(QString::fromStdString(std::string(status.message())).count('\n'), 3);
    QVERIFY(FaultsToStatus({}).ok());
  }
  void namesAreEscapedInPointers() {
    QCOMPARE(Check(R"({"path": "p", "a/b~c": 1})").faults.at(0).pointer, std::string("/here/a~1b~0c"));
  }
  void longValuesAreCutBetweenCharacters() {  // a cut character would not be JSON, nor protobuf text
    for (size_t length = 50; length < 70; ++length) {
      std::string text;
      while (text.size() < length) text += "ä";
      const std::string shown = Shortened("x" + text);
      QVERIFY(shown.size() <= 60);
      QCOMPARE(QString::fromStdString(shown).toStdString(), shown);
      QVERIFY(!QString::fromStdString(shown).contains(QChar::ReplacementCharacter));
    }
    QCOMPARE(Shortened("short"), std::string("short"));
  }
  void nestedComponentsAreCheckedToo() {
    Registry::Global().Add<int>({.category = "descriptor-test-inner",
                                 .kind = "inner",
                                 .params = {{.name = "alpha", .default_value = 0.5, .minimum = 0}}},
                                [](const Params&) { return std::make_unique<int>(1); });
    DefaultValue inner;
    inner.text = R"({"kind": "inner"})";
    const Descriptor outer{.category = "descriptor-test",
                           .kind = "outer",
                           .params = {{.name = "part",
                                       .type = ParamType::kComponent,
                                       .default_value = inner,
                                       .choices = {"descriptor-test-inner"}}}};
    std::vector<Fault> faults;
    Params params = Params::Check(outer, Json::object(), "", faults);
    QVERIFY(faults.empty());
    QCOMPARE(params.Component("part").Number("alpha"), 0.5);
    Params::Check(outer, Json::parse(R"({"part": {"kind": "inner", "alpha": -1}})"), "", faults);
    Params::Check(outer, Json::parse(R"({"part": {"kind": "iner"}})"), "", faults);
    Params::Check(outer, Json::parse(R"({"part": "inner"})"), "", faults);
    QCOMPARE(faults.size(), size_t{3});
    QCOMPARE(faults[0].pointer, std::string("/part/alpha"));
    QCOMPARE(faults[1].pointer, std::string("/part/kind"));
    QCOMPARE(faults[1].suggestion, std::string("inner"));
    QCOMPARE(faults[2].pointer, std::string("/part"));
  }
  void describeSaysEverything() {
    const Json json = DescriptorToJson(Example());
    QCOMPARE(json.at("kind").get<std::string>(), std::string("example"));
    for (const Json& parameter : json.at("parameters"))
      for (const char* field :
           {"name", "type", "unit", "default", "minimum", "maximum", "choices", "doc", "live"})
        QVERIFY2(parameter.contains(field), field);
    QCOMPARE(json.at("parameters")[1].at("maximum").get<double>(), 1048576.0);
    QVERIFY(json.at("parameters")[5].at("default").is_null());
    QVERIFY(json.at("parameters")[5].at("minimum").is_null());
  }
};

CONCERTINA_TEST(DescriptorTest)

}  // namespace concertina::descriptor_test

#include "descriptor_test.moc"
