// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_test.cc: spans go through their bytes, ranks stand on one clock, what is drawn is what was
// measured, and an ideal pipeline has the bubble of the formula.
#include "core/analysis/timeline.h"

#include <QTest>
#include <cmath>
#include <numeric>

#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::timeline_test {

constexpr std::array<bool, kSpanKinds> kAllShown = {true, true, true, true, true,
                                                    true, true, true, true, true};

class TimelineTest : public QObject {
  Q_OBJECT

  static Span Bar(SpanKind kind, double begin, double end, int number = -1, int64_t step = 0,
                  SpanRow row = SpanRow::kStep) {
    return {
        .kind = kind, .row = row, .number = number, .step = step, .begin_seconds = begin, .end_seconds = end};
  }
  static RankSpans Rank(int rank, std::vector<Span> spans) {
    return {.rank = rank, .recording = 5, .first_step = 0, .steps = 1, .spans = std::move(spans)};
  }
  static RankSpans Sample() {
    RankSpans spans{.rank = 3, .recording = 1764281540123, .first_step = 100, .steps = 2};
    spans.own_seconds = 5000.25;
    spans.first_seconds = 123.5;
    spans.dropped = 7;
    spans.spans = {Bar(SpanKind::kForward, 5000.5, 5000.625, 0, 100),
                   Bar(SpanKind::kEvaluate, 5000.25, 5000.75, -1, 101),
                   Bar(SpanKind::kExchange, 5000.125, 5000.125, 63, 99, SpanRow::kCommunication)};
    spans.spans[2].bytes = uint64_t{1} << 40;
    return spans;
  }
  // Bars one after the other or apart, as a thread has them.
  static TimelineLane RandomLane(Rng& rng, int bars) {
    TimelineLane lane;
    double at = 0;
    for (int i = 0; i < bars; ++i) {
      at += rng.Uniform() < 0.5 ? 0 : 0.01 * rng.Uniform();
      const double length = std::pow(10, -4 + 3 * rng.Uniform());
      lane.bars.push_back(Bar(
          static_cast<SpanKind>(static_cast<int>(rng.Uniform() * kSpanKinds) % kSpanKinds), at, at + length));
      at += length;
    }
    return lane;
  }

 private slots:
  void spansGoThroughTheirBytes() {
    const RankSpans before = Sample();
    const std::string packed = PackSpans(before);
    QVERIFY(packed.size() < 100);
    const auto after = UnpackSpans(packed);
    QVERIFY2(after.ok(), std::string(after.status().message()).c_str());
    QCOMPARE(after->rank, before.rank);
    QCOMPARE(after->recording, before.recording);
    QCOMPARE(after->first_step, before.first_step);
    QCOMPARE(after->steps, before.steps);
    QCOMPARE(after->dropped, before.dropped);
    QCOMPARE(after->own_seconds, before.own_seconds);
    QCOMPARE(after->first_seconds, before.first_seconds);
    QVERIFY(after->spans == before.spans);  // dyadic seconds, whole nanoseconds: exact
    QVERIFY(UnpackSpans(PackSpans(Rank(0, {})))->spans.empty());
  }

