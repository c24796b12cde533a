// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_room.h: the Monitor page before an engine that moves when told, for the tests of all that stands on
// it. On the way of the data: tests/ui/fake_engine.h -> here -> tests/ui/pages/monitor_*_test.cc.
#pragma once

#include <QLabel>
#include <QLocale>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/ui/fake_engine.h"
#include "ui/client/engine_client.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_page.h"

namespace concertina::ui {

// What a test calls in its own initTestCase, init and cleanup, and the words that all of them use.
class MonitorRoom : public QObject {
 protected:
  static constexpr char kRun[] = "20261124-031500-a1b2";
  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<MonitorPage> page_;

  static void useEnglish() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void openPage() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    client_->start({}, engine_->address());
    page_ = std::make_unique<MonitorPage>(*client_);
    page_->resize(1280, 800);
    page_->show();
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
  }
  void closePage() {
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  template <class Widget>
  Widget* find(const char* name) const {
    Widget* widget = page_->findChild<Widget*>(QLatin1String("monitorPage.") + QLatin1String(name));
    if (widget == nullptr) qWarning("no widget %s", name);
    return widget;
  }
  void openPanel(const char* name) { page_->panels().openPanel(find<QWidget>(name)); }
  bool called(const std::string& call) const {
    const std::vector<std::string> calls = engine_->calls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }
  void putRun(proto::RunState state, int64_t step) {
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", state);
    engine_->synthetic.summarise(run, step);
    engine_->put(run);
  }
  void show(proto::RunState state, int64_t step) {
    putRun(state, step);
    page_->showRun(kRun);
    QTRY_VERIFY(find<QLabel>("nameLabel")->text() == "LeNet-5, ring");
  }
};

}  // namespace concertina::ui
