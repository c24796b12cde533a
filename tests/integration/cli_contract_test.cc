// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_contract_test.cc: the command line field by field, on real processes: what a run gives, what there is
// to choose from, what is refused. Beside it cli_live_test.cc, cli_export_test.cc, cli_sweep_test.cc and
// cli_answers_test.cc.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tests/integration/contract_home.h"
#include "tests/test_program.h"

namespace concertina::cli_contract_test {

class CliContractTest : public ContractHome {
  Q_OBJECT
 private slots:
  void initTestCase() { finishARun(); }
  void aRunGivesEveryFieldOfTheContract();
  void showGivesTheSameRun();
  void listFiltersAndSorts();
  void everyAxisOfASeriesAscends_data();
  void everyAxisOfASeriesAscends();
  void aThinnedSeriesKeepsItsRange();
  void describeGivesEveryCategory();
  void thisMachineIsTestedBeforeARun();
  void planSaysWhatWillHappen();
  void planWritesSamplesAsPictures();
  void allFaultsComeInOneGo();
  void aPathCountsFromTheWorkingFolder();
  void badInputStoresNothing_data();
  void badInputStoresNothing();
  void marksAreKeptAndAskedFor();
  void deleteForgetsARun();
};

void CliContractTest::aRunGivesEveryFieldOfTheContract() {
  for (const char* field : {"run",
                            "name",
                            "state",
                            "error",
                            "seed",
                            "workers",
                            "steps",
                            "epochs",
                            "samples",
                            "seconds",
                            "samples_per_second",
                            "train_loss",
                            "test_loss",
                            "test_accuracy",
                            "bytes_sent",
                            "bytes_received",
                            "payload_bytes_sent",
                            "messages_sent",
                            "compression_ratio",
                            "time",
                            "peak_memory_bytes",
                            "parameters",
                            "parameters_sha256",
                            "spec"})
    QVERIFY2(run_.contains(field), field);
  for (const char* field : {"data", "compute", "encode", "exchange", "decode", "update", "wait"})
    QVERIFY2(run_["time"].contains(field) && run_["time"][field].is_number(), field);
  QCOMPARE(run_["state"].get<std::string>(), std::string("finished"));
  QCOMPARE(run_["steps"].get<int>(), 60);
  QCOMPARE(run_["samples"].get<int>(), 60 * 32 * 2);
  QCOMPARE(run_["parameters"].get<int>(), 266610);
  QCOMPARE(run_["parameters_sha256"].get<std::string>().size(), size_t{64});
  QCOMPARE(run_["workers"].size(), size_t{2});
  QVERIFY(run_["workers"][0]["pid"] != run_["workers"][1]["pid"]);
  QVERIFY(run_["test_accuracy"].get<double>() > 0.5);  // chance is 0.1
  QVERIFY(run_["peak_memory_bytes"].get<double>() > 1e6);
  // Ring of two: each rank sends its dense gradient once a step; 5 % for meetings, evaluation and the
  // barrier.
  const double dense = 4.0 * 266610 * 60 * 2;
  QVERIFY(run_["payload_bytes_sent"].get<double>() >= dense);
  QVERIFY(run_["payload_bytes_sent"].get<double>() <= 1.05 * dense);
  QVERIFY(run_["bytes_sent"].get<double>() >= run_["payload_bytes_sent"].get<double>());
  QVERIFY(run_["bytes_sent"].get<double>() <= 1.05 * run_["payload_bytes_sent"].get<double>());
}

void CliContractTest::showGivesTheSameRun() {
  const Json shown = home_.CtlJson({"show", "last"}).json();
  QVERIFY(shown["parameters_sha256"] == run_["parameters_sha256"]);
  QVERIFY(shown["spec"] == run_["spec"]);
  QCOMPARE(shown["transport"].get<std::string>(), std::string("shared-memory"));  // of two local workers
}

void CliContractTest::listFiltersAndSorts() {
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), size_t{1});
  QCOMPARE(home_.CtlJson({"list", "--filter", "state=finished"}).json()["runs"].size(), size_t{1});
  QCOMPARE(home_.CtlJson({"list", "--filter", "test_accuracy>0.999"}).json()["runs"].size(), size_t{0});
  QCOMPARE(home_.CtlJson({"list", "--filter", "state=failed"}).json()["runs"].size(), size_t{0});
}

void CliContractTest::everyAxisOfASeriesAscends_data() {
  QTest::addColumn<QString>("x");
  for (const char* x : {"step", "epoch", "seconds", "bytes"}) QTest::newRow(x) << x;
}

