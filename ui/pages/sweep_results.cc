// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_results.cc: see sweep_results.h.
#include "ui/pages/sweep_results.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/picture_export.h"
#include "ui/client/field_name.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

QString headingOf(const VariedField& field) { return fieldName(QString::fromStdString(field.name)); }

QStringList labelsOf(const VariedField& field) {
  QStringList labels;
  for (const std::string& label : field.labels) labels << QString::fromStdString(label);
  return labels;
}

QString metricText(const SweepMetric& metric, double value) {
  if (!std::isfinite(value)) return notMeasured();
  return metric.unit.isEmpty() ? formatNumber(value, 4) : formatValue(value, metric.unit);
}

}  // namespace

HeatMapPicture heatMapOf(const SweepModel& model, const CellQuery& query, int metric_index) {
  const std::vector<VariedField>& fields = model.fields();
  const SweepMetric& metric = sweepMetrics().at(metric_index);
  HeatMapPicture picture;
  picture.value_title = metric.title;
  picture.unit = metric.unit;
  picture.more_is_better = metric.more_is_better;
  if (query.x < 0) return picture;
  const VariedField& x = fields[static_cast<size_t>(query.x)];
  const VariedField* y = query.y < 0 ? nullptr : &fields[static_cast<size_t>(query.y)];
  picture.x_title = headingOf(x);
  picture.x_labels = labelsOf(x);
  picture.x_numbers = QVector<double>(x.numbers.begin(), x.numbers.end());
  if (y != nullptr) {
    picture.y_title = headingOf(*y);
    picture.y_labels = labelsOf(*y);
  }
  picture.title =
      y == nullptr ? SweepResults::tr("%1 by %2").arg(metric.title, picture.x_title)
                   : SweepResults::tr("%1 by %2 and %3").arg(metric.title, picture.x_title, picture.y_title);
  const SweepCells cells = model.cells(query, metric_index);
  for (size_t i = 0; i < cells.cells.size(); ++i) {
    const SweepCell& cell = cells.cells[i];
    QStringList lines{
        SweepResults::tr("%1: %2").arg(picture.x_title, picture.x_labels[int(i % cells.columns)])};
    if (y != nullptr)
      lines << SweepResults::tr("%1: %2").arg(picture.y_title, picture.y_labels[int(i / cells.columns)]);
    lines << (cell.measured > 1
                  ? SweepResults::tr("%1: %2, the mean of %3; %4 to %5")
                        .arg(metric.title, metricText(metric, cell.mean))
                        .arg(cell.measured)
                        .arg(metricText(metric, cell.least), metricText(metric, cell.largest))
                  : SweepResults::tr("%1: %2").arg(metric.title, metricText(metric, cell.mean)));
    lines << (cell.runs.size() > 1 ? SweepResults::tr("%1, %n run(s)", nullptr, int(cell.runs.size()))
                                         .arg(cellStateName(cell.state))
                                   : cellStateName(cell.state));
    picture.cells.push_back({.value = cell.mean,
                             .least = cell.least,
                             .largest = cell.largest,
                             .state = cell.state,
                             .detail = lines.join(QLatin1Char('\n'))});
  }
  return picture;
}

FirstAxes firstAxes(const std::vector<VariedField>& fields) {
  QVector<int> order;
  for (int field = 0; field < int(fields.size()); ++field) order << field;
  const auto weight = [&](int field) {
    const VariedField& at = fields[static_cast<size_t>(field)];
    return at.pointer == "/seed" ? 2 : at.pointer == "/training/epochs" ? 1 : 0;
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return weight(a) < weight(b); });
  FirstAxes axes{order.value(0, -1), order.value(1, -1)};
  // A seed beside another field is averaged, unless a person wants to see it.
  if (axes.y >= 0 && weight(axes.y) == 2) axes.y = -1;
  const auto are_numbers = [&](int field) {
    return field >= 0 && !fields[static_cast<size_t>(field)].numbers.empty();
  };
  if (axes.y >= 0 && !are_numbers(axes.x) && are_numbers(axes.y)) std::swap(axes.x, axes.y);
  return axes;
}

