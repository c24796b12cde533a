// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// guidance.cc: the main window's part that explains: help, the field that has the keyboard, the tour, and
// what program this is (see main_window.h).
#include <QApplication>
#include <QMessageBox>
#include <QSysInfo>
#include <QWhatsThis>

#include "ui/forms/rhythm.h"
#include "ui/pages/design_page.h"
#include "ui/pages/dock_panels.h"
#include "ui/shell/help_window.h"
#include "ui/shell/main_window.h"
#include "ui/shell/tour.h"

namespace concertina::ui {

void MainWindow::showHelp(const QString& page) {
  if (help_ == nullptr) help_ = new HelpWindow(this);
  help_->showPage(page);
  help_->show();
  help_->raise();
  help_->activateWindow();
}

void MainWindow::showAbout() {
  auto* box = new QMessageBox(this);
  box->setObjectName(QStringLiteral("about"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setModal(false);
  box->setWindowTitle(tr("About Concertina"));
  box->setIconPixmap(QIcon(QStringLiteral(":/icons/concertina.svg")).pixmap(rhythmUnit(this) * 8));
  box->setText(QStringLiteral("<b>Concertina %1</b>").arg(QStringLiteral(CONCERTINA_VERSION)));
  const proto::EngineStatus engine = client_.engine();
  box->setInformativeText(
      tr("Engine %1, Qt %2, %3.")
          .arg(engine.version().empty() ? tr("not reached") : QString::fromStdString(engine.version()),
               QString::fromLatin1(qVersion()), QSysInfo::prettyProductName()) +
      QStringLiteral("\n\n") +
      tr("A workbench for distributed training and compression.\n\nFree software under the GNU General "
         "Public License, version 3 or later. Built with Qt, gRPC, oneDNN, Eigen, oneTBB and SQLite."));
  box->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  box->show();
}

void MainWindow::explainFocus() {
  for (QWidget* widget = QApplication::focusWidget(); widget != nullptr && widget != this;
       widget = widget->parentWidget())
    if (!widget->whatsThis().isEmpty())
      return QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), widget->whatsThis(),
                                  widget);
  switch (page()) {
    case Page::kDesign:
      return showHelp(QStringLiteral("experiment-file"));
    case Page::kMonitor:
      return showHelp(QStringLiteral("monitor"));
    case Page::kCompress:
      return showHelp(QStringLiteral("compress"));
    case Page::kRuns:
      return showHelp(QStringLiteral("runs"));
    case Page::kCompare:
    case Page::kSweep:
      return showHelp(QStringLiteral("sweep"));
    default:
      return showHelp();
  }
}

void MainWindow::startTour() {
  if (findChild<Tour*>() != nullptr) return;
  settings_.set(Setting::kToured, true);
  const Page before = page();
  const bool was_gallery = design_->isGalleryShown();
  showPage(Page::kDesign);
  design_->showForms();
  design_->panels().openPanelAt(0);
  const auto at = [this](const char* name) {
    return [this, name] { return findChild<QWidget*>(QLatin1String(name)); };
  };
  auto* tour = new Tour(
      {{tr("An experiment is a form"),
        tr("Dataset, model, workers, how they agree, how gradients are compressed. F1 explains the field you "
           "are in, with its range and its source."),
        at("designPage.forms")},
       {tr("Before anything starts"),
        tr("The plan says how many steps it will be, what each worker needs, and how many bytes a step "
           "sends. "
           "Beside it is the same experiment as JSON."),
        [this]() -> QWidget* {
          auto* plan = findChild<QWidget*>(QStringLiteral("designPage.panel.plan"));
          return plan->window() == this ? plan : design_;  // it may float
        }},
       {tr("Real workers"),
        tr("Launch starts one process for each worker. What is wrong is told beside its field first, and "
           "starts nothing."),
        at("designPage.launchButton")},
       {tr("Watch it, and turn its knobs"),
        tr("Loss, bytes and where the time goes, while the run is on. Charts are moved by their titles. "
           "Closing this window stops no run."),
        at("navigation.showMonitor")},
       {tr("Everything by a few letters"),
        tr("Ctrl+K finds every command and every run. Ctrl+/ shows all shortcuts. The tour is in the Help "
           "menu "
           "whenever you want it again."),
        at("navigation.palette")}},
      this);
  connect(tour, &Tour::ended, this, [this, before, was_gallery] {
    showPage(before);
    if (was_gallery) design_->showGallery(!settings_.flag(Setting::kWelcomed));
  });
}

}  // namespace concertina::ui
