// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_file_test.cc: PNG and JPEG are decoded, resized by known rules, and refused with file and offset when
// damaged.
#include "core/data/image_file.h"

#include <QTemporaryDir>
#include <QTest>

#include "core/data/exif.h"
#include "tests/core/data/dataset_files.h"
#include "tests/core/data/image_bytes.h"
#include "tests/test_program.h"

namespace concertina::image_file_test {
namespace {

std::span<const uint8_t> Bytes(const QByteArray& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<size_t>(bytes.size())};
}

}  // namespace

class ImageFileTest : public QObject {
  Q_OBJECT

 private slots:
  void pngKeepsEveryPixel() {
    const Image image = Gradient(13, 7);
    const auto read = DecodePng("a.png", Bytes(PngBytes(image)));
    VERIFY_OK(read);
    QCOMPARE(read->width, 13);
    QCOMPARE(read->height, 7);
    QCOMPARE(read->rgb, image.rgb);
  }

  void whatIsWrittenAsPngReadsBackTheSame() {
    for (const int64_t side : {1, 2, 28, 100}) {
      const Image image = Gradient(side, 2 * side + 1);
      const auto png = EncodePng(image);
      VERIFY_OK(png);
      const auto read = DecodePng("a.png", *png);
      VERIFY_OK(read);
      QCOMPARE(read->width, side);
      QCOMPARE(read->rgb, image.rgb);
    }
    QCOMPARE(EncodePng({.width = 2, .height = 2, .rgb = std::vector<uint8_t>(11)}).status().code(),
             absl::StatusCode::kInvalidArgument);
    QCOMPARE(EncodePng({}).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void jpegKeepsPixelsNearly() {
    const Image image = Gradient(32, 24);
    const auto read = DecodeJpeg("a.jpg", Bytes(JpegBytes(image)));
    VERIFY_OK(read);
    QCOMPARE(read->width, 32);
    // Quality 95 and halved chroma: a smooth gradient comes back within a few steps.
    for (size_t i = 0; i < image.rgb.size(); ++i)
      QVERIFY(std::abs(int{read->rgb[i]} - int{image.rgb[i]}) <= 12);
  }

  void transparentPixelsStandOnWhite() {
    const std::vector<uint8_t> rgba = {10, 20, 30, 255, 10, 20, 30, 0};
    const auto read = DecodePng("a.png", Bytes(PngBytes(2, 1, PNG_FORMAT_RGBA, rgba.data())));
    VERIFY_OK(read);
    QCOMPARE(read->rgb, (std::vector<uint8_t>{10, 20, 30, 255, 255, 255}));
  }

  void sixteenBitsAreTakenAsEight() {  // as other programs do: not as linear light, which would be 186
    QByteArray header, pixels = QByteArray::fromHex("00808020200000ffff");  // no filter, four of 16 bits
    const auto chunk = [](const QByteArray& content) {                      // type and data
      QByteArray bytes;
      const auto word = [&bytes](uint32_t value) {
        for (const int shift : {24, 16, 8, 0}) bytes.append(static_cast<char>(value >> shift));
      };
      word(static_cast<uint32_t>(content.size() - 4));
      bytes += content;
      word(static_cast<uint32_t>(
          crc32(0, reinterpret_cast<const uint8_t*>(content.data()), static_cast<unsigned>(content.size()))));
      return bytes;
    };
    QByteArray packed(100, 0);
    uLongf packed_bytes = 100;
    QCOMPARE(
        compress(reinterpret_cast<uint8_t*>(packed.data()), &packed_bytes,
                 reinterpret_cast<const uint8_t*>(pixels.constData()), static_cast<uLong>(pixels.size())),
        Z_OK);
    packed.resize(static_cast<qsizetype>(packed_bytes));
    const QByteArray start = QByteArray::fromHex("89504e470d0a1a0a"),
                     ihdr = chunk("IHDR" + QByteArray::fromHex("00000004000000011000000000"));
    const QByteArray png = start + ihdr + chunk("IDAT" + packed) + chunk("IEND");
    const auto read = DecodePng("a.png", Bytes(png));
    VERIFY_OK(read);
    QCOMPARE(read->rgb, (std::vector<uint8_t>{128, 128, 128, 32, 32, 32, 0, 0, 0, 255, 255, 255}));
    // A note that libpng complains of does not matter: significant bits for a palette.
    const auto noted = DecodePng(
        "a.png", Bytes(start + ihdr + chunk("sBIT\x08\x08\x08") + chunk("IDAT" + packed) + chunk("IEND")));
    VERIFY_OK(noted);
    QCOMPARE(noted->rgb, read->rgb);
  }

  void photographsAreTurnedUpright_data() {
    QTest::addColumn<int>("orientation");
    QTest::addColumn<QByteArray>("upright");  // of the rows "123" and "456"; width first
    QTest::newRow("as it lies") << 1 << QByteArray("3 123456");
    QTest::newRow("mirrored") << 2 << QByteArray("3 321654");
    QTest::newRow("upside down") << 3 << QByteArray("3 654321");
    QTest::newRow("both") << 4 << QByteArray("3 456123");
    QTest::newRow("rows for columns") << 5 << QByteArray("2 142536");
    QTest::newRow("to the right") << 6 << QByteArray("2 415263");
    QTest::newRow("to the other side") << 7 << QByteArray("2 635241");
    QTest::newRow("to the left") << 8 << QByteArray("2 362514");
    QTest::newRow("no such way") << 9 << QByteArray("3 123456");
  }
  void photographsAreTurnedUpright() {
    QFETCH(int, orientation);
    QFETCH(QByteArray, upright);
    Image image = {.width = 3, .height = 2};
    for (const char pixel : {'1', '2', '3', '4', '5', '6'})
      for (int c = 0; c < 3; ++c) image.rgb.push_back(static_cast<uint8_t>(pixel));
    // In both orders of bytes: the directory at 8, and one entry, behind another.
    const char value = static_cast<char>(orientation);
    for (const QByteArray& tiff :
         {QByteArray::fromHex("49492a00080000000200000103000100000001000000") +
              QByteArray::fromHex("120103000100000000000000").replace(8, 1, QByteArray(1, value)),
          QByteArray::fromHex("4d4d002a00000008000201000003000000010001 0000") +
              QByteArray::fromHex("011200030000000100000000").replace(9, 1, QByteArray(1, value))}) {
      const QByteArray app1 = QByteArray("Exif\0\0", 6) + tiff;
      const int found = ExifOrientation(Bytes(app1));
      QCOMPARE(found, orientation > 8 ? 1 : orientation);
      for (qsizetype length = 0; length < app1.size(); ++length) ExifOrientation(Bytes(app1.left(length)));
      const Image turned = Upright(image, found);
      QByteArray text = QByteArray::number(turned.width) + ' ';
      for (size_t i = 0; i < turned.rgb.size(); i += 3) text += static_cast<char>(turned.rgb[i]);
      QCOMPARE(text, upright);
    }
  }

  void aJpegOfFourInksIsRead() {
    Image image = Gradient(32, 24);
    const QByteArray jpeg = JpegBytes(image, [](jpeg_compress_struct& settings) {
      settings.in_color_space = JCS_CMYK;  // 24 pixels of four inks in the room of 32 of three lights
      settings.input_components = 4;
      settings.image_width = 24;
      jpeg_set_defaults(&settings);
      jpeg_set_quality(&settings, 100, TRUE);
    });
    const auto read = DecodeJpeg("a.jpg", Bytes(jpeg));
    VERIFY_OK(read);
    QCOMPARE(read->width, 24);
    // Without Adobe's mark the inks are as they are, with it they are inverted: libjpeg sets it for CMYK.
    for (size_t pixel = 0; pixel < 24; ++pixel)
      for (size_t c = 0; c < 3; ++c) {
        const int light = image.rgb[pixel * 4 + c], key = image.rgb[pixel * 4 + 3];
        QVERIFY(std::abs(int{read->rgb[pixel * 3 + c]} - light * key / 255) <= 24);
      }
  }

  void everyTruncatedPngIsRefusedWithItsOffset() {
    const QByteArray whole = PngBytes(Gradient(9, 9));
    for (qsizetype length = 0; length < whole.size(); ++length) {
      const absl::Status status = DecodePng("a.png", Bytes(whole.left(length))).status();
      QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
      QVERIFY2(Message(status).startsWith("a.png: at byte "), qPrintable(Message(status)));
    }
  }

  void everyFlippedByteOfAPngIsRefused() {
    const QByteArray whole = PngBytes(Gradient(9, 9));
    for (qsizetype i = 0; i < whole.size(); ++i) {
      QByteArray damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      QCOMPARE(DecodePng("a.png", Bytes(damaged)).status().code(), absl::StatusCode::kDataLoss);
    }
  }

  // Each scan of a progressive image goes through all of it: a small file could take hours.
  void aJpegOfVeryManyScansIsRefused() {
    static jpeg_scan_info scans[1 + 63 * 10] = {};
    int count = 0;
    scans[count++] = {.comps_in_scan = 1};
    for (int coefficient = 1; coefficient < 64; ++coefficient)
      for (int bit = 9; bit >= 0; --bit)
        scans[count++] = {.comps_in_scan = 1,
                          .Ss = coefficient,
                          .Se = coefficient,
                          .Ah = bit == 9 ? 0 : bit + 1,
                          .Al = bit};
    const auto with_scans = [&](int used) {
      static int number;
      number = used;
      return JpegBytes(Gradient(8, 8), [](jpeg_compress_struct& jpeg) {
        jpeg_set_colorspace(&jpeg, JCS_GRAYSCALE);
        jpeg.scan_info = scans;
        jpeg.num_scans = number;
      });
    };
    VERIFY_OK(DecodeJpeg("a.jpg", Bytes(with_scans(1 + 10 * 40))));
    const absl::Status status = DecodeJpeg("a.jpg", Bytes(with_scans(count))).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains("scans"), qPrintable(Message(status)));
  }

  void everyTruncatedJpegIsRefused() {
    const QByteArray whole = JpegBytes(Gradient(24, 24));
    for (qsizetype length = 0; length < whole.size() - 2;
         ++length) {  // without the end marker it is still whole
      const absl::Status status = DecodeJpeg("a.jpg", Bytes(whole.left(length))).status();
      QVERIFY2(status.code() == absl::StatusCode::kDataLoss, qPrintable(QString::number(length)));
    }
  }

  void everyFlippedByteOfAJpegIsRefusedOrDecodedWithoutHarm() {
    const QByteArray whole = JpegBytes(Gradient(24, 24));
    int refused = 0;
    for (qsizetype i = 0; i < whole.size(); ++i) {
      QByteArray damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      const auto read =
          DecodeJpeg("a.jpg", Bytes(damaged));  // JPEG has no checksum: a wrong colour is not seen
      if (read.ok()) QCOMPARE(static_cast<int64_t>(read->rgb.size()), 3 * read->width * read->height);
      refused += !read.ok();
    }
    QVERIFY(refused > 0);
  }

  void anImageThatPromisesTooManyPixelsIsRefused() {
    QByteArray png = PngBytes(Gradient(9, 9));
    png[16] = png[20] = 0x7f;  // width and height of 2^31 - …
    const uint32_t crc = static_cast<uint32_t>(crc32(0, Bytes(png).data() + 12, 17));
    for (int i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
    const absl::Status status = DecodePng("a.png", Bytes(png)).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains("at byte 16: found"), qPrintable(Message(status)));
    QByteArray jpeg = JpegBytes(Gradient(24, 24));
    const qsizetype frame = jpeg.indexOf(QByteArray("\xff\xc0", 2));
    for (int i = 5; i < 9; ++i) jpeg[frame + i] = static_cast<char>(0xf0);
    QCOMPARE(DecodeJpeg("a.jpg", Bytes(jpeg)).status().code(), absl::StatusCode::kDataLoss);
  }

  void theFormatIsToldByTheContent() {
    QTemporaryDir folder;
    const QString path = folder.filePath("a.jpeg");
    WriteBytes(path, PngBytes(Gradient(3, 3)));
    VERIFY_OK(ReadImage(path.toStdString()));
    for (const QByteArray& other :
         {QByteArray("GIF89a"), QByteArray(""), QByteArray("\x89"), QByteArray("\xff\xd8", 2)}) {
      WriteBytes(path, other);
      QCOMPARE(ReadImage(path.toStdString()).status().code(), absl::StatusCode::kDataLoss);
    }
    QCOMPARE(ReadImage(folder.filePath("nowhere.png").toStdString()).status().code(),
             absl::StatusCode::kNotFound);
  }

  void anImageOfTheSizeKeepsItsBytes() {
    const Image image = Gradient(5, 5);
    const std::vector<uint8_t> planes = Resize(image, 5, 3);
    for (size_t c = 0; c < 3; ++c)
      for (size_t i = 0; i < 25; ++i) QCOMPARE(planes[c * 25 + i], image.rgb[i * 3 + c]);
  }

  void shrinkingTakesTheMeanOfTheArea() {
    Image image = {.width = 4, .height = 2};
    for (const int grey : {0, 10, 100, 200, 20, 30, 100, 200})
      image.rgb.insert(image.rgb.end(), 3, static_cast<uint8_t>(grey));
    // Two pixels wide; the height of 2 stays: means of (0, 10), (100, 200), (20, 30), (100, 200).
    QCOMPARE(Resize(image, 2, 1), (std::vector<uint8_t>{5, 150, 25, 150}));
    QCOMPARE(Resize(image, 1, 1), (std::vector<uint8_t>{83}));  // 82.5, rounded away from zero
    // 4 to 3 columns of 4/3: (0 + 10/3) / (4/3) = 2.5 etc.; 2 to 3 rows between centres at -1/6, 1/2, 7/6.
    const std::vector<uint8_t> thirds = Resize(image, 3, 1);
    QCOMPARE(thirds[0], uint8_t{3});
    QCOMPARE(thirds[6], uint8_t{23});  // (20 + 30/3) / (4/3) = 22.5
  }

  void growingIsBilinear() {
    const Image image = {.width = 2, .height = 1, .rgb = {0, 0, 0, 100, 100, 100}};
    QCOMPARE(Resize(image, 4, 1), (std::vector<uint8_t>{0, 25, 75, 100, 0, 25, 75, 100,  //
                                                        0, 25, 75, 100, 0, 25, 75, 100}));
  }

  void greyIsLuma() {
    const Image image = {.width = 3, .height = 1, .rgb = {255, 0, 0, 0, 255, 0, 0, 0, 255}};
    const std::vector<uint8_t> grey = Resize(image, 3, 1);
    QCOMPARE(grey[0], uint8_t{76});   // 0.299 * 255
    QCOMPARE(grey[1], uint8_t{150});  // 0.587 * 255
    QCOMPARE(grey[2], uint8_t{29});   // 0.114 * 255
  }

  void aConstantImageStaysConstantAtAnySize() {
    for (const int64_t width : {1, 7, 31, 33, 64, 100})
      for (const uint8_t level : {uint8_t{0}, uint8_t{77}, uint8_t{255}}) {
        const Image image = {
            .width = width, .height = 3, .rgb = std::vector<uint8_t>(static_cast<size_t>(9 * width), level)};
        QCOMPARE(Resize(image, 32, 3), std::vector<uint8_t>(3 * 32 * 32, level));
      }
  }
};

CONCERTINA_TEST(ImageFileTest)

}  // namespace concertina::image_file_test

#include "image_file_test.moc"
