// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_contract_test.cc: the command line field by field, on real processes.
#include <QDir>
#include <QFile>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::cli_contract_test {

using Json = nlohmann::json;

class CliContractTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void aRunGivesEveryFieldOfTheContract();
  void showGivesTheSameRun();
  void listFiltersAndSorts();
  void everyAxisOfASeriesAscends_data();
  void everyAxisOfASeriesAscends();
  void aThinnedSeriesKeepsItsRange();
  void aTimelineIsRecordedAndARunForked();
  void layersTellWhatACodecDoes();
  void aGradientIsCounted();
  void compareNamesWhatDiffers();
  void describeGivesEveryCategory();
  void thisMachineIsTestedBeforeARun();
  void planSaysWhatWillHappen();
  void planWritesSamplesAsPictures();
  void allFaultsComeInOneGo();
  void aPathCountsFromTheWorkingFolder();
  void badInputStoresNothing_data();
  void badInputStoresNothing();
  void exportsWriteFiles_data();
  void exportsWriteFiles();
  void exportsAskWhatIsDoneWithFilesThatAreThere();
  void marksAreKeptAndAskedFor();
  void aRunGoesIntoAnotherHome();
  void deleteForgetsARun();
  void aSweepEndsInATable();
  void aSweepGoesOnAfterAFailedPoint();
  void aBadSweepStoresNothing();
  void aSweepHalvesByStoppingAndResuming();
  void aSweepStopsAtControlC();

 private:
  // Threads of the engine, a few steps: a point takes a second.
  static Json TinyBase() {
    Json base = SmallSpec(2, 20);
    base["workers"][0]["launcher"] = "in-process";
    return base;
  }
  TestHome home_;
  Json run_;
};

void CliContractTest::initTestCase() {
  const QString spec = home_.Write("spec.json", SmallSpec(2, 60).dump());
  const CtlResult result = home_.CtlJson({"run", spec});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  run_ = result.json();
  QVERIFY2(run_.is_object(), result.out.constData());
}

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

void CliContractTest::aGradientIsCounted() {
  Json spec = TinyBase();
  spec["training"]["max_steps"] = 1000000;
  const Json run = home_.CtlJson({"run", home_.Write("long.json", spec.dump()), "--detach"}).json();
  const QString id = QString::fromStdString(run["run"].get<std::string>());
  QVERIFY(QTest::qWaitFor([&] { return home_.CtlJson({"show", id}).json()["steps"].get<int>() > 0; }, 60000));
  const CtlResult result = home_.CtlJson({"histogram", id});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json histogram = result.json();
  QVERIFY(histogram["step"].get<int>() > 0);
  int64_t elements = 0;
  for (const Json& layer : histogram["layers"]) {
    elements += layer["zeros"].get<int64_t>();
    for (const Json& count : layer["counts"]) elements += count.get<int64_t>();
  }
  QCOMPARE(elements, home_.CtlJson({"show", id}).json()["parameters"].get<int64_t>());
  const CtlResult text = home_.Ctl({"histogram", id});
  QVERIFY2(text.out.contains("median |g|"), text.out.constData());
  QCOMPARE(home_.CtlJson({"stop", id}).exit_code, 0);
  QVERIFY(QTest::qWaitFor([&] { return home_.CtlJson({"show", id}).json()["state"] == "stopped"; }, 60000));
  const CtlResult refused = home_.CtlJson({"histogram", id});
  QVERIFY(refused.exit_code != 0);
}

