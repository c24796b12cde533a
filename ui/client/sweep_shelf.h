// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_shelf.h: the sweep files of sweeps that were begun in this window, so that one that was broken off
// can go on. They are what `concertinactl sweep` takes. On the way of the data: ui/pages/sweep_setup.h ->
// here -> client/sweep_driver.h.
#pragma once

#include <QJsonObject>
#include <QString>

namespace concertina::ui {

class SweepShelf {
 public:
  // "": the person's folder of application data.
  explicit SweepShelf(const QString& folder = {});

  QString keep(const QString& name, const QJsonObject& sweep);  // what went wrong; "" if nothing
  QJsonObject find(const QString& name) const;                  // empty if it is not there, or damaged
  QString pathOf(const QString& name) const;

 private:
  QString folder_;
};

}  // namespace concertina::ui
