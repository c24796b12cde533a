// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_detail.h: what the chosen step made of the model from the inside: its layers, the confusion, the
// answers that changed, the layers that matter most.
// On the way of the data: client/recipe_details.h -> here -> the eye.
#pragma once

#include <QFrame>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class CompressDetail : public QFrame {
  Q_OBJECT
 public:
  explicit CompressDetail(EngineClient& client, QWidget* parent = nullptr);
  ~CompressDetail() override;

  // Asks for what is not here. `text` says what the step did. step -1: none is chosen.
  void showStep(const QString& run, int step, const QString& text);

 signals:
  void scanRequested();                      // of the layers' sensitivity
  void keepRequested(const QString& layer);  // in fp32

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
