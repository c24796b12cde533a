// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// strategy_test.cc: what the analysis believes of an exchange is what the exchange says of itself. Here,
// since only the engine knows both.
#include "core/analysis/strategy.h"

#include <QTest>

#include "core/base/registry.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::strategy_test {

class StrategyTest : public QObject {
  Q_OBJECT
 private slots:
  void everyExchangeIsKnown_data() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("exchange"))
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }
  void everyExchangeIsKnown() {
    QFETCH(QString, kind);
    const Json spec = {{"kind", kind.toStdString()}};
    std::vector<Fault> faults;
    const auto exchange = Registry::Global().Create<Exchange>(
        "exchange", Registry::Global().Check("exchange", spec, "", faults));
    QVERIFY(exchange.ok());
    const Strategy strategy = StrategyOf(spec);
    QVERIFY(strategy != Strategy::kUnknown);
    QCOMPARE(strategy == Strategy::kFederated, (*exchange)->rounds().has_value());
    QCOMPARE(strategy == Strategy::kAsynchronous, !(*exchange)->lockstep());
  }
  void serversThatDoNotWaitAreAsynchronous() {
    for (const char* mode : {"async", "stale-synchronous"})
      QVERIFY(StrategyOf({{"kind", "parameter-server"}, {"mode", mode}}) == Strategy::kAsynchronous);
    QVERIFY(StrategyOf({{"kind", "parameter-server"}, {"mode", "sync"}}) == Strategy::kLockstep);
  }
};

CONCERTINA_TEST(StrategyTest)

}  // namespace concertina::strategy_test

#include "strategy_test.moc"
