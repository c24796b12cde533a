// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality_check.cc: see equality_check.h.
#include "ui/client/equality_check.h"

#include <QFile>
#include <QJsonDocument>
#include <QThreadPool>

#include "ui/client/core_words.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

QString textOf(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

absl::StatusOr<std::vector<TensorValues>> readTensors(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return absl::UnavailableError("cannot read " + path.toStdString());
  const QByteArray bytes = file.readAll();
  return TensorsOf(std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
}

absl::StatusOr<EqualityResult> compareFiles(const QString& one, const QString& many) {
  ASSIGN_OR_RETURN(const std::vector<TensorValues> expected, readTensors(one));
  ASSIGN_OR_RETURN(const std::vector<TensorValues> got, readTensors(many));
  return CompareTensors(expected, got);
}

}  // namespace

EqualityCheck::EqualityCheck(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), mailbox_(std::make_shared<Mailbox>(this)) {
  connect(&client_, &EngineClient::runChanged, this, [this](const proto::RunSummary& run) {
    if (!going_) return;
    seen_[QString::fromStdString(run.run())] = run;
    follow(run);
  });
}

EqualityCheck::~EqualityCheck() {
  cancel();
  mailbox_->Close();
}

void EqualityCheck::fail(const QString& error) {
  going_ = false;
  ++generation_;
  emit failed(error);
}

void EqualityCheck::cancel() {
  if (!going_) return;
  going_ = false;
  ++generation_;
  if (!run_.isEmpty() && !isEnded(seen_.value(run_).state()))
    client_.control(&client_, run_, proto::ControlRunRequest::KILL, [](int, const QString&) {});
}

void EqualityCheck::start(const QString& spec, qint64 steps) {
  cancel();
  going_ = true;
  const qint64 asked = ++generation_;
  emit progressed(tr("Working out what one worker would do…"), 0);
  client_.checkedSpec(this, spec, [this, asked, steps](const QString& checked, const QString& error) {
    if (asked != generation_) return;
    if (!error.isEmpty()) return fail(error);
    client_.plan(this, checked,
                 [this, asked, steps, checked](const QJsonObject& plan, const QVector<SpecFault>& faults,
                                               const QString& why) {
                   if (asked != generation_) return;
                   if (!why.isEmpty() || !faults.isEmpty())
                     return fail(why.isEmpty() ? faults.first().message : why);
                   const auto pair = MakeEqualityPair(
                       checked.toStdString(),
                       QJsonDocument(plan).toJson(QJsonDocument::Compact).toStdString(), steps);
                   if (!pair.ok()) return fail(textOf(pair.status()));
                   pair_ = *pair;
                   one_ = false;
                   launch();
                 });
  });
}

void EqualityCheck::launch() {
  run_.clear();
  fetching_ = false;
  const std::string& spec = one_ ? pair_.one_json : pair_.many_json;
  client_.submit(this, QString::fromStdString(spec),
                 [this, asked = generation_](const QString& run, const QVector<SpecFault>& faults,
                                             const QString& error) {
                   if (asked != generation_) {  // cancelled meanwhile: what was launched is not wanted
                     if (!run.isEmpty())
                       client_.control(&client_, run, proto::ControlRunRequest::KILL,
                                       [](int, const QString&) {});
                     return;
                   }
                   if (!error.isEmpty() || !faults.isEmpty())
                     return fail(error.isEmpty() ? faults.first().message : error);
                   run_ = run;
                   follow(seen_.value(run));
                 });
}

void EqualityCheck::follow(const proto::RunSummary& run) {
  if (!going_ || run_.isEmpty() || run.run() != run_.toStdString() || fetching_) return;
  const double done = run.total_steps() > 0 ? double(run.steps()) / double(run.total_steps()) : 0;
  emit progressed(one_ ? tr("The same on one worker, step %1 of %2").arg(run.steps()).arg(pair_.steps)
                       : tr("The experiment, step %1 of %2").arg(run.steps()).arg(pair_.steps),
                  ((one_ ? 1 : 0) + done) / 2);
  if (!isEnded(run.state())) return;
  if (run.state() == proto::FINISHED) return fetch();
  const QString why = coreText(run.error());
  fail(why.isEmpty() ? tr("Run %1 did not finish, so nothing was compared.").arg(run_)
                     : tr("Run %1 did not finish: %2").arg(run_, why));
}

void EqualityCheck::fetch() {
  fetching_ = true;
  const QString path =
      folder_.filePath(one_ ? QStringLiteral("one.safetensors") : QStringLiteral("many.safetensors"));
  client_.exportRun(this, run_, QStringLiteral("safetensors"), path,
                    [this, asked = generation_](const QString&, const QString& error) {
                      if (asked != generation_) return;
                      if (!error.isEmpty()) return fail(error);
                      if (one_) return compare();
                      one_ = true;
                      launch();
                    });
}

void EqualityCheck::compare() {
  emit progressed(tr("Comparing the parameters…"), 1);
  QThreadPool::globalInstance()->start([this, mailbox = mailbox_, asked = generation_,
                                        one = folder_.filePath(QStringLiteral("one.safetensors")),
                                        many = folder_.filePath(QStringLiteral("many.safetensors"))] {
    const absl::StatusOr<EqualityResult> result = compareFiles(one, many);
    mailbox->Post([this, asked, result] {
      if (asked != generation_) return;
      if (!result.ok()) return fail(textOf(result.status()));
      result_ = *result;
      if (IsWorthAnotherSeed(pair_, result_)) {
        pair_ = NextAttempt(pair_);
        one_ = false;
        return launch();
      }
      going_ = false;
      emit finished();
    });
  });
}

}  // namespace concertina::ui
