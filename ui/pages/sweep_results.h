// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_results.h: what has become of a sweep so far: a heat map of two of its fields, and its runs, the best
// first. On the way of the data: ui/client/sweep_model.h -> here -> ui/charts/heat_map.h.
#pragma once

#include <QHash>
#include <QVector>
#include <QWidget>

#include "ui/charts/heat_map.h"
#include "ui/client/sweep_model.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QSortFilterProxyModel;
class QTableView;

namespace concertina::ui {

// The cells of a sweep as a picture, with words for each.
HeatMapPicture heatMapOf(const SweepModel& model, const CellQuery& query, int metric);
// The two fields that say most at first: not the seed, and along x one of numbers if there is any. -1: none.
struct FirstAxes {
  int x = -1, y = -1;
};
FirstAxes firstAxes(const std::vector<VariedField>& fields);

class SweepResults : public QWidget {
  Q_OBJECT
 public:
  explicit SweepResults(SweepModel& model, QWidget* parent = nullptr);

  void setMetric(const QString& key);
  int metric() const;
  CellQuery query() const;
  // Those that are chosen in the table, in its order; all that have begun where fewer than two are.
  QVector<proto::RunSummary> runsToCompare() const;
  HeatMap& map() { return *map_; }

 signals:
  void opened(const QString& run);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* makeMap();
  QWidget* makeControls();
  void offerFields();
  void offerFilters();
  void draw();
  void sort();
  void fit();
  void choose(int cell);
  void readOut(int cell);
  void save(const QString& suffix);

  SweepModel& model_;
  QSortFilterProxyModel* sorted_;
  HeatMap* map_;
  QComboBox *x_, *y_, *metric_;
  QHBoxLayout* filters_ = nullptr;
  QHash<int, QComboBox*> filter_of_;  // by field
  QStringList offered_;               // pointers and labels, as the combo boxes have them
  QLabel *read_out_, *message_;
  QTableView* table_;
};

}  // namespace concertina::ui
