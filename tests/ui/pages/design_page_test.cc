// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_page_test.cc: the Design page driven through its widgets, with an engine that the test plays itself.
#include "ui/pages/design_page.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_checker.h"
#include "ui/pages/design_class_bars.h"
#include "ui/pages/design_document.h"
#include "ui/pages/design_presets.h"
#include "ui/pages/design_samples.h"
#include "ui/pages/dock_panels.h"

namespace concertina::ui::design_page_test {
namespace {

// Answers at once; what it answers is set by the test.
struct PlayedEngine {
  QVector<SpecFault> faults;
  QString error;
  QJsonObject plan{{u"total_steps"_qs, 705},
                   {u"steps_per_epoch"_qs, 235},
                   {u"parameters"_qs, 431080},
                   {u"class_histogram"_qs, QJsonArray{QJsonArray{10, 0}, QJsonArray{0, 10}}}};
  QString run = u"run-1"_qs;
  int validated = 0, planned = 0;
  QString submitted;
  QVector<int> samples_of;  // workers that samples were asked of; -1: of all data

  DesignService service() {
    return {.validate =
                [this](QObject*, const QString&, auto answer) {
                  ++validated;
                  answer(faults, error);
                },
            .plan =
                [this](QObject*, const QString&, auto answer) {
                  ++planned;
                  answer(plan, {}, QString());
                },
            .submit =
                [this](QObject*, const QString& spec, auto answer) {
                  submitted = spec;
                  answer(run, faults, error);
                },
            .samples =
                [this](QObject*, const proto::GetSamplesRequest& request, auto answer) {
                  samples_of << (request.has_worker() ? request.worker() : -1);
                  proto::GetSamplesReply reply;
                  reply.set_channels(1);
                  reply.set_width(2);
                  reply.set_height(2);
                  reply.add_samples()->set_pixels("abcd");
                  answer(reply, QString());
                }};
  }
};

}  // namespace

class DesignPageTest : public QObject {
  Q_OBJECT
  struct Fixture {
    PlayedEngine engine;
    DesignPage page{engine.service()};
    explicit Fixture(const QString& preset = u"demonstration"_qs) {
      page.resize(1200, 800);
      page.setDescription(describeSample());
      page.setSpec(presetSpec(preset));
      page.setConnected(true);
      page.show();
    }
    template <class T>
    T* find(const QString& name) {
      auto* found = page.findChild<T*>(name);
      if (found == nullptr) qFatal("no %s", qUtf8Printable(name));
      return found;
    }
    QJsonValue value(const QString& pointer) {
      return SpecDocument::parse(page.spec(), nullptr)->value(pointer);
    }
    bool becomesReady() {
      return QTest::qWaitFor([this] { return page.canLaunch(); }, 5000);
    }
    void choose(const QString& name, const QString& kind) {
      auto* combo = find<QComboBox>(name);
      const int index = combo->findData(kind);
      if (index < 0) qFatal("no %s in %s", qUtf8Printable(kind), qUtf8Printable(name));
      combo->setCurrentIndex(index);
      emit combo->activated(index);
    }
  };

 private slots:
  void everyPresetIsSound_data() {
    QTest::addColumn<QString>("id");
    for (const Preset& preset : presets()) QTest::newRow(qPrintable(preset.id)) << preset.id;
  }
  void everyPresetIsSound() {
    QFETCH(QString, id);
    Fixture f(id);
    QVERIFY2(f.becomesReady(), qPrintable(f.page.obstacle()));  // no form objects
    QCOMPARE(f.page.spec(), presetSpec(id));  // and the file is laid out as we would write it
    QCOMPARE(workersOf(*SpecDocument::parse(f.page.spec(), nullptr)),
             meshSizeOf(*SpecDocument::parse(f.page.spec(), nullptr)));
  }
  void everyPresetHasItsWords() {
    const auto all = presets();
    QVERIFY(all.size() >= 7);
    QCOMPARE(all.first().id, u"demonstration"_qs);
    for (const Preset& preset : all) {
      QVERIFY2(!preset.description.isEmpty() && !preset.title.isEmpty(), qPrintable(preset.id));
      QVERIFY(!preset.facts.isEmpty());
    }
    QVERIFY(presetSpec(u"no such"_qs).isEmpty());
  }

