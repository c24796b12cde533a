// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_gallery.h: the presets, lessons and papers as cards. With a word of welcome it is the first thing
// that a new person sees.
#pragma once

#include <QAbstractButton>
#include <QWidget>

#include "ui/pages/design_presets.h"

class QGridLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace concertina::ui {

class PaperDesk;

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
  void setPapers(PaperDesk& desk);  // below the presets; once
  void setWelcome(bool welcome);    // the first time: what this program is, and the example as one button
  void focusFirst();

 signals:
  void chosen(const QString& spec);
  void demonstrationChosen();
  void sweepChosen(const QString& id);  // of resources/presets/ID.sweep.json
  void closed();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  PresetCard* addCard(const Preset& preset);
  void arrange();

  QLabel* title_;
  QLabel* lead_;
  QToolButton* back_;
  QWidget* welcome_row_;
  QVBoxLayout* column_;
  QGridLayout *grid_, *lesson_grid_;
  QVector<PresetCard*> cards_;
  qsizetype lessons_at_ = 0;  // where the lessons begin among the cards
  int columns_ = 0;
};

}  // namespace concertina::ui
