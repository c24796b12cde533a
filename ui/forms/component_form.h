// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_form.h: the choice of a component of one category, what it is and where it comes from, and its
// parameters.
#pragma once

#include <QJsonObject>
#include <QWidget>
#include <memory>

#include "ui/forms/param_form.h"

namespace concertina::ui {

struct ComponentFormOptions {
  QString category;                           // "optimizer"
  QString pointer;                            // "/optimizer"
  QString label;                              // of the chooser: "Optimiser"
  QString kind_key = QStringLiteral("kind");  // "launcher" in a group of workers
  QString default_kind;      // what the engine takes where `kind_key` is left out; "" for none
  QString none;              // if not empty, the words for "nothing of this category"
  QVector<ParamInfo> extra;  // parameters that the section itself adds to every kind
  QStringList hidden;        // parameters shown elsewhere
};

class ComponentForm : public QWidget {
  Q_OBJECT
 public:
  ComponentForm(std::shared_ptr<const Catalog> catalog, ComponentFormOptions options,
                QWidget* parent = nullptr);
  ~ComponentForm() override;

  // Undefined or an object; with another kind than before the rows are made anew. Emits nothing.
  void setValue(const QJsonValue& value);
  QJsonValue value() const;
  void setFaults(const FaultTexts& faults);
  FaultTexts ownFaults() const;
  bool focusField(const QString& pointer);

 signals:
  // The whole component when another kind was chosen (undefined for none); else one field of it.
  void edited(const QString& pointer, const QJsonValue& value);
  void fieldFocused(const QString& label, const QString& help);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The component after another kind was chosen: its required fields, and the nested components that both have
// (the partition of a dataset, the schedule of an optimiser).
QJsonObject switchKind(const Catalog& catalog, const QString& category, const QString& kind_key,
                       const QJsonObject& before, const QString& kind, const QStringList& kept);

}  // namespace concertina::ui
