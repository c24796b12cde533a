// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_page.h: a trained model made smaller step by step: what each step did to size, accuracy and
// latency, as a table and as a path in the plane of the two.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class CompressPage : public QWidget {
  Q_OBJECT
 public:
  explicit CompressPage(EngineClient& client, QWidget* parent = nullptr);
  ~CompressPage() override;

  // Asks for a recipe for the model of this run; "" for that of the newest run.
  void begin(const QString& run);

 signals:
  void opened(const QString& run);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
