// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_sample_shelf.cc: keys, questions, answers (see design_sample_shelf.h).
#include "ui/pages/design_sample_shelf.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace concertina::ui {

DesignSampleShelf::DesignSampleShelf(Ask ask, QObject* parent) : QObject(parent), ask_(std::move(ask)) {}

QString DesignSampleShelf::keyOf(int worker) const {
  QString key = QString::fromUtf8(dataset_);
  if (worker >= 0) key += QStringLiteral("\n%1\n%2").arg(worker).arg(QString::fromUtf8(parts_));
  return key;
}

void DesignSampleShelf::setExperiment(const QString& spec, const QJsonObject& plan) {
  const QJsonObject whole = QJsonDocument::fromJson(spec.toUtf8()).object();
  spec_ = spec;
  // What the plan says of the dataset is in the key as well: another file under the same name has other
  // sizes.
  const QJsonObject decides = {{QStringLiteral("dataset"), whole.value(QLatin1String("dataset"))},
                               {QStringLiteral("seed"), whole.value(QLatin1String("seed"))},
                               {QStringLiteral("found"), plan.value(QLatin1String("dataset"))}};
  dataset_ = QJsonDocument(decides).toJson(QJsonDocument::Compact);
  const QJsonArray parts = plan.value(QLatin1String("class_histogram")).toArray();
  parts_ = QJsonDocument(parts).toJson(QJsonDocument::Compact);
  if (worker_ >= parts.size()) worker_ = -1;
  fetch();
}

void DesignSampleShelf::chooseWorker(int worker) {
  if (worker == worker_) return;
  worker_ = worker;
  if (!spec_.isEmpty()) fetch();
}

void DesignSampleShelf::fetch() {
  const QString key = keyOf(worker_);
  if (!ask_ || key == shown_) return;
  shown_ = key;
  if (const auto kept = kept_.constFind(key); kept != kept_.constEnd()) {
    emit arrived(*kept, worker_, QString());
    return;
  }
  emit asked(worker_);
  proto::GetSamplesRequest request;
  request.set_spec_json(spec_.toStdString());
  if (worker_ >= 0) request.set_worker(worker_);
  ask_(this, request,
       [this, key, worker = worker_](const proto::GetSamplesReply& reply, const QString& error) {
         const QString fault =
             reply.faults().empty() ? error : QString::fromStdString(reply.faults(0).message());
         if (fault.isEmpty() && !kept_.contains(key)) {
           kept_.insert(key, reply);
           order_ << key;
           if (order_.size() > kMostKept) kept_.remove(order_.takeFirst());
         }
         if (key != shown_) return;  // meanwhile another was asked for
         if (!fault.isEmpty()) shown_.clear();
         emit arrived(reply, worker, fault);
       });
}

}  // namespace concertina::ui
