// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_document.cc: an ordered JSON tree, edited by pointer and written as a person would (see
// spec_document.h).
#include "ui/forms/spec_document.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QStringList>
#include <array>

#include "nlohmann/json.hpp"

namespace concertina::ui {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr std::array kTopLevel = {"name",    "seed",     "dataset",  "model",  "optimizer", "training",
                                  "mesh",    "exchange", "pipeline", "tensor", "gradient",  "layer_gradients",
                                  "network", "workers",  "elastic",  "knobs"};
constexpr size_t kLineWidth = 92;

std::vector<std::string> splitPointer(const QString& pointer) {
  std::vector<std::string> parts;
  const QStringList pieces = pointer.split(QLatin1Char('/'));
  for (int i = 1; i < pieces.size(); ++i) {
    QString piece = pieces.at(i);
    parts.push_back(piece.replace(QLatin1String("~1"), QLatin1String("/"))
                        .replace(QLatin1String("~0"), QLatin1String("~"))
                        .toStdString());
  }
  return parts;
}

std::optional<size_t> indexOf(const std::string& part) {
  bool good = false;
  const uint index = QString::fromStdString(part).toUInt(&good);
  return good ? std::optional<size_t>(index) : std::nullopt;
}

const Ordered* findIn(const Ordered& root, const QString& pointer) {
  const Ordered* at = &root;
  for (const std::string& part : splitPointer(pointer)) {
    if (at->is_object()) {
      const auto found = at->find(part);
      if (found == at->end()) return nullptr;
      at = &*found;
    } else if (at->is_array()) {
      const auto index = indexOf(part);
      if (!index || *index >= at->size()) return nullptr;
      at = &(*at)[*index];
    } else {
      return nullptr;
    }
  }
  return at;
}

size_t rankOf(const std::string& key) {
  for (size_t i = 0; i < kTopLevel.size(); ++i)
    if (key == kTopLevel[i]) return i;
  return kTopLevel.size();
}

// A new key goes before the first one that the manual has later; the order that a person chose stays.
void insertTopLevel(Ordered& root, const std::string& key, Ordered value) {
  Ordered rebuilt = Ordered::object();
  bool placed = false;
  for (auto& [name, old] : root.items()) {
    if (!placed && rankOf(name) > rankOf(key)) {
      rebuilt[key] = value;
      placed = true;
    }
    rebuilt[name] = old;
  }
  if (!placed) rebuilt[key] = std::move(value);
  root = std::move(rebuilt);
}

bool replaceIn(Ordered& root, const QString& pointer, std::optional<Ordered> value) {
  std::vector<std::string> parts = splitPointer(pointer);
  if (parts.empty()) {
    if (!value || !value->is_object()) return false;
    root = *std::move(value);
    return true;
  }
  Ordered* at = &root;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (at->is_array()) {
      const auto index = indexOf(parts[i]);
      if (!index || *index > at->size()) return false;
      if (*index == at->size()) at->push_back(Ordered::object());
      at = &(*at)[*index];
    } else if (at->is_object()) {
      if (!at->contains(parts[i])) {
        if (!value) return true;  // nothing to take away
        Ordered made = indexOf(parts[i + 1]) ? Ordered::array() : Ordered::object();
        if (i == 0) {
          insertTopLevel(root, parts[i], std::move(made));
        } else {
          (*at)[parts[i]] = std::move(made);
        }
      }
      at = &(*at)[parts[i]];
    } else {
      return false;
    }
  }
  const std::string& last = parts.back();
  if (at->is_array()) {
    const auto index = indexOf(last);
    if (!index || *index > at->size()) return false;
    if (!value) {
      if (*index < at->size()) at->erase(*index);
    } else if (*index == at->size()) {
      at->push_back(*std::move(value));
    } else {
      (*at)[*index] = *std::move(value);
    }
    return true;
  }
  if (!at->is_object()) return false;
  if (!value) {
    at->erase(last);
  } else if (at == &root && !at->contains(last)) {
    insertTopLevel(root, last, *std::move(value));
  } else {
    (*at)[last] = *std::move(value);
  }
  return true;
}

