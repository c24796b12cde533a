// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// room_wait_test.cc: what has no room is tried again until it has, and no longer than the run is to go on.
#include "core/worker/room_wait.h"

#include <QTest>
#include <functional>
#include <stop_token>
#include <utility>
#include <vector>

#include "tests/test_program.h"

namespace concertina::room_wait_test {
namespace {

const absl::Status kFull = absl::ResourceExhaustedError("no space for the file");

}  // namespace

class RoomWaitTest : public QObject {
  Q_OBJECT

  ControlQueue controls_;
  std::vector<std::string> reasons_;
  int tries_ = 0, went_on_ = 0;

  RoomWait Wait() {
    return {.rank = 3,
            .controls = &controls_,
            .obeyed = 0,
            .stops = false,
            .stop = {},
            .no_room = [this](const std::string& reason) { reasons_.push_back(reason); },
            .goes_on = [this] { ++went_on_; },
            .meanwhile = {}};
  }
  // Full for so many tries.
  std::function<absl::Status()> FullFor(int tries) {
    return [this, tries] { return ++tries_ > tries ? absl::OkStatus() : kFull; };
  }
  void Ask(proto::Control::Action action) {
    controls_.Push({.action = action, .knob = {}, .steps = 0, .recording = 0});
  }

 private slots:
  void init() {
    controls_.Clear();
    reasons_.clear();
    tries_ = went_on_ = 0;
  }

  void whatHasRoomIsTriedOnceAndNothingIsTold() {
    QVERIFY(KeepTrying(Wait(), FullFor(0)).ok());
    QCOMPARE(tries_, 1);
    QVERIFY(reasons_.empty());
    QCOMPARE(went_on_, 0);
  }

  void aFullDiskIsToldOnceAndGoesOn() {
    RoomWait wait = Wait();
    int paused = 0;
    wait.meanwhile = [&] {
      ++paused;
      return absl::OkStatus();
    };
    QVERIFY(KeepTrying(wait, FullFor(2)).ok());
    QCOMPARE(tries_, 3);
    QCOMPARE(paused, 2);
    QCOMPARE(reasons_.size(), size_t{1});
    QVERIFY2(reasons_[0].find("rank 3: no space for the file") == 0, reasons_[0].c_str());
    QCOMPARE(went_on_, 1);
  }

  void anotherErrorIsReturnedAtOnce() {
    const absl::Status status =
        KeepTrying(Wait(), [this] { return ++tries_ > 1 ? absl::DataLossError("a broken disk") : kFull; });
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QCOMPARE(tries_, 2);
    QCOMPARE(went_on_, 0);
  }

  void whoeverIsAskedToStopDoesNotWait_data() {
    QTest::addColumn<bool>("before");  // the request, or what it led to, is there already
    QTest::newRow("the run stops already") << true;
    QTest::newRow("it is asked to meanwhile") << false;
  }
  void whoeverIsAskedToStopDoesNotWait() {
    QFETCH(bool, before);
    RoomWait wait = Wait();
    wait.stops = before;
    wait.meanwhile = [&] {
      Ask(proto::Control::STOP);
      return absl::OkStatus();
    };
    QCOMPARE(KeepTrying(wait, FullFor(9)).code(), absl::StatusCode::kResourceExhausted);
    QCOMPARE(tries_, before ? 1 : 2);  // once more, for there may be room by now
    QCOMPARE(reasons_.size(), before ? size_t{0} : size_t{1});
    QCOMPARE(went_on_, 0);
  }

  // A request that was obeyed before is none of now.
  void onlyRequestsThatAreNewCount() {
    Ask(proto::Control::STOP);
    RoomWait wait = Wait();
    wait.obeyed = 1;
    QVERIFY(KeepTrying(wait, FullFor(1)).ok());
    QCOMPARE(controls_.received(), uint64_t{1});
  }

  void whoAsksToGoOnHearsTheReasonAgain() {
    RoomWait wait = Wait();
    wait.meanwhile = [&, asked = false]() mutable {
      if (!std::exchange(asked, true)) Ask(proto::Control::RESUME);
      return absl::OkStatus();
    };
    QVERIFY(KeepTrying(wait, FullFor(2)).ok());
    QCOMPARE(reasons_.size(), size_t{2});
  }

  void aPeerThatIsGoneEndsTheWaiting() {
    RoomWait wait = Wait();
    wait.meanwhile = [] { return absl::UnavailableError("a peer is gone"); };
    QCOMPARE(KeepTrying(wait, FullFor(9)).code(), absl::StatusCode::kUnavailable);
    QCOMPARE(tries_, 1);
  }

  void aRunThatIsEndedIsCancelled() {
    std::stop_source ended;
    ended.request_stop();
    RoomWait wait = Wait();
    wait.stop = ended.get_token();
    QCOMPARE(KeepTrying(wait, FullFor(9)).code(), absl::StatusCode::kCancelled);
  }
};
CONCERTINA_TEST(RoomWaitTest)

}  // namespace concertina::room_wait_test
#include "room_wait_test.moc"
