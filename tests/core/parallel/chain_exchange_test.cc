// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain_exchange_test.cc: ranks that train through chains of codecs: the same bits everywhere, what error
// feedback and its variants are for, and going on from a checkpoint.
#include <QTest>
#include <cmath>

#include "rank_group.h"
#include "tests/test_program.h"

namespace concertina::chain_exchange_test {

using Json = nlohmann::json;

class ChainExchangeTest : public QObject {
  Q_OBJECT

  static Json TopK() { return {{"kind", "top-k"}, {"ratio", 0.05}, {"error_feedback", false}}; }
  static Json Feedback(const char* variant) { return {{"kind", "error-feedback"}, {"variant", variant}}; }

  static void Verify(const std::vector<ToyRank>& ranks) {
    for (const ToyRank& rank : ranks) {
      if (!rank.status.ok()) qFatal("%s", std::string(rank.status.message()).c_str());
      if (rank.parameters != ranks[0].parameters) qFatal("ranks differ");
    }
  }
  // From the mean of the goals, which is where the average gradient is zero.
  static double Distance(const std::vector<ToyRank>& ranks) {
    double squared = 0;
    for (size_t i = 0; i < ranks[0].parameters.size(); ++i) {
      double goal = 0;
      for (const ToyRank& rank : ranks) goal += rank.goal[i] / static_cast<double>(ranks.size());
      squared += std::pow(ranks[0].parameters[i] - goal, 2);
    }
    return std::sqrt(squared);
  }
  static void Exchanges() {
    QTest::addColumn<QByteArray>("exchange");
    QTest::addColumn<QByteArray>("chain");
    const Json fp16 = {{"kind", "fp16"}}, zstd = {{"kind", "zstd"}};
    for (const char* exchange : {R"({"kind": "all-reduce"})", R"({"kind": "parameter-server", "shards": 2})",
                                 R"({"kind": "all-reduce", "recompress": true})",
                                 R"({"kind": "parameter-server", "shards": 2, "compress_down": true})"})
      for (const Json& chain :
           {Json{Feedback("ef"), TopK(), fp16, zstd}, Json{Feedback("ef21"), TopK(), fp16, zstd},
            Json{Feedback("econtrol"), TopK(), fp16}, Json{Feedback("ef21"), fp16},
            Json{{{"kind", "top-k"}, {"ratio", 0.05}}, zstd}})
        if (const bool adds_up = chain[0].value("variant", "ef") != "ef";
            !adds_up || QByteArray(exchange).count("compress") == 0)  // those refuse what adds up
          QTest::addRow("%s %s", exchange, chain.dump().c_str())
              << QByteArray(exchange) << QByteArray(chain.dump().c_str());
  }

 private slots:
  void feedbackReachesTheGoal_data() { Exchanges(); }
  void feedbackReachesTheGoal() {
    QFETCH(QByteArray, exchange);
    QFETCH(QByteArray, chain);
    ToyCase c{.exchange = Json::parse(exchange.toStdString()),
              .codec = Json::parse(chain.toStdString()),
              .ranks = 3,
              .steps = 1000,
              .learning_rate = 0.02};
    const auto ranks = RunToy(c);
    Verify(ranks);
    if (!chain.contains("ef21") && !chain.contains("econtrol")) {
      // Gradients of ranks that want different things never vanish, so ef goes round the goal in a distance
      // in proportion to the learning rate.
      c.learning_rate /= 10;
      c.steps *= 10;
      const auto slower = RunToy(c);
      Verify(slower);
      QVERIFY2(Distance(slower) < 0.2 * Distance(ranks),
               qPrintable(QString("%1 and %2").arg(Distance(ranks)).arg(Distance(slower))));
      return;
    }
    // Their differences do vanish. What is left is what halves round off; without feedback top-k of the
    // ranks' own gradients stops far away.
    QVERIFY2(Distance(ranks) < 0.05, qPrintable(QString::number(Distance(ranks))));
    if (!chain.contains("top-k")) return;
    c.codec = TopK();
    const auto without = RunToy(c);
    Verify(without);
    QVERIFY2(Distance(without) > 10 * Distance(ranks), qPrintable(QString::number(Distance(without))));
  }

  void goingOnChangesNoBit_data() { Exchanges(); }
  void goingOnChangesNoBit() {
    QFETCH(QByteArray, exchange);
    QFETCH(QByteArray, chain);
    ToyCase c{.exchange = Json::parse(exchange.toStdString()),
              .codec = Json::parse(chain.toStdString()),
              .ranks = 3,
              .steps = 30};
    const auto whole = RunToy(c);
    Verify(whole);
    c.save_after = 17;
    const auto half = RunToy(c);
    c.save_after = -1;
    c.first_step = 17;
    c.before = &half;
    const auto rest = RunToy(c);
    Verify(rest);
    QVERIFY(rest[0].parameters == whole[0].parameters);
  }
};

CONCERTINA_TEST(ChainExchangeTest)

}  // namespace concertina::chain_exchange_test

#include "chain_exchange_test.moc"
