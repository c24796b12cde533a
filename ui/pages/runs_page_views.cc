// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_views.cc: ways to look at the runs that have a name, and what is copied of a run (see
// runs_page_impl.h).
#include <QClipboard>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonDocument>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/forms/rhythm.h"
#include "ui/pages/runs_page_impl.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostViews = 64;

}  // namespace

RunsView RunsPage::Impl::viewNow(const QString& name) const {
  const QHeaderView* header = table->horizontalHeader();
  return {.name = name,
          .filter = filter->text().simplified(),
          .layout = layout(),
          .sort = columnId(header->sortIndicatorSection()),
          .is_descending = header->sortIndicatorOrder() == Qt::DescendingOrder,
          .then = visible.thenColumn() < 0 ? QString() : columnId(visible.thenColumn()),
          .is_then_descending = visible.thenOrder() == Qt::DescendingOrder};
}

void RunsPage::Impl::applyView(const RunsView& view) {
  chooseGroup({});
  restore(view.layout);
  for (int column = 0; column < visible.columnCount(); ++column)
    if (!view.sort.isEmpty() && columnId(column) == view.sort)
      table->sortByColumn(column, view.is_descending ? Qt::DescendingOrder : Qt::AscendingOrder);
  int then = -1;
  for (int column = 0; column < visible.columnCount(); ++column)
    if (!view.then.isEmpty() && columnId(column) == view.then) then = column;
  visible.thenSort(then, view.is_then_descending ? Qt::DescendingOrder : Qt::AscendingOrder);
  filter->setText(view.filter);
  applyFilter();
  emit page.layoutChosen(layout());
}

void RunsPage::Impl::keepView(const RunsView& view) {
  const auto same =
      std::find_if(views.begin(), views.end(), [&](const RunsView& kept) { return kept.name == view.name; });
  if (same != views.end())
    *same = view;
  else if (views.size() < kMostViews)
    views.push_back(view);
  else
    return say(tr("There are %1 views already; forget one first.").arg(kMostViews), true);
  tellViews();
}

void RunsPage::Impl::tellViews() {
  QStringList texts;
  for (const RunsView& view : std::as_const(views)) texts << runsViewText(view);
  emit page.viewsChosen(texts);
}

void RunsPage::Impl::fillViewsMenu(QMenu* menu) {
  qDeleteAll(menu->findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
  menu->clear();
  const auto add = [&](QMenu* into, const char* name, const QString& text, auto slot) {
    QAction* action = into->addAction(text, &page, slot);
    action->setObjectName(QStringLiteral("runsPage.") + QLatin1String(name));
    return action;
  };
  for (const RunsView& view : std::as_const(views)) {
    QAction* action = add(menu, "view", QString(view.name).replace(QLatin1Char('&'), QLatin1String("&&")),
                          [this, view] { applyView(view); });
    action->setCheckable(true);
    action->setChecked(viewNow(view.name) == view);
  }
  if (!views.isEmpty()) menu->addSeparator();
  add(menu, "saveView", tr("Save This View…"), [this] { askForView(); });
  add(menu, "copyView", tr("Copy This View as Text"), [this] {
    QGuiApplication::clipboard()->setText(runsViewText(viewNow(tr("A view of runs"))));
    say(tr("The view is on the clipboard; who pastes it sees runs as you do."), false);
  });
  const std::optional<RunsView> pasted = runsViewOf(QGuiApplication::clipboard()->text());
  add(menu, "pasteView", tr("Paste a View"), [this, pasted] {
    if (!pasted) return;
    keepView(*pasted);
    applyView(*pasted);
  })->setEnabled(pasted.has_value());
  QMenu* forget = menu->addMenu(tr("Forget"));
  forget->setEnabled(!views.isEmpty());
  for (const RunsView& view : std::as_const(views))
    add(forget, "forgetView", QString(view.name).replace(QLatin1Char('&'), QLatin1String("&&")),
        [this, name = view.name] {
          views.removeIf([&](const RunsView& kept) { return kept.name == name; });
          tellViews();
        });
}

void RunsPage::Impl::askForView() {
  auto* dialog = new QDialog(&page);
  dialog->setObjectName(QStringLiteral("runsPage.viewDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Save This View"));
  auto* text = new QLabel(tr("Filter, groups, columns and order, under the name"), dialog);
  text->setWordWrap(true);
  auto* name = new QLineEdit(dialog);
  name->setObjectName(QStringLiteral("runsPage.viewName"));
  name->setAccessibleName(tr("Name of the view"));
  name->setMaxLength(80);
  name->setText(filter->text().simplified().left(40));
  name->selectAll();
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, dialog);
  QPushButton* save = buttons->button(QDialogButtonBox::Ok);
  save->setText(tr("Save"));
  const auto offer = [this, save, name] {
    const QString wanted = name->text().simplified();
    save->setEnabled(!wanted.isEmpty());
    const bool replaces =
        std::any_of(views.begin(), views.end(), [&](const RunsView& view) { return view.name == wanted; });
    save->setText(replaces ? tr("Replace") : tr("Save"));
  };
  offer();
  connect(name, &QLineEdit::textChanged, dialog, offer);
  auto* column = new QVBoxLayout(dialog);
  setRhythm(column, dialog, 2, 2, 2, 2, 1.5);
  for (QWidget* widget : std::initializer_list<QWidget*>{text, name, buttons}) column->addWidget(widget);
  dialog->setMinimumWidth(charactersWide(dialog, 48));
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, dialog, [this, dialog, name] {
    keepView(viewNow(name->text().simplified()));
    dialog->accept();
  });
  dialog->open();
}

// What a run was made of, to be kept or sent: as the Design page copies its own.
void RunsPage::Impl::copySpec() {
  const QVector<int> rows = selectedRows();
  if (rows.size() != 1) return;
  const QByteArray spec = QByteArray::fromStdString(runs.run(rows.front()).spec_json());
  const QJsonDocument document = QJsonDocument::fromJson(spec);
  QGuiApplication::clipboard()->setText(
      QString::fromUtf8(document.isNull() ? spec : document.toJson(QJsonDocument::Indented)));
  say(tr("The experiment is on the clipboard as JSON."), false);
}

void RunsPage::Impl::copyCommand() {
  const QVector<int> rows = selectedRows();
  if (rows.size() == 1)
    emit page.commandLineWanted(QString::fromStdString(runs.run(rows.front()).spec_json()));
}

void RunsPage::restoreViews(const QStringList& views) {
  impl_->views.clear();
  for (const QString& text : views)
    if (const std::optional<RunsView> view = runsViewOf(text); view && impl_->views.size() < kMostViews)
      impl_->views.push_back(*view);
}

void RunsPage::focusFilter() {
  impl_->filter->setFocus(Qt::ShortcutFocusReason);
  impl_->filter->selectAll();
}

}  // namespace concertina::ui
