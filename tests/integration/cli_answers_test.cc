// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_answers_test.cc: what scripts count on beside the fields of a run: types, ids where "last" was said,
// orders and groups, exit statuses without an engine, whose home it is, and what benchmarks give.
#include <QDir>
#include <QFile>
#include <cmath>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::cli_answers_test {

using Json = nlohmann::json;

// Threads of the engine, a few steps: a run takes a second.
Json TinySpec(const std::string& name, int max_steps) {
  Json spec = SmallSpec(2, max_steps);
  spec["name"] = name;
  spec["workers"][0]["launcher"] = "in-process";
  return spec;
}

class CliAnswersTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void fieldsHaveTheirTypes();
  void workersSayWhoAndWhereTheyAre();
  void lastIsToldByItsId();
  void everyStepIsMeasured();
  void whatGoesIsToldByItsId();
  void runsAreSortedAndGrouped();
  void watchPrintsADocumentALine();
  void aTensorBoardLogIsAFolder();
  void theHomeIsThatOfTheOptionOrTheEnvironment();
  void withoutAnEngineTheStatusIsThree_data();
  void withoutAnEngineTheStatusIsThree();
  void aPathThatCannotBeReadIsBadInput_data();
  void aPathThatCannotBeReadIsBadInput();
  void damagedDataIsBadInput_data();
  void damagedDataIsBadInput();
  void benchmarksNeedNoEngine_data();
  void benchmarksNeedNoEngine();

 private:
  QString Id(const Json& run) { return QString::fromStdString(run["run"].get<std::string>()); }
  TestHome home_;
  Json first_, second_;  // "b" and "a": not in the order of their names
};

void CliAnswersTest::initTestCase() {
  for (const auto& [run, name] : {std::pair(&first_, "b"), std::pair(&second_, "a")}) {
    const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", TinySpec(name, 10).dump())});
    QVERIFY2(result.exit_code == 0, result.err.constData());
    *run = result.json();
    QVERIFY2(run->is_object(), result.out.constData());
  }
}

void CliAnswersTest::fieldsHaveTheirTypes() {
  for (const char* text : {"run", "name", "state", "error", "parameters_sha256"})
    QVERIFY2(first_[text].is_string(), text);
  for (const char* whole : {"seed", "steps", "samples", "bytes_sent", "bytes_received", "payload_bytes_sent",
                            "messages_sent", "peak_memory_bytes", "parameters"})
    QVERIFY2(first_[whole].is_number_integer(), whole);
  for (const char* number : {"epochs", "seconds", "samples_per_second", "train_loss", "test_loss",
                             "test_accuracy", "compression_ratio"})
    QVERIFY2(first_[number].is_number(), number);
  for (const char* part : {"data", "compute", "encode", "exchange", "decode", "update", "wait"})
    QVERIFY2(first_["time"][part].is_number(), part);
  QVERIFY(first_["spec"].is_object() && first_["spec"]["name"] == "b");
  QVERIFY(first_["seconds"].get<double>() > 0 && first_["samples_per_second"].get<double>() > 0);
}

void CliAnswersTest::workersSayWhoAndWhereTheyAre() {
  QCOMPARE(first_["workers"].size(), size_t{2});
  for (size_t rank = 0; rank < 2; ++rank) {
    const Json& worker = first_["workers"][rank];
    QVERIFY(worker["rank"] == rank);
    QVERIFY(worker["pid"].is_number_integer() && worker["pid"].get<int64_t>() > 0);
    QVERIFY(worker["host"].is_string() && !worker["host"].get<std::string>().empty());
    QVERIFY2(worker["axis"] == Json({{"data", rank}, {"pipeline", 0}, {"tensor", 0}}), worker.dump().c_str());
  }
}

