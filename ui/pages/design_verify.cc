// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_verify.cc: see design_verify.h.
#include "ui/pages/design_verify.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/client/analysis_words.h"
#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

// EqualitySentence() in the person's language.
QStringList verdictText(const EqualityPair& pair, const EqualityResult& result) {
  const bool alone = pair.workers == 1;
  const QString workers = workersText(int(pair.workers));
  //: where "4 workers" stands if there are several
  const QString who = alone ? DesignVerify::tr("the experiment") : workers;
  const auto filled = [&](const QString& text) { return text.arg(formatCount(pair.steps), who); };
  switch (VerdictOf(pair, result)) {
    case EqualityVerdict::kEqual: {
      QStringList text = {filled(
          result.different == 0
              ? DesignVerify::tr("After %1 steps the parameters of %2 equal those of one worker bit for bit.")
              : DesignVerify::tr(
                    "After %1 steps the parameters of %2 equal those of one worker to rounding."))};
      if (pair.attempt > 1)
        text << DesignVerify::tr(
                    "That is with seed %1. With those tried before it the two parted, as they do where "
                    "rounding "
                    "tips a unit at its threshold.")
                    .arg(pair.seed);
      return text;
    }
    case EqualityVerdict::kDifferent:
      if (pair.attempt > 1)
        return {
            filled(DesignVerify::tr("After %1 steps the parameters of %2 differ from those of one worker by "
                                    "more than rounding, with each of %3 seeds."))
                .arg(pair.attempt)};
      return {filled(DesignVerify::tr(
          "After %1 steps the parameters of %2 differ from those of one worker by more than rounding."))};
    case EqualityVerdict::kNotApplicable:
      break;
  }
  return {
      alone ? DesignVerify::tr("The experiment is not meant to equal one worker, so there is no verdict.")
            : DesignVerify::tr("%1 are not meant to equal one worker, so there is no verdict.").arg(workers)};
}

}  // namespace

DesignVerify::DesignVerify(EngineClient& client, const QString& spec, QWidget* parent)
    : QDialog(parent),
      check_(client),
      headline_(new QLabel(this)),
      text_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      figures_(new QWidget(this)),
      rows_(new QFormLayout(figures_)),
      close_(new QPushButton(tr("Cancel"), this)) {
  setObjectName(QStringLiteral("verifyDialog"));
  setWindowTitle(tr("Verify Against One Worker"));
  setAttribute(Qt::WA_DeleteOnClose);
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 3, 3, 3, 2, 1.5);
  headline_->setObjectName(QStringLiteral("verifyDialog.headline"));
  headline_->setFont(scaledFont(font(), 1.25, QFont::DemiBold));
  headline_->setText(tr("Comparing with one worker"));
  text_->setObjectName(QStringLiteral("verifyDialog.text"));
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  text_->setMinimumWidth(charactersWide(this, 60));
  progress_->setObjectName(QStringLiteral("verifyDialog.progress"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setHorizontalSpacing(2 * rhythmUnit(this));
  figures_->hide();
  close_->setObjectName(QStringLiteral("verifyDialog.closeButton"));
  close_->setAutoDefault(true);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(close_);
  column->addWidget(headline_);
  column->addWidget(text_);
  column->addWidget(progress_);
  column->addWidget(figures_);
  column->addStretch(1);
  column->addLayout(buttons);
  connect(close_, &QPushButton::clicked, this, &QDialog::reject);
  connect(this, &QDialog::finished, &check_, &EqualityCheck::cancel);
  connect(&check_, &EqualityCheck::progressed, this, [this](const QString& text, double share) {
    text_->setText(text);
    progress_->setValue(qRound(share * 1000));
  });
  connect(&check_, &EqualityCheck::finished, this, &DesignVerify::showResult);
  connect(&check_, &EqualityCheck::failed, this,
          [this](const QString& error) { showEnd(tr("Nothing was compared"), "error", error); });
  check_.start(spec);
}

void DesignVerify::showEnd(const QString& headline, const char* tone, const QString& text) {
  headline_->setText(headline);
  setTone(headline_, tone);
  text_->setText(text);
  progress_->hide();
  close_->setText(tr("Close"));
}

void DesignVerify::showResult() {
  const EqualityPair& pair = check_.pair();
  const EqualityResult& result = check_.result();
  QStringList text = verdictText(pair, result);
  for (const std::string& reason : pair.reasons) text << analysisSentence(QString::fromStdString(reason));
  const auto row = [this](const QString& label, const QString& value) {
    auto* shown = new QLabel(value, figures_);
    shown->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* name = new QLabel(label, figures_);
    setTone(name, "quiet");
    rows_->addRow(name, shown);
  };
  row(tr("Largest difference"), formatNumber(result.absolute));
  row(tr("Of its tensor's scale"),
      tr("%1, in %2").arg(formatNumber(result.relative), QString::fromStdString(result.tensor)));
  if (pair.meant_equal()) {
    row(tr("Allowed"), formatNumber(pair.tolerance));
    text << analysisSentence(QString::fromStdString(pair.tolerance_reason));
  }
  row(tr("Not the same bits"),
      tr("%1 of %2 parameters").arg(formatCount(result.different), formatCount(result.parameters)));
  figures_->show();
  const QString words = text.join(QStringLiteral("\n\n"));
  switch (VerdictOf(pair, result)) {
    case EqualityVerdict::kEqual:
      return showEnd(tr("Equal"), "good", words);
    case EqualityVerdict::kDifferent:
      return showEnd(tr("Different"), "error", words);
    case EqualityVerdict::kNotApplicable:
      return showEnd(tr("Not meant to be equal"), "warning", words);
  }
}

}  // namespace concertina::ui
