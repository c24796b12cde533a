// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_live_test.cc: the command line looks into a run that goes: timeline, slow motion, a fork of it, layers
// and gradients.
#include <algorithm>
#include <cmath>
#include <set>

#include "tests/integration/contract_home.h"
#include "tests/test_program.h"

namespace concertina::cli_live_test {

class CliLiveTest : public ContractHome {
  Q_OBJECT
 private slots:
  void initTestCase() { finishARun(); }
  void aTimelineIsRecordedAndARunForked();
  void layersTellWhatACodecDoes();
  void aGradientIsCounted();
};

void CliLiveTest::aTimelineIsRecordedAndARunForked() {
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

void CliLiveTest::layersTellWhatACodecDoes() {
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

void CliLiveTest::aGradientIsCounted() {
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

CONCERTINA_TEST(CliLiveTest)

}  // namespace concertina::cli_live_test

#include "cli_live_test.moc"
