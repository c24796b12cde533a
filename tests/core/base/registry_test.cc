// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// registry_test.cc: components are found by name, made from their parameters, and plugins that do not fit
// are refused with a reason.
#include "core/base/registry.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::registry_test {
namespace {

class Greeter {
 public:
  explicit Greeter(int64_t times) : times(times) {}
  int64_t times;
};

REGISTER_COMPONENT(
    Greeter,
    Descriptor(
        {.category = "registry-test",
         .kind = "polite",
         .title = "Polite",
         .params = {{.name = "times", .type = ParamType::kInteger, .default_value = 2, .minimum = 1}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Greeter>> {
      if (params.Integer("times") > 100) return absl::InvalidArgumentError("too polite");
      return std::make_unique<Greeter>(params.Integer("times"));
    });

Params Checked(const std::string& json, std::vector<Fault>& faults) {
  return Registry::Global().Check("registry-test", Json::parse(json), "/greeter", faults);
}

}  // namespace

class RegistryTest : public QObject {
  Q_OBJECT
 private slots:
  void aRegisteredComponentIsMadeFromItsParameters() {
    std::vector<Fault> faults;
    const Params params = Checked(R"({"kind": "polite", "times": 3})", faults);
    QVERIFY(faults.empty());
    const auto greeter = Registry::Global().Create<Greeter>("registry-test", params);
    QVERIFY(greeter.ok());
    QCOMPARE((*greeter)->times, int64_t{3});
  }
  void aFactorysErrorComesThrough() {
    std::vector<Fault> faults;
    const Params params = Checked(R"({"kind": "polite", "times": 101})", faults);
    QCOMPARE(Registry::Global().Create<Greeter>("registry-test", params).status().code(),
             absl::StatusCode::kInvalidArgument);
  }
  void anotherInterfaceIsRefused() {
    std::vector<Fault> faults;
    const Params params = Checked(R"({"kind": "polite"})", faults);
    QCOMPARE(Registry::Global().Create<int>("registry-test", params).status().code(),
             absl::StatusCode::kInternal);
  }
  void unknownKindsAreFaults_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("suggestion");
    QTest::newRow("near") << R"({"kind": "polit"})"
                          << "/greeter/kind"
                          << "polite";
    QTest::newRow("far") << R"({"kind": "zzz"})"
                         << "/greeter/kind"
                         << "";
    QTest::newRow("absent") << R"({})"
                            << "/greeter/kind"
                            << "";
    QTest::newRow("of another type") << R"({"kind": 3})"
                                     << "/greeter/kind"
                                     << "";
    QTest::newRow("not an object") << R"("polite")"
                                   << "/greeter"
                                   << "";
  }
  void unknownKindsAreFaults() {
    QFETCH(QString, json);
    QFETCH(QString, pointer);
    QFETCH(QString, suggestion);
    std::vector<Fault> faults;
    Checked(json.toStdString(), faults);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(faults[0].pointer), pointer);
    QCOMPARE(QString::fromStdString(faults[0].suggestion), suggestion);
    QVERIFY(absl::StrContains(faults[0].expected, "polite"));
  }
  void theFirstOfTwoStays() {
    QVERIFY(!Registry::Global().Add<Greeter>({.category = "registry-test", .kind = "polite", .title = "Rude"},
                                             [](const Params&) { return std::make_unique<Greeter>(0); }));
    QCOMPARE(Registry::Global().Find("registry-test", "polite")->title, std::string("Polite"));
  }
  void categoriesComeInTheContractsOrder() {
    const std::vector<std::string> categories = Registry::Global().Categories();
    const std::vector<std::string> contract = {
        "dataset",           "partition",      "model",    "optimizer", "schedule",   "exchange",
        "pipeline-schedule", "gradient-codec", "launcher", "transport", "compressor", "knob-policy", "fault"};
    QVERIFY(categories.size() > contract.size());
    QVERIFY(std::equal(contract.begin(), contract.end(), categories.begin()));
    const Json json = Registry::Global().ToJson();
    QCOMPARE(json.at("categories").size(), categories.size());
    QCOMPARE(json.at("categories").back().at("components")[0].at("kind").get<std::string>(),
             std::string("polite"));
  }
  void pluginsThatAreNoneAreRefusedAndTheRestGoesOn() {
    QTemporaryDir folder;
    QFile text(folder.filePath("notes.so"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("not a shared library");
    text.close();
    QFile other(folder.filePath("readme.txt"));
    QVERIFY(other.open(QIODevice::WriteOnly));
    const std::vector<std::string> refused = LoadPlugins(folder.path().toStdString());
    QCOMPARE(refused.size(), size_t{1});
    QVERIFY(absl::StrContains(refused[0], "notes.so"));
    QVERIFY(LoadPlugins((folder.path() + "/absent").toStdString()).empty());
  }
};

CONCERTINA_TEST(RegistryTest)

}  // namespace concertina::registry_test

#include "registry_test.moc"
