// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_test.cc: a paper's file is read strictly, those that come with the program have no faults, and a run
// of a paper is known by its name and its settings.
#include "core/analysis/paper.h"

#include <QTest>
#include <set>

#include "core/analysis/paper_files.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::paper_test {
namespace {

constexpr char kGood[] = R"({
  "title": "A paper", "citation": "Who. What. Where 2020", "place": "Table 1", "claim": "It is so.",
  "difference": "None.",
  "base": {"model": {"kind": "mlp"}, "training": {"epochs": 10}, "recipe": [{"kind": "int8"}]},
  "runs": [{"id": "a", "title": "One"}, {"id": "b", "title": "Two", "set": {"/training/epochs": 20}}],
  "measures": [
    {"title": "M", "run": "b", "against": "a", "by": "ratio", "figure": {"kind": "summary", "name": "bytes_sent"},
     "unit": "times", "published": 2, "low": 1.5, "high": 2.5, "reason": "chance",
     "quick": {"low": 1, "reason": "more chance"}},
    {"title": "N", "run": "a", "figure": {"kind": "recipe", "name": "ratio", "step": 1}, "against_step": 0,
     "published": "better", "low": 0, "reason": "chance"}],
  "quick": {"difference": "Shorter.", "set": {"/training/epochs": 1}}})";

// The good file with one thing set, or (value null) taken out.
std::string With(const char* pointer, const Json& value) {
  Json file = Json::parse(kGood);
  const Json::json_pointer at(pointer);
  if (value.is_null())
    file[at.parent_pointer()].erase(at.back());
  else
    file[at] = value;
  return file.dump();
}

QString PointersOf(const PaperCheck& check) {
  QStringList pointers;
  for (const Fault& fault : check.faults) pointers << QString::fromStdString(fault.pointer);
  return pointers.join(' ');
}

}  // namespace

class PaperTest : public QObject {
  Q_OBJECT
 private slots:
  void readsWhatTheFileSays() {
    const PaperCheck check = CheckPaper("p", kGood);
    QCOMPARE(PointersOf(check), QString());
    const Paper& paper = check.paper;
    QCOMPARE(paper.tag(), std::string("paper:p"));
    QCOMPARE(paper.runs.size(), size_t{2});
    QCOMPARE(paper.runs[1].full.name, std::string("A paper · Two"));
    QCOMPARE(paper.runs[1].quick.name, std::string("A paper · Two · quick"));
    const Json full = Json::parse(paper.runs[1].full.json), quick = Json::parse(paper.runs[1].quick.json);
    QVERIFY(full["name"] == "A paper · Two");
    QVERIFY(full["training"]["epochs"] == 20);
    QVERIFY(quick["training"]["epochs"] == 1);  // the quick setting has the last word
    QVERIFY(Json::parse(paper.runs[0].full.json)["training"]["epochs"] == 10);
    const PaperMeasure& measure = paper.measures[0];
    QVERIFY(measure.run == 1 && measure.against == 0u && measure.is_ratio);
    QVERIFY(measure.published == 2.0);
    QVERIFY(measure.BandOf(false).high == 2.5);
    QVERIFY(!measure.BandOf(true).high && measure.BandOf(true).low == 1.0);
    QVERIFY(paper.measures[1].figure.kind == PaperFigure::Kind::kRecipe);
    QCOMPARE(paper.measures[1].published_words, std::string("better"));
    QVERIFY(paper.measures[1].against_step == 0);
  }

