// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_stream.cc: see import_stream.h.
#include "core/engine/import_stream.h"

#include <unistd.h>

#include <filesystem>
#include <optional>

#include "core/base/clock.h"
#include "core/engine/import_folder.h"
#include "core/engine/run_archive.h"
#include "core/engine/run_marks.h"
#include "core/engine/stored_run.h"
#include "core/proto/status_conversion.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// A stream that brings nothing for so long is ended: what it has brought takes space on the disk.
constexpr double kIdleSeconds = 60;

absl::Status CheckSpace(const Home& home) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(home.path(), error);
  if (error || space.available >= ImportStream::kSpareBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("the disk of {} is as good as full; nothing was taken in", home.path()));
}

// Series, events and files of a good archive into store and folder. The run itself is only begun here.
// `began`: there is something to be undone.
absl::Status TakeIn(Store& store, const Home& home, int file, const proto::RunSummary& summary, bool& began) {
  const std::string& id = summary.run();
  ASSIGN_OR_RETURN(ImportFolder folder, ImportFolder::Make(Disk::Real(), home.run(id)));
  began = true;
  // What is left of one that could not be undone, since the disk was full, would be there twice.
  if (const absl::Status gone = store.DeleteRun(id); !gone.ok() && !absl::IsNotFound(gone)) return gone;
  store.PutRun(StoredAs(summary));
  StoredMarks unfinished;
  unfinished.deleted_unix_ms = 1;  // long ago: an engine that finds it so empties it out
  store.PutMarks(id, std::move(unfinished));
  RunArchiveVisitor visitor;
  visitor.event = [&](const StoredEvent& event) {
    store.AddEvent(id, event);
    return absl::OkStatus();
  };
  visitor.points = [&](const SeriesDescription& series, std::span<const int64_t> steps,
                       std::span<const double> seconds, std::span<const double> values) {
    store.Append(id, series.name, series.rank, series.unit, steps, seconds, values);
    return store.Health();
  };
  visitor.file = [&](const std::string& name, std::span<const uint8_t> piece) -> absl::Status {
    RETURN_IF_ERROR(CheckSpace(home));  // it is there twice until all of it is
    return folder.Add(name, std::as_bytes(piece));
  };
  RETURN_IF_ERROR(ReadRunArchive(file, visitor).status());
  RETURN_IF_ERROR(folder.Finish());
  const std::string parameters = home.run(id) + "/parameters.safetensors";
  std::error_code error;
  if (const uint64_t bytes = std::filesystem::file_size(parameters, error); !error)
    store.PutArtefact(id, "parameters", parameters, bytes, summary.parameters_sha256());
  StoredEvent event;
  event.step = summary.steps();
  event.seconds = summary.seconds();
  event.unix_ms = WallUnixMs();
  event.kind = "state";
  event.message = "It was taken in from another home.";
  store.AddEvent(id, std::move(event));
  return store.Sync();
}

void Undo(Store& store, const Home& home, const std::string& id) {
  store.DeleteRun(id).IgnoreError();
  std::error_code error;
  std::filesystem::remove_all(home.run(id), error);
}

