// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality_test.cc: the same training by other means gives the same parameters.
#include <cmath>

#include "core/edge/safetensors.h"
#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::equality_test {

using Json = nlohmann::json;

class EqualityTest : public QObject {
  Q_OBJECT
 private slots:
  void theSameSpecTwiceGivesTheSameBits();
  void manyWorkersEqualOneWithTheSameGlobalBatch_data();
  void manyWorkersEqualOneWithTheSameGlobalBatch();
  void aResumedRunEqualsOneNeverInterrupted_data();
  void aResumedRunEqualsOneNeverInterrupted();

 private:
  Json Run(const Json& spec) {
    const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
    if (result.exit_code != 0) qWarning("%s", result.err.constData());
    return result.json();
  }
  std::vector<float> Parameters(const Json& run) {
    const QString path = home_.file("p.safetensors");
    home_.Ctl({"export", QString::fromStdString(run["run"]), "--to", "safetensors", "--out", path});
    std::vector<float> all;
    const auto file = ReadSafetensors(path.toStdString());
    if (!file.ok()) return all;
    for (const auto& tensor : file->tensors)
      all.insert(all.end(), tensor.values.begin(), tensor.values.end());
    return all;
  }
  TestHome home_;
};

void EqualityTest::theSameSpecTwiceGivesTheSameBits() {
  Json spec = SmallSpec(2, 40);
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.01}}};
  const Json first = Run(spec), second = Run(spec);
  QVERIFY(!first["parameters_sha256"].get<std::string>().empty());
  QVERIFY(first["parameters_sha256"] == second["parameters_sha256"]);
  spec["seed"] = 8;
  QVERIFY(Run(spec)["parameters_sha256"] != first["parameters_sha256"]);
}

void EqualityTest::manyWorkersEqualOneWithTheSameGlobalBatch_data() {
  QTest::addColumn<int>("workers");
  QTest::addColumn<int>("pipeline");
  QTest::addColumn<int>("tensor");
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("launcher");
  QTest::newRow("ring of two") << 2 << 1 << 1 << "all-reduce"
                               << "local";
  QTest::newRow("ring of three") << 3 << 1 << 1 << "all-reduce"
                                 << "local";
  QTest::newRow("parameter server, four") << 4 << 1 << 1 << "parameter-server"
                                          << "local";
  QTest::newRow("ring of four threads") << 4 << 1 << 1 << "all-reduce"
                                        << "in-process";
  QTest::newRow("a model in two parts") << 1 << 1 << 2 << "single"
                                        << "local";
  QTest::newRow("ring of two models in two parts") << 2 << 1 << 2 << "all-reduce"
                                                   << "local";
  QTest::newRow("a model in four parts, threads") << 1 << 1 << 4 << "all-reduce"
                                                  << "in-process";
  QTest::newRow("a model in two stages") << 1 << 2 << 1 << "single"
                                         << "local";
  QTest::newRow("ring of two models in two stages") << 2 << 2 << 1 << "all-reduce"
                                                    << "local";
  QTest::newRow("ring of two models in two stages of two parts") << 2 << 2 << 2 << "all-reduce"
                                                                 << "local";
}

void EqualityTest::manyWorkersEqualOneWithTheSameGlobalBatch() {
  QFETCH(int, workers);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  QFETCH(QString, exchange);
  QFETCH(QString, launcher);
  Json one = SmallSpec(1, 30), many = SmallSpec(workers, 30);
  one["training"]["batch_size"] = 24;
  many["training"]["batch_size"] = 24 / workers;
  many["exchange"] = {{"kind", exchange.toStdString()}};
  many["mesh"]["pipeline"] = pipeline;
  many["mesh"]["tensor"] = tensor;
  many["workers"][0] = {{"launcher", launcher.toStdString()}, {"count", workers * pipeline * tensor}};
  const std::vector<float> expected = Parameters(Run(one)), got = Parameters(Run(many));
  QVERIFY(!expected.empty());
  QCOMPARE(got.size(), expected.size());
  // Sums in another order: each step rounds at 2^-24 of the gradient, 30 steps of momentum 0.9 let it grow
  // about thirtyfold; parameters are about 0.1.
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i)
    worst = std::max(worst, static_cast<double>(std::abs(got[i] - expected[i])));
  QVERIFY2(worst < 2e-5, qPrintable(QString("largest difference %1").arg(worst)));
}

void EqualityTest::aResumedRunEqualsOneNeverInterrupted_data() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<QString>("axis");
  QTest::newRow("dense") << "none"
                         << "data";
  QTest::newRow("top-k with its residual") << "top-k"
                                           << "data";
  QTest::newRow("a model in two parts") << "none"
                                        << "tensor";
  QTest::newRow("a model in two stages, the last of which is lost") << "none"
                                                                    << "pipeline";
}

void EqualityTest::aResumedRunEqualsOneNeverInterrupted() {
  QFETCH(QString, codec);
  QFETCH(QString, axis);
  Json spec = SmallSpec(2, 3000);
  spec["mesh"] = {{"data", 1}};
  spec["mesh"][axis.toStdString()] = 2;
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  spec["training"]["checkpoint_every_steps"] = 50;
  spec["training"]["evaluate_every_epochs"] = 0;
  const Json reference = Run(spec);
  QCOMPARE(reference["state"].get<std::string>(), std::string("finished"));

  const CtlResult detached = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
  const QString run = QString::fromStdString(detached.json()["run"]);
  QTRY_VERIFY_WITH_TIMEOUT(home_.CtlJson({"show", run}).json().value("last_checkpoint_step", 0) >= 100,
                           30000);
  // Killed at an instant of its own choosing, not at a checkpoint.
  const Json going = home_.CtlJson({"show", run}).json();
  if (going["state"] == "running") ::kill(going["workers"][1]["pid"].get<int>(), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(home_.CtlJson({"show", run}).json()["state"] == "failed", 15000);
  QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(home_.CtlJson({"show", run}).json()["state"] == "finished", 60000);
  const Json resumed = home_.CtlJson({"show", run}).json();
  QVERIFY(resumed["parameters_sha256"] == reference["parameters_sha256"]);
  QCOMPARE(resumed["attempt"].get<int>(), 2);
  // Nothing is missing from the curve, and nothing is there twice.
  const Json points = home_.CtlJson({"series", run, "train/loss"}).json()["points"];
  QCOMPARE(points.size(), size_t{3000});
  for (size_t i = 0; i < points.size(); ++i) QCOMPARE(points[i][0].get<int>(), static_cast<int>(i));
}

CONCERTINA_TEST(EqualityTest)

}  // namespace concertina::equality_test

#include "equality_test.moc"
