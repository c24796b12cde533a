// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// varied_fields_test.cc: what a sweep varied is read back from its runs.
#include "core/analysis/varied_fields.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::varied_fields_test {
namespace {

// "/gradient: none | top-k 0.01 -> 0 1 0"
QString lineOf(const VariedField& field) {
  QStringList labels, values;
  for (const std::string& label : field.labels) labels << QString::fromStdString(label);
  for (const int value : field.value_of) values << QString::number(value);
  return QString("%1: %2 -> %3")
      .arg(QString::fromStdString(field.pointer), labels.join(" | "), values.join(' '));
}

}  // namespace

class VariedFieldsTest : public QObject {
  Q_OBJECT
 private slots:
  void fields_data() {
    QTest::addColumn<QStringList>("specs");
    QTest::addColumn<QStringList>("lines");
    QTest::newRow("nothing") << QStringList{R"({"name": "a", "seed": 1})", R"({"name": "b", "seed": 1})"}
                             << QStringList{};
    QTest::newRow("numbers ascend") << QStringList{R"({"optimizer": {"kind": "sgd", "rate": 0.1}})",
                                                   R"({"optimizer": {"kind": "sgd", "rate": 1e-6}})",
                                                   R"({"optimizer": {"kind": "sgd", "rate": 0.1}})"}
                                    << QStringList{"/optimizer/rate: 1e-6 | 0.1 -> 1 0 1"};
    QTest::newRow("seeds are a field")
        << QStringList{R"({"seed": 2})", R"({"seed": 1})"} << QStringList{"/seed: 1 | 2 -> 1 0"};
    QTest::newRow("a codec and none")
        << QStringList{R"({"gradient": []})", R"({"gradient": [{"kind": "top-k", "ratio": 0.01}]})"}
        << QStringList{"/gradient: none | top-k -> 0 1"};
    QTest::newRow("what tells them apart")
        << QStringList{R"({"gradient": [{"kind": "top-k", "ratio": 0.1, "ef": true}]})",
                       R"({"gradient": [{"kind": "top-k", "ratio": 0.01, "ef": true}]})",
                       R"({"gradient": [{"kind": "powersgd", "rank": 2}, {"kind": "fp16"}]})"}
        << QStringList{"/gradient: top-k 0.1 | top-k 0.01 | powersgd + fp16 -> 0 1 2"};
    QTest::newRow("one parameter of one codec")
        << QStringList{R"({"gradient": [{"kind": "top-k", "ratio": 0.1}]})",
                       R"({"gradient": [{"kind": "top-k", "ratio": 0.01}]})"}
        << QStringList{"/gradient/0/ratio: 0.01 | 0.1 -> 1 0"};
    QTest::newRow("another optimiser has other parameters")
        << QStringList{R"({"optimizer": {"kind": "sgd", "momentum": 0.9}})",
                       R"({"optimizer": {"kind": "adam", "beta1": 0.9}})"}
        << QStringList{"/optimizer: sgd | adam -> 0 1"};
    QTest::newRow("a latency that goes with its bandwidth")
        << QStringList{R"({"network": {"bandwidth_mbit": 0, "latency_ms": 0}})",
                       R"({"network": {"bandwidth_mbit": 1000, "latency_ms": 0.5}})",
                       R"({"network": {"bandwidth_mbit": 100, "latency_ms": 0.5}})"}
        << QStringList{"/network/bandwidth_mbit: 0 | 100 | 1000 -> 0 2 1"};
    QTest::newRow("drawn numbers decide nothing")
        << QStringList{R"({"optimizer": {"rate": 0.1, "momentum": 0.5}})",
                       R"({"optimizer": {"rate": 0.2, "momentum": 0.9}})",
                       R"({"optimizer": {"rate": 0.3, "momentum": 0.5}})"}
        << QStringList{"/optimizer/rate: 0.1 | 0.2 | 0.3 -> 0 1 2",
                       "/optimizer/momentum: 0.5 | 0.9 -> 0 1 0"};
    QTest::newRow("a section that one has not")
        << QStringList{R"({"seed": 1})", R"({"seed": 1, "recipe": [{"kind": "prune-l1"}]})"}
        << QStringList{"/recipe: – | prune-l1 -> 0 1"};
    QTest::newRow("a number beside its text")
        << QStringList{R"({"a": {"b": 1}})", R"({"a": {"b": "1"}})"} << QStringList{"/a/b: 1 | 1 (2) -> 0 1"};
    QTest::newRow("not JSON") << QStringList{"{", "[1]"} << QStringList{};
    QTest::newRow("none") << QStringList{} << QStringList{};
  }
  void fields() {
    QFETCH(QStringList, specs);
    QFETCH(QStringList, lines);
    std::vector<std::string> texts;
    for (const QString& spec : specs) texts.push_back(spec.toStdString());
    QStringList found;
    for (const VariedField& field : VariedFields(texts)) found << lineOf(field);
    QCOMPARE(found, lines);
  }

  void numbersAreKnownAsSuch() {
    const std::vector<std::string> specs = {R"({"a": {"rate": 10, "kind": "x"}})",
                                            R"({"a": {"rate": 2.5, "kind": "x"}})"};
    const std::vector<VariedField> fields = VariedFields(specs);
    QCOMPARE(fields.size(), size_t{1});
    QCOMPARE(fields[0].name, std::string("rate"));
    QVERIFY((fields[0].numbers == std::vector<double>{2.5, 10}));
    const std::vector<std::string> texts = {R"({"a": {"rate": 10}})", R"({"a": {"rate": "ten"}})"};
    QVERIFY(VariedFields(texts).at(0).numbers.empty());
  }
};

CONCERTINA_TEST(VariedFieldsTest)

}  // namespace concertina::varied_fields_test

#include "varied_fields_test.moc"
