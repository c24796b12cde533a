// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_search.h: a box that finds charts and series by a regular expression. While one is no expression it
// says what is wrong with it, and what was found last stays found.
// On the way of the data: the keyboard -> here -> pages/monitor_charts.h, pages/compare_curves.h.
#pragma once

#include <QLineEdit>
#include <QRegularExpression>
#include <QStringList>

class QLabel;

namespace concertina::ui {

class SeriesSearch : public QLineEdit {
  Q_OBJECT
 public:
  // `page` begins the names of the box and of its fault: "monitorPage.seriesSearch".
  explicit SeriesSearch(const QString& page, QWidget* parent = nullptr);

  // Any of `texts`, whatever its case. Everything is found by an empty box.
  bool finds(const QStringList& texts) const;
  bool isOn() const { return !found_by_.isEmpty(); }
  const QString& foundBy() const { return found_by_; }  // the last that could be read
  const QString& fault() const { return fault_; }       // "": the text can be read
  QLabel* faultLabel() const { return fault_label_; }   // to be placed beneath; hidden while there is none
  void focusToWrite();

 signals:
  void changed();  // something else is found

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void read();
  void tell(const QString& fault);

  QRegularExpression expression_;
  QString found_by_, fault_;
  QLabel* fault_label_;
};

}  // namespace concertina::ui
