// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_spans_test.cc: whole training loops of which some steps are recorded: every rank tells of its
// passes, exchanges and updates, and the recording changes no bit. And forks of them.
#include <QTest>
#include <algorithm>

#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_spans_test {

using nlohmann::json;

class StepLoopSpansTest : public QObject, private TrainingRanks {
  Q_OBJECT

  static int Count(const RankSpans& spans, SpanKind kind) {
    return static_cast<int>(std::count_if(spans.spans.begin(), spans.spans.end(),
                                          [kind](const Span& span) { return span.kind == kind; }));
  }

 private slots:
  void stepsAreRecordedOnEveryRankAndChangeNoBit_data();
  void stepsAreRecordedOnEveryRankAndChangeNoBit();
  void aPipelineTellsOfItsMicroBatches();
  void aForkGoesOnWithItsOwnSpec_data();
  void aForkGoesOnWithItsOwnSpec();
};

void StepLoopSpansTest::stepsAreRecordedOnEveryRankAndChangeNoBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<bool>("lockstep");
  QTest::newRow("all-reduce") << R"({"kind": "all-reduce", "bucket_mib": 0.001})"
                              << "none" << true;
  QTest::newRow("all-reduce, top-k") << R"({"kind": "all-reduce", "bucket_mib": 0.001})"
                                     << "top-k" << true;
  QTest::newRow("one bucket") << R"({"kind": "all-reduce"})"
                              << "fp16" << true;
  QTest::newRow("zero") << R"({"kind": "zero"})"
                        << "none" << true;
  QTest::newRow("asynchronous") << R"({"kind": "parameter-server", "mode": "async"})"
                                << "none" << false;
}

void StepLoopSpansTest::stepsAreRecordedOnEveryRankAndChangeNoBit() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(bool, lockstep);
  json spec = TableSpec(table_, 2, 20);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  const QTemporaryDir plain_folder, recorded_folder;
  const std::vector<RankResult> plain = Train(spec, plain_folder.path());
  const std::vector<RankResult> ranks = Train(spec, recorded_folder.path(), "", {proto::Control::SPANS});
  for (const RankResult& rank : ranks) {
    QVERIFY(rank.result.ok());
    QCOMPARE(rank.spans.size(), size_t{1});
    const RankSpans& spans = rank.spans[0];
    QCOMPARE(spans.steps, kRecordedSteps);
    QCOMPARE(spans.dropped, uint64_t{0});
    QCOMPARE(Count(spans, SpanKind::kForward), static_cast<int>(kRecordedSteps));
    QCOMPARE(Count(spans, SpanKind::kBackward), static_cast<int>(kRecordedSteps));
    QCOMPARE(Count(spans, SpanKind::kData), static_cast<int>(kRecordedSteps));
    QVERIFY(Count(spans, SpanKind::kExchange) >= kRecordedSteps);
    if (lockstep) QVERIFY(Count(spans, SpanKind::kUpdate) >= kRecordedSteps);
    if (codec == "top-k") QVERIFY(Count(spans, SpanKind::kEncode) >= kRecordedSteps);  // of a bucket at least
    for (const Span& span : spans.spans) {
      QVERIFY(span.begin_seconds <= span.end_seconds);
      QVERIFY(span.step >= spans.first_step && span.step <= spans.first_step + spans.steps);
    }
    QCOMPARE(spans.first_step, ranks[0].spans[0].first_step);
    QCOMPARE(spans.first_seconds, ranks[0].spans[0].first_seconds);  // one origin
  }
  QVERIFY(plain[0].result.ok());
  if (lockstep) QCOMPARE(plain[0].result->parameters_sha256, ranks[0].result->parameters_sha256);
  // With buckets and a thread of its own, exchanges are in its row.
  const RankSpans& first = ranks[0].spans[0];
  const bool has_thread = std::any_of(first.spans.begin(), first.spans.end(),
                                      [](const Span& span) { return span.row == SpanRow::kCommunication; });
  if (exchange.contains("bucket_mib")) QVERIFY(has_thread);
  if (exchange == R"({"kind": "all-reduce"})") QVERIFY(!has_thread);
  // It goes through its bytes, and ranks stand beside one another.
  std::vector<RankSpans> all;
  for (const RankResult& rank : ranks) {
    auto unpacked = UnpackSpans(PackSpans(rank.spans[0]));
    QVERIFY(unpacked.ok());
    all.push_back(*std::move(unpacked));
  }
  const Timeline timeline = MakeTimeline(std::move(all));
  QCOMPARE(timeline.ranks, 2);
  const TimelineShares shares = SharesOf(timeline, 0, timeline.end_seconds);
  QVERIFY(shares.compute_share > 0 && shares.compute_share <= 1);
  QVERIFY(shares.hidden_seconds <= shares.exchange_seconds);
}

