// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_test.cc: what a sweep file comes to, and what is wrong with a bad one.
#include "core/experiment/sweep.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/experiment/spec.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::sweep_test {
namespace {

SweepCheck Checked(const Json& sweep) { return *CheckSweep({.json = sweep.dump()}); }

Json Axis(const std::string& pointer, Json values) {
  return {{"pointer", pointer}, {"values", std::move(values)}};
}

const Json kTwoByThree = {{"name", "s"},
                          {"base", {{"seed", 7}}},
                          {"axes",
                           {Axis("/gradient", {Json::array(), {{{"kind", "fp16"}}}}),
                            Axis("/optimizer/learning_rate", {0.1, 0.05, 0.01})}}};

std::string Messages(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += fault.message + "\n";
  return text;
}

const Fault* FaultAt(const SweepCheck& check, const std::string& pointer) {
  const auto found = std::find_if(check.faults.begin(), check.faults.end(),
                                  [&](const Fault& fault) { return fault.pointer == pointer; });
  return found == check.faults.end() ? nullptr : &*found;
}

}  // namespace

class SweepTest : public QObject {
  Q_OBJECT
 private slots:
  void aGridHasEveryCombination() {
    const SweepCheck check = Checked(kTwoByThree);
    QVERIFY2(check.faults.empty(), Messages(check.faults).c_str());
    const char* labels[] = {"none, learning_rate 0.1",  "none, learning_rate 0.05",
                            "none, learning_rate 0.01", "fp16, learning_rate 0.1",
                            "fp16, learning_rate 0.05", "fp16, learning_rate 0.01"};
    QCOMPARE(check.sweep.points.size(), size_t{6});
    for (size_t i = 0; i < 6; ++i) QCOMPARE(check.sweep.points[i].label, std::string(labels[i]));
    const SweepPoint& point = check.sweep.points[4];
    QCOMPARE(point.values[1].label, std::string("0.05"));
    const Json spec = Json::parse(point.specs.at(0));
    QCOMPARE(spec["name"].get<std::string>(), std::string("s · fp16, learning_rate 0.05"));
    QCOMPARE(spec["optimizer"]["learning_rate"].get<double>(), 0.05);
    QCOMPARE(spec["optimizer"]["momentum"].get<double>(), 0.9);  // the default's own, not lost
    QCOMPARE(spec["gradient"][0]["kind"].get<std::string>(), std::string("fp16"));
    QCOMPARE(CheckSpec(point.specs[0]).spec.json, point.specs[0]);  // whole, as an engine stores it
  }

  void repeatsDifferByTheirSeedsAlone() {
    Json sweep = kTwoByThree;
    sweep["repeats"] = 3;
    const SweepCheck check = Checked(sweep);
    QVERIFY2(check.faults.empty(), Messages(check.faults).c_str());
    for (const SweepPoint& point : check.sweep.points) {
      QCOMPARE(point.specs.size(), size_t{3});
      for (size_t repeat = 0; repeat < 3; ++repeat) {
        Json spec = Json::parse(point.specs[repeat]);
        QCOMPARE(spec["seed"].get<size_t>(), 7 + repeat);
        QCOMPARE(CheckSpec(point.specs[repeat]).spec.json, point.specs[repeat]);
        spec["seed"] = 7;
        QVERIFY(spec == Json::parse(point.specs[0]));
      }
    }
  }

