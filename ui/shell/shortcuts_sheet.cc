// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shortcuts_sheet.cc: two columns of keys and what they do (see shortcuts_sheet.h).
#include "ui/shell/shortcuts_sheet.h"

#include <QGridLayout>
#include <QLabel>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/dock_panels.h"
#include "ui/shell/actions.h"

namespace concertina::ui {
namespace {

struct Line {
  QString keys, text;
};

// Adds a group at the foot of a column, and gives the row after it.
int addGroup(QGridLayout& grid, int row, int column, const QString& title, const QVector<Line>& lines,
             QWidget* sheet) {
  auto* heading = new QLabel(title, sheet);
  heading->setFont(scaledFont(sheet->font(), 1.05, QFont::DemiBold));
  grid.addWidget(heading, row++, column, 1, 2);
  for (const Line& line : lines) {
    auto* keys = new QLabel(line.keys, sheet);
    setTone(keys, "accent");
    grid.addWidget(keys, row, column);
    grid.addWidget(new QLabel(line.text, sheet), row++, column + 1);
  }
  grid.setRowMinimumHeight(row, rhythmUnit(sheet));
  return row + 1;
}

}  // namespace

ShortcutsSheet::ShortcutsSheet(const Actions& actions, QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("shortcutsSheet"));
  setWindowTitle(tr("Keyboard Shortcuts"));
  setAttribute(Qt::WA_DeleteOnClose);
  auto* grid = new QGridLayout(this);
  setRhythm(grid, this, 3, 3, 3, 2, 1);
  grid->setHorizontalSpacing(2 * rhythmUnit(this));
  grid->setColumnMinimumWidth(2, 2 * rhythmUnit(this));
  int rows[2] = {0, 0};
  int side = 0;
  const auto place = [&](const QString& title, const QVector<Line>& lines) {
    rows[side] = addGroup(*grid, rows[side], 3 * side, title, lines, this);
    side = rows[0] <= rows[1] ? 0 : 1;
  };
  for (const CommandMenu menu :
       {CommandMenu::kFile, CommandMenu::kEdit, CommandMenu::kRun, CommandMenu::kView, CommandMenu::kHelp}) {
    QVector<Line> lines;
    for (const QAction* action : actions.inMenu(menu))
      if (action != nullptr && !action->shortcut().isEmpty())
        lines.push_back({action->shortcut().toString(QKeySequence::NativeText),
                         action->text().remove(QLatin1Char('&')).remove(QStringLiteral("…"))});
    place(Actions::menuTitle(menu).remove(QLatin1Char('&')), lines);
  }
  const auto keys = [](const QKeySequence& sequence) { return sequence.toString(QKeySequence::NativeText); };
  place(tr("In a form"),
        {{QStringLiteral("F1"), tr("What the field does")},
         {QStringLiteral("↑ ↓"), tr("The next sensible number")},
         {keys(Qt::ALT | Qt::Key_Up) + QStringLiteral(" ↓"), tr("A codec up or down its chain")},
         {QStringLiteral("Esc"), tr("Leave the presets")}});
  const QString sideways = keys(Qt::CTRL | Qt::SHIFT | Qt::Key_Left) + QStringLiteral(" →");
  place(tr("In a chart"),
        {{QStringLiteral("+ −"), tr("Nearer and farther")},
         {QStringLiteral("← →"), tr("Move along, where it is zoomed")},
         {keys(Qt::CTRL | Qt::Key_Left) + QStringLiteral(" →"), tr("Read values off")},
         {keys(QKeySequence::Copy), tr("Copy what is read off")},
         {keys(Qt::CTRL | Qt::SHIFT | Qt::Key_Up), tr("This chart alone, and all of them again")},
         {QStringLiteral("Esc"), tr("All of it again")},
         {sideways, tr("The chart to another place")}});
  //: The key that opens a context menu.
  place(tr("In the panels"), {{keys(DockPanels::nextKeys()), tr("The next tab")},
                              {keys(DockPanels::previousKeys()), tr("The tab before it")},
                              {tr("Menu"), tr("Of a tab: move, float or hide the panel")}});
  place(tr("In the table of runs"), {{QStringLiteral("F2"), tr("Rename the run")},
                                     {keys(QKeySequence::Copy), tr("Copy the chosen rows")},
                                     {keys(Qt::CTRL | Qt::Key_M), tr("Compare the chosen runs")},
                                     {keys(Qt::CTRL | Qt::Key_T), tr("Tags of the chosen runs")},
                                     {keys(Qt::CTRL | Qt::Key_B), tr("Pin as the baseline")},
                                     {keys(Qt::CTRL | Qt::Key_E), tr("The note")},
                                     {keys(QKeySequence::Delete), tr("Into the bin")},
                                     {keys(QKeySequence::Undo), tr("Out of the bin again")}});
}

}  // namespace concertina::ui
