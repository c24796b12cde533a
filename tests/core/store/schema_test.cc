// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// schema_test.cc: older files are brought up to date, others are left as they are and told apart.
#include "core/store/schema.h"

#include <sqlite3.h>

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <limits>

#include "absl/strings/match.h"
#include "core/analysis/pyramid.h"
#include "core/base/rng.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "core/store/store.h"
#include "tests/test_program.h"

namespace concertina::schema_test {
namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

// The schema of version 1, as that version made it. Never changed.
constexpr char kVersion1[] = R"(
PRAGMA application_id = 0x436f6e63;
PRAGMA user_version = 1;
CREATE TABLE runs (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, spec_json TEXT NOT NULL,
  summary BLOB NOT NULL, created_unix_ms INTEGER NOT NULL) STRICT;
CREATE TABLE events (ordinal INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL, seconds REAL, unix_ms INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
  json TEXT NOT NULL) STRICT;
CREATE INDEX events_of_run ON events (run, ordinal);
CREATE TABLE series (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL, rank INTEGER NOT NULL, UNIQUE (run, name, rank)) STRICT;
CREATE TABLE chunks (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  level INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, first_step INTEGER NOT NULL,
  crc INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (series, level, first)) STRICT;
CREATE TABLE artefacts (run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL,
  path TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT;
INSERT INTO runs VALUES ('old', 'An old run', 'finished', '{"seed": 3}', x'00ff', 1700000000000);
INSERT INTO events (run, step, seconds, unix_ms, kind, message, json) VALUES ('old', 5, 0.5, 6, 'knob', 'm', '{}');
INSERT INTO artefacts VALUES ('old', 'parameters', '/p', 12, 'abc');
INSERT INTO series (run, name, rank) VALUES ('old', 'train/loss', -1);
)";

// What version 2 added to it.
constexpr char kVersion2[] = R"(
ALTER TABLE series ADD COLUMN unit TEXT NOT NULL DEFAULT '';
CREATE TABLE journal (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
PRAGMA user_version = 2;
)";

void Run(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  char* error = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK ||
      sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error) != SQLITE_OK)
    qFatal("%s", error == nullptr ? "cannot open" : error);
  sqlite3_close(database);
}

int64_t Number(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  int64_t number = -1;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(
      database, sql,
      [](void* out, int, char** columns, char**) {
        *static_cast<int64_t*>(out) = columns[0] == nullptr ? -1 : std::stoll(columns[0]);
        return 0;
      },
      &number, nullptr);
  sqlite3_close(database);
  return number;
}

QByteArray HashOf(const std::string& path) {
  QFile file(QString::fromStdString(path));
  QCryptographicHash hash(QCryptographicHash::Sha256);
  if (file.open(QIODevice::ReadOnly)) hash.addData(&file);
  return hash.result();
}

std::string Hex(const std::vector<uint8_t>& bytes) {
  return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()))
      .toHex()
      .toStdString();
}

void PutFile(const std::string& path, const QByteArray& bytes) {
  QFile file(QString::fromStdString(path));
  QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
  file.write(bytes);
}

