// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_document.h: the experiment on the Design page, with undo. The forms and the JSON editor both show
// it, and neither holds a truth of its own. On the way of the data: ui/forms edits -> here ->
// ui/pages/design_checker.h -> the engine.
#pragma once

#include <QObject>
#include <QUndoStack>

#include "ui/forms/spec_document.h"

namespace concertina::ui {

class DesignDocument : public QObject {
  Q_OBJECT
 public:
  explicit DesignDocument(QObject* parent = nullptr);

  const SpecDocument& spec() const { return spec_; }
  QUndoStack& undoStack() { return undo_; }

  void open(const SpecDocument& spec);  // another experiment: nothing to undo
  // One edit of a form. Typing in one field within two seconds is one step of undo. Where the workers filled
  // the mesh before, its data axis follows their number.
  void edit(const QString& pointer, const QJsonValue& value);
  void replace(const SpecDocument& spec, const QString& what);  // an edit of the whole, as one step

 signals:
  void changed();

 private:
  friend class SpecChange;
  void show(const SpecDocument& spec);

  SpecDocument spec_;
  QUndoStack undo_;
};

// All workers of all groups, and the size of the mesh; -1 where the document does not say.
qint64 workersOf(const SpecDocument& spec);
qint64 meshSizeOf(const SpecDocument& spec);

}  // namespace concertina::ui
