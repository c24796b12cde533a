// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// received_files_test.cc: files that come in pieces from elsewhere: whole, or not at all.
#include "core/engine/received_files.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <deque>
#include <filesystem>
#include <random>

#include "absl/synchronization/mutex.h"
#include "core/base/file.h"
#include "core/proto/deadlines.h"
#include "tests/test_program.h"

namespace concertina::received_files_test {
namespace {

std::string RandomBytes(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(count, ' ');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// All pieces of a file, as the other end would send them.
std::vector<proto::FileChunk> PiecesOf(const std::string& file, const std::string& path) {
  std::vector<proto::FileChunk> pieces;
  auto sent = SentFile::Open(file, path);
  while (sent.ok() && !(*sent)->is_all_given()) {
    auto piece = (*sent)->Next();
    if (!piece.ok()) return {};
    pieces.push_back(*std::move(piece));
  }
  return pieces;
}

constexpr char kParameters[] = "parameters.safetensors";
constexpr char kCheckpoint[] = "checkpoints/step-000000000050/rank-1";

}  // namespace

class ReceivedFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    run_ = folder_->filePath("run").toStdString();
    QVERIFY(MakeFolder(run_).ok());
    pool_ = std::make_unique<WorkPool>(2);
    absl::MutexLock lock(&mutex_);
    answers_.clear();
  }
  void cleanup() {
    pool_->Stop();
    received_.reset();
  }

  void aFileComesAsItWas_data() {
    QTest::addColumn<qulonglong>("bytes");
    for (const size_t bytes :
         {size_t{0}, size_t{1}, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 5 * kPieceBytes + 7})
      QTest::addRow("%zu bytes", bytes) << static_cast<qulonglong>(bytes);
  }
  void aFileComesAsItWas() {
    QFETCH(qulonglong, bytes);
    const std::string content = RandomBytes(bytes, 3);
    const auto pieces = PiecesOf(Source(content), kCheckpoint);
    QCOMPARE(pieces.size(), std::max<size_t>(1, (bytes + kPieceBytes - 1) / kPieceBytes));
    Begin();
    for (const proto::FileChunk& piece : pieces) {
      QVERIFY(received_->Offer(piece).ok());
      const auto answer = NextAnswer();
      QVERIFY(answer.ok());
      QCOMPARE(answer->bytes(), piece.offset() + piece.data().size());
    }
    QVERIFY(received_->Has(kCheckpoint));
    QCOMPARE(*ReadFile(run_ + "/" + kCheckpoint, content.size() + 1), content);
    QCOMPARE(FilesLeftAside(), 0);
  }

  // Several on their way at once are written in their order, and a window is all that may be.
  void noMoreThanAWindowWaits() {
    const auto pieces = PiecesOf(Source(RandomBytes(12 * kPieceBytes, 5)), kParameters);
    Begin();
    size_t sent = 0, answered = 0;
    while (answered < pieces.size()) {
      while (sent < pieces.size() && sent - answered < static_cast<size_t>(kFileWindow))
        QVERIFY(received_->Offer(pieces[sent++]).ok());
      QVERIFY(NextAnswer().ok());
      ++answered;
    }
    QVERIFY(received_->Has(kParameters));

    // One that does not wait is found out, however fast the disk is: the pool is kept busy.
    Block();
    absl::Status status;
    for (int i = 0; i <= kFileWindow && status.ok(); ++i)
      status = received_->Offer(pieces[static_cast<size_t>(i)]);
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    Unblock();
  }

