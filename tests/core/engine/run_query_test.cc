// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_query_test.cc: finding runs by beginnings of ids, filters, order and groups.
#include "core/engine/run_query.h"

#include <QTest>
#include <algorithm>

#include "absl/strings/match.h"
#include "tests/test_program.h"

namespace concertina::run_query_test {

class RunQueryTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    Add("20260101-000000-aaaaaa", "LeNet-5, ring", proto::FINISHED, 0.9, 1000, "lenet-5", 100);
    Add("20260102-000000-bbbbbb", "LeNet-5, top-k", proto::FINISHED, 0.88, 20, "lenet-5", 200);
    Add("20260103-000000-cccccc", "small net", proto::FAILED, -1, 5, "mlp", 300);
    Add("20260103-000001-dddddd", "another", proto::RUNNING, -1, 0, "mlp", 400);
  }

  void queries_data() {
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("sort");
    QTest::addColumn<QString>("group");
    QTest::addColumn<int>("limit");
    QTest::addColumn<QString>("found");  // the last letters of the ids
    QTest::newRow("newest first") << ""
                                  << ""
                                  << "" << 0 << "dcba";
    QTest::newRow("limit") << ""
                           << ""
                           << "" << 2 << "dc";
    QTest::newRow("by name, any case") << "lenet"
                                       << ""
                                       << "" << 0 << "ba";
    QTest::newRow("two words") << "lenet RING"
                               << ""
                               << "" << 0 << "a";
    QTest::newRow("quoted words") << "\"small net\""
                                  << ""
                                  << "" << 0 << "c";
    QTest::newRow("by id") << "cccc"
                           << ""
                           << "" << 0 << "c";
    QTest::newRow("state") << "state=finished"
                           << ""
                           << "" << 0 << "ba";
    QTest::newRow("alike by the first field, then by the second") << "state=finished"
                                                                  << "state,-test_accuracy"
                                                                  << "" << 0 << "ab";
    QTest::newRow("and the other way round") << "state=finished"
                                             << "-state,test_accuracy"
                                             << "" << 0 << "ba";
    QTest::newRow("not a state") << "state!=finished"
                                 << ""
                                 << "" << 0 << "dc";
    QTest::newRow("number") << "test_accuracy>0.89"
                            << ""
                            << "" << 0 << "a";
    QTest::newRow("at least") << "test_accuracy>=0.88"
                              << ""
                              << "" << 0 << "ba";
    QTest::newRow("below; unmeasured is not below") << "test_accuracy<0.89"
                                                    << ""
                                                    << "" << 0 << "b";
    QTest::newRow("spec") << "/model/kind=mlp"
                          << ""
                          << "" << 0 << "dc";
    QTest::newRow("contains") << "/model/kind~ENET"
                              << ""
                              << "" << 0 << "ba";
    QTest::newRow("no such pointer") << "/model/nothing=1"
                                     << ""
                                     << "" << 0 << "";
    QTest::newRow("malformed pointer index") << "/model/kind/~7=1"
                                             << ""
                                             << "" << 0 << "";
    QTest::newRow("nested field") << "time.compute>0.5"
                                  << ""
                                  << "" << 0 << "dcba";
    QTest::newRow("ascending") << ""
                               << "bytes_sent"
                               << "" << 0 << "dcba";
    QTest::newRow("descending, unmeasured last") << ""
                                                 << "-test_accuracy"
                                                 << "" << 0 << "abdc";
    QTest::newRow("ascending, unmeasured last") << ""
                                                << "test_accuracy"
                                                << "" << 0 << "badc";
    QTest::newRow("by name") << ""
                             << "name"
                             << "" << 0 << "abdc";
    QTest::newRow("grouped") << ""
                             << "-test_accuracy"
                             << "/model/kind" << 0 << "abdc";
    QTest::newRow("grouped by state") << ""
                                      << "created"
                                      << "state" << 0 << "abcd";
    QTest::newRow("filter, limit, group") << "state!=running"
                                          << ""
                                          << "/model/kind" << 2 << "cb";
  }
  void queries() {
    QFETCH(QString, filter);
    QFETCH(QString, sort);
    QFETCH(QString, group);
    QFETCH(int, limit);
    QFETCH(QString, found);
    proto::ListRunsRequest request;
    request.set_filter(filter.toStdString());
    request.set_sort(sort.toStdString());
    request.set_group(group.toStdString());
    request.set_limit(limit);
    const auto runs = QueryRuns(All(), request);
    QVERIFY2(runs.ok(), std::string(runs.status().message()).c_str());
    QString letters;
    for (const proto::RunSummary* run : *runs) letters += QChar(run->run().back());
    QCOMPARE(letters, found);
    if (group.isEmpty()) return;
    const auto groups = RunGroupNames(*runs, group.toStdString());  // what makes a group is together
    QVERIFY(groups.ok() && groups->size() == runs->size());
    std::vector<std::string> seen;
    for (const std::string& each : *groups) {
      if (!seen.empty() && seen.back() == each) continue;
      QVERIFY2(std::find(seen.begin(), seen.end(), each) == seen.end(), each.c_str());
      seen.push_back(each);
    }
  }

  void unknownFieldsAreNamedWithTheNearest_data() {
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("sort");
    QTest::addColumn<QString>("nearest");
    QTest::newRow("filter") << "test_acuracy>1"
                            << ""
                            << "test_accuracy";
    QTest::newRow("sort") << ""
                          << "-sample_per_second"
                          << "samples_per_second";
    QTest::newRow("nested") << ""
                            << "time.comput"
                            << "time.compute";
    QTest::newRow("a message is no value") << ""
                                           << "time"
                                           << "no field";
    QTest::newRow("a list is no value") << ""
                                        << "workers"
                                        << "no field";
  }
  void unknownFieldsAreNamedWithTheNearest() {
    QFETCH(QString, filter);
    QFETCH(QString, sort);
    QFETCH(QString, nearest);
    proto::ListRunsRequest request;
    request.set_filter(filter.toStdString());
    request.set_sort(sort.toStdString());
    const auto runs = QueryRuns(All(), request);
    QCOMPARE(runs.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StrContains(runs.status().message(), nearest.toStdString()),
             std::string(runs.status().message()).c_str());
  }

  void whatPeopleSayIsAsked_data() {
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("found");  // "" and a fault where there is none
    const QString none;
    QTest::newRow("a tag") << "tag=ablation" << none << "ba";
    QTest::newRow("in any case") << "tag=Ablation" << none << "ba";
    QTest::newRow("one of several") << "tag=lr" << none << "a";
    QTest::newRow("a tag with a space") << "tag=\"two words\"" << none << "c";
    QTest::newRow("a part of a tag is not the tag") << "tag=abl" << none << "";
    QTest::newRow("a part of a tag, asked so") << "tag~abl" << none << "ba";
    QTest::newRow("not that tag; no tag is not it either") << "tag!=lr" << none << "dcb";
    QTest::newRow("a note") << "note~warm" << none << "b";
    QTest::newRow("a word stands in a note") << "WARM" << none << "b";
    QTest::newRow("a word is a tag") << "ablation" << none << "ba";
    QTest::newRow("pinned") << "pinned=true" << none << "c";
    QTest::newRow("the day") << "day=1970-01-01" << none << "dcba";
    QTest::newRow("the group") << "group=lenet-5"
                               << "/model/kind"
                               << "ba";
    QTest::newRow("another group") << "group!=lenet-5"
                                   << "/model/kind"
                                   << "dc";
    QTest::newRow("grouped by tags") << none << "tag"
                                     << "dcba";
  }
  void whatPeopleSayIsAsked() {
    QFETCH(QString, filter);
    QFETCH(QString, group);
    QFETCH(QString, found);
    const qint64 day = qint64{24} * 3600 * 1000;
    std::vector<proto::RunSummary> marked = runs_;
    for (proto::RunSummary& run : marked)
      run.set_created_unix_ms(run.created_unix_ms() + day / 2);  // noon: the first day from -11 to +11 hours
    marked[0].mutable_marks()->add_tags("ablation");
    marked[0].mutable_marks()->add_tags("lr");
    marked[1].mutable_marks()->add_tags("ablation");
    marked[1].mutable_marks()->set_note("the warm-up was longer");
    marked[2].mutable_marks()->add_tags("two words");
    marked[2].mutable_marks()->set_pinned(true);
    std::vector<const proto::RunSummary*> all;
    for (const proto::RunSummary& run : marked) all.push_back(&run);
    proto::ListRunsRequest request;
    request.set_filter(filter.toStdString());
    request.set_group(group.toStdString());
    const auto runs = QueryRuns(all, request);
    QVERIFY2(runs.ok(), std::string(runs.status().message()).c_str());
    QString letters;
    for (const proto::RunSummary* run : *runs) letters += QChar(run->run().back());
    QCOMPARE(letters, found);
  }
  void aGroupNeedsGroups() {
    proto::ListRunsRequest request;
    request.set_filter("group=a");
    const absl::Status status = QueryRuns(All(), request).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(absl::StrContains(status.message(), "--group"));
  }

  void runsAreFoundByTheirBeginnings() {
    std::vector<std::string> ids;
    for (const proto::RunSummary& run : runs_) ids.push_back(run.run());
    QCOMPARE(*ResolveRun("last", ids), ids[3]);
    QCOMPARE(*ResolveRun(ids[1], ids), ids[1]);
    QCOMPARE(*ResolveRun("20260102", ids), ids[1]);
    QCOMPARE(ResolveRun("20260103", ids).status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(absl::StrContains(ResolveRun("20260103", ids).status().message(), ids[2]));
    QCOMPARE(ResolveRun("20260103-000000-cccccd", ids).status().code(), absl::StatusCode::kNotFound);
    QVERIFY(absl::StrContains(ResolveRun("20260103-000000-cccccd", ids).status().message(), ids[2]));
    QCOMPARE(ResolveRun("", ids).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(ResolveRun("last", {}).status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(ResolveRun("last", {}).status().code(), absl::StatusCode::kNotFound);
  }

  void statesHaveTheContractsNames() {
    QCOMPARE(RunStateName(proto::FINISHED), std::string("finished"));
    for (int state = proto::QUEUED; state <= proto::STOPPED; ++state)
      QCOMPARE(RunStateOf(RunStateName(static_cast<proto::RunState>(state))),
               static_cast<proto::RunState>(state));
    QCOMPARE(RunStateOf("dancing"), proto::RUN_STATE_UNSPECIFIED);
  }

 private:
  void Add(const std::string& id, const std::string& name, proto::RunState state, double accuracy,
           uint64_t bytes, const std::string& model, int64_t created) {
    proto::RunSummary& run = runs_.emplace_back();
    run.set_run(id);
    run.set_name(name);
    run.set_state(state);
    run.set_bytes_sent(bytes);
    run.set_created_unix_ms(created);
    run.mutable_time()->set_compute(1);
    run.set_spec_json("{\"model\": {\"kind\": \"" + model + "\"}}");
    if (accuracy < 0) return;
    run.set_has_test(true);
    run.set_test_accuracy(accuracy);
  }
  std::vector<const proto::RunSummary*> All() const {
    std::vector<const proto::RunSummary*> all;
    for (const proto::RunSummary& run : runs_) all.push_back(&run);
    return all;
  }
  std::vector<proto::RunSummary> runs_;
};

CONCERTINA_TEST(RunQueryTest)

}  // namespace concertina::run_query_test

#include "run_query_test.moc"