  void launchingGivesTheRun() {
    Fixture f;
    QSignalSpy launched(&f.page, &DesignPage::launched);
    QVERIFY(!f.page.canLaunch());  // not before it was checked
    QVERIFY(f.becomesReady());
    QTest::mouseClick(f.find<QPushButton>(u"designPage.launchButton"_qs), Qt::LeftButton);
    QCOMPARE(launched.size(), 1);
    QCOMPARE(launched.first().first().toString(), u"run-1"_qs);
    QCOMPARE(f.engine.submitted, f.page.spec());
  }

  void typingIsCheckedOnceItPauses() {
    Fixture f;
    QVERIFY(f.becomesReady());
    const int before = f.engine.validated;
    typeInto(f.find<QLineEdit>(u"field:/optimizer/learning_rate"_qs), u"0.0125"_qs);
    QCOMPARE(f.value(u"/optimizer/learning_rate"_qs), QJsonValue(0.0125));
    QVERIFY(!f.page.canLaunch());
    QVERIFY(f.becomesReady());
    QCOMPARE(f.engine.validated, before + 1);  // six letters, one question
  }

  void faultsOfTheEngineReachTheirFieldsAndTheButton() {
    Fixture f;
    f.engine.faults = {{u"/gradient/0/ratio"_qs, u"0.01"_qs, u"something else"_qs, {}, {}},
                       {u"/nonsense"_qs, u"1"_qs, u"a section"_qs, u"network"_qs, {}}};
    auto* obstacle = f.find<QToolButton>(u"designPage.obstacle"_qs);
    QTRY_COMPARE(obstacle->text(), u"2 field(s) need attention"_qs);
    QVERIFY(!f.find<QPushButton>(u"designPage.launchButton"_qs)->isEnabled());
    QCOMPARE(f.find<QPushButton>(u"designPage.launchButton"_qs)->toolTip(), obstacle->text());
    auto* fault = f.find<QLabel>(u"fault:/gradient/0/ratio"_qs);
    QVERIFY(fault->text().contains(u"something else"_qs));
    QVERIFY(!f.find<QWidget>(u"designPage.problems"_qs)->isHidden());
    QCOMPARE(f.engine.planned, 0);  // a plan of nonsense is not asked for
    QTest::mouseClick(obstacle, Qt::LeftButton);
    QCOMPARE(f.page.focusWidget(), f.find<QWidget>(u"field:/gradient/0/ratio"_qs));
    // Mended.
    f.engine.faults.clear();
    typeInto(f.find<QLineEdit>(u"field:/gradient/0/ratio"_qs), u"0.02"_qs);
    QVERIFY(f.becomesReady());
    QVERIFY(f.find<QWidget>(u"designPage.problems"_qs)->isHidden());
  }

  void aFieldObjectsWithoutWaitingForTheEngine() {
    Fixture f;
    QVERIFY(f.becomesReady());
    typeInto(f.find<QLineEdit>(u"field:/training/batch_size"_qs), u"many"_qs);
    QCOMPARE(f.page.obstacle(), u"1 field(s) need attention"_qs);
    QCOMPARE(f.value(u"/training/batch_size"_qs), QJsonValue(u"many"_qs));  // nothing that was typed is lost
  }

  void withoutAnEngineTheReasonIsSaid() {
    PlayedEngine engine;
    DesignPage page(engine.service());
    page.setSpec(presetSpec(u"baseline"_qs));
    QVERIFY(!page.canLaunch());
    QCOMPARE(page.obstacle(), u"Not connected to the engine"_qs);
    page.launch();
    QVERIFY(engine.submitted.isEmpty());
    QVERIFY(!page.findChild<QLabel*>(u"designPage.waiting"_qs)->isHidden());
  }

