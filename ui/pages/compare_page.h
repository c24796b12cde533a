// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_page.h: one experiment with many codecs and links: what came of each as a table, who is the best by
// two figures at once as a picture, and the break-even dial. And any runs that a person chose, beside each
// other (pages/compare_runs.h).
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class ComparePage : public QWidget {
  Q_OBJECT
 public:
  explicit ComparePage(EngineClient& client, QWidget* parent = nullptr);
  ~ComparePage() override;

  // The experiment that a new comparison is of; asks which codecs and links.
  void begin(const QString& spec);
  // These, in this order, whatever they are.
  void compareRuns(const QVector<proto::RunSummary>& runs);
  // The person's own: which curves of runs are drawn, and against what.
  QByteArray saveState() const;
  void restoreState(const QByteArray& state);
  void resetLayout();
  // The keyboard to the box that finds curves; false: none is shown.
  bool findSeries();

 signals:
  void opened(const QString& run);
  void newRequested();   // a comparison of what the Design page has
  void runsRequested();  // to choose some

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
