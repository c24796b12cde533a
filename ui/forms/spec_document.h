// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_document.h: an experiment file while it is edited. Keeps what it does not understand, the order of the
// keys, and integers beyond 2^53; gives text laid out as a person would write it (short objects on one line).
// On the way of the data: a file or a preset -> here -> ui/pages/design_page.h -> the engine.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <memory>
#include <optional>

namespace concertina::ui {

struct JsonError {
  int line = 0, column = 0;  // from 1; 0 when there is no error
  QString message;
};

class SpecDocument {
 public:
  SpecDocument();  // {}
  ~SpecDocument();
  SpecDocument(const SpecDocument&);
  SpecDocument& operator=(const SpecDocument&);

  // Nothing, and `error` set, if the text is not one JSON object.
  static std::optional<SpecDocument> parse(const QString& text, JsonError* error);

  QString text() const;
  QJsonObject object() const;                      // for the forms
  QJsonValue value(const QString& pointer) const;  // undefined if absent
  // The value exactly as it stands, for what QJsonValue would round ("18446744073709551615"); "" if absent.
  QString token(const QString& pointer) const;

  // Undefined takes the value away. Objects on the way are made; false if the pointer cannot be in this
  // document. Top-level keys go where the manual has them.
  bool set(const QString& pointer, const QJsonValue& value);
  bool setToken(const QString& pointer, const QString& json);

  bool operator==(const SpecDocument& other) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;  // shared by copies, replaced when one is changed
};

// Where a pointer's value begins in `text` (line from 0), or that of its nearest ancestor that is there; -1
// if the text is not JSON.
int lineOfPointer(const QString& text, const QString& pointer);

}  // namespace concertina::ui
