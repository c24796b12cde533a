// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_deploy.cc: see compress_deploy.h.
#include "ui/pages/compress_deploy.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QFrame>
#include <QJsonDocument>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <utility>

#include "ui/client/core_words.h"
#include "ui/client/device_figures.h"
#include "ui/client/number_format.h"
#include "ui/forms/catalog.h"
#include "ui/forms/figure_rows.h"
#include "ui/forms/param_form.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compress_serve.h"

namespace concertina::ui {
namespace {

const QString kDevicePointer = QStringLiteral("/workers/0");  // where the engine's faults of an entry are

// Of what the launcher takes, that which is about the way there; the rest is about workers.
const char* const kDeviceFields[] = {"host", "user", "port", "key", "jump", "folder", "known_hosts"};

}  // namespace

CompressDeploy::CompressDeploy(EngineClient& client, const QString& run, const QString& name,
                               const QJsonObject& device, QWidget* parent)
    : QDialog(parent),
      client_(client),
      run_(run),
      device_(device),
      form_place_(new QVBoxLayout),
      queries_(new QSpinBox(this)),
      help_(new QLabel(this)),
      message_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      figures_(new QFrame(this)) {
  setObjectName(QStringLiteral("compressDeploy"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Deploy to a Device"));
  const int unit = rhythmUnit(this);
  //: %1 is the name of a run.
  auto* lead =
      new QLabel(tr("The model of “%1” is copied to a device by ssh, with the program that runs it, and "
                    "measured there. Both stay on the device.")
                     .arg(name),
                 this);
  lead->setTextFormat(Qt::PlainText);  // a run's name is anybody's text
  lead->setWordWrap(true);
  lead->setMinimumWidth(charactersWide(this, 70));
  queries_->setObjectName(QStringLiteral("compressDeploy.queries"));
  queries_->setRange(1, 1 << 20);
  queries_->setValue(1024);
  queries_->setGroupSeparatorShown(true);
  queries_->setAccessibleName(tr("How often the model answers while it is measured"));
  queries_->setToolTip(queries_->accessibleName());
  auto* queries_label = new QLabel(tr("Answers to &measure"), this);
  queries_label->setBuddy(queries_);
  queries_label->setMinimumWidth(labelColumnWidth(this));
  auto* queries_row = new QHBoxLayout;
  queries_row->setSpacing(2 * unit);
  queries_row->addWidget(queries_label);
  queries_row->addWidget(queries_);
  queries_row->addStretch(1);
  help_->setObjectName(QStringLiteral("compressDeploy.help"));
  help_->setWordWrap(true);
  help_->setTextFormat(Qt::RichText);
  help_->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());
  setTone(help_, "quiet");
  message_->setObjectName(QStringLiteral("compressDeploy.message"));
  message_->setTextFormat(Qt::PlainText);
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  progress_->setObjectName(QStringLiteral("compressDeploy.progress"));
  progress_->setAccessibleName(tr("Deploying"));
  progress_->setRange(0, 0);  // what the engine does there it tells once it is done
  progress_->setTextVisible(false);
  figures_->setObjectName(QStringLiteral("compressDeploy.figures"));
  figures_->setProperty("card", true);
  rows_ = new QFormLayout(figures_);
  figures_->hide();
  progress_->hide();
  message_->hide();
  auto* buttons = new QDialogButtonBox(this);
  measure_ = buttons->addButton(tr("&Deploy"), QDialogButtonBox::ActionRole);
  measure_->setObjectName(QStringLiteral("compressDeploy.deployButton"));
  measure_->setDefault(true);
  measure_->setProperty("primary", true);
  measure_->setEnabled(false);
  serve_ = buttons->addButton(tr("&Serve Here…"), QDialogButtonBox::ActionRole);
  serve_->setObjectName(QStringLiteral("compressDeploy.serveButton"));
  serve_->setToolTip(
      tr("Let the model answer over gRPC on this machine, and measure it as its callers see it"));
  serve_->setAutoDefault(false);
  close_ = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
  close_->setObjectName(QStringLiteral("compressDeploy.closeButton"));

  auto* layout = new QVBoxLayout(this);
  setRhythm(layout, this, 2, 2, 2, 2, 1);
  layout->addWidget(lead);
  layout->addSpacing(unit);
  layout->addLayout(form_place_);
  layout->addLayout(queries_row);
  layout->addWidget(help_);
  layout->addWidget(progress_);
  layout->addWidget(message_);
  layout->addWidget(figures_);
  layout->addStretch(1);
  layout->addWidget(buttons);

  elapsed_timer_.setInterval(1000);
  connect(&elapsed_timer_, &QTimer::timeout, this, &CompressDeploy::showElapsed);
  connect(measure_, &QPushButton::clicked, this, &CompressDeploy::measure);
  connect(serve_, &QPushButton::clicked, this, [this, name] {
    auto* window = new CompressServe(client_.address(), run_, name, this);
    window->open();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &CompressDeploy::reject);
  askForFields();
}

// Closed by its frame too: nobody would see the answer.
CompressDeploy::~CompressDeploy() {
  if (cancel_) cancel_();
}

void CompressDeploy::askForFields() {
  client_.describe(this, [this](const QJsonObject& describe, const QString& error) {
    if (form_ != nullptr) return;
    const std::shared_ptr<const Catalog> catalog = Catalog::fromDescribe(describe);
    const ComponentInfo* const ssh = catalog->find(QStringLiteral("launcher"), QStringLiteral("ssh"));
    if (ssh == nullptr)
      return say(error.isEmpty() ? tr("This engine cannot reach other machines by ssh.") : error, "error");
    QVector<ParamInfo> fields;
    for (const char* name : kDeviceFields)
      if (const ParamInfo* field = ssh->param(QLatin1String(name)); field != nullptr) fields << *field;
    form_ = new ParamForm(catalog, fields, kDevicePointer, this, ssh);
    form_place_->addWidget(form_);
    form_->setValues(device_);
    connect(form_, &ParamForm::fieldFocused, this, [this](const QString& label, const QString& help) {
      help_->setText(label.isEmpty() ? help
                                     : QStringLiteral("<b>%1</b> %2").arg(label.toHtmlEscaped(), help));
    });
    // What the engine found wrong is of the entry as it was.
    connect(form_, &ParamForm::edited, this, [this] { form_->setFaults({}); });
    form_->focusField(kDevicePointer + QStringLiteral("/host"));
    measure_->setEnabled(true);
  });
}

void CompressDeploy::measure() {
  if (form_ == nullptr || cancel_) return;
  const FaultTexts own = form_->ownFaults();
  if (!own.isEmpty()) {
    form_->focusField(own.firstKey());
    return say(own.first(), "error");
  }
  device_ = form_->values();
  if (device_.value(QLatin1String("host")).toString().trimmed().isEmpty()) {
    form_->focusField(kDevicePointer + QStringLiteral("/host"));
    return say(tr("Name the device first: its name, its address, or its entry of ~/.ssh/config."), "error");
  }
  emit measureStarted(device_);
  QJsonObject entry = device_;
  entry[QLatin1String("launcher")] = QStringLiteral("ssh");
  proto::MeasureOnDeviceRequest request;
  request.set_run(run_.toStdString());
  request.set_entry_json(QJsonDocument(entry).toJson(QJsonDocument::Compact).toStdString());
  request.set_queries(queries_->value());
  setMeasuring(true);
  cancel_ = client_.measureOnDevice(
      this, request,
      [this, number = ++asked_](const proto::MeasureOnDeviceReply& reply, const QString& error) {
        if (number == asked_) showAnswer(reply, error);
      });
}

void CompressDeploy::showAnswer(const proto::MeasureOnDeviceReply& reply, const QString& error) {
  cancel_ = nullptr;
  setMeasuring(false);
  if (!error.isEmpty()) return say(error, "error");
  FaultTexts faults;
  for (const proto::SpecFault& fault : reply.faults()) {
    const QString pointer = QString::fromStdString(fault.pointer());
    if (!faults.contains(pointer)) faults.insert(pointer, coreText(fault.message()));
  }
  if (!faults.isEmpty()) {
    form_->setFaults(faults);
    form_->focusField(faults.firstKey());
    return say(faults.first(), "error");
  }
  const DeviceWords words = deviceWords(reply);
  if (!words.error.isEmpty()) return say(words.error, "error");
  clearRows(*rows_);
  for (const auto& [what, value] : words.rows)
    addFigureRow(*rows_, what, value, value.startsWith(QLatin1Char('/')), /*wraps=*/true);
  addFigureRow(*rows_, tr("Use it there"), words.command, true, /*wraps=*/true);
  figures_->show();
  //: %1 is a time. Of a model on a small device.
  say(tr("Deployed and measured in %1: one sample at a time, one thread.")
          .arg(formatDuration(reply.seconds())),
      "quiet");
}

void CompressDeploy::setMeasuring(bool measuring) {
  if (form_ != nullptr) form_->setEnabled(!measuring);
  queries_->setEnabled(!measuring);
  measure_->setEnabled(!measuring && form_ != nullptr);
  serve_->setEnabled(!measuring);
  close_->setText(measuring ? tr("Cancel") : tr("Close"));
  progress_->setVisible(measuring);
  if (!measuring) return elapsed_timer_.stop();
  figures_->hide();
  began_.start();
  elapsed_timer_.start();
  showElapsed();
  close_->setFocus();
}

void CompressDeploy::showElapsed() {
  //: %1 is a time.
  say(tr("Logging in, copying the program and the model, measuring… (%1)")
          .arg(formatDuration(double(began_.elapsed() / 1000), true)),
      "quiet");
}

void CompressDeploy::reject() {
  if (!cancel_) return QDialog::reject();
  ++asked_;
  std::exchange(cancel_, nullptr)();
  setMeasuring(false);
  say(tr("Cancelled. What was copied whole before stays on the device."), "quiet");
}

void CompressDeploy::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
  message_->show();
}

}  // namespace concertina::ui