void CliAnswersTest::lastIsToldByItsId() {
  const std::string id = second_["run"];
  const CtlResult curve = home_.CtlJson({"series", "last", "train/loss", "--x", "seconds"});
  QVERIFY2(curve.exit_code == 0, curve.err.constData());
  const Json series = curve.json();
  QCOMPARE(series["run"].get<std::string>(), id);
  QCOMPARE(series["name"].get<std::string>(), std::string("train/loss"));
  QCOMPARE(series["x"].get<std::string>(), std::string("seconds"));
  QCOMPARE(series["points"].size(), size_t{10});
  QCOMPARE(series["points"][0].size(), size_t{2});
  QCOMPARE(home_.CtlJson({"series", "last"}).json()["run"].get<std::string>(), id);
  QCOMPARE(home_.CtlJson({"log", "last"}).json()["run"].get<std::string>(), id);
  QCOMPARE(home_.CtlJson({"export", "last", "--to", "csv", "--out", home_.file("last.csv")})
               .json()["run"]
               .get<std::string>(),
           id);
  // A beginning that no other run has, too.
  const QString beginning = Id(first_).chopped(1);
  if (!Id(second_).startsWith(beginning))
    QVERIFY(home_.CtlJson({"series", beginning, "train/loss"}).json()["run"] == first_["run"]);
  for (const QString command : {"series", "log", "stop", "watch"})
    QCOMPARE(home_.CtlJson({command, "no-such-run"}).exit_code, 2);
}

// Of each step: the whole run's, and each worker's own.
void CliAnswersTest::everyStepIsMeasured() {
  for (const char* name : {"train/loss", "train/samples", "time/data", "time/compute", "time/encode",
                           "time/exchange", "time/decode", "time/update", "time/wait", "comm/bytes_sent",
                           "comm/bytes_received", "comm/payload_bytes_sent", "comm/messages_sent"})
    for (const char* rank : {"-1", "0", "1"}) {
      const CtlResult result = home_.CtlJson({"series", "last", name, "--rank", rank});
      QVERIFY2(result.exit_code == 0, result.err.constData());
      QVERIFY2(result.json()["points"].size() == 10, name);
    }
  // Norms take a pass over all parameters, and are measured now and then.
  for (const char* name : {"norm/gradient", "norm/parameters"})
    QVERIFY2(!home_.CtlJson({"series", "last", name}).json()["points"].empty(), name);
  for (const auto& [rank, samples] : {std::pair("-1", 64.0), {"0", 32.0}, {"1", 32.0}}) {
    const Json series = home_.CtlJson({"series", "last", "train/samples", "--rank", rank}).json();
    for (const Json& point : series["points"]) QCOMPARE(point[1].get<double>(), samples);
  }
}

void CliAnswersTest::whatGoesIsToldByItsId() {
  const CtlResult started =
      home_.CtlJson({"run", home_.Write("long.json", TinySpec("long", 1000000).dump()), "--detach"});
  QVERIFY2(started.exit_code == 0, started.err.constData());
  const std::string id = started.json()["run"];
  const QString run = QString::fromStdString(id);
  QVERIFY(QTest::qWaitFor(
      [&] {
        return home_.CtlJson({"show", run}).json()["steps"].get<int>() > 0;
      },
      60000));
  const Json turned = home_.CtlJson({"set", "last", "/optimizer/learning_rate=0.01"}).json();
  QCOMPARE(turned["run"].get<std::string>(), id);
  QCOMPARE(turned["pointer"].get<std::string>(), std::string("/optimizer/learning_rate"));
  QVERIFY(turned["step"].get<int64_t>() > 0);
  for (const QString command : {"pause", "resume", "stop"}) {
    const CtlResult told = home_.CtlJson({command, "last"});
    QVERIFY2(told.exit_code == 0, told.err.constData());
    QCOMPARE(told.json()["run"].get<std::string>(), id);
    QVERIFY(told.json()["state"].is_string());
    if (command == "pause")
      QVERIFY(QTest::qWaitFor(
          [&] {
            return home_.CtlJson({"show", run}).json()["state"] == "paused";
          },
          60000));
  }
  QVERIFY(QTest::qWaitFor([&] { return home_.CtlJson({"show", run}).json()["state"] == "stopped"; }, 60000));
  QCOMPARE(home_.CtlJson({"delete", run}).exit_code, 0);  // the others count runs
}