SweepResults::SweepResults(SweepModel& model, QWidget* parent)
    : QWidget(parent),
      model_(model),
      sorted_(new QSortFilterProxyModel(this)),
      map_(new HeatMap(this)),
      x_(new QComboBox(this)),
      y_(new QComboBox(this)),
      metric_(new QComboBox(this)),
      read_out_(new QLabel(this)),
      message_(new QLabel(this)) {
  sorted_->setSourceModel(&model_);
  sorted_->setSortRole(SweepModel::kSortRole);
  table_ = makeTable(QStringLiteral("sweepPage.table"), sorted_, 3.25, this);
  table_->setAccessibleName(tr("Runs of the sweep"));
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setSortingEnabled(true);
  map_->setObjectName(QStringLiteral("sweepPage.map"));
  map_->setEmptyText(tr("Nothing is varied in these runs."));
  read_out_->setObjectName(QStringLiteral("sweepPage.readOut"));
  read_out_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTone(read_out_, "quiet");
  message_->setObjectName(QStringLiteral("sweepPage.resultsMessage"));
  message_->setWordWrap(true);
  message_->hide();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(rhythmUnit(this) * 3 / 2);
  layout->addWidget(makeMap(), 4);
  layout->addWidget(inCard(table_, this), 3);
  layout->addWidget(message_);

  connect(table_, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
    const int row = sorted_->mapToSource(index).row();
    emit opened(QString::fromStdString(model_.runs()[static_cast<size_t>(row)].run()));
  });
  connect(&model_, &SweepModel::fieldsChanged, this, &SweepResults::offerFields);
  connect(&model_, &SweepModel::figuresChanged, this, [this] {
    if (isVisible()) draw();
  });
  connect(map_, &HeatMap::hovered, this, &SweepResults::readOut);
  connect(map_, &HeatMap::cellChosen, this, &SweepResults::choose);
  connect(map_, &HeatMap::cellOpened, this, [this](int cell) {
    const SweepCells cells = model_.cells(query(), metric());
    if (const auto& runs = cells.cells.at(static_cast<size_t>(cell)).runs; !runs.empty())
      emit opened(QString::fromStdString(model_.runs()[runs.back()].run()));
  });
  offerFields();
}

QWidget* SweepResults::makeControls() {
  auto* box = new QWidget(this);
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  const auto add = [&](const QString& words, QComboBox* combo, const char* name) {
    combo->setObjectName(QStringLiteral("sweepPage.") + QLatin1String(name));
    combo->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto* label = new QLabel(words, box);
    label->setBuddy(combo);
    row->addWidget(label);
    row->addWidget(combo);
  };
  add(tr("Co&lour"), metric_, "metric");
  add(tr("&Across"), x_, "x");
  add(tr("&Up"), y_, "y");
  filters_ = new QHBoxLayout;
  filters_->setSpacing(rhythmUnit(this));
  row->addLayout(filters_);
  row->addStretch(1);
  for (const SweepMetric& metric : sweepMetrics()) metric_->addItem(metric.title, QLatin1String(metric.key));
  auto* more = new QToolButton(box);
  more->setObjectName(QStringLiteral("sweepPage.save"));
  more->setText(tr("Save…"));
  more->setAccessibleName(tr("Save the picture or its numbers"));
  more->setPopupMode(QToolButton::InstantPopup);
  more->setAutoRaise(true);
  auto* menu = new QMenu(more);
  for (const auto& [text, suffix] :
       std::initializer_list<std::pair<QString, const char*>>{{tr("Picture (PNG)…"), "png"},
                                                              {tr("Picture (SVG)…"), "svg"},
                                                              {tr("Picture (PDF)…"), "pdf"},
                                                              {tr("Numbers (CSV)…"), "csv"}}) {
    QAction* action =
        menu->addAction(text, this, [this, suffix = QString::fromLatin1(suffix)] { save(suffix); });
    action->setObjectName(QStringLiteral("sweepPage.save.") + QLatin1String(suffix));
  }
  more->setMenu(menu);
  row->addWidget(more);
  connect(metric_, &QComboBox::currentIndexChanged, this, [this] {
    sort();
    draw();
  });
  for (QComboBox* combo : {x_, y_})
    connect(combo, &QComboBox::currentIndexChanged, this, [this] {
      offerFilters();
      draw();
    });
  return box;
}

QWidget* SweepResults::makeMap() {
  auto* card = new QFrame(this);
  card->setProperty("card", true);
  auto* column = new QVBoxLayout(card);
  setRhythm(column, this, 1.5, 1, 1.5, 1, 0.75);
  column->addWidget(makeControls());
  column->addWidget(map_, 1);
  column->addWidget(read_out_);
  return card;
}

void SweepResults::setMetric(const QString& key) {
  if (const int index = sweepMetricIndex(key); index >= 0) metric_->setCurrentIndex(index);
}

int SweepResults::metric() const { return std::max(0, metric_->currentIndex()); }

CellQuery SweepResults::query() const {
  CellQuery query{.x = x_->currentIndex() < 0 ? -1 : x_->currentData().toInt(),
                  .y = y_->currentIndex() < 0 ? -1 : y_->currentData().toInt(),
                  .only_of = std::vector<int>(model_.fields().size(), -1)};
  if (query.x == query.y) query.y = -1;
  for (auto filter = filter_of_.cbegin(); filter != filter_of_.cend(); ++filter)
    if (filter.key() < int(query.only_of.size()))
      query.only_of[static_cast<size_t>(filter.key())] = (*filter)->currentIndex() - 1;  // 0 is all
  return query;
}

