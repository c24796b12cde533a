// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_filter.h: the filter of the run table: words that stand in a run's texts, and tests of its fields, as
// in `concertinactl list`: "ring state=finished test_accuracy>0.8 tag=ablation /optimizer/momentum<0.9". On
// the way of the data: the filter box -> here -> ui/pages/runs_page.h.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include "core/proto/run.pb.h"
#include "ui/client/run_facts.h"

namespace concertina::ui {

class RunFilter {
 public:
  enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kContains };

  // Always gives a filter: a test of an unknown field, or one against something that is not a number, is left
  // out and told in `fault`, so that the table does not empty while a person is still typing.
  // `group`: what the field "group" stands for, a field or a pointer; "" where nothing is grouped.
  static RunFilter parse(const QString& text, QString* fault = nullptr, const QString& group = {});
  // The words and tests that are in force, as they were written, and where: what is left out is not among
  // them.
  struct Part {
    QString text;
    qsizetype at = 0, length = 0;
  };
  static QVector<Part> parts(const QString& text, const QString& group = {});
  // `text` without that part, and without the spaces that set it apart.
  static QString without(const QString& text, const Part& part);
  static QStringList fields();
  static QStringList numberFields();
  // NaN: it was not measured, or there is no such number.
  static double number(const QString& field, const proto::RunSummary& run, const RunFacts& facts);
  // What a run is grouped by that field or pointer: "lenet-5", "2026-11-27", "ablation, lr"; "" for nothing.
  static QString value(const QString& field, const proto::RunSummary& run, const RunFacts& facts);
  // The texts of a run that words are looked for in, one a line, their case folded. Made once a change, not
  // once a key.
  static QString searchText(const proto::RunSummary& run, const RunFacts& facts);

  bool matches(const proto::RunSummary& run, const RunFacts& facts) const {
    return matches(run, facts, searchText(run, facts));
  }
  // All words and all tests.
  bool matches(const proto::RunSummary& run, const RunFacts& facts, const QString& search_text) const;
  bool isEmpty() const { return words_.isEmpty() && tests_.isEmpty(); }

 private:
  struct Test {
    QString pointer;                         // into the spec, or
    int text_field = -1, number_field = -1;  // of the tables in the .cc
    Operator op;
    QString text;
    double number;  // NaN: it is none
  };
  QStringList words_;
  QVector<Test> tests_;
};

}  // namespace concertina::ui
