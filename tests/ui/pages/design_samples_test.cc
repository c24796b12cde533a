// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_samples_test.cc: samples are asked for once, shown pixel by pixel with their class, of all data or
// of a worker's bar; a table shows its first rows, and what went wrong is said.
#include "ui/pages/design_samples.h"

#include <QJsonArray>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "ui/pages/design_class_bars.h"
#include "ui/pages/design_sample_shelf.h"

namespace concertina::ui::design_samples_test {
namespace {

// Image i is grey i but for its first pixel, which is white.
proto::GetSamplesReply images(int count, int side, int channels = 1) {
  proto::GetSamplesReply reply;
  for (const int length : {channels, side, side}) reply.add_shape(length);
  reply.set_channels(channels);
  reply.set_height(side);
  reply.set_width(side);
  reply.set_available(1000);
  reply.add_class_names("Shirt");
  reply.add_class_names("Ankle boot");
  for (int i = 0; i < count; ++i) {
    auto* sample = reply.add_samples();
    sample->set_index(i * 7);
    sample->set_label(i % 3);
    std::string pixels(size_t(channels) * size_t(side) * size_t(side), char(i));
    pixels[0] = char(255);
    sample->set_pixels(pixels);
  }
  return reply;
}

proto::GetSamplesReply rows() {
  proto::GetSamplesReply reply;
  reply.add_shape(20);
  reply.set_available(30);
  reply.add_column_names("width");
  for (int i = 0; i < 3; ++i) {
    auto* sample = reply.add_samples();
    sample->set_label(i);
    sample->add_values(1.5F * float(i));
    sample->add_values(-1);
  }
  return reply;
}

QString specOf(const QString& dataset, double rate = 0.1) {
  return QStringLiteral(R"({"dataset": {"kind": "%1"}, "optimizer": {"learning_rate": %2}})")
      .arg(dataset)
      .arg(rate);
}
const QJsonObject kPlan = {
    {QStringLiteral("class_histogram"), QJsonArray{QJsonArray{10, 0}, QJsonArray{0, 10}}}};

}  // namespace

class DesignSamplesTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void everyPixelIsASquareOfItsColour() {
    DesignSampleGrid grid;
    grid.setImages(sampleImages(images(16, 8)));
    QCOMPARE(grid.images().size(), 16);
    for (const int width : {100, 300, 700}) {
      grid.resize(width, grid.heightForWidth(width));
      const QImage picture = grid.grab().toImage();
      const double scale = picture.devicePixelRatio();
      for (int i = 0; i < 16; ++i) {
        const QRect place = grid.placeOf(i);
        QVERIFY(place.bottom() < grid.height());
        QCOMPARE(place.width() % 8, 0);
        for (int j = 0; j < i; ++j) QVERIFY(!place.intersects(grid.placeOf(j)));
        const int pixel = place.width() / 8;
        const auto colour = [&](int x, int y) {
          return picture.pixelColor(
              ((QPointF(place.topLeft()) + QPointF(x + 0.5, y + 0.5) * pixel) * scale).toPoint());
        };
        QCOMPARE(colour(1, 1), QColor(i, i, i));  // nothing is blurred, beside white least of all
        QCOMPARE(colour(0, 0), QColor(Qt::white));
      }
    }
    QCOMPARE(grid.textAt(grid.placeOf(1).center()), u"Ankle boot, sample 7 of the training split"_qs);
    QVERIFY(grid.accessibleDescription().startsWith(u"Shirt, Ankle boot, 2"_qs));
  }

  void coloursKeepTheirPlaces() {
    proto::GetSamplesReply reply = images(1, 2, 3);
    reply.mutable_samples(0)->set_pixels(std::string("\x0a\x00\x00\x00\x14\x00\x00\x00\x1e\x00\x00\x00", 12));
    QCOMPARE(sampleImages(reply).first().image.pixel(0, 0), qRgb(10, 20, 30));
    QCOMPARE(sampleImages(reply).first().image.pixel(1, 1), qRgb(0, 0, 0));
  }

  void damagedAnswersShowNothing() {
    proto::GetSamplesReply reply = images(2, 8);
    reply.mutable_samples(0)->set_pixels("short");
    QCOMPARE(sampleImages(reply).size(), 1);
    reply.set_width(1 << 30);
    QCOMPARE(sampleImages(reply).size(), 0);
    reply = images(2, 8);
    reply.set_channels(2);
    QCOMPARE(sampleImages(reply).size(), 0);
    DesignSamples panel;
    panel.showSamples(reply, -1, {});
    QCOMPARE(panel.findChild<QLabel*>(u"designPage.samplesNote"_qs)->text(),
             u"There are no samples to show."_qs);
  }

