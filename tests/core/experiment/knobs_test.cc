// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knobs_test.cc: --set, and what may change while a run goes.
#include <QTest>
#include <algorithm>

#include "absl/strings/match.h"
#include "core/experiment/spec.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::knobs_test {

class KnobsTest : public QObject {
  Q_OBJECT
 private slots:
  void setReplacesAndAdds_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::newRow("replaces") << R"({"seed": 1})"
                              << "/seed=2"
                              << "/seed"
                              << "2";
    QTest::newRow("adds a section") << R"({"seed": 1})"
                                    << R"(/model={"kind": "2nn"})"
                                    << "/model/kind"
                                    << "\"2nn\"";
    QTest::newRow("a text without quotes") << "{}"
                                           << "/name=my run"
                                           << "/name"
                                           << "\"my run\"";
    QTest::newRow("a text with quotes") << "{}"
                                        << "/name=\"my run\""
                                        << "/name"
                                        << "\"my run\"";
    QTest::newRow("a text with an equals sign") << "{}"
                                                << "/name=a=b"
                                                << "/name"
                                                << "\"a=b\"";
    QTest::newRow("an empty text") << "{}"
                                   << "/name="
                                   << "/name"
                                   << "\"\"";
    QTest::newRow("the rest of an absent section") << "{}"
                                                   << "/optimizer/learning_rate=0.1"
                                                   << "/optimizer/momentum"
                                                   << "0.9";
    QTest::newRow("in an absent list") << "{}"
                                       << "/workers/0/count=3"
                                       << "/workers/0/launcher"
                                       << "\"local\"";
    QTest::newRow("appends") << "{}"
                             << R"(/gradient/-={"kind": "fp16"})"
                             << "/gradient/0/kind"
                             << "\"fp16\"";
    QTest::newRow("appends at the end") << "{}"
                                        << R"(/gradient/0={"kind": "fp16"})"
                                        << "/gradient/0/kind"
                                        << "\"fp16\"";
    QTest::newRow("an object on the way") << R"({"dataset": {"kind": "mnist"}})"
                                          << "/dataset/partition/kind=shards"
                                          << "/dataset/partition/kind"
                                          << "\"shards\"";
    QTest::newRow("escaped names") << "{}"
                                   << "/a~1b~0c=1"
                                   << "/a~1b~0c"
                                   << "1";
    QTest::newRow("no JSON is a text") << "{}"
                                       << "/name=nan"
                                       << "/name"
                                       << "\"nan\"";
  }
  void setReplacesAndAdds() {
    QFETCH(QString, json);
    QFETCH(QString, assignment);
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    const auto changed = SetInSpec(json.toStdString(), assignment.toStdString());
    QVERIFY2(changed.ok(), changed.status().ToString().c_str());
    const Json document = Json::parse(*changed);
    QCOMPARE(QString::fromStdString(document.at(Json::json_pointer(pointer.toStdString())).dump()), value);
  }
  void setRefusesWhatCannotBe_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("assignment");
    QTest::newRow("no equals sign") << "{}"
                                    << "/seed";
    QTest::newRow("no slash") << "{}"
                              << "seed=1";
    QTest::newRow("the whole document") << "{}"
                                        << "=1";
    QTest::newRow("only a slash") << "{}"
                                  << "/=1";
    QTest::newRow("a bad escape") << "{}"
                                  << "/a~2=1";
    QTest::newRow("an escape cut off") << "{}"
                                       << "/a~=1";
    QTest::newRow("beyond the list") << "{}"
                                     << "/gradient/1/ratio=0.1";
    QTest::newRow("a name in a list") << "{}"
                                      << "/workers/count=4";
    QTest::newRow("an index with a zero before") << R"({"gradient": [1, 2]})"
                                                 << "/gradient/01=1";
    QTest::newRow("inside a number") << R"({"seed": 1})"
                                     << "/seed/x=1";
    QTest::newRow("too deep") << "{}"
                              << "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a=1";
    QTest::newRow("a value nested too deep") << "{}"
                                             << "/name=" + QString(40, '[') + QString(40, ']');
    QTest::newRow("a spec that is no JSON") << "{"
                                            << "/seed=1";
    QTest::newRow("a spec that is a list") << "[]"
                                           << "/seed=1";
  }
  void setRefusesWhatCannotBe() {
    QFETCH(QString, json);
    QFETCH(QString, assignment);
    const auto changed = SetInSpec(json.toStdString(), assignment.toStdString());
    QCOMPARE(changed.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(!changed.status().message().empty());
  }
  void setSaysWhichPointerWasMeant() {
    const auto told = [](const std::string& assignment) {
      return std::string(SetInSpec("{}", assignment).status().message());
    };
    const std::string meant = "is /training/batch_size meant?";
    QVERIFY2(told("training/batch_size=3").ends_with(meant), told("training/batch_size=3").c_str());
    QVERIFY2(told("training.batch_size=3").ends_with(meant), told("training.batch_size=3").c_str());
    for (const char* other : {"=3", "--training=3", "Training set=3", "\xff=3"})
      QVERIFY2(told(other).find("meant?") == std::string::npos, other);
  }
  void setRefusesAPointerThatIsNoUtf8() {
    for (const std::string pointer : {"/\xff", "/optimizer/\xc3"})
      QCOMPARE(SetInSpec("{}", pointer + "=1").status().code(), absl::StatusCode::kInvalidArgument);
    // A value is a text like any other: what is wrong in it is replaced.
    QVERIFY(SetInSpec("{}", "/name=\xff").ok());
  }
  void setKeepsTheAuthorsOrder() {
    const auto changed = SetInSpec(R"({"workers": [{}], "seed": 1, "dataset": {}})", "/seed=2");
    QVERIFY(changed.ok());
    QVERIFY(changed->find("workers") < changed->find("seed") &&
            changed->find("seed") < changed->find("dataset"));
  }

  void whatIsLiveIsListed() {
    const SpecCheck check = CheckSpec(R"({"gradient": [{"kind": "top-k"}]})");
    QVERIFY(check.faults.empty());
    const std::vector<std::string> live = LivePointers(check.spec);
    for (const char* pointer : {"/optimizer/learning_rate", "/gradient/0/ratio", "/network/bandwidth_mbit",
                                "/network/latency_ms", "/workers/0/speed", "/workers/0/bandwidth_mbit",
                                "/workers/0/latency_ms", "/training/measure_every_steps"})
      QVERIFY2(std::find(live.begin(), live.end(), pointer) != live.end(), pointer);
    for (const char* pointer : {"/training/batch_size", "/seed", "/network/transport", "/mesh/data"})
      QVERIFY2(std::find(live.begin(), live.end(), pointer) == live.end(), pointer);
    QVERIFY(LivePointers({}).empty());
  }
  void aLiveKnobChangesOnlyItself() {
    const Spec before = CheckSpec(R"({"gradient": [{"kind": "top-k"}]})").spec;
    const auto after = ApplyKnob(before, "/gradient/0/ratio", "0.25");
    QVERIFY2(after.ok(), after.status().ToString().c_str());
    QCOMPARE(after->gradient[0].Number("ratio"), 0.25);
    Json a = Json::parse(before.json), b = Json::parse(after->json);
    b["gradient"][0]["ratio"] = a["gradient"][0]["ratio"];
    QCOMPARE(a.dump(), b.dump());
    const auto network = ApplyKnob(*after, "/network/bandwidth_mbit", "100");
    QVERIFY(network.ok());
    QCOMPARE(network->network.bandwidth_mbit, 100.0);
    QCOMPARE(network->gradient[0].Number("ratio"), 0.25);
  }
  void aKnobOfAChainReachesItsElement() {
    const Spec before =
        CheckSpec(R"({"gradient": [{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "zstd"}]})").spec;
    const auto live = LivePointers(before);
    QVERIFY(std::find(live.begin(), live.end(), "/gradient/2/level") != live.end());
    const auto after = ApplyKnob(before, "/gradient/2/level", "3");
    QVERIFY2(after.ok(), after.status().ToString().c_str());
    QCOMPARE(after->gradient[2].Integer("level"), int64_t{3});
    QVERIFY(after->gradient[0].json() == before.gradient[0].json());
  }
  void aKnobOfALayersChainReachesItsElement() {
    const Spec before = CheckSpec(R"({"gradient": [{"kind": "top-k"}], "layer_gradients": [
        {"layers": "a", "gradient": []}, {"layers": "b", "gradient": [{"kind": "top-k"}]}]})")
                            .spec;
    const auto after = ApplyKnob(before, "/layer_gradients/1/gradient/0/ratio", "0.25");
    QVERIFY2(after.ok(), after.status().ToString().c_str());
    QCOMPARE(after->layer_gradients[1].gradient[0].Number("ratio"), 0.25);
    QCOMPARE(after->gradient[0].Number("ratio"), 0.01);
    QCOMPARE(LiveParam(before, "/layer_gradients/1/gradient/0/ratio")->maximum, 1.0);
    QVERIFY(!LiveParam(before, "/layer_gradients/0/gradient/0/ratio"));
  }
  void whatAPolicyTurnsNoPersonDoes() {
    const Spec spec =
        CheckSpec(R"({"gradient": [{"kind": "top-k"}], "knobs": [{"pointer": "/gradient/0/ratio",
        "policy": {"kind": "adaptive", "target": 1000, "minimum": 0.001, "maximum": 1}}]})")
            .spec;
    const absl::Status held = FreeToTurn(spec, "/gradient/0/ratio");
    QCOMPARE(held.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY(absl::StrContains(held.message(), "\"adaptive\" of /knobs/0"));
    QVERIFY(FreeToTurn(spec, "/optimizer/learning_rate").ok());
    QVERIFY(FreeToTurn(spec, "/knobs/0/policy/target").ok());
    const auto after = ApplyKnob(spec, "/knobs/0/policy/target", "2000");
    QVERIFY2(after.ok(), after.status().ToString().c_str());
    QCOMPARE(after->knobs[0].policy.Number("target"), 2000.0);
    QVERIFY(ApplyKnob(spec, "/gradient/0/ratio", "0.5").ok());  // the policy itself may
    QCOMPARE(ApplyKnob(spec, "/knobs/0/policy/minimum", "2").status().code(),
             absl::StatusCode::kInvalidArgument);
  }
  void otherKnobsAreRefused_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("not live") << "/training/batch_size"
                              << "32"
                              << "/optimizer/learning_rate";
    QTest::newRow("misspelt") << "/optimizer/learning_rat"
                              << "1"
                              << "did you mean /optimizer/learning_rate";
    QTest::newRow("absent") << "/gradient/0/ratio"
                            << "0.1"
                            << "/network/latency_ms";
    QTest::newRow("empty") << ""
                           << "1"
                           << "cannot change";
    QTest::newRow("out of range") << "/network/latency_ms"
                                  << "-1"
                                  << "/network/latency_ms";
    QTest::newRow("of another type") << "/optimizer/learning_rate"
                                     << "fast"
                                     << "/optimizer/learning_rate";
  }
  void otherKnobsAreRefused() {
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, says);
    const auto changed = ApplyKnob(CheckSpec("{}").spec, pointer.toStdString(), value.toStdString());
    QCOMPARE(changed.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StrContains(changed.status().message(), says.toStdString()),
             changed.status().ToString().c_str());
  }
};

CONCERTINA_TEST(KnobsTest)

}  // namespace concertina::knobs_test

#include "knobs_test.moc"