// What a person chose stays, unless the sweep is another.
void SweepResults::offerFields() {
  QStringList offer;
  for (const VariedField& field : model_.fields())
    offer << QString::fromStdString(field.pointer) + QLatin1Char('\n') +
                 labelsOf(field).join(QLatin1Char('\n'));
  fit();
  sort();
  if (offer == offered_) return draw();
  const QString old_x = x_->currentText(), old_y = y_->currentText();
  offered_ = offer;
  {
    const QSignalBlocker quiet_x(x_), quiet_y(y_);
    x_->clear();
    y_->clear();
    y_->addItem(tr("nothing"), -1);
    for (int field = 0; field < int(model_.fields().size()); ++field)
      for (QComboBox* combo : {x_, y_})
        combo->addItem(headingOf(model_.fields()[static_cast<size_t>(field)]), field);
    const FirstAxes first = firstAxes(model_.fields());
    const bool are_old =
        x_->findText(old_x) >= 0 && y_->findText(old_y) >= 0 && !old_y.isEmpty() && y_->findText(old_y) > 0;
    x_->setCurrentIndex(are_old ? x_->findText(old_x) : x_->findData(first.x));
    y_->setCurrentIndex(are_old ? y_->findText(old_y) : y_->findData(first.y));
  }
  offerFilters();
  draw();
}

// One for each field that is no axis: all of its values, averaged, or one.
void SweepResults::offerFilters() {
  while (QLayoutItem* item = filters_->takeAt(0)) {
    if (item->widget() != nullptr) item->widget()->deleteLater();
    delete item;
  }
  filter_of_.clear();
  const CellQuery axes = query();
  for (int field = 0; field < int(model_.fields().size()); ++field) {
    if (field == axes.x || field == axes.y) continue;
    const VariedField& at = model_.fields()[static_cast<size_t>(field)];
    auto* combo = new QComboBox(this);
    combo->setObjectName(QStringLiteral("sweepPage.filter.") + QString::fromStdString(at.name));
    combo->setAccessibleName(tr("%1 of the runs that count").arg(headingOf(at)));
    combo->addItem(tr("all, averaged"));
    combo->addItems(labelsOf(at));
    auto* label = new QLabel(headingOf(at), this);
    label->setBuddy(combo);
    filters_->addWidget(label);
    filters_->addWidget(combo);
    filter_of_[field] = combo;
    connect(combo, &QComboBox::currentIndexChanged, this, &SweepResults::draw);
  }
}

void SweepResults::draw() {
  map_->setPicture(heatMapOf(model_, query(), metric()));
  readOut(map_->chosen());
}

void SweepResults::readOut(int cell) {
  if (cell < 0) cell = map_->chosen();
  read_out_->setText(
      cell < 0 || cell >= map_->picture().cells.size()
          ? tr("Point at a cell to read it; a click chooses its runs below, a double click opens the "
               "newest.")
          : QString(map_->picture().cells[cell].detail).replace(QLatin1Char('\n'), QLatin1String(" · ")));
}

void SweepResults::choose(int cell) {
  const SweepCells cells = model_.cells(query(), metric());
  table_->clearSelection();
  QItemSelection selection;
  for (const size_t run : cells.cells.at(static_cast<size_t>(cell)).runs) {
    const QModelIndex row = sorted_->mapFromSource(model_.index(int(run), 0));
    selection.select(row, row);
    table_->scrollTo(row);
  }
  table_->selectionModel()->select(selection,
                                   QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  readOut(cell);
}

void SweepResults::sort() {
  const bool more = sweepMetrics().at(metric()).more_is_better;
  table_->sortByColumn(model_.metricColumn(metric()), more ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void SweepResults::fit() {
  QHeaderView* header = table_->horizontalHeader();
  header->setStretchLastSection(false);
  table_->resizeColumnsToContents();
  for (int column = 0; column < model_.columnCount(); ++column)
    header->resizeSection(column, std::max(header->sectionSize(column), charactersWide(this, 13)));
}

QVector<proto::RunSummary> SweepResults::runsToCompare() const {
  QVector<proto::RunSummary> chosen, all;
  for (int row = 0; row < sorted_->rowCount(); ++row) {
    const proto::RunSummary& run =
        model_.runs()[static_cast<size_t>(sorted_->mapToSource(sorted_->index(row, 0)).row())];
    if (run.steps() > 0) all << run;
    if (table_->selectionModel()->isRowSelected(row)) chosen << run;
  }
  return chosen.size() > 1 ? chosen : all;
}

void SweepResults::save(const QString& suffix) {
  const HeatMapPicture& picture = map_->picture();
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save"),
                                         .start = QStringLiteral("%1.%2").arg(model_.group(), suffix),
                                         .filter = QStringLiteral("*.") + suffix,
                                         .suffix = suffix});
  if (path.isEmpty()) return;
  const PictureSource source{.title = picture.title,
                             .size = map_->size(),
                             .ground = palette().color(QPalette::Base),
                             .paint = [this](QPainter& painter) { map_->paintTo(painter, map_->size()); }};
  const QString problem = suffix == QLatin1String("png")   ? savePicturePng(source, path)
                          : suffix == QLatin1String("svg") ? savePictureSvg(source, path)
                          : suffix == QLatin1String("pdf") ? savePicturePdf(source, path)
                                                           : saveFile(path, heatMapCsv(picture).toUtf8());
  message_->setText(problem.isEmpty() ? tr("Written: %1").arg(path) : problem);
  setTone(message_, problem.isEmpty() ? "quiet" : "error");
  message_->show();
}

void SweepResults::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  draw();
}

}  // namespace concertina::ui
