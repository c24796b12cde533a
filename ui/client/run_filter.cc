// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_filter.cc: see run_filter.h.
#include "ui/client/run_filter.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonValue>
#include <QRegularExpression>
#include <algorithm>
#include <optional>

#include "core/base/status.h"
#include "ui/client/run_marks.h"
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

constexpr char kTagField[] = "tag";
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
    {"note", [](const Summary& s, const RunFacts&) { return QString::fromStdString(s.marks().note()); }},
    {"pinned",
     [](const Summary& s, const RunFacts&) {
       return s.marks().pinned() ? QStringLiteral("true") : QStringLiteral("false");
     }},
    {"day",
     [](const Summary& s, const RunFacts&) {
       return QDateTime::fromMSecsSinceEpoch(s.created_unix_ms()).date().toString(Qt::ISODate);
     }},
    {kTagField, [](const Summary& s, const RunFacts&) { return tagsOfRun(s).join(QStringLiteral(", ")); }},
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

template <class Fields>
int placeOf(const Fields& fields, const QString& name) {
  for (size_t i = 0; i < std::size(fields); ++i)
    if (name == QLatin1String(fields[i].name)) return int(i);
  return -1;
}

RunFilter::Operator operatorOf(const QString& text) {
  if (text == QLatin1String("!=")) return RunFilter::Operator::kNotEqual;
  if (text == QLatin1String("<=")) return RunFilter::Operator::kLessOrEqual;
  if (text == QLatin1String(">=")) return RunFilter::Operator::kGreaterOrEqual;
  if (text == QLatin1String("<")) return RunFilter::Operator::kLess;
  if (text == QLatin1String(">")) return RunFilter::Operator::kGreater;
  if (text == QLatin1String("~")) return RunFilter::Operator::kContains;
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
    case RunFilter::Operator::kContains:
      return left == right;
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

struct FilterWord {
  QString text;  // without quotation marks
  qsizetype at, length;
};

// Words between spaces; quotation marks keep spaces together.
QVector<FilterWord> wordsOf(const QString& text) {
  QVector<FilterWord> words;
  QString word;
  qsizetype begin = 0;
  bool is_quoted = false;
  const auto end = [&](qsizetype at) {
    if (!word.isEmpty()) words.push_back({word, begin, at - begin});
    word.clear();
    begin = at + 1;
  };
  for (qsizetype i = 0; i < text.size(); ++i) {
    if (text[i] == QLatin1Char('"'))
      is_quoted = !is_quoted;
    else if (text[i].isSpace() && !is_quoted)
      end(i);
    else
      word += text[i];
  }
  end(text.size());
  return words;
}

bool textHolds(RunFilter::Operator op, const QString& value, const QString& wanted, bool is_exact) {
  using Operator = RunFilter::Operator;
  if (op == Operator::kContains) return value.contains(wanted, Qt::CaseInsensitive);
  if (op != Operator::kEqual && op != Operator::kNotEqual) return holds(op, value, wanted);
  // Texts are the same when one contains the other: codec=top-k finds "top-k 1 %". A tag is itself.
  const bool is_same = is_exact ? value.compare(wanted, Qt::CaseInsensitive) == 0
                                : value.contains(wanted, Qt::CaseInsensitive);
  return is_same == (op == Operator::kEqual);
}

}  // namespace

QStringList RunFilter::numberFields() {
  QStringList names;
  for (const NumberField& field : kNumberFields) names.push_back(QLatin1String(field.name));
  return names;
}

QStringList RunFilter::fields() {
  QStringList names;
  for (const TextField& field : kTextFields) names.push_back(QLatin1String(field.name));
  return names + numberFields();
}

double RunFilter::number(const QString& field, const Summary& run, const RunFacts& facts) {
  if (field.startsWith(QLatin1Char('/'))) {
    const QJsonValue value = specValue(facts.spec, field);
    return value.isDouble() ? value.toDouble() : qQNaN();
  }
  const int place = placeOf(kNumberFields, field);
  return place < 0 ? qQNaN() : kNumberFields[place].value(run, facts);
}

QString RunFilter::value(const QString& field, const Summary& run, const RunFacts& facts) {
  if (field.startsWith(QLatin1Char('/'))) return specText(specValue(facts.spec, field));
  if (const int place = placeOf(kTextFields, field); place >= 0) return kTextFields[place].value(run, facts);
  const double value = number(field, run, facts);
  return qIsNaN(value) ? QString() : QString::number(value);
}

QString RunFilter::searchText(const Summary& run, const RunFacts& facts) {
  QString all;
  for (const TextField& field : kTextFields)
    if (qstrcmp(field.name, "pinned") != 0)  // "false" is nobody's word for a run
      all += field.value(run, facts) + QLatin1Char('\n');
  return all.toCaseFolded();
}

