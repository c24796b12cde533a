// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_picture.h: ranks as boxes, who sends to whom as thin arrows, and one message on its way.
// On the way of the data: pages/monitor_motion.h, pages/mesh_layout.h -> here.
#pragma once

#include <QVariantAnimation>
#include <QVector>
#include <QWidget>
#include <optional>

#include "core/analysis/message_replay.h"
#include "ui/pages/mesh_layout.h"

namespace concertina::ui {

// The mesh of the experiment with the flows that `messages` are: their bytes, and how many.
TrafficMap motionMap(const std::string& spec_json, const std::vector<ReplayMessage>& messages, int ranks);

class MotionPicture : public QWidget {
  Q_OBJECT
 public:
  explicit MotionPicture(QWidget* parent = nullptr);

  void setMap(const TrafficMap& map);
  const TrafficMap& map() const { return map_; }
  // Flies once, in `flight_ms`; 0: it is drawn where it arrives. None: nothing is on its way.
  void setMessage(const std::optional<ReplayMessage>& message, int flight_ms);
  const std::optional<ReplayMessage>& message() const { return message_; }
  void setWaiting(const QVector<ReplayMessage>& waiting);  // at the gates of their senders; the first is next
  void setEmptyText(const QString& text);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void nextRequested();      // Space, or the right arrow
  void previousRequested();  // the left one

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void layOut();
  const MeshArrow* arrowOf(const ReplayMessage& message) const;
  void paintArrow(QPainter& painter, const MeshArrow& arrow, const QPen& pen) const;
  void paintMessage(QPainter& painter, const MeshArrow& arrow) const;
  void paintNodes(QPainter& painter) const;

  TrafficMap map_;
  MeshLayout layout_;
  std::optional<ReplayMessage> message_;
  QVector<ReplayMessage> waiting_;
  QVariantAnimation flight_;
  QString empty_text_;
};

}  // namespace concertina::ui
