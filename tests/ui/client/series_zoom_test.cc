// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_zoom_test.cc: finer points of a long run against an engine that thins as the store does: the
// extremes of every column, nothing of a range that was left, bounded memory.
#include "ui/client/series_zoom.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"

namespace concertina::ui::series_zoom_test {

constexpr int64_t kSteps = 60'000;
constexpr int kColumns = 500;
const QString kRun = QStringLiteral("long"), kLoss = QStringLiteral("train/loss");

class SeriesZoomTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<SeriesZoom> zoom_;
  Curve overview_;

  // As a page does it: whoever shows the curve asks when the range has moved.
  void wantWhenMoved(const QStringList& series = {kLoss}) {
    connect(zoom_.get(), &SeriesZoom::moved, zoom_.get(), [this, series] {
      for (const QString& name : series) zoom_->want(kRun, name, overview_);
    });
  }
  Curve fine() const { return zoom_->curve(kRun, kLoss, overview_); }
  int asked(const std::string& call) const {
    const std::vector<std::string> calls = engine_->calls();
    return int(std::count(calls.begin(), calls.end(), call));
  }
  static qsizetype pointsIn(const Curve& curve, double from, double to) {
    return std::count_if(curve.x.begin(), curve.x.end(), [=](double x) { return x >= from && x <= to; });
  }
  void startEngine() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->thins = true;
    proto::RunSummary run = FakeEngine::makeRun(kRun.toStdString(), "long", proto::FINISHED);
    engine_->synthetic.summarise(run, kSteps);
    engine_->put(run);
    engine_->start(folder_.filePath("engine.sock"));
  }
  void fetchOverview(XAxis axis) {
    proto::GetSeriesRequest request;
    request.set_run(kRun.toStdString());
    request.set_name(kLoss.toStdString());
    request.set_rank(-1);
    request.set_x(xAxisWord(axis).toStdString());
    request.set_max_points(1000);
    request.set_with_counts(true);
    overview_ = {};
    client_->series(client_.get(), request, [this](const SeriesData& data, const QString& error) {
      QCOMPARE(error, QString());
      overview_ = curveOfSeries(data);
    });
    QTRY_VERIFY(!overview_.isEmpty());
  }

 private slots:
  void init() {
    startEngine();
    client_ = std::make_unique<EngineClient>();
    client_->start({}, engine_->address());
    zoom_ = std::make_unique<SeriesZoom>(*client_);
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
    fetchOverview(XAxis::kStep);
  }
  void cleanup() {
    zoom_.reset();
    client_.reset();
    engine_.reset();
  }

  void everyColumnHasItsOwnExtremes_data() {
    QTest::addColumn<int>("axis");
    for (const XAxis axis : kXAxes) QTest::newRow(qPrintable(xAxisWord(axis))) << int(axis);
  }
  void everyColumnHasItsOwnExtremes() {
    QFETCH(int, axis);
    const std::string word = xAxisWord(XAxis(axis)).toStdString();
    fetchOverview(XAxis(axis));
    wantWhenMoved();
    const SyntheticRun& run = engine_->synthetic;
    const double from = run.at(word, 30'000), to = run.at(word, 30'000 + kColumns);
    const qsizetype before = pointsIn(overview_, from, to);
    QVERIFY(before < 20);
    zoom_->setRange(XAxis(axis), from, to, kColumns);
    QTRY_VERIFY(zoom_->windowsKept() == 1);
    const Curve curve = fine();
    QVERIFY(std::is_sorted(curve.x.begin(), curve.x.end()));
    QVERIFY(curve.mean.size() == curve.x.size() && curve.min.size() == curve.x.size() &&
            curve.max.size() == curve.x.size() && curve.count.size() == curve.x.size());
    QVector<double> least(kColumns + 1, qInf()), most(kColumns + 1, -qInf()), drawn_least = least,
                                                                              drawn_most = most;
    const auto columnOf = [&](double x) { return int((x - from) / (to - from) * kColumns + 1e-6); };
    for (int64_t step = 30'000; step <= 30'000 + kColumns; ++step) {
      const double x = run.at(word, step);
      if (x > to) continue;
      const int column = columnOf(x);
      least[column] = std::min(least[column], run.loss(step));
      most[column] = std::max(most[column], run.loss(step));
    }
    for (qsizetype i = 0; i < curve.size(); ++i) {
      if (curve.x[i] < from || curve.x[i] > to) continue;
      QCOMPARE(curve.count[i], 1.0);
      const int column = columnOf(curve.x[i]);
      drawn_least[column] = std::min(drawn_least[column], curve.min[i]);
      drawn_most[column] = std::max(drawn_most[column], curve.max[i]);
    }
    QCOMPARE(drawn_least, least);
    QCOMPARE(drawn_most, most);
    // The rest of the run is there as it was.
    QCOMPARE(curve.x.front(), overview_.x.front());
    QCOMPARE(curve.x.back(), overview_.x.back());
  }

  // Between the whole and single points: as fine as the screen can show, and the band has every extreme.
  void aWideRangeIsAsFineAsTheScreen() {
    wantWhenMoved();
    constexpr int64_t kFrom = 10'000, kTo = 26'000;
    zoom_->setRange(XAxis::kStep, kFrom, kTo, kColumns);
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    const Curve curve = fine();
    const qsizetype points = pointsIn(curve, kFrom, kTo);
    QVERIFY2(points >= kColumns - 1 && points <= 2 * kColumns + 1, qPrintable(QString::number(points)));
    // A point stands for 32 steps, of which those at the edges may lie on either side.
    constexpr int64_t kEach = 32;
    const auto extremes = [&](int64_t first, int64_t last) {
      double least = qInf(), most = -qInf();
      for (int64_t step = first; step <= last; ++step) {
        least = std::min(least, engine_->synthetic.loss(step));
        most = std::max(most, engine_->synthetic.loss(step));
      }
      return std::pair(least, most);
    };
    double least = qInf(), most = -qInf();
    for (qsizetype i = 0; i < curve.size(); ++i) {
      if (curve.x[i] < kFrom || curve.x[i] > kTo) continue;
      QVERIFY(curve.count[i] <= kEach);
      least = std::min(least, curve.min[i]);
      most = std::max(most, curve.max[i]);
    }
    const auto inside = extremes(kFrom + kEach, kTo - kEach), around = extremes(kFrom - kEach, kTo + kEach);
    QVERIFY(least <= inside.first && least >= around.first);
    QVERIFY(most >= inside.second && most <= around.second);
  }

  void whatWasAskedForARangeThatWasLeftIsNotShown() {
    wantWhenMoved();
    engine_->ranges_are_slow = true;
    zoom_->setRange(XAxis::kStep, 1000, 1500, kColumns);
    QTRY_COMPARE(engine_->waiting_ranges.load(), 1);
    QCOMPARE(fine().x, overview_.x);  // meanwhile what there is
    zoom_->setRange(XAxis::kStep, 50'000, 50'500, kColumns);
    QTRY_COMPARE(engine_->cancelled_ranges.load(), 1);  // and the engine is told
    engine_->ranges_are_slow = false;
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    const Curve curve = fine();
    QCOMPARE(pointsIn(curve, 1000, 1500), pointsIn(overview_, 1000, 1500));
    QCOMPARE(pointsIn(curve, 50'000, 50'500), qsizetype{501});
  }

  void aSmallMoveAsksNothing() {
    wantWhenMoved();
    zoom_->setRange(XAxis::kStep, 20'000, 20'500, kColumns);
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    const int before = asked("series train/loss step");
    QSignalSpy moved(zoom_.get(), &SeriesZoom::moved);
    zoom_->setRange(XAxis::kStep, 20'100, 20'600, kColumns);
    QTRY_COMPARE(moved.count(), 1);
    QCOMPARE(asked("series train/loss step"), before);
    QCOMPARE(pointsIn(fine(), 20'100, 20'600), qsizetype{501});
    zoom_->setRange(XAxis::kStep, 21'000, 21'500, kColumns);  // a large one does
    QTRY_COMPARE(asked("series train/loss step"), before + 1);
    QTRY_COMPARE(pointsIn(fine(), 21'000, 21'500), qsizetype{501});
  }

  void withoutAZoomThereIsTheOverview() {
    wantWhenMoved();
    zoom_->setRange(XAxis::kStep, 20'000, 20'500, kColumns);
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    QVERIFY(zoom_->pointsKept() > 0);
    zoom_->setRange(XAxis::kStep, 0, 0, kColumns);
    QCOMPARE(zoom_->windowsKept(), 0);
    QCOMPARE(zoom_->pointsKept(), 0);
    QCOMPARE(fine().x, overview_.x);
    QCOMPARE(fine().max, overview_.max);
  }

  // More is wanted than may be kept: what does not fit shows the overview, and nothing is asked for in turns.
  void memoryIsBounded() {
    engine_->put([&] {
      proto::RunSummary run = FakeEngine::makeRun("other", "other", proto::FINISHED);
      engine_->synthetic.summarise(run, kSteps);
      return run;
    }());
    int wanted = 0;
    connect(zoom_.get(), &SeriesZoom::moved, zoom_.get(), [&] {
      wanted = 0;
      for (const QString& run : {kRun, QStringLiteral("other")})
        for (const auto& [name, unit] : SyntheticRun::series()) {
          zoom_->want(run, QString::fromStdString(name), overview_);
          ++wanted;
        }
    });
    int most = 0;
    connect(zoom_.get(), &SeriesZoom::arrived, zoom_.get(),
            [&] { most = std::max(most, zoom_->pointsKept()); });
    constexpr int kFull = SeriesZoom::kMostPoints - SeriesZoom::kMostAtOnce * SeriesZoom::kMostPointsEach;
    for (const double from : {8000.0, 44'000.0}) {
      zoom_->setRange(XAxis::kStep, from, from + 8000, 4096);
      QTRY_VERIFY(pointsIn(fine(), from, from + 8000) > 8000);
      const SeriesData* const window = zoom_->window(kRun, kLoss);
      QVERIFY(window != nullptr && window->x.size() <= SeriesZoom::kMostPointsEach);
      QTRY_VERIFY(zoom_->pointsKept() > kFull);
      QVERIFY(zoom_->windowsKept() < wanted);
    }
    QVERIFY2(most <= SeriesZoom::kMostPoints, qPrintable(QString::number(most)));
  }

  void whatTheEngineRefusesIsAskedOnceForARange() {
    wantWhenMoved();
    QSignalSpy told(zoom_.get(), &SeriesZoom::obstacleChanged);
    engine_->refuseWith({grpc::StatusCode::INTERNAL, "the disk is on fire"});
    zoom_->setRange(XAxis::kStep, 20'000, 20'500, kColumns);
    QTRY_COMPARE(told.count(), 1);
    QVERIFY2(zoom_->obstacle().contains("the disk is on fire"), qPrintable(zoom_->obstacle()));
    QCOMPARE(fine().x, overview_.x);
    const int before = asked("series train/loss step");
    for (int i = 0; i < 10; ++i) zoom_->want(kRun, kLoss, overview_);
    QTest::qWait(0);
    QCOMPARE(asked("series train/loss step"), before);
    engine_->refuseWith(grpc::Status::OK);
    zoom_->setRange(XAxis::kStep, 20'010, 20'510, kColumns);  // a small move, of which nothing fine is here
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    QCOMPARE(zoom_->obstacle(), QString());
    QCOMPARE(pointsIn(fine(), 20'010, 20'510), qsizetype{501});
  }

  void whatWasNotAnsweredIsAskedForAgain() {
    wantWhenMoved();
    engine_->refuseWith({grpc::StatusCode::DEADLINE_EXCEEDED, "too late"});
    zoom_->setRange(XAxis::kStep, 20'000, 20'500, kColumns);
    QTRY_VERIFY(!zoom_->obstacle().isEmpty());
    const int before = asked("series train/loss step");
    for (int i = 0; i < 10; ++i) zoom_->want(kRun, kLoss, overview_);  // not without a pause
    QTest::qWait(0);
    QCOMPARE(asked("series train/loss step"), before);
    engine_->refuseWith(grpc::Status::OK);
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    QCOMPARE(asked("series train/loss step"), before + 1);
    QCOMPARE(zoom_->obstacle(), QString());
    // Finer points that are here outlast a question about newer ones that fails.
    engine_->refuseWith({grpc::StatusCode::UNAVAILABLE, "away"});
    zoom_->setRange(XAxis::kStep, 20'000, 24'000, 4 * kColumns);
    QTRY_VERIFY(!zoom_->obstacle().isEmpty());
    QCOMPARE(pointsIn(fine(), 20'000, 20'500), qsizetype{501});
    zoom_->setRange(XAxis::kStep, 0, 0, kColumns);  // without a zoom nothing is missing
    QCOMPARE(zoom_->obstacle(), QString());
  }

  void anEngineThatComesBackIsAskedAtOnce() {
    wantWhenMoved();
    engine_->refuseWith({grpc::StatusCode::UNAVAILABLE, "going away"});
    zoom_->setRange(XAxis::kStep, 20'000, 20'500, kColumns);
    QTRY_VERIFY(!zoom_->obstacle().isEmpty());
    engine_.reset();
    QTRY_VERIFY(client_->state() != EngineClient::State::kConnected);
    QVERIFY(!zoom_->obstacle().isEmpty());
    QCOMPARE(fine().x, overview_.x);
    startEngine();
    QTRY_VERIFY_WITH_TIMEOUT(client_->state() == EngineClient::State::kConnected, 15'000);
    QTRY_COMPARE(zoom_->windowsKept(), 1);
    QCOMPARE(zoom_->obstacle(), QString());
    QCOMPARE(pointsIn(fine(), 20'000, 20'500), qsizetype{501});
  }

  void newerPointsStayBehindTheFinerOnes() {
    const Curve overview{{10, 20, 30, 40}, {1, 2, 3, 4}, {0, 1, 2, 3}, {2, 3, 4, 5}, {10, 10, 10, 10}};
    const Curve detail{{18, 19, 21}, {7, 8, 9}, {7, 8, 9}, {7, 8, 9}, {1, 1, 1}};
    const Curve both = spliced(overview, detail);
    QCOMPARE(both.x, QVector<double>({10, 18, 19, 21, 30, 40}));
    QCOMPARE(both.mean, QVector<double>({1, 7, 8, 9, 3, 4}));
    QCOMPARE(both.count, QVector<double>({10, 1, 1, 1, 10, 10}));
    QCOMPARE(spliced(overview, {}).x, overview.x);
    QCOMPARE(spliced({}, detail).x, detail.x);
  }
};

CONCERTINA_TEST(SeriesZoomTest)

}  // namespace concertina::ui::series_zoom_test

#include "series_zoom_test.moc"
