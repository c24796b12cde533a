// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// flow_layout.h: widgets in lines, against the left or the right end, each in the middle of its line's height;
// what does not fit goes to the next line. On the way of the data: charts/chart_card.h puts legends into it.
#pragma once

#include <QLayout>
#include <QVector>

namespace concertina::ui {

class FlowLayout : public QLayout {
 public:
  FlowLayout(QWidget* parent, int spacing, Qt::Alignment alignment = Qt::AlignLeft)
      : QLayout(parent), alignment_(alignment) {
    setContentsMargins(0, 0, 0, 0);
    setSpacing(spacing);
  }
  ~FlowLayout() override { qDeleteAll(items_); }

  void addItem(QLayoutItem* item) override { items_.push_back(item); }
  int count() const override { return int(items_.size()); }
  QLayoutItem* itemAt(int index) const override { return items_.value(index); }
  QLayoutItem* takeAt(int index) override {
    return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
  }
  Qt::Orientations expandingDirections() const override { return {}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
  QSize sizeHint() const override;
  QSize minimumSize() const override;
  void setGeometry(const QRect& rect) override {
    QLayout::setGeometry(rect);
    arrange(rect, true);
  }

 private:
  int arrange(const QRect& rect, bool place) const;  // the height it takes

  const Qt::Alignment alignment_;
  QVector<QLayoutItem*> items_;
};

}  // namespace concertina::ui
