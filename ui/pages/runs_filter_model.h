// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_filter_model.h: the run table, filtered and sorted. What was not measured comes last, whichever way it
// is sorted. On the way of the data: client/run_table_model.h -> here -> pages/runs_page.h.
#pragma once

#include <QSortFilterProxyModel>
#include <cmath>

#include "ui/client/run_filter.h"
#include "ui/client/run_table_model.h"

namespace concertina::ui {

class RunsFilterModel : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  explicit RunsFilterModel(RunTableModel* runs, QObject* parent = nullptr)
      : QSortFilterProxyModel(parent), runs_(runs) {
    setSourceModel(runs);
    setSortRole(RunTableModel::kSortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
  }
  void setFilter(const RunFilter& filter) {
    filter_ = filter;
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    return !parent.isValid() && filter_.matches(runs_->run(row), runs_->facts(row));
  }
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
    const QVariant a = left.data(RunTableModel::kSortRole), b = right.data(RunTableModel::kSortRole);
    if (a.typeId() == QMetaType::Double) {
      const double x = a.toDouble(), y = b.toDouble();
      if (std::isnan(x) || std::isnan(y)) {
        if (std::isnan(x) && std::isnan(y)) return newer(left, right);
        return std::isnan(y) == (sortOrder() == Qt::AscendingOrder);
      }
      if (x == y) return newer(left, right);
    } else if (a == b) {
      return newer(left, right);
    }
    return QSortFilterProxyModel::lessThan(left, right);
  }

 private:
  // Equals stay in one order, the newest first either way.
  bool newer(const QModelIndex& left, const QModelIndex& right) const {
    const auto created = [this](const QModelIndex& i) { return runs_->run(i.row()).created_unix_ms(); };
    return sortOrder() == Qt::AscendingOrder ? created(left) > created(right)
                                             : created(left) < created(right);
  }

  RunTableModel* runs_;
  RunFilter filter_;
};

}  // namespace concertina::ui
