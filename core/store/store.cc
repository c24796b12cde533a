// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// store.cc: the queue in front of the writer thread, and that thread (see store.h).
//
// What is posted collects in the open segment: writes as closures, points by series. A call that waits (a
// read, Sync, DeleteRun) or a truncation closes the segment and stands at its end, so that it sees what was
// posted before and nothing that was posted after. The writer takes all segments, and stores each as one
// transaction; closures must bear to be run again when a transaction failed. A truncation that fails holds up
// everything behind it, and is tried again: until it has gone well nothing behind it is said to be stored.
#include "core/store/store.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/store/connection.h"
#include "core/store/records.h"
#include "core/store/schema.h"
#include "core/store/series.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kBatchSeconds = 0.2;
constexpr double kRetrySeconds = 1;
constexpr double kFlushSeconds = 30;                // what a start after a crash replays at most
constexpr int64_t kFlushBytes = int64_t{16} << 20;  // of the journal: a million points
// Full, the poster waits: 2.8 million points, or 35 s of 80,000 a second.
constexpr int64_t kMaxQueuedBytes = int64_t{64} << 20;
constexpr int64_t kBytesPerPoint = 24;
constexpr int64_t kPagesPerVacuum = 2048;
constexpr size_t kMostKept = 4096;  // points of a vector that goes round

struct Write {
  std::string run;
  std::function<absl::Status(Connection&)> perform;
};

// Points of one series that were posted and not yet taken.
struct Slot {
  SeriesKey key;
  std::string unit;
  Pyramid::Points pending;
};

struct PostedPoints {
  const Slot* slot;
  Pyramid::Points points;
};

struct Segment {
  std::vector<Write> writes;
  std::vector<PostedPoints> appends;
  int64_t bytes = 0;
  std::function<absl::Status()> barrier;  // must succeed before anything after it is stored
  std::function<void()> call;             // somebody waits for it
};

