// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fork.cc: see fork.h.
#include "core/engine/fork.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>

#include "core/base/disk.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/engine/run_preparation.h"
#include "core/engine/stored_run.h"
#include "core/worker/checkpoint.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

namespace fs = std::filesystem;

// Whatever was laid down for a run that does not come to be.
class LaidFolder {
 public:
  explicit LaidFolder(std::string path) : path_(std::move(path)) {}
  ~LaidFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  LaidFolder(const LaidFolder&) = delete;
  LaidFolder& operator=(const LaidFolder&) = delete;
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

// The same of its row: another engine would start it.
class LaidRow {
 public:
  explicit LaidRow(Store& store) : store_(store) {}
  ~LaidRow() {
    if (!run_.empty()) store_.DeleteRun(run_).IgnoreError();
  }
  LaidRow(const LaidRow&) = delete;
  LaidRow& operator=(const LaidRow&) = delete;
  void Put(StoredRun run) {
    run_ = run.id;
    store_.PutRun(std::move(run));
  }
  void Keep() { run_.clear(); }

 private:
  Store& store_;
  std::string run_;
};

// What was copied, not linked, is nowhere on the disk yet.
absl::Status SyncCopy(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  const absl::Status synced = fsync(file) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "flushing " + path);
  close(file);
  return synced;
}

// Files of a checkpoint are written once and then replaced or removed, never changed: another name for the
// same file is as good as a copy, and the parent may forget its own.
absl::Status LayCheckpoint(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(MakeFolder(to));
  std::error_code error;
  fs::recursive_directory_iterator entry(from, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path target = fs::path(to) / entry->path().lexically_relative(from);
    std::error_code failed;
    if (entry->is_directory(failed)) {
      fs::create_directories(target, failed);
    } else if (!failed) {
      fs::create_hard_link(entry->path(), target, failed);
      if (failed) {
        failed.clear();
        fs::copy_file(entry->path(), target, fs::copy_options::overwrite_existing, failed);
        if (!failed) RETURN_IF_ERROR(SyncCopy(target.string()));
      }
    }
    if (failed) return ErrnoStatus(failed.value(), "laying a checkpoint to " + target.string());
  }
  if (error)
    return absl::UnavailableError(fmt::format(
        "the checkpoint {} went while it was being copied; a newer one is there: try again", from));
  return Disk::Real().SyncFolder(to);  // the run is told once the store has it: so must the disk have this
}

absl::Status CopySeries(Store& store, const std::string& from, const std::string& to, int64_t end) {
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(from));
  std::vector<int64_t> steps;
  std::vector<double> seconds, values;
  for (const SeriesDescription& series : all) {
    ASSIGN_OR_RETURN(const std::vector<SeriesPoint> points,
                     store.ReadSeries(from, series.name, series.rank, 0, end, 0));
    if (points.empty()) continue;
    steps.clear();
    seconds.clear();
    values.clear();
    for (const SeriesPoint& point : points) {
      steps.push_back(point.step);
      seconds.push_back(point.seconds);
      values.push_back(point.mean);
    }
    store.Append(to, series.name, series.rank, series.unit, steps, seconds, values);
  }
  return absl::OkStatus();
}

StoredEvent ForkEvent(const std::string& parent, const proto::ForkRequest& request, const ResumePoint& from,
                      int64_t unix_ms) {
  Json changes = Json::array();
  for (const std::string& change : request.changes()) changes.push_back(change);
  StoredEvent event;
  event.step = from.step;
  event.seconds = from.totals.seconds;
  event.unix_ms = unix_ms;
  event.kind = "fork";
  event.message = fmt::format("This run goes on from step {} of {}.", from.step, parent);
  event.json = Json({{"parent", parent}, {"step", from.step}, {"changes", std::move(changes)}}).dump();
  return event;
}

// Two runs of one name are hard to tell apart: "LeNet-5 (learning_rate=0.01)".
absl::StatusOr<std::string> WithNameOfFork(const std::string& text, const std::string& parent,
                                           const proto::ForkRequest& request) {
  const Json spec = Json::parse(text, nullptr, false);
  if (!spec.is_object() || spec.value("name", Json()) != Json(parent)) return text;
  std::string what;
  for (const std::string& change : request.changes()) {
    const size_t equals = change.find('='), slash = change.rfind('/', equals);
    what += (what.empty() ? "" : ", ") + Shortened(change.substr(slash == std::string::npos ? 0 : slash + 1));
  }
  return SetInSpec(text,
                   "/name=" + Json(fmt::format("{} ({})", parent, what.empty() ? "fork" : what)).dump());
}

// With the defaults filled in: a run that is older than a parameter of its model does not have it.
Json FilledIn(const std::string& section, const Json& value) {
  if (section != "model") return value;
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", value, "/model", faults);
  return faults.empty() ? params.json() : value;
}

// Sections that the checkpoint is made for.
void CheckSameShape(const Json& parent, const Json& child, std::vector<Fault>& faults) {
  for (const char* section : {"mesh", "model", "seed"}) {
    const Json was = FilledIn(section, parent.value(section, Json()));
    const Json is = FilledIn(section, child.value(section, Json()));
    if (was == is) continue;
    faults.push_back(
        MakeFault(std::string("/") + section, ShowJson(is),
                  "what the run that is forked has, " + ShowJson(was) + ": its checkpoint fits no other"));
  }
}

}  // namespace

