// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_layers_pane.cc: tabs, table, graph and its controls (see design_layers_pane.h).
#include "ui/pages/design_layers_pane.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTabBar>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_model_graph.h"
#include "ui/pages/picture_button.h"
#include "ui/pages/table_copy.h"

namespace concertina::ui {
namespace {

constexpr int kGraphUnits = 56;  // the most that is seen of a graph at once; the rest is scrolled to

}  // namespace

DesignLayersPane::DesignLayersPane(QWidget* parent) : QWidget(parent) {
  auto* box = new QVBoxLayout(this);
  setRhythm(box, this, 0, 0, 0, 0, 1);
  tabs_ = new QTabBar(this);
  tabs_->setObjectName(QStringLiteral("designPage.layerTabs"));
  tabs_->setAccessibleName(tr("Layers as a table or a graph"));
  tabs_->setDrawBase(false);
  tabs_->addTab(tr("Table"));
  tabs_->addTab(tr("Graph"));
  box->addWidget(tabs_);
  makeTable();
  box->addWidget(table_);
  graph_page_ = makeGraph();
  box->addWidget(graph_page_);
  graph_page_->hide();
  // Not a stack: the plan is as long as what is seen of it.
  connect(tabs_, &QTabBar::currentChanged, this, [this](int tab) {
    table_->setVisible(tab == 0);
    graph_page_->setVisible(tab == 1);
  });
}

void DesignLayersPane::makeTable() {
  table_ = new QTableWidget(0, 4, this);
  table_->setObjectName(QStringLiteral("designPage.layers"));
  table_->setAccessibleName(tr("Layers"));
  table_->setHorizontalHeaderLabels({tr("Layer"), tr("Output"), tr("Parameters"), tr("Forward")});
  table_->setFont(scaledFont(font(), 0.92));
  table_->horizontalHeader()->setFont(table_->font());
  table_->verticalHeader()->hide();
  table_->setShowGrid(false);
  table_->setFrameShape(QFrame::NoFrame);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  addCopyAction(table_);
  table_->setTabKeyNavigation(false);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setStretchLastSection(true);
  for (const int column : {2, 3})
    table_->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  for (const int column : {0, 1})
    table_->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->verticalHeader()->setDefaultSectionSize(3 * rhythmUnit(this));
  connect(table_, &QTableWidget::itemSelectionChanged, this, [this] {
    const QModelIndexList rows = table_->selectionModel()->selectedRows();
    int first = -1;
    for (const QModelIndex& row : rows)
      if (first < 0 || row.row() < first) first = row.row();
    graph_->chooseLayer(first);
  });
}

QWidget* DesignLayersPane::makeGraph() {
  auto* page = new QWidget(this);
  auto* box = new QVBoxLayout(page);
  setRhythm(box, this, 0, 0, 0, 0, 1);
  graph_ = new DesignModelGraph;
  graph_->setObjectName(QStringLiteral("designPage.modelGraph"));

  auto* row = new QHBoxLayout;
  row->setSpacing(rhythmUnit(this));
  auto* colors = new QComboBox(page);
  colors->setObjectName(QStringLiteral("designPage.graphColors"));
  colors->setAccessibleName(tr("What the colours of the graph mean"));
  colors->addItem(tr("Colours by kind"));
  colors->addItem(tr("Share of parameters"));
  colors->addItem(tr("Share of FLOPs"));
  connect(colors, &QComboBox::currentIndexChanged, graph_,
          [this](int index) { graph_->setColors(DesignModelGraph::Colors(index)); });
  row->addWidget(colors);
  folds_ = new QCheckBox(tr("Fold blocks"), page);
  folds_->setObjectName(QStringLiteral("designPage.graphFolds"));
  folds_->setToolTip(tr("Each block of layers is one box; Enter or a double click opens it"));
  connect(folds_, &QCheckBox::clicked, graph_, &DesignModelGraph::setAllFolded);
  row->addWidget(folds_);
  row->addStretch(1);
  for (const bool larger : {false, true}) {
    auto* button = new QToolButton(page);
    button->setObjectName(larger ? QStringLiteral("designPage.graphLarger")
                                 : QStringLiteral("designPage.graphSmaller"));
    button->setText(larger ? QStringLiteral("+") : QStringLiteral("−"));
    button->setAccessibleName(larger ? tr("Enlarge the graph") : tr("Shrink the graph"));
    button->setToolTip(larger ? tr("Enlarge (+, or Ctrl and the wheel)")
                              : tr("Shrink (-, or Ctrl and the wheel)"));
    button->setAutoRaise(true);
    connect(button, &QToolButton::clicked, graph_,
            [this, larger] { graph_->setZoom(graph_->zoom() * (larger ? 1.25 : 0.8)); });
    row->addWidget(button);
  }
  row->addWidget(
      makePictureButton(QStringLiteral("designPage.modelGraphMenu"),
                        {.title = tr("Model"),
                         .widget = graph_,
                         .numbers = [this] { return graph_->numbers(); },
                         .tell = [this](const QString& message, bool) { caption_->setText(message); }},
                        page));
  box->addLayout(row);

  scroll_ = new QScrollArea(page);
  scroll_->setObjectName(QStringLiteral("designPage.graphScroll"));
  scroll_->setAccessibleName(tr("Graph of the model"));
  scroll_->setFocusPolicy(Qt::NoFocus);  // the graph itself takes the keys
  scroll_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  scroll_->setWidget(graph_);
  box->addWidget(scroll_);
  caption_ = new QLabel(page);
  caption_->setObjectName(QStringLiteral("designPage.graphCaption"));
  caption_->setTextFormat(Qt::PlainText);
  caption_->setWordWrap(true);
  caption_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  // Three lines at least: what is below must not move from box to box.
  caption_->setMinimumHeight(3 * QFontMetrics(font()).lineSpacing());
  setTone(caption_, "quiet");
  box->addWidget(caption_);
  connect(graph_, &DesignModelGraph::captionChanged, caption_, &QLabel::setText);
  connect(graph_, &DesignModelGraph::layersChosen, this, &DesignLayersPane::showRows);
  connect(graph_, &DesignModelGraph::foldingChanged, this, [this] {
    folds_->setVisible(graph_->hasBlocks());
    folds_->setChecked(graph_->isAllFolded());
    fitGraph();
  });
  connect(graph_, &DesignModelGraph::boxNeedsSight, this, [this](const QRect& place) {
    const QPoint middle = place.center();
    scroll_->ensureVisible(middle.x(), middle.y(), place.width() / 2, place.height() / 2);
  });
  return page;
}

void DesignLayersPane::fitGraph() {
  const int frame = 2 * scroll_->frameWidth() + scroll_->horizontalScrollBar()->sizeHint().height();
  scroll_->setFixedHeight(std::min(graph_->sizeHint().height(), kGraphUnits * rhythmUnit(this)) + frame);
}

// What the graph chose; the table does not tell it back.
void DesignLayersPane::showRows(const QVector<int>& rows) {
  const QSignalBlocker quiet(table_);
  table_->clearSelection();
  for (const int row : rows)
    if (row < table_->rowCount())
      table_->selectionModel()->select(table_->model()->index(row, 0),
                                       QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void DesignLayersPane::showPlan(const QJsonObject& plan, const QVector<PlanLayer>& layers) {
  const QSignalBlocker quiet(table_);
  table_->setRowCount(static_cast<int>(layers.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const PlanLayer& layer = layers[row];
    const QStringList texts = {layer.name, layer.output, layer.parameters, layer.flops};
    for (int column = 0; column < texts.size(); ++column) {
      auto* item = new QTableWidgetItem(texts[column]);
      item->setTextAlignment((column >= 2 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
      if (column == 0) item->setToolTip(layer.kind);
      table_->setItem(row, column, item);
    }
  }
  int height = table_->horizontalHeader()->sizeHint().height();
  for (int row = 0; row < table_->rowCount(); ++row) height += table_->rowHeight(row);
  table_->setFixedHeight(height + 2);
  graph_->setPlan(plan);
  caption_->setText(graph_->caption());
}

}  // namespace concertina::ui
