// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_knobs.h: what may be turned while the run goes on: a field for each live parameter of its
// experiment. On the way of the data: client/live_knobs.h -> here -> EngineClient::setKnob.
#pragma once

#include <QMap>
#include <QWidget>

#include "ui/client/live_knobs.h"

class QLabel;
class QLineEdit;
class QScrollArea;

namespace concertina::ui {

// The JSON of what a person wrote, or "" and why not.
QString knobJson(const LiveKnob& knob, const QString& text, QString& fault);
QString knobText(const LiveKnob& knob);  // its value as a person writes it

class MonitorKnobs : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorKnobs(QWidget* parent = nullptr);
  // A field that a person is writing in keeps what was written.
  void setKnobs(const QVector<LiveKnob>& knobs);
  void setTurnable(bool turnable);
  // Into the first field whose pointer begins so; false if there is none.
  bool focusOn(const QString& pointer);
  bool has(const QString& pointer) const;  // a field whose pointer begins so
  void showAnswer(const QString& pointer, qint64 step, const QString& error);

 signals:
  void turned(const QString& pointer, const QString& json);

 private:
  struct Field {
    LiveKnob knob;
    QWidget* editor = nullptr;
    QLineEdit* line = nullptr;  // the editor, where it is one
    QLabel* answer = nullptr;
  };
  void rebuild(const QVector<LiveKnob>& knobs);
  QWidget* makeEditor(Field& field, QWidget* parent);
  void submit(const QString& pointer);

  QMap<QString, Field> fields_;
  QStringList order_;
  QLabel* note_;
  QScrollArea* scroll_;
  bool turnable_ = false;
};

}  // namespace concertina::ui
