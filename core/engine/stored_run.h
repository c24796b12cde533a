// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_run.h: a run as the store keeps it.
// On the way of the data: engine/run.h, engine/run_table.h, engine/fork.h, engine/import_stream.h -> here ->
// store/store.h.
#pragma once

#include "core/proto/run.pb.h"
#include "core/store/store.h"

namespace concertina {

StoredRun StoredAs(const proto::RunSummary& summary);

}  // namespace concertina
