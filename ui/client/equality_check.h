// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality_check.h: do the workers of an experiment train what one worker would? Runs both through the engine
// as ordinary runs and compares their parameters. What to run and what counts as equal:
// core/analysis/equality.h. On the way of the data: ui/pages/design_verify.h -> here ->
// client/engine_client.h.
#pragma once

#include <QHash>
#include <QObject>
#include <QTemporaryDir>
#include <memory>

#include "core/analysis/equality.h"
#include "ui/client/engine_client.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

class EqualityCheck : public QObject {
  Q_OBJECT
 public:
  explicit EqualityCheck(EngineClient& client, QObject* parent = nullptr);
  ~EqualityCheck() override;  // a run that still goes is killed

  void start(const QString& spec, qint64 steps = kEqualitySteps);
  void cancel();  // kills the run that goes; neither finished nor failed comes any more
  bool isGoing() const { return going_; }
  const EqualityPair& pair() const { return pair_; }
  const EqualityResult& result() const { return result_; }

 signals:
  void progressed(const QString& text, double share);  // 0 to 1
  void finished();                                     // pair() and result() hold
  void failed(const QString& error);

 private:
  void fail(const QString& error);
  void launch();
  void follow(const proto::RunSummary& run);
  void fetch();
  void compare();

  EngineClient& client_;
  std::shared_ptr<Mailbox> mailbox_;
  QTemporaryDir folder_;
  bool going_ = false, one_ = false, fetching_ = false;  // one_: the single worker's turn
  qint64 generation_ = 0;
  QString run_;
  QHash<QString, proto::RunSummary> seen_;  // a short run may end before its launch was answered
  EqualityPair pair_;
  EqualityResult result_;
};

}  // namespace concertina::ui
