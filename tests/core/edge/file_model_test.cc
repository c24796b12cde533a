// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file_model_test.cc: tensors that another program wrote become a model, all of them or none.
#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "core/edge/read_graph.h"
#include "core/edge/safetensors.h"
#include "tests/test_program.h"

namespace concertina::file_model_test {
namespace {

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

}  // namespace

class FileModelTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  const std::vector<float> first_ = {1, 2, 3, 4, 5, 6}, first_bias_ = {7, 8}, second_ = {9, 10, 11, 12},
                           second_bias_ = {13, 14};

  // A perceptron from 3 to 2 to 2, its names behind `prefix`, as PyTorch's state_dict has them; without
  // metadata.
  std::string Write(const std::string& prefix, bool has_more = false) const {
    std::vector<NamedTensor> tensors = {{prefix + "dense2.bias", {2}, second_bias_},
                                        {prefix + "dense2.weight", {2, 2}, second_},
                                        {prefix + "dense1.weight", {2, 3}, first_},
                                        {prefix + "dense1.bias", {2}, first_bias_}};
    if (has_more) tensors.push_back({prefix + "dense3.bias", {2}, first_bias_});
    const std::string path = folder_.filePath("m.safetensors").toStdString();
    return WriteSafetensors(path, tensors, {{"format", "pt"}}).ok() ? path : "";
  }

 private slots:
  void tensorsOfAnotherProgramAreTakenByName_data() {
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QString>("architecture");
    QTest::newRow("as they are") << ""
                                 << R"({"kind": "mlp", "hidden": [2]})";
    QTest::newRow("of several devices") << "module."
                                        << R"({"kind": "mlp", "hidden": [2]})";
    QTest::newRow("compiled, of several devices") << "_orig_mod.module."
                                                  << R"({"kind": "mlp", "hidden": [2]})";
  }
  void tensorsOfAnotherProgramAreTakenByName() {
    QFETCH(QString, prefix);
    QFETCH(QString, architecture);
    const auto graph = ReadGraph(Write(prefix.toStdString()), {3}, 2, architecture.toStdString());
    QVERIFY2(graph.ok(), qPrintable(Message(graph.status())));
    std::map<std::string, std::vector<float>> given;
    for (const ValueId id : graph->kept()) given[graph->value(id).name] = *graph->value(id).given;
    QCOMPARE(given, (std::map<std::string, std::vector<float>>{{"dense1.weight", first_},
                                                               {"dense1.bias", first_bias_},
                                                               {"dense2.weight", second_},
                                                               {"dense2.bias", second_bias_}}));
  }

  void whatIsAnotherModelsIsRefused_data() {
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<bool>("hasMore");
    QTest::addColumn<QString>("message");
    QTest::newRow("not said") << ""
                              << "" << false << "set /model/architecture to the kind";
    QTest::newRow("no such kind") << ""
                                  << "lenet-6" << false << "/model/architecture/kind";
    QTest::newRow("no JSON") << ""
                             << "{kind" << false << "/model/architecture";
    QTest::newRow("other names") << "fc."
                                 << "logistic-regression" << false
                                 << "the model's dense1.weight (2x3) is not in it, which has fc.dense";
    QTest::newRow("other widths") << ""
                                  << R"({"kind": "mlp", "hidden": [4]})" << false
                                  << "its dense1.weight is 2x3, and the model's 4x3";
    QTest::newRow("more layers") << ""
                                 << R"({"kind": "mlp", "hidden": [2]})" << true
                                 << "its dense3.bias (2) is nothing of the model mlp";
    QTest::newRow("part of a larger one") << ""
                                          << "logistic-regression" << false << "nothing of the model";
  }
  void whatIsAnotherModelsIsRefused() {
    QFETCH(QString, prefix);
    QFETCH(QString, architecture);
    QFETCH(bool, hasMore);
    QFETCH(QString, message);
    const absl::Status status =
        ReadGraph(Write(prefix.toStdString(), hasMore), {3}, 2, architecture.toStdString()).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void otherKindsOfFilesAreToldWhatToBecome() {
    const absl::Status status = ReadGraph("/models/net.pth", {3}, 2).status();
    QVERIFY2(Message(status).contains("export the model as ONNX"), qPrintable(Message(status)));
  }
};

CONCERTINA_TEST(FileModelTest)

}  // namespace concertina::file_model_test

#include "file_model_test.moc"