void CliContractTest::aTimelineIsRecordedAndARunForked() {
  Json spec = SmallSpec(2, 40);
  spec["training"]["max_steps"] = 1000000;
  const Json run = home_.CtlJson({"run", home_.Write("watched.json", spec.dump()), "--detach"}).json();
  const QString id = QString::fromStdString(run["run"].get<std::string>());
  QVERIFY(QTest::qWaitFor([&] { return home_.CtlJson({"show", id}).json()["steps"].get<int>() > 0; }, 60000));
  QVERIFY(home_.CtlJson({"timeline", id}).exit_code != 0);  // nothing is recorded unless it is asked for
  const QString out = home_.Write("trace.json", "");
  const CtlResult result = home_.CtlJson({"timeline", id, "--record", "8", "--out", out});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json timeline = result.json();
  QCOMPARE(timeline["last_step"].get<int64_t>() - timeline["first_step"].get<int64_t>(), int64_t{7});
  QCOMPARE(timeline["dropped"].get<int>(), 0);
  std::set<int> ranks;
  for (const Json& lane : timeline["lanes"]) {
    ranks.insert(lane["rank"].get<int>());
    double at = 0;
    for (size_t i = 0; i < lane["kind"].size(); ++i) {  // ascending, and never two at once
      QVERIFY(lane["begin_seconds"][i].get<double>() >= at - 1e-9);
      at = lane["begin_seconds"][i].get<double>() + lane["seconds"][i].get<double>();
    }
    if (lane["thread"] == "step")
      QVERIFY(std::find(lane["kind"].begin(), lane["kind"].end(), Json("update")) != lane["kind"].end());
  }
  QVERIFY(ranks == std::set<int>({0, 1}));
  const double computing = timeline["shares"]["compute_share"].get<double>();
  QVERIFY(computing > 0 && computing <= 1);
  QFile trace(out);
  QVERIFY(trace.open(QIODevice::ReadOnly));
  const Json events = Json::parse(trace.readAll().toStdString());
  QVERIFY(events["traceEvents"].size() > 40);
  const QString first = QString::number(timeline["first_step"].get<int64_t>());
  QVERIFY(home_.CtlJson({"timeline", id, "--steps", first}).json()["last_step"] == timeline["first_step"]);
  QCOMPARE(home_.CtlJson({"timeline", id, "--steps", "nine"}).exit_code, 2);

  // The same run in slow motion: real messages of real processes, one at a time; and the recording as a clip.
  QVERIFY(home_.CtlJson({"slow-motion", id, "--next"}).exit_code != 0);  // it has not begun
  const CtlResult slow = home_.CtlJson({"slow-motion", id, "--on"});
  QVERIFY2(slow.exit_code == 0, slow.err.constData());
  QCOMPARE(slow.json()["on"].get<bool>(), true);
  const Json moved = home_.CtlJson({"slow-motion", id, "--next", "4"}).json();
  QCOMPARE(moved["moved"].get<int>(), 4);
  QCOMPARE(moved["messages"].size(), size_t{4});
  for (const Json& message : moved["messages"]) {
    QVERIFY(message["from"] != message["to"]);
    QVERIFY(message["bytes"].get<int64_t>() > 0);
  }
  QVERIFY(home_.CtlJson({"slow-motion", id, "--step"}).json()["moved"].get<int>() >= 4);
  QCOMPARE(home_.CtlJson({"slow-motion", id, "--off"}).json()["on"].get<bool>(), false);
  const int64_t left_at = home_.CtlJson({"show", id}).json()["steps"].get<int64_t>();
  QVERIFY(QTest::qWaitFor(
      [&] {
        return home_.CtlJson({"show", id}).json()["steps"].get<int64_t>() > left_at;
      },
      60000));
  const QString clip = home_.Write("clip.html", "");
  const CtlResult replay = home_.CtlJson({"slow-motion", id, "--clip", clip});
  QVERIFY2(replay.exit_code == 0, replay.err.constData());
  QVERIFY(replay.json()["messages"].size() >= 8);  // one at least a step
  QFile picture(clip);
  QVERIFY(picture.open(QIODevice::ReadOnly));
  QVERIFY(picture.readAll().contains("animateMotion"));

  const CtlResult forked = home_.CtlJson(
      {"fork", id, "--set", "/optimizer/learning_rate=0.02", "--set", "/training/max_steps=1000000"});
  QVERIFY2(forked.exit_code == 0, forked.err.constData());
  QCOMPARE(QString::fromStdString(forked.json()["parent"].get<std::string>()), id);
  const auto from = forked.json()["parent_step"].get<int64_t>();
  QVERIFY(from > 0);
  const QString child = QString::fromStdString(forked.json()["run"].get<std::string>());
  QCOMPARE(home_.CtlJson({"fork", id, "--set", "/model/kind=\"2nn\""}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"stop", id}).exit_code, 0);  // there may be cores for one of them only
  QVERIFY(QTest::qWaitFor(
      [&] {
        return home_.CtlJson({"show", child}).json()["steps"].get<int64_t>() > from;
      },
      60000));
  QCOMPARE(home_.CtlJson({"stop", child}).exit_code, 0);
  QVERIFY(QTest::qWaitFor(
      [&] {
        return home_.CtlJson({"show", child}).json()["state"] == "stopped";
      },
      60000));
}

