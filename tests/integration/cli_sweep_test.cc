// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_sweep_test.cc: sweeps from the command line: a table at the end, points that fail, halving, Ctrl+C.
#include <QProcess>
#include <cmath>
#include <csignal>
#include <map>

#include "tests/integration/contract_home.h"
#include "tests/test_program.h"

namespace concertina::cli_sweep_test {

class CliSweepTest : public ContractHome {
  Q_OBJECT
 private slots:
  void aSweepEndsInATable();
  void aSweepGoesOnAfterAFailedPoint();
  void aBadSweepStoresNothing();
  void aSweepHalvesByStoppingAndResuming();
  void aSweepStopsAtControlC();
};

void CliSweepTest::aSweepEndsInATable() {
  const Json sweep = {
      {"name", "codecs"},
      {"base", "base.json"},
      {"axes",
       {{{"pointer", "/gradient"},
         {"values", {{{"label", "dense"}, {"value", Json::array()}}, {{{"kind", "fp16"}}}}}}}},
      {"target_accuracy", 0.2}};
  home_.Write("base.json", TinyBase().dump());
  const QString path = home_.Write("codecs.sweep.json", sweep.dump());
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  const QString out = home_.file("table.csv");
  const CtlResult result = home_.CtlJson({"sweep", path, "--out", out});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json answer = result.json();
  QCOMPARE(answer["sweep"].get<std::string>(), std::string("codecs"));
  const Json& points = answer["points"];
  QCOMPARE(points.size(), size_t{2});
  for (const Json& point : points) {
    QCOMPARE(point["state"].get<std::string>(), std::string("finished"));
    for (const char* field :
         {"test_accuracy", "test_loss", "train_loss", "seconds", "samples_per_second", "bytes_sent",
          "payload_bytes_sent", "compression_ratio", "seconds_to_target", "bytes_to_target", "epochs"})
      QVERIFY2(point[field].is_number(), field);
  }
  QCOMPARE(points[0]["label"].get<std::string>(), std::string("dense"));
  QCOMPARE(points[1]["label"].get<std::string>(), std::string("fp16"));
  QCOMPARE(points[1]["values"]["/gradient"][0]["kind"].get<std::string>(), std::string("fp16"));
  // Halves of the gradient; and a dense point to be held against, which has none itself.
  QVERIFY(std::abs(points[1]["compression_ratio"].get<double>() - 2) < 0.05);
  QVERIFY(points[0]["pays"].is_null() && points[0]["pays_below_mbit"].is_null());
  const std::string pays = points[1]["pays"];
  QVERIFY2(pays == "below" || pays == "always", pays.c_str());
  if (pays == "below") QVERIFY(points[1]["pays_below_mbit"].get<double>() > 0);
  for (const char* front : {"accuracy_bytes", "accuracy_seconds"})
    QVERIFY2(!answer["fronts"][front].empty(), front);
  QVERIFY(answer["best"].is_string());

  // Its runs are ordinary ones.
  const Json run = home_.CtlJson({"show", QString::fromStdString(points[1]["run"])}).json();
  QCOMPARE(run["name"].get<std::string>(), std::string("codecs · fp16"));
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before + 2);

  QFile file(out);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray csv = file.readAll();
  QVERIFY2(csv.startsWith("/gradient,label,run,state,error,test_accuracy,") && csv.count("\r\n") == 3,
           csv.constData());

  // Crossed with the links, as two tables of Markdown.
  Json crossed = sweep;
  crossed["axes"].push_back({{"pointer", "/network"},
                             {"values",
                              {{{"label", "free"}, {"value", Json::object()}},
                               {{"label", "slow"}, {"value", {{"bandwidth_mbit", 1000}}}}}}});
  const QString report = home_.file("table.md");
  QCOMPARE(home_.Ctl({"sweep", home_.Write("crossed.sweep.json", crossed.dump()), "--out", report}).exit_code,
           0);
  QFile markdown(report);
  QVERIFY(markdown.open(QIODevice::ReadOnly));
  const QByteArray tables = markdown.readAll();
  QVERIFY2(tables.startsWith("| gradient | accuracy | ratio | error | encode | decode |\n| --- |") &&
               tables.contains("| gradient | samples/s, free | samples/s, slow | time to 0.2, free |") &&
               tables.count("\n| dense | ") == 2 && tables.count("\n| fp16 | ") == 2,
           tables.constData());

  // The same again takes the runs that there are.
  const CtlResult again = home_.CtlJson({"sweep", path, "--reuse"});
  QCOMPARE(again.exit_code, 0);
  QVERIFY(again.json()["points"] == points);
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before + 6);
  const CtlResult text = home_.Ctl({"sweep", path, "--reuse"});
  QVERIFY2(text.out.contains("pays below") && text.out.contains("× dense"), text.out.constData());
}

