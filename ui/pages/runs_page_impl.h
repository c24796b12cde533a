// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_impl.h: what the parts of the Runs page share: how it is put together (runs_page.cc), its columns
// (runs_page_columns.cc), which runs are chosen (runs_page_choice.cc) and what is done with them
// (runs_page_actions.cc), ways to look at them that have a name (runs_page_views.cc), and what goes out and
// comes in: deleted runs and files (runs_page_files.cc).
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSet>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>

#include "ui/client/mailbox.h"
#include "ui/client/run_curves.h"
#include "ui/client/run_table_model.h"
#include "ui/pages/filter_chips.h"
#include "ui/pages/runs_filter_model.h"
#include "ui/pages/runs_note_pane.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/runs_views.h"

class QHBoxLayout;
class QMenu;

namespace concertina::ui {

struct ExportFormat;

struct RunsPage::Impl {
  Impl(RunsPage& page, EngineClient& client) : page(page), client(client), visible(&runs), curves(client) {}

  // runs_page.cc
  void build();
  void buildBar(QHBoxLayout* bar);
  void connectAll();
  QWidget* makeEmptyState();
  void lookAround();  // asks for the curves in sight
  void updateState();
  void say(const QString& text, bool problem);

  // runs_page_filter.cc
  void applyFilter();
  void removeChip(int chip);

  // runs_page_choice.cc
  // Of the source model, in the order of the table; of a heading, all of its group.
  QVector<int> selectedRows() const;
  QStringList selectedIds() const;
  struct Chosen {
    QStringList runs, groups;  // ids; keys of headings
    QString current;           // of the runs
  };
  Chosen chosen() const;
  void choose(const Chosen& chosen);
  void showRun(const QString& id);  // chosen and in sight, as soon as it is there
  QStringList knownTags() const;
  bool hasTags() const;  // any run

  // runs_page_columns.cc
  QString columnId(int column) const;
  QStringList layout() const;
  static QStringList firstLayout();  // before a person chose
  void restore(const QStringList& layout);
  void fitTable();
  void sortSecond(int column);
  void showColumnMenu(const QPoint& at);  // on the screen
  void askForColumn();
  void chooseGroup(const QString& field);

  // runs_page_views.cc
  RunsView viewNow(const QString& name) const;
  void applyView(const RunsView& view);
  void keepView(const RunsView& view);
  void tellViews();
  void fillViewsMenu(QMenu* menu);
  void askForView();
  void copySpec();
  void copyCommand();

  // runs_page_actions.cc
  void makeActions();
  QAction* addAction(const char* name, const QString& text, const QString& icon, const QKeySequence& keys,
                     std::function<void()> triggered);
  void updateActions();
  void showContextMenu(const QPoint& at);
  void control(proto::ControlRunRequest::Action action, bool (*may)(const proto::RunSummary&));
  void open();
  void compare();
  void runAgain();
  void mark(const proto::MarkRunsRequest& request);
  void markChosen(const std::function<void(proto::MarkRunsRequest&)>& fill);
  void editTags();
  void applyTags(const QString& text);
  void pin();
  void showNote(bool shown);

  // runs_page_rename.cc
  void rename();
  void endRename(const QString& id, bool is_kept);

  // runs_page_export.cc
  struct ExportBatch {
    const ExportFormat* format = nullptr;
    struct Item {
      QString id, name, path;  // of the run; where it goes
    };
    QVector<Item> runs;
    QString place;  // the file of one, the folder of several
    int done = 0, written = 0;
    QString last, error;           // path that was written; the first that went wrong
    std::function<void()> cancel;  // the one under way
    bool is_cancelled = false;
    bool isOne() const { return runs.size() == 1; }
    bool hasFolders() const;  // one a run
    QString pathOf(const QString& id) const;
  };
  void addExports(QMenu* menu);
  void exportSelected(const ExportFormat& format);
  bool settlePaths(ExportBatch& batch);  // false: a person left it
  void exportNext();
  void tookOne(const QString& name, const QString& written, const QString& error);
  void endExport();
  void cancelExport();

  // runs_page_files.cc
  void deleteSelected();
  void undoDelete();
  void showBin();
  void askForImport();
  void importFiles(const QStringList& paths);
  void importNext();

  RunsPage& page;
  EngineClient& client;
  RunTableModel runs;
  RunsFilterModel visible;
  RunCurves curves;
  QTimer clock;                                 // durations of what goes on
  QTimer fit;                                   // columns, once many rows have come
  QTimer look;                                  // at what is in sight
  QTimer offer;                                 // the actions, once much has changed
  bool has_tags = false, has_baseline = false;  // when columns were fitted last
  QSet<int> kept_columns, dropped_columns;      // a person's own choice
  QVector<QStringList> undoable;                // runs that were deleted together; the last is undone first
  QVector<RunsView> views;                      // a person's own
  QStringList to_import;                        // one file after the other
  bool is_importing = false;
  std::shared_ptr<Mailbox> printer = std::make_shared<Mailbox>(&page);  // tells that a report was printed
  std::optional<ExportBatch> exporting;  // runs that were chosen together, one after the other
  QString to_show;                       // imported, restored or begun, and not told yet
  std::optional<Chosen> kept;            // while rows are replaced
  int kept_scroll = 0;

  QStackedWidget* stack = nullptr;
  QWidget* empty = nullptr;
  QLabel* empty_title = nullptr;
  QLabel* empty_lead = nullptr;
  QPushButton* empty_button = nullptr;
  QLabel* count = nullptr;
  QLineEdit* filter = nullptr;
  QComboBox* group = nullptr;
  FilterChips* chips = nullptr;
  QLabel* fault = nullptr;
  QLabel* message = nullptr;
  QPushButton *undo_button = nullptr, *export_cancel_button = nullptr;
  QLineEdit* tag_edit = nullptr;
  QLineEdit* name_edit = nullptr;  // over a row, while its run is renamed
  RunsNotePane* note = nullptr;
  QTableView* table = nullptr;
  QPushButton* compare_button = nullptr;
  QAction *open_action = nullptr, *compare_action = nullptr, *pause_action = nullptr, *stop_action = nullptr,
          *resume_action = nullptr, *duplicate_action = nullptr, *again_action = nullptr,
          *tags_action = nullptr, *pin_action = nullptr, *note_action = nullptr, *delete_action = nullptr,
          *undo_action = nullptr, *import_action = nullptr, *bin_action = nullptr, *columns_action = nullptr,
          *rename_action = nullptr, *copy_spec_action = nullptr, *copy_command_action = nullptr;
};

}  // namespace concertina::ui
