// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_arrangement.cc: see monitor_arrangement.h.
#include "ui/pages/monitor_arrangement.h"

#include <QJsonArray>
#include <algorithm>

namespace concertina::ui {

void CardArrangement::add(const QString& name) {
  first_ << name;
  order_ << name;
}

void CardArrangement::remove(const QString& name) {
  first_.removeAll(name);
  order_.removeAll(name);
  hidden_.remove(name);
}

void CardArrangement::setHidden(const QString& name, bool hidden) {
  if (hidden)
    hidden_.insert(name);
  else
    hidden_.remove(name);
}

void CardArrangement::moveTo(const QString& name, const QString& place) {
  const qsizetype from = order_.indexOf(name), to = order_.indexOf(place);
  if (from >= 0 && to >= 0) order_.move(from, to);
}

void CardArrangement::reset() {
  order_ = first_;
  hidden_.clear();
}

QJsonObject CardArrangement::save() const {
  if (isFirst() && unknown_.isEmpty()) return {};
  // Sorted: a set has another order each time, and settings should not.
  QStringList hidden(hidden_.begin(), hidden_.end());
  hidden.sort();
  return {{"order", QJsonArray::fromStringList(order_ + unknown_)},
          {"hidden", QJsonArray::fromStringList(hidden)}};
}

void CardArrangement::restore(const QJsonObject& kept) {
  reset();
  unknown_.clear();
  QStringList order;
  for (const QJsonValue& value : kept.value(QLatin1String("order")).toArray()) {
    const QString name = value.toString();
    if (!first_.contains(name))
      unknown_ << name;
    else if (!order.contains(name))
      order << name;
  }
  for (qsizetype i = 0; i < first_.size(); ++i)
    if (!order.contains(first_[i])) order.insert(i == 0 ? 0 : order.indexOf(first_[i - 1]) + 1, first_[i]);
  order_ = order;
  for (const QJsonValue& value : kept.value(QLatin1String("hidden")).toArray())
    hidden_.insert(value.toString());
}

}  // namespace concertina::ui