  void damagedBytesAreRefused() {
    const std::string packed = PackSpans(Sample());
    for (size_t length = 0; length < packed.size(); ++length)
      QCOMPARE(UnpackSpans(packed.substr(0, length)).status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(!UnpackSpans(packed + "x").ok());
    for (size_t at = 0; at < packed.size(); ++at) {  // whatever it then says, it says something that can be
      for (const int flip : {0x01, 0x40, 0x80, 0xff}) {
        std::string wrong = packed;
        wrong[at] = static_cast<char>(wrong[at] ^ flip);
        const auto spans = UnpackSpans(wrong);
        if (!spans.ok()) continue;
        for (const Span& span : spans->spans) {
          QVERIFY(static_cast<int>(span.kind) < kSpanKinds && static_cast<int>(span.row) < kSpanRows);
          QVERIFY(span.number >= -1 && span.step >= 0 && span.begin_seconds <= span.end_seconds);
        }
      }
    }
  }

  void ofNestedSpansTheInnermostHasTheTime() {
    const std::vector<Span> pieces = DisjointSpans({
        Bar(SpanKind::kUpdate, 6, 7),  // they come in the order of their ends
        Bar(SpanKind::kWait, 2, 4),
        Bar(SpanKind::kEncode, 3, 3.5),
        Bar(SpanKind::kBackward, 1, 5),
        Bar(SpanKind::kExchange, 5, 7.5),
    });
    const std::vector<Span> expected = {Bar(SpanKind::kBackward, 1, 2), Bar(SpanKind::kWait, 2, 3),
                                        Bar(SpanKind::kEncode, 3, 3.5), Bar(SpanKind::kWait, 3.5, 4),
                                        Bar(SpanKind::kBackward, 4, 5), Bar(SpanKind::kExchange, 5, 6),
                                        Bar(SpanKind::kUpdate, 6, 7),   Bar(SpanKind::kExchange, 7, 7.5)};
    QCOMPARE(pieces.size(), expected.size());
    for (size_t i = 0; i < pieces.size(); ++i) {
      QVERIFY(pieces[i].kind == expected[i].kind);
      QCOMPARE(pieces[i].begin_seconds, expected[i].begin_seconds);
      QCOMPARE(pieces[i].end_seconds, expected[i].end_seconds);
    }
    QVERIFY(DisjointSpans({}).empty());
    QVERIFY(DisjointSpans({Bar(SpanKind::kWait, 1, 1)}).empty());
  }

  void ranksOfOneMachineShareAClockAndOthersTheirMeeting() {
    // All met at 100 of rank 0's clock; rank 1 came out of the barrier 2 later, on the same clock; rank 2's
    // own clock said 9000.
    RankSpans zero = Rank(0, {Bar(SpanKind::kForward, 101, 102)});
    zero.own_seconds = zero.first_seconds = 100;
    RankSpans one = Rank(1, {Bar(SpanKind::kForward, 103, 104)});
    one.own_seconds = 102;
    one.first_seconds = 100;
    RankSpans two = Rank(2, {Bar(SpanKind::kForward, 9001, 9004)});
    two.own_seconds = 9000;
    two.first_seconds = 100;
    zero.host = one.host = "a";
    two.host = "b";
    const Timeline timeline = MakeTimeline({two, one, zero});
    QCOMPARE(timeline.lanes.size(), size_t{3});
    const double begins[] = {0, 2, 0};
    for (size_t i = 0; i < 3; ++i) {
      QCOMPARE(timeline.lanes[i].rank, static_cast<int>(i));
      QCOMPARE(timeline.lanes[i].bars[0].begin_seconds, begins[i]);
    }
    QCOMPARE(timeline.end_seconds, 3.0);
    QVERIFY(MakeTimeline({}).is_empty());
  }

  void stepsAreCutOut() {
    const Timeline timeline =
        MakeTimeline({Rank(0, {Bar(SpanKind::kForward, 0, 1, -1, 10), Bar(SpanKind::kForward, 1, 2, -1, 11),
                               Bar(SpanKind::kForward, 2, 4, -1, 12)})});
    const Timeline some = StepsOfTimeline(timeline, 11, 12);
    QCOMPARE(some.lanes[0].bars.size(), size_t{2});
    QCOMPARE(some.lanes[0].bars[0].begin_seconds, 0.0);
    QCOMPARE(some.end_seconds, 3.0);
    QCOMPARE(some.first_step, int64_t{11});
    QCOMPARE(StepsOfTimeline(timeline, 50, 60).end_seconds, 0.0);
  }

  // 1F1B as it stands in the book: passes take one turn each, messages no time.
  void anIdealPipelineHasTheBubbleOfTheFormula_data() {
    QTest::addColumn<int>("stages");
    QTest::addColumn<int>("micro_batches");
    for (const int stages : {1, 2, 4})
      for (const int micro_batches : {4, 8})
        QTest::addRow("%d %d", stages, micro_batches) << stages << micro_batches;
  }
  void anIdealPipelineHasTheBubbleOfTheFormula() {
    QFETCH(int, stages);
    QFETCH(int, micro_batches);
    const auto size = static_cast<size_t>(stages);
    std::vector<std::vector<double>> forward(size), backward(size);
    for (auto* ends : {&forward, &backward})
      for (auto& each : *ends) each.assign(static_cast<size_t>(micro_batches), -1);
    std::vector<RankSpans> ranks;
    std::vector<size_t> done(size, 0);
    std::vector<double> free(size, 0);
    std::vector<std::vector<std::pair<bool, size_t>>> tasks(size);
    for (size_t s = 0; s < size; ++s) {
      ranks.push_back(Rank(static_cast<int>(s), {}));
      const size_t warm = std::min(static_cast<size_t>(micro_batches), size - s);
      size_t f = 0, b = 0;
      while (b < static_cast<size_t>(micro_batches)) {
        if (f < static_cast<size_t>(micro_batches) && f < b + warm)
          tasks[s].emplace_back(true, f++);
        else
          tasks[s].emplace_back(false, b++);
      }
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t s = 0; s < size; ++s) {
        if (done[s] == tasks[s].size()) continue;
        const auto [is_forward, m] = tasks[s][done[s]];
        const double needs = is_forward ? (s == 0 ? 0 : forward[s - 1][m])
                                        : (s + 1 == size ? forward[s][m] : backward[s + 1][m]);
        if (needs < 0) continue;
        const double begin = std::max(free[s], needs);
        (is_forward ? forward : backward)[s][m] = free[s] = begin + 1;
        ranks[s].spans.push_back(Bar(is_forward ? SpanKind::kForward : SpanKind::kBackward, begin, begin + 1,
                                     static_cast<int>(m)));
        ++done[s];
        moved = true;
      }
    }
    const Timeline timeline = MakeTimeline(ranks);
    const TimelineShares shares = SharesOf(timeline, 0, timeline.end_seconds);
    const double expected = PipelineShape{stages, micro_batches, 1}.expected_bubble();
    QCOMPARE(expected, (stages - 1) / double(micro_batches + stages - 1));
    QVERIFY2(std::abs(shares.bubble - expected) < 1e-12, qPrintable(QString::number(shares.bubble)));
    QVERIFY(std::isnan(SharesOf(timeline, 0.5, timeline.end_seconds).bubble));  // no whole step in sight
  }