  void anEngineThatCannotCheckIsTold() {
    Fixture f;
    f.engine.error = u"the disk is on fire"_qs;
    QTRY_COMPARE(f.page.obstacle(), u"The engine could not check this"_qs);
    bool told = false;
    for (const QLabel* label : f.find<QWidget>(u"designPage.problems"_qs)->findChildren<QLabel*>())
      told = told || label->text().contains(u"on fire"_qs);
    QVERIFY(told);
  }

  void theMeshFollowsTheWorkers() {
    Fixture f;
    typeInto(f.find<QLineEdit>(u"field:/workers/0/count"_qs), u"8"_qs);
    QCOMPARE(f.value(u"/workers/0/count"_qs).toInt(), 8);
    QCOMPARE(f.value(u"/mesh/data"_qs).toInt(), 8);
    // A mesh that was set apart on purpose is left alone.
    typeInto(f.find<QLineEdit>(u"field:/mesh/data"_qs), u"2"_qs);
    typeInto(f.find<QLineEdit>(u"field:/workers/0/count"_qs), u"6"_qs);
    QCOMPARE(f.value(u"/mesh/data"_qs).toInt(), 2);
  }

  void groupsOfWorkersComeAndGo() {
    Fixture f;
    QTest::mouseClick(f.find<QPushButton>(u"designCard.addWorkers"_qs), Qt::LeftButton);
    QCOMPARE(f.value(u"/workers"_qs).toArray().size(), 2);
    QCOMPARE(f.value(u"/mesh/data"_qs).toInt(), 5);
    f.choose(u"field:/workers/1/launcher"_qs, u"in-process"_qs);
    QCOMPARE(f.value(u"/workers/1/launcher"_qs).toString(), u"in-process"_qs);
    QCOMPARE(f.value(u"/workers/1/count"_qs).toInt(), 1);
    emit f.find<QToolButton>(u"designCard.removeWorkers0"_qs)->clicked();
    QCOMPARE(f.value(u"/workers"_qs).toArray().size(), 1);
    QCOMPARE(f.value(u"/workers/0/launcher"_qs).toString(), u"in-process"_qs);
  }

  // The engine takes the descriptor's default for an entry without "launcher"; so must the form.
  void aGroupMayLeaveOutItsLauncher() {
    Fixture f;
    auto spec = *SpecDocument::parse(f.page.spec(), nullptr);
    QVERIFY(spec.setToken(u"/workers"_qs, u"[{\"count\": 4}]"_qs));
    f.page.setSpec(spec.text());
    QVERIFY2(f.becomesReady(), qPrintable(f.page.obstacle()));
    QCOMPARE(f.find<QComboBox>(u"field:/workers/0/launcher"_qs)->currentData().toString(), u"local"_qs);
    typeInto(f.find<QLineEdit>(u"field:/workers/0/count"_qs), u"3"_qs);
    QCOMPARE(f.value(u"/workers/0"_qs).toObject(),
             (QJsonObject{{u"count"_qs, 3}}));  // nothing else is written
    f.choose(u"field:/workers/0/launcher"_qs, u"in-process"_qs);
    QCOMPARE(f.value(u"/workers/0"_qs).toObject(),
             (QJsonObject{{u"launcher"_qs, u"in-process"_qs}, {u"count"_qs, 3}}));
  }

  void aLauncherThatIsNoNameMustBeChosen() {
    Fixture f;
    auto spec = *SpecDocument::parse(f.page.spec(), nullptr);
    QVERIFY(spec.setToken(u"/workers"_qs, u"[{\"launcher\": 5, \"count\": 4}]"_qs));
    f.page.setSpec(spec.text());
    QTRY_VERIFY(!f.page.canLaunch());
    QVERIFY(f.find<QLabel>(u"fault:/workers/0/launcher"_qs)->text().contains(u"Choose one"_qs));
  }

