// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_document_test.cc: an experiment file is edited by pointer and loses nothing that it held.
#include "ui/forms/spec_document.h"

#include <QJsonArray>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::ui::spec_document_test {
namespace {

const QString kExample =
    uR"({
  "name": "a",
  "seed": 18446744073709551615,
  "dataset": {"kind": "fashion-mnist", "zebra": [1, 2], "partition": {"kind": "iid"}},
  "gradient": [{"kind": "top-k", "ratio": 0.01}],
  "workers": [{"launcher": "local", "count": 4}]
}
)"_qs;

SpecDocument example() { return *SpecDocument::parse(kExample, nullptr); }

}  // namespace

class SpecDocumentTest : public QObject {
  Q_OBJECT
 private slots:
  void textThatWasLaidOutByHandComesBackTheSame() { QCOMPARE(example().text(), kExample); }

  void anEditKeepsEverythingElse() {
    SpecDocument document = example();
    QVERIFY(document.set(u"/dataset/partition/kind"_qs, u"shards"_qs));
    QCOMPARE(document.text(), QString(kExample).replace(u"\"iid\""_qs, u"\"shards\""_qs));
  }

  void seedsBeyondTheDoublesStayExact() {
    SpecDocument document = example();
    QVERIFY(document.set(u"/name"_qs, u"b"_qs));
    QCOMPARE(document.token(u"/seed"_qs), u"18446744073709551615"_qs);
    QVERIFY(document.set(u"/seed"_qs, qint64(9007199254740993)));
    QCOMPARE(document.token(u"/seed"_qs), u"9007199254740993"_qs);
    QVERIFY(document.setToken(u"/seed"_qs, u"18446744073709551614"_qs));
    QCOMPARE(document.token(u"/seed"_qs), u"18446744073709551614"_qs);
    QVERIFY(!document.setToken(u"/seed"_qs, u"18446…"_qs));
  }

  void newSectionsGoWhereTheManualHasThem() {
    SpecDocument document = example();
    QVERIFY(document.set(u"/optimizer"_qs, QJsonObject{{u"learning_rate"_qs, 0.1}, {u"kind"_qs, u"sgd"_qs}}));
    QVERIFY(document.text().contains(
        u"\"optimizer\": {\"kind\": \"sgd\", \"learning_rate\": 0.1},\n  \"gradient\""_qs));
    QVERIFY(document.set(u"/network/bandwidth_mbit"_qs, 100));
    QVERIFY(document.text().contains(u"\"network\": {\"bandwidth_mbit\": 100},\n  \"workers\""_qs));
  }

  void listsGrowAtTheirEndAndShrink() {
    SpecDocument document = example();
    QVERIFY(document.set(u"/gradient/1"_qs, QJsonObject{{u"kind"_qs, u"fp16"_qs}}));
    QCOMPARE(document.value(u"/gradient"_qs).toArray().size(), 2);
    QVERIFY(document.set(u"/gradient/0"_qs, QJsonValue(QJsonValue::Undefined)));
    QCOMPARE(document.value(u"/gradient/0/kind"_qs).toString(), u"fp16"_qs);
    QVERIFY(!document.set(u"/gradient/7"_qs, 1));   // not beyond the end
    QVERIFY(!document.set(u"/name/inside"_qs, 1));  // not inside a text
    QCOMPARE(document.value(u"/name"_qs).toString(), u"a"_qs);
  }

  void takingAwayWhatIsNotThereChangesNothing() {
    SpecDocument document = example();
    QVERIFY(document.set(u"/network/latency_ms"_qs, QJsonValue(QJsonValue::Undefined)));
    QVERIFY(document == example());
  }

  void copiesAreIndependent() {
    SpecDocument a = example(), b = a;
    b.set(u"/name"_qs, u"b"_qs);
    QCOMPARE(a.value(u"/name"_qs).toString(), u"a"_qs);
    QVERIFY(!(a == b));
  }

  void badTextIsRefusedWithItsPlace_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("line");
    QTest::newRow("empty") << u""_qs << 1;
    QTest::newRow("a missing brace") << u"{\n  \"a\": 1"_qs << 2;
    QTest::newRow("a missing comma") << u"{\n  \"a\": 1\n  \"b\": 2\n}"_qs << 3;
    QTest::newRow("no object") << u"[1]"_qs << 1;
    QTest::newRow("words") << u"hello"_qs << 1;
    QTest::newRow("after the end") << u"{}\nx"_qs << 2;
  }
  void badTextIsRefusedWithItsPlace() {
    QFETCH(QString, text);
    QFETCH(int, line);
    JsonError error;
    QVERIFY(!SpecDocument::parse(text, &error));
    QCOMPARE(error.line, line);
    QVERIFY(error.column >= 1);
    QVERIFY(!error.message.isEmpty());
  }

  void pointersLeadToTheirLines_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<int>("line");
    QTest::newRow("the whole") << u""_qs << 0;
    QTest::newRow("a field") << u"/seed"_qs << 2;
    QTest::newRow("deep, on its parent's line") << u"/gradient/0/ratio"_qs << 4;
    QTest::newRow("absent: the nearest above") << u"/dataset/path"_qs << 3;
    QTest::newRow("like the beginning of another") << u"/see"_qs << 0;
  }
  void pointersLeadToTheirLines() {
    QFETCH(QString, pointer);
    QFETCH(int, line);
    QCOMPARE(lineOfPointer(kExample, pointer), line);
  }
  void halfTypedTextHasLinesToo() {
    QCOMPARE(lineOfPointer(u"{\n\"a\": 1,\n\"b\": "_qs, u"/a"_qs), 1);
    QCOMPARE(lineOfPointer(u""_qs, u"/a"_qs), -1);
    QCOMPARE(lineOfPointer(QString(100000, u'['), u"/0/0"_qs), 0);  // deep nesting neither crashes nor hangs
  }
};

CONCERTINA_TEST(SpecDocumentTest)

}  // namespace concertina::ui::spec_document_test

#include "spec_document_test.moc"
