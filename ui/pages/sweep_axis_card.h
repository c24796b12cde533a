// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_axis_card.h: one axis of a sweep: a field, and the values that it takes: ticked from what there is,
// typed, in even steps, or drawn from a range. On the way of the data: ui/pages/sweep_fields.h -> here ->
// ui/pages/sweep_setup.h.
#pragma once

#include <QFrame>
#include <QJsonObject>

#include "ui/pages/sweep_fields.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QSpinBox;
class QStackedWidget;

namespace concertina::ui {

class SweepAxisCard : public QFrame {
  Q_OBJECT
 public:
  // `name` begins the object names: "sweepPage.axis0".
  SweepAxisCard(const SweepField& field, const QString& name, QWidget* parent = nullptr);

  const SweepField& field() const { return field_; }
  // As the sweep file has it; the values as they are, whatever they are.
  void setAxis(const QJsonObject& axis);
  QJsonObject axis() const;
  QString complaint() const;             // what is wrong with it; "" if nothing
  void setDrawingAllowed(bool allowed);  // a grid draws nothing

 signals:
  void changed();
  void removed();

 private:
  enum Mode { kTicked, kTyped, kStepped, kDrawn };
  Mode mode() const;
  QJsonArray values() const;
  void addMode(Mode mode, const QString& words, QWidget* editor);
  QWidget* makeSteps(bool is_drawn);
  void refresh();  // the preview, and whoever listens

  SweepField field_;
  QComboBox* mode_;
  QStackedWidget* editors_;
  QListWidget* ticks_ = nullptr;
  QLineEdit* typed_ = nullptr;
  struct Range {
    QLineEdit *from = nullptr, *to = nullptr;
    QSpinBox* count = nullptr;
    QCheckBox* log = nullptr;
  };
  Range steps_, drawn_;
  QLabel* preview_;
};

}  // namespace concertina::ui