  void theCodecCanBeNone() {
    Fixture f;
    f.choose(u"field:/gradient/0/kind"_qs, u"none"_qs);
    QCOMPARE(f.value(u"/gradient"_qs), QJsonValue(QJsonArray()));
    f.choose(u"field:/gradient/0/kind"_qs, u"fp16"_qs);
    QCOMPARE(f.value(u"/gradient/0/kind"_qs).toString(), u"fp16"_qs);
    QCOMPARE(f.value(u"/gradient"_qs).toArray().size(), 1);
  }

  void codecsOfAChainComeMoveAndGo() {
    Fixture f;
    const auto kinds = [&f] {
      QStringList all;
      for (const QJsonValue& codec : f.value(u"/gradient"_qs).toArray())
        all << codec.toObject().value(u"kind"_qs).toString();
      return all.join(u' ');
    };
    QCOMPARE(kinds(), u"top-k"_qs);
    auto* add = f.find<QPushButton>(u"designCard.addCodec"_qs);
    QVERIFY(add->isVisibleTo(&f.page));
    QVERIFY(!f.find<QToolButton>(u"designCard.upCodec0"_qs)->isVisibleTo(&f.page));
    QTest::mouseClick(add, Qt::LeftButton);
    QCOMPARE(kinds(), u"top-k"_qs);  // nothing is chosen yet
    QVERIFY(!add->isVisibleTo(&f.page));
    f.choose(u"field:/gradient/1/kind"_qs, u"fp16"_qs);
    QCOMPARE(kinds(), u"top-k fp16"_qs);
    QVERIFY(add->isVisibleTo(&f.page));
    QCOMPARE(f.value(u"/gradient/0/ratio"_qs).toDouble(), 0.01);
    QVERIFY(!f.find<QToolButton>(u"designCard.upCodec0"_qs)->isEnabled());
    QVERIFY(!f.find<QToolButton>(u"designCard.downCodec1"_qs)->isEnabled());
    emit f.find<QToolButton>(u"designCard.upCodec1"_qs)->clicked();
    QCOMPARE(kinds(), u"fp16 top-k"_qs);
    QCOMPARE(f.value(u"/gradient/1/ratio"_qs).toDouble(), 0.01);
    emit f.find<QToolButton>(u"designCard.downCodec0"_qs)->clicked();
    QCOMPARE(kinds(), u"top-k fp16"_qs);
    emit f.find<QToolButton>(u"designCard.removeCodec0"_qs)->clicked();
    QCOMPARE(kinds(), u"fp16"_qs);
    f.page.undoStack()->undo();
    QCOMPARE(kinds(), u"top-k fp16"_qs);
    // One that was added and not chosen goes without a trace.
    const QString before = f.page.spec();
    QTest::mouseClick(add, Qt::LeftButton);
    emit f.find<QToolButton>(u"designCard.removeCodec2"_qs)->clicked();
    QCOMPARE(f.page.spec(), before);
    QVERIFY(f.page.findChild<QComboBox*>(u"field:/gradient/2/kind"_qs) == nullptr ||
            !f.find<QComboBox>(u"field:/gradient/2/kind"_qs)->isVisibleTo(&f.page));
  }

  // Engines that know the lists describe them; the sample's does not.
  static QJsonObject describeLists() {
    QJsonObject describe = describeSample();
    QJsonArray categories = describe.value(u"categories"_qs).toArray();
    const auto text = [](const char* name) {
      return QJsonObject{
          {u"name"_qs, QLatin1String(name)}, {u"type"_qs, u"text"_qs}, {u"default"_qs, u"*"_qs}};
    };
    const auto number = [](const char* name) {
      return QJsonObject{{u"name"_qs, QLatin1String(name)}, {u"type"_qs, u"number"_qs}};
    };
    const QJsonObject policy{{u"name"_qs, u"policy"_qs},
                             {u"type"_qs, u"component"_qs},
                             {u"choices"_qs, QJsonArray{u"knob-policy"_qs}}};
    for (QJsonValueRef category : categories) {
      QJsonObject changed = category.toObject();
      if (changed.value(u"category"_qs) != u"experiment"_qs) continue;
      QJsonArray components = changed.value(u"components"_qs).toArray();
      components << QJsonObject{{u"kind"_qs, u"layer_gradients"_qs},
                                {u"parameters"_qs, QJsonArray{text("layers")}}}
                 << QJsonObject{{u"kind"_qs, u"knobs"_qs},
                                {u"parameters"_qs, QJsonArray{text("pointer"), policy}}};
      changed[u"components"_qs] = components;
      category = changed;
    }
    categories << QJsonObject{
        {u"category"_qs, u"knob-policy"_qs},
        {u"components"_qs,
         QJsonArray{QJsonObject{{u"kind"_qs, u"exponential"_qs},
                                {u"parameters"_qs, QJsonArray{number("from"), number("to")}}}}}};
    describe[u"categories"_qs] = categories;
    return describe;
  }

