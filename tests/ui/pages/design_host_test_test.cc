// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_host_test_test.cc: the button that tests the machine of a group of workers: what it asks, what it
// shows, and what becomes of answers that come late.
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/client/host_words.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_checker.h"
#include "ui/pages/design_page.h"
#include "ui/pages/design_presets.h"

namespace concertina::ui::design_host_test_test {
namespace {

using Answer = std::function<void(const proto::TestLauncherReply&, const QString&)>;

proto::TestLauncherReply readyHost() {
  proto::TestLauncherReply reply;
  reply.set_host("box1");
  reply.set_system("Linux x86_64");
  reply.set_cores(8);
  reply.set_memory_bytes(uint64_t{16'000'000'000});
  reply.set_version("9.9");
  reply.add_datasets("mnist");
  reply.set_seconds(1.5);
  return reply;
}

struct Fixture {
  QStringList asked;
  QVector<Answer> answers;
  int cancelled = 0;
  DesignPage page{DesignService{
      .validate = [](QObject*, const QString&, auto answer) { answer({}, QString()); },
      .plan = [](QObject*, const QString&, auto answer) { answer(QJsonObject(), {}, QString()); },
      .submit = [](QObject*, const QString&, auto answer) { answer(u"run-1"_qs, {}, QString()); },
      .test_host =
          [this](QObject*, const QString& entry, Answer answer) {
            asked << entry;
            answers << std::move(answer);
            return [this] { ++cancelled; };
          }}};
  Fixture() {
    page.resize(1200, 800);
    page.setDescription(describeSample());
    page.setSpec(presetSpec(u"demonstration"_qs));
    page.setConnected(true);
    page.show();
  }
  QPushButton* button(int group = 0) {
    return page.findChild<QPushButton*>(QStringLiteral("designCard.testHost%1").arg(group));
  }
  QLabel* answer(int group = 0) {
    return page.findChild<QLabel*>(QStringLiteral("designCard.hostAnswer%1").arg(group));
  }
  void setWorkers(const char* json) {
    auto spec = *SpecDocument::parse(page.spec(), nullptr);
    QVERIFY(spec.setToken(u"/workers"_qs, QString::fromLatin1(json)));
    page.setSpec(spec.text());
  }
};

}  // namespace

class DesignHostTestTest : public QObject {
  Q_OBJECT
 private slots:
  void theEntryIsAskedAboutAndItsAnswerShown() {
    Fixture f;
    f.setWorkers(R"([{"launcher": "local", "count": 2}])");
    QVERIFY(f.button() != nullptr && f.button()->isVisibleTo(&f.page) && !f.answer()->isVisibleTo(&f.page));
    QVERIFY(f.button()->focusPolicy() & Qt::TabFocus);
    QTest::keyClick(f.button(), Qt::Key_Space);
    QCOMPARE(f.asked.size(), 1);
    QCOMPARE(QJsonDocument::fromJson(f.asked[0].toUtf8()).object(),
             (QJsonObject{{u"launcher"_qs, u"local"_qs}}));
    QCOMPARE(f.button()->text(), u"Cancel"_qs);
    QVERIFY(f.answer()->text().startsWith(u"Asking…"_qs));
    f.answers[0](readyHost(), QString());
    QCOMPARE(f.button()->text(), u"Test This Host"_qs);
    QCOMPARE(
        f.answer()->text(),
        u"box1 is ready for workers (1.50 s): Linux x86_64; 8 core(s); 16.0 GB of memory; worker of version "
        u"9.9; datasets: mnist."_qs);
  }

  void whatIsInTheWayIsShown() {
    Fixture f;
    proto::TestLauncherReply reply;
    reply.set_error("box1 runs no ssh server that answers on port 22");
    f.button()->click();
    f.answers[0](reply, QString());
    QVERIFY(f.answer()->text().contains(u"port 22"_qs));
    f.button()->click();
    f.answers[1]({}, u"The engine did not answer."_qs);
    QCOMPARE(f.answer()->text(), u"The engine did not answer."_qs);
    // A fault of the entry itself.
    f.button()->click();
    proto::TestLauncherReply fault;
    fault.add_faults()->set_message("/workers/0: host: found \"-x\", expected a host");
    f.answers[2](fault, QString());
    QVERIFY(f.answer()->text().contains(u"host"_qs));
  }

  void aSecondPressCancels() {
    Fixture f;
    f.button()->click();
    f.button()->click();
    QCOMPARE(f.cancelled, 1);
    QCOMPARE(f.answer()->text(), u"Cancelled."_qs);
    f.answers[0](readyHost(), QString());  // too late
    QCOMPARE(f.answer()->text(), u"Cancelled."_qs);
    f.button()->click();
    QCOMPARE(f.asked.size(), 2);
  }

  void anAnswerOfAnotherHostGoes() {
    Fixture f;
    f.setWorkers(R"([{"launcher": "local", "count": 2}])");
    f.button()->click();
    f.answers[0](readyHost(), QString());
    f.setWorkers(R"([{"launcher": "local", "count": 3}])");  // more of them: still the same machine
    QVERIFY(f.answer()->isVisibleTo(&f.page));
    f.setWorkers(R"([{"launcher": "in-process", "count": 3}])");
    QVERIFY(!f.answer()->isVisibleTo(&f.page));
    f.button()->click();
    f.setWorkers(R"([{"launcher": "local", "count": 3}])");  // while it is asked
    QCOMPARE(f.cancelled, 1);
    f.answers[1](readyHost(), QString());
    QVERIFY(!f.answer()->isVisibleTo(&f.page));
  }

  void eachGroupHasItsOwn() {
    Fixture f;
    f.setWorkers(R"([{"launcher": "local"}, {"launcher": "in-process", "count": 2}])");
    f.button(1)->click();
    QVERIFY(f.asked[0].contains(u"in-process"_qs));
    f.answers[0](readyHost(), QString());
    QTRY_VERIFY(f.answer(1)->isVisibleTo(&f.page));  // a new group is shown with the next events
    QVERIFY(!f.answer(0)->isVisibleTo(&f.page));
  }

  void whereNobodyCanBeAskedThereIsNoButton() {
    DesignPage page{DesignService{
        .validate = [](QObject*, const QString&, auto answer) { answer({}, QString()); },
        .plan = [](QObject*, const QString&, auto answer) { answer(QJsonObject(), {}, QString()); },
        .submit = [](QObject*, const QString&, auto answer) { answer(u"run-1"_qs, {}, QString()); }}};
    page.setDescription(describeSample());
    page.show();
    auto* button = page.findChild<QPushButton*>(u"designCard.testHost0"_qs);
    QVERIFY(button != nullptr && !button->isVisibleTo(&page));
  }

  void ofAClusterLessIsSaid() {
    proto::TestLauncherReply reply;
    reply.set_host("Kubernetes");
    reply.set_system("manifests for kubectl apply; the cluster was not asked");
    const HostWords words = hostWords(reply);
    QVERIFY(words.is_ready);
    QVERIFY(!words.text.contains(u"core"_qs) && !words.text.contains(u"datasets"_qs));
  }
};

CONCERTINA_TEST(DesignHostTestTest)

}  // namespace concertina::ui::design_host_test_test

#include "design_host_test_test.moc"
