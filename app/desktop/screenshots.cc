// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// screenshots.cc: drives the window through its pages and grabs it (see screenshots.h).
#include "app/desktop/screenshots.h"

#include <QApplication>
#include <QDir>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QPixmap>
#include <QPushButton>
#include <QTimer>
#include <memory>

#include "ui/client/run_state.h"
#include "ui/pages/design_page.h"
#include "ui/shell/actions.h"

namespace concertina {
namespace {

using ui::MainWindow;
using ui::Theme;

constexpr int kPatienceMs = 90'000;
constexpr int kSettleMs = 400;  // layouts and charts have taken their new size

struct Shot {
  QString name;
  std::function<void()> prepare;
};

class Session : public QObject {
 public:
  Session(MainWindow& window, ui::EngineClient& client, Theme& theme, QString folder, bool demo)
      : QObject(&window), window_(window), theme_(theme), folder_(std::move(folder)), demo_(demo) {
    waited_.start();
    connect(&client, &ui::EngineClient::runChanged, this, [this](const proto::RunSummary& run) {
      if (ui::isEnded(run.state())) run_ended_ = true;
    });
    timer_.setInterval(100);
    connect(&timer_, &QTimer::timeout, this, &Session::wait);
    timer_.start();
  }

 private:
  void wait() {
    const bool ready = demo_ ? run_ended_ : window_.design().canLaunch();
    if (!ready && waited_.elapsed() < kPatienceMs) return;
    timer_.stop();
    plan();
    next();
  }

  void plan() {
    const QVector<Shot> pages = {
        {QStringLiteral("design"), [this] { design("designPage.panel.plan"); }},
        {QStringLiteral("design-json"), [this] { design("designPage.panel.json"); }},
        {QStringLiteral("presets"),
         [this] {
           window_.showPage(MainWindow::Page::kDesign);
           window_.design().showGallery(false);
         }},
        {QStringLiteral("welcome"),
         [this] {
           window_.showPage(MainWindow::Page::kDesign);
           window_.design().showGallery(true);
         }},
        {QStringLiteral("monitor"), [this] { monitor("monitorPage.panel.charts"); }},
        {QStringLiteral("monitor-layers"), [this] { monitor("monitorPage.panel.layers"); }},
        {QStringLiteral("monitor-motion"), [this] { monitor("monitorPage.panel.motion"); }},
        {QStringLiteral("runs"), [this] { window_.showPage(MainWindow::Page::kRuns); }},
        {QStringLiteral("compare"),
         [this] {
           window_.showPage(MainWindow::Page::kCompare);
           window_.findChild<QPushButton*>(QStringLiteral("comparePage.setupCancel"))->click();
         }},
        {QStringLiteral("compare-setup"),
         [this] { window_.actions()[ui::Command::kCompareCodecs]->trigger(); }},
        {QStringLiteral("compress"),
         [this] {
           window_.showPage(MainWindow::Page::kCompress);
           window_.findChild<QPushButton*>(QStringLiteral("compressPage.setupCancel"))->click();
         }},
        {QStringLiteral("compress-setup"), [this] { window_.actions()[ui::Command::kCompress]->trigger(); }},
        {QStringLiteral("sweep"), [this] { window_.showPage(MainWindow::Page::kSweep); }},
    };
    for (const Theme::Mode mode : {Theme::Mode::kLight, Theme::Mode::kDark})
      for (const QSize size : {QSize(1360, 860), QSize(1024, 640)})
        for (const Shot& page : pages)
          shots_.push_back({QStringLiteral("%1-%2-%3x%4")
                                .arg(page.name, Theme::nameOf(mode))
                                .arg(size.width())
                                .arg(size.height()),
                            [this, mode, size, prepare = page.prepare] {
                              theme_.setMode(mode);
                              window_.resize(size);
                              prepare();
                            }});
  }

  // The page with the panel of this name in front.
  void design(const char* panel) {
    window_.showPage(MainWindow::Page::kDesign);
    window_.design().showForms();
    window_.findChild<QDockWidget*>(QLatin1String(panel))->raise();
  }
  void monitor(const char* panel) {
    window_.showPage(MainWindow::Page::kMonitor);
    window_.findChild<QDockWidget*>(QLatin1String(panel))->raise();
  }

  void next() {
    if (shots_.isEmpty()) return QApplication::exit(failed_ ? 1 : 0);
    const Shot shot = shots_.takeFirst();
    shot.prepare();
    QTimer::singleShot(kSettleMs, this, [this, name = shot.name] {
      const QString path = QDir(folder_).filePath(name + QStringLiteral(".png"));
      if (!window_.grab().save(path)) {
        qCritical("concertina: cannot write %s", qUtf8Printable(path));
        failed_ = true;
      }
      next();
    });
  }

  MainWindow& window_;
  Theme& theme_;
  QString folder_;
  bool demo_, run_ended_ = false, failed_ = false;
  QElapsedTimer waited_;
  QTimer timer_;
  QVector<Shot> shots_;
};

}  // namespace

void takeScreenshots(MainWindow& window, ui::EngineClient& client, Theme& theme, const QString& folder,
                     bool demo) {
  new Session(window, client, theme, folder, demo);
}

}  // namespace concertina