class ImportCall final : public grpc::ServerReadReactor<proto::ImportChunk>,
                         public std::enable_shared_from_this<ImportCall> {
 public:
  ImportCall(const EngineParts& parts, proto::ImportReply& reply)
      : parts_(parts), table_(parts.table.self()), reply_(reply) {}
  ~ImportCall() override {
    if (file_ >= 0) close(file_);
  }

  void Begin() {
    self_ = shared_from_this();
    parts_.loop.Post([call = shared_from_this()] { call->LookForIdleness(0); });
    InPool([this, call = shared_from_this()] {
      absl::StatusOr<int> file = OpenNamelessFile(parts_.home.path());
      if (!file.ok()) return End(file.status());
      file_ = *file;
      ReadNext();
    });
  }

  void OnReadDone(bool ok) override {
    InPool([this, call = shared_from_this(), ok] {
      if (!ok) return Check();
      if (const absl::Status kept = Keep(chunk_.data()); !kept.ok()) return End(kept);
      ReadNext();
    });
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    FinishOnce(grpc::Status::CANCELLED);
  }
  void OnDone() override { const std::shared_ptr<ImportCall> last = std::move(self_); }

 private:
  void InPool(std::function<void()> task) {
    if (const absl::Status posted = parts_.pool.Post(std::move(task)); !posted.ok()) End(posted);
  }
  void ReadNext() {
    absl::MutexLock lock(&mutex_);
    if (finished_) return;
    ++pieces_;
    StartRead(&chunk_);
  }
  // On the loop. `pieces`: as many as there were when it was looked last.
  void LookForIdleness(int64_t pieces) {
    absl::MutexLock lock(&mutex_);
    if (finished_ || has_all_) return;
    if (pieces != 0 && pieces == pieces_)
      return FinishOnce(ToGrpc(absl::DeadlineExceededError(
          fmt::format("nothing came for {:.0f} s; nothing was taken in", kIdleSeconds))));
    parts_.loop.After(kIdleSeconds,
                      [call = shared_from_this(), seen = pieces_] { call->LookForIdleness(seen); });
  }
  void End(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    FinishOnce(ToGrpc(status));
  }
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }
  bool IsCancelled() {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }

  absl::Status Keep(const std::string& data) {
    if (data.size() > ImportStream::kMostPieceBytes)
      return absl::InvalidArgumentError(fmt::format("a piece of {} bytes; at most {} come at once",
                                                    data.size(), ImportStream::kMostPieceBytes));
    RETURN_IF_ERROR(CheckSpace(parts_.home));
    for (size_t at = 0; at < data.size();) {
      const ssize_t written = write(file_, data.data() + at, data.size() - at);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return ErrnoStatus(errno, "keeping what is imported");
      at += static_cast<size_t>(written);
    }
    return absl::OkStatus();
  }

  // The stream has ended: by its sender, who has sent all, or by being lost.
  void Check() {
    {
      absl::MutexLock lock(&mutex_);
      has_all_ = true;
    }
    if (IsCancelled()) return;
    RunArchiveVisitor visitor;
    visitor.goes_on = [this] { return !IsCancelled(); };
    absl::StatusOr<proto::RunSummary> summary = ReadRunArchive(file_, visitor);
    if (!summary.ok()) return End(summary.status());
    parts_.loop.Post([this, call = shared_from_this(), summary = *std::move(summary)] {
      if (*table_ == nullptr) return End(absl::UnavailableError("the engine is ending"));
      const std::string& id = summary.run();
      if (const absl::Status free = parts_.table.Reserve(id); !free.ok()) return End(free);
      const absl::Status posted = parts_.pool.Post([this, call, summary] { Take(summary); });
      if (posted.ok()) return;
      parts_.table.GiveUp(id);
      End(posted);
    });
  }

  void Take(const proto::RunSummary& summary) {
    bool began = false;
    absl::Status status = TakeIn(parts_.store, parts_.home, file_, summary, began);
    if (!status.ok() && began) Undo(parts_.store, parts_.home, summary.run());
    parts_.loop.Post([this, call = shared_from_this(), summary, status] {
      if (*table_ == nullptr) return End(absl::UnavailableError("the engine is ending"));
      if (!status.ok()) {
        parts_.table.GiveUp(summary.run());
        return End(status);
      }
      parts_.table.Adopt(summary, [this, call, run = summary.run()](const absl::Status& kept) {
        {
          absl::MutexLock lock(&mutex_);
          if (!finished_ && kept.ok()) reply_.set_run(run);
        }
        End(kept);
      });
    });
  }

  const EngineParts& parts_;
  const std::shared_ptr<RunTable*> table_;  // null inside once the table is gone
  proto::ImportReply& reply_;
  std::shared_ptr<ImportCall> self_;

  // Of the one task or read that is under way.
  int file_ = -1;
  proto::ImportChunk chunk_;

  absl::Mutex mutex_;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_all_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t pieces_ ABSL_GUARDED_BY(mutex_) = 0;  // that were asked for
};

}  // namespace

grpc::ServerReadReactor<proto::ImportChunk>* ImportStream::Open(const EngineParts& parts,
                                                                proto::ImportReply& reply) {
  const auto call = std::make_shared<ImportCall>(parts, reply);
  call->Begin();
  return call.get();
}

}  // namespace concertina
