// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_page.h: where an experiment is made: forms on the left from descriptors, its JSON and plan beside
// them.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class DesignPage : public QWidget {
  Q_OBJECT
 public:
  explicit DesignPage(EngineClient& client, QWidget* parent = nullptr);
  ~DesignPage() override;
  QString spec() const;               // JSON as it stands
  void setSpec(const QString& json);  // open, duplicate, "edit as new", presets
  bool canLaunch() const;

 public slots:
  void launch();

 signals:
  void launched(const QString& run);
  void canLaunchChanged(bool can);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
