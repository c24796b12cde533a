// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_filter.cc: see run_filter.h.
#include "ui/client/run_filter.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <optional>

#include "core/base/status.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

using Summary = proto::RunSummary;

// A field is text or a number; the names are those of `list --json`.
struct TextField {
  const char* name;
  QString (*value)(const Summary&, const RunFacts&);
};
struct NumberField {
  const char* name;
  double (*value)(const Summary&, const RunFacts&);
};

const TextField kTextFields[] = {
    {"run", [](const Summary& s, const RunFacts&) { return QString::fromStdString(s.run()); }},
    {"name", [](const Summary& s, const RunFacts&) { return QString::fromStdString(s.name()); }},
    {"state", [](const Summary& s, const RunFacts&) { return stateWord(s.state()); }},
    {"error", [](const Summary& s, const RunFacts&) { return QString::fromStdString(s.error()); }},
    {"model", [](const Summary&, const RunFacts& f) { return f.model; }},
    {"dataset", [](const Summary&, const RunFacts& f) { return f.dataset; }},
    {"partition", [](const Summary&, const RunFacts& f) { return f.partition; }},
    {"exchange", [](const Summary&, const RunFacts& f) { return f.exchange; }},
    {"codec", [](const Summary&, const RunFacts& f) { return f.codec; }},
};
const NumberField kNumberFields[] = {
    {"seed", [](const Summary& s, const RunFacts&) { return double(s.seed()); }},
    {"workers", [](const Summary&, const RunFacts& f) { return double(f.workers); }},
    {"steps", [](const Summary& s, const RunFacts&) { return double(s.steps()); }},
    {"epochs", [](const Summary& s, const RunFacts&) { return s.epochs(); }},
    {"samples", [](const Summary& s, const RunFacts&) { return double(s.samples()); }},
    {"seconds", [](const Summary& s, const RunFacts&) { return s.seconds(); }},
    {"samples_per_second", [](const Summary& s, const RunFacts&) { return s.samples_per_second(); }},
    {"train_loss",
     [](const Summary& s, const RunFacts&) { return s.has_train_loss() ? s.train_loss() : qQNaN(); }},
    {"test_loss", [](const Summary& s, const RunFacts&) { return s.has_test() ? s.test_loss() : qQNaN(); }},
    {"test_accuracy",
     [](const Summary& s, const RunFacts&) { return s.has_test() ? s.test_accuracy() : qQNaN(); }},
    {"bytes_sent", [](const Summary& s, const RunFacts&) { return double(s.bytes_sent()); }},
    {"bytes_received", [](const Summary& s, const RunFacts&) { return double(s.bytes_received()); }},
    {"payload_bytes_sent", [](const Summary& s, const RunFacts&) { return double(s.payload_bytes_sent()); }},
    {"compression_ratio", [](const Summary& s, const RunFacts&) { return s.compression_ratio(); }},
    {"peak_memory_bytes", [](const Summary& s, const RunFacts&) { return double(s.peak_memory_bytes()); }},
    {"parameters", [](const Summary& s, const RunFacts&) { return double(s.parameters()); }},
};

const TextField* textField(const QString& name) {
  for (const TextField& field : kTextFields)
    if (name == QLatin1String(field.name)) return &field;
  return nullptr;
}
const NumberField* numberField(const QString& name) {
  for (const NumberField& field : kNumberFields)
    if (name == QLatin1String(field.name)) return &field;
  return nullptr;
}

RunFilter::Operator operatorOf(const QString& text) {
  if (text == QLatin1String("!=")) return RunFilter::Operator::kNotEqual;
  if (text == QLatin1String("<=")) return RunFilter::Operator::kLessOrEqual;
  if (text == QLatin1String(">=")) return RunFilter::Operator::kGreaterOrEqual;
  if (text == QLatin1String("<")) return RunFilter::Operator::kLess;
  if (text == QLatin1String(">")) return RunFilter::Operator::kGreater;
  return RunFilter::Operator::kEqual;
}