struct KeyHash {
  size_t operator()(const std::tuple<std::string_view, std::string_view, int>& key) const {
    const std::hash<std::string_view> hash;
    return (hash(std::get<0>(key)) * 31 + hash(std::get<1>(key))) * 31 +
           static_cast<size_t>(std::get<2>(key));
  }
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), series_(*connection_) {}

  // Before the writer starts: what a crash left in the journal.
  absl::Status Start() {
    RETURN_IF_ERROR(series_.Recover());
    if (series_.has_unflushed()) RETURN_IF_ERROR(StoreBatch(true));
    writer_ = std::thread([this] { WriterLoop(); });
    return absl::OkStatus();
  }

  ~SqliteStore() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      waits_for_room_ = false;
    }
    if (writer_.joinable()) writer_.join();
  }

  absl::Status Health() const override {
    absl::MutexLock lock(&mutex_);
    return health_;
  }

  absl::Status Sync() override {
    return OnWriter([this]() -> absl::Status {
      // What came through is on the disk even so: a deletion that makes room may be all that could.
      RETURN_IF_ERROR(connection_->SyncLog());
      RETURN_IF_ERROR(held_up_);
      return last_attempt_;
    });
  }

  uint64_t posted() const override {
    absl::MutexLock lock(&mutex_);
    return posted_;
  }

  bool IsCommitted(uint64_t posted) const override {
    absl::MutexLock lock(&mutex_);
    return committed_ >= posted;
  }

  // Half of the queue is for who posts little, and does not ask.
  bool HasRoom() const override {
    absl::MutexLock lock(&mutex_);
    return queued_bytes_ < kMaxQueuedBytes / 2;
  }

  void EndWaiting() override {
    absl::MutexLock lock(&mutex_);
    waits_for_room_ = false;
  }

  void PutRun(StoredRun run) override {
    std::string id = run.id;
    Post(std::move(id), [run = std::move(run)](Connection& connection) { return WriteRun(connection, run); });
  }

  void PutMarks(const std::string& run, StoredMarks marks) override {
    Post(run, [run, marks = std::move(marks)](Connection& connection) {
      return WriteMarks(connection, run, marks);
    });
  }

  absl::StatusOr<std::vector<StoredRun>> Runs() override {
    return OnWriter([&] { return ReadRuns(*connection_); });
  }

  absl::StatusOr<StoredRun> Run(const std::string& id) override {
    return OnWriter([&] { return ReadRun(*connection_, id); });
  }

  absl::Status DeleteRun(const std::string& id) override {
    return OnWriter([&]() -> absl::Status {
      bool was_there = false;
      RETURN_IF_ERROR(connection_->Transaction([&]() -> absl::Status {
        ASSIGN_OR_RETURN(was_there, EraseRun(*connection_, id));
        return absl::OkStatus();
      }));
      // What could not be stored yet must not bring the run back. What was posted after this call may: the
      // run can be imported again.
      const auto is_its = [&](const Write& write) { return write.run == id; };
      size_t waiting = std::erase_if(writes_, is_its);
      for (size_t i = 0; i < posted_before_; ++i) {
        waiting += std::erase_if(backlog_[i].writes, is_its);
        std::erase_if(backlog_[i].appends,
                      [&](const PostedPoints& points) { return points.slot->key.run == id; });
      }
      series_.Forget(id);
      vacuum_ = true;
      if (!was_there && waiting == 0) return absl::NotFoundError(fmt::format("there is no run \"{}\"", id));
      return absl::OkStatus();
    });
  }

  void AddEvent(const std::string& run, StoredEvent event) override {
    Post(run, [run, event = std::move(event)](Connection& connection) {
      return WriteEvent(connection, run, event);
    });
  }

  absl::StatusOr<std::vector<StoredEvent>> Events(const std::string& run) override {
    return OnWriter([&] { return ReadEvents(*connection_, run); });
  }

  void Append(const std::string& run, const std::string& series, int rank, const std::string& unit,
              std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values) override {
    const size_t count = std::min({steps.size(), seconds.size(), values.size()});
    if (count == 0) return;
    absl::MutexLock lock(&mutex_);
    AwaitRoom();
    Slot& slot = SlotOf(run, series, rank, unit);
    if (slot.pending.steps.empty()) pending_slots_.push_back(&slot);
    slot.pending.steps.insert(slot.pending.steps.end(), steps.begin(),
                              steps.begin() + static_cast<std::ptrdiff_t>(count));
    slot.pending.seconds.insert(slot.pending.seconds.end(), seconds.begin(),
                                seconds.begin() + static_cast<std::ptrdiff_t>(count));
    slot.pending.values.insert(slot.pending.values.end(), values.begin(),
                               values.begin() + static_cast<std::ptrdiff_t>(count));
    Posted(kBytesPerPoint * static_cast<int64_t>(count));
  }

  void TruncateSeries(const std::string& run, int64_t step) override {
    absl::MutexLock lock(&mutex_);
    AwaitRoom();
    open_.barrier = [this, run, step]() -> absl::Status {
      // The journal holds points by index: it must be empty before indices are given away again.
      RETURN_IF_ERROR(StoreBatch(true));
      return Attempt([&] { return series_.Truncate(run, step); });
    };
    CloseSegment();
    Posted(0);
  }

  absl::StatusOr<std::vector<SeriesDescription>> ListSeries(const std::string& run) override {
    return OnWriter([&] { return series_.List(run); });
  }

  absl::StatusOr<std::vector<SeriesPoint>> ReadSeries(const std::string& run, const std::string& series,
                                                      int rank, int64_t from_step, int64_t to_step,
                                                      int max_points) override {
    return OnWriter([&] {
      auto points = series_.Read({run, series, rank}, from_step, to_step, max_points);
      series_.Trim();
      return points;
    });
  }

  void PutArtefact(const std::string& run, const std::string& name, const std::string& path, uint64_t bytes,
                   const std::string& sha256) override {
    Post(run, [run, artefact = Artefact{name, path, sha256, bytes}](Connection& connection) {
      return WriteArtefact(connection, run, artefact);
    });
  }

  absl::StatusOr<std::vector<Artefact>> Artefacts(const std::string& run) override {
    return OnWriter([&] { return ReadArtefacts(*connection_, run); });
  }

 private:
  // Of any thread.

  void Post(std::string run, std::function<absl::Status(Connection&)> perform) {
    absl::MutexLock lock(&mutex_);
    AwaitRoom();
    open_.writes.push_back({std::move(run), std::move(perform)});
    Posted(1024);  // about; what is long in it (a spec) is rare
  }

  // Waits for `work` to be done on the writer thread after all that was posted before.
  template <class Work>
  std::invoke_result_t<Work> OnWriter(const Work& work) {
    std::optional<std::invoke_result_t<Work>> result;
    absl::Notification done;
    {
      absl::MutexLock lock(&mutex_);
      open_.call = [&] {
        result.emplace(work());
        done.Notify();
      };
      CloseSegment();
      is_urgent_ = true;
    }
    done.WaitForNotification();
    return *std::move(result);
  }

  void AwaitRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (queued_bytes_ < kMaxQueuedBytes) return;
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return queued_bytes_ < kMaxQueuedBytes || !waits_for_room_;
    };
    mutex_.Await(absl::Condition(&has_room));
  }

  void Posted(int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    queued_bytes_ += bytes;
    open_.bytes += bytes;
    has_posted_ = true;
    ++posted_;
    if (queued_bytes_ > kMaxQueuedBytes / 4) is_urgent_ = true;
  }

  Slot& SlotOf(const std::string& run, const std::string& series, int rank, const std::string& unit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = slots_by_key_.find({run, series, rank});
    if (found != slots_by_key_.end()) return *found->second;
    Slot& slot = slots_.emplace_back();
    slot.key = {run, series, rank};
    slot.unit = unit;
    slots_by_key_.emplace(std::tuple(std::string_view(slot.key.run), std::string_view(slot.key.name), rank),
                          &slot);
    return slot;
  }

  void CloseSegment() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (Slot* slot : pending_slots_) {
      // Vectors go round: making them anew for every batch took a tenth of the time.
      Pyramid::Points empty;
      if (!spare_.empty()) {
        empty = std::move(spare_.back());
        spare_.pop_back();
      }
      open_.appends.push_back({slot, std::exchange(slot->pending, std::move(empty))});
    }
    pending_slots_.clear();
    segments_.push_back(std::exchange(open_, {}));
  }

  // Of the writer thread.

  void WriterLoop() {
    for (;;) {
      bool stopping = false;
      {
        absl::MutexLock lock(&mutex_);
        WaitForWork();
        stopping = stopping_;
        is_urgent_ = false;
        has_posted_ = false;
        taken_ = posted_;
        CloseSegment();
        std::move(segments_.begin(), segments_.end(), std::back_inserter(backlog_));
        segments_.clear();
        std::move(emptied_.begin(), emptied_.end(), std::back_inserter(spare_));
        emptied_.clear();
      }
      Work();
      if (stopping) break;
      if (vacuum_) Vacuum();
    }
    absl::Status last = StoreBatch(series_.has_unflushed() || series_.has_unsaved());
    last.Update(held_up_);
    if (!last.ok())
      spdlog::error("the store closes with its newest measurements unsaved: {}", std::string(last.message()));
  }

  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto is_urgent = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return is_urgent_ || stopping_; };
    const auto has_any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return is_urgent_ || stopping_ || has_posted_;
    };
    const bool waits_to_retry = !backlog_.empty() || !last_attempt_.ok();
    if (waits_to_retry) {
      mutex_.AwaitWithTimeout(absl::Condition(&is_urgent), absl::Seconds(kRetrySeconds));
      return;
    }
    // Sleep until there is something, but not beyond the next flush; then let a batch collect.
    const double idle = vacuum_ ? kBatchSeconds : series_.has_unflushed() ? kFlushSeconds : 3600.0;
    if (mutex_.AwaitWithTimeout(absl::Condition(&has_any), absl::Seconds(idle)))
      mutex_.AwaitWithTimeout(absl::Condition(&is_urgent), absl::Seconds(kBatchSeconds));
  }

  void Work() {
    while (!backlog_.empty()) {
      Segment& segment = backlog_.front();
      taken_bytes_ += std::exchange(segment.bytes, 0);
      std::move(segment.writes.begin(), segment.writes.end(), std::back_inserter(writes_));
      segment.writes.clear();
      for (PostedPoints& append : segment.appends) {
        Pyramid::Points& points = append.points;
        series_.Append(append.slot->key, append.slot->unit, points.steps, points.seconds, points.values);
        points.steps.clear(), points.seconds.clear(), points.values.clear();
        if (points.steps.capacity() <= kMostKept) emptied_.push_back(std::move(points));
      }
      segment.appends.clear();
      if (segment.barrier) {
        absl::Status passed = segment.barrier();
        // Damage and mistakes do not heal by trying again.
        if (absl::IsDataLoss(passed) || absl::IsInternal(passed)) {
          spdlog::error("{}", std::string(passed.message()));
          passed = absl::OkStatus();
        }
        held_up_ = std::move(passed);
        if (!held_up_.ok()) break;
      }
      if (segment.call) {
        StoreBatch(false).IgnoreError();  // kept for Health and Sync
        segment.call();
      }
      backlog_.pop_front();
    }
    const double now = Clock::Real().SteadySeconds();
    const bool flush = series_.has_unflushed() &&
                       (series_.journal_bytes() >= kFlushBytes || now - flushed_seconds_ >= kFlushSeconds);
    const absl::Status stored = StoreBatch(flush);
    TellHealth();
    if (stored.ok() && held_up_.ok()) {
      absl::MutexLock lock(&mutex_);
      committed_ = taken_;
    }
    // Who reads while the disk is full gets what there is; who waits for the disk is told why it has it not.
    for (const Segment& segment : backlog_) {
      ++posted_before_;
      if (segment.call) segment.call();
    }
    for (Segment& segment : backlog_) segment.call = nullptr;
    posted_before_ = 0;
  }

  // Stores all that was taken, as one transaction; on failure everything stays for the next attempt.
  absl::Status StoreBatch(bool flush) {
    if (writes_.empty() && !series_.has_unsaved() && !flush && last_attempt_.ok()) return absl::OkStatus();
    const bool begins_journal = !series_.has_unflushed();
    const absl::Status status = Attempt([&]() -> absl::Status {
      for (const Write& write : writes_) {
        const absl::Status written = write.perform(*connection_);
        if (absl::IsInvalidArgument(
                written)) {  // refused by a constraint, now and for ever: a run that there is not
          spdlog::error("run {}: {}; this write is dropped", write.run, std::string(written.message()));
          continue;
        }
        RETURN_IF_ERROR(written);
      }
      RETURN_IF_ERROR(series_.Save());
      return flush ? series_.Flush() : absl::OkStatus();
    });
    if (status.ok()) {
      writes_.clear();
      if (flush || begins_journal) flushed_seconds_ = Clock::Real().SteadySeconds();
      absl::MutexLock lock(&mutex_);
      queued_bytes_ -= std::exchange(taken_bytes_, 0);
    }
    return status;
  }

  // A transaction that memory follows, and health tells of.
  absl::Status Attempt(const std::function<absl::Status()>& body) {
    const absl::Status status = connection_->Transaction(body);
    if (status.ok()) {
      series_.Committed();
    } else {
      series_.RolledBack();
    }
    last_attempt_ = status;
    TellHealth();
    return status;
  }

  // What fits while a truncation does not is no sign of health: nobody's newest writes are stored.
  void TellHealth() {
    const absl::Status& now = held_up_.ok() ? last_attempt_ : held_up_;
    {
      absl::MutexLock lock(&mutex_);
      if (now.ok() == health_.ok()) return;  // the first that failed stays
      health_ = now;
    }
    if (now.ok()) {
      spdlog::info("{}: writes again", connection_->path());
    } else {
      spdlog::error("{}", std::string(now.message()));
    }
  }

  // Gives pages of deleted runs back to the disk, a portion at a time.
  void Vacuum() {
    const absl::StatusOr<int64_t> before = connection_->Pragma("PRAGMA freelist_count");
    connection_->Execute(fmt::format("PRAGMA incremental_vacuum({})", kPagesPerVacuum)).IgnoreError();
    const absl::StatusOr<int64_t> after = connection_->Pragma("PRAGMA freelist_count");
    vacuum_ = before.ok() && after.ok() && *after > 0 && *after < *before;
  }

  const std::unique_ptr<Connection> connection_;  // the writer thread's, once that runs
  SeriesTable series_;                            // likewise, and all that follows up to mutex_
  std::vector<Write> writes_;                     // taken, not yet stored
  std::vector<Pyramid::Points> emptied_;          // on their way back to spare_
  int64_t taken_bytes_ = 0;
  std::deque<Segment> backlog_;  // not yet taken: behind a barrier that failed, if that is not OK
  absl::Status last_attempt_, held_up_;
  size_t posted_before_ = 0;  // segments of the backlog, if the call that is under way is held up
  double flushed_seconds_ = 0;
  bool vacuum_ = false;
  uint64_t taken_ = 0;  // of what was posted: all up to here has been in the backlog

  mutable absl::Mutex mutex_;
  Segment open_ ABSL_GUARDED_BY(mutex_);
  std::vector<Segment> segments_ ABSL_GUARDED_BY(mutex_);
  std::deque<Slot> slots_ ABSL_GUARDED_BY(mutex_);  // never erased: 100 bytes for each series of this process
  std::unordered_map<std::tuple<std::string_view, std::string_view, int>, Slot*, KeyHash> slots_by_key_
      ABSL_GUARDED_BY(mutex_);
  std::vector<Slot*> pending_slots_ ABSL_GUARDED_BY(mutex_);
  std::vector<Pyramid::Points> spare_ ABSL_GUARDED_BY(mutex_);
  int64_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t posted_ ABSL_GUARDED_BY(mutex_) = 0, committed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool has_posted_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_for_room_ ABSL_GUARDED_BY(mutex_) = true;  // who posts
  absl::Status health_ ABSL_GUARDED_BY(mutex_);

  std::thread writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, OpenDatabase(path));
  auto store = std::make_unique<SqliteStore>(std::move(connection));
  RETURN_IF_ERROR(store->Start());
  return store;
}

}  // namespace concertina
