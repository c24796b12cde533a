// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// filter_chips.h: each part of a filter that is in force as a chip, which a click, Return or Delete takes
// away; the arrow keys go from chip to chip. Hidden while there is none.
// On the way of the data: client/run_filter.h -> here -> pages/runs_page.h.
#pragma once

#include <QStringList>
#include <QWidget>

class QLayout;
class QToolButton;

namespace concertina::ui {

class FilterChips : public QWidget {
  Q_OBJECT
 public:
  // Chips are called NAME.0, NAME.1 and so on.
  explicit FilterChips(const QString& name, QWidget* parent = nullptr);

  // The keyboard stays: on the chip that took the place of the one that went, or on `otherwise`.
  void setChips(const QStringList& texts);
  const QStringList& chips() const { return texts_; }
  void setFocusOtherwise(QWidget* otherwise) { otherwise_ = otherwise; }

 signals:
  void removed(int chip);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;  // of the chips

 private:
  QToolButton* makeChip(int chip);
  void step(QObject* from, int by);

  QStringList texts_;
  QVector<QToolButton*> chips_;
  QLayout* layout_;
  QWidget* otherwise_ = nullptr;
};

}  // namespace concertina::ui
