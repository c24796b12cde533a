// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_papers.h: published tables as cards of the gallery: what each claims, a button that runs it, and
// what was measured beside what was published. On the way of the data: ui/client/paper_desk.h -> here.
#pragma once

#include <QFrame>
#include <QVector>

#include "ui/client/paper_desk.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace concertina::ui {

// A paper's own words in the language of the program, as they are in the file where nobody has translated
// them (context "Paper" of resources/translations/descriptors_*.ts). Citations and names of runs are not
// among them.
QString paperText(const std::string& text);
QStringList paperTexts(const Paper& paper);  // all that go through it, in English
// Numbers in the person's own digits; "–" for what was not measured, "never" for what was not reached.
QString paperValueText(double value, PaperUnit unit);
QString paperPublishedText(const PaperMeasure& measure);
QString paperBandText(const PaperBand& band, PaperUnit unit);
// "2 of 4 runs, 37 %": what the state says in a line; "" where none of its runs is there.
QString paperProgressText(const PaperState& state, size_t runs, bool quick);

class PaperCard : public QFrame {
  Q_OBJECT
 public:
  PaperCard(PaperDesk& desk, size_t paper, QWidget* parent);

 private:
  struct Row {
    QLabel *measured, *band, *verdict, *reason;
  };
  void makeTable(QVBoxLayout* column);
  void showState();
  void sayFailed(const QString& why);

  PaperDesk& desk_;
  const size_t paper_;
  QVector<Row> rows_;
  QLabel *verdict_, *difference_, *progress_text_, *failure_;
  QProgressBar* progress_;
  QPushButton *run_, *quick_ = nullptr, *stop_;
};

// All papers, one under the other, with a heading.
class DesignPapers : public QWidget {
  Q_OBJECT
 public:
  explicit DesignPapers(PaperDesk& desk, QWidget* parent = nullptr);
};

}  // namespace concertina::ui
