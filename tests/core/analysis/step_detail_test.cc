// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_detail_test.cc: a step's detail comes back from its JSON as it went in, fits a message at its largest,
// and is refused, with the field, when something in it cannot be.
#include "core/analysis/step_detail.h"

#include <QTest>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::step_detail_test {
namespace {

StepDetail Example() {
  StepDetail detail{.index = 2, .step = 600, .text = "prune-l1: amount 0.5", .class_names = {"cat", "dog"}};
  LayerDetail layer{.name = "fc1", .shape = {2, 3}, .count = 6, .zeros = 2, .not_finite = 1};
  layer.bits = 8;
  layer.coding = "int8";
  layer.bytes = 9;
  layer.range = 0.5;
  layer.largest = 0.25;
  layer.counts[0] = 1;
  layer.counts[40] = 2;
  layer.mask = {.rows = 2, .columns = 3, .shares = std::string("\xff\0\x80\xff\0\xff", 6)};
  detail.layers.push_back(layer);
  detail.classes = 2;
  detail.confusion = {40, 10, 5, 45};
  detail.became_wrong = 3;
  detail.looked_at = 50;
  detail.changed.push_back({.index = 7, .label = 1, .before = 1, .now = 0, .width = 2, .pixels = "\x01\xfe"});
  detail.sensitivity_samples = 100;
  detail.sensitivity_accuracy = 0.85;
  detail.sensitivity = {{.layer = "fc1", .method = "2 bits", .loss = 0.75, .accuracy = 0.625}};
  return detail;
}

}  // namespace

class StepDetailTest : public QObject {
  Q_OBJECT
 private slots:
  void comesBackAsItWent() {
    const auto read = ReadStepDetail(WriteStepDetail(Example()));
    QVERIFY2(read.ok(), std::string(read.status().message()).c_str());
    QCOMPARE(WriteStepDetail(*read), WriteStepDetail(Example()));
    const LayerDetail& layer = *read->Layer("fc1");
    QCOMPARE(layer.counts[40], int64_t{2});
    QCOMPARE(layer.mask.share(1, 2), 1.0);
    QCOMPARE(layer.mask.share(0, 1), 0.0);
    QVERIFY(read->changed[0].became_wrong() && !read->changed[0].became_right());
    QCOMPARE(read->changed[0].pixels, std::string("\x01\xfe"));
    QCOMPARE(read->ClassName(1), std::string("dog"));
    QCOMPARE(read->ClassName(5), std::string("5"));
    QCOMPARE(read->sensitivity[0].method, std::string("2 bits"));
    QVERIFY(read->Layer("fc2") == nullptr);
  }

  void aLayerMayBeTimed() {
    QVERIFY(WriteStepDetail(Example()).find("seconds") == std::string::npos);
    StepDetail detail = Example();
    detail.layers[0].seconds = 2.5e-5;
    detail.layers[0].converting_seconds = 1e-6;
    const auto read = ReadStepDetail(WriteStepDetail(detail));
    QVERIFY2(read.ok(), std::string(read.status().message()).c_str());
    QCOMPARE(read->layers[0].seconds, 2.5e-5);
    QCOMPARE(read->layers[0].converting_seconds, 1e-6);
  }

  void theLargestFitsAMessage() {
    StepDetail detail;
    LayerDetail layer{.name = std::string(kMostNameBytes, 'n'), .shape = {1 << 20, 1 << 10}};
    layer.coding = "sparse, 5-bit codebook, arithmetic-coded";
    layer.counts.fill(12345678);
    layer.count = 64 * layer.counts[0];
    layer.mask = {.rows = kMostMaskCells,
                  .columns = kMostMaskCells,
                  .shares = std::string(size_t{kMostMaskCells * kMostMaskCells}, 'x')};
    detail.layers.assign(kMostDetailLayers, layer);
    detail.classes = kMostDetailClasses;
    detail.class_names.assign(size_t{kMostDetailClasses}, std::string(kMostNameBytes, 'c'));
    detail.confusion.assign(size_t{kMostDetailClasses * kMostDetailClasses}, 12345);
    detail.changed.assign(kMostChangedAnswers, {.index = 123456,
                                                .before = 1,
                                                .channels = 3,
                                                .height = 64,
                                                .width = 64,
                                                .pixels = std::string(size_t{kMostDetailPixels}, 'p')});
    detail.sensitivity.assign(
        4 * kMostDetailLayers,
        {.layer = layer.name, .method = "prune 50 %", .loss = 1.0 / 3, .accuracy = 1.0 / 7});
    const std::string json = WriteStepDetail(detail);
    QVERIFY2(json.size() <= kMostDetailBytes, std::to_string(json.size()).c_str());
    QVERIFY(ReadStepDetail(json).ok());
  }

