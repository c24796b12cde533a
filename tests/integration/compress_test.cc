// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_test.cc: a model trained by two workers, pruned, retrained, in bytes, exported, and run by the
// program of the device with the accuracy that was claimed; and what is wrong is said before anything starts.
#include <csignal>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::compress_test {

using Json = nlohmann::json;

class CompressTest : public QObject {
  Q_OBJECT

  TestHome home_;
  std::string run_;

  struct Told {
    int exit_code = -1;
    QByteArray out, err;
  };
  static Told Edge(const QStringList& arguments, const QByteArray& input = {}) {
    QProcess process;
    process.start(TestHome::Program("concertina-edge"), arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(60000)) {
      process.kill();
      process.waitForFinished(5000);
      return {};
    }
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }
  // An IDX file of Debian's package, as it is when unpacked.
  static QByteArray Unpacked(const QString& name) {
    QProcess process;
    process.start("gzip", {"-dc", "/usr/share/datasets/fashion-mnist/" + name + ".gz"});
    process.waitForFinished(20000);
    return process.readAllStandardOutput();
  }

 private slots:
  void initTestCase() {
    const CtlResult trained = home_.CtlJson({"run", home_.Write("spec.json", SmallSpec(2, 300).dump())});
    QVERIFY2(trained.exit_code == 0, trained.err.constData());
    run_ = trained.json()["run"];
  }

