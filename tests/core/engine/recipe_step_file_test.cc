// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_step_file_test.cc: the detail of a recipe's step is given as it was written; where there is none the
// words say why, and what is none is not handed on.
#include "core/engine/recipe_step_file.h"

#include "core/analysis/step_detail.h"
#include "core/base/file.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::recipe_step_file_test {

class RecipeStepFileTest : public QObject {
  Q_OBJECT

  static std::string DetailOf(int64_t index) {
    StepDetail detail{.index = index, .text = "int8"};
    detail.classes = 1;
    detail.confusion = {5};
    return WriteStepDetail(detail);
  }

 private slots:
  void whatIsNotThereIsSaid_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<int>("state");
    QTest::addColumn<qint64>("index");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const QString two = R"({"recipe": [{"kind": "int8"}, {"kind": "evaluate"}]})";
    const auto not_found = int(absl::StatusCode::kNotFound),
               invalid = int(absl::StatusCode::kInvalidArgument);
    QTest::newRow("no recipe") << "{}" << int(proto::FINISHED) << qint64{0} << not_found << "has no recipe";
    QTest::newRow("an empty one") << R"({"recipe": []})" << int(proto::FINISHED) << qint64{0} << not_found
                                  << "has no recipe";
    QTest::newRow("no spec") << "[" << int(proto::FINISHED) << qint64{0} << not_found << "has no recipe";
    QTest::newRow("before the first") << two << int(proto::FINISHED) << qint64{-1} << invalid << "from 0";
    QTest::newRow("after the last") << two << int(proto::FINISHED) << qint64{3} << not_found << "has 2 steps";
    QTest::newRow("not yet") << two << int(proto::RUNNING) << qint64{2} << not_found << "not come to step 2";
    QTest::newRow("never") << two << int(proto::STOPPED) << qint64{2} << not_found << "did not come so far";
    QTest::newRow("earlier version") << two << int(proto::FINISHED) << qint64{2} << not_found
                                     << "an earlier version";
  }
  void whatIsNotThereIsSaid() {
    QFETCH(QString, spec);
    QFETCH(int, state);
    QFETCH(qint64, index);
    QFETCH(int, code);
    QFETCH(QString, words);
    const QTemporaryDir folder;
    proto::RunSummary run;
    run.set_run("r");
    run.set_spec_json(spec.toStdString());
    run.set_state(static_cast<proto::RunState>(state));
    const auto step = ReadRecipeStep(folder.path().toStdString(), run, index);
    QCOMPARE(int(step.status().code()), code);
    const QString message = QString::fromStdString(std::string(step.status().message()));
    QVERIFY2(message.contains(words), qPrintable(message));
  }

  void whatIsNoDetailIsNotHandedOn_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("recipe");
    QTest::newRow("another JSON") << QByteArray("{\"index\": 1}");
    QTest::newRow("of another step") << QByteArray::fromStdString(DetailOf(0));
    QTest::newRow("too long") << QByteArray(int(kMostDetailBytes) + 1, ' ');
  }
  void whatIsNoDetailIsNotHandedOn() {
    QFETCH(QByteArray, text);
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/recipe-1.json";
    QVERIFY(WriteFileAtomically(path, text.toStdString()).ok());
    proto::RunSummary run;
    run.set_spec_json(R"({"recipe": [{"kind": "int8"}]})");
    const auto step = ReadRecipeStep(folder.path().toStdString(), run, 1);
    QVERIFY(step.status().code() == absl::StatusCode::kDataLoss ||
            step.status().code() == absl::StatusCode::kOutOfRange);
    QVERIFY(std::string(step.status().message()).find(path) != std::string::npos);
  }

  void theEngineGivesIt() {
    EngineRoom room;
    QVERIFY(room.Start().ok());
    Json spec = Json::parse(room.Spec(1));
    spec["recipe"] = {{{"kind", "evaluate"}}};
    const std::string run = room.Submit(spec.dump());
    QVERIFY(!run.empty());
    proto::GetRecipeStepReply reply;
    const grpc::Status early = Ask(room, run, 1, reply);
    QCOMPARE(early.error_code(), grpc::StatusCode::NOT_FOUND);
    QVERIFY(MakeFolder(room.run_folder(run)).ok());
    QVERIFY(WriteFileAtomically(room.run_folder(run) + "/recipe-1.json", DetailOf(1)).ok());
    QVERIFY(Ask(room, "last", 1, reply).ok());
    QCOMPARE(reply.json(), DetailOf(1));
    QCOMPARE(Ask(room, "nobody", 1, reply).error_code(), grpc::StatusCode::NOT_FOUND);
    const std::string plain = room.Submit(room.Spec(1));
    QVERIFY(Ask(room, plain, 0, reply).error_message().find("has no recipe") != std::string::npos);
  }

 private:
  static grpc::Status Ask(EngineRoom& room, const std::string& run, int64_t index,
                          proto::GetRecipeStepReply& reply) {
    proto::GetRecipeStepRequest request;
    request.set_run(run);
    request.set_index(index);
    grpc::ClientContext context;
    return room.stub().GetRecipeStep(&context, request, &reply);
  }
};
CONCERTINA_TEST(RecipeStepFileTest)

}  // namespace concertina::recipe_step_file_test
#include "recipe_step_file_test.moc"
