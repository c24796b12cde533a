// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_replay_test.cc: what ranks sent and what ranks received come together as messages, go through their
// bytes, and are a clip that any browser plays.
#include "core/analysis/message_replay.h"

#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::message_replay_test {
namespace {

MovedMessage Sent(int to, double at, int64_t step = 3, MessageNote note = {}) {
  return {.peer = to,
          .tag = 5,
          .note = note,
          .step = step,
          .begin_seconds = at,
          .end_seconds = at + 1e-4,
          .bytes = 100};
}
MovedMessage Came(int from, double at) {
  return {.is_received = true,
          .peer = from,
          .tag = 5,
          .step = 3,
          .begin_seconds = at - 1e-3,
          .end_seconds = at,
          .bytes = 100};
}
RankSpans Rank(int rank, std::vector<MovedMessage> messages) {
  return {.rank = rank,
          .recording = 9,
          .first_step = 3,
          .own_seconds = 10,
          .first_seconds = 10,
          .messages = std::move(messages)};
}

}  // namespace

class MessageReplayTest : public QObject {
  Q_OBJECT
 private slots:
  void theNthThatWasSentIsTheNthThatCame() {
    const MessageReplay replay = MakeReplay({Rank(1, {Came(0, 10.5), Came(0, 10.7), Sent(0, 10.6)}),
                                             Rank(0, {Sent(1, 10.1), Sent(1, 10.2), Came(1, 10.65)})});
    QCOMPARE(replay.messages.size(), size_t{3});
    QCOMPARE(replay.ranks, 2);
    QCOMPARE(replay.recording, int64_t{9});
    QCOMPARE(replay.messages[0].from, 0);
    QVERIFY(std::abs(replay.messages[0].sent_seconds - 0.1) < 1e-9);
    QVERIFY(std::abs(replay.messages[0].arrived_seconds - 0.5) < 1e-9);
    QVERIFY(std::abs(replay.messages[1].arrived_seconds - 0.7) < 1e-9);
    QCOMPARE(replay.messages[2].from, 1);
  }

  void whatCameOfEarlierMessagesIsPassedOver() {
    // The first that came was sent before the recording began.
    const MessageReplay replay =
        MakeReplay({Rank(0, {Sent(1, 10.3), Sent(1, 10.4)}), Rank(1, {Came(0, 10.2), Came(0, 10.35)})});
    QVERIFY(std::abs(replay.messages[0].arrived_seconds - 0.35) < 1e-9);
    QVERIFY(std::isnan(replay.messages[1].arrived_seconds));  // not yet
  }

  void aStepIsInOnePiece() {
    const MessageReplay replay = MakeReplay(
        {Rank(0, {Sent(1, 10.1, 3), Sent(1, 10.2, 4)}), Rank(1, {Sent(0, 10.3, 3), Sent(0, 10.4, 4)})});
    QCOMPARE(replay.StepOf(0), (std::pair<size_t, size_t>(0, 2)));
    QCOMPARE(replay.StepOf(3), (std::pair<size_t, size_t>(2, 4)));
    QVERIFY(MakeReplay({}).is_empty());
  }

  void messagesGoThroughTheirBytes() {
    const RankSpans spans =
        Rank(2, {Sent(0, 10.25, 3,
                      {.kind = MessageKind::kPush, .part = 0, .parts = 2, .version = 17, .staleness = 0}),
                 Came(1, 10.5), Sent(1, 10.125, 4, {.kind = MessageKind::kActivation, .micro_batch = 6})});
    const std::string packed = PackSpans(spans);
    const auto read = UnpackSpans(packed);
    QVERIFY2(read.ok(), std::string(read.status().message()).c_str());
    QCOMPARE(read->messages.size(), size_t{3});
    for (size_t i = 0; i < 3; ++i) {
      const MovedMessage &was = spans.messages[i], &is = read->messages[i];
      QVERIFY(was.is_received == is.is_received && was.peer == is.peer && was.tag == is.tag);
      QVERIFY(was.note == is.note && was.step == is.step && was.bytes == is.bytes);
      QVERIFY(std::abs(was.begin_seconds - is.begin_seconds) < 2e-9);
      QVERIFY(std::abs(was.end_seconds - is.end_seconds) < 2e-9);
    }
    // Damage is found wherever it is, and none of it is read as something else that is longer.
    for (size_t size = 0; size < packed.size(); ++size)
      QVERIFY(absl::IsDataLoss(UnpackSpans(packed.substr(0, size)).status()));
    QVERIFY(absl::IsDataLoss(UnpackSpans(packed + "x").status()));
    // Recordings of before there were messages are read as they are.
    RankSpans without = spans;
    without.messages.clear();
    QVERIFY(PackSpans(without).starts_with("CSP1"));
    QVERIFY(UnpackSpans(PackSpans(without))->messages.empty());
  }