  void theShapeOfAPipelineIsTheSpecs() {
    const PipelineShape shape = PipelineShapeOf(Json::parse(
        R"({"mesh": {"pipeline": 4}, "pipeline": {"kind": "interleaved", "micro_batches": 8, "chunks": 2}})"));
    QCOMPARE(shape.stages, 4);
    QCOMPARE(shape.expected_bubble(), 3 / 19.0);
    for (const char* text : {"{}", "[]", R"({"mesh": 3})", R"({"mesh": {"pipeline": "4"}})"})
      QCOMPARE(PipelineShapeOf(Json::parse(text)).stages, 1);
  }

  void whatLiesBesideComputingIsHidden() {
    const SpanRow beside = SpanRow::kCommunication;
    const Timeline timeline = MakeTimeline(
        {Rank(0, {Bar(SpanKind::kForward, 0, 2), Bar(SpanKind::kBackward, 2, 4), Bar(SpanKind::kWait, 4, 6),
                  Bar(SpanKind::kUpdate, 6, 7), Bar(SpanKind::kEncode, 3, 3.5, 0, 0, beside),
                  Bar(SpanKind::kExchange, 3.5, 5.5, 0, 0, beside),
                  Bar(SpanKind::kDecode, 5.5, 6, 0, 0, beside)})});
    const TimelineShares all = SharesOf(timeline, 0, 7);
    QCOMPARE(all.rank_seconds, 7.0);
    QCOMPARE(all.compute_share, 4 / 7.0);
    QCOMPARE(all.exchange_seconds, 3.0);
    QCOMPARE(all.hidden_seconds, 1.0);  // half a second of encoding and half a one of the exchange
    QCOMPARE(all.seconds[size_t(SpanKind::kWait)], 2.0);
    const TimelineShares part = SharesOf(timeline, 3.25, 4.25);
    QCOMPARE(part.exchange_seconds, 1.0);
    QCOMPARE(part.hidden_seconds, 0.75);
    QCOMPARE(SharesOf(timeline, 2, 2).rank_seconds, 0.0);
  }

