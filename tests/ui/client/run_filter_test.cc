// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_filter_test.cc: words and field tests; a half-typed filter never empties the table.
#include "ui/client/run_filter.h"

#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"

namespace concertina::ui::run_filter_test {

class RunFilterTest : public QObject {
  Q_OBJECT
 private slots:
  void filters_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("matches");
    QTest::newRow("nothing typed") << "" << true;
    QTest::newRow("a word of the name") << "ring" << true;
    QTest::newRow("in any case") << "LENET" << true;
    QTest::newRow("all words must stand somewhere") << "ring fashion" << true;
    QTest::newRow("one does not") << "ring cifar" << false;
    QTest::newRow("a state") << "state=finished" << true;
    QTest::newRow("another state") << "state=failed" << false;
    QTest::newRow("not that state") << "state!=failed" << true;
    QTest::newRow("a number above") << "test_accuracy>0.8" << true;
    QTest::newRow("in percent") << "test_accuracy>80%" << true;
    QTest::newRow("a number below") << "test_accuracy<0.8" << false;
    QTest::newRow("with a prefix") << "bytes_sent>1M" << true;
    QTest::newRow("exactly") << "workers=4" << true;
    QTest::newRow("at least") << "workers>=5" << false;
    QTest::newRow("a codec by its kind") << "codec=top-k" << true;
    QTest::newRow("tests and words together") << "state=finished ring workers<=4" << true;
    QTest::newRow("a tag") << "tag=ablation" << true;
    QTest::newRow("a tag in any case") << "tag=ABLATION" << true;
    QTest::newRow("a tag with a space") << "tag=\"two words\"" << true;
    QTest::newRow("part of a tag is not it") << "tag=abl" << false;
    QTest::newRow("part of a tag, asked so") << "tag~abl" << true;
    QTest::newRow("none of the tags") << "tag!=lr" << true;
    QTest::newRow("one of the tags") << "tag!=ablation" << false;
    QTest::newRow("a word of the note") << "warm-up" << true;
    QTest::newRow("the note") << "note~longer" << true;
    QTest::newRow("a word that is a tag") << "ablation" << true;
    QTest::newRow("pinned") << "pinned=true" << false;
    QTest::newRow("a setting") << "/model/kind=lenet-5" << true;
    QTest::newRow("another setting") << "/model/kind=mlp" << false;
    QTest::newRow("a setting that is not there") << "/no/such>1" << false;
    QTest::newRow("a setting that is not there is not it") << "/no/such!=1" << true;
    QTest::newRow("quoted words") << "\"LeNet-5, ring\"" << true;
    QTest::newRow("a quotation half typed") << "\"LeNet-5, ri" << true;
    QTest::newRow("the group") << "group=lenet" << true;
    QTest::newRow("another group") << "group=mlp" << false;
    QTest::newRow("an unknown field is passed over") << "acuracy>0.99" << true;
    QTest::newRow("half typed") << "test_accuracy>" << true;
    QTest::newRow("against a word") << "workers>many" << true;
  }
  void filters() {
    QFETCH(QString, text);
    QFETCH(bool, matches);
    proto::RunSummary run = FakeEngine::makeRun("a", "LeNet-5, ring", proto::FINISHED);
    SyntheticRun().summarise(run, 705);
    run.mutable_marks()->add_tags("ablation");
    run.mutable_marks()->add_tags("two words");
    run.mutable_marks()->set_note("a longer warm-up");
    QString fault;
    const RunFilter filter = RunFilter::parse(text, &fault, QStringLiteral("/model/kind"));
    QCOMPARE(filter.matches(run, runFacts(run.spec_json())), matches);
  }

  void faultsAreTold() {
    QString fault;
    RunFilter::parse("test_acuracy>0.9", &fault);
    QVERIFY2(fault.contains("test_accuracy"), qPrintable(fault));
    RunFilter::parse("workers>many", &fault);
    QVERIFY2(fault.contains("number"), qPrintable(fault));
    RunFilter::parse("group=x", &fault);
    QVERIFY2(fault.contains("group"), qPrintable(fault));
    RunFilter::parse("ring state=finished", &fault);
    QVERIFY(fault.isEmpty());
  }

  void partsAreWhatIsInForce() {
    const QString text = QStringLiteral("  ring acuracy>0.9 tag=\"two words\"  state=failed workers> ");
    QStringList texts;
    for (const RunFilter::Part& part : RunFilter::parts(text)) {
      texts << part.text;
      QCOMPARE(text.mid(part.at, part.length), part.text);
    }
    QCOMPARE(texts, QStringList({"ring", "tag=\"two words\"", "state=failed"}));
    QVERIFY(RunFilter::parts("group=x").isEmpty());
    QCOMPARE(RunFilter::parts("group=x", QStringLiteral("model")).size(), 1);
    QVERIFY(RunFilter::parts({}).isEmpty());
    QCOMPARE(RunFilter::parts("\"half typed").size(), 1);
  }

  void aPartIsTakenAwayWithItsSpaces_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("part");
    QTest::addColumn<QString>("rest");
    QTest::newRow("the first") << "a  b c" << 0 << "b c";
    QTest::newRow("in the middle") << "a  b   c" << 1 << "a c";
    QTest::newRow("the last") << "a  b c " << 2 << "a  b";
    QTest::newRow("the only one") << " a " << 0 << "";
    QTest::newRow("a quotation") << "a tag=\"b c\" \"d  e\"" << 1 << "a \"d  e\"";
    QTest::newRow("beside a fault") << "acuracy>1 ring" << 0 << "acuracy>1";
  }
  void aPartIsTakenAwayWithItsSpaces() {
    QFETCH(QString, text);
    QFETCH(int, part);
    QFETCH(QString, rest);
    QCOMPARE(RunFilter::without(text, RunFilter::parts(text)[part]), rest);
  }

  void whatWasNotMeasuredPassesNoTest() {
    const proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::QUEUED);
    QVERIFY(!RunFilter::parse("test_accuracy>=0").matches(run, {}));
    QVERIFY(!RunFilter::parse("test_accuracy<1").matches(run, {}));
  }
};

CONCERTINA_TEST(RunFilterTest)

}  // namespace concertina::ui::run_filter_test

#include "run_filter_test.moc"