  void layersWithCodecsOfTheirOwnComeAndGo() {
    Fixture f;
    f.page.setDescription(describeLists());
    const QString before = f.page.spec();
    QTest::mouseClick(f.find<QPushButton>(u"designCard.add:/layer_gradients"_qs), Qt::LeftButton);
    QCOMPARE(f.value(u"/layer_gradients/0/layers"_qs).toString(), u"*"_qs);
    QVERIFY(f.page.spec().contains(u"\"layer_gradients\": [{\"layers\": \"*\", \"gradient\": []}]"_qs));
    typeInto(f.find<QLineEdit>(u"field:/layer_gradients/0/layers"_qs), u"conv*"_qs);
    f.choose(u"field:/layer_gradients/0/gradient/0/kind"_qs, u"fp16"_qs);
    QTRY_COMPARE(f.value(u"/layer_gradients/0/layers"_qs).toString(), u"conv*"_qs);
    QCOMPARE(f.value(u"/layer_gradients/0/gradient/0/kind"_qs).toString(), u"fp16"_qs);
    QCOMPARE(f.value(u"/gradient/0/kind"_qs).toString(), u"top-k"_qs);  // another chain
    emit f.find<QToolButton>(u"designCard.remove:/layer_gradients/0"_qs)->clicked();
    QCOMPARE(f.page.spec(), before);  // without a trace
    f.page.undoStack()->undo();
    QCOMPARE(f.value(u"/layer_gradients/0/gradient/0/kind"_qs).toString(), u"fp16"_qs);
    while (f.page.undoStack()->canUndo()) f.page.undoStack()->undo();
    QCOMPARE(f.page.spec(), before);
  }

  void faultsComeAndGo() {
    Fixture f;
    QJsonObject describe = describeLists();
    QJsonArray categories = describe.value(u"categories"_qs).toArray();
    categories << QJsonObject{
        {u"category"_qs, u"fault"_qs},
        {u"components"_qs,
         QJsonArray{QJsonObject{{u"kind"_qs, u"kill"_qs}, {u"parameters"_qs, QJsonArray()}},
                    QJsonObject{{u"kind"_qs, u"slow"_qs}, {u"parameters"_qs, QJsonArray()}}}}};
    describe[u"categories"_qs] = categories;
    f.page.setDescription(describe);
    f.choose(u"field:/faults/0/kind"_qs, u"kill"_qs);
    QTRY_COMPARE(f.value(u"/faults/0/kind"_qs).toString(), u"kill"_qs);
    QTest::mouseClick(f.find<QPushButton>(u"designCard.addFault"_qs), Qt::LeftButton);
    f.choose(u"field:/faults/1/kind"_qs, u"slow"_qs);
    QTRY_COMPARE(f.value(u"/faults/1/kind"_qs).toString(), u"slow"_qs);
    emit f.find<QToolButton>(u"designCard.removeFault0"_qs)->clicked();
    QTRY_COMPARE(f.value(u"/faults"_qs).toArray().size(), 1);
    QCOMPARE(f.value(u"/faults/0/kind"_qs).toString(), u"slow"_qs);
  }

