// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_serve.cc: see compress_serve.h.
#include "ui/pages/compress_serve.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/client/number_format.h"
#include "ui/forms/figure_rows.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

CompressServe::CompressServe(const QString& engine, const QString& run, const QString& name, QWidget* parent)
    : QDialog(parent),
      serving_(new ModelServing(this)),
      message_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      figures_(new QFrame(this)),
      queries_(new QSpinBox(this)) {
  setObjectName(QStringLiteral("compressServe"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Serve Here"));
  const int unit = rhythmUnit(this);
  //: %1 is the name of a run.
  auto* lead =
      new QLabel(tr("The model of “%1” answers over gRPC at a socket of your own on this machine, as "
                    "long as this window is open.")
                     .arg(name),
                 this);
  lead->setTextFormat(Qt::PlainText);  // a run's name is anybody's text
  lead->setWordWrap(true);
  lead->setMinimumWidth(charactersWide(this, 70));
  queries_->setObjectName(QStringLiteral("compressServe.queries"));
  queries_->setRange(1, 1 << 20);
  queries_->setValue(1024);
  queries_->setGroupSeparatorShown(true);
  queries_->setAccessibleName(tr("How often the model is asked while it is measured"));
  queries_->setToolTip(queries_->accessibleName());
  auto* queries_label = new QLabel(tr("&Questions to measure"), this);
  queries_label->setBuddy(queries_);
  auto* queries_row = new QHBoxLayout;
  queries_row->setSpacing(2 * unit);
  queries_row->addWidget(queries_label);
  queries_row->addWidget(queries_);
  queries_row->addStretch(1);
  message_->setObjectName(QStringLiteral("compressServe.message"));
  message_->setTextFormat(Qt::PlainText);
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  progress_->setObjectName(QStringLiteral("compressServe.progress"));
  progress_->setAccessibleName(tr("Serving"));
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  figures_->setObjectName(QStringLiteral("compressServe.figures"));
  figures_->setProperty("card", true);
  rows_ = new QFormLayout(figures_);
  figures_->hide();
  auto* buttons = new QDialogButtonBox(this);
  measure_ = buttons->addButton(tr("&Measure Again"), QDialogButtonBox::ActionRole);
  measure_->setObjectName(QStringLiteral("compressServe.measureButton"));
  measure_->setEnabled(false);
  stop_ = buttons->addButton(tr("&Stop"), QDialogButtonBox::ActionRole);
  stop_->setObjectName(QStringLiteral("compressServe.stopButton"));
  stop_->setToolTip(tr("End the program that serves the model"));
  close_ = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
  close_->setObjectName(QStringLiteral("compressServe.closeButton"));
  // Return must not stop it by chance.
  for (QPushButton* button : {measure_, stop_}) button->setAutoDefault(false);
  close_->setDefault(true);

  auto* layout = new QVBoxLayout(this);
  setRhythm(layout, this, 2, 2, 2, 2, 1);
  layout->addWidget(lead);
  layout->addSpacing(unit);
  layout->addLayout(queries_row);
  layout->addWidget(progress_);
  layout->addWidget(message_);
  layout->addWidget(figures_);
  layout->addStretch(1);
  layout->addWidget(buttons);

  connect(serving_, &ModelServing::served, this, &CompressServe::showServed);
  connect(serving_, &ModelServing::measured, this, &CompressServe::showMeasured);
  connect(serving_, &ModelServing::ended, this, &CompressServe::showEnded);
  connect(measure_, &QPushButton::clicked, this, &CompressServe::measure);
  connect(stop_, &QPushButton::clicked, this, [this] {
    stop_->setEnabled(false);
    measure_->setEnabled(false);
    serving_->stop();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &CompressServe::reject);
  say(tr("Fetching the model, and opening its socket…"), "quiet");
  serving_->start(engine, run);
}

void CompressServe::showServed(const QJsonObject& served) {
  served_ = served;
  fillRows();
  measure();
}

void CompressServe::measure() {
  measure_->setEnabled(false);
  queries_->setEnabled(false);
  progress_->show();
  say(tr("It answers. Measuring…"), "quiet");
  serving_->measure(queries_->value());
}

void CompressServe::showMeasured(const QJsonObject& bench, const QString& error) {
  progress_->hide();
  measure_->setEnabled(true);
  queries_->setEnabled(true);
  if (!error.isEmpty()) return say(error, "error");
  bench_ = bench;
  fillRows();
  say(tr("It answers. Measured one question at a time, on one thread."), "quiet");
}

void CompressServe::showEnded(const QString& error) {
  progress_->hide();
  for (QWidget* widget : std::initializer_list<QWidget*>{measure_, stop_, queries_})
    widget->setEnabled(false);
  close_->setFocus();
  if (!error.isEmpty()) return say(error, "error");
  say(tr("Stopped. Nothing answers at that address any more."), "quiet");
}

void CompressServe::fillRows() {
  clearRows(*rows_);
  const auto add = [this](const QString& what, const QString& value, bool is_code) {
    addFigureRow(*rows_, what, value, is_code, !is_code);  // an address is one word, and is copied as one
  };
  for (const auto& [what, value] : servedWords(served_)) add(what, value, value == serving_->address());
  if (!bench_.isEmpty())
    for (const auto& [what, value] : servedLatencyWords(bench_)) add(what, value, false);
  add(tr("Ask it"), QStringLiteral("concertinactl ask %1 FILE").arg(serving_->address()), true);
  figures_->show();
  layout()->activate();
  resize(size().expandedTo(sizeHint()));  // the rows came after the window
}

void CompressServe::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
}

}  // namespace concertina::ui