void CliAnswersTest::runsAreSortedAndGrouped() {
  const auto names = [&](const QStringList& how) {
    std::vector<std::string> told;
    const Json list = home_.CtlJson(QStringList{"list"} + how).json();
    for (const Json& run : list["runs"]) told.push_back(run["name"]);
    return told;
  };
  using Names = std::vector<std::string>;
  QCOMPARE(names({}), Names({"a", "b"}));  // the newest first
  QCOMPARE(names({"--sort", "name"}), Names({"a", "b"}));
  QCOMPARE(names({"--sort", "-name"}), Names({"b", "a"}));
  QCOMPARE(names({"--limit", "1"}), Names({"a"}));
  QCOMPARE(names({"--filter", "name=b"}), Names({"b"}));
  QCOMPARE(home_.CtlJson({"tag", Id(first_), "+kept"}).exit_code, 0);
  const Json grouped = home_.CtlJson({"list", "--group", "tag"}).json();
  QCOMPARE(grouped["runs"].size(), size_t{2});
  QCOMPARE(grouped["groups"].size(), size_t{2});
  for (const Json& group : grouped["groups"]) {
    const Json& run = group["group"] == "kept" ? first_ : second_;
    QVERIFY2(group["group"] == "kept" || group["group"] == "", group.dump().c_str());
    QVERIFY(group["runs"] == Json::array({run["run"]}));
    QVERIFY(group["test_accuracy"]["count"] == 1 && group["test_accuracy"]["deviation"].is_null());
    QVERIFY(std::abs(group["test_accuracy"]["mean"].get<double>() - run["test_accuracy"].get<double>()) <
            1e-12);
  }
  // Both are of one model: their mean, and how far they lie apart.
  const Json models = home_.CtlJson({"list", "--group", "/model/kind"}).json()["groups"];
  QCOMPARE(models.size(), size_t{1});
  const double a = first_["test_loss"], b = second_["test_loss"];
  QVERIFY(std::abs(models[0]["test_loss"]["mean"].get<double>() - (a + b) / 2) < 1e-12);
  QVERIFY(std::abs(models[0]["test_loss"]["deviation"].get<double>() - std::abs(a - b) / std::sqrt(2.0)) <
          1e-12);
  const QByteArray text = home_.Ctl({"list", "--group", "/model/kind"}).out;
  QVERIFY2(text.contains("\nlenet-300-100: 2 runs, accuracy ") && text.count('\n') == 5, text.constData());
  QCOMPARE(home_.CtlJson({"list", "--sort", "nmae"}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"list", "--group", "nmae"}).exit_code, 2);
}

void CliAnswersTest::watchPrintsADocumentALine() {
  const CtlResult result = home_.CtlJson({"watch", "last"});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  Json summary;
  for (const QByteArray& line : result.out.split('\n')) {
    if (line.isEmpty()) continue;
    const Json document = Json::parse(line.toStdString(), nullptr, false);
    QVERIFY2(document.is_object(), line.constData());
    if (document.contains("summary")) summary = document["summary"];
  }
  QVERIFY2(summary.is_object(), result.out.constData());
  QVERIFY(summary["run"] == second_["run"] && summary["state"] == "finished");
}

void CliAnswersTest::aTensorBoardLogIsAFolder() {
  const QString folder = home_.file("log");
  const CtlResult result = home_.CtlJson({"export", "last", "--to", "tensorboard", "--out", folder});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json files = result.json()["files"];
  QVERIFY(!files.empty());
  for (const Json& file : files) {
    const QString path = QString::fromStdString(file.get<std::string>());
    QVERIFY2(path.startsWith(folder + "/") && QFile(path).size() > 0, qPrintable(path));
  }
}