  void aTableShowsItsRows() {
    DesignSamples panel;
    panel.show();
    panel.showSamples(rows(), -1, {});
    auto* table = panel.findChild<QTableWidget*>(u"designPage.sampleRows"_qs);
    QVERIFY(table->isVisible());
    QVERIFY(!panel.findChild<QWidget*>(u"designPage.sampleGrid"_qs)->isVisible());
    QCOMPARE(table->rowCount(), 3);
    QCOMPARE(table->horizontalHeaderItem(1)->text(), u"width"_qs);
    QCOMPARE(table->item(1, 1)->text(), u"1.50"_qs);
    QCOMPARE(panel.findChild<QLabel*>(u"designPage.samplesNote"_qs)->text(),
             u"The first of 30 rows, as the model gets them. The first 2 of 20 columns."_qs);
    panel.showSamples(images(4, 8), -1, {});
    QVERIFY(!table->isVisible());
  }

  void errorsAreSaid() {
    DesignSamples panel;
    panel.show();
    panel.showSamples({}, 2, u"no such file"_qs);
    QCOMPARE(panel.findChild<QLabel*>(u"designPage.samplesNote"_qs)->text(),
             u"There are no samples to show: no such file"_qs);
    QVERIFY(panel.findChild<QToolButton*>(u"designPage.samplesOfAll"_qs)->isVisible());
  }

  void theShelfAsksOnceForEachDatasetAndPart() {
    QVector<int> questions;
    QVector<std::function<void(const proto::GetSamplesReply&, const QString&)>> answers;
    DesignSampleShelf shelf([&](QObject*, const proto::GetSamplesRequest& request, auto answer) {
      questions << (request.has_worker() ? request.worker() : -1);
      answers << answer;
    });
    QSignalSpy arrived(&shelf, &DesignSampleShelf::arrived);
    shelf.setExperiment(specOf(u"mnist"_qs), kPlan);
    shelf.setExperiment(specOf(u"mnist"_qs, 0.2), kPlan);  // no other data
    QCOMPARE(questions, QVector<int>{-1});
    answers[0](images(4, 8), {});
    QCOMPARE(arrived.size(), 1);
    shelf.chooseWorker(1);
    QCOMPARE(questions, (QVector<int>{-1, 1}));
    shelf.chooseWorker(-1);  // kept: comes at once, and the late answer is not shown in its place
    QCOMPARE(arrived.size(), 2);
    answers[1](images(3, 8), {});
    QCOMPARE(arrived.size(), 2);
    shelf.chooseWorker(1);
    QCOMPARE(questions.size(), 2);
    QCOMPARE(arrived.size(), 3);
    shelf.setExperiment(specOf(u"cifar-10"_qs), kPlan);
    QCOMPARE(questions, (QVector<int>{-1, 1, 1}));
    answers[2]({}, u"the engine did not answer"_qs);  // not kept: it is asked again
    shelf.setExperiment(specOf(u"cifar-10"_qs), kPlan);
    QCOMPARE(questions.size(), 4);
    shelf.setExperiment(specOf(u"cifar-10"_qs), {});  // of fewer workers
    QCOMPARE(shelf.worker(), -1);
  }

  void clickAndKeysChooseAWorkersBars() {
    DesignClassBars bars;
    bars.setCounts({{10, 0}, {0, 10}, {5, 5}}, {});
    bars.resize(bars.sizeHint());
    bars.show();
    QSignalSpy chosen(&bars, &DesignClassBars::workerChosen);
    const auto row = [&](int worker) {
      return QPoint(bars.width() / 2, bars.height() * (2 * worker + 1) / 6);
    };
    const QImage before = bars.grab().toImage();
    QTest::mouseClick(&bars, Qt::LeftButton, {}, row(1));
    QCOMPARE(chosen.last().first().toInt(), 1);
    QVERIFY(bars.grab().toImage() != before);
    QTest::mouseClick(&bars, Qt::LeftButton, {}, row(1));
    QCOMPARE(chosen.last().first().toInt(), -1);
    QTest::keyClick(&bars, Qt::Key_Down);
    QCOMPARE(chosen.last().first().toInt(), 0);
    QTest::keyClick(&bars, Qt::Key_End);
    QTest::keyClick(&bars, Qt::Key_Down);
    QCOMPARE(bars.chosen(), 2);
    QTest::keyClick(&bars, Qt::Key_Escape);
    QCOMPARE(chosen.last().first().toInt(), -1);
    const qsizetype told = chosen.size();
    bars.choose(1);
    QCOMPARE(chosen.size(), told);
  }
};

CONCERTINA_TEST(DesignSamplesTest)

}  // namespace concertina::ui::design_samples_test

#include "design_samples_test.moc"