RunFilter RunFilter::parse(const QString& text, QString* fault, const QString& group) {
  if (fault != nullptr) fault->clear();
  const auto tell = [&](const QString& message) {
    if (fault != nullptr && fault->isEmpty()) *fault = message;
  };
  static const QRegularExpression kTest(QStringLiteral("^(/[^=!<>~]+|[A-Za-z_]+)(!=|<=|>=|=|<|>|~)(.*)$"),
                                        QRegularExpression::DotMatchesEverythingOption);
  RunFilter filter;
  for (const FilterWord& word : wordsOf(text)) {
    const QRegularExpressionMatch match = kTest.match(word.text);
    if (!match.hasMatch()) {
      filter.words_.push_back(word.text.toCaseFolded());
      continue;
    }
    QString field = match.captured(1);
    const QString value = match.captured(3);
    if (!field.startsWith(QLatin1Char('/'))) field = field.toLower();
    if (field == QLatin1String("group")) {
      if (group.isEmpty()) {
        tell(FilterWords::tr("There are no groups; choose what to group by first."));
        continue;
      }
      field = group;
    }
    Test test{.op = operatorOf(match.captured(2)), .text = value, .number = qQNaN()};
    if (field.startsWith(QLatin1Char('/'))) {
      test.pointer = field;
    } else {
      test.text_field = placeOf(kTextFields, field);
      test.number_field = placeOf(kNumberFields, field);
    }
    if (test.pointer.isEmpty() && test.text_field < 0 && test.number_field < 0) {
      std::vector<std::string> names;
      for (const QString& name : fields()) names.push_back(name.toStdString());
      const QString nearest = QString::fromStdString(NearestName(field.toStdString(), names));
      tell(nearest.isEmpty()
               ? FilterWords::tr("There is no field “%1”.").arg(field)
               : FilterWords::tr("There is no field “%1”. Did you mean “%2”?").arg(field, nearest));
      continue;
    }
    if (value.isEmpty()) continue;  // still typing
    const std::optional<double> number = toNumber(value);
    if (number) test.number = *number;
    if (test.number_field >= 0 && !number) {
      tell(FilterWords::tr("“%1” is compared with a number; “%2” is none.").arg(field, value));
      continue;
    }
    filter.tests_.push_back(test);
  }
  return filter;
}

QVector<RunFilter::Part> RunFilter::parts(const QString& text, const QString& group) {
  QVector<Part> parts;
  for (const FilterWord& word : wordsOf(text)) {
    const QString written = text.mid(word.at, word.length);
    if (!parse(written, nullptr, group).isEmpty()) parts.push_back({written, word.at, word.length});
  }
  return parts;
}

QString RunFilter::without(const QString& text, const Part& part) {
  const QString before = text.left(part.at).trimmed(), after = text.mid(part.at + part.length).trimmed();
  return before.isEmpty() || after.isEmpty() ? before + after : before + QLatin1Char(' ') + after;
}

bool RunFilter::matches(const Summary& run, const RunFacts& facts, const QString& search_text) const {
  for (const QString& word : words_)
    if (!search_text.contains(word)) return false;
  static const int kTag = placeOf(kTextFields, QLatin1String(kTagField));
  for (const Test& test : tests_) {
    if (test.number_field >= 0) {
      if (!holds(test.op, kNumberFields[test.number_field].value(run, facts), test.number)) return false;
      continue;
    }
    if (!test.pointer.isEmpty()) {
      const QJsonValue value = specValue(facts.spec, test.pointer);
      if (value.isUndefined() || value.isNull()) {
        if (test.op != Operator::kNotEqual) return false;
      } else if (value.isDouble() && !qIsNaN(test.number) && test.op != Operator::kContains) {
        if (!holds(test.op, value.toDouble(), test.number)) return false;
      } else if (!textHolds(test.op, specText(value), test.text, false)) {
        return false;
      }
      continue;
    }
    if (test.text_field == kTag && run.marks().tags_size() > 0) {
      // One of the tags is it; or, for !=, none.
      const QStringList tags = tagsOfRun(run);
      const auto holds_for = [&](const QString& tag) { return textHolds(test.op, tag, test.text, true); };
      const bool is_none_asked = test.op == Operator::kNotEqual;
      if (is_none_asked ? !std::all_of(tags.begin(), tags.end(), holds_for)
                        : !std::any_of(tags.begin(), tags.end(), holds_for))
        return false;
      continue;
    }
    const QString value = kTextFields[test.text_field].value(run, facts);
    if (!textHolds(test.op, value, test.text, test.text_field == kTag)) return false;
  }
  return true;
}

}  // namespace concertina::ui