  void liesAreRefused_data() {
    QTest::addColumn<QString>("lie");
    QTest::addColumn<int>("code");
    const auto row = [](const char* lie, absl::StatusCode code) {
      QTest::newRow(lie) << lie << static_cast<int>(code);
    };
    const auto kBad = absl::StatusCode::kInvalidArgument;
    row("another byte", absl::StatusCode::kDataLoss);
    row("another hash", absl::StatusCode::kDataLoss);
    row("no hash", kBad);
    row("a hash too soon", kBad);
    row("a gap", kBad);
    row("the same again", kBad);
    row("another size", kBad);
    row("more than its size", kBad);
    row("a piece too long", kBad);
    row("an empty piece", kBad);
    row("another file amid", kBad);
    row("not from the start", kBad);
    row("as large as no file", kBad);
    row("larger than the disk", absl::StatusCode::kResourceExhausted);
  }
  void liesAreRefused() {
    QFETCH(QString, lie);
    QFETCH(int, code);
    const std::string before = "as it was";
    QVERIFY(WriteFileAtomically(run_ + "/" + kParameters, before).ok());
    std::vector<proto::FileChunk> pieces = PiecesOf(Source(RandomBytes(2 * kPieceBytes + 9, 4)), kParameters);
    QCOMPARE(pieces.size(), size_t{3});
    if (lie == "another byte") pieces[1].mutable_data()->at(17) ^= 1;
    if (lie == "another hash") pieces[2].set_sha256(std::string(64, '0'));
    if (lie == "no hash") pieces[2].clear_sha256();
    if (lie == "a hash too soon") pieces[0].set_sha256(pieces[2].sha256());
    if (lie == "a gap") pieces.erase(pieces.begin() + 1);
    if (lie == "the same again") pieces[2] = pieces[1];
    if (lie == "another size") pieces[1].set_size(pieces[1].size() + 1);
    if (lie == "more than its size") pieces[2].mutable_data()->push_back('x');
    if (lie == "a piece too long") pieces[0].set_data(std::string(kPieceBytes + 1, 'x'));
    if (lie == "an empty piece") pieces[1].clear_data();
    if (lie == "another file amid") pieces[1].set_path("model.edge");
    if (lie == "not from the start") pieces.erase(pieces.begin());
    if (lie == "as large as no file") pieces[0].set_size(uint64_t{1} << 62);
    if (lie == "larger than the disk") pieces[0].set_size(ReceivedFiles::kMostBytes);
    if (lie == "larger than the disk" && QStorageBytes() > ReceivedFiles::kMostBytes)
      QSKIP("a disk of this size");
    Begin();
    absl::Status refused;
    for (const proto::FileChunk& piece : pieces) {
      QVERIFY(received_->Offer(piece).ok());
      const auto answer = NextAnswer();
      refused = answer.status();
      if (!refused.ok()) break;
    }
    QVERIFY2(static_cast<int>(refused.code()) == code, refused.ToString().c_str());
    QVERIFY(!received_->Has(kParameters));
    QCOMPARE(*ReadFile(run_ + "/" + kParameters, 100), before);
    QCOMPARE(FilesLeftAside(), 0);
    if (refused.code() == absl::StatusCode::kResourceExhausted) {  // no lie: there may be room yet
      QVERIFY(received_->Offer(pieces[1]).ok());                   // was on its way, and is let go
      for (const proto::FileChunk& piece : PiecesOf(Source("y"), kParameters))
        QVERIFY(received_->Offer(piece).ok() && NextAnswer().ok());
      QVERIFY(received_->Has(kParameters));
      return;
    }
    // After a lie nothing more is taken, however right it is.
    QVERIFY(received_->Offer(PiecesOf(Source("x"), "model.edge")[0]).ok());
    pool_->Stop();
    QVERIFY(!QFile::exists(QString::fromStdString(run_ + "/model.edge")));
  }

