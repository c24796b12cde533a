// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// command_palette.h: Ctrl+K: a line to type in, and under it the commands and runs that the letters name.
#pragma once

#include <QFrame>
#include <QVector>

class QAction;
class QLineEdit;
class QListWidget;

namespace concertina::ui {

struct PaletteRun {
  QString run, name, state;
};

class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  explicit CommandPalette(QWidget* window);
  void open(const QVector<QAction*>& actions,
            const QVector<PaletteRun>& runs);  // over the upper middle of the window

 signals:
  void runChosen(const QString& run);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Entry {
    QString text, note;
    QAction* action = nullptr;  // null: a run
    QString run;
  };
  void filter();
  void choose();

  QLineEdit* line_;
  QListWidget* list_;
  QVector<Entry> entries_;
};

}  // namespace concertina::ui
