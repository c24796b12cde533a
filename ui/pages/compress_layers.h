// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_layers.h: the layers of a model after a step: a table, with the weights' histogram and the mask of
// each in small, and those of the chosen one in large.
// On the way of the data: client/recipe_detail_models.h -> here -> the eye.
#pragma once

#include <QImage>
#include <QString>
#include <QVector>
#include <QWidget>

#include "ui/client/recipe_detail_models.h"

class QTableView;

namespace concertina::ui {

// What a layer is drawn from, as RecipeLayersModel gives it.
struct LayerPicture {
  QString name;
  QVector<double> before, now;  // heights of the bins, 0 to 1
  double range = 1;             // the axis goes from -range to range
  QImage mask;
  static LayerPicture of(const QModelIndex& index);
};

// Grey areas before, coloured bars now, within `room`.
void paintWeights(QPainter& painter, const QRectF& room, const LayerPicture& picture,
                  const QPalette& palette);
// The mask in its own proportions, as large as fits (and not smoothed), in ink on the ground.
void paintMask(QPainter& painter, const QRectF& room, const QImage& mask, const QColor& ink,
               const QColor& ground);

class LayerPictureView;

class CompressLayers : public QWidget {
  Q_OBJECT
 public:
  explicit CompressLayers(QWidget* parent = nullptr);
  void show(const StepDetail* before, const StepDetail* now);
  const RecipeLayersModel& model() const { return model_; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void showChosen();
  void fit();  // columns that the room is too narrow for give way

  RecipeLayersModel model_;
  QTableView* table_;
  bool is_timed_ = false;
  LayerPictureView* picture_;
};

}  // namespace concertina::ui
