// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_samples.h: a few samples of the dataset as the model gets them: small images with their class below,
// or the first rows of a table. On the way of the data: ui/pages/design_sample_shelf.h -> here.
#pragma once

#include <QImage>
#include <QString>
#include <QVector>
#include <QWidget>

#include "core/proto/engine.pb.h"

class QLabel;
class QTableWidget;
class QToolButton;

namespace concertina::ui {

struct SampleImage {
  QImage image;
  QString label;  // its class
  qint64 index = 0;
};
// Those whose bytes are as many as they should be.
QVector<SampleImage> sampleImages(const proto::GetSamplesReply& samples);

class DesignSampleGrid : public QWidget {
  Q_OBJECT
 public:
  explicit DesignSampleGrid(QWidget* parent = nullptr);

  void setImages(const QVector<SampleImage>& images);
  const QVector<SampleImage>& images() const { return images_; }
  QRect placeOf(int image) const;  // of its pixels: a whole multiple of their number, where there is room
  QString textAt(const QPoint& position) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QSize imageSize() const;
  QSize cellSize() const;
  int columnsIn(int width) const;

  QVector<SampleImage> images_;
};

class DesignSamples : public QWidget {
  Q_OBJECT
 public:
  explicit DesignSamples(QWidget* parent = nullptr);

  void showAsked(int worker);
  void showSamples(const proto::GetSamplesReply& samples, int worker, const QString& error);

 signals:
  void allChosen();  // instead of one worker's

 private:
  void showTable(const proto::GetSamplesReply& samples);

  QLabel* note_;
  QToolButton* all_;
  DesignSampleGrid* grid_;
  QTableWidget* table_;
};

}  // namespace concertina::ui