template <class T>
bool holds(RunFilter::Operator op, const T& left, const T& right) {
  switch (op) {
    case RunFilter::Operator::kEqual:
      return left == right;
    case RunFilter::Operator::kNotEqual:
      return left != right;
    case RunFilter::Operator::kLess:
      return left < right;
    case RunFilter::Operator::kLessOrEqual:
      return left <= right;
    case RunFilter::Operator::kGreater:
      return left > right;
    case RunFilter::Operator::kGreaterOrEqual:
      return left >= right;
  }
  return false;
}

class FilterWords {
  Q_DECLARE_TR_FUNCTIONS(RunFilter)
};

// What a person writes in the box stands in the number's own words too: 80% and 1.5M are numbers.
std::optional<double> toNumber(QString text) {
  double factor = 1;
  if (text.endsWith(QLatin1Char('%'))) factor = 0.01;
  if (text.endsWith(QLatin1Char('k'))) factor = 1e3;
  if (text.endsWith(QLatin1Char('M'))) factor = 1e6;
  if (text.endsWith(QLatin1Char('G'))) factor = 1e9;
  if (factor != 1) text.chop(1);
  bool ok = false;
  const double number = text.toDouble(&ok);
  if (!ok) return std::nullopt;
  return number * factor;
}

}  // namespace

QStringList RunFilter::fields() {
  QStringList names;
  for (const TextField& field : kTextFields) names.push_back(QLatin1String(field.name));
  for (const NumberField& field : kNumberFields) names.push_back(QLatin1String(field.name));
  return names;
}

RunFilter RunFilter::parse(const QString& text, QString* fault) {
  if (fault != nullptr) fault->clear();
  const auto tell = [&](const QString& message) {
    if (fault != nullptr && fault->isEmpty()) *fault = message;
  };
  static const QRegularExpression kTest(QStringLiteral("^([A-Za-z_]+)(!=|<=|>=|=|<|>)(.*)$"));
  static const QRegularExpression kSpaces(QStringLiteral("\\s+"));
  RunFilter filter;
  for (const QString& word : text.split(kSpaces, Qt::SkipEmptyParts)) {
    const QRegularExpressionMatch match = kTest.match(word);
    if (!match.hasMatch()) {
      filter.words_.push_back(word);
      continue;
    }
    const QString field = match.captured(1).toLower(), value = match.captured(3);
    if (textField(field) == nullptr && numberField(field) == nullptr) {
      std::vector<std::string> names;
      for (const QString& name : fields()) names.push_back(name.toStdString());
      const QString nearest = QString::fromStdString(NearestName(field.toStdString(), names));
      tell(nearest.isEmpty()
               ? FilterWords::tr("There is no field “%1”.").arg(field)
               : FilterWords::tr("There is no field “%1”. Did you mean “%2”?").arg(field, nearest));
      continue;
    }
    if (value.isEmpty()) continue;  // still typing
    Test test{field, operatorOf(match.captured(2)), value, 0};
    if (numberField(field) != nullptr) {
      const std::optional<double> number = toNumber(value);
      if (!number) {
        tell(FilterWords::tr("“%1” is compared with a number; “%2” is none.").arg(field, value));
        continue;
      }
      test.number = *number;
    }
    filter.tests_.push_back(test);
  }
  return filter;
}

bool RunFilter::matches(const Summary& run, const RunFacts& facts) const {
  for (const QString& word : words_) {
    bool found = false;
    for (const TextField& field : kTextFields)
      found |= field.value(run, facts).contains(word, Qt::CaseInsensitive);
    if (!found) return false;
  }
  for (const Test& test : tests_) {
    if (const NumberField* field = numberField(test.field)) {
      if (!holds(test.op, field->value(run, facts), test.number)) return false;
      continue;
    }
    // Texts are the same when one contains the other: codec=top-k finds "top-k 1 %".
    const QString value = textField(test.field)->value(run, facts);
    const bool contains = value.contains(test.text, Qt::CaseInsensitive);
    const bool matched = test.op == Operator::kEqual      ? contains
                         : test.op == Operator::kNotEqual ? !contains
                                                          : holds(test.op, value, test.text);
    if (!matched) return false;
  }
  return true;
}

}  // namespace concertina::ui
