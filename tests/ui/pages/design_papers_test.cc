// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_papers_test.cc: papers and lessons in the gallery of the Design page.
#include "ui/pages/design_papers.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/pages/design_gallery.h"
#include "ui/pages/design_page.h"
#include "ui/pages/design_presets.h"

namespace concertina::ui::design_papers_test {

class DesignPapersTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void numbersAndBandsAsPeopleReadThem() {
    QCOMPARE(paperValueText(199210, PaperUnit::kCount), u"199,210"_qs);
    QCOMPARE(paperValueText(0.9793, PaperUnit::kShare), u"97.93 %"_qs);
    QCOMPARE(paperValueText(-0.0006, PaperUnit::kPoints), u"-0.06 points"_qs);
    QCOMPARE(paperValueText(qQNaN(), PaperUnit::kBytes), u"–"_qs);
    QCOMPARE(paperValueText(qInf(), PaperUnit::kNumber), u"never"_qs);
    QCOMPARE(paperBandText({.low = 2, .high = 2}, PaperUnit::kCount), u"exactly 2"_qs);
    QCOMPARE(paperBandText({.low = 1, .high = 2}, PaperUnit::kCount), u"1 to 2"_qs);
    QCOMPARE(paperBandText({.high = 2}, PaperUnit::kCount), u"at most 2"_qs);
    PaperState state;
    QVERIFY(paperProgressText(state, 4, false).isEmpty());
    state.active = 4;
    state.finished = 1;
    QCOMPARE(paperProgressText(state, 4, true), u"Quick: 1 of 4 run(s) finished"_qs);
  }

  void aCardRunsItsPaperAndShowsTheVerdict() {
    QTemporaryDir folder;
    FakeEngine engine;
    engine.names_runs = true;
    engine.start(folder.filePath("engine.sock"));
    EngineClient client;
    DesignPage page(client);
    page.resize(1200, 900);
    page.show();
    page.showGallery(false);
    auto* run = page.findChild<QPushButton*>(u"paper.run.fedavg"_qs);
    QVERIFY(run != nullptr);
    QVERIFY(!run->isEnabled());                                                  // not connected yet
    QVERIFY(page.findChild<QPushButton*>(u"paper.quick.fedavg"_qs) == nullptr);  // it has no such setting
    QVERIFY(page.findChild<QPushButton*>(u"paper.quick.gpipe"_qs) != nullptr);
    client.start({}, engine.address());
    QTRY_VERIFY(run->isEnabled());
    run->click();
    QVERIFY(!run->isEnabled());
    auto* stop = page.findChild<QPushButton*>(u"paper.stop.fedavg"_qs);
    QVERIFY(stop->isVisibleTo(&page));
    QTRY_COMPARE(engine.submitted().size(), size_t{1});
    auto* verdict = page.findChild<QLabel*>(u"paper.verdict.fedavg"_qs);
    QVERIFY(verdict->text().isEmpty());
    proto::RunSummary finished = engine.run("20261124-031500-new");
    finished.set_state(proto::FINISHED);
    finished.set_parameters(199210);
    finished.set_steps(100);
    engine.put(finished);
    QTRY_COMPARE(verdict->text(), u"Outside"_qs);  // 97 % was never reached
    QCOMPARE(page.findChild<QLabel*>(u"paper.measured.fedavg.0"_qs)->text(), u"never"_qs);
    QCOMPARE(page.findChild<QLabel*>(u"paper.measured.fedavg.1"_qs)->text(), u"199,210"_qs);
    QTRY_VERIFY(run->isEnabled());
    QVERIFY(!stop->isVisibleTo(&page));
  }

  // As another language has them; what nobody has translated is as it is in the file.
  void aCardSpeaksTheLanguageOfTheProgram() {
    struct Words : QTranslator {
      QString translate(const char* context, const char* text, const char*, int) const override {
        const bool is_title = qstrcmp(context, "Paper") == 0 && qstrcmp(text, "Federated averaging") == 0;
        return is_title ? u"联邦平均"_qs : QString();
      }
      bool isEmpty() const override { return false; }
    } words;
    QCoreApplication::installTranslator(&words);
    FakeEngine engine;
    EngineClient client;
    PaperDesk desk(client);
    size_t at = 0;
    while (desk.papers()[at].id != "fedavg") ++at;
    const PaperCard card(desk, at, nullptr);
    QCoreApplication::removeTranslator(&words);
    QCOMPARE(card.accessibleName(), u"联邦平均"_qs);
    QCOMPARE(card.accessibleDescription(), QString::fromStdString(desk.papers()[at].claim));
    const QStringList texts = paperTexts(desk.papers()[at]);
    for (const QLabel* label : card.findChildren<QLabel*>())
      QVERIFY2(label->text() != u"Federated averaging"_qs, "not translated");
    QVERIFY(texts.contains(u"Federated averaging"_qs) &&
            texts.contains(u"It is the paper's model or it is not."_qs));
    QVERIFY(!texts.contains(QString::fromStdString(desk.papers()[at].citation)));
  }

  void everyLessonIsASweepWithItsWords() {
    const auto all = lessons();
    QCOMPARE(all.size(), 3);
    for (const Preset& lesson : all) {
      const QJsonObject sweep = QJsonDocument::fromJson(lesson.spec.toUtf8()).object();
      QVERIFY2(sweep.contains(u"axes"_qs) && sweep.contains(u"base"_qs), qPrintable(lesson.id));
      QVERIFY(!lesson.title.isEmpty() && !lesson.description.isEmpty());
      QCOMPARE(lesson.facts, u"A sweep of 9 run(s)"_qs);
    }
  }

  void aLessonAsksForItsSweep() {
    DesignGallery gallery;
    gallery.resize(1200, 900);
    gallery.show();
    QSignalSpy chosen(&gallery, &DesignGallery::chosen), sweeps(&gallery, &DesignGallery::sweepChosen);
    auto* card = gallery.findChild<QAbstractButton*>(u"preset.lesson-staleness"_qs);
    QVERIFY(card != nullptr);
    card->click();
    QCOMPARE(chosen.size(), 0);
    QCOMPARE(sweeps.size(), 1);
    QCOMPARE(sweeps[0][0].toString(), u"lesson-staleness"_qs);
  }
};

CONCERTINA_TEST(DesignPapersTest)

}  // namespace concertina::ui::design_papers_test

#include "design_papers_test.moc"
