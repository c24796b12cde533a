// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_note_pane.h: what people say of one run, beside the table: its note, tags and colour.
// On the way of the data: client/run_table_model.h -> here -> client/engine_client.h.
#pragma once

#include <QComboBox>
#include <QFrame>
#include <QIcon>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTimer>
#include <optional>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

class RunsNotePane : public QFrame {
  Q_OBJECT
 public:
  explicit RunsNotePane(QWidget* parent = nullptr);
  ~RunsNotePane() override;
  // Null: none, or several. What was typed of another run is told first.
  void setRun(const proto::RunSummary* run);
  void setTagsKnown(const QStringList& tags);  // for completion
  void flush();                                // what was typed and not told yet
  // What was marked has not come to be: a note stays as it was typed, and is told again.
  void refuse(const proto::MarkRunsRequest& request);

  static QStringList colorNames();  // "by itself" first, then those of the palette
  static QIcon colorIcon(const QWidget* widget, int color);

 signals:
  void marked(const concertina::proto::MarkRunsRequest& request);
  void closed();

 protected:
  void keyPressEvent(QKeyEvent* event) override;  // Escape closes

 private:
  void sendTags();

  std::string run_;
  proto::RunMarks marks_;  // as the engine has told them
  // A note that was told and not heard of since; summaries that were on their way have the one before.
  std::optional<std::string> sent_note_;
  bool is_refused_ = false;  // and will not be heard of
  QLabel* title_;
  QPlainTextEdit* note_;
  QLineEdit* tags_;
  QComboBox* color_;
  QTimer typed_;
  bool is_shown_ = false;  // a run is
};

}  // namespace concertina::ui