void CliSweepTest::aSweepGoesOnAfterAFailedPoint() {
  Json base = TinyBase();
  base["optimizer"]["weight_decay"] = 0.5;  // 1000 times that a step: parameters leave the floats' range soon
  const Json sweep = {{"name", "rates"},
                      {"base", base},
                      {"axes", {{{"pointer", "/optimizer/learning_rate"}, {"values", {1000, 0.05}}}}}};
  const CtlResult result = home_.CtlJson({"sweep", home_.Write("rates.sweep.json", sweep.dump())});
  QCOMPARE(result.exit_code, 1);
  const Json answer = result.json();
  const Json& points = answer["points"];
  QCOMPARE(points[0]["state"].get<std::string>(), std::string("failed"));
  QVERIFY(!points[0]["error"].get<std::string>().empty() && points[0]["test_accuracy"].is_null());
  QCOMPARE(points[1]["state"].get<std::string>(), std::string("finished"));
  QCOMPARE(answer["best"].get<std::string>(), std::string("learning_rate 0.05"));
}

void CliSweepTest::aBadSweepStoresNothing() {
  Json base = TinyBase();
  base["model"]["kind"] = "lenet-300-10";
  const Json sweep = {
      {"base", base},
      {"axes",
       {{{"pointer", "/gradient"}, {"values", {Json::array(), {{{"kind", "top-k"}, {"ratio", 7}}}}}}}},
      {"repeats", 0},
      {"serch", Json::object()}};
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  const QString path = home_.Write("bad.sweep.json", sweep.dump());
  const CtlResult result = home_.CtlJson({"sweep", path});
  QCOMPARE(result.exit_code, 2);
  std::map<std::string, Json> faults;
  const Json answer = result.json();
  for (const Json& fault : answer["faults"]) faults[fault["pointer"]] = fault;
  QCOMPARE(faults.size(), size_t{4});
  for (const char* pointer : {"/base/model/kind", "/axes/0/values/1/0/ratio", "/repeats", "/serch"})
    QVERIFY2(faults.count(pointer) == 1, pointer);
  QCOMPARE(faults["/base/model/kind"]["suggestion"].get<std::string>(), std::string("lenet-300-100"));
  QVERIFY(faults["/axes/0/values/1/0/ratio"]["message"].get<std::string>().find("top-k ratio=7") !=
          std::string::npos);
  QCOMPARE(home_.Ctl({"sweep", path, "--out", "table.txt"}).exit_code, 2);
  QCOMPARE(home_.Ctl({"sweep", home_.file("nowhere.json")}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before);
}

void CliSweepTest::aSweepHalvesByStoppingAndResuming() {
  Json base = TinyBase();
  base["training"] = {{"batch_size", 32}, {"epochs", 0.4}, {"evaluate_every_epochs", 0.1}};
  const Json sweep = {
      {"name", "climb"},
      {"base", base},
      {"axes", {{{"pointer", "/optimizer/learning_rate"}, {"values", {1e-7, 0.1, 1e-6, 1e-8}}}}},
      {"search", {{"kind", "successive-halving"}, {"first_epochs", 0.1}, {"rounds", "resumed"}}},
      {"objective", {{"series", "test_loss"}}}};
  const QString path = home_.Write("climb.sweep.json", sweep.dump());
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  const CtlResult result = home_.CtlJson({"sweep", path});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json answer = result.json();
  QCOMPARE(answer["best"].get<std::string>(), std::string("learning_rate 0.1"));
  // One run a point, however many rounds it was in.
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before + 4);
  QCOMPARE(answer["points"][1]["state"].get<std::string>(), std::string("finished"));
  QVERIFY(std::abs(answer["points"][1]["epochs"].get<double>() - 0.4) < 0.01);  // whole steps
  for (const Json& point : answer["points"]) {
    QCOMPARE(point["runs"].size(), size_t{1});
    // A small run may have ended before it could be stopped; that changes no choice.
    QVERIFY2(point["state"] == "held" || point["state"] == "finished", point.dump().c_str());
  }
  // What the runs say is enough to come to the same end, without another step.
  const CtlResult again = home_.CtlJson({"sweep", path, "--reuse"});
  QCOMPARE(again.json()["best"].get<std::string>(), std::string("learning_rate 0.1"));
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before + 4);
}

void CliSweepTest::aSweepStopsAtControlC() {
  Json base = TinyBase();
  base["training"]["max_steps"] = 1000000;
  const Json sweep = {{"base", base}, {"axes", {{{"pointer", "/seed"}, {"values", {1, 2}}}}}};
  QProcess process;
  process.start(TestHome::Program("concertinactl"),
                {"sweep", home_.Write("long.sweep.json", sweep.dump()), "--json", "--home", home_.path()});
  const auto newest = [this] { return home_.CtlJson({"list", "--limit", "1"}).json()["runs"][0]; };
  QVERIFY(QTest::qWaitFor(
      [&] {
        const Json run = newest();
        return run["name"] == "sweep · seed 1" && run["steps"].get<int>() > 0;
      },
      60000));
  ::kill(static_cast<pid_t>(process.processId()), SIGINT);
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitStatus(), QProcess::NormalExit);
  QCOMPARE(process.exitCode(), 130);
  const Json answer = Json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
  QCOMPARE(answer["points"][0]["state"].get<std::string>(), std::string("stopped"));
  QCOMPARE(answer["points"][1]["state"].get<std::string>(), std::string("not run"));
  QCOMPARE(newest()["name"].get<std::string>(), std::string("sweep · seed 1"));  // the second never began
}

CONCERTINA_TEST(CliSweepTest)

}  // namespace concertina::cli_sweep_test

#include "cli_sweep_test.moc"
