// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_filter.h: the filter of the run table: words that stand in a run's texts, and tests of its fields, as
// in `concertinactl list`: "ring state=finished test_accuracy>0.8". On the way of the data: the filter box ->
// here -> ui/pages/runs_page.h.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include "core/proto/run.pb.h"
#include "ui/client/run_facts.h"

namespace concertina::ui {

class RunFilter {
 public:
  enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  // Always gives a filter: a test of an unknown field, or one against something that is not a number, is left
  // out and told in `fault`, so that the table does not empty while a person is still typing.
  static RunFilter parse(const QString& text, QString* fault = nullptr);
  static QStringList fields();

  bool matches(const proto::RunSummary& run, const RunFacts& facts) const;  // all words and all tests
  bool isEmpty() const { return words_.isEmpty() && tests_.isEmpty(); }

 private:
  struct Test {
    QString field;
    Operator op;
    QString text;
    double number;
  };
  QStringList words_;
  QVector<Test> tests_;
};

}  // namespace concertina::ui