std::string quoted(const std::string& text) {
  return Ordered(text).dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

std::string oneLine(const Ordered& value) {
  std::string text;
  if (!value.is_structured()) return value.dump(-1, ' ', false, Ordered::error_handler_t::replace);
  text += value.is_object() ? '{' : '[';
  for (const auto& [key, item] : value.items()) {
    if (text.size() > 1) text += ", ";
    if (value.is_object()) text += quoted(key) + ": ";
    text += oneLine(item);
  }
  text += value.is_object() ? '}' : ']';
  return text;
}

// `lead` is what already stands on the line before the value.
void write(const Ordered& value, size_t depth, size_t lead, std::string& out) {
  std::string line = oneLine(value);
  const bool root = depth == 0;
  if (!value.is_structured() || value.empty() || (!root && lead + line.size() <= kLineWidth)) {
    out += line;
    return;
  }
  const std::string pad(2 * (depth + 1), ' ');
  out += value.is_object() ? "{\n" : "[\n";
  size_t left = value.size();
  for (const auto& [key, item] : value.items()) {
    const std::string head = value.is_object() ? pad + quoted(key) + ": " : pad;
    out += head;
    write(item, depth + 1, head.size() + 1, out);
    out += --left == 0 ? "\n" : ",\n";
  }
  out += std::string(2 * depth, ' ') + (value.is_object() ? "}" : "]");
}

Ordered fromQt(const QJsonValue& value) {
  // One element of an array is the only way to have QJsonDocument write a lone value.
  const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
  const Ordered parsed = Ordered::parse(text.begin(), text.end(), nullptr, false);
  Ordered item = parsed.is_array() && !parsed.empty() ? parsed[0] : Ordered();
  // QJsonObject sorts its keys; the kind comes first for people.
  for (const char* first : {"layers", "launcher", "kind"}) {
    if (!item.is_object() || !item.contains(first)) continue;
    Ordered ordered = Ordered::object();
    ordered[first] = item[first];
    for (const auto& [key, entry] : item.items())
      if (key != first) ordered[key] = entry;
    item = std::move(ordered);
  }
  return item;
}

QJsonValue toQt(const Ordered& value) {
  const std::string text = value.dump(-1, ' ', false, Ordered::error_handler_t::replace);
  const QJsonDocument parsed = QJsonDocument::fromJson("[" + QByteArray::fromStdString(text) + "]");
  return parsed.array().at(0);
}

JsonError errorAt(const QByteArray& utf8, qsizetype offset, const QString& message) {
  const QByteArray before = utf8.left(std::min(offset, utf8.size()));
  const qsizetype line_start = before.lastIndexOf('\n') + 1;
  return {static_cast<int>(before.count('\n')) + 1,
          static_cast<int>(QString::fromUtf8(before.mid(line_start)).size()) + 1, message};
}

}  // namespace

struct SpecDocument::Impl {
  Ordered root = Ordered::object();
};

SpecDocument::SpecDocument() : impl_(std::make_shared<Impl>()) {}
SpecDocument::~SpecDocument() = default;
SpecDocument::SpecDocument(const SpecDocument&) = default;
SpecDocument& SpecDocument::operator=(const SpecDocument&) = default;

std::optional<SpecDocument> SpecDocument::parse(const QString& text, JsonError* error) {
  const QByteArray utf8 = text.toUtf8();
  QJsonParseError problem;
  const QJsonDocument checked = QJsonDocument::fromJson(utf8, &problem);  // for its message and place
  if (problem.error != QJsonParseError::NoError) {
    if (error != nullptr) *error = errorAt(utf8, problem.offset, problem.errorString());
    return std::nullopt;
  }
  auto impl = std::make_shared<Impl>();
  impl->root = Ordered::parse(utf8.begin(), utf8.end(), nullptr, false);
  if (!checked.isObject() || !impl->root.is_object()) {
    if (error != nullptr) *error = errorAt(utf8, 0, QStringLiteral("{ … }"));
    return std::nullopt;
  }
  if (error != nullptr) *error = {};
  SpecDocument document;
  document.impl_ = std::move(impl);
  return document;
}

QString SpecDocument::text() const {
  std::string text;
  write(impl_->root, 0, 0, text);
  return QString::fromStdString(text + "\n");
}

QJsonObject SpecDocument::object() const { return toQt(impl_->root).toObject(); }

QJsonValue SpecDocument::value(const QString& pointer) const {
  const Ordered* found = findIn(impl_->root, pointer);
  return found == nullptr ? QJsonValue(QJsonValue::Undefined) : toQt(*found);
}

QString SpecDocument::token(const QString& pointer) const {
  const Ordered* found = findIn(impl_->root, pointer);
  return found == nullptr ? QString() : QString::fromStdString(oneLine(*found));
}

bool SpecDocument::set(const QString& pointer, const QJsonValue& value) {
  auto changed = std::make_shared<Impl>(*impl_);
  const bool good =
      replaceIn(changed->root, pointer, value.isUndefined() ? std::nullopt : std::optional(fromQt(value)));
  if (good) impl_ = std::move(changed);
  return good;
}

bool SpecDocument::setToken(const QString& pointer, const QString& json) {
  const QByteArray utf8 = json.toUtf8();
  Ordered value = Ordered::parse(utf8.begin(), utf8.end(), nullptr, false);
  if (value.is_discarded()) return false;
  auto changed = std::make_shared<Impl>(*impl_);
  if (!replaceIn(changed->root, pointer, std::move(value))) return false;
  impl_ = std::move(changed);
  return true;
}

bool SpecDocument::operator==(const SpecDocument& other) const {
  return impl_ == other.impl_ || text() == other.text();
}

}  // namespace concertina::ui
