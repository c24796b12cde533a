// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_gallery.h: the presets as cards. With a word of welcome it is the first thing that a new person
// sees.
#pragma once

#include <QAbstractButton>
#include <QWidget>

#include "ui/pages/design_presets.h"

class QGridLayout;
class QLabel;
class QToolButton;

namespace concertina::ui {

// A preset as one large button.
class PresetCard : public QAbstractButton {
  Q_OBJECT
 public:
  PresetCard(const Preset& preset, QWidget* parent);
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Blocks;
  Blocks blocks(int width) const;
  Preset preset_;
};

class DesignGallery : public QWidget {
  Q_OBJECT
 public:
  explicit DesignGallery(QWidget* parent = nullptr);
  void setWelcome(bool welcome);  // the first time: what this program is, and the example as one button
  void focusFirst();

 signals:
  void chosen(const QString& spec);
  void demonstrationChosen();
  void closed();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void arrange();

  QLabel* title_;
  QLabel* lead_;
  QToolButton* back_;
  QWidget* welcome_row_;
  QGridLayout* grid_;
  QVector<PresetCard*> cards_;
  int columns_ = 0;
};

}  // namespace concertina::ui
