// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// records.cc: see records.h.
#include "core/store/records.h"

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"

namespace concertina {
namespace {

StoredRun RunOf(const Query& query) {
  const std::span<const uint8_t> summary = query.Blob(4);
  return {.id = query.Text(0),
          .name = query.Text(1),
          .state = query.Text(2),
          .spec_json = query.Text(3),
          .summary = std::string(summary.begin(), summary.end()),
          .created_unix_ms = query.Integer(5)};
}

// Those of all runs, into where `place` says.
absl::Status ReadMarks(Connection& connection,
                       const std::function<StoredMarks*(const std::string& run)>& place) {
  {
    Query query = connection.Ask("SELECT run, note, color, pinned, deleted_unix_ms FROM marks");
    for (;;) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      StoredMarks* marks = place(query.Text(0));
      if (marks == nullptr) continue;
      marks->note = query.Text(1);
      marks->color = static_cast<int>(query.Integer(2));
      marks->is_pinned = query.Integer(3) != 0;
      marks->deleted_unix_ms = query.Integer(4);
    }
  }
  Query query = connection.Ask("SELECT run, tag FROM tags ORDER BY run, ordinal");
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    if (StoredMarks* marks = place(query.Text(0))) marks->tags.push_back(query.Text(1));
  }
}

}  // namespace

absl::Status WriteRun(Connection& connection, const StoredRun& run) {
  // Not REPLACE: that would delete the old row, and with it all that belongs to the run.
  Query query = connection.Ask(
      "INSERT INTO runs (id, name, state, spec_json, summary, created_unix_ms) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state, "
      "spec_json = excluded.spec_json, summary = excluded.summary, "
      "created_unix_ms = excluded.created_unix_ms");
  const std::span summary(reinterpret_cast<const uint8_t*>(run.summary.data()), run.summary.size());
  return query.Bind(run.id)
      .Bind(run.name)
      .Bind(run.state)
      .Bind(run.spec_json)
      .Bind(summary)
      .Bind(run.created_unix_ms)
      .Run();
}

absl::Status WriteMarks(Connection& connection, const std::string& run, const StoredMarks& marks) {
  if (marks.is_pinned) {
    // What follows fails for a run that is not there, and then the one that is pinned stays so.
    Query query = connection.Ask(
        "UPDATE marks SET pinned = 0 "
        "WHERE pinned = 1 AND run <> ? AND EXISTS (SELECT 1 FROM runs WHERE id = ?)");
    RETURN_IF_ERROR(query.Bind(run).Bind(run).Run());
  }
  {
    Query query = connection.Ask(
        "INSERT INTO marks (run, note, color, pinned, deleted_unix_ms) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (run) DO UPDATE SET note = excluded.note, color = excluded.color, "
        "pinned = excluded.pinned, deleted_unix_ms = excluded.deleted_unix_ms");
    RETURN_IF_ERROR(query.Bind(run)
                        .Bind(marks.note)
                        .Bind(marks.color)
                        .Bind(marks.is_pinned ? 1 : 0)
                        .Bind(marks.deleted_unix_ms)
                        .Run());
  }
  {
    Query query = connection.Ask("DELETE FROM tags WHERE run = ?");
    RETURN_IF_ERROR(query.Bind(run).Run());
  }
  for (size_t i = 0; i < marks.tags.size(); ++i) {
    Query query = connection.Ask("INSERT INTO tags (run, ordinal, tag) VALUES (?, ?, ?)");
    RETURN_IF_ERROR(query.Bind(run).Bind(static_cast<int64_t>(i)).Bind(marks.tags[i]).Run());
  }
  return absl::OkStatus();
}

absl::Status WriteEvent(Connection& connection, const std::string& run, const StoredEvent& event) {
  Query query = connection.Ask(
      "INSERT INTO events (run, step, seconds, unix_ms, kind, message, json) VALUES (?, ?, ?, ?, ?, ?, ?)");
  return query.Bind(run)
      .Bind(event.step)
      .Bind(event.seconds)
      .Bind(event.unix_ms)
      .Bind(event.kind)
      .Bind(event.message)
      .Bind(event.json)
      .Run();
}

absl::Status WriteArtefact(Connection& connection, const std::string& run, const Store::Artefact& artefact) {
  Query query = connection.Ask(
      "INSERT INTO artefacts (run, name, path, bytes, sha256) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (run, name) DO UPDATE SET path = excluded.path, bytes = excluded.bytes, "
      "sha256 = excluded.sha256");
  return query.Bind(run)
      .Bind(artefact.name)
      .Bind(artefact.path)
      .Bind(static_cast<int64_t>(artefact.bytes))
      .Bind(artefact.sha256)
      .Run();
}

absl::StatusOr<bool> EraseRun(Connection& connection, const std::string& id) {
  bool was_there = false;
  {
    Query query = connection.Ask("SELECT 1 FROM runs WHERE id = ?");
    ASSIGN_OR_RETURN(was_there, query.Bind(id).Step());
  }
  Query query = connection.Ask("DELETE FROM runs WHERE id = ?");  // and, by cascade, all that is its
  RETURN_IF_ERROR(query.Bind(id).Run());
  return was_there;
}

absl::StatusOr<std::vector<StoredRun>> ReadRuns(Connection& connection) {
  std::vector<StoredRun> runs;
  std::unordered_map<std::string, size_t> places;
  {
    Query query = connection.Ask(
        "SELECT id, name, state, spec_json, summary, created_unix_ms FROM runs "
        "ORDER BY created_unix_ms DESC, id DESC");
    for (;;) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      places[query.Text(0)] = runs.size();
      runs.push_back(RunOf(query));
    }
  }
  RETURN_IF_ERROR(ReadMarks(connection, [&](const std::string& run) -> StoredMarks* {
    const auto place = places.find(run);
    return place == places.end() ? nullptr : &runs[place->second].marks;
  }));
  return runs;
}

absl::StatusOr<StoredRun> ReadRun(Connection& connection, const std::string& id) {
  StoredRun run;
  {
    Query query =
        connection.Ask("SELECT id, name, state, spec_json, summary, created_unix_ms FROM runs WHERE id = ?");
    ASSIGN_OR_RETURN(const bool row, query.Bind(id).Step());
    if (!row) return absl::NotFoundError(fmt::format("there is no run \"{}\"", id));
    run = RunOf(query);
  }
  RETURN_IF_ERROR(
      ReadMarks(connection, [&](const std::string& of) { return of == id ? &run.marks : nullptr; }));
  return run;
}

absl::StatusOr<std::vector<StoredEvent>> ReadEvents(Connection& connection, const std::string& run) {
  std::vector<StoredEvent> events;
  Query query = connection.Ask(
      "SELECT step, seconds, unix_ms, kind, message, json FROM events WHERE run = ? ORDER BY ordinal");
  query.Bind(run);
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return events;
    events.push_back({.step = query.Integer(0),
                      .seconds = query.Number(1),
                      .unix_ms = query.Integer(2),
                      .kind = query.Text(3),
                      .message = query.Text(4),
                      .json = query.Text(5)});
  }
}

absl::StatusOr<std::vector<Store::Artefact>> ReadArtefacts(Connection& connection, const std::string& run) {
  std::vector<Store::Artefact> artefacts;
  Query query = connection.Ask("SELECT name, path, sha256, bytes FROM artefacts WHERE run = ? ORDER BY name");
  query.Bind(run);
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return artefacts;
    artefacts.push_back({.name = query.Text(0),
                         .path = query.Text(1),
                         .sha256 = query.Text(2),
                         .bytes = static_cast<uint64_t>(query.Integer(3))});
  }
}

}  // namespace concertina
