// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main_window.h: the window: navigation, pages, menus, status; which file the experiment is kept in, and
// whether it is. On the way of the data: ui/pages -> here; nothing of a run is kept here but what menus and
// the palette need.
#pragma once

#include <QHash>
#include <QMainWindow>
#include <QTimer>
#include <memory>
#include <optional>

#include "ui/client/engine_client.h"
#include "ui/shell/actions.h"
#include "ui/shell/command_line.h"
#include "ui/shell/draft.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

class QLabel;
class QMenu;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace concertina::ui {

class CommandPalette;
class ComparePage;
class CompressPage;
class DesignPage;
class HelpWindow;
class MonitorPage;
class RunNotices;
class RunsPage;
class SweepPage;
class TaskBar;

inline constexpr int kStatusMessageMs = 6000;

struct MainWindowOptions {
  QString home, address;  // as given to the program; for "copy as command line"
};

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  enum class Page { kDesign, kMonitor, kRuns, kCompare, kCompress, kSweep };

  MainWindow(EngineClient& client, Settings& settings, Theme& theme, MainWindowOptions options = {});
  ~MainWindow() override;

  // All but Design are made after the window is on the screen; anything that needs one of them makes it.
  void makeAllPages();
  Page page() const;
  void showPage(Page page);
  void openRun(const QString& run);  // on the Monitor page
  // An experiment, or a run to import. False if it could not be read; the person has been told why.
  bool openFile(const QString& path);
  bool save();
  bool saveAs();
  // After the window is on the screen: what a window that did not end well has left behind is offered.
  void resumeSession();
  void startTour();          // once by itself, and again from the menu
  bool mayDiscardChanges();  // asks when there are unsaved ones; saving counts as yes
  void runDemonstration();   // launched as soon as the engine is there
  DesignPage& design() { return *design_; }
  Actions& actions() { return *actions_; }

 protected:
  void changeEvent(QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  struct KnownRun {
    QString name;
    proto::RunState state = proto::RUN_STATE_UNSPECIFIED;
    qint64 created_unix_ms = 0;
    qint64 steps = 0, total_steps = 0;
  };

  void makeNavigation();
  void makeMenus();
  void makeStatusBar();
  void connectActions();
  void showEngine(EngineClient::State state, const QString& message);
  void noteRun(const proto::RunSummary& run);
  void updateActions();
  void updateTitle();
  void takeSpec(const QString& spec, const QString& file);  // replaces the experiment, which counts as saved
  QString askWhatToOpen();
  void importRuns(const QStringList& paths);
  bool writeTo(const QString& path);
  void noteFile();  // among the recent ones
  void addRecentFiles(QMenu* menu);
  void addPanels(QMenu* menu);  // of the Design and the Monitor page
  QVector<QAction*> arrangeCommands();
  void keepDraft();  // half a second after something was typed
  void offerDraft(const Draft& draft);
  void takeDraft(const Draft& draft);
  void keepSession();
  void resetLayout();
  void announce(proto::RunState before, const proto::RunSummary& run);
  void explainFocus();  // F1
  void setThemeMode(Theme::Mode mode);
  void showPalette();
  void findOnPage();
  void showHelp(const QString& page = QStringLiteral("getting-started"));
  void showAbout();
  void control(proto::ControlRunRequest::Action action);
  void copyCommandLine();  // of the Design page's experiment
  void copyCommandLine(const CommandLineSource& source);
  MonitorPage& monitor();
  RunsPage& runs();
  ComparePage& compare();
  CompressPage& compress();
  SweepPage& sweep();
  void compareCodecs();  // of the Design page's experiment
  void sweepDesign();    // the same, with any settings
  void putPage(Page page, QWidget* made);

  EngineClient& client_;
  Settings& settings_;
  Theme& theme_;
  MainWindowOptions options_;
  Actions* actions_;
  QStackedWidget* stack_;
  DesignPage* design_;
  MonitorPage* monitor_ = nullptr;
  RunsPage* runs_page_ = nullptr;
  ComparePage* compare_page_ = nullptr;
  CompressPage* compress_page_ = nullptr;
  SweepPage* sweep_page_ = nullptr;
  CommandPalette* palette_ = nullptr;
  HelpWindow* help_ = nullptr;
  QLabel* engine_label_ = nullptr;
  QLabel* engine_mark_ = nullptr;
  QLabel* active_label_ = nullptr;
  QHash<QString, KnownRun> known_runs_;
  QTimer draft_timer_;
  DraftKeeper draft_;
  QVBoxLayout* column_ = nullptr;  // of pages, and of what is said above them
  std::unique_ptr<TaskBar> task_bar_;
  RunNotices* notices_ = nullptr;
  std::optional<int> percent_;  // of the active runs
  QString last_run_;            // that was watched before the program was started again
  QString file_;                // where the experiment is kept; "" for nowhere yet
  QString saved_spec_;          // as last opened, saved or launched
  bool demonstration_wanted_ = false;
  bool run_was_chosen_ = false;  // by a person: a newer run no longer takes its place on the Monitor page
};

}  // namespace concertina::ui