  void knobsComeAndGoAndFollowTheJson() {
    Fixture f;
    f.page.setDescription(describeLists());
    const QString before = f.page.spec();
    QTest::mouseClick(f.find<QPushButton>(u"designCard.add:/knobs"_qs), Qt::LeftButton);
    QCOMPARE(f.value(u"/knobs/0/pointer"_qs).toString(), u"/optimizer/learning_rate"_qs);
    typeInto(f.find<QLineEdit>(u"field:/knobs/0/policy/to"_qs), u"0.001"_qs);
    QTRY_COMPARE(f.value(u"/knobs/0/policy/to"_qs).toDouble(), 0.001);
    // The other way round: what is written in the JSON stands in the form.
    SpecDocument other = *SpecDocument::parse(f.page.spec(), nullptr);
    QVERIFY(other.set(u"/knobs/0/policy/from"_qs, 0.25));
    f.page.setSpec(other.text());
    QCOMPARE(f.find<QLineEdit>(u"field:/knobs/0/policy/from"_qs)->text(), u"0.25"_qs);
    f.engine.faults = {
        {u"/knobs/0/pointer"_qs, u"\"x\""_qs, u"what can change"_qs, QString(), u"it is not live"_qs}};
    typeInto(f.find<QLineEdit>(u"field:/knobs/0/pointer"_qs), u"/x"_qs);
    QTRY_VERIFY(!f.find<QLabel>(u"fault:/knobs/0/pointer"_qs)->text().isEmpty());
    f.engine.faults = {};
    emit f.find<QToolButton>(u"designCard.remove:/knobs/0"_qs)->clicked();
    QCOMPARE(f.value(u"/knobs"_qs).isUndefined(), true);
    QVERIFY(f.becomesReady());
    QCOMPARE(f.page.spec(), before);
  }

  void undoGoesBackThroughTheEdits() {
    Fixture f;
    const QString before = f.page.spec();
    typeInto(f.find<QLineEdit>(u"field:/optimizer/momentum"_qs), u"0.5"_qs);
    f.choose(u"field:/model/kind"_qs, u"mlp"_qs);
    QCOMPARE(f.page.undoStack()->count(), 2);  // the typing is one step
    const QString after = f.page.spec();
    f.page.undoStack()->undo();
    QCOMPARE(f.value(u"/model/kind"_qs).toString(), u"lenet-5"_qs);
    QCOMPARE(f.find<QComboBox>(u"field:/model/kind"_qs)->currentData().toString(), u"lenet-5"_qs);
    f.page.undoStack()->undo();
    QCOMPARE(f.page.spec(), before);
    QCOMPARE(f.find<QLineEdit>(u"field:/optimizer/momentum"_qs)->text(), u"0.9"_qs);
    f.page.undoStack()->redo();
    f.page.undoStack()->redo();
    QCOMPARE(f.page.spec(), after);
  }

  // At any width of the page, and however long the names of sections are: the cards' right edges are seen.
  void cardsAreNeverCut() {
    Fixture f;
    auto* forms = f.find<QScrollArea>(u"designPage.forms"_qs);
    auto* index = f.find<QListWidget>(u"designPage.index"_qs);
    index->setFixedWidth(charactersWide(&f.page, 40));
    bool was_seen = false, was_hidden = false;
    for (int width = 900; width <= 1800; width += 30) {
      f.page.resize(width, 700);
      QCoreApplication::processEvents();
      if (f.page.width() > width) continue;  // it cannot be so narrow
      QVERIFY2(
          forms->widget()->width() <= forms->viewport()->width(),
          qPrintable(
              u"%1: %2 in %3"_qs.arg(width).arg(forms->widget()->width()).arg(forms->viewport()->width())));
      (index->isVisible() ? was_seen : was_hidden) = true;
    }
    QVERIFY(was_seen && was_hidden);
  }

