// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dock_panels.h: the parts of a page as panels that a person moves to any side, puts together as tabs, floats
// (onto a second screen too), hides and brings back. They have all the room, or stand around a centre.
// On the way of the data: settings -> here -> ui/pages/monitor_page.h and ui/pages/design_page.h.
#pragma once

#include <QKeySequence>
#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <QVector>

class QAction;
class QDockWidget;
class QTabBar;

namespace concertina::ui {

class DockPanels : public QMainWindow {
  Q_OBJECT
 public:
  enum class Place { kTab, kBeside };  // at first: among the tabs, or right of them and closed
  enum class Side { kLeft, kRight, kTop, kBottom };

  // `page` begins the object names: "monitorPage.panels", "monitorPage.panel.log".
  explicit DockPanels(const QString& page, QWidget* parent = nullptr);
  ~DockPanels() override;

  // What is no panel, and always there: the tabs stand right of it at first.
  void setCentre(QWidget* centre) { setCentralWidget(centre); }
  // In their first order, the front one first. `name` is what a kept arrangement knows it by.
  void add(const QString& name, const QString& title, QWidget* content, Place place = Place::kTab);
  void arrange();  // once all are there
  void setTitle(const QWidget* content, const QString& title);
  void openPanel(const QWidget* content);  // and in front of its tabs
  void openPanelAt(int index);             // the same, by the order in which they were added
  void closePanel(const QWidget* content);
  bool isOpen(const QWidget* content) const;
  bool isInSight(const QWidget* content) const;  // open, in front, and on the screen

  void movePanel(const QWidget* content, Side side);
  void joinTabs(const QWidget* content);
  void floatPanel(const QWidget* content, bool floats);

  // One to open, bring to the front or close each panel; then those for the panel that was used last.
  QVector<QAction*> panelCommands() const { return panel_commands_; }
  QVector<QAction*> arrangeCommands() const { return arrange_commands_; }
  // The next and the previous tab of the panel that was used last, wherever its window is.
  static QKeySequence nextKeys() { return Qt::CTRL | Qt::Key_PageDown; }
  static QKeySequence previousKeys() { return Qt::CTRL | Qt::Key_PageUp; }

  QByteArray saveArrangement() const;
  void restoreArrangement(const QByteArray& kept);  // what cannot be read leaves things as they are
  void reset();

 signals:
  void sightChanged();  // another panel is open, or in front

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  struct Panel {
    QDockWidget* dock = nullptr;
    QWidget* content = nullptr;
    QWidget* heading = nullptr;  // in place of Qt's: of the theme, and reached by keyboard
    QWidget* nothing = nullptr;  // the same where a tab has the title already
    QAction* command = nullptr;
    Place place = Place::kTab;
    bool is_in_sight = false;
  };

  Panel* panelOf(const QWidget* content);
  const Panel* panelOf(const QWidget* content) const;
  Panel* panelOf(const QDockWidget* dock);
  Panel& current();
  QWidget* makeHeading(QDockWidget* dock);
  void makeCommands();
  void makeStepCommands();
  void toggle(Panel& panel);
  void setShare(QDockWidget* dock, Side side);
  void setFirstShare();
  bool isAway(const QDockWidget* dock) const;  // in a window of its own, alone or with others
  QVector<QTabBar*> tabBars() const;
  QTabBar* barOf(const QDockWidget* dock) const;
  QDockWidget* dockOf(const QTabBar* bar, int tab) const;
  void useTabBars();
  void stepTab(int by);
  void focusSoon();
  void look();      // at what a hand has done
  void lookSoon();  // and once it is laid out
  void lookNowAndSoon();
  void showMenu(QDockWidget* dock, const QPoint& at);

  const QString page_;
  QVector<Panel> panels_;
  QVector<QAction*> panel_commands_, arrange_commands_, step_commands_;
  QPointer<QDockWidget> current_;
  QPointer<QDockWidget> to_focus_;  // once it is in front
  QTimer look_;
  bool was_shown_ = false, is_looking_ = false, is_restored_ = false;
};

}  // namespace concertina::ui
