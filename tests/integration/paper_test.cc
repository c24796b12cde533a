// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_test.cc: `concertinactl paper` on real processes: a paper of one's own, inside and outside.
#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::paper_command_test {

using Json = nlohmann::json;

class PaperCommandTest : public QObject {
  Q_OBJECT
 private slots:
  void thoseOfTheProgramAreListed() {
    const Json papers = home_.CtlJson({"paper", "list"}).json()["papers"];
    QVERIFY(papers.size() >= 4);
    for (const Json& paper : papers) QVERIFY(!paper["citation"].get<std::string>().empty());
    const CtlResult shown = home_.CtlJson({"paper", "show", "gpipe"});  // nothing was run yet
    QCOMPARE(shown.exit_code, 0);
    QCOMPARE(shown.json()["verdict"].get<std::string>(), std::string("pending"));
  }

  void badInputRunsNothing() {
    QCOMPARE(home_.CtlJson({"paper", "run", "gpip"}).exit_code, 2);
    Json paper = Paper();
    paper["measures"][0].erase("reason");
    const CtlResult result = home_.CtlJson({"paper", "run", home_.Write("bad.json", paper.dump())});
    QCOMPARE(result.exit_code, 2);
    QVERIFY(result.json()["error"].get<std::string>().find("/measures/0/reason") != std::string::npos);
    paper = Paper();
    paper["base"]["model"]["kind"] = "lenet-6";
    QCOMPARE(home_.CtlJson({"paper", "run", home_.Write("bad.json", paper.dump())}).exit_code, 2);
    QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), size_t{0});
  }

  void theExitStatusIsTheVerdict() {
    const QString path = home_.Write("own.json", Paper().dump());
    const CtlResult inside = home_.CtlJson({"paper", "run", path});
    QCOMPARE(inside.exit_code, 0);
    const Json answer = inside.json();
    QCOMPARE(answer["verdict"].get<std::string>(), std::string("inside"));
    QCOMPARE(answer["measures"][0]["measured"].get<double>(), 12.0);
    QCOMPARE(answer["measures"][1]["measured"].get<double>(), 2.0);
    const Json runs = home_.CtlJson({"list"}).json()["runs"];
    QCOMPARE(runs.size(), size_t{2});
    QVERIFY(runs[0]["tags"] == Json::array({"paper:own"}));

    Json narrower = Paper();
    narrower["measures"][0]["high"] = 11;  // only the band is another: the runs there are serve
    const CtlResult outside =
        home_.CtlJson({"paper", "run", home_.Write("own.json", narrower.dump()), "--reuse"});
    QCOMPARE(outside.exit_code, 1);
    QCOMPARE(outside.json()["measures"][0]["verdict"].get<std::string>(), std::string("outside"));
    QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), size_t{2});
    const CtlResult text = home_.Ctl({"paper", "show", path});
    QVERIFY2(text.out.contains("at most 11") && text.out.contains("outside"), text.out.constData());
  }

 private:
  static Json Paper() {
    return {{"title", "A paper"},
            {"citation", "Who. What. Where 2020"},
            {"place", "Table 1"},
            {"claim", "It is so."},
            {"difference", "None."},
            {"base", SmallSpec(1, 12)},
            {"runs",
             {{{"id", "a"}, {"title", "One"}},
              {{"id", "b"}, {"title", "Two"}, {"set", {{"/training/max_steps", 24}}}}}},
            {"measures",
             {{{"title", "Steps"},
               {"run", "a"},
               {"figure", {{"kind", "summary"}, {"name", "steps"}}},
               {"published", 10},
               {"high", 20},
               {"reason", "A dozen."}},
              {{"title", "Times as many"},
               {"run", "b"},
               {"against", "a"},
               {"by", "ratio"},
               {"figure", {{"kind", "summary"}, {"name", "steps"}}},
               {"published", 2},
               {"low", 2},
               {"high", 2},
               {"reason", "Counted."}}}}};
  }
  TestHome home_;
};

CONCERTINA_TEST(PaperCommandTest)

}  // namespace concertina::paper_command_test

#include "paper_test.moc"
