// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// help_window.cc: an index and the page's Markdown (see help_window.h).
#include "ui/shell/help_window.h"

#include <QDesktopServices>
#include <QFile>
#include <QHBoxLayout>
#include <QListWidget>
#include <QTextBrowser>
#include <QUrl>

#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

struct HelpPage {
  const char* name;
  const char* title;
};

constexpr HelpPage kPages[] = {
    {"getting-started", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Getting started")},
    {"experiment-file", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "The experiment file")},
    {"data", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Your own data and models")},
    {"monitor", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Reading the Monitor")},
    {"runs", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Your runs")},
    {"keeping", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Keeping and resuming")},
    {"parallel", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Ways to train in parallel")},
    {"compress", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "A smaller model")},
    {"sweep", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Sweeps")},
    {"papers", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Papers and lessons")},
    {"launchers", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Your own machines")},
    {"slurm", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Your own cluster")},
    {"security", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Engines on a network")},
    {"scripts", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Scripts, faults and citing")},
    {"measured", QT_TRANSLATE_NOOP("concertina::ui::HelpWindow", "Measured")},
};

}  // namespace

HelpWindow::HelpWindow(QWidget* parent) : QWidget(parent, Qt::Window) {
  setObjectName(QStringLiteral("helpWindow"));
  setWindowTitle(tr("Concertina Help"));
  const int unit = rhythmUnit(this);
  auto* row = new QHBoxLayout(this);
  setRhythm(row, this, 1, 1, 1, 1, 1);
  index_ = new QListWidget(this);
  index_->setObjectName(QStringLiteral("helpWindow.index"));
  index_->setProperty("index", true);
  index_->setFrameShape(QFrame::NoFrame);
  index_->setAccessibleName(tr("Pages"));
  for (const HelpPage& page : kPages) index_->addItem(tr(page.title));
  index_->setFixedWidth(index_->sizeHintForColumn(0) + 5 * unit);
  row->addWidget(index_);
  text_ = new QTextBrowser(this);
  text_->setObjectName(QStringLiteral("helpWindow.text"));
  text_->setFrameShape(QFrame::NoFrame);
  text_->document()->setDocumentMargin(2 * unit);
  text_->setOpenLinks(false);
  row->addWidget(text_, 1);
  resize(charactersWide(this, 130), 80 * unit);
  connect(index_, &QListWidget::currentRowChanged, this, &HelpWindow::open);
  connect(text_, &QTextBrowser::anchorClicked, this, [this](const QUrl& link) {
    if (link.scheme().isEmpty() && link.path().endsWith(QLatin1String(".md"))) {
      showPage(link.path().chopped(3));
    } else {
      QDesktopServices::openUrl(link);
    }
  });
}

void HelpWindow::showPage(const QString& name) {
  int row = 0;
  for (int i = 0; i < index_->count(); ++i)
    if (name == QLatin1String(kPages[i].name)) row = i;
  index_->setCurrentRow(row);
  open(row);
}

void HelpWindow::open(int row) {
  QFile file(QStringLiteral(":/help/%1.md").arg(QLatin1String(kPages[row].name)));
  if (!file.open(QIODevice::ReadOnly)) return;
  text_->setMarkdown(QString::fromUtf8(file.readAll()));
}

}  // namespace concertina::ui
