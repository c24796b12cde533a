// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// join_token_test.cc: a token is good once, for one place, for its time, and every change of it is found.
#include "core/security/join_token.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::join_token_test {

class JoinTokenTest : public QObject {
  Q_OBJECT
 private slots:
  void itIsGoodOnce() {
    JoinTokens tokens(JoinTokens::NewSecret(), clock_);
    const std::string token = tokens.Make(place_, 60);
    QVERIFY(tokens.Take(token, place_).ok());
    for (int i = 0; i < 1000; ++i)
      QCOMPARE(tokens.Take(token, place_).code(), absl::StatusCode::kPermissionDenied);
    QCOMPARE(tokens.remembered(), size_t{1});
  }
  void itIsGoodForItsTime() {
    JoinTokens tokens(JoinTokens::NewSecret(), clock_);
    const std::string early = tokens.Make(place_, 60), late = tokens.Make(place_, 60);
    clock_.Advance(59.9);
    QVERIFY(tokens.Take(early, place_).ok());
    clock_.Advance(0.2);
    QCOMPARE(tokens.Take(late, place_).code(), absl::StatusCode::kPermissionDenied);
    QCOMPARE(tokens.Take(early, place_).code(), absl::StatusCode::kPermissionDenied);
  }
  void itIsGoodForOnePlace_data() {
    QTest::addColumn<QString>("run");
    QTest::addColumn<quint32>("rank");
    QTest::addColumn<QString>("fingerprint");
    QTest::addColumn<bool>("good");
    QTest::newRow("its own") << "run-1" << 3U << "aa" << true;
    QTest::newRow("another run") << "run-2" << 3U << "aa" << false;
    QTest::newRow("another rank") << "run-1" << 4U << "aa" << false;
    QTest::newRow("another certificate") << "run-1" << 3U << "ab" << false;
    QTest::newRow("no certificate") << "run-1" << 3U << "" << false;
    QTest::newRow("a boundary that moved") << "run-13" << 3U << "aa" << false;
  }
  void itIsGoodForOnePlace() {
    QFETCH(QString, run);
    QFETCH(quint32, rank);
    QFETCH(QString, fingerprint);
    QFETCH(bool, good);
    JoinTokens tokens(JoinTokens::NewSecret(), clock_);
    const std::string token = tokens.Make({.run = "run-1", .rank = 3, .fingerprint = "aa"}, 60);
    const absl::Status taken = tokens.Take(
        token, {.run = run.toStdString(), .rank = rank, .fingerprint = fingerprint.toStdString()});
    QCOMPARE(taken.ok(), good);
  }
  void oneThatIsBoundToNoCertificateTakesAny() {
    JoinTokens tokens(JoinTokens::NewSecret(), clock_);
    const std::string token = tokens.Make(place_, 60);
    QVERIFY(tokens.Take(token, {.run = place_.run, .rank = place_.rank, .fingerprint = "ab"}).ok());
  }
  void anotherEnginesIsNone() {
    JoinTokens ours(JoinTokens::NewSecret(), clock_), theirs(JoinTokens::NewSecret(), clock_);
    QVERIFY(!ours.Take(theirs.Make(place_, 60), place_).ok());
  }
  void everyChangeIsFound() {
    JoinTokens tokens(JoinTokens::NewSecret(), clock_);
    const std::string token = tokens.Make(place_, 60);
    for (size_t i = 0; i < token.size(); ++i) {
      for (const char wrong : {'0', '1', 'f', '.', 'F', ' ', '\0'}) {
        if (token[i] == wrong) continue;
        std::string changed = token;
        changed[i] = wrong;
        QVERIFY2(!tokens.Take(changed, place_).ok(), changed.c_str());
      }
      QVERIFY(!tokens.Take(token.substr(0, i), place_).ok());
    }
    QVERIFY(!tokens.Take(token + "0", place_).ok());
    QVERIFY(!tokens.Take(std::string(1 << 20, '.'), place_).ok());
    QCOMPARE(tokens.remembered(), size_t{0});
    QVERIFY(tokens.Take(token, place_).ok());  // and the right one is still good
  }
  void whatIsRememberedIsBoundedAndNoneIsForgottenTooSoon() {
    constexpr size_t kMost = 10;
    JoinTokens tokens(JoinTokens::NewSecret(), clock_, kMost);
    std::vector<std::string> taken;
    for (size_t i = 0; i < kMost; ++i) {
      taken.push_back(tokens.Make(place_, 60));
      QVERIFY(tokens.Take(taken.back(), place_).ok());
    }
    const std::string further = tokens.Make(place_, 120);
    QCOMPARE(tokens.Take(further, place_).code(), absl::StatusCode::kResourceExhausted);
    for (const std::string& each : taken) QVERIFY(!tokens.Take(each, place_).ok());
    QCOMPARE(tokens.remembered(), kMost);
    clock_.Advance(61);
    QVERIFY(tokens.Take(further, place_).ok());
    QCOMPARE(tokens.remembered(), size_t{1});
    for (const std::string& each : taken) QVERIFY(!tokens.Take(each, place_).ok());
  }

 private:
  VirtualClock clock_;
  const JoinPlace place_{.run = "run-1", .rank = 3};
};

CONCERTINA_TEST(JoinTokenTest)

}  // namespace concertina::join_token_test

#include "join_token_test.moc"
