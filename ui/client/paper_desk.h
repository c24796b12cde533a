// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_desk.h: published tables beside what their runs here have measured. It keeps nothing that the runs do
// not say: they are known by their names and settings, so that a verdict is there again after a restart.
// On the way of the data: core/analysis/paper.h, client/engine_client.h -> here -> ui/pages/design_papers.h.
#pragma once

#include <QHash>
#include <QObject>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "core/analysis/paper_verdict.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

// Of a paper in one of its two settings.
struct PaperState {
  std::vector<PaperRow> rows;  // one a measure
  PaperVerdict verdict = PaperVerdict::kPending;
  int finished = 0, active = 0;  // runs
  double progress = 0;           // of all its runs' steps, 0 to 1
  QString failure;               // of its newest runs; "" if none failed
  qint64 newest_unix_ms = 0;     // 0: none of its runs is there
};

class PaperDesk : public QObject {
  Q_OBJECT
 public:
  explicit PaperDesk(EngineClient& client, QObject* parent = nullptr);

  const std::vector<Paper>& papers() const { return papers_; }
  PaperState state(size_t paper, bool quick) const;
  // The setting to show: the one that goes on, else that of the newest run, else the whole one.
  bool isQuickNewer(size_t paper) const;

  // Puts those of its runs into the queue that neither go on nor have finished; all of them once more where
  // all have.
  void run(size_t paper, bool quick);
  void stop(size_t paper);  // what goes on or waits, in both settings
  bool isConnected() const;

 signals:
  void changed(size_t paper);
  void connectionChanged();
  void failed(size_t paper, const QString& why);  // a run was refused; those before it are in the queue

 private:
  struct Seen {
    proto::RunSummary summary;
    std::optional<PaperEvidence> evidence;
    int missing = 0;   // answers that its evidence waits for
    quint64 turn = 0;  // of its questions; answers to earlier ones are not heard
  };
  struct Slot {
    std::map<std::string, Seen> runs;  // by id; the newest counts
  };
  const Seen* newest(const Slot& slot) const;
  void take(const proto::RunSummary& run);
  void forget(const QString& run);
  void ask(size_t paper, size_t run, bool quick, const std::string& id);
  void answered(size_t paper, Seen& seen, bool is_known);
  Seen* find(size_t paper, size_t run, bool quick, const std::string& id);
  void submitNext();

  struct Waiting {
    size_t paper, run;
    bool quick;
  };
  EngineClient& client_;
  const std::vector<Paper>& papers_;
  std::vector<std::vector<std::array<Slot, 2>>> slots_;  // paper, run, whole or quick
  std::vector<Waiting> waiting_;                         // to be submitted, in their order
  bool is_calling_ = false;
  quint64 turn_ = 0;
};

}  // namespace concertina::ui
