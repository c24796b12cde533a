// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draft.h: what is typed on the Design page and in no file yet, kept beside the settings: a window that is
// killed loses half a second of typing, and the next one offers the rest.
#pragma once

#include <QDir>
#include <QLockFile>
#include <QString>
#include <memory>
#include <optional>

namespace concertina::ui {

struct Draft {
  QString text;  // as typed; may be no JSON yet
  QString file;  // where it was opened from; "" for nowhere
  qint64 kept_unix_ms = 0;
};

// The drafts of one folder. Each window has a place of its own, held by a lock that dies with its process, so
// that several windows neither overwrite nor offer what another is still working on.
class DraftKeeper {
 public:
  explicit DraftKeeper(const QString& folder);  // nothing is opened or made before it is needed

  // Replaces what this window kept. A process that is killed leaves the old one or the new one, never half of
  // it. False if there is no place for it: the disk is full, or the folder cannot be written to.
  bool keep(const Draft& draft);
  void discard();  // what this window kept is in a file or in a run, or nobody wants it
  void leave();    // what this window kept is for the next start

  // The newest that a window which is gone has kept; nobody else is offered it while this one lives.
  std::optional<Draft> leftBehind();
  void discardLeft();  // what leftBehind() gave

 private:
  struct Place {
    QString path;
    std::unique_ptr<QLockFile> lock;
  };
  std::optional<Place> take(int number) const;
  void takeEmptyPlace();

  QDir folder_;
  std::optional<Place> own_, left_;
};

}  // namespace concertina::ui