void CliContractTest::layersTellWhatACodecDoes() {
  const QString dense = QString::fromStdString(run_["run"].get<std::string>());
  const Json without = home_.CtlJson({"layers", dense}).json();
  QVERIFY(without["layers"].empty() && without["step"].is_null());
  QVERIFY(QString::fromStdString(without["obstacle"].get<std::string>()).contains("no gradient codec"));

  const QString spec = home_.Write("layers.json", SmallSpec(2, 40).dump());
  const Json run = home_.CtlJson({"run", spec, "--set", R"(/gradient=[{"kind":"top-k"}])"}).json();
  const QString id = QString::fromStdString(run["run"].get<std::string>());
  const CtlResult result = home_.CtlJson({"layers", id});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json layers = result.json();
  QCOMPARE(layers["step"].get<int>(), 32);  // the last sixteenth step of 40
  QVERIFY(layers["obstacle"].is_null());
  QCOMPARE(layers["layers"].size(), size_t{3});
  double parameters = 0, share = 0;
  for (const Json& layer : layers["layers"]) {
    parameters += layer["parameters"].get<double>();
    share += layer["payload_share"].get<double>();
    QVERIFY(layer["relative_error"].get<double>() > 0);
    QVERIFY(layer["residual_norm"].get<double>() > 0);
    QVERIFY(layer["residual_age"].get<double>() > 0);
  }
  QCOMPARE(parameters, 266610.0);
  QVERIFY(std::abs(share - 1) < 1e-9);
  const QByteArray table = home_.Ctl({"layers", id}).out;
  for (const Json& layer : layers["layers"])
    QVERIFY(table.contains(layer["layer"].get<std::string>().c_str()));
  QVERIFY(home_.CtlJson({"delete", id}).exit_code == 0);  // the others count runs
}

void CliContractTest::compareNamesWhatDiffers() {
  const QString spec = home_.Write("other.json", SmallSpec(2, 60).dump());
  const CtlResult other = home_.CtlJson({"run", spec, "--set", "/optimizer/learning_rate=0.01"});
  QVERIFY2(other.exit_code == 0, other.err.constData());
  const Json comparison = home_
                              .CtlJson({"compare", QString::fromStdString(run_["run"]),
                                        QString::fromStdString(other.json()["run"])})
                              .json();
  QCOMPARE(comparison["differences"].size(), size_t{1});
  QCOMPARE(comparison["differences"][0]["pointer"].get<std::string>(),
           std::string("/optimizer/learning_rate"));
  QCOMPARE(comparison["runs"].size(), size_t{2});
  QVERIFY(comparison["runs"][0]["to_accuracy"]["seconds"].is_number());

  const QString page = home_.file("comparison.html");
  const QString first = QString::fromStdString(run_["run"]),
                second = QString::fromStdString(other.json()["run"]);
  const CtlResult reported =
      home_.CtlJson({"compare", first, second, "--report", page, "--baseline", second});
  QVERIFY2(reported.exit_code == 0, reported.err.constData());
  QCOMPARE(reported.json()["report"].get<std::string>(), page.toStdString());
  QFile file(page);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray html = file.readAll();
  for (const char* wanted :
       {"Final accuracy", "/optimizer/learning_rate", "0.01", "one seed", "<svg", "Train loss"})
    QVERIFY2(html.contains(wanted), wanted);
  QVERIFY(html.contains(first.toUtf8()) && html.contains(second.toUtf8()));
  QVERIFY(!html.contains("href=") && !html.contains("<script"));
  QCOMPARE(home_.CtlJson({"compare", first, "--report", page, "--baseline", "nobody"}).exit_code, 2);
  // The desktop's program prints it: where it is not built, that is said, and nothing is written.
  const QString pdf = home_.file("comparison.pdf");
  const CtlResult printed = home_.CtlJson({"compare", first, second, "--pdf", pdf});
  const bool has_desktop = QFile::exists(TestHome::Program("concertina"));
  QVERIFY2((printed.exit_code == 0) == has_desktop, printed.err.constData());
  if (has_desktop) {
    QCOMPARE(printed.json()["pdf"].get<std::string>(), pdf.toStdString());
    QFile pages(pdf);
    QVERIFY(pages.open(QIODevice::ReadOnly) && pages.read(5) == "%PDF-");
    QVERIFY(home_.CtlJson({"compare", first, "--pdf", home_.file("no/such/folder.pdf")}).exit_code != 0);
    const QString one = home_.file("run.pdf");
    QCOMPARE(
        home_.CtlJson({"export", first, "--to", "pdf", "--out", one}).json()["files"][0].get<std::string>(),
        one.toStdString());
    QCOMPARE(
        home_.CtlJson({"export", first, "--to", "pdf", "--out", one, "--existing", "refuse"}).exit_code != 0,
        true);
  } else {
    QVERIFY2(printed.err.contains("not installed"), printed.err.constData());
    QVERIFY(!QFile::exists(pdf));
  }
  QCOMPARE(home_.CtlJson({"compare", first, "--report", pdf}).exit_code, 2);
  const QString tex = home_.file("comparison.tex");
  const CtlResult tabled = home_.CtlJson({"compare", first, second, "--table", tex, "--transposed"});
  QVERIFY2(tabled.exit_code == 0, tabled.err.constData());
  QCOMPARE(tabled.json()["table"].get<std::string>(), tex.toStdString());
  QFile table(tex);
  QVERIFY(table.open(QIODevice::ReadOnly));
  QVERIFY(table.readAll().contains("run & " + first.toUtf8() + " & " + second.toUtf8() + " \\\\"));
  QCOMPARE(home_.CtlJson({"compare", first, "--table", home_.file("comparison.doc")}).exit_code, 2);
  QVERIFY(home_.CtlJson({"compare", first, "--report", home_.file("no/such/folder.html")}).exit_code != 0);
}