  void onlyItsOwnFilesAreARanks_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("parameters") << kParameters << true;
    QTest::newRow("model") << "model.edge" << true;
    QTest::newRow("a step of a recipe") << "recipe-0.json" << true;
    QTest::newRow("a later one") << "recipe-12.json" << true;
    QTest::newRow("its checkpoint") << kCheckpoint << true;
    QTest::newRow("a manifest") << "checkpoints/step-000000000050/manifest.json" << true;
    for (const char* path : {"",
                             "/etc/passwd",
                             "../other/parameters.safetensors",
                             "checkpoints/../parameters.safetensors",
                             "checkpoints/step-000000000050/rank-2",
                             "checkpoints/step-000000000050/rank-1/x",
                             "checkpoints/step-00000000005x/rank-1",
                             "checkpoints/step-/rank-1",
                             "checkpoints/step-50/rank-1",
                             "checkpoints//step-000000000050/rank-1",
                             "./model.edge",
                             "model.edge/",
                             "rank-0.log",
                             "rank-1.log",
                             "received-1.new",
                             "concertina.db",
                             "recipe-.json",
                             "recipe-1.json.new",
                             "recipe-x.json",
                             "recipe-1/recipe-1.json"})
      QTest::addRow("\"%s\"", path) << path << false;
    QTest::newRow("a NUL") << QString::fromLatin1("model.edge\0x", 12) << false;
  }
  void onlyItsOwnFilesAreARanks() {
    QFETCH(QString, path);
    QFETCH(bool, allowed);
    std::vector<proto::FileChunk> pieces = PiecesOf(Source("content"), path.toStdString());
    Begin();
    QVERIFY(received_->Offer(pieces[0]).ok());
    const auto answer = NextAnswer();
    QCOMPARE(answer.ok(), allowed);
    if (!allowed) QCOMPARE(answer.status().code(), absl::StatusCode::kInvalidArgument);
    int files = 0;
    QDirIterator below(folder_->path(), QDir::Files, QDirIterator::Subdirectories);
    while (below.hasNext()) files += below.next().endsWith("/source") ? 0 : 1;
    QCOMPARE(files, allowed ? 1 : 0);
  }

  void whatIsHalfThereGoesWithTheWorker() {
    Begin();
    QVERIFY(received_->Offer(PiecesOf(Source(RandomBytes(2 * kPieceBytes, 1)), kParameters)[0]).ok());
    QVERIFY(NextAnswer().ok());
    QCOMPARE(FilesLeftAside(), 1);
    pool_->Stop();
    received_.reset();
    QCOMPARE(FilesLeftAside(), 0);
    QVERIFY(!QFile::exists(QString::fromStdString(run_ + "/" + kParameters)));
  }

  // A worker is given up in the middle of a file, and when the group has formed anew another has its rank.
  void whoIsGivenUpLeavesTheFilesOfTheNextAlone() {
    const std::string content = RandomBytes(3 * kPieceBytes, 7);
    const auto of_next = PiecesOf(Source(content), kCheckpoint);
    const auto of_lost = PiecesOf(Source(RandomBytes(2 * kPieceBytes, 8)), kCheckpoint);
    Begin();
    QVERIFY(received_->Offer(of_lost[0]).ok());
    QVERIFY(NextAnswer().ok());
    auto lost = received_;
    Begin();
    QVERIFY(received_->Offer(of_next[0]).ok());
    QVERIFY(NextAnswer().ok());
    QCOMPARE(FilesLeftAside(), 2);
    lost->End();
    QVERIFY(lost->Offer(of_lost[1]).ok());  // on its way already: it is taken, and let go
    lost.reset();
    for (size_t i = 1; i < of_next.size(); ++i) {
      QVERIFY(received_->Offer(of_next[i]).ok());
      const auto answer = NextAnswer();
      QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    }
    QCOMPARE(*ReadFile(run_ + "/" + kCheckpoint, content.size() + 1), content);
    QCOMPARE(FilesLeftAside(), 0);
  }
  void whatStillWaitsIsLetGoAndNotTold() {
    Begin();
    Block();
    for (const proto::FileChunk& piece : PiecesOf(Source(RandomBytes(2 * kPieceBytes, 1)), kParameters))
      QVERIFY(received_->Offer(piece).ok());
    received_->End();
    Unblock();
    pool_->Stop();  // what was posted is done
    QCOMPARE(FilesLeftAside(), 0);
    QVERIFY(!QFile::exists(QString::fromStdString(run_ + "/" + kParameters)));
    absl::MutexLock lock(&mutex_);
    QVERIFY(answers_.empty());
  }

  void aFileThatShrinksIsNotSentAsIfItWereWhole() {
    const std::string file = Source(RandomBytes(2 * kPieceBytes, 1));
    auto sent = SentFile::Open(file, kParameters);
    QVERIFY((*sent)->Next().ok());
    QVERIFY(QFile::resize(QString::fromStdString(file), static_cast<qint64>(kPieceBytes + 5)));
    QCOMPARE((*sent)->Next().status().code(), absl::StatusCode::kDataLoss);
  }

 private:
  std::string Source(const std::string& content) {
    std::string file = folder_->filePath("source").toStdString();
    return WriteFileAtomically(file, content).ok() ? file : "";
  }
  uint64_t QStorageBytes() const {
    std::error_code error;
    return std::filesystem::space(run_, error).available;
  }
  void Begin() {
    received_ = ReceivedFiles::Make(*pool_, run_, 1, [this](const absl::StatusOr<proto::FileTaken>& taken) {
      absl::MutexLock lock(&mutex_);
      answers_.push_back(taken);
    });
  }
  absl::StatusOr<proto::FileTaken> NextAnswer() {
    absl::MutexLock lock(&mutex_);
    const auto there = [this] {
      mutex_.AssertReaderHeld();
      return !answers_.empty();
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(20)))
      return absl::DeadlineExceededError("no answer came");
    auto answer = answers_.front();
    answers_.pop_front();
    return answer;
  }
  int FilesLeftAside() const {
    return static_cast<int>(QDir(QString::fromStdString(run_)).entryList({"received-*"}, QDir::Files).size());
  }
  void Block() {
    {
      absl::MutexLock lock(&mutex_);
      blocked_ = true;
    }
    for (int i = 0; i < 2; ++i)
      QVERIFY(pool_
                  ->Post([this] {
                    absl::MutexLock lock(&mutex_);
                    const auto free = [this] {
                      mutex_.AssertReaderHeld();
                      return !blocked_;
                    };
                    mutex_.AwaitWithTimeout(absl::Condition(&free), absl::Seconds(20));
                  })
                  .ok());
  }
  void Unblock() {
    absl::MutexLock lock(&mutex_);
    blocked_ = false;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::string run_;
  std::unique_ptr<WorkPool> pool_;
  std::shared_ptr<ReceivedFiles> received_;
  absl::Mutex mutex_;
  std::deque<absl::StatusOr<proto::FileTaken>> answers_ ABSL_GUARDED_BY(mutex_);
  bool blocked_ ABSL_GUARDED_BY(mutex_) = false;
};

CONCERTINA_TEST(ReceivedFilesTest)

}  // namespace concertina::received_files_test

#include "received_files_test.moc"