  void wordsSayWhatItIs_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("part");
    QTest::addColumn<int>("micro_batch");
    QTest::addColumn<int>("staleness");
    const auto row = [](const char* text, MessageKind kind, int part, int micro_batch, int staleness) {
      QTest::newRow(text) << text << static_cast<int>(kind) << part << micro_batch << staleness;
    };
    row("reduce-scatter, segment 2 of 4", MessageKind::kReduce, 1, -1, -1);
    row("all-gather, segment 4 of 4", MessageKind::kSpread, 3, -1, -1);
    row("reduce", MessageKind::kReduce, -1, -1, -1);
    row("activation of micro-batch 3", MessageKind::kActivation, -1, 3, -1);
    row("the server's answer, 1 update late", MessageKind::kAnswer, -1, -1, 1);
    row("message", MessageKind::kOther, -1, -1, -1);
  }
  void wordsSayWhatItIs() {
    QFETCH(QString, text);
    QFETCH(int, kind);
    QFETCH(int, part);
    QFETCH(int, micro_batch);
    QFETCH(int, staleness);
    QCOMPARE(MessageText({.kind = static_cast<MessageKind>(kind),
                          .part = part,
                          .parts = part < 0 ? -1 : 4,
                          .micro_batch = micro_batch,
                          .staleness = staleness}),
             text.toStdString());
  }

  void aClipIsOnePictureWithoutScripts() {
    MessageReplay replay;
    replay.ranks = 3;
    for (int i = 0; i < 6; ++i)
      replay.messages.push_back({.from = i % 3, .to = (i + 1) % 3, .bytes = 31000, .step = 7});
    const ClipOptions options{.title = "<ring> & \"more\"", .axes = {}, .first = 1, .count = 4};
    const std::string svg = ClipSvg(replay, options);
    QXmlStreamReader reader(QByteArray::fromStdString(svg));
    int flights = 0, scripts = 0;
    while (!reader.atEnd()) {
      if (reader.readNext() != QXmlStreamReader::StartElement) continue;
      flights += reader.name() == QLatin1String("animateMotion") ? 1 : 0;
      scripts += reader.name() == QLatin1String("script") ? 1 : 0;
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    QCOMPARE(flights, 4);
    QCOMPARE(scripts, 0);
    const std::string html = ClipHtml(replay, options);
    QVERIFY(html.find(svg) != std::string::npos);
    QVERIFY(html.find("href") == std::string::npos && html.find("src=") == std::string::npos);
    QXmlStreamReader empty(QByteArray::fromStdString(ClipSvg({}, {})));
    while (!empty.atEnd()) empty.readNext();
    QVERIFY(!empty.hasError());
  }

  void dataSaysWhatIsKnown() {
    const Json json = ReplayJson(
        MakeReplay({Rank(0, {Sent(1, 10.1, 3, {.kind = MessageKind::kReduce, .part = 1, .parts = 2})}),
                    Rank(1, {})}),
        "r");
    const Json& message = json["messages"][0];
    QCOMPARE(message["kind"].get<std::string>(), std::string("reduce"));
    QCOMPARE(message["part"].get<int>(), 1);
    QVERIFY(!message.contains("micro_batch"));
    QVERIFY(message["arrived_seconds"].is_null());
  }

  void stagesAreColumns() {
    const auto places = RankPlaces(4, {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 0}});
    QCOMPARE(places[0][0], 0.0);
    QCOMPARE(places[2][0], 0.0);
    QCOMPARE(places[1][0], 1.0);
    QVERIFY(places[0][1] < places[2][1]);
    for (const auto& place : RankPlaces(5, {})) QVERIFY(place[0] >= 0 && place[0] <= 1 && place[1] >= 0);
    QVERIFY(RankPlaces(0, {}).empty());
  }
};

CONCERTINA_TEST(MessageReplayTest)

}  // namespace concertina::message_replay_test

#include "message_replay_test.moc"