void CliContractTest::everyAxisOfASeriesAscends() {
  QFETCH(QString, x);
  const CtlResult result = home_.CtlJson({"series", "last", "train/loss", "--x", x});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json points = result.json()["points"];
  QCOMPARE(points.size(), size_t{60});
  for (size_t i = 1; i < points.size(); ++i)
    QVERIFY(points[i][0].get<double>() >= points[i - 1][0].get<double>());
  QVERIFY(points.back()[0].get<double>() > points[0][0].get<double>());
  QVERIFY(points.back()[1].get<double>() < points[0][1].get<double>());  // it learns
}

void CliContractTest::aThinnedSeriesKeepsItsRange() {
  const Json points = home_.CtlJson({"series", "last", "train/loss", "--points", "10"}).json()["points"];
  QVERIFY(points.size() <= 10 && points.size() >= 5);
}

void CliContractTest::describeGivesEveryCategory() {
  const Json document = home_.CtlJson({"describe"}).json();
  std::set<std::string> categories;
  for (const Json& category : document["categories"]) {
    categories.insert(category["category"]);
    for (const Json& component : category["components"]) {
      const std::string kind = component["kind"];
      for (const char* field : {"title", "summary"})
        QVERIFY2(!component[field].get<std::string>().empty(), (kind + " " + field).c_str());
      std::set<std::string> names;
      for (const Json& parameter : component["parameters"]) {
        for (const char* field :
             {"name", "type", "unit", "default", "minimum", "maximum", "choices", "doc", "live"})
          QVERIFY2(parameter.contains(field), field);
        const std::string what = kind + " " + parameter["name"].get<std::string>();
        QVERIFY2(names.insert(parameter["name"]).second, what.c_str());
        QVERIFY2(!parameter["doc"].get<std::string>().empty(), what.c_str());
        const Json &usual = parameter["default"], &choices = parameter["choices"];
        const bool is_choice = parameter["type"] == "choice";
        if (is_choice || parameter["type"] == "component") QVERIFY2(!choices.empty(), what.c_str());
        if (usual.is_null()) continue;
        if (is_choice)
          QVERIFY2(std::find(choices.begin(), choices.end(), usual) != choices.end(), what.c_str());
        if (usual.is_number() && parameter["minimum"].is_number())
          QVERIFY2(usual >= parameter["minimum"], what.c_str());
        if (usual.is_number() && parameter["maximum"].is_number())
          QVERIFY2(usual <= parameter["maximum"], what.c_str());
      }
      // What a file brings has its values; every other model is drawn as one chooses.
      if (category["category"] == "model")
        QVERIFY2(names.count("initializer") == (kind == "file" ? 0 : 1), kind.c_str());
    }
  }
  for (const char* name : {"dataset", "partition", "model", "optimizer", "schedule", "exchange",
                           "gradient-codec", "launcher", "transport", "compressor"})
    QVERIFY2(categories.count(name) == 1, name);
  QCOMPARE(
      home_.CtlJson({"describe", "gradient-codec", "top-k"}).json()["categories"][0]["components"].size(),
      size_t{1});
  QCOMPARE(home_.CtlJson({"describe", "gradient-codec", "top-j"}).exit_code, 2);
  const QByteArray unknown = home_.CtlJson({"describe", "gradient-codec", "top-j"}).err;
  QVERIFY2(unknown.contains("is \"top-k\" meant?") && unknown.contains("qsgd"), unknown.constData());
  // A list has a line for each; what is asked for has all its words.
  const QByteArray list = home_.Ctl({"describe", "exchange"}).out;
  QVERIFY(list.contains("fedprox") && !list.contains("mu = 0 is FedAvg"));
  QVERIFY(home_.Ctl({"describe", "exchange", "fedprox"}).out.contains("mu = 0 is FedAvg"));
  // What bytes bring is a matter of this processor; what pruning does is not.
  const Json int8 =
      home_.CtlJson({"describe", "compressor", "int8"}).json()["categories"][0]["components"][0];
  QVERIFY(!int8["here"]["text"].get<std::string>().empty());
  QVERIFY(home_.Ctl({"describe", "compressor", "int8"})
              .out.contains(QByteArray::fromStdString(int8["here"]["text"].get<std::string>())));
  QVERIFY(!home_.CtlJson({"describe", "compressor", "half"})
               .json()["categories"][0]["components"][0]
               .contains("here"));
}