  void valuesHaveLabels_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("words");
    QTest::newRow("a number") << "/seed"
                              << "3"
                              << "3"
                              << "seed 3";
    QTest::newRow("a text") << "/dataset/kind"
                            << "\"mnist\""
                            << "mnist"
                            << "kind mnist";
    QTest::newRow("a component") << "/model"
                                 << R"({"kind": "mlp", "hidden": [9, 8]})"
                                 << "mlp hidden=9 + 8"
                                 << "mlp hidden=9 + 8";
    QTest::newRow("a chain") << "/gradient"
                             << R"([{"kind": "top-k", "ratio": 0.01}, {"kind": "fp16"}])"
                             << "top-k ratio=0.01 + fp16"
                             << "top-k ratio=0.01 + fp16";
    QTest::newRow("an index is no name") << "/gradient/0"
                                         << R"({"kind": "fp16"})"
                                         << "fp16"
                                         << "fp16";
    QTest::newRow("a label") << "/gradient"
                             << R"({"label": "half", "value": [{"kind": "fp16"}]})"
                             << "half"
                             << "half";
    QTest::newRow("a label of a number") << "/seed"
                                         << R"({"label": "lucky", "value": 7})"
                                         << "lucky"
                                         << "lucky";
  }
  void valuesHaveLabels() {
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, label);
    QFETCH(QString, words);
    const Json sweep = {
        {"base", Json::object()},
        {"axes", {Axis(pointer.toStdString(), Json::array({Json::parse(value.toStdString())}))}}};
    const SweepCheck check = Checked(sweep);
    QVERIFY2(check.faults.empty(), Messages(check.faults).c_str());
    QCOMPARE(check.sweep.points[0].values[0].label, label.toStdString());
    QCOMPARE(check.sweep.points[0].label, words.toStdString());
  }

  void theBaseMayBeAFile() {
    const QTemporaryDir folder;
    QVERIFY(WriteFileAtomically(folder.filePath("base.json").toStdString(), R"({"seed": 9})").ok());
    const Json sweep = {{"base", "base.json"}, {"axes", {Axis("/optimizer/learning_rate", {0.1})}}};
    const SweepText text = {
        .json = sweep.dump(), .folder = folder.path().toStdString(), .assignments = {"/training/epochs=3"}};
    const SweepCheck check = *CheckSweep(text);
    QVERIFY2(check.faults.empty(), Messages(check.faults).c_str());
    const Json spec = Json::parse(check.sweep.points[0].specs[0]);
    QCOMPARE(spec["seed"].get<int>(), 9);
    QCOMPARE(spec["training"]["epochs"].get<double>(), 3.0);

    QVERIFY(WriteFileAtomically(folder.filePath("base.json").toStdString(), "{\"seed\": ").ok());
    const SweepCheck broken = *CheckSweep(text);
    QVERIFY(FaultAt(broken, "/base") != nullptr);
    QVERIFY(FaultAt(broken, "/base")->message.find("line 1") != std::string::npos);
  }

  void aFaultHasItsPlace_data() {
    QTest::addColumn<QString>("sweep");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("suggestion");
    const auto row = [](const char* name, const QString& sweep, const char* pointer,
                        const char* suggestion = "") {
      QTest::newRow(name) << sweep << pointer << suggestion;
    };
    const QString axes = R"("axes": [{"pointer": "/seed", "values": [1, 2]}])";
    const auto with_axis = [](const QString& axis) { return R"({"base": {}, "axes": [)" + axis + "]}"; };
    const auto with = [&](const QString& more) { return R"({"base": {}, )" + axes + ", " + more + "}"; };
    row("not JSON", "{", "");
    row("a list", "[1]", "");
    row("no base", "{" + axes + "}", "/base");
    row("a base that is a number", R"({"base": 3, )" + axes + "}", "/base");
    row("a base that is not there", R"({"base": "nowhere.json", )" + axes + "}", "/base");
    row("a bad base", R"({"base": {"sede": 1}, )" + axes + "}", "/base/sede", "seed");
    row("no axes", R"({"base": {}})", "/axes");
    row("an empty list of axes", R"({"base": {}, "axes": []})", "/axes");
    row("an axis that is a text", with_axis("\"/seed\""), "/axes/0");
    row("an axis without a pointer", with_axis(R"({"values": [1]})"), "/axes/0/pointer");
    row("a pointer without a slash", with_axis(R"({"pointer": "seed", "values": [1]})"), "/axes/0/pointer");
    row("the name", with_axis(R"({"pointer": "/name", "values": ["a"]})"), "/axes/0/pointer");
    row("a field of an axis", with_axis(R"({"pointer": "/seed", "valeus": [1]})"), "/axes/0/valeus",
        "values");
    row("no values", with_axis(R"({"pointer": "/seed", "values": []})"), "/axes/0/values");
    row("neither values nor a range", with_axis(R"({"pointer": "/seed"})"), "/axes/0");
    row("values and a range",
        with_axis(
            R"({"pointer": "/seed", "values": [1], "distribution": "uniform", "minimum": 1, "maximum": 2})"),
        "/axes/0");
    row("values and a bound", with_axis(R"({"pointer": "/seed", "values": [1], "minimum": 1})"),
        "/axes/0/minimum");
    row("a value twice", with_axis(R"({"pointer": "/seed", "values": [1, 2, 1]})"), "/axes/0/values/2");
    row("a label of two lines",
        with_axis(R"({"pointer": "/seed", "values": [{"label": "a\nb", "value": 1}]})"),
        "/axes/0/values/0/label");
    row("a range in a grid",
        with_axis(R"({"pointer": "/seed", "distribution": "uniform", "minimum": 1, "maximum": 2})"),
        "/axes/0/distribution");
    row("a distribution that is none", with_axis(R"({"pointer": "/seed", "distribution": "unifrom"})"),
        "/axes/0/distribution", "uniform");
    row("no minimum", with_axis(R"({"pointer": "/seed", "distribution": "uniform", "maximum": 2})"),
        "/axes/0/minimum");
    row("an empty range",
        with_axis(R"({"pointer": "/seed", "distribution": "uniform", "minimum": 2, "maximum": 2})"),
        "/axes/0/maximum");
    row("the logarithm of zero",
        with_axis(R"({"pointer": "/seed", "distribution": "log-uniform", "minimum": 0, "maximum": 2})"),
        "/axes/0/minimum");
    row("halves of a whole number",
        with_axis(
            R"({"pointer": "/seed", "distribution": "uniform", "minimum": 0.5, "maximum": 2, "integer": true})"),
        "/axes/0/minimum");
    row("a field twice",
        with_axis(R"({"pointer": "/seed", "values": [1]}, {"pointer": "/seed", "values": [2]})"),
        "/axes/1/pointer");
    row("a section misspelt", with_axis(R"({"pointer": "/optimzer/learning_rate", "values": [1]})"),
        "/axes/0/pointer", "optimizer");
    row("a field misspelt", with_axis(R"({"pointer": "/optimizer/lerning_rate", "values": [0.1]})"),
        "/axes/0/values/0", "learning_rate");
    row("a place that is not there", with_axis(R"({"pointer": "/seed/x", "values": [0.1]})"),
        "/axes/0/pointer");
    row("a bad value", with_axis(R"({"pointer": "/seed", "values": [1, "x"]})"), "/axes/0/values/1");
    row("within a value", with_axis(R"({"pointer": "/gradient", "values": [[{"kind": "fp61"}]]})"),
        "/axes/0/values/0/0/kind", "fp16");
    row("within a labelled value",
        with_axis(R"({"pointer": "/gradient", "values": [{"label": "x", "value": [{"kind": "fp61"}]}]})"),
        "/axes/0/values/0/value/0/kind", "fp16");
    row("an unknown section", with(R"("serch": {})"), "/serch", "search");
    row("an unknown search", with(R"("search": {"kind": "gird"})"), "/search/kind", "grid");
    row("a search that is a text", with(R"("search": "grid")"), "/search");
    row("random without samples", with(R"("search": {"kind": "random"})"), "/search/samples");
    row("samples of a grid", with(R"("search": {"kind": "grid", "samples": 3})"), "/search/samples");
    row("halving without epochs", with(R"("search": {"kind": "successive-halving"})"),
        "/search/first_epochs");
    row("rounds that are none",
        with(R"("search": {"kind": "successive-halving", "first_epochs": 1, "rounds": "resume"})"),
        "/search/rounds", "resumed");
    row("resumed by what no round has",
        with(R"("search": {"kind": "successive-halving", "first_epochs": 1, "rounds": "resumed"}, )"
             R"("objective": {"series": "seconds"})"),
        "/objective/series");
    row("resumed without an evaluation",
        R"({"base": {"training": {"epochs": 4, "evaluate_every_epochs": 2}}, )" + axes +
            R"(, "search": {"kind": "successive-halving", "first_epochs": 1, "rounds": "resumed"}})",
        "/base/training/evaluate_every_epochs");
    row("halving beyond the epochs", with(R"("search": {"kind": "successive-halving", "first_epochs": 2})"),
        "/search/first_epochs");
    row("no repeats", with(R"("repeats": 0)"), "/repeats");
    row("an objective that is none", with(R"("objective": {"series": "test_acuracy"})"), "/objective/series",
        "test_accuracy");
    row("an objective that is a text", with(R"("objective": "test_accuracy")"), "/objective");
    row("a goal that is none", with(R"("objective": {"goal": "max"})"), "/objective/goal");
    row("to no target", with(R"("objective": {"series": "seconds_to_target"})"), "/objective/series");
    row("a target above one", with(R"("target_accuracy": 85)"), "/target_accuracy");
    row("a name of two lines", with(R"("name": "a\nb")"), "/name");
  }
  void aFaultHasItsPlace() {
    QFETCH(QString, sweep);
    QFETCH(QString, pointer);
    QFETCH(QString, suggestion);
    const SweepCheck check = *CheckSweep({.json = sweep.toStdString()});
    QCOMPARE(check.faults.size(), size_t{1});
    const Fault& fault = check.faults[0];
    QVERIFY2(fault.pointer == pointer.toStdString(), fault.message.c_str());
    QVERIFY2(fault.suggestion == suggestion.toStdString(), fault.message.c_str());
    QVERIFY2(pointer.isEmpty() || fault.message.starts_with(fault.pointer + ":"), fault.message.c_str());
  }

  void allFaultsComeInOneGo() {
    Json sweep = kTwoByThree;
    sweep["base"]["trainnig"] = Json::object();
    sweep["axes"][0]["values"][1] = {{{"kind", "top-k"}, {"ratio", 5}}};
    sweep["axes"].push_back({{"pointer", "oops"}, {"values", {1}}});
    sweep["repeats"] = -1;
    const SweepCheck check = Checked(sweep);
    QCOMPARE(check.faults.size(), size_t{4});
    for (const char* pointer : {"/base/trainnig", "/axes/0/values/1/0/ratio", "/axes/2/pointer", "/repeats"})
      QVERIFY2(FaultAt(check, pointer) != nullptr, Messages(check.faults).c_str());
    // Told once, with the first point and how many others have it.
    QVERIFY2(FaultAt(check, "/base/trainnig")->message.find("\"none, learning_rate 0.1\" and 5 others") !=
                 std::string::npos,
             Messages(check.faults).c_str());
    QVERIFY(FaultAt(check, "/axes/0/values/1/0/ratio")->message.find("learning_rate 0.1\" and 2 others") !=
            std::string::npos);
  }

  void itHasItsBounds() {
    Json many = Json::array();
    for (int i = 0; i < 101; ++i) many.push_back(i);
    Json sweep = {{"base", Json::object()},
                  {"axes", {Axis("/seed", many), Axis("/training/max_steps", many)}}};
    QCOMPARE(Checked(sweep).faults.size(), size_t{1});  // 10,201
    QVERIFY(FaultAt(Checked(sweep), "/axes") != nullptr);
    sweep["axes"].erase(1);
    sweep["repeats"] = 100;
    QVERIFY(FaultAt(Checked(sweep), "/axes") != nullptr);  // 10,100
    sweep["repeats"] = 1;
    QVERIFY(Checked(sweep).faults.empty());
  }

  void anErrorOfTheMachineIsNoFault() {
    const auto check = CheckSweep({.json = kTwoByThree.dump()}, [](const std::string&) {
      return absl::StatusOr<CheckedSpec>(absl::UnavailableError("the engine has gone"));
    });
    QVERIFY(absl::IsUnavailable(check.status()));
  }

  // Every codec that there is stands in the sweep that compares them.
  void theComparisonHasEveryCodec() {
    const auto text = ReadFile(CONCERTINA_SOURCE_DIR "/resources/presets/compare-codecs.sweep.json", 1 << 20);
    QVERIFY(text.ok());
    const SweepCheck check = *CheckSweep({.json = *text});
    QVERIFY2(check.faults.empty(), Messages(check.faults).c_str());
    for (const std::string& kind : Registry::Global().Kinds("gradient-codec")) {
      const bool has_it =
          std::any_of(check.sweep.points.begin(), check.sweep.points.end(), [&](const auto& point) {
            const Json gradient = Json::parse(point.specs[0])["gradient"];
            return std::any_of(gradient.begin(), gradient.end(),
                               [&](const Json& codec) { return codec["kind"] == kind; });
          });
      QVERIFY2(has_it || kind == "none", kind.c_str());
    }
  }
};

CONCERTINA_TEST(SweepTest)

}  // namespace concertina::sweep_test

#include "sweep_test.moc"
