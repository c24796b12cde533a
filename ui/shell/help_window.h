// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// help_window.h: the pages of resources/help, in a window beside the main one.
#pragma once

#include <QWidget>

class QListWidget;
class QTextBrowser;

namespace concertina::ui {

class HelpWindow : public QWidget {
  Q_OBJECT
 public:
  explicit HelpWindow(QWidget* parent = nullptr);  // a window of its own, even with a parent
  // By its file's name without ".md"; an unknown one shows the first.
  void showPage(const QString& name);

 private:
  void open(int row);

  QListWidget* index_;
  QTextBrowser* text_;
};

}  // namespace concertina::ui