void CliContractTest::thisMachineIsTestedBeforeARun() {
  const auto test = [&](const Json& entry) {
    return home_.CtlJson({"launcher", "test", QString::fromStdString(entry.dump())});
  };
  const CtlResult good = test({{"launcher", "local"}, {"count", 2}});
  QVERIFY2(good.exit_code == 0, good.err.constData());
  const Json report = good.json();
  QVERIFY2(report["ready"] == true && report["cores"].get<int>() >= 1, report.dump().c_str());
  QVERIFY(report["memory_bytes"].get<double>() > 1e8 && report["will_copy"] == false);
  const std::vector<std::string> datasets = report["datasets"];
  QVERIFY(std::find(datasets.begin(), datasets.end(), "fashion-mnist") != datasets.end());
  QCOMPARE(test({{"launcher", "in-process"}}).json()["version"].dump(), report["version"].dump());
  QCOMPARE(test({{"launcher", "local"}, {"cores", "0-x"}}).exit_code, 2);
  // By hand there is nothing to look at, and it says what there is to do.
  const Json by_hand = test({{"launcher", "manual"}}).json();
  QVERIFY2(by_hand["error"].get<std::string>().find("--version") != std::string::npos,
           by_hand.dump().c_str());
}

void CliContractTest::planSaysWhatWillHappen() {
  const Json plan = home_.CtlJson({"plan", home_.file("spec.json")}).json();
  QCOMPARE(plan["parameters"].get<int>(), 266610);
  QCOMPARE(plan["world_size"].get<int>(), 2);
  QCOMPARE(plan["global_batch_size"].get<int>(), 64);
  QCOMPARE(plan["total_steps"].get<int>(), 60);
  QVERIFY(plan["payload_bytes_per_step_and_rank"].get<double>() >= 4.0 * 266610);
  // A model that is cut: its stages, and how long they wait.
  const CtlResult cut =
      home_.Ctl({"plan", home_.file("spec.json"), "--set", R"(/mesh={"data": 1, "pipeline": 2})"});
  QCOMPARE(cut.exit_code, 0);
  QVERIFY2(cut.out.contains("dense2 .. ") && cut.out.contains("bubble (p - 1) / (m + p - 1) = 1 / 5"),
           cut.out.constData());
}

void CliContractTest::planWritesSamplesAsPictures() {
  const QString folder = home_.file("samples");
  const Json json =
      home_.CtlJson({"plan", home_.file("spec.json"), "--samples", folder, "--count", "10", "--worker", "1"})
          .json();
  QCOMPARE(json["samples"].size(), size_t{10});
  QCOMPARE(json["available"].get<int>(), 30000);  // half of them
  for (const Json& sample : json["samples"]) {
    QFile file(QString::fromStdString(sample["file"].get<std::string>()));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    QVERIFY(file.read(8) == QByteArray("\x89PNG\r\n\x1a\n"));
  }
  const CtlResult none = home_.Ctl({"plan", home_.file("spec.json"), "--samples", folder, "--worker", "2"});
  QVERIFY(none.exit_code != 0);
  QVERIFY2(none.err.contains("from 0 to 1"), none.err.constData());
}

void CliContractTest::allFaultsComeInOneGo() {
  Json spec = SmallSpec(2, 10);
  spec["model"]["kind"] = "lenet-300-10";
  spec["optimizer"]["learning_rate"] = "fast";
  spec["training"]["batch_size"] = -3;
  spec["exchnage"] = Json::object();
  spec["mesh"]["data"] = 3;
  const QString path = home_.Write("bad.json", spec.dump());
  const CtlResult result = home_.CtlJson({"validate", path});
  QCOMPARE(result.exit_code, 2);
  const Json answer = result.json();
  QCOMPARE(answer["valid"].get<bool>(), false);
  std::map<std::string, Json> faults;
  for (const Json& fault : answer["faults"]) faults[fault["pointer"]] = fault;
  for (const char* pointer : {"/model/kind", "/optimizer/learning_rate", "/training/batch_size", "/exchnage"})
    QVERIFY2(faults.count(pointer) == 1, pointer);
  QCOMPARE(faults["/model/kind"]["suggestion"].get<std::string>(), std::string("lenet-300-100"));
  QCOMPARE(faults["/exchnage"]["suggestion"].get<std::string>(), std::string("exchange"));
  QVERIFY(faults["/optimizer/learning_rate"]["found"].get<std::string>().find("fast") != std::string::npos);
}

