// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_folder_test.cc: folders of images become samples, and a damaged image is named.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "tests/core/data/dataset_files.h"
#include "tests/core/data/image_bytes.h"
#include "tests/test_program.h"

namespace concertina::image_folder_test {

class ImageFolderTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  static Image Plain(uint8_t level) {
    return {.width = 4, .height = 6, .rgb = std::vector<uint8_t>(4 * 6 * 3, level)};
  }
  void Add(const QString& file, uint8_t level) const {
    const QString path = folder_.filePath(file);
    QDir().mkpath(QFileInfo(path).path());
    WriteBytes(path, path.endsWith(".png") ? PngBytes(Plain(level)) : JpegBytes(Plain(level)));
  }
  std::unique_ptr<Dataset> Make(const QString& root, Json more = Json::object()) const {
    more.update({{"kind", "image-folder"}, {"path", folder_.filePath(root).toStdString()}, {"size", 4}});
    return MakeDataset(more).value();
  }

 private slots:
  void classesAreTheFoldersInTheirOrder_data() {
    QTest::addColumn<QString>("prepared");
    QTest::newRow("in memory") << "";
    QTest::newRow("prepared") << folder_.filePath("prepared");
    QTest::newRow("found prepared") << folder_.filePath("prepared");
  }
  void classesAreTheFoldersInTheirOrder() {
    QFETCH(QString, prepared);
    for (int i = 0; i < 5; ++i) {
      Add(QString("plain/dog/%1.png").arg(i), static_cast<uint8_t>(10 + i));
      Add(QString("plain/cat/%1.JPG").arg(i), static_cast<uint8_t>(100 + i));
    }
    WriteBytes(folder_.filePath("plain/readme.txt"), "no image");
    WriteBytes(folder_.filePath("plain/cat/notes.txt"), "no image");
    QDir().mkpath(folder_.filePath("plain/.hidden"));
    const auto dataset = Make("plain");
    const auto info = dataset->Probe(prepared.toStdString());
    VERIFY_OK(info);
    QCOMPARE(info->class_names, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(info->sample, (Shape{3, 4, 4}));
    QCOMPARE(info->train_samples, 8);
    QCOMPARE(info->test_samples, 2);
    const auto train = dataset->OpenTrain(prepared.toStdString());
    const auto test = dataset->OpenTest(prepared.toStdString());
    VERIFY_OK(train);
    VERIFY_OK(test);
    // Every fifth is kept to test on: one of each class.
    QCOMPARE((*train)->labels(), (std::vector<int32_t>{0, 0, 0, 0, 1, 1, 1, 1}));
    QCOMPARE((*test)->labels(), (std::vector<int32_t>{0, 1}));
    std::vector<float> pixels(48);
    (*train)->Read(6, pixels.data());
    QCOMPARE(pixels, std::vector<float>(48, 12.0F / 255.0F));
    (*train)->Read(1, pixels.data());
    for (const float pixel : pixels) QVERIFY(std::abs(pixel - 101.0F / 255.0F) < 0.01F);
  }

  void aTestFolderIsUsedIfThereIsOne() {
    Add("split/train/a/1.png", 1);
    Add("split/train/b/1.png", 2);
    Add("split/test/b/1.png", 3);
    const auto dataset = Make("split", {{"channels", 1}});
    const auto info = dataset->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->sample, (Shape{1, 4, 4}));
    QCOMPARE(info->train_samples, 2);
    QCOMPARE(info->test_samples, 1);
    QCOMPARE(dataset->OpenTest("").value()->labels(), std::vector<int32_t>{1});
  }

