// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// flow_layout.cc: see flow_layout.h.
#include "ui/charts/flow_layout.h"

#include <algorithm>

namespace concertina::ui {

QSize FlowLayout::sizeHint() const {
  QSize size;
  for (const QLayoutItem* item : items_) {
    const QSize hint = item->sizeHint();
    size = {size.width() + hint.width() + (size.isEmpty() ? 0 : spacing()),
            std::max(size.height(), hint.height())};
  }
  return size;
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const QLayoutItem* item : items_) size = size.expandedTo(item->minimumSize());
  return size;
}

int FlowLayout::arrange(const QRect& rect, bool place) const {
  int top = rect.top();
  for (qsizetype first = 0; first < items_.size();) {
    // As many as fit, at least one.
    int width = items_[first]->sizeHint().width(), height = items_[first]->sizeHint().height();
    qsizetype last = first + 1;
    for (; last < items_.size(); ++last) {
      const QSize hint = items_[last]->sizeHint();
      if (width + spacing() + hint.width() > rect.width()) break;
      width += spacing() + hint.width();
      height = std::max(height, hint.height());
    }
    int left = alignment_ == Qt::AlignRight ? std::max(rect.left(), rect.right() + 1 - width) : rect.left();
    for (qsizetype i = first; i < last; ++i) {
      const QSize hint = items_[i]->sizeHint();
      if (place) items_[i]->setGeometry(QRect(QPoint(left, top + (height - hint.height()) / 2), hint));
      left += hint.width() + spacing();
    }
    top += height + (last < items_.size() ? spacing() / 2 : 0);
    first = last;
  }
  return top - rect.top();
}

}  // namespace concertina::ui