  void theWorstIsFirst() {
    const auto sorted = ByHarm({{.layer = "a", .loss = 1, .accuracy = 0.9},
                                {.layer = "b", .loss = 2, .accuracy = 0.5},
                                {.layer = "c", .loss = 3, .accuracy = 0.5},
                                {.layer = "d", .loss = 1, .accuracy = 0.9}});
    std::string order;
    for (const LayerSensitivity& one : sorted) order += one.layer;
    QCOMPARE(order, std::string("cbad"));
  }

  void whatIsNotUtf8DoesNotEndIt() {
    StepDetail detail = Example();
    detail.class_names[0] = "\xff\xfe";
    detail.layers[0].name = std::string(kMostNameBytes, '\xff');
    QVERIFY(ReadStepDetail(WriteStepDetail(detail)).ok());
  }

  void whatCannotBeIsRefused_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("named");
    QTest::newRow("a negative step") << "/step"
                                     << "-1"
                                     << "/step";
    QTest::newRow("a step in words") << "/step"
                                     << "\"x\""
                                     << "/step";
    QTest::newRow("a huge number") << "/step"
                                   << "1e300"
                                   << "/step";
    QTest::newRow("layers that are none") << "/layers"
                                          << "{}"
                                          << "/layers";
    QTest::newRow("a layer that is none") << "/layers/0"
                                          << "3"
                                          << "/layers/0";
    QTest::newRow("weights that are missing") << "/layers/0/count"
                                              << "7"
                                              << "/layers/0/counts";
    QTest::newRow("another number of bins") << "/layers/0/counts"
                                            << "[6]"
                                            << "/layers/0/counts";
    QTest::newRow("no range") << "/layers/0/range"
                              << "0"
                              << "/layers/0/range";
    QTest::newRow("a mask of another size") << "/layers/0/mask_rows"
                                            << "3"
                                            << "/layers/0/mask";
    QTest::newRow("a mask that is too large") << "/layers/0/mask_rows"
                                              << "97"
                                              << "/layers/0/mask_rows";
    QTest::newRow("a mask without rows") << "/layers/0/mask_rows"
                                         << "0"
                                         << "/layers/0/mask_rows";
    QTest::newRow("no base64") << "/layers/0/mask"
                               << "\"?\""
                               << "/layers/0/mask";
    QTest::newRow("too many classes") << "/classes"
                                      << "257"
                                      << "/classes";
    QTest::newRow("another number of classes") << "/classes"
                                               << "3"
                                               << "/confusion";
    QTest::newRow("a count that is none") << "/confusion/1"
                                          << "0.5"
                                          << "/confusion";
    QTest::newRow("an answer that stayed") << "/changed/0/now"
                                           << "1"
                                           << "/changed/0/now";
    QTest::newRow("two channels") << "/changed/0/channels"
                                  << "2"
                                  << "/changed/0/channels";
    QTest::newRow("a picture of another size") << "/changed/0/height"
                                               << "2"
                                               << "/changed/0/pixels";
    QTest::newRow("a picture that is too large") << "/changed/0/height"
                                                 << "12000"
                                                 << "/changed/0/height";
    QTest::newRow("names that are none") << "/class_names/0"
                                         << "1"
                                         << "/class_names";
    QTest::newRow("a time before the beginning") << "/layers/0/seconds"
                                                 << "-1"
                                                 << "/layers/0/seconds";
    QTest::newRow("a loss that is none") << "/sensitivity/layers/0/loss"
                                         << "null"
                                         << "/sensitivity/layers/0/loss";
  }
  void whatCannotBeIsRefused() {
    QFETCH(QString, pointer);
    QFETCH(QString, json);
    QFETCH(QString, named);
    nlohmann::json detail = nlohmann::json::parse(WriteStepDetail(Example()));
    detail[nlohmann::json::json_pointer(pointer.toStdString())] = nlohmann::json::parse(json.toStdString());
    const auto read = ReadStepDetail(detail.dump());
    QCOMPARE(read.status().code(), absl::StatusCode::kDataLoss);
    const QString message = QString::fromStdString(std::string(read.status().message()));
    QVERIFY2(message.contains(named + ": expected"), qPrintable(message));
  }
  void everyFieldIsNeeded() {
    const nlohmann::json detail = nlohmann::json::parse(WriteStepDetail(Example()));
    for (const auto& [name, value] : detail.items()) {
      nlohmann::json without = detail;
      without.erase(name);
      QCOMPARE(ReadStepDetail(without.dump()).ok(), name == "sensitivity");  // which is not always asked for
    }
  }
  void whatIsNoDetailIsRefused_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("cut") << QByteArray::fromStdString(WriteStepDetail(Example())).chopped(1);
    QTest::newRow("too long") << QByteArray(int(kMostDetailBytes) + 1, ' ');
    QTest::newRow("deep") << QByteArray(1 << 20, '[');
  }
  void whatIsNoDetailIsRefused() {
    QFETCH(QByteArray, text);
    QCOMPARE(ReadStepDetail(text.toStdString()).status().code(), absl::StatusCode::kDataLoss);
  }
};
CONCERTINA_TEST(StepDetailTest)

}  // namespace concertina::step_detail_test
#include "step_detail_test.moc"
