// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// serving_transport_test.cc: a rank that waits for another answers a third meanwhile, without which that
// other would never come.
#include "core/comm/serving_transport.h"

#include <QTest>
#include <algorithm>
#include <array>
#include <cstring>
#include <thread>
#include <vector>

#include "core/comm/communicator.h"
#include "tests/test_program.h"

namespace concertina::serving_transport_test {

constexpr uint32_t kAsk = uint32_t{9} << 16, kAnswer = kAsk + 1;

class ServingTransportTest : public QObject {
  Q_OBJECT
 private slots:
  void whoWaitsAnswersOthers_data() {
    QTest::addColumn<bool>("serves");
    QTest::newRow("serves") << true;
    QTest::newRow("does not, and nothing moves") << false;
  }
  // Rank 0 sums with rank 1, rank 1 comes only when rank 2 has told it to, and rank 2 asks rank 0 first.
  void whoWaitsAnswersOthers() {
    QFETCH(bool, serves);
    auto transports = MakeInProcessTransports(3);
    const double seconds = serves ? 20 : 0.3;
    std::array<absl::Status, 3> said;
    std::array<float, 2> sums = {1, 2};
    int served = 0;
    std::vector<std::thread> threads;
    const std::array<std::byte, 1> word = {std::byte{7}};
    const auto ignore = [](size_t, std::span<const std::byte>) {};
    const auto sum = [&](Transport& transport, float& value) {
      Communicator pair(transport, {0, 1}, 3);
      return pair.AllReduceSum({&value, 1}, Deadline::After(seconds));
    };
    const auto tell = [&](int from, int to, uint32_t tag) {
      return transports[static_cast<size_t>(from)]->Send(to, tag, word, Deadline::After(seconds));
    };
    const auto hear = [&](int at, int from, uint32_t tag) {
      return transports[static_cast<size_t>(at)]->Receive(from, tag, word.size(), Deadline::After(seconds),
                                                          ignore);
    };
    threads.emplace_back([&] {
      ServingTransport serving(*transports[0]);
      const std::array<int, 1> from = {2};
      const auto serve = [&]() -> absl::Status {
        if (!transports[0]->WaitAny(from, kAsk, Deadline::After(0)).ok()) return absl::OkStatus();
        RETURN_IF_ERROR(hear(0, 2, kAsk));
        ++served;
        return tell(0, 2, kAnswer);
      };
      if (serves) serving.SetServe(serve);
      said[0] = sum(serving, sums[0]);
    });
    threads.emplace_back([&] {
      said[1] = hear(1, 2, kAsk);
      if (said[1].ok()) said[1] = sum(*transports[1], sums[1]);
    });
    threads.emplace_back([&] {
      said[2] = tell(2, 0, kAsk);
      if (said[2].ok()) said[2] = hear(2, 0, kAnswer);
      if (said[2].ok()) said[2] = tell(2, 1, kAsk);
    });
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& status : said) {
      if (serves) QVERIFY2(status.ok(), std::string(status.message()).c_str());
      if (!serves) QVERIFY(!status.ok());
    }
    QCOMPARE(served, serves ? 1 : 0);
    if (serves) QVERIFY(sums[0] == 3 && sums[1] == 3);
  }

  void aWaitInVainEndsAtItsDeadline() {
    auto transports = MakeInProcessTransports(2);
    ServingTransport serving(*transports[0]);
    int looks = 0;
    serving.SetServe([&] {
      ++looks;
      return absl::OkStatus();
    });
    std::vector<uint8_t> bytes;
    const absl::Status nothing = serving.ReceiveMessage(1, kAsk, 8, Deadline::After(0.05), bytes);
    QCOMPARE(nothing.code(), absl::StatusCode::kDeadlineExceeded);
    QVERIFY(looks > 1);
    serving.SetServe([] { return absl::DataLossError("an asker speaks nonsense"); });
    QCOMPARE(serving.ReceiveMessage(1, kAsk, 8, Deadline::After(20), bytes).code(),
             absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(ServingTransportTest)

}  // namespace concertina::serving_transport_test

#include "serving_transport_test.moc"
