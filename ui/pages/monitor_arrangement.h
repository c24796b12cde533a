// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_arrangement.h: in which order a person wants the charts, and which of them not at all.
// On the way of the data: settings -> here -> ui/pages/monitor_charts.h.
#pragma once

#include <QJsonObject>
#include <QSet>
#include <QString>
#include <QStringList>

namespace concertina::ui {

// Of cards by name. What is kept may be of another version of the program: names that are not known here wait
// in it, and cards that it does not know stand behind the one that they follow by nature.
class CardArrangement {
 public:
  void add(const QString& name);  // in their first order, all of them before anything is restored

  void remove(const QString& name);  // it is no card any more

  QStringList order() const { return order_; }  // the hidden ones too
  bool isHidden(const QString& name) const { return hidden_.contains(name); }
  bool isFirst() const { return order_ == first_ && hidden_.isEmpty(); }

  void setHidden(const QString& name, bool hidden);
  // To where `place` stands now: behind it if it came later, before it if it came earlier.
  void moveTo(const QString& name, const QString& place);
  void reset();

  QJsonObject save() const;
  void restore(const QJsonObject& kept);

 private:
  QStringList first_, order_, unknown_;
  QSet<QString> hidden_;
};

}  // namespace concertina::ui