  void whatIsClaimedIsWhatTheDeviceDoes() {
    const QString recipe = home_.Write("recipe.json", R"({"recipe": [
        {"kind": "prune-l1", "amount": 0.5}, {"kind": "retrain", "epochs": 0.1}, {"kind": "int8", "samples": 128}]})");
    const QString model = home_.file("model.edge");
    const CtlResult compressed =
        home_.CtlJson({"compress", QString::fromStdString(run_), recipe, "--out", model}, 240000);
    QVERIFY2(compressed.exit_code == 0, compressed.err.constData());
    const Json json = compressed.json();
    QCOMPARE(json["state"].get<std::string>(), std::string("finished"));
    QCOMPARE(json["steps"].size(), size_t{4});
    const Json figures = json["steps"][3]["figures"];
    QCOMPARE(static_cast<double>(QFileInfo(model).size()), figures["file_bytes"].get<double>());
    QVERIFY(figures["ratio"].get<double>() > 5);
    QVERIFY(figures["nonzeros"].get<double>() < 0.55 * figures["parameters"].get<double>());
    QVERIFY(figures["test_accuracy"].get<double>() > 0.75);

    const QByteArray images = Unpacked("t10k-images-idx3-ubyte"), labels = Unpacked("t10k-labels-idx1-ubyte");
    if (images.isEmpty()) QSKIP("Fashion-MNIST is not installed");
    const QString image_file = home_.Write("images", images.toStdString()),
                  label_file = home_.Write("labels", labels.toStdString());
    const Told told = Edge({"evaluate", model, image_file, label_file, "--json"});
    QVERIFY2(told.exit_code == 0, told.err.constData());
    const Json evaluated = Json::parse(told.out.toStdString());
    QCOMPARE(evaluated["samples"].get<int>(), 10000);
    QVERIFY(std::abs(evaluated["accuracy"].get<double>() - figures["test_accuracy"].get<double>()) < 1e-6);
    // The same pictures in a stream, a byte a pixel.
    const Told stream = Edge({"classify", model, "-"}, images.mid(16, 784 * 20));
    QCOMPARE(stream.out.count('\n'), 20);
    QVERIFY(Edge({"info", model}).out.contains("int8"));
    QVERIFY(Json::parse(Edge({"bench", model, image_file, "--queries", "50", "--json"})
                            .out.toStdString())["p50_seconds"] > 0);
    // Where its time goes, quantise and dequantise by their own names; nothing of it without being asked.
    const Json bench =
        Json::parse(Edge({"bench", model, "--queries", "50", "--operators", "--json"}).out.toStdString());
    double shares = 0;
    int64_t macs = 0;
    for (const Json& step : bench["operators"]) {
      shares += step["share"].get<double>();
      macs += step["macs"].get<int64_t>();
      QCOMPARE(step["converts"].get<bool>(), step["kernel"].get<std::string>().empty());
    }
    QVERIFY(std::abs(shares - 1) < 1e-3);
    QCOMPARE(macs, Json::parse(Edge({"info", model, "--json"}).out.toStdString())["macs"].get<int64_t>());
    QVERIFY(bench["converting_seconds"].contains("quantize"));
    QVERIFY(Edge({"bench", model, "--queries", "50", "--operators"}).out.contains("quantize"));
    QVERIFY(!Edge({"bench", model, "--queries", "50"}).out.contains("quantize"));

    const CtlResult table = home_.CtlJson({"recipe", QString::fromStdString(json["run"])});
    QCOMPARE(table.json()["steps"].size(), size_t{4});
    const CtlResult inside = home_.CtlJson({"recipe", QString::fromStdString(json["run"]), "--step", "3"});
    QVERIFY2(inside.exit_code == 0, inside.err.constData());
    int64_t samples = 0;
    const Json confusion = inside.json()["confusion"];
    for (const Json& count : confusion) samples += count.get<int64_t>();
    QCOMPARE(samples, int64_t{10000});
    QCOMPARE(inside.json()["layers"].size(), size_t{3});
    QCOMPARE(inside.json()["layers"][0]["bits"].get<int>(), 8);
    const CtlResult words = home_.Ctl({"recipe", QString::fromStdString(json["run"]), "--step", "1"});
    QVERIFY(words.out.contains("not zero") && words.out.contains("became wrong"));
    QCOMPARE(home_.Ctl({"recipe", QString::fromStdString(json["run"]), "--step", "4"}).exit_code, 2);
    QVERIFY(home_.Ctl({"recipe", QString::fromStdString(run_), "--step", "0"}).err.contains("has no recipe"));
    const QString onnx = home_.file("model.onnx");
    QCOMPARE(
        home_.Ctl({"export", QString::fromStdString(json["run"]), "--to", "onnx", "--out", onnx}).exit_code,
        0);
    QFile file(onnx);
    QVERIFY(file.open(QIODevice::ReadOnly) && file.readAll().contains("QuantizeLinear"));
    // What was exported comes in again.
    const CtlResult again = home_.CtlJson({"compress", onnx, R"([{"kind": "evaluate"}])", "--spec",
                                           home_.Write("base.json", SmallSpec(1, 1).dump())});
    QVERIFY2(again.exit_code == 0, again.err.constData());
    QVERIFY(std::abs(again.json()["steps"][0]["figures"]["test_accuracy"].get<double>() -
                     figures["test_accuracy"].get<double>()) < 0.005);
  }

  void whatIsWrongIsSaid_data() {
    QTest::addColumn<QString>("recipe");
    QTest::addColumn<int>("exit_code");
    QTest::addColumn<QString>("words");
    QTest::newRow("no list") << R"({"kind": "int8"})" << 2 << "expected a list of steps";
    QTest::newRow("misspelt") << R"([{"kind": "prune-11"}])" << 2 << "prune-l1";
    QTest::newRow("out of range") << R"([{"kind": "prune-l1", "amount": 2}])" << 2 << "/recipe/0/amount";
    QTest::newRow("no such layer") << R"([{"kind": "prune-l1", "layers": "conv*"}])" << 1 << "/recipe/0";
    QTest::newRow("rank above full") << R"([{"kind": "low-rank", "rank": 5000}])" << 1 << "dense";
  }
  void whatIsWrongIsSaid() {
    QFETCH(QString, recipe);
    QFETCH(int, exit_code);
    QFETCH(QString, words);
    const CtlResult refused = home_.Ctl(
        {"compress", QString::fromStdString(run_), home_.Write("wrong.json", recipe.toStdString())});
    QVERIFY2(refused.exit_code == exit_code, refused.err.constData());
    QVERIFY2(QString::fromUtf8(refused.err).contains(words), refused.err.constData());
  }
  // Of a teacher, and wherever a file of a model is wanted.
  void aRunMayStandForItsModel() {
    const auto distilled = [&](const QString& teacher) {
      const QString recipe =
          QStringLiteral(R"([{"kind": "distill", "teacher": "%1", "epochs": 0.2}])").arg(teacher);
      return home_.CtlJson({"compress", QString::fromStdString(run_), recipe}, 120000);
    };
    const QString file = home_.file("teacher.edge");
    QCOMPARE(home_.Ctl({"export", QString::fromStdString(run_), "--to", "edge", "--out", file}).exit_code, 0);
    const CtlResult named = distilled("run:" + QString::fromStdString(run_)), given = distilled(file);
    QVERIFY2(named.exit_code == 0, named.err.constData());
    QVERIFY(named.json()["steps"][0]["figures"]["test_accuracy"] ==
            given.json()["steps"][0]["figures"]["test_accuracy"]);
    QVERIFY(QFile::exists(home_.file("models/" + QString::fromStdString(run_) + ".edge")));
    const CtlResult unknown = distilled("run:nobody");
    QCOMPARE(unknown.exit_code, 2);
    QVERIFY2((unknown.err + unknown.out).contains("/recipe/0/teacher"), unknown.err.constData());
  }
  // Whoever dies in the middle of a step: the run goes on behind the one before, and ends as one that nobody
  // disturbed.
  void aKilledRecipeGoesOnBehindItsLastStep_data() {
    QTest::addColumn<bool>("engine");
    QTest::newRow("a worker") << false;
    QTest::newRow("the engine") << true;
  }
  void aKilledRecipeGoesOnBehindItsLastStep() {
    QFETCH(bool, engine);
    Json spec = SmallSpec(2, 200);
    spec["training"]["evaluate_every_epochs"] = 0;
    spec["training"]["engine_grace_seconds"] = 0;
    spec["recipe"] = {{{"kind", "prune-l1"}, {"amount", 0.6}},
                      {{"kind", "codebook"}, {"bits", 3}},
                      {{"kind", "retrain"}, {"epochs", 3}},
                      {{"kind", "int8"}, {"samples", 64}}};
    const QString file = home_.Write("whole.json", spec.dump());
    const CtlResult whole = home_.CtlJson({"run", file}, 240000);
    QVERIFY2(whole.exit_code == 0, whole.err.constData());
    const auto steps = [&](const QString& run) { return home_.CtlJson({"recipe", run}).json()["steps"]; };
    const Json expected = steps(QString::fromStdString(whole.json()["run"]));
    QCOMPARE(expected.size(), size_t{5});

    const QString run =
        QString::fromStdString(home_.CtlJson({"run", file, "--detach"}).json()["run"].get<std::string>());
    const auto show = [&] { return home_.CtlJson({"show", run}).json(); };
    const int kept = expected[2]["step"];  // behind the codebook
    QTRY_VERIFY_WITH_TIMEOUT(show()["steps"].get<int>() > kept, 120000);
    const Json going = show();
    QVERIFY2(going["state"] == "running", going.dump(2).c_str());
    QCOMPARE(going["last_checkpoint_step"].get<int>(), kept);
    ::kill(engine ? static_cast<pid_t>(home_.EnginePid()) : going["workers"][1]["pid"].get<int>(), SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(show()["state"] == "failed", 20000);
    QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
    QTRY_VERIFY_WITH_TIMEOUT(show()["state"] == "finished" || show()["state"] == "failed", 120000);
    const Json resumed = show();
    QVERIFY2(resumed["state"] == "finished", resumed.dump(2).c_str());
    QCOMPARE(resumed["attempt"].get<int>(), 2);
    QCOMPARE(resumed["parameters_sha256"].get<std::string>(),
             whole.json()["parameters_sha256"].get<std::string>());
    // Each step once, with the figures that it had.
    const Json found = steps(run);
    QCOMPARE(found.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      QVERIFY2(found[i]["step"] == expected[i]["step"] && found[i]["text"] == expected[i]["text"],
               found[i].dump().c_str());
      for (const char* figure : {"test_accuracy", "file_bytes", "nonzeros", "ratio", "accuracy_lost"})
        QVERIFY2(found[i]["figures"][figure] == expected[i]["figures"][figure], found[i].dump().c_str());
    }
    QCOMPARE(home_.CtlJson({"series", run, "edge/file_bytes"}).json()["points"].size(), size_t{5});
    // The next steps know the answers of the first.
    const CtlResult inside = home_.CtlJson({"recipe", run, "--step", "4"});
    QVERIFY2(inside.exit_code == 0, inside.err.constData());
    const CtlResult fork = home_.Ctl({"fork", run});
    QVERIFY2(fork.exit_code != 0 && fork.err.contains("recipe"), fork.err.constData());
  }
  void thereIsNoSuchModel() {
    const CtlResult refused = home_.Ctl({"compress", "nothing", "[]"});
    QCOMPARE(refused.exit_code, 2);
  }

  void theDeviceRefusesWhatIsNoModel() {
    QCOMPARE(Edge({"info", home_.Write("noise.edge", std::string(1000, 'x'))}).exit_code, 2);
    QCOMPARE(Edge({"info", home_.file("nowhere.edge")}).exit_code, 2);
    QCOMPARE(Edge({"classfy", "x"}).exit_code, 2);
    QCOMPARE(Edge({}).exit_code, 2);
    QCOMPARE(Edge({"--help"}).exit_code, 0);
  }
};
CONCERTINA_TEST(CompressTest)

}  // namespace concertina::compress_test
#include "compress_test.moc"
