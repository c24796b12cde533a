// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// records.h: the rows of runs, of what people say about them, of events and of artefacts: what is not a
// series. On the way of the data: store/store.h, on the writer thread -> here -> SQLite.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/store/connection.h"
#include "core/store/store.h"

namespace concertina {

// What changes the database is called inside a transaction of the caller. kInvalidArgument: there is no such
// run.
absl::Status WriteRun(Connection& connection, const StoredRun& run);
absl::Status WriteMarks(Connection& connection, const std::string& run, const StoredMarks& marks);
absl::Status WriteEvent(Connection& connection, const std::string& run, const StoredEvent& event);
absl::Status WriteArtefact(Connection& connection, const std::string& run, const Store::Artefact& artefact);
// With all that belongs to the run. Whether it was there.
absl::StatusOr<bool> EraseRun(Connection& connection, const std::string& id);

absl::StatusOr<std::vector<StoredRun>> ReadRuns(Connection& connection);
absl::StatusOr<StoredRun> ReadRun(Connection& connection, const std::string& id);
absl::StatusOr<std::vector<StoredEvent>> ReadEvents(Connection& connection, const std::string& run);
absl::StatusOr<std::vector<Store::Artefact>> ReadArtefacts(Connection& connection, const std::string& run);

}  // namespace concertina
