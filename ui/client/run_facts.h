// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_facts.h: what a table or a heading says of a run's experiment, read from its spec.
// On the way of the data: RunSummary.spec_json -> here -> client/run_table_model.h, ui/pages.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include "core/proto/run.pb.h"

namespace concertina::ui {

struct RunFacts {
  QString model, dataset, partition, exchange;
  QString codec;    // "top-k 1 % → fp16"; "none" without one
  int workers = 0;  // as planned; those that joined stand in the summary
  QJsonObject spec;
};
RunFacts runFacts(const std::string& spec_json);  // what the text does not say stays empty

// What stands in a spec at a JSON pointer ("/optimizer/learning_rate", "/workers/0/count"); undefined if
// nothing.
QJsonValue specValue(const QJsonObject& spec, const QString& pointer);
QString specText(const QJsonValue& value);  // as a table shows it; "" for nothing
// Every pointer to a number, a text or a truth in it, for completion.
QStringList specPointers(const QJsonObject& spec);

// "lenet-5 on fashion-mnist, 4 workers, all-reduce (ring), top-k 1 %"
QString factsLine(const RunFacts& facts);

QString workersText(int workers);  // "1 worker", "4 workers"

// Seconds that a run has taken; of one that goes on, until `now_unix_ms`. Pauses count: it is what a person
// waited.
double wallSeconds(const proto::RunSummary& run, qint64 now_unix_ms);
// Seconds until the planned last step at the pace so far; NaN while nothing can be said.
double secondsLeft(const proto::RunSummary& run);
// 0 to 1.
double progress(const proto::RunSummary& run);

}  // namespace concertina::ui