void CliAnswersTest::theHomeIsThatOfTheOptionOrTheEnvironment() {
  const auto home_of = [](const QStringList& arguments, const QString& environment_home) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("CONCERTINA_HOME", environment_home);
    process.setProcessEnvironment(environment);
    process.start(TestHome::Program("concertinactl"), arguments + QStringList{"engine", "status", "--json"});
    if (!process.waitForFinished(30000)) return std::string("timed out");
    const Json status = Json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
    return status.value("home", std::string());
  };
  const std::string ours = home_.CtlJson({"engine", "status"}).json()["home"];
  QVERIFY(!ours.empty());
  QCOMPARE(home_of({}, home_.path()), ours);
  const TestHome empty;
  QCOMPARE(home_of({"--home", home_.path()}, empty.path()), ours);
  QCOMPARE(home_of({}, empty.path()), std::string());  // each home has its own engine
}

void CliAnswersTest::withoutAnEngineTheStatusIsThree_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::newRow("none of this home") << QStringList{"engine", "status"};
  QTest::newRow("none to stop") << QStringList{"engine", "stop"};
  QTest::newRow("none at that address") << QStringList{"--engine", "unix:/nowhere.sock", "list"};
  QTest::newRow("a run of none") << QStringList{"--engine", "unix:/nowhere.sock", "run", "-"};
}

void CliAnswersTest::withoutAnEngineTheStatusIsThree() {
  QFETCH(QStringList, arguments);
  const TestHome empty;
  const CtlResult result = empty.Ctl(arguments + QStringList{"--json"}, 60000, "{}");
  QVERIFY2(result.exit_code == 3, result.err.constData());
  QVERIFY2(result.json().is_object() && result.json()["error"].is_string(), result.out.constData());
  if (arguments[0] == "--engine")
    QVERIFY2(result.err.contains("no engine answers at unix:/nowhere.sock"), result.err.constData());
  QVERIFY(!result.err.isEmpty());
}

void CliAnswersTest::aPathThatCannotBeReadIsBadInput_data() {
  QTest::addColumn<QString>("path");
  QTest::newRow("not there") << "/nowhere/spec.json";
  QTest::newRow("a folder") << QDir::tempPath();
  QTest::newRow("below a file") << home_.file("spec.json") + "/spec.json";
  QTest::newRow("too long") << QString(300, 'x');
}

void CliAnswersTest::aPathThatCannotBeReadIsBadInput() {
  QFETCH(QString, path);
  for (const QStringList& command : {QStringList{"run"}, {"validate"}, {"sweep"}}) {
    const CtlResult result = home_.CtlJson(command + QStringList{path});
    QVERIFY2(result.exit_code == 2, result.err.constData());
    QVERIFY2(result.json().is_object(), result.out.constData());
    QVERIFY2(result.err.contains(path.right(20).toUtf8()), result.err.constData());
  }
}

void CliAnswersTest::damagedDataIsBadInput_data() {
  QTest::addColumn<QString>("dataset");
  QTest::addColumn<QString>("place");  // file, and line or byte
  const auto in = [this](const QString& name) { return home_.file(name).toStdString(); };
  const auto row = [](const char* name, const Json& dataset, const char* place) {
    QTest::newRow(name) << QString::fromStdString(dataset.dump()) << QString(place);
  };
  home_.Write("bad.csv", "a,y\n1,p\nfive,q\n");
  row("a table", {{"kind", "csv"}, {"path", in("bad.csv")}, {"label", "y"}}, "bad.csv:3: column 1");
  // Ten images of 28x28 bytes are announced, and a hundred bytes come; ten labels.
  const std::string sizes("\0\0\x08\x03\0\0\0\x0a\0\0\0\x1c\0\0\0\x1c", 16);
  home_.Write("cut-images", sizes + std::string(100, 'x'));
  home_.Write("labels", std::string("\0\0\x08\x01\0\0\0\x0a", 8) + std::string(10, '\1'));
  row("images that are cut short",
      {{"kind", "idx"}, {"train_images", in("cut-images")}, {"train_labels", in("labels")}},
      "cut-images: cut short at byte 116");
  QVERIFY(QDir(home_.path()).mkpath("pictures/cat") && QDir(home_.path()).mkpath("pictures/dog"));
  home_.Write("pictures/cat/1.png", "\x89PNG\r\n\x1a\n");
  home_.Write("pictures/dog/1.png", "\x89PNG\r\n\x1a\n");
  row("a picture", {{"kind", "image-folder"}, {"path", in("pictures")}, {"test_fraction", 0}},
      "1.png: at byte ");
}