void CliContractTest::describeGivesEveryCategory() {
  const Json document = home_.CtlJson({"describe"}).json();
  std::set<std::string> categories;
  for (const Json& category : document["categories"]) {
    categories.insert(category["category"]);
    for (const Json& component : category["components"]) {
      QVERIFY(!component["summary"].get<std::string>().empty());
      for (const Json& parameter : component["parameters"])
        for (const char* field :
             {"name", "type", "unit", "default", "minimum", "maximum", "choices", "doc", "live"})
          QVERIFY2(parameter.contains(field), field);
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

void CliContractTest::exportsWriteFiles_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QByteArray>("beginning");
  QTest::newRow("csv") << "csv" << QByteArray("step");
  QTest::newRow("json") << "json" << QByteArray("{");
  QTest::newRow("safetensors") << "safetensors" << QByteArray();
  QTest::newRow("onnx") << "onnx" << QByteArray("\x08\x08", 2);  // field 1, IR version 8
  QTest::newRow("html") << "html" << QByteArray("<!");
}

void CliContractTest::exportsWriteFiles() {
  QFETCH(QString, format);
  QFETCH(QByteArray, beginning);
  const QString path = home_.file("exported." + format);
  const CtlResult result = home_.CtlJson({"export", "last", "--to", format, "--out", path});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray content = file.readAll();
  QVERIFY(content.size() > 100);
  QVERIFY2(content.startsWith(beginning), content.left(40).constData());
}

void CliContractTest::exportsAskWhatIsDoneWithFilesThatAreThere() {
  const QString path = home_.Write("there.csv", "of somebody");
  const QByteArray before = "of somebody";
  const auto content = [](const QString& at) {
    QFile file(at);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  };
  const auto exported = [&](const QString& existing) {
    return home_.CtlJson({"export", "last", "--to", "csv", "--out", path, "--existing", existing});
  };
  const CtlResult refused = exported("refuse");
  QCOMPARE(refused.exit_code, 2);
  QVERIFY2(refused.err.contains("there already"), refused.err.constData());
  QCOMPARE(content(path), before);
  const CtlResult kept = exported("keep-both");
  QVERIFY2(kept.exit_code == 0, kept.err.constData());
  const QString beside = QString(path).replace(".csv", " (2).csv");
  QCOMPARE(kept.json()["files"][0].get<std::string>(), beside.toStdString());
  QCOMPARE(content(path), before);
  QVERIFY(content(beside).startsWith("step"));
  QCOMPARE(exported("perhaps").exit_code, 2);
  QVERIFY(exported("replace").exit_code == 0);
  QVERIFY(content(path).startsWith("step"));
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

void CliContractTest::aRunGoesIntoAnotherHome() {
  const QString id = QString::fromStdString(run_["run"].get<std::string>());
  const QString path = home_.path() + "/whole.concertina-run";
  const CtlResult exported = home_.CtlJson({"export", id, "--to", "run", "--out", path});
  QVERIFY2(exported.exit_code == 0, exported.err.constData());
  TestHome other;
  const CtlResult imported = other.CtlJson({"import", path});
  QVERIFY2(imported.exit_code == 0, imported.err.constData());
  const Json there = other.CtlJson({"show", id}).json();
  const Json here = home_.CtlJson({"show", id}).json();
  for (const char* field : {"name", "steps", "test_accuracy", "spec", "parameters_sha256", "tags", "note"})
    QVERIFY2(there[field] == here[field], field);
  QVERIFY(other.CtlJson({"series", id, "train/loss"}).json()["points"] ==
          home_.CtlJson({"series", id, "train/loss"}).json()["points"]);
  QVERIFY(other.CtlJson({"import", path}).exit_code != 0);  // it is there already
  const CtlResult wrong = other.CtlJson({"import", home_.Write("wrong.json", "{}")});
  QVERIFY(wrong.exit_code != 0);
  QVERIFY(wrong.err.contains("no run"));
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

void CliContractTest::aSweepEndsInATable() {
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

void CliContractTest::aSweepGoesOnAfterAFailedPoint() {
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

void CliContractTest::aBadSweepStoresNothing() {
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

void CliContractTest::aSweepHalvesByStoppingAndResuming() {
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

void CliContractTest::aSweepStopsAtControlC() {
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

CONCERTINA_TEST(CliContractTest)

}  // namespace concertina::cli_contract_test

#include "cli_contract_test.moc"