  // Each column again, from the bars themselves.
  void drawnColumnsAreWhatWasMeasured() {
    for (uint32_t seed = 0; seed < 40; ++seed) {
      Rng rng(seed, "lane");
      const TimelineLane lane = RandomLane(rng, 1 + static_cast<int>(rng.Uniform() * 400));
      const double end = lane.bars.back().end_seconds;
      const double begin = seed % 3 == 0 ? 0 : end * 0.3 * rng.Uniform();
      const double until = seed % 3 == 0 ? end : begin + (end - begin) * (0.05 + 0.9 * rng.Uniform());
      const int columns = 1 + static_cast<int>(rng.Uniform() * 300);
      std::array<bool, kSpanKinds> shown = kAllShown;
      if (seed % 4 == 1) shown[static_cast<size_t>(SpanKind::kForward)] = false;
      const std::vector<TimelineCell> cells = CellsOf(lane, begin, until, columns, shown);
      QVERIFY(static_cast<int>(cells.size()) <= columns);
      std::vector<const TimelineCell*> of(static_cast<size_t>(columns), nullptr);
      for (const TimelineCell& cell : cells) {
        QVERIFY(0 <= cell.first && cell.first < cell.last && cell.last <= columns);
        for (int column = cell.first; column < cell.last; ++column) {
          QVERIFY(of[static_cast<size_t>(column)] == nullptr);
          of[static_cast<size_t>(column)] = &cell;
        }
      }
      const double wide = (until - begin) / columns;
      for (int column = 0; column < columns; ++column) {
        const double from = begin + column * wide, to = from + wide;
        std::array<double, kSpanKinds> seconds = {};
        for (const Span& bar : lane.bars)
          if (shown[static_cast<size_t>(bar.kind)])
            seconds[static_cast<size_t>(bar.kind)] +=
                std::max(0.0, std::min(to, bar.end_seconds) - std::max(from, bar.begin_seconds));
        const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0);
        const TimelineCell* cell = of[static_cast<size_t>(column)];
        const double slack = 1e-6 * wide;  // rounding of a column's edges
        QVERIFY(cell != nullptr || all <= slack);
        if (cell == nullptr) continue;
        const double most = *std::max_element(seconds.begin(), seconds.end());
        QVERIFY2(seconds[static_cast<size_t>(cell->kind)] >= most - slack,
                 qPrintable(QStringLiteral("seed %1, column %2").arg(seed).arg(column)));
        QVERIFY(std::abs(cell->coverage * wide - all) <= 2 * slack);
        if (cell->bar >= 0) QVERIFY(lane.bars[static_cast<size_t>(cell->bar)].kind == cell->kind);
      }
    }
    QVERIFY(CellsOf({}, 0, 1, 10, kAllShown).empty());
    QVERIFY(CellsOf({.bars = {Bar(SpanKind::kData, 0, 1)}}, 1, 1, 10, kAllShown).empty());
    QVERIFY(CellsOf({.bars = {Bar(SpanKind::kData, 0, 1)}}, 0, 1, 0, kAllShown).empty());
  }

  void manyBarsAreFewCells() {
    TimelineLane lane;
    for (int i = 0; i < 200000; ++i)
      lane.bars.push_back(Bar(i % 10 < 7 ? SpanKind::kForward : SpanKind::kWait, i, i + 1));
    const std::vector<TimelineCell> cells = CellsOf(lane, 0, 200000, 1000, kAllShown);
    QVERIFY(cells.size() <= 1000);
    for (const TimelineCell& cell : cells) QVERIFY(cell.kind == SpanKind::kForward && cell.bar == -1);
  }

  void theBarUnderThePointerIsFound() {
    const TimelineLane lane{.bars = {Bar(SpanKind::kForward, 1, 2), Bar(SpanKind::kWait, 2, 2.001),
                                     Bar(SpanKind::kUpdate, 5, 6)}};
    QCOMPARE(BarAt(lane, 1.5, 0.1, kAllShown), 0);
    QCOMPARE(BarAt(lane, 2.05, 0.1, kAllShown), 1);  // thin, and hit beside it
    QCOMPARE(BarAt(lane, 4, 0.1, kAllShown), -1);
    QCOMPARE(BarAt(lane, 6.05, 0.1, kAllShown), 2);
    std::array<bool, kSpanKinds> shown = kAllShown;
    shown[static_cast<size_t>(SpanKind::kForward)] = false;
    QCOMPARE(BarAt(lane, 1.5, 0.1, shown), -1);
  }

  void aTraceIsWhatViewersTake() {
    std::vector<Span> spans = {Bar(SpanKind::kForward, 0, 0.25, 3, 12),
                               Bar(SpanKind::kExchange, 0.5, 0.75, 1, 12, SpanRow::kCommunication)};
    spans[1].bytes = 4096;
    const Timeline timeline = MakeTimeline({Rank(2, spans)});
    const Json trace = Json::parse(ChromeTraceJson(timeline, "run"));
    QVERIFY(trace["otherData"]["run"] == "run");
    std::vector<Json> complete;
    std::vector<std::string> names;
    for (const Json& event : trace["traceEvents"]) {
      QVERIFY(event["pid"] == 2);
      if (event["ph"] == "X") complete.push_back(event);
      if (event["ph"] == "M" && event["args"].contains("name"))
        names.push_back(event["args"]["name"].get<std::string>());
    }
    QVERIFY(names == std::vector<std::string>({"rank 2", "step", "communication"}));
    QCOMPARE(complete.size(), size_t{2});
    QVERIFY(complete[0]["name"] == "forward 3" && complete[0]["args"]["micro_batch"] == 3);
    QCOMPARE(complete[0]["ts"].get<double>(), 0.0);
    QCOMPARE(complete[0]["dur"].get<double>(), 250000.0);
    QVERIFY(complete[1]["tid"] == 1 && complete[1]["cat"] == "exchange");
    QVERIFY(complete[1]["args"]["bytes"] == 4096 && complete[1]["args"]["step"] == 12);
    const std::string csv = TimelineCsv(timeline);
    QCOMPARE(std::count(csv.begin(), csv.end(), '\n'), std::ptrdiff_t{3});
    QVERIFY(csv.find("2,communication,12,exchange,1,0.500000000,0.250000000,4096\n") != std::string::npos);
  }
};

CONCERTINA_TEST(TimelineTest)

}  // namespace concertina::timeline_test

#include "timeline_test.moc"
