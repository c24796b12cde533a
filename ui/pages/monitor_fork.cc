// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_fork.cc: see monitor_fork.h.
#include "ui/pages/monitor_fork.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/client/number_format.h"
#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kForkCheckMs = 300;  // after the last key

QString knobLine(const LiveKnob& knob) {
  const QByteArray list = QJsonDocument(QJsonArray{knob.value}).toJson(QJsonDocument::Compact);
  return knob.pointer + QLatin1Char('=') + QString::fromUtf8(list.mid(1, list.size() - 2));
}

}  // namespace

MonitorFork::MonitorFork(EngineClient& client, const proto::RunSummary& run, const QVector<LiveKnob>& knobs,
                         QWidget* parent)
    : QDialog(parent),
      client_(client),
      run_(run),
      knobs_(knobs),
      now_(new QRadioButton(this)),
      earlier_(new QRadioButton(tr("From the newest checkpoint at or before step"), this)),
      step_(new QSpinBox(this)),
      settings_(new QComboBox(this)),
      changes_(new QPlainTextEdit(this)),
      answer_(new QLabel(this)) {
  setObjectName(QStringLiteral("monitorFork"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Fork with a Change"));
  const int unit = rhythmUnit(this);
  const bool goes_on = isActive(run.state());
  auto* lead =
      new QLabel(tr("A new run goes on from where “%1” was: the same parameters, the same optimiser, "
                    "the same order of samples, and one thing changed.")
                     .arg(QString::fromStdString(run.name())),
                 this);
  lead->setWordWrap(true);
  now_->setObjectName(QStringLiteral("monitorFork.now"));
  now_->setText(
      goes_on ? tr("From now (a checkpoint is written first)")
              : tr("From its newest checkpoint, of step %1").arg(formatCount(run.last_checkpoint_step())));
  now_->setChecked(true);
  earlier_->setObjectName(QStringLiteral("monitorFork.earlier"));
  step_->setObjectName(QStringLiteral("monitorFork.step"));
  step_->setAccessibleName(tr("Step"));
  step_->setButtonSymbols(QAbstractSpinBox::NoButtons);  // the arrow keys turn it
  step_->setRange(0, static_cast<int>(std::clamp<qint64>(run.total_steps(), 1, INT_MAX)));
  step_->setValue(static_cast<int>(std::min<qint64>(run.last_checkpoint_step(), step_->maximum())));
  step_->setEnabled(false);
  settings_->setObjectName(QStringLiteral("monitorFork.settings"));
  settings_->setAccessibleName(tr("Add a setting"));
  settings_->addItem(tr("Add a setting…"));
  for (const LiveKnob& knob : knobs_)
    settings_->addItem(QStringLiteral("%1: %2").arg(knob.component, knobLabel(knob)));
  settings_->setVisible(!knobs_.isEmpty());
  changes_->setObjectName(QStringLiteral("monitorFork.changes"));
  changes_->setAccessibleName(tr("Changes, one a line"));
  changes_->setPlaceholderText(QStringLiteral("/optimizer/learning_rate=0.01"));
  changes_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  changes_->setTabChangesFocus(true);
  auto* label = new QLabel(tr("&Changes, one a line, as the command line says them:"), this);
  label->setBuddy(changes_);
  answer_->setObjectName(QStringLiteral("monitorFork.answer"));
  answer_->setWordWrap(true);
  answer_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  fork_ = buttons->addButton(tr("&Fork"), QDialogButtonBox::ActionRole);
  fork_->setObjectName(QStringLiteral("monitorFork.forkButton"));
  fork_->setDefault(true);
  fork_->setProperty("primary", true);

  auto* from = new QHBoxLayout;
  from->addWidget(earlier_);
  from->addWidget(step_);
  from->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  setRhythm(layout, this, 2, 2, 2, 2, 1);
  layout->addWidget(lead);
  layout->addSpacing(unit);
  layout->addWidget(now_);
  layout->addLayout(from);
  layout->addSpacing(unit);
  layout->addWidget(label);
  layout->addWidget(changes_, 1);
  layout->addWidget(settings_, 0, Qt::AlignLeft);
  layout->addWidget(answer_);
  layout->addWidget(buttons);
  changes_->setMinimumHeight(QFontMetrics(changes_->font()).lineSpacing() * 4);
  lead->setMinimumWidth(charactersWide(this, 60));

  check_timer_.setSingleShot(true);
  check_timer_.setInterval(kForkCheckMs);
  connect(&check_timer_, &QTimer::timeout, this, &MonitorFork::check);
  connect(changes_, &QPlainTextEdit::textChanged, this, [this] { check_timer_.start(); });
  connect(earlier_, &QRadioButton::toggled, this, [this](bool is_earlier) {
    step_->setEnabled(is_earlier);
    check_timer_.start();
  });
  connect(step_, &QSpinBox::valueChanged, this, [this] { check_timer_.start(); });
  connect(settings_, &QComboBox::activated, this, &MonitorFork::insert);
  connect(fork_, &QPushButton::clicked, this, &MonitorFork::fork);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  changes_->setFocus();
  check();
}

proto::ForkRequest MonitorFork::request() const {
  proto::ForkRequest request;
  request.set_run(run_.run());
  request.set_step(earlier_->isChecked() ? step_->value() : -1);
  for (const QString& line : changes_->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts))
    if (!line.trimmed().isEmpty()) request.add_changes(line.trimmed().toStdString());
  return request;
}

void MonitorFork::insert(int item) {
  settings_->setCurrentIndex(0);
  if (item < 1 || item > knobs_.size()) return;
  QString text = changes_->toPlainText();
  if (!text.isEmpty() && !text.endsWith(QLatin1Char('\n'))) text += QLatin1Char('\n');
  changes_->setPlainText(text + knobLine(knobs_[item - 1]));
  changes_->moveCursor(QTextCursor::End);
  changes_->setFocus();
}

void MonitorFork::check() {
  if (is_forking_) return;
  proto::ForkRequest asked = request();
  asked.set_validate_only(true);
  client_.fork(
      this, asked,
      [this, number = ++asked_](const QString&, const QVector<SpecFault>& faults, const QString& error) {
        if (number == asked_ && !is_forking_) showAnswer(faults, error);
      });
}

void MonitorFork::showAnswer(const QVector<SpecFault>& faults, const QString& error) {
  QStringList words;
  if (!error.isEmpty()) words << error;
  for (const SpecFault& fault : faults) words << fault.message;
  const bool is_good = words.isEmpty();
  answer_->setText(is_good ? request().changes().empty()
                                 ? tr("Nothing is changed yet: the new run would do as this one does.")
                                 : tr("The new run can start.")
                           : words.join(QLatin1Char('\n')));
  setTone(answer_, is_good ? "quiet" : "error");
  fork_->setEnabled(is_good);
}

void MonitorFork::fork() {
  is_forking_ = true;
  fork_->setEnabled(false);
  answer_->setText(tr("Laying the checkpoint…"));
  setTone(answer_, "quiet");
  client_.fork(this, request(),
               [this](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                 is_forking_ = false;
                 if (run.isEmpty()) return showAnswer(faults, error);
                 emit forked(run);
                 accept();
               });
}

}  // namespace concertina::ui
