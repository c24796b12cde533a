// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail_models.h: a step of a recipe from the inside as item models: its layers beside those of the
// model as it was, the answers that changed, and the layers by how much the model needs them.
// On the way of the data: ui/client/recipe_details.h -> here -> ui/pages/compress_detail.h.
#pragma once

#include <QAbstractListModel>
#include <QAbstractTableModel>
#include <QImage>
#include <QString>
#include <QVector>
#include <vector>

#include "core/analysis/step_detail.h"

namespace concertina::ui {

// Each bin over the largest, 0 to 1: grids of few values would dwarf what was spread before.
QVector<double> binHeights(const LayerDetail& layer);
QImage maskImage(const MaskPicture& mask);        // a grey pixel a cell: 255 where all of it is left
QImage answerImage(const ChangedAnswer& answer);  // a pixel a pixel

class RecipeLayersModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kLayer, kShape, kWeights, kNonzeros, kBits, kFile, kTime, kHistogram, kMask, kColumns };
  // The heights of the bins, of the layer as it was (none: there was no such layer, or it is that) and as it
  // is; the mask as an image; the largest magnitude on the histogram's axis.
  enum Role { kBeforeRole = Qt::UserRole, kNowRole, kMaskRole, kRangeRole };

  explicit RecipeLayersModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  // `before` may be null. Rows stay where the layers are the same, so that a selection does.
  void show(const StepDetail* before, const StepDetail* now);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QString words(const LayerDetail& layer, int column) const;
  QString timeWords(const LayerDetail& layer) const;
  struct Row {
    LayerDetail now;
    QVector<double> before_heights, now_heights;
    QImage mask;
  };
  std::vector<Row> rows_;
};

class ChangedAnswersModel : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Kind { kBecameWrong, kBecameRight, kStillWrong };
  enum Role { kPictureRole = Qt::UserRole, kKindRole, kLabelRole, kChangeRole };

  explicit ChangedAnswersModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}
  void show(const StepDetail* now);  // null: none

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  StepDetail step_;
  QVector<QImage> pictures_;
};

class SensitivityModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kLayer, kMethod, kHarm, kAccuracy, kLoss, kKeep, kColumns };
  enum Role { kBarRole = Qt::UserRole };  // accuracy lost over the most that any lost, 0 to 1

  explicit SensitivityModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void show(const StepDetail* now);  // the worst first; null: none
  QString layer(int row) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  double lost(const LayerSensitivity& one) const { return accuracy_ - one.accuracy; }
  std::vector<LayerSensitivity> rows_;
  double accuracy_ = 0, most_lost_ = 0;
};

}  // namespace concertina::ui
