// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_room.h: the Compress page before an engine that has runs of recipes, for the tests of all that
// stands on it. On the way of the data: tests/ui/fake_engine.h -> here -> tests/ui/pages/compress_*_test.cc.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <string>

#include "tests/ui/fake_engine.h"
#include "ui/client/engine_client.h"
#include "ui/forms/ask.h"
#include "ui/pages/compress_page.h"

namespace concertina::ui {

// What a test calls in its own initTestCase, init and cleanup, and the words that all of them use.
class CompressRoom : public QObject {
 protected:
  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<CompressPage> page_;

  static void useEnglish() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void openPage() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->home = folder_.path().toStdString();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    page_ = std::make_unique<CompressPage>(*client_);
    page_->resize(1280, 860);
    page_->show();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void closePage() {
    setAskForFileForTests({});
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  template <class Object>
  Object* find(const char* name) const {
    return page_->findChild<Object*>(QLatin1String("compressPage.") + QLatin1String(name));
  }
  // What the engine tells of a step of a recipe that is done.
  void tellStep(const std::string& run, const std::string& text, const QJsonObject& what) {
    proto::RunEvent event;
    event.set_kind("recipe");
    event.set_message(text);
    event.set_json(QJsonDocument(what).toJson(QJsonDocument::Compact).toStdString());
    engine_->tellEvent(run, event);
  }
  // The experiment of all tests, with this recipe; without one if it is empty.
  static void giveRecipe(proto::RunSummary& run, const QJsonArray& recipe) {
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    if (!recipe.isEmpty()) spec["recipe"] = recipe;
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
  }
};

}  // namespace concertina::ui
