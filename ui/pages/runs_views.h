// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_views.h: ways to look at the run table that have a name: what is filtered, grouped, sorted and shown.
// As one line of text each, which settings keep and a person can send to another. On the way of the data:
// pages/runs_page_views.cc -> here -> settings, the clipboard.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace concertina::ui {

struct RunsView {
  QString name, filter;
  QStringList layout;  // columns, their order and the grouping, as RunsPage::layoutChosen tells them
  QString sort;        // a column, named as in `layout`; "": as it is
  bool is_descending = false;
  QString then = {};  // the second column to sort by; "": none
  bool is_then_descending = false;

  bool operator==(const RunsView&) const = default;
};

QString runsViewText(const RunsView& view);  // JSON, without a line break
// Of text that may be anybody's: nothing, if it is no such view.
std::optional<RunsView> runsViewOf(const QString& text);

}  // namespace concertina::ui