  void otherLayoutsAreFound_data() {
    QTest::addColumn<QStringList>("images");
    QTest::addColumn<int>("train");
    QTest::addColumn<int>("test");
    QTest::newRow("val") << QStringList{"train/a/1.png", "train/b/1.png", "val/a/1.png"} << 2 << 1;
    QTest::newRow("test before val") << QStringList{"train/a/1.png", "train/b/1.png", "val/a/1.png",
                                                    "test/a/1.png", "test/b/1.png"}
                                     << 2 << 2;
    QTest::newRow("a test that is not labelled")
        << QStringList{"train/a/1.png", "train/b/1.png", "valid/a/1.png", "test/1.png", "test/2.png"} << 2
        << 1;
    QTest::newRow("capitals") << QStringList{"Training/a/1.png", "Training/b/1.png", "Testing/a/1.png"} << 2
                              << 1;
    QTest::newRow("folders within a class")
        << QStringList{"a/x/1.png", "a/y/z/1.png", "a/0.png", "b/1.png", "b/2.jpe"} << 4 << 1;
    QTest::newRow("what systems leave")
        << QStringList{"a/1.png",          "b/1.JPEG",     "a/._1.png",
                       "__MACOSX/a/1.png", "@eaDir/1.png", "a/.ipynb_checkpoints/1.png"}
        << 2 << 0;
  }
  void otherLayoutsAreFound() {
    QFETCH(QStringList, images);
    QFETCH(int, train);
    QFETCH(int, test);
    const QString root = QString("layout %1").arg(QString::fromUtf8(QTest::currentDataTag()));
    for (const QString& image : images) Add(root + "/" + image, 1);
    const auto info = Make(root)->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->class_names, (std::vector<std::string>{"a", "b"}));
    QCOMPARE(info->train_samples, int64_t{train});
    QCOMPARE(info->test_samples, int64_t{test});
  }

  void whatWouldBeLostIsTold_data() {
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("message");
    QTest::newRow("a class without images") << "c/readme.txt"
                                            << "c: found no .png, .jpg or .jpeg files";
    QTest::newRow("an image of another format") << "a/2.webp"
                                                << "a/2.webp: expected PNG or JPEG images; convert";
    QTest::newRow("a split without train") << "val/a/1.png"
                                           << "val, but no folder train beside it";
  }
  void whatWouldBeLostIsTold() {
    QFETCH(QString, more);
    QFETCH(QString, message);
    const QString root = QString("lost %1").arg(QString::fromUtf8(QTest::currentDataTag()));
    for (const QString& image : {QString("a/1.png"), QString("b/1.png"), more}) Add(root + "/" + image, 1);
    const absl::Status status = Make(root)->Probe("").status();
    QVERIFY(!status.ok());
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void aLinkThatLeadsNowhereIsNamed() {
    Add("links/a/1.png", 1);
    Add("links/b/1.png", 1);
    QVERIFY(QFile::link(folder_.filePath("links/a/1.png"), folder_.filePath("links/b/good.png")));
    QCOMPARE(Make("links", {{"test_fraction", 0}})->Probe("")->train_samples, int64_t{3});
    QVERIFY(QFile::link(folder_.filePath("nowhere.png"), folder_.filePath("links/b/2.png")));
    const absl::Status status = Make("links")->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kNotFound);
    QVERIFY2(Message(status).contains("b/2.png: expected an image, found a link"),
             qPrintable(Message(status)));
  }

  void aTestClassThatIsNotTrainedIsRefused() {
    Add("unknown/train/a/1.png", 1);
    Add("unknown/test/c/1.png", 3);
    const absl::Status status = Make("unknown")->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains("test/c"), qPrintable(Message(status)));
  }

  void aDamagedImageIsNamedBeforeAnyoneTrains() {
    Add("damaged/a/1.png", 1);
    Add("damaged/a/2.png", 1);
    Add("damaged/b/1.png", 1);
    WriteBytes(folder_.filePath("damaged/a/2.png"), PngBytes(Plain(1)).left(60));
    const absl::Status status = Make("damaged")->Probe(folder_.filePath("p").toStdString()).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains("damaged/a/2.png: at byte 60"), qPrintable(Message(status)));
    QCOMPARE(Make("damaged")->OpenTrain("").status().code(), absl::StatusCode::kDataLoss);
  }

  void aChangedImageIsDecodedAnew() {
    Add("changed/a/1.png", 1);
    Add("changed/a/2.png", 2);
    const std::string prepared = folder_.filePath("p2").toStdString();
    const auto first_pixel = [&] {
      std::vector<float> pixels(48);
      Make("changed", {{"test_fraction", 0}})->OpenTrain(prepared).value()->Read(0, pixels.data());
      return std::lround(pixels[0] * 255);
    };
    QCOMPARE(first_pixel(), 1L);
    Add("changed/a/1.png", 200);
    QCOMPARE(first_pixel(), 200L);
  }

  void foldersWithoutImagesAreNotFound() {
    QDir().mkpath(folder_.filePath("empty/a"));
    for (const char* root : {"empty", "nowhere"})
      QCOMPARE(Make(root)->Probe("").status().code(), absl::StatusCode::kNotFound);
  }

  void twoChannelsAreRefused() {
    const absl::Status status =
        MakeDataset({{"kind", "image-folder"}, {"path", "/nowhere"}, {"channels", 2}}).status();
    QVERIFY2(Message(status).startsWith("/dataset/channels"), qPrintable(Message(status)));
  }
};

CONCERTINA_TEST(ImageFolderTest)

}  // namespace concertina::image_folder_test

#include "image_folder_test.moc"
