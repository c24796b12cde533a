// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_filter_model.h: the run table as it is shown: filtered, sorted, in groups with a heading each. What
// was not measured comes last, whichever way it is sorted. On the way of the data: client/run_table_model.h
// -> here -> pages/runs_page.h.
//
// QSortFilterProxyModel tells the view of each gap that a filter makes, which with 10,000 runs takes seconds.
// Here the new order is made whole, once for all that changed between two frames, and what differs from the
// old one is told: one insertion, one removal or one move where that is all (a run that has changed), another
// order where the rows are the same, else one removal and one insertion.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
#include <QVector>

#include "ui/client/run_filter.h"
#include "ui/client/run_table_model.h"

namespace concertina::ui {

// Mean and sample standard deviation of what was measured.
struct GroupFigures {
  int runs = 0, measured = 0;
  double mean = 0, deviation = 0;
};
GroupFigures figuresOf(const QVector<double>& values);

class RunsFilterModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Role { kGroupRole = RunTableModel::kPinnedRole + 1 };  // the key of a heading; absent for a run

  explicit RunsFilterModel(RunTableModel* runs, QObject* parent = nullptr);

  void setFilter(const RunFilter& filter);
  // A field or pointer as client/run_filter.h has them; "": no groups.
  void setGroup(const QString& field);
  QString group() const { return group_; }
  bool isCollapsed(const QString& key) const { return collapsed_.contains(key); }
  void setCollapsed(const QString& key, bool collapsed);

  int runCount() const { return shown_runs_; }  // that pass the filter, those in closed groups too
  bool isHeading(int row) const { return entries_[row].source < 0; }
  int sourceRow(int row) const { return entries_[row].source; }             // -1: a heading
  int rowOfSource(int source) const { return view_of_.value(source, -1); }  // -1: not shown
  QVector<int> sourceRowsOfGroup(const QString& key) const { return members_.value(key); }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  // By another column the second key goes; the other way round it stays.
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;
  // Runs that are alike by the first key stand by this one; -1: by none. The header says so.
  void thenSort(int column, Qt::SortOrder order);
  int thenColumn() const { return then_column_; }
  Qt::SortOrder thenOrder() const { return then_order_; }

 signals:
  void aboutToReplace();  // rows that stay will be told as removed and inserted: a selection has to be kept
  void reordered();       // rows came, went or moved

 private:
  struct Entry {
    int source;   // -1: a heading
    QString key;  // of the group
    bool operator==(const Entry& other) const { return source == other.source && key == other.key; }
  };
  struct Key {  // of a run: whether it is shown, and where
    struct Part {
      bool is_number = false, is_missing = false;
      double number = 0;
      QString text;
    };
    bool passes = false;
    Part first, second;
    QString group;
    qint64 created = 0;
  };
  Key::Part partOf(int source, int column) const;
  static bool isOther(const Key::Part& a, const Key::Part& b);
  static int compare(const Key::Part& a, const Key::Part& b, Qt::SortOrder order);  // below 0: a is before b
  Key keyOf(int source) const;
  bool isBefore(int left, int right) const;  // of source rows, by keys_
  void remakeKeys();
  void reorder();  // entries_ from keys_
  void apply(QVector<Entry> next);
  bool applyAsLayout(const QVector<Entry>& next, int first, int rows);  // false: it is not only another order
  void settleOn(const QVector<Entry>& next);
  void onChanged(int first, int last);
  void onInserted(int first, int last);
  void onRemoved(int first, int last);
  void onSettled();
  QVariant headingData(const Entry& entry, int column, int role) const;

  RunTableModel* runs_;
  RunFilter filter_;
  QString group_;
  QSet<QString> collapsed_;
  int sort_column_ = RunTableModel::kCreated;
  Qt::SortOrder sort_order_ = Qt::DescendingOrder;
  int then_column_ = -1;
  Qt::SortOrder then_order_ = Qt::AscendingOrder;

  QVector<Key> keys_;  // by source row
  QVector<Entry> entries_;
  QVector<int> view_of_;  // by source row, as far as any is shown
  QHash<QString, QVector<int>> members_;
  int shown_runs_ = 0;

  // Since the table settled last.
  bool is_other_order_ = false;
  QVector<int> touched_;  // source rows
  QSet<QString> touched_groups_;
};

}  // namespace concertina::ui
