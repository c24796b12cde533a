// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_page.h: one experiment in many variants: made, launched, watched as a heat map, and opened again.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class SweepPage : public QWidget {
  Q_OBJECT
 public:
  // `shelf_folder`: where the files of its sweeps are kept; "" for the person's.
  explicit SweepPage(EngineClient& client, const QString& shelf_folder = {}, QWidget* parent = nullptr);
  ~SweepPage() override;

  // A new sweep of this experiment, which is called so: "The experiment of the Design page".
  void begin(const QString& spec, const QString& words);
  void beginReady(const QString& id);   // "compare-codecs"
  void showSweep(const QString& name);  // one that there is
  void setDesign(const QString& spec);  // what "New Sweep…" begins with

 signals:
  void opened(const QString& run);
  void compareRequested(const QVector<concertina::proto::RunSummary>& runs);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
