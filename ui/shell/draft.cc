// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draft.cc: draft-N.json and its lock, one pair a window (see draft.h).
#include "ui/shell/draft.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <cstdio>
#include <utility>

namespace concertina::ui {
namespace {

constexpr int kMostDrafts = 16;
constexpr qint64 kLargestDraftBytes = 8 << 20;  // of a file somebody else may have put there

std::optional<Draft> readDraft(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly) || file.size() > kLargestDraftBytes) return std::nullopt;
  const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
  const QJsonValue text = object.value(QLatin1String("text"));
  if (!text.isString()) return std::nullopt;
  return Draft{text.toString(), object.value(QLatin1String("file")).toString(),
               object.value(QLatin1String("kept_unix_ms")).toInteger()};
}

}  // namespace

DraftKeeper::DraftKeeper(const QString& folder) : folder_(folder) {}

std::optional<DraftKeeper::Place> DraftKeeper::take(int number) const {
  const QString stem = folder_.filePath(QStringLiteral("draft-%1").arg(number));
  auto lock = std::make_unique<QLockFile>(stem + QStringLiteral(".lock"));
  lock->setStaleLockTime(0);  // however old: it ends with its process, and only then
  if (!lock->tryLock(0)) return std::nullopt;
  return Place{stem + QStringLiteral(".json"), std::move(lock)};
}

void DraftKeeper::takeEmptyPlace() {
  if (!folder_.mkpath(QStringLiteral("."))) return;
  for (int number = 0; number < kMostDrafts && !own_; ++number) {
    auto place = take(number);
    if (place && !QFile::exists(place->path)) own_ = std::move(place);
  }
}

bool DraftKeeper::keep(const Draft& draft) {
  if (!own_) takeEmptyPlace();
  if (!own_) return false;
  const QByteArray text =
      QJsonDocument(
          QJsonObject{{"text", draft.text}, {"file", draft.file}, {"kept_unix_ms", draft.kept_unix_ms}})
          .toJson();
  // No QSaveFile: it waits for the disk, and this is twice a second while one types. The kernel keeps what a
  // killed process has written.
  QFile file(own_->path + QStringLiteral(".new"));
  if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.flush()) return false;
  file.close();
  return std::rename(QFile::encodeName(file.fileName()).constData(),
                     QFile::encodeName(own_->path).constData()) == 0;
}

void DraftKeeper::discard() {
  if (own_) QFile::remove(own_->path);
  own_.reset();
}

void DraftKeeper::leave() { own_.reset(); }

std::optional<Draft> DraftKeeper::leftBehind() {
  std::optional<Draft> newest;
  for (int number = 0; number < kMostDrafts; ++number) {
    if (!folder_.exists(QStringLiteral("draft-%1.json").arg(number))) continue;
    auto place = take(number);
    if (!place) continue;  // of a window that is there
    const auto draft = readDraft(place->path);
    if (!draft || (newest && newest->kept_unix_ms >= draft->kept_unix_ms)) continue;
    newest = draft;
    left_ = std::move(place);
  }
  return newest;
}

void DraftKeeper::discardLeft() {
  if (left_) QFile::remove(left_->path);
  left_.reset();
}

}  // namespace concertina::ui
