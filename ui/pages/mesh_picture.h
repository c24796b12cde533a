// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture.h: the workers on their mesh and who sends what to whom: in a step, from the plan alone, or
// now, in a run that goes. Pointer or arrow keys choose a rank: its flows come forward, and what it sends is
// told. On the way of the data: `plan --json` -> core/analysis/traffic_map.h, mesh_live.h -> mesh_layout.h ->
// here.
#pragma once

#include <QJsonObject>
#include <QWidget>
#include <optional>

#include "core/analysis/traffic_map.h"
#include "ui/pages/mesh_layout.h"
#include "ui/pages/mesh_live.h"

namespace concertina::ui {

// Ranks and flows of what EngineClient::plan() gives.
TrafficMap mapOfPlan(const QJsonObject& plan);

class MeshPicture : public QWidget {
  Q_OBJECT
 public:
  explicit MeshPicture(QWidget* parent = nullptr);

  void setPlan(const QJsonObject& plan);
  // From now on what is: the rank that is chosen stays chosen.
  void setLive(const TrafficMap& map, const MeshLive& live);
  const std::optional<MeshLive>& live() const { return live_; }
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
  void rankClicked(int rank);    // of what is: -1 is beside them all
  void rankActivated(int rank);  // the same by a double click, or Enter

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void layOut();
  void choose(int rank);
  void tellCaption(bool announces = true);  // to who cannot see it
  int legendHeight() const;
  bool hasLegend() const { return layout_.kinds.size() > 1 || live_.has_value(); }
  QColor arrowColor(const MeshArrow& arrow, bool dark) const;
  void paintArrows(QPainter& painter, bool dark) const;
  void paintNodes(QPainter& painter) const;
  void paintLabels(QPainter& painter) const;
  void paintLegend(QPainter& painter, bool dark) const;
  void paintBox(QPainter& painter, const MeshNode& node) const;
  void paintMark(QPainter& painter, const QRectF& box, WorkerLook look) const;

  TrafficMap map_;
  MeshLayout layout_;
  std::optional<MeshLive> live_;
  QString caption_;  // as it was told
  int chosen_ = -1;
};

}  // namespace concertina::ui