  // At 1024 pixels the name of the experiment has room, and what made way for it is in a menu.
  void theHeaderKeepsItsWordsWhole() {
    Fixture f;
    auto* name = f.find<QLineEdit>(u"designPage.name"_qs);
    auto* more = f.find<QPushButton>(u"designPage.moreButton"_qs);
    auto* sweep = f.find<QPushButton>(u"designPage.sweepButton"_qs);
    const int room = QFontMetrics(name->font()).averageCharWidth() * 20;
    bool was_folded = false, was_whole = false;
    for (const int width : {1700, 1024, 914, 1700}) {
      f.page.resize(width, 700);
      QCoreApplication::processEvents();
      QVERIFY2(more->isVisible() != sweep->isVisible(), qPrintable(QString::number(width)));
      if (f.page.width() > width) continue;  // it cannot be so narrow
      QVERIFY2(name->width() >= room, qPrintable(u"%1: %2 of %3"_qs.arg(width).arg(name->width()).arg(room)));
      for (const QPushButton* button : name->parentWidget()->findChildren<QPushButton*>())
        if (button->isVisible())
          QVERIFY2(button->width() >= button->sizeHint().width(), qPrintable(button->objectName()));
      (more->isVisible() ? was_folded : was_whole) = true;
    }
    QVERIFY(was_folded && was_whole);
    f.page.resize(914, 700);
    QCoreApplication::processEvents();
    QVERIFY(f.becomesReady());
    QSignalSpy asked(&f.page, &DesignPage::sweepRequested);
    emit more->menu()->aboutToShow();
    auto* action = f.find<QAction>(u"designPage.sweepAction"_qs);
    QVERIFY(action->isEnabled());
    action->trigger();
    QCOMPARE(asked.count(), 1);
  }