absl::StatusOr<std::optional<ForkedRun>> PrepareFork(Store& store, const proto::RunSummary& parent,
                                                     const proto::ForkRequest& request,
                                                     const ForkPlace& place, std::vector<Fault>& faults) {
  // What it keeps is behind a step of its recipe, and of another one means nothing.
  if (const Json spec = Json::parse(parent.spec_json(), nullptr, false);
      spec.is_object() && spec.contains("recipe") && !spec["recipe"].empty())
    return absl::FailedPreconditionError(
        fmt::format("run {} has a recipe, and is not forked: `concertinactl compress {}` gives its model to "
                    "another recipe",
                    parent.run(), parent.run()));
  const int64_t at_most = request.step() < 0 ? std::numeric_limits<int64_t>::max() : request.step();
  const std::optional<CheckpointOnDisk> checkpoint =
      NewestCheckpoint(place.parent_folder, CheckpointRanksOf(parent), at_most);
  // One that goes on writes a checkpoint before it is forked from now; until then it is only asked about.
  const bool is_from_now = request.validate_only() && request.step() < 0;
  if (!checkpoint && !is_from_now)
    return absl::FailedPreconditionError(fmt::format(
        "run {} has no checkpoint{} to go on from; the newest {} are kept (/training/checkpoint_every_steps, "
        "or `concertinactl checkpoint {}` while it goes)",
        parent.run(), request.step() < 0 ? "" : fmt::format(" at or before step {}", request.step()),
        kKeptCheckpoints, parent.run()));
  const int64_t step = checkpoint && !is_from_now ? checkpoint->step : 0;
  LaidFolder folder(place.child_folder);
  const std::string laid = CheckpointFolder(place.child_folder, step);
  std::string before = parent.spec_json();
  if (!request.validate_only()) {
    RETURN_IF_ERROR(LayCheckpoint(checkpoint->path, laid));
    // As it stood then: knobs that were turned later are not this run's.
    ASSIGN_OR_RETURN(const Checkpoint of_rank_0, ReadCheckpoint(laid, 0));
    if (!of_rank_0.spec_json.empty()) before = of_rank_0.spec_json;
  }
  std::string text = request.spec_json().empty() ? before : request.spec_json();
  for (const std::string& change : request.changes()) {
    absl::StatusOr<std::string> changed = SetInSpec(text, change);
    if (!changed.ok()) return Annotate(changed.status(), change);
    text = *std::move(changed);
  }
  ASSIGN_OR_RETURN(text, WithNameOfFork(text, parent.name(), request));
  ASSIGN_OR_RETURN(std::optional<PreparedRun> prepared, PrepareRun(text, place.datasets_folder, faults));
  if (!prepared) return std::nullopt;
  CheckSameShape(Json::parse(before, nullptr, false), Json::parse(prepared->spec.json, nullptr, false),
                 faults);
  const int ranks = checkpoint && !is_from_now ? checkpoint->ranks : RanksOf(parent);
  if (prepared->spec.worker_count() != ranks)
    faults.push_back(MakeFault("/workers", std::to_string(prepared->spec.worker_count()),
                               fmt::format("{} workers, as many as wrote the checkpoint", ranks)));
  if (prepared->total_steps <= step)
    faults.push_back(MakeFault("/training", fmt::format("{} steps in all", prepared->total_steps),
                               fmt::format("more than the {} that the checkpoint has behind it", step)));
  if (!faults.empty() || request.validate_only()) return std::nullopt;
  ForkedRun forked{.summary = {}, .prepared = *std::move(prepared), .resume = {}};
  forked.summary.set_run(place.child);
  forked.summary.set_name(forked.prepared.spec.name);
  forked.summary.set_state(proto::QUEUED);
  forked.summary.set_created_unix_ms(place.created_unix_ms);
  forked.summary.set_attempt(1);
  forked.summary.set_spec_json(forked.prepared.spec.json);
  forked.summary.set_parent(parent.run());
  forked.summary.set_parent_step(step);
  forked.summary.set_last_checkpoint_step(step);
  LaidRow row(store);
  // Series belong to a run that is there; and an engine that is killed now must not leave one that the next
  // would start with half of its past, though nobody was told of it.
  proto::RunSummary unfinished = forked.summary;
  unfinished.set_state(proto::FAILED);
  unfinished.set_ended_unix_ms(place.created_unix_ms);
  unfinished.set_error("the engine ended before this run was laid down: fork it once more");
  row.Put(StoredAs(unfinished));
  RETURN_IF_ERROR(CopySeries(store, parent.run(), place.child, step));
  // What the steps before came to is the parent's to say.
  ASSIGN_OR_RETURN(forked.resume, ResumePointAt(store, parent.run(), step));
  forked.resume.checkpoint = laid;
  store.AddEvent(place.child, ForkEvent(parent.run(), request, forked.resume, place.created_unix_ms));
  row.Put(StoredAs(forked.summary));
  // Whoever is told of it finds it again, whatever becomes of this engine.
  if (const absl::Status synced = store.Sync(); !synced.ok())
    return Annotate(synced, "the run was not forked, since nothing can be stored");
  row.Keep();
  folder.Keep();
  return forked;
}

}  // namespace concertina
