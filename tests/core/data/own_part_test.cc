// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_part_test.cc: a worker reads its own part of a dataset and no other: not a sample, and of large files
// not a byte, whatever kind of file it comes from.
#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <csignal>
#include <functional>
#include <set>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/data/loader.h"
#include "core/data/stored_samples.h"
#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::own_part_test {
namespace {

constexpr int64_t kWorkers = 4;

// Labels, and a note of every sample whose elements were asked for.
class NotedSamples final : public Samples {
 public:
  explicit NotedSamples(int64_t count) {
    for (int64_t i = 0; i < count; ++i) labels_.push_back(static_cast<int32_t>(i * 7 % 10));
  }
  int64_t size() const override { return static_cast<int64_t>(labels_.size()); }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  const std::vector<int32_t>& labels() const override { return labels_; }
  void Read(int64_t index, float* destination) const override {
    asked.insert(index);
    *destination = 0;
  }

  mutable std::set<int64_t> asked;

 private:
  std::vector<int32_t> labels_;
};

std::shared_ptr<const Partition> PartitionOf(const Json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("partition", spec, "", faults);
  return Registry::Global().Create<Partition>("partition", params).value();
}

// Each worker one run of samples, where they are sorted by label.
std::shared_ptr<const Partition> OneRunEach() {
  return PartitionOf({{"kind", "shards"}, {"shards_per_worker", 1}});
}

// Where the file is mapped; empty if it is not, or in pieces.
std::span<uint8_t> MappingOf(const QString& path) {
  QFile maps("/proc/self/maps");
  if (!maps.open(QIODevice::ReadOnly)) return {};
  std::span<uint8_t> found;
  for (const QByteArray& line : maps.readAll().split('\n')) {
    if (!line.endsWith(' ' + path.toUtf8())) continue;
    if (!found.empty()) return {};
    const QByteArray range = line.left(line.indexOf(' '));
    const auto begin = range.left(range.indexOf('-')).toULongLong(nullptr, 16);
    const auto end = range.mid(range.indexOf('-') + 1).toULongLong(nullptr, 16);
    found = {reinterpret_cast<uint8_t*>(begin), end - begin};
  }
  return found;
}

// The pages that lie wholly in these bytes can no longer be read.
bool Poison(std::span<uint8_t> bytes) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) / page * page;
  const uintptr_t end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page * page;
  return begin < end && mprotect(reinterpret_cast<void*>(begin), end - begin, PROT_NONE) == 0;
}

enum class End { kWell, kKilled, kOther };

// In a process of its own, which a poisoned page kills.
End EndOf(const std::function<bool()>& what) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int fatal : {SIGSEGV, SIGBUS}) signal(fatal, SIG_DFL);  // no report, no core of the test
    alarm(60);
    _exit(what() ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return End::kOther;
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGALRM) return End::kKilled;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::kWell : End::kOther;
}

// Of all its batches of two epochs.
bool ReadsAll(const std::shared_ptr<const Samples>& samples, int64_t elements, int64_t worker) {
  constexpr int64_t kBatch = 8;
  const auto loader = Loader::Create(
      samples, OneRunEach(), {.batch_size = kBatch, .worker = worker, .workers = kWorkers, .seed = 3});
  if (!loader.ok()) return false;
  std::vector<float> input(static_cast<size_t>(kBatch * elements));
  std::vector<int32_t> labels(kBatch);
  for (int64_t step = 0; step < 2 * (*loader)->steps_per_epoch(); ++step)
    if (!(*loader)->Fill(step, input, labels).ok()) return false;
  return (*loader)->steps_per_epoch() > 1;
}

}  // namespace

class OwnPartTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  static constexpr int64_t kSamples = 400, kSide = 32;  // of 1 kB, a hundred each worker
  static QByteArray sortedLabels() {
    QByteArray labels;
    for (int64_t i = 0; i < kSamples; ++i) labels.append(static_cast<char>(i * kWorkers / kSamples));
    return labels;
  }
  Json writeIdx(bool is_compressed) const {
    const QString images = folder_.filePath("images"), labels = folder_.filePath("labels");
    const QByteArray bytes =
        IdxBytes(IdxType::kUint8, {kSamples, kSide, kSide}, CountingBytes(kSamples * kSide * kSide));
    is_compressed ? WriteGzip(images, bytes) : WriteBytes(images, bytes);
    WriteBytes(labels, IdxBytes(IdxType::kUint8, {kSamples}, sortedLabels()));
    return {{"kind", "idx"}, {"train_images", images.toStdString()}, {"train_labels", labels.toStdString()}};
  }
  Json writeCsv() const {
    QByteArray text = "label";
    for (int column = 0; column < 256; ++column) text += ",c" + QByteArray::number(column);
    const QByteArray labels = sortedLabels();
    for (int64_t i = 0; i < kSamples; ++i) {
      text += '\n' + QByteArray::number(int{labels[static_cast<qsizetype>(i)]});
      for (int column = 0; column < 256; ++column) text += ',' + QByteArray::number(i * column % 101);
    }
    WriteBytes(folder_.filePath("table.csv"), text);
    return {{"kind", "csv"},
            {"path", folder_.filePath("table.csv").toStdString()},
            {"label", "label"},
            {"test_fraction", 0}};
  }
  // A class a file, a file a worker; the last of the five has a sample of each.
  Json writeCifar() const {
    const auto write = [&](const QString& name, const std::vector<int>& labels) {
      QByteArray bytes;
      for (const int label : labels) bytes += static_cast<char>(label) + QByteArray(3072, 'p');
      WriteBytes(folder_.filePath(name), bytes);
    };
    for (int file = 0; file < kWorkers; ++file)
      write(QString("data_batch_%1.bin").arg(file + 1), std::vector<int>(100, file));
    write("data_batch_5.bin", {0, 1, 2, 3});
    write("test_batch.bin", {1});
    return {{"kind", "cifar-10"}, {"path", folder_.path().toStdString()}};
  }
  std::string prepared() const { return folder_.filePath("prepared").toStdString(); }
  QString preparedFile(const QString& beginning) const {
    QDirIterator files(folder_.filePath("prepared"), {beginning + "-*"}, QDir::Files);
    return files.hasNext() ? files.next() : QString();
  }

 private slots:
  void init() { QDir(folder_.filePath("prepared")).removeRecursively(); }

  void onlySamplesOfItsShardAreAskedFor_data() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("partition"))
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }
  void onlySamplesOfItsShardAreAskedFor() {
    QFETCH(QString, kind);
    const auto partition = PartitionOf({{"kind", kind.toStdString()}});
    std::set<int64_t> of_all;
    for (int64_t worker = 0; worker < kWorkers; ++worker) {
      const auto samples = std::make_shared<NotedSamples>(1000);
      const auto loader = Loader::Create(samples, partition,
                                         {.batch_size = 4, .worker = worker, .workers = kWorkers, .seed = 5});
      VERIFY_OK(loader);
      QVERIFY2(samples->asked.empty(), "samples are read before the first batch");
      std::vector<float> input(4);
      std::vector<int32_t> labels(4);
      for (int64_t epoch = 0; epoch < 2; ++epoch) {
        samples->asked.clear();
        const int64_t steps = (*loader)->steps_per_epoch();
        for (int64_t step = 0; step < steps; ++step)
          VERIFY_OK((*loader)->Fill(epoch * steps + step, input, labels));
        const auto shard = partition->Shard(samples->labels(), worker, kWorkers, 5, epoch).value();
        const std::set<int64_t> own(shard.begin(), shard.end());
        QVERIFY(std::includes(own.begin(), own.end(), samples->asked.begin(), samples->asked.end()));
        QCOMPARE(static_cast<int64_t>(samples->asked.size()), 4 * steps);
        // Who has the labels from the last stage of a pipeline reads no sample at all.
        samples->asked.clear();
        for (int64_t step = 0; step < steps; ++step)
          VERIFY_OK((*loader)->FillLabels(epoch * steps + step, labels));
        QVERIFY(samples->asked.empty());
        if (epoch > 0) continue;
        for (const int64_t index : shard) QVERIFY2(of_all.insert(index).second, "two workers have a sample");
      }
    }
  }

  // The pages of all other workers' samples cannot be read: whoever touched one would be killed.
  void onlyBytesOfItsPartAreTouched_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"idx", "compressed idx", "csv"}) QTest::newRow(kind) << kind;
  }
  void onlyBytesOfItsPartAreTouched() {
    QFETCH(QString, kind);
    const bool is_csv = kind == "csv";
    const auto dataset = MakeDataset(is_csv ? writeCsv() : writeIdx(kind == "compressed idx"));
    VERIFY_OK(dataset);
    const auto info = (*dataset)->Probe(prepared());
    VERIFY_OK(info);
    const auto train = (*dataset)->OpenTrain(prepared());
    VERIFY_OK(train);
    const QString path =
        kind == "idx" ? folder_.filePath("images") : preparedFile(is_csv ? "table" : "images");
    const std::span<uint8_t> mapped = MappingOf(path);
    QVERIFY2(!mapped.empty(), qPrintable(path + " is not mapped"));
    const size_t first_byte = is_csv ? 0 : 16, sample_bytes = is_csv ? 4 * 256 : kSide * kSide;
    const int64_t elements = ElementCount(info->sample);

    for (int64_t worker = 0; worker < kWorkers; ++worker) {
      const auto shard = OneRunEach()->Shard((*train)->labels(), worker, kWorkers, 3, 0).value();
      const auto [first, last] = std::minmax_element(shard.begin(), shard.end());
      QCOMPARE(*last - *first + 1, static_cast<int64_t>(shard.size()));  // a run
      const size_t begin = first_byte + static_cast<size_t>(*first) * sample_bytes;
      const size_t end = first_byte + static_cast<size_t>(*last + 1) * sample_bytes;
      const size_t rows_end = first_byte + static_cast<size_t>(kSamples) * sample_bytes;
      const auto poisoned = [&](int64_t who) {
        return EndOf([&] {
          // Labels and names of the table lie behind the rows, in the last page of them.
          bool is_any = Poison(mapped.subspan(0, begin));
          if (end < rows_end) is_any |= Poison(mapped.subspan(end, rows_end - end));
          return is_any && ReadsAll(*train, elements, who);
        });
      };
      QVERIFY2(poisoned(worker) == End::kWell, qPrintable(QString("worker %1").arg(worker)));
      QVERIFY(poisoned((worker + 1) % kWorkers) == End::kKilled);  // the poison works
    }
  }

  // Records of an image and its label lie one behind the other, and labels are needed of all of them.
  void labelsBetweenImagesAreReadOnce() {
    const auto dataset = MakeDataset(writeCifar());
    VERIFY_OK(dataset);
    VERIFY_OK((*dataset)->Probe(prepared()));  // as the engine does, before there are workers
    const auto train = (*dataset)->OpenTrain(prepared());
    VERIFY_OK(train);
    const int64_t elements = 3 * 32 * 32;
    QCOMPARE((*train)->size(), int64_t{404});
    // Of 404 samples by label each worker has 101: the hundred of its file, and one of the fifth.
    for (int64_t worker = 0; worker < kWorkers; ++worker) {
      const auto shard = OneRunEach()->Shard((*train)->labels(), worker, kWorkers, 3, 0).value();
      const auto file = static_cast<int>(*std::min_element(shard.begin(), shard.end()) / 100);
      const auto poisoned = [&](int64_t who) {
        return EndOf([&] {
          for (int other = 0; other < kWorkers; ++other)
            if (other != file &&
                !Poison(MappingOf(folder_.filePath(QString("data_batch_%1.bin").arg(other + 1)))))
              return false;
          return ReadsAll(*train, elements, who);
        });
      };
      QVERIFY2(poisoned(worker) == End::kWell, qPrintable(QString("worker %1").arg(worker)));
      QVERIFY(poisoned((worker + 1) % kWorkers) == End::kKilled);
    }
  }

  // What was gathered once is not looked for in the file again: here it would be found to be damaged.
  void aWorkerDoesNotOpenByReadingAll_data() {
    QTest::addColumn<QString>("kind");
    QTest::newRow("csv") << "csv";
    QTest::newRow("cifar-10") << "cifar-10";
  }
  void aWorkerDoesNotOpenByReadingAll() {
    QFETCH(QString, kind);
    const bool is_csv = kind == "csv";
    const Json spec = is_csv ? writeCsv() : writeCifar();
    QFile file(folder_.filePath(is_csv ? "table.csv" : "data_batch_2.bin"));
    const auto put = [&](qint64 at, const QByteArray& bytes) {  // its size and its time stay
      QVERIFY(file.open(QIODevice::ReadWrite));
      QVERIFY(file.seek(at) && file.write(bytes) == bytes.size() && file.flush());
      QVERIFY(
          file.setFileTime(QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5)), QFileDevice::FileModificationTime));
      file.close();
    };
    put(0, {});
    const auto first = MakeDataset(spec).value()->OpenTrain(prepared());
    VERIFY_OK(first);
    put(is_csv ? file.size() - 1 : 3073, "\xff");  // the last number; the label of the second image
    QCOMPARE(MakeDataset(spec).value()->OpenTrain("").status().code(), absl::StatusCode::kDataLoss);
    const auto again = MakeDataset(spec).value()->OpenTrain(prepared());
    VERIFY_OK(again);
    QCOMPARE((*again)->labels(), (*first)->labels());
  }
};

CONCERTINA_TEST(OwnPartTest)

}  // namespace concertina::own_part_test

#include "own_part_test.moc"