void CliAnswersTest::damagedDataIsBadInput() {
  QFETCH(QString, dataset);
  QFETCH(QString, place);
  Json spec = TinySpec("damaged", 10);
  spec["dataset"] = Json::parse(dataset.toStdString());
  spec["model"] = {{"kind", "mlp"}};
  const size_t before = home_.CtlJson({"list"}).json()["runs"].size();
  const CtlResult result = home_.CtlJson({"run", home_.Write("damaged.json", spec.dump())});
  QVERIFY2(result.exit_code == 2, result.err.constData());
  const Json faults = result.json()["faults"];
  QCOMPARE(faults.size(), size_t{1});
  QVERIFY(QString::fromStdString(faults[0]["pointer"].get<std::string>()).startsWith("/dataset"));
  QVERIFY2(QString::fromStdString(faults[0]["message"].get<std::string>()).contains(place),
           faults[0].dump().c_str());
  QCOMPARE(home_.CtlJson({"list"}).json()["runs"].size(), before);
}

void CliAnswersTest::benchmarksNeedNoEngine_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QStringList>("figures");  // of the document
  QTest::addColumn<QStringList>("of_each");  // of each of its results
  QTest::newRow("train") << QStringList{"train",     "--model", "lenet-300-100", "--batch", "8",
                                        "--threads", "1",       "--seconds",     "0.1"}
                         << QStringList{"samples_per_second", "flops_per_second", "gemm_flops_per_second"}
                         << QStringList{};
  QTest::newRow("collective") << QStringList{"collective", "--ranks", "2",        "--algorithm",
                                             "ring",       "--bytes", "1024,4096"}
                              << QStringList{} << QStringList{"bytes", "median_seconds", "bytes_per_second"};
  QTest::newRow("transport") << QStringList{"transport", "--bytes", "1024"} << QStringList{}
                             << QStringList{"bytes", "bytes_per_second", "tcp_bytes_per_second"};
  QTest::newRow("codec") << QStringList{"codec", "--elements", "1000"}
                         << QStringList{"memcpy_bytes_per_second"}
                         << QStringList{"encode_bytes_per_second", "decode_bytes_per_second", "ratio",
                                        "relative_error"};
  QTest::newRow("store") << QStringList{"store", "--points", "2000"} << QStringList{"points_per_cpu_second"}
                         << QStringList{};
}

// Which figures there are, and that something was measured: never how fast.
void CliAnswersTest::benchmarksNeedNoEngine() {
  QFETCH(QStringList, arguments);
  QFETCH(QStringList, figures);
  QFETCH(QStringList, of_each);
  const TestHome empty;
  const CtlResult result = empty.CtlJson(QStringList{"bench"} + arguments);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const Json document = result.json();
  QVERIFY2(document.is_object(), result.out.constData());
  for (const QString& figure : figures) {
    const Json& value = document[figure.toStdString()];
    QVERIFY2(value.is_number() && value.get<double>() > 0, qPrintable(figure));
  }
  if (!of_each.isEmpty()) QVERIFY(!document["results"].empty());
  for (const QString& figure : of_each)
    for (const Json& each : document["results"])
      QVERIFY2(each.contains(figure.toStdString()) && each[figure.toStdString()].is_number(),
               qPrintable(figure));
  QCOMPARE(empty.CtlJson({"engine", "status"}).exit_code, 3);
}

CONCERTINA_TEST(CliAnswersTest)

}  // namespace concertina::cli_answers_test

#include "cli_answers_test.moc"
