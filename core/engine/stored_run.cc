// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_run.cc: see stored_run.h.
#include "core/engine/stored_run.h"

#include "core/engine/run_query.h"

namespace concertina {

StoredRun StoredAs(const proto::RunSummary& summary) {
  StoredRun stored;
  stored.id = summary.run();
  stored.name = summary.name();
  stored.state = RunStateName(summary.state());
  stored.spec_json = summary.spec_json();
  stored.summary = summary.SerializeAsString();
  stored.created_unix_ms = summary.created_unix_ms();
  return stored;
}

}  // namespace concertina
