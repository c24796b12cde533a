// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_start_lines.cc: see monitor_start_lines.h.
#include "ui/pages/monitor_start_lines.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"

namespace concertina::ui {

MonitorStartLines::MonitorStartLines(EngineClient& client, const QString& run, QWidget* parent)
    : QDialog(parent), client_(client), run_(run), lead_(new QLabel(this)), lines_(new QPlainTextEdit(this)) {
  setObjectName(QStringLiteral("monitorStartLines"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Start Workers by Hand"));
  lead_->setObjectName(QStringLiteral("monitorStartLines.lead"));
  lead_->setTextFormat(Qt::PlainText);
  lead_->setWordWrap(true);
  lines_->setObjectName(QStringLiteral("monitorStartLines.lines"));
  lines_->setAccessibleName(tr("Lines that start the workers"));
  lines_->setReadOnly(true);
  lines_->setLineWrapMode(QPlainTextEdit::NoWrap);
  lines_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  lines_->setTabChangesFocus(true);
  lines_->setMinimumHeight(QFontMetrics(lines_->font()).lineSpacing() * 6);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  copy_ = buttons->addButton(tr("&Copy"), QDialogButtonBox::ActionRole);
  copy_->setObjectName(QStringLiteral("monitorStartLines.copyButton"));
  copy_->setDefault(true);
  auto* again = buttons->addButton(tr("&Look Again"), QDialogButtonBox::ActionRole);
  again->setObjectName(QStringLiteral("monitorStartLines.againButton"));

  auto* layout = new QVBoxLayout(this);
  setRhythm(layout, this, 2, 2, 2, 2, 1);
  layout->addWidget(lead_);
  layout->addWidget(lines_, 1);
  layout->addWidget(buttons);
  lead_->setMinimumWidth(charactersWide(this, 60));

  connect(copy_, &QPushButton::clicked, this,
          [this] { QApplication::clipboard()->setText(lines_->toPlainText()); });
  connect(again, &QPushButton::clicked, this, &MonitorStartLines::ask);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  ask();
}

void MonitorStartLines::ask() {
  lead_->setText(tr("Asking the engine…"));
  copy_->setEnabled(false);
  client_.startLines(this, run_, [this](const QVector<proto::StartLine>& all, const QString& error) {
    QStringList lines;
    for (const proto::StartLine& each : all) lines << QString::fromStdString(each.line());
    lines_->setPlainText(lines.join(QLatin1Char('\n')));
    copy_->setEnabled(!lines.isEmpty());
    if (!error.isEmpty())
      lead_->setText(error);
    else if (lines.isEmpty())
      lead_->setText(
          tr("No worker waits to be started by hand: all of them are here, or the run has ended."));
    else
      lead_->setText(
          tr("%n worker(s) wait(s) for you. Each line starts one, once, on a machine with Concertina; "
             "it holds a token, so show it to nobody else.",
             nullptr, int(lines.size())));
  });
}

}  // namespace concertina::ui