  // The layers of the plan are reached by keyboard, and copied.
  void layersAreCopied() {
    Fixture f;
    f.engine.plan[u"layers"_qs] =
        QJsonArray{QJsonObject{{u"name"_qs, u"conv1"_qs}}, QJsonObject{{u"name"_qs, u"dense1"_qs}}};
    f.page.setSpec(presetSpec(u"baseline"_qs));
    QVERIFY(f.becomesReady());
    auto* layers = f.find<QTableView>(u"designPage.layers"_qs);
    QTRY_COMPARE(layers->model()->rowCount(), 2);
    QVERIFY(layers->focusPolicy() & Qt::TabFocus);
    f.find<QAction>(u"designPage.layers.copyAction"_qs)->trigger();  // none is chosen: all of them
    QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith(u"Layer\t"_qs) && lines[1].startsWith(u"conv1\t"_qs));
    layers->selectRow(1);
    f.find<QAction>(u"designPage.layers.copyAction"_qs)->trigger();
    lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[1].startsWith(u"dense1\t"_qs));
  }

  void theJsonAndTheFormsAreOne() {
    Fixture f;
    f.page.panels().openPanelAt(1);
    auto* json = f.find<QPlainTextEdit>(u"designPage.json"_qs);
    QCOMPARE(json->toPlainText(), f.page.spec());
    typeInto(f.find<QLineEdit>(u"field:/training/epochs"_qs), u"7"_qs);
    QVERIFY(json->toPlainText().contains(u"\"epochs\": 7"_qs));
    json->setPlainText(QString(f.page.spec()).replace(u"\"epochs\": 7"_qs, u"\"epochs\":    12"_qs));
    QTRY_COMPARE(f.value(u"/training/epochs"_qs).toInt(), 12);
    QCOMPARE(f.find<QLineEdit>(u"field:/training/epochs"_qs)->text(), u"12"_qs);
    QVERIFY(json->toPlainText().contains(u"\"epochs\":    12"_qs));  // as it was laid out
  }

  void brokenJsonNamesItsLineAndStaysAsTyped() {
    Fixture f;
    QVERIFY(f.becomesReady());
    auto* json = f.find<QPlainTextEdit>(u"designPage.json"_qs);
    const QString good = f.page.spec();
    json->setPlainText(u"{\n  \"seed\": 7\n  \"name\": \"x\"\n}"_qs);
    auto* message = f.find<QLabel>(u"designPage.jsonMessage"_qs);
    QTRY_VERIFY(message->text().startsWith(u"Line 3"_qs));
    QCOMPARE(f.page.obstacle(), u"The JSON has an error in line 3"_qs);
    QVERIFY(!f.page.canLaunch());
    QCOMPARE(f.page.spec(), good);
    json->setPlainText(good);
    QVERIFY(f.becomesReady());
    QVERIFY(message->isHidden());
  }

  void thePlanIsShown() {
    Fixture f;
    QVERIFY(f.becomesReady());
    QVERIFY(!f.find<QWidget>(u"designPage.plan"_qs)->isHidden());
    bool steps = false;
    for (const QLabel* label : f.find<QWidget>(u"designPage.plan"_qs)->findChildren<QLabel*>())
      steps = steps || label->text() == u"705"_qs;
    QVERIFY(steps);
    auto* bars = f.find<DesignClassBars>(u"designPage.classBars"_qs);
    QTRY_VERIFY(bars->width() > 100);
    QVERIFY(bars->textAt(QPoint(bars->width() / 4 + 20, bars->height() / 4)).contains(u"Worker 0"_qs));
    QVERIFY(bars->textAt(QPoint(0, 0)).isEmpty());
  }

  void samplesAreShownAndAWorkersOnDemand() {
    Fixture f;
    QVERIFY(f.becomesReady());
    QCOMPARE(f.engine.samples_of, QVector<int>{-1});
    auto* grid = f.find<DesignSampleGrid>(u"designPage.sampleGrid"_qs);
    QCOMPARE(grid->images().size(), 1);
    typeInto(f.find<QLineEdit>(u"field:/training/epochs"_qs), u"7"_qs);
    QVERIFY(f.becomesReady());
    QCOMPARE(f.engine.samples_of, QVector<int>{-1});  // the data is the same
    auto* bars = f.find<DesignClassBars>(u"designPage.classBars"_qs);
    QTest::keyClick(bars, Qt::Key_End);
    QCOMPARE(f.engine.samples_of, (QVector<int>{-1, 1}));
    f.find<QToolButton>(u"designPage.samplesOfAll"_qs)->click();
    QCOMPARE(bars->chosen(), -1);
    QCOMPARE(f.engine.samples_of, (QVector<int>{-1, 1}));  // it is kept
  }

  void theIndexLeadsToTheSections() {
    Fixture f;
    auto* index = f.find<QListWidget>(u"designPage.index"_qs);
    QCOMPARE(index->count(), 8);
    auto* scroll = f.find<QScrollArea>(u"designPage.forms"_qs);
    QTRY_VERIFY(scroll->verticalScrollBar()->maximum() > 0);
    emit index->itemClicked(index->item(7));
    QCOMPARE(index->currentRow(), 7);
    QVERIFY(scroll->verticalScrollBar()->value() > 0);
    scroll->verticalScrollBar()->setValue(0);
    QCOMPARE(index->currentRow(), 0);
  }

  void presetsAreCardsThatTheKeyboardReaches() {
    Fixture f;
    QSignalSpy chosen(&f.page, &DesignPage::presetChosen);
    QTest::mouseClick(f.find<QPushButton>(u"designPage.presetsButton"_qs), Qt::LeftButton);
    QVERIFY(f.page.isGalleryShown());
    auto* gallery = f.find<QWidget>(u"designPage.gallery"_qs);
    QTest::keyClick(gallery, Qt::Key_Right);
    QTest::keyClick(gallery->focusWidget(), Qt::Key_Space);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.first().first().toString(), presetSpec(u"baseline"_qs));
    QTest::keyClick(gallery, Qt::Key_Escape);
    QVERIFY(!f.page.isGalleryShown());
  }

  void anEngineThatDescribesLittleIsStillUsable() {
    PlayedEngine engine;
    DesignPage page(engine.service());
    page.setDescription({});
    page.setSpec(presetSpec(u"demonstration"_qs));
    page.setConnected(true);
    QVERIFY2(QTest::qWaitFor([&] { return page.canLaunch(); }, 5000), qPrintable(page.obstacle()));
    QCOMPARE(page.spec(), presetSpec(u"demonstration"_qs));
  }
};

CONCERTINA_TEST(DesignPageTest)

}  // namespace concertina::ui::design_page_test

#include "design_page_test.moc"
