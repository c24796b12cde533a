// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_sample_shelf.h: asks the engine for samples of a dataset, once for each dataset and part, and keeps
// the answers while the page is there. On the way of the data: the engine's GetSamples -> here ->
// ui/pages/design_samples.h.
#pragma once

#include <QHash>
#include <QJsonObject>
#include <QObject>
#include <QStringList>
#include <functional>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

class DesignSampleShelf : public QObject {
  Q_OBJECT
 public:
  using Ask = std::function<void(
      QObject*, const proto::GetSamplesRequest& request,
      std::function<void(const proto::GetSamplesReply& reply, const QString& error)> answer)>;
  static constexpr int kMostKept = 32;  // answers of at most 64 KiB

  explicit DesignSampleShelf(Ask ask, QObject* parent = nullptr);  // null: nothing comes

  // `plan` is that of `spec`. Of what is kept the answer comes at once; an error is not kept.
  void setExperiment(const QString& spec, const QJsonObject& plan);
  void chooseWorker(int worker);  // -1: all data
  int worker() const { return worker_; }

 signals:
  // `worker`: whose. Nothing was asked again while the same is shown.
  void asked(int worker);
  void arrived(const concertina::proto::GetSamplesReply& samples, int worker, const QString& error);

 private:
  void fetch();
  QString keyOf(int worker) const;

  Ask ask_;
  QString spec_, shown_;
  QByteArray dataset_, parts_;  // what decides over the samples, and over a worker's
  int worker_ = -1;
  QHash<QString, proto::GetSamplesReply> kept_;
  QStringList order_;  // of the keys, the oldest first
};

}  // namespace concertina::ui
