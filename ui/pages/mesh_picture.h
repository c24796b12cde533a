// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture.h: the workers on their mesh and who sends what to whom in a step, drawn from the plan
// alone. Pointer or arrow keys choose a rank: its flows come forward, and its bytes and messages are told.
// On the way of the data: `plan --json` -> core/analysis/traffic_map.h -> mesh_layout.h -> here.
#pragma once

#include <QJsonObject>
#include <QWidget>

#include "core/analysis/traffic_map.h"
#include "ui/pages/mesh_layout.h"

namespace concertina::ui {

class MeshPicture : public QWidget {
  Q_OBJECT
 public:
  explicit MeshPicture(QWidget* parent = nullptr);

  void setPlan(const QJsonObject& plan);
  const TrafficMap& map() const { return map_; }
  const MeshLayout& layoutShown() const { return layout_; }
  int chosenRank() const { return chosen_; }  // -1: none
  QString caption() const;                    // of the chosen rank, or of the whole

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 signals:
  void captionChanged(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void layOut();
  void choose(int rank);
  void tellCaption();
  int legendHeight() const;
  void paintArrows(QPainter& painter, bool dark) const;
  void paintNodes(QPainter& painter) const;
  void paintLabels(QPainter& painter) const;
  void paintLegend(QPainter& painter, bool dark) const;

  TrafficMap map_;
  MeshLayout layout_;
  int chosen_ = -1;
};

}  // namespace concertina::ui
