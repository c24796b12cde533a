// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// request_agreement_test.cc: requests that reach the ranks at different steps are obeyed at the same one.
#include "core/worker/request_agreement.h"

#include <QTest>
#include <cstring>
#include <thread>

#include "core/base/rng.h"
#include "core/comm/communicator.h"
#include "tests/test_program.h"

namespace concertina::request_agreement_test {

using Words = std::vector<std::optional<int64_t>>;

class RequestAgreementTest : public QObject {
  Q_OBJECT
 private slots:
  void allRanksObeyAtTheSameStep_data() {
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 3, 5}) QTest::addRow("%d ranks", ranks) << ranks;
  }
  void allRanksObeyAtTheSameStep() {
    QFETCH(int, ranks);
    constexpr int kSteps = 400, kRequests = 5;
    auto transports = MakeInProcessTransports(ranks);
    std::vector<int> members(static_cast<size_t>(ranks));
    for (int i = 0; i < ranks; ++i) members[static_cast<size_t>(i)] = i;
    // obeyed[rank][request] = step. A request arrives at each rank at a step of its own, by seed.
    std::vector<std::vector<int64_t>> obeyed(static_cast<size_t>(ranks)), arrived(static_cast<size_t>(ranks));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank) {
      threads.emplace_back([&, rank] {
        Rng rng(11, "arrival", static_cast<uint64_t>(rank));
        auto& mine = arrived[static_cast<size_t>(rank)];
        for (int64_t request = 0; request < kRequests; ++request)
          mine.push_back(request * 50 + static_cast<int64_t>(rng.Below(40)));
        Communicator everyone(*transports[static_cast<size_t>(rank)], members, 2);
        std::vector<std::vector<uint8_t>> gathered;
        RequestAgreement agreement([&](int64_t word) -> absl::StatusOr<Words> {
          RETURN_IF_ERROR(everyone.AllGather({reinterpret_cast<const uint8_t*>(&word), sizeof word},
                                             sizeof word, gathered, Deadline::After(10)));
          Words words;
          for (const auto& bytes : gathered)
            std::memcpy(&words.emplace_back(0).value(), bytes.data(), sizeof word);
          return words;
        });
        for (int64_t step = 0; step < kSteps; ++step) {
          uint64_t received = 0;
          while (received < kRequests && mine[received] <= step) ++received;
          const auto agreed = agreement.Agreed(step, received, /*now=*/true);
          if (!agreed.ok()) return;
          while (obeyed[static_cast<size_t>(rank)].size() < *agreed)
            obeyed[static_cast<size_t>(rank)].push_back(step);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (int rank = 0; rank < ranks; ++rank) {
      QCOMPARE(obeyed[static_cast<size_t>(rank)].size(), size_t{kRequests});
      QVERIFY(obeyed[static_cast<size_t>(rank)] == obeyed[0]);
      for (size_t request = 0; request < kRequests; ++request)  // never before it has arrived everywhere
        QVERIFY(obeyed[0][request] >= arrived[static_cast<size_t>(rank)][request]);
    }
  }

  // Rank 0 is lost, and with it the pace that it would have said; nor does what it received count.
  void theFirstThatIsLeftSetsThePace() {
    int meetings = 0;
    RequestAgreement agreement([&](int64_t word) -> absl::StatusOr<Words> {
      ++meetings;
      return Words{std::nullopt, (int64_t{7} << 16) + 3, (word & ~int64_t{0xffff}) + 9};
    });
    for (int64_t step = 0; step < 30; ++step) {
      const auto agreed = agreement.Agreed(step, step < 6 ? 5 : 8, false);
      QVERIFY(agreed.ok());
      QCOMPARE(*agreed, uint64_t{step < 6 ? 5U : 7U});
    }
    QCOMPARE(meetings, 10);
    QVERIFY(agreement.Agreed(30, 8, false).ok() && agreement.Agreed(31, 8, /*now=*/true).ok());
    QCOMPARE(meetings, 12);
  }

  void anErrorOfTheMeetingIsTheCallers() {
    RequestAgreement agreement([](int64_t) { return absl::UnavailableError("rank 1: gone"); });
    QCOMPARE(agreement.Agreed(0, 0, false).status().message(), absl::string_view("rank 1: gone"));
  }
};

CONCERTINA_TEST(RequestAgreementTest)

}  // namespace concertina::request_agreement_test

#include "request_agreement_test.moc"
