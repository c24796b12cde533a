// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_model_graph.h: the operators of the model as boxes and arrows, drawn from the plan alone. Blocks of
// a large model are folded; Enter or a double click opens one, and folds it again. The arrow keys go along
// the arrows, and beside each other within a rank; plus, minus and 0 (or Ctrl and the wheel) zoom.
// On the way of the data: `plan --json` -> design_graph_layout.h -> here.
#pragma once

#include <QJsonObject>
#include <QSet>
#include <QWidget>

#include "core/analysis/table_text.h"
#include "ui/pages/design_graph_layout.h"

namespace concertina::ui {

class DesignModelGraph : public QWidget {
  Q_OBJECT
 public:
  enum class Colors { kKind, kParameters, kFlops };  // what the boxes are coloured by
  static constexpr double kLeastZoom = 0.25, kMostZoom = 3;

  explicit DesignModelGraph(QWidget* parent = nullptr);

  void setPlan(const QJsonObject& plan);  // of another model: its blocks are folded if it is large
  void setColors(Colors colors);
  void setAllFolded(bool folded);
  bool hasBlocks() const { return !blocks_.isEmpty(); }
  bool isAllFolded() const { return !blocks_.isEmpty() && folded_ == blocks_; }
  void setZoom(double zoom);  // within the two above
  double zoom() const { return zoom_; }
  const GraphLayout& layoutShown() const { return layout_; }  // at zoom 1
  int chosenBox() const { return chosen_; }                   // -1: none
  void chooseLayer(int layer);  // its box, or that of its block; -1: none. Is not told
  QString caption() const;      // of the chosen box, or of the whole
  TextTable numbers() const;

  QSize sizeHint() const override;

 signals:
  void layersChosen(const QVector<int>& layers);  // by a person
  void captionChanged(const QString& text);
  void foldingChanged();
  void boxNeedsSight(const QRect& place);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void layOut();
  void choose(int box, bool is_told);
  void toggle(int box);
  void tellCaption();
  QString boxSentence(int box) const;
  QString figureText(const GraphBox& box) const;
  QColor fillOf(const GraphBox& box) const;
  double shareOf(const GraphBox& box) const;  // of the whole model, by what is coloured
  int nextBox(int key) const;
  void paintArrow(QPainter& painter, const GraphArrow& arrow, bool is_chosen) const;
  void paintBox(QPainter& painter, int box) const;

  QVector<ModelLayer> layers_;
  QString sample_;
  QSet<QString> blocks_, folded_;
  GraphLayout layout_;
  Colors colors_ = Colors::kKind;
  double zoom_ = 1;
  int chosen_ = -1;
  QString told_;
};

}  // namespace concertina::ui
