// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_section.h: the Design page with one section of the experiment more than the sample describes, for
// tests of that section's form.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVector>

#include "tests/ui/forms/offscreen.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_checker.h"
#include "ui/pages/design_page.h"
#include "ui/pages/design_presets.h"

namespace concertina::ui {

// `section`: as the engine describes it.
inline QJsonObject describeWith(const char* section) {
  QJsonObject describe = describeSample();
  QJsonArray categories = describe.value(u"categories"_qs).toArray();
  for (QJsonValueRef category : categories) {
    QJsonObject changed = category.toObject();
    if (changed.value(u"category"_qs) != u"experiment"_qs) continue;
    QJsonArray components = changed.value(u"components"_qs).toArray();
    components << QJsonDocument::fromJson(section).object();
    changed[u"components"_qs] = components;
    category = changed;
  }
  describe[u"categories"_qs] = categories;
  return describe;
}

struct DesignSection {
  QVector<SpecFault> faults;
  DesignPage page{DesignService{
      .validate = [this](QObject*, const QString&, auto answer) { answer(faults, QString()); },
      .plan = [](QObject*, const QString&, auto answer) { answer(QJsonObject(), {}, QString()); },
      .submit = [](QObject*, const QString&, auto answer) { answer(u"run-1"_qs, {}, QString()); }}};

  explicit DesignSection(const QJsonObject& describe) {
    page.resize(1200, 800);
    page.setDescription(describe);
    page.setSpec(presetSpec(u"demonstration"_qs));
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
};

}  // namespace concertina::ui