  void refuses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("pointers");
    const auto row = [](const char* name, const std::string& text, const char* pointers) {
      QTest::newRow(name) << QString::fromStdString(text) << pointers;
    };
    row("no JSON", "{", "");
    row("no object", "[1]", "");
    row("a name twice", R"({"title": "a", "title": "b"})", "/title");
    row("an unknown field", With("/claims", "x"), "/claims");
    row("no title", With("/title", nullptr), "/title");
    row("a title of two lines", With("/title", "a\nb"), "/title");
    row("a title too long for a run", With("/title", std::string(81, 'a')), "/title");
    row("an empty claim", With("/claim", ""), "/claim");
    row("no base", With("/base", nullptr), "/base");
    row("no runs", With("/runs", Json::array()), "/runs /measures/0/run /measures/0/against /measures/1/run");
    row("two runs of one id", With("/runs/1/id", "a"), "/runs/1 /measures/0/run");
    row("two runs of one title", With("/runs/1/title", "One"), "/runs/1");
    row("a change of nowhere", With("/runs/1/set", {{"epochs", 2}}), "/runs/1/set/epochs");
    row("a change of the name", With("/runs/1/set", {{"/name", "x"}}), "/runs/1/set/~1name");
    row("a change through a number", With("/runs/1/set", {{"/training/epochs/x", 2}}),
        "/runs/1/set/~1training~1epochs~1x");
    row("a change that fills a list", With("/runs/1/set", {{"/workers/2000000000", 1}}),
        "/runs/1/set/~1workers~12000000000");
    row("no measures", With("/measures", Json::array()), "/measures");
    row("a run that is none", With("/measures/0/run", "c"), "/measures/0/run");
    row("no figure", With("/measures/0/figure", nullptr), "/measures/0/figure");
    row("a figure of no kind", With("/measures/0/figure/kind", "sumary"), "/measures/0/figure/kind");
    row("a figure of no summary", With("/measures/0/figure/name", "accuracy"), "/measures/0/figure/name");
    row("a unit that is none", With("/measures/0/unit", "furlongs"), "/measures/0/unit");
    row("no band", With("/measures/1/low", nullptr), "/measures/1");
    row("a band upside down", With("/measures/0/high", 1), "/measures/0");
    row("a band without a reason", With("/measures/0/reason", nullptr), "/measures/0/reason");
    row("nothing published", With("/measures/0/published", nullptr), "/measures/0/published");
    row("a published list", With("/measures/0/published", Json::array({1})), "/measures/0/published");
    row("steps of no recipe", With("/measures/0/against_step", 1), "/measures/0/against_step");
    row("a quick band of a paper that has no quick setting", With("/quick", nullptr), "/measures/0/quick");
    row("a quick setting without its difference", With("/quick/difference", nullptr),
        "/quick/difference /measures/0/quick");
    row("a quick change of nowhere", With("/quick/set", {{"x", 1}}), "/quick/set/x");
  }
  void refuses() {
    QFETCH(QString, text);
    QFETCH(QString, pointers);
    const PaperCheck check = CheckPaper("p", text.toStdString());
    QVERIFY(!check.faults.empty());
    QCOMPARE(PointersOf(check), pointers);
    for (const Fault& fault : check.faults) QVERIFY(!fault.message.empty());
  }

  void thoseOfTheProgramHaveNoFaults() {
    QVERIFY(PaperFiles().size() >= 4);
    std::set<std::string> names;
    for (const PaperFile& file : PaperFiles()) {
      const PaperCheck check = CheckPaper(file.id, std::string(file.json));
      for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
      QVERIFY2(check.faults.empty(), std::string(file.id).c_str());
      for (const PaperRun& run : check.paper.runs) {
        QVERIFY2(names.insert(run.full.name).second, run.full.name.c_str());
        if (check.paper.has_quick()) QVERIFY(names.insert(run.quick.name).second);
        QVERIFY(check.paper.has_quick() == !run.quick.json.empty());
      }
      // A band that the published number itself is outside of would be a mistake of the file.
      for (const PaperMeasure& measure : check.paper.measures)
        if (measure.published) QVERIFY2(measure.band.Holds(*measure.published), measure.title.c_str());
    }
    QCOMPARE(PapersHere().size(), PaperFiles().size());
  }

  void aPaperIsFoundByItsName() {
    const auto found = FindPaper("gpipe");
    QVERIFY(found.ok());
    QCOMPARE(found->id, std::string("gpipe"));
    const auto missing = FindPaper("gpip");
    QVERIFY(absl::IsNotFound(missing.status()));
    QVERIFY(missing.status().message().find("did you mean \"gpipe\"") != std::string_view::npos);
  }

  void aRunIsThePapersByNameAndSettings_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<bool>("is");
    const QString name = "A paper · One";
    QTest::newRow("filled in") << name << R"({"name": "x", "model": {"kind": "mlp", "hidden": [8]}, "seed": 1,
      "training": {"epochs": 10.0, "batch_size": 64}, "recipe": [{"kind": "int8", "samples": 9}]})"
                               << true;
    QTest::newRow("another name") << "A paper · Two"
                                  << R"({"model": {"kind": "mlp"}, "training": {"epochs": 10},
      "recipe": [{"kind": "int8"}]})"
                                  << false;
    QTest::newRow("another setting") << name << R"({"model": {"kind": "mlp"}, "training": {"epochs": 11},
      "recipe": [{"kind": "int8"}]})" << false;
    QTest::newRow("one step more") << name << R"({"model": {"kind": "mlp"}, "training": {"epochs": 10},
      "recipe": [{"kind": "int8"}, {"kind": "half"}]})"
                                   << false;
    QTest::newRow("a section short") << name << R"({"model": {"kind": "mlp"}, "training": {"epochs": 10}})"
                                     << false;
    QTest::newRow("no JSON") << name << "{" << false;
  }
  void aRunIsThePapersByNameAndSettings() {
    QFETCH(QString, name);
    QFETCH(QString, spec);
    QFETCH(bool, is);
    PaperSpec paper = CheckPaper("p", kGood).paper.runs[0].full;
    Json wanted = Json::parse(paper.json);
    wanted.erase("name");  // the filled spec above has another one, which is not looked at
    paper.json = wanted.dump();
    QCOMPARE(IsPaperRun(paper, name.toStdString(), spec.toStdString()), is);
    QVERIFY(!IsPaperRun(PaperSpec(), "", spec.toStdString()));  // a paper without a quick setting
  }
};

CONCERTINA_TEST(PaperTest)

}  // namespace concertina::paper_test

#include "paper_test.moc"