void CliContractTest::aPathCountsFromTheWorkingFolder() {
  home_.Write("table.csv", "a,y\n1,n\n2,m\n3,n\n4,m\n5,n\n");
  const QString before = QDir::currentPath();
  QVERIFY(QDir::setCurrent(home_.path()));
  const CtlResult result = home_.Ctl(
      {"plan", "-", "--json"}, 60000,
      R"({"dataset": {"kind": "csv", "path": "table.csv", "label": "y"}, "model": {"kind": "mlp"}, "training": {"batch_size": 2}})");
  QVERIFY(QDir::setCurrent(before));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QCOMPARE(result.json()["steps_per_epoch"].get<int>(), 2);
}

void CliContractTest::badInputStoresNothing_data() {
  QTest::addColumn<QString>("text");
  QTest::newRow("not JSON") << "{\"name\": ";
  QTest::newRow("an array") << "[1, 2]";
  QTest::newRow("unknown dataset") << R"({"dataset": {"kind": "fashion-minst"}})";
  QTest::newRow("missing files")
      << R"({"dataset": {"kind": "csv", "path": "/nowhere/a.csv", "label": "y"}, "model": {"kind": "mlp"}})";
  QTest::newRow("too many workers for the mesh")
      << R"({"mesh": {"data": 2}, "workers": [{"launcher": "local", "count": 3}]})";
  QTest::newRow("a pipeline of minus one") << R"({"mesh": {"pipeline": -1}})";
  QTest::newRow("deep nesting") << QString(5000, '[');
}

void CliContractTest::badInputStoresNothing() {
  QFETCH(QString, text);
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  const CtlResult result = home_.Ctl({"run", "-", "--json"}, 60000, text.toUtf8());
  QVERIFY2(result.exit_code == 2, result.err.constData());
  QVERIFY(!result.err.isEmpty());
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before);
}

void CliContractTest::marksAreKeptAndAskedFor() {
  const QString id = QString::fromStdString(run_["run"].get<std::string>());
  const auto found = [&](const char* filter) {
    return home_.CtlJson({"list", "--filter", filter}).json()["runs"].size();
  };
  QCOMPARE(home_.CtlJson({"tag", id, "+ablation", "+two words"}).exit_code, 0);
  QCOMPARE(found("tag=ablation"), size_t{1});
  QCOMPARE(found("tag=\"two words\""), size_t{1});
  QVERIFY(home_.Ctl({"list"}).out.contains("ablation, two words"));
  QCOMPARE(home_.CtlJson({"tag", id, "-ablation"}).exit_code, 0);
  QCOMPARE(found("tag=ablation"), size_t{0});
  QCOMPARE(home_.CtlJson({"tag", id}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"tag", id, "+a,b"}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"note", id, "warm-up was longer"}).exit_code, 0);
  QCOMPARE(found("note~warm-up"), size_t{1});
  QCOMPARE(home_.CtlJson({"rename", id, "the long warm-up"}).exit_code, 0);
  QVERIFY(home_.CtlJson({"show", id}).json()["name"] == "the long warm-up");
  QCOMPARE(home_.CtlJson({"rename", id, " "}).exit_code, 2);
  const QString first_name = QString::fromStdString(run_["name"].get<std::string>());
  QCOMPARE(home_.CtlJson({"rename", id, first_name}).exit_code, 0);
  QCOMPARE(home_.CtlJson({"pin", id}).exit_code, 0);
  QCOMPARE(home_.CtlJson({"color", "3", id}).exit_code, 0);
  const Json shown = home_.CtlJson({"show", id}).json();
  QVERIFY(shown["tags"] == Json::array({"two words"}));
  QVERIFY(shown["note"] == "warm-up was longer");
  QVERIFY(shown["pinned"] == true);
  QVERIFY(shown["color"] == 3);
  QCOMPARE(home_.CtlJson({"pin", id, "--off"}).exit_code, 0);
  QCOMPARE(found("pinned=true"), size_t{0});
}

void CliContractTest::deleteForgetsARun() {
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  QCOMPARE(home_.CtlJson({"delete", "last"}).exit_code, 0);
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before - 1);
  const Json bin = home_.CtlJson({"list", "--bin"}).json()["runs"];
  QVERIFY(bin.size() >= 1);
  const QString id = QString::fromStdString(bin[0]["run"].get<std::string>());
  QCOMPARE(home_.CtlJson({"restore", id}).exit_code, 0);
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before);
  QCOMPARE(home_.CtlJson({"delete", "--for-good", id}).exit_code, 0);
  QCOMPARE(home_.CtlJson({"restore", id}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before - 1);
  QCOMPARE(home_.CtlJson({"show", "no-such-run"}).exit_code, 2);
}

CONCERTINA_TEST(CliContractTest)

}  // namespace concertina::cli_contract_test

#include "cli_contract_test.moc"