QByteArray GetFile(const std::string& path) {
  QFile file(QString::fromStdString(path));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class SchemaTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::string path_;

  // A good file: one run, a series of 3,000 points.
  void MakeGood() {
    auto store = Store::Open(path_);
    QVERIFY(store.ok());
    (*store)->PutRun({.id = "r", .name = "r", .state = "finished", .spec_json = "{}"});
    std::vector<int64_t> steps;
    std::vector<double> values;
    for (int64_t i = 0; i < 3000; ++i) {
      steps.push_back(i);
      values.push_back(0.1 * static_cast<double>(i * i % 77));
    }
    (*store)->Append("r", "train/loss", kWholeRun, "", steps, values, values);
  }
  absl::Status OpenAgain() { return Store::Open(path_).status(); }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    path_ = folder_->filePath("store.sqlite").toStdString();
  }

  void version1IsBroughtUpToDateAndACopyIsKept() {
    Pyramid pyramid;
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
    for (int64_t i = 0; i < 100; ++i) {
      steps.push_back(10 * i);
      seconds.push_back(0.25 * static_cast<double>(i));
      values.push_back(1.0 / static_cast<double>(1 + i));
    }
    pyramid.Append(steps, seconds, values);
    std::string sql = kVersion1;
    std::vector<uint8_t> bytes;
    EncodePoints(steps, seconds, values, bytes);
    const auto insert = [&](int level, size_t count) {
      sql += "INSERT INTO chunks (series, level, first, count, first_step, crc, data) VALUES (1, " +
             std::to_string(level) + ", 0, " + std::to_string(count) + ", 0, " +
             std::to_string(Crc32c(bytes)) + ", x'" + Hex(bytes) + "');";
      bytes.clear();
    };
    insert(0, 100);
    EncodeBuckets(pyramid.buckets(1), bytes);
    insert(1, pyramid.buckets(1).size());
    Run(path_, sql);

    auto store = Store::Open(path_);
    QVERIFY2(store.ok(), store.status().ToString().c_str());
    const auto run = (*store)->Run("old");
    QVERIFY(run.ok());
    QCOMPARE(run->name, std::string("An old run"));
    QCOMPARE(run->summary, std::string("\0\xff", 2));
    QCOMPARE((*store)->Events("old")->at(0).message, std::string("m"));
    QCOMPARE((*store)->Artefacts("old")->at(0).bytes, uint64_t{12});
    const auto series = (*store)->ListSeries("old");
    QVERIFY(series.ok());
    QCOMPARE(series->at(0).points, int64_t{100});
    QCOMPARE(series->at(0).unit, std::string());
    const auto points = (*store)->ReadSeries("old", "train/loss", kWholeRun, 0, kAll, 0);
    QVERIFY(points.ok());
    for (size_t i = 0; i < 100; ++i) QCOMPARE((*points)[i].mean, values[i]);
    // The old series grows on, and a new one has its unit.
    const int64_t step = 1000;
    const double value = 7;
    (*store)->Append("old", "train/loss", kWholeRun, "", {&step, 1}, {&value, 1}, {&value, 1});
    (*store)->Append("old", "new", 0, "s", {&step, 1}, {&value, 1}, {&value, 1});
    QVERIFY((*store)->Sync().ok());
    QCOMPARE((*store)->ListSeries("old")->at(0).unit, std::string("s"));
    QCOMPARE((*store)->ReadSeries("old", "train/loss", kWholeRun, 0, kAll, 0)->size(), size_t{101});
    store->reset();

    QCOMPARE(Number(path_, "PRAGMA user_version"), int64_t{kSchemaVersion});
    const std::string copy = path_ + ".v1";
    QCOMPARE(Number(copy, "PRAGMA user_version"), int64_t{1});
    QCOMPARE(Number(copy, "SELECT count(*) FROM chunks"), int64_t{2});
    QCOMPARE(Number(copy, "SELECT count(*) FROM pragma_table_info('series') WHERE name = 'unit'"),
             int64_t{0});
    // Once is enough.
    const QByteArray hash = HashOf(copy);
    QVERIFY(OpenAgain().ok());
    QCOMPARE(HashOf(copy), hash);
  }
  void version2IsBroughtUpToDateAndItsRunsCanBeMarked() {
    Run(path_, std::string(kVersion1) + kVersion2);
    auto store = Store::Open(path_);
    QVERIFY2(store.ok(), store.status().ToString().c_str());
    const auto before = (*store)->Run("old");
    QVERIFY(before.ok());
    QCOMPARE(before->name, std::string("An old run"));
    QVERIFY(before->marks.tags.empty() && before->marks.note.empty() && !before->marks.is_pinned);
    StoredMarks marks;
    marks.tags = {"b", "a"};
    marks.note = "why";
    marks.color = 3;
    marks.is_pinned = true;
    marks.deleted_unix_ms = 17;
    (*store)->PutMarks("old", marks);
    QVERIFY((*store)->Sync().ok());
    store->reset();
    QCOMPARE(Number(path_, "PRAGMA user_version"), int64_t{kSchemaVersion});
    QCOMPARE(Number(path_ + ".v2", "PRAGMA user_version"), int64_t{2});
    store = Store::Open(path_);
    QVERIFY(store.ok());
    const auto after = (*store)->Run("old");
    QVERIFY(after.ok());
    QCOMPARE(after->marks.tags, (std::vector<std::string>{"b", "a"}));  // in the order of their adding
    QCOMPARE(after->marks.note, std::string("why"));
    QCOMPARE(after->marks.color, 3);
    QVERIFY(after->marks.is_pinned);
    QCOMPARE(after->marks.deleted_unix_ms, int64_t{17});
  }
  void aNewFileIsOfTheNewestVersionAndLeavesNothingElse() {
    QVERIFY(OpenAgain().ok());
    QCOMPARE(Number(path_, "PRAGMA user_version"), int64_t{kSchemaVersion});
    QCOMPARE(QDir(folder_->path()).entryList(QDir::Files), QStringList{"store.sqlite"});
    QVERIFY((QFile::permissions(QString::fromStdString(path_)) & (QFile::ReadOther | QFile::ReadGroup)) == 0);
  }
  void whatAnInterruptedStartLeftIsReplaced() {
    PutFile(path_ + ".new", "half a file");
    PutFile(path_, "");
    QVERIFY(OpenAgain().ok());
    QCOMPARE(QDir(folder_->path()).entryList(QDir::Files), QStringList{"store.sqlite"});
  }

  void aNewerVersionIsLeftUntouched() {
    MakeGood();
    Run(path_, "PRAGMA user_version = " + std::to_string(kSchemaVersion + 1));
    const QByteArray hash = HashOf(path_);
    const QStringList files = QDir(folder_->path()).entryList(QDir::Files);
    const absl::Status status = OpenAgain();
    QCOMPARE(status.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(absl::StrContains(status.message(), "newer"), status.ToString().c_str());
    QCOMPARE(HashOf(path_), hash);
    QCOMPARE(QDir(folder_->path()).entryList(QDir::Files), files);
  }
  void aNewerVersionThatIsOnlyInTheLogIsLeftUntouchedToo() {
    MakeGood();
    sqlite3* database = nullptr;
    sqlite3_open(path_.c_str(), &database);
    sqlite3_exec(database, "PRAGMA journal_mode = WAL; PRAGMA user_version = 99", nullptr, nullptr, nullptr);
    const std::string copy = folder_->filePath("copy.sqlite").toStdString();  // as a crash would leave it
    PutFile(copy, GetFile(path_));
    PutFile(copy + "-wal", GetFile(path_ + "-wal"));
    sqlite3_close(database);
    const QByteArray hash = HashOf(copy), log = HashOf(copy + "-wal");
    QCOMPARE(Store::Open(copy).status().code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(HashOf(copy), hash);
    QCOMPARE(HashOf(copy + "-wal"), log);
  }
  void anotherProgramsDatabaseIsLeftUntouched() {
    Run(path_, "CREATE TABLE bookmarks (url TEXT); PRAGMA application_id = 77");
    const QByteArray hash = HashOf(path_);
    QCOMPARE(OpenAgain().code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(HashOf(path_), hash);
  }
  void aSecondEngineIsRefused() {
    const auto first = Store::Open(path_);
    QVERIFY(first.ok());
    const absl::Status second = OpenAgain();
    QCOMPARE(second.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(absl::StrContains(second.message(), "another engine"), second.ToString().c_str());
    (*first)->PutRun({.id = "r", .name = "r", .state = "s", .spec_json = "{}"});
    QVERIFY((*first)->Sync().ok());
  }

  void placesThatCannotBeWrittenAreTold() {
    PutFile(path_, "");
    const std::string under_a_file = path_ + "/store.sqlite";
    for (const std::string& path :
         {under_a_file, std::string("/proc/concertina.sqlite"), folder_->path().toStdString()}) {
      const absl::Status status = Store::Open(path).status();
      QVERIFY2(status.code() == absl::StatusCode::kPermissionDenied, status.ToString().c_str());
      QVERIFY(absl::StrContains(status.message(), path));
    }
    QCOMPARE(Store::Open(folder_->filePath("no/such/folder/x").toStdString()).status().code(),
             absl::StatusCode::kNotFound);
  }

  void filesThatAreNoDatabaseAreDamaged_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("text") << QByteArray("these are not the bytes that you are looking for");
    QTest::newRow("a long text") << QByteArray(100000, 'x');
    QTest::newRow("zeros") << QByteArray(4096, '\0');
    QTest::newRow("only the magic") << QByteArray("SQLite format 3\0", 16);
  }
  void filesThatAreNoDatabaseAreDamaged() {
    QFETCH(QByteArray, bytes);
    PutFile(path_, bytes);
    QCOMPARE(OpenAgain().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(GetFile(path_), bytes);
  }
  void aCutOffFileIsDamaged() {
    MakeGood();
    const QByteArray whole = GetFile(path_);
    for (const double share : {0.05, 0.3, 0.5, 0.9, 0.99}) {
      const QByteArray cut = whole.first(static_cast<qsizetype>(static_cast<double>(whole.size()) * share));
      PutFile(path_, cut);
      const absl::Status status = OpenAgain();
      QVERIFY2(status.code() == absl::StatusCode::kDataLoss, status.ToString().c_str());
      QCOMPARE(GetFile(path_), cut);
    }
  }
  void aDamagedChunkNamesItsSeriesAndTheRestIsRead() {
    MakeGood();
    {
      auto store = Store::Open(path_);
      const int64_t step = 1;
      const double value = 2;
      (*store)->Append("r", "other", 3, "", {&step, 1}, {&value, 1}, {&value, 1});
    }
    Run(path_,
        "UPDATE chunks SET data = zeroblob(length(data)) WHERE level = 0 AND first = 0 AND series = "
        "(SELECT id FROM series WHERE name = 'train/loss')");
    auto store = Store::Open(path_);
    QVERIFY(store.ok());
    const absl::Status damaged = (*store)->ReadSeries("r", "train/loss", kWholeRun, 0, kAll, 0).status();
    QCOMPARE(damaged.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(
        absl::StrContains(damaged.message(), "train/loss") && absl::StrContains(damaged.message(), "run r"),
        damaged.ToString().c_str());
    QVERIFY((*store)->ReadSeries("r", "train/loss", kWholeRun, 2048, kAll, 0).ok());
    QVERIFY((*store)->ReadSeries("r", "other", 3, 0, kAll, 0).ok());
    // Even the newest chunk: the others can still be written.
    store->reset();
    Run(path_, "UPDATE chunks SET crc = crc + 1");
    store = Store::Open(path_);
    QVERIFY(store.ok());
    const int64_t step = 5000;
    const double value = 2;
    (*store)->Append("r", "train/loss", kWholeRun, "", {&step, 1}, {&value, 1}, {&value, 1});
    (*store)->Append("r", "fresh", 0, "", {&step, 1}, {&value, 1}, {&value, 1});
    QVERIFY((*store)->Sync().ok());
    QCOMPARE((*store)->ReadSeries("r", "fresh", 0, 0, kAll, 0)->size(), size_t{1});
    QCOMPARE((*store)->ReadSeries("r", "train/loss", kWholeRun, 0, kAll, 10).status().code(),
             absl::StatusCode::kDataLoss);
    QVERIFY((*store)->DeleteRun("r").ok());
  }
  void flippedBytesNeverGiveOtherPoints() {
    MakeGood();
    const QByteArray good = GetFile(path_);
    std::vector<double> values;
    {
      auto store = Store::Open(path_);
      const auto points = (*store)->ReadSeries("r", "train/loss", kWholeRun, 0, kAll, 0);
      QVERIFY(points.ok());
      for (const SeriesPoint& point : *points) values.push_back(point.mean);
    }
    Rng rng(1);
    int found = 0, harmless = 0;
    for (int trial = 0; trial < 300; ++trial) {
      QByteArray bytes = good;
      const auto at = static_cast<qsizetype>(rng.Below(static_cast<uint64_t>(bytes.size())));
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << rng.Below(8)));
      PutFile(path_, bytes);
      QFile::remove(QString::fromStdString(path_ + "-wal"));
      auto store = Store::Open(path_);
      if (!store.ok()) {
        ++found;
        QVERIFY2(absl::IsDataLoss(store.status()) || absl::IsFailedPrecondition(store.status()),
                 store.status().ToString().c_str());
        QCOMPARE(GetFile(path_), bytes);
        continue;
      }
      const auto points = (*store)->ReadSeries("r", "train/loss", kWholeRun, 0, kAll, 0);
      if (!points.ok()) {  // damaged, or its name is another now
        ++found;
        continue;
      }
      ++harmless;
      QCOMPARE(points->size(), values.size());
      for (size_t i = 0; i < values.size(); ++i) QCOMPARE((*points)[i].mean, values[i]);
    }
    QVERIFY(found > 20 && harmless > 0);
  }
};

CONCERTINA_TEST(SchemaTest)

}  // namespace concertina::schema_test

#include "schema_test.moc"