void StepLoopSpansTest::aPipelineTellsOfItsMicroBatches() {
  json spec = PipelineSpec(table_, 1, 2, 1, 20);
  spec["pipeline"] = {{"kind", "1f1b"}, {"micro_batches", 4}};
  const QTemporaryDir run;
  const std::vector<RankResult> ranks = Train(spec, run.path(), "", {proto::Control::SPANS});
  std::vector<RankSpans> all;
  for (const RankResult& rank : ranks) {
    QVERIFY(rank.result.ok());
    QCOMPARE(rank.spans.size(), size_t{1});
    const RankSpans& spans = rank.spans[0];
    QCOMPARE(Count(spans, SpanKind::kForward), static_cast<int>(4 * kRecordedSteps));
    QCOMPARE(Count(spans, SpanKind::kBackward), static_cast<int>(4 * kRecordedSteps));
    for (const Span& span : spans.spans)
      if (span.kind == SpanKind::kForward || span.kind == SpanKind::kBackward)
        QVERIFY(span.number >= 0 && span.number < 4);
    QVERIFY(Count(spans, SpanKind::kWait) > 0);
    all.push_back(spans);
  }
  const Timeline timeline = MakeTimeline(std::move(all));
  const TimelineShares shares = SharesOf(timeline, 0, timeline.end_seconds);
  QVERIFY(shares.bubble > 0 && shares.bubble < 1);
}

void StepLoopSpansTest::aForkGoesOnWithItsOwnSpec_data() {
  QTest::addColumn<QString>("pointer");
  QTest::addColumn<QString>("value");
  QTest::addColumn<bool>("differs");
  QTest::newRow("nothing is changed") << "/name"
                                      << "\"again\"" << false;
  QTest::newRow("a live knob") << "/optimizer/learning_rate"
                               << "0.01" << true;
  QTest::newRow("another optimiser") << "/optimizer"
                                     << R"({"kind": "adam"})" << true;
  QTest::newRow("without momentum") << "/optimizer"
                                    << R"({"kind": "sgd", "momentum": 0})" << true;
  QTest::newRow("another codec") << "/gradient"
                                 << R"([{"kind": "top-k", "ratio": 0.05}])" << true;
  QTest::newRow("other buckets") << "/exchange"
                                 << R"({"kind": "all-reduce"})" << false;
}

void StepLoopSpansTest::aForkGoesOnWithItsOwnSpec() {
  QFETCH(QString, pointer);
  QFETCH(QString, value);
  QFETCH(bool, differs);
  json spec = TableSpec(table_, 2, 20);
  spec["training"]["checkpoint_every_steps"] = 20;
  const QTemporaryDir whole;
  const std::vector<RankResult> before = Train(spec, whole.path());
  QVERIFY(before[0].result.ok());
  QVERIFY(!before[0].checkpoints.empty());
  const int64_t step = before[0].checkpoints.back();
  json changed = spec;
  changed[json::json_pointer(pointer.toStdString())] = json::parse(value.toStdString());
  const QTemporaryDir forked;
  is_fork_ = true;
  const std::vector<RankResult> after =
      Train(changed, forked.path(), CheckpointFolder(whole.path().toStdString(), step));
  is_fork_ = false;
  for (const RankResult& rank : after) QVERIFY(rank.result.ok());
  const auto& loss = after[0].series.at("train/loss");
  const auto& of_whole = before[0].series.at("train/loss");
  QCOMPARE(loss.size() + static_cast<size_t>(step), of_whole.size());
  QCOMPARE(loss[0], of_whole[static_cast<size_t>(step)]);  // same parameters, same samples
  QCOMPARE(after[0].result->parameters_sha256 != before[0].result->parameters_sha256, differs);
}

CONCERTINA_TEST(StepLoopSpansTest)

}  // namespace concertina::step_loop_spans_test

#include "step_loop_spans_test.moc"
