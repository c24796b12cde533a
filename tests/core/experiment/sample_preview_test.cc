// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sample_preview_test.cc: what is shown of a dataset is what it has, evenly over its classes, the same for
// the same seed, and never too many bytes.
#include "core/experiment/sample_preview.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "nlohmann/json.hpp"
#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::sample_preview_test {
namespace {

void PutWord(QByteArray& bytes, quint32 value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.append(static_cast<char>(value >> shift));
}

// Images in the format of MNIST: every pixel of image i is i; labels 0 to 9 in turn.
void WriteFlatImages(const QString& folder, quint32 count, quint32 side) {
  for (const char* split : {"train", "test"}) {
    QByteArray images, labels;
    for (const quint32 field : {0x803U, count, side, side}) PutWord(images, field);
    for (const quint32 field : {0x801U, count}) PutWord(labels, field);
    for (quint32 i = 0; i < count; ++i) {
      images.append(QByteArray(side * side, static_cast<char>(i)));
      labels.append(static_cast<char>(i % 10));
    }
    for (const auto& [suffix, bytes] : {std::pair("images", images), std::pair("labels", labels)}) {
      QFile file(folder + "/" + split + "_" + suffix);
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(bytes);
    }
  }
}

Spec SpecOf(Json json) {
  SpecCheck check = CheckSpec(json.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  return check.spec;
}

Spec ImagesOf(const QTemporaryDir& folder, Json json = Json::object()) {
  json["dataset"]["kind"] = "idx";
  for (const char* part : {"train_images", "train_labels", "test_images", "test_labels"})
    json["dataset"][part] = folder.filePath(part).toStdString();
  return SpecOf(std::move(json));
}

}  // namespace

class SamplePreviewTest : public QObject {
  Q_OBJECT
 private slots:
  void eachClassComesOnceBeforeAnyComesTwice() {
    QTemporaryDir folder;
    WriteFlatImages(folder.path(), 200, 28);
    const auto preview = PreviewOf(ImagesOf(folder), "", {.count = 16});
    VERIFY_OK(preview);
    QCOMPARE(preview->samples.size(), size_t{16});
    QCOMPARE(preview->available, int64_t{200});
    QCOMPARE(preview->shape, (Shape{1, 28, 28}));
    QCOMPARE(preview->width, int64_t{28});
    std::map<int32_t, int> count;
    std::set<int64_t> indices;
    int32_t last = 0;
    for (const SamplePreview::Sample& sample : preview->samples) {
      ++count[sample.label];
      QVERIFY(indices.insert(sample.index).second);
      QVERIFY(sample.label >= last);
      last = sample.label;
      QCOMPARE(sample.label, static_cast<int32_t>(sample.index % 10));
      QCOMPARE(sample.pixels, std::vector<uint8_t>(784, static_cast<uint8_t>(sample.index)));
    }
    QCOMPARE(count.size(), size_t{10});
    for (const auto& [label, times] : count) QVERIFY(times == 1 || times == 2);
  }

  void theSeedDecides() {
    QTemporaryDir folder;
    WriteFlatImages(folder.path(), 200, 4);
    const auto indices = [&](int seed) {
      std::vector<int64_t> found;
      const auto preview = PreviewOf(ImagesOf(folder, {{"seed", seed}}), "", {});
      if (preview.ok())
        for (const SamplePreview::Sample& sample : preview->samples) found.push_back(sample.index);
      return found;
    };
    QCOMPARE(indices(1).size(), size_t{16});
    QCOMPARE(indices(1), indices(1));
    QVERIFY(indices(1) != indices(2));
  }

  void aWorkersPartIsItsOwn() {
    QTemporaryDir folder;
    WriteFlatImages(folder.path(), 200, 4);
    const Spec spec = ImagesOf(folder, {{"dataset", {{"partition", {{"kind", "shards"}}}}},
                                        {"workers", {{{"count", 4}}}},
                                        {"training", {{"batch_size", 4}}}});
    std::set<int64_t> seen;
    for (int64_t worker = 0; worker < 4; ++worker) {
      const auto preview = PreviewOf(spec, "", {.count = 32, .worker = worker});
      VERIFY_OK(preview);
      QVERIFY(preview->available < 200);
      for (const SamplePreview::Sample& sample : preview->samples) QVERIFY(seen.insert(sample.index).second);
    }
    const absl::Status none = PreviewOf(spec, "", {.worker = 4}).status();
    QCOMPARE(none.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(none.message().find("from 0 to 3") != std::string::npos, std::string(none.message()).c_str());
  }

  void largeImagesAreShrunkByMeans() {
    QTemporaryDir folder;
    WriteFlatImages(folder.path(), 12, 300);
    const auto preview = PreviewOf(ImagesOf(folder), "", {.count = 12});
    VERIFY_OK(preview);
    QVERIFY(preview->width < 300);
    QVERIFY(preview->width * preview->height * std::ssize(preview->samples) <= kMostPreviewBytes);
    for (const SamplePreview::Sample& sample : preview->samples)
      QCOMPARE(sample.pixels, std::vector<uint8_t>(static_cast<size_t>(preview->width * preview->height),
                                                   static_cast<uint8_t>(sample.index)));
  }

  void ofATableTheFirstRowsComeWithTheirColumns() {
    QTemporaryDir folder;
    QFile file(folder.filePath("table.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("width,height,kind\n");
    for (int i = 0; i < 40; ++i)
      file.write(QByteArray::number(i) + "," + QByteArray::number(100 - i) +
                 (i % 2 == 0 ? ",oak\n" : ",elm\n"));
    file.close();
    const Spec spec =
        SpecOf({{"dataset",
                 {{"kind", "csv"}, {"path", folder.filePath("table.csv").toStdString()}, {"label", "kind"}}},
                {"model", {{"kind", "mlp"}}}});
    const auto preview = PreviewOf(spec, "", {.count = 5});
    VERIFY_OK(preview);
    QVERIFY(preview->is_table());
    QCOMPARE(preview->column_names, (std::vector<std::string>{"width", "height"}));
    QCOMPARE(preview->samples.size(), size_t{5});
    for (size_t i = 0; i < 5; ++i) {
      QCOMPARE(preview->samples[i].index, static_cast<int64_t>(i));
      QCOMPARE(preview->samples[i].values.size(), size_t{2});
    }
    QVERIFY(preview->samples[0].values[0] < 0);  // standardised, as the model gets it
  }

  void aCountIsWithinItsBounds() {
    QTemporaryDir folder;
    WriteFlatImages(folder.path(), 12, 4);
    for (const int64_t count : {int64_t{-1}, int64_t{0}, kMostPreviewSamples + 1})
      QCOMPARE(PreviewOf(ImagesOf(folder), "", {.count = count}).status().code(),
               absl::StatusCode::kInvalidArgument);
    QCOMPARE(PreviewOf(ImagesOf(folder), "", {.count = 32})->samples.size(), size_t{12});
  }
};

CONCERTINA_TEST(SamplePreviewTest)

}  // namespace concertina::sample_preview_test

#include "sample_preview_test.moc"
