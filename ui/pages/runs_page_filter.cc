// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_filter.cc: what the table of runs is narrowed by, in the box and as chips (see runs_page_impl.h).
#include "ui/client/run_filter.h"
#include "ui/pages/runs_page_impl.h"

namespace concertina::ui {

void RunsPage::Impl::applyFilter() {
  QString words;
  visible.setFilter(RunFilter::parse(filter->text(), &words, visible.group()));
  fault->setText(words);
  fault->setVisible(!words.isEmpty());
  QStringList texts;
  for (const RunFilter::Part& part : RunFilter::parts(filter->text(), visible.group())) texts << part.text;
  chips->setChips(texts);
  updateState();
}

// In the box, as a hand would do it: there it can be undone.
void RunsPage::Impl::removeChip(int chip) {
  const QVector<RunFilter::Part> parts = RunFilter::parts(filter->text(), visible.group());
  if (chip >= parts.size()) return;
  const QString rest = RunFilter::without(filter->text(), parts[chip]);
  filter->selectAll();
  if (rest.isEmpty())
    filter->del();
  else
    filter->insert(rest);
}

}  // namespace concertina::ui
