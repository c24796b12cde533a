// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_room.h: the Runs page before an engine with a few runs, for the tests of all that stands on it.
// On the way of the data: tests/ui/fake_engine.h -> here -> tests/ui/pages/runs_*_test.cc.
#pragma once

#include <QItemSelectionModel>
#include <QLocale>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/ui/fake_engine.h"
#include "ui/client/number_format.h"
#include "ui/client/run_table_model.h"
#include "ui/forms/ask.h"
#include "ui/pages/runs_page.h"

namespace concertina::ui {

// What a test calls in its own initTestCase, init and cleanup, and the words that all of them use. Nothing is
// connected yet when the page opens.
class RunsRoom : public QObject {
 protected:
  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<RunsPage> page_;

  static void useEnglish() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void openRoom() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    openPage();
  }
  void closeRoom() {
    setAskForTests({});
    setAskForFileForTests({});
    page_.reset();
    client_.reset();
    engine_.reset();
  }
  // Again: another page of the same client, as at the next start.
  void openPage() {
    page_ = std::make_unique<RunsPage>(*client_);
    page_->resize(1280, 800);
    page_->show();
  }
  void connectToEngine() {
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  // One that has finished, one that runs and one that failed: run a, run b, run c.
  void putRuns() {
    for (const auto& [id, state] :
         {std::pair{"a", proto::FINISHED}, {"b", proto::RUNNING}, {"c", proto::FAILED}}) {
      proto::RunSummary run = FakeEngine::makeRun(id, std::string("run ") + id, state);
      engine_->synthetic.summarise(run, id[0] * 5);
      if (state == proto::FAILED) run.set_last_checkpoint_step(100);
      engine_->put(run);
    }
    QTRY_COMPARE(table()->model()->rowCount(), 3);
  }
  void setAccuracy(const std::string& id, double accuracy) {
    proto::RunSummary run = engine_->run(id);
    run.set_has_test(true);
    run.set_test_accuracy(accuracy);
    engine_->put(run);
    QTRY_COMPARE(text("run " + QString::fromStdString(id), RunTableModel::kAccuracy),
                 formatPercent(accuracy));
  }

  template <class Object>
  Object* find(const char* name) const {
    return page_->findChild<Object*>(QLatin1String("runsPage.") + QLatin1String(name));
  }
  QTableView* table() const { return find<QTableView>("table"); }
  void select(const QString& name) const {
    for (int row = 0; row < table()->model()->rowCount(); ++row)
      if (table()->model()->index(row, RunTableModel::kName).data().toString() == name)
        table()->selectRow(row);
  }
  QString text(const QString& name, int column) const {
    for (int row = 0; row < table()->model()->rowCount(); ++row)
      if (table()->model()->index(row, RunTableModel::kName).data().toString() == name)
        return table()->model()->index(row, column).data().toString();
    return {};
  }
  QStringList chosen() const {
    QStringList names;
    for (const QModelIndex& index : table()->selectionModel()->selectedRows(RunTableModel::kName))
      names << index.data().toString();
    names.sort();
    return names;
  }
  void useKeyboard() const {
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    table()->setFocus();
    QVERIFY(table()->hasFocus());
  }
  bool called(const std::string& call) const {
    const std::vector<std::string> calls = engine_->calls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }
};

}  // namespace concertina::ui
