// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// outbox_test.cc: what is kept for another engine, and what goes when it is too much.
#include "core/worker/outbox.h"

#include <QTest>
#include <string>

#include "tests/test_program.h"

namespace concertina::outbox_test {
namespace {

proto::WorkerMessage Rows(int64_t first, int count) {
  proto::WorkerMessage message;
  proto::MetricBatch& batch = *message.mutable_metrics();
  batch.add_declared()->set_name("train/loss");
  proto::MetricTable& table = *batch.add_tables();
  table.add_columns();
  for (int i = 0; i < count; ++i) {
    table.add_steps(first + i);
    table.add_seconds(1);
    table.mutable_columns(0)->add_values(0.5);
  }
  return message;
}

proto::WorkerMessage Checkpoint(int64_t step) {
  proto::WorkerMessage message;
  message.mutable_checkpoint()->set_step(step);
  return message;
}

}  // namespace

class OutboxTest : public QObject {
  Q_OBJECT
 private slots:
  void keepsInOrderWhatIsNotStored() {
    Outbox outbox;
    proto::WorkerMessage first = Rows(0, 3), second = Checkpoint(3), third = Rows(3, 2);
    for (proto::WorkerMessage* message : {&first, &second, &third}) outbox.Add(*message);
    QCOMPARE(first.number(), uint64_t{1});
    QCOMPARE(third.number(), uint64_t{3});
    QCOMPARE(first.metrics().declared_size(), 1);  // what is sent now is as it was
    const auto all = outbox.All();
    QCOMPARE(all.size(), size_t{3});
    QCOMPARE(all[0]->metrics().declared_size(), 0);
    QVERIFY(all[1]->has_checkpoint());
    outbox.Forget(2);
    QCOMPARE(outbox.All().size(), size_t{1});
    QCOMPARE(outbox.All()[0]->number(), uint64_t{3});
    outbox.Forget(1);  // older news
    QCOMPARE(outbox.All().size(), size_t{1});
    outbox.Forget(100);
    QVERIFY(outbox.All().empty());
    QCOMPARE(outbox.TakeDropped(), uint64_t{0});
  }

  void theOldestMeasurementsGoAndAreCounted() {
    proto::WorkerMessage one = Rows(0, 100);
    Outbox outbox(3 * one.ByteSizeLong() + 100);
    proto::WorkerMessage mark = Checkpoint(0);
    outbox.Add(mark);
    for (int i = 0; i < 5; ++i) {
      proto::WorkerMessage rows = Rows(100 * i, 100);
      outbox.Add(rows);
    }
    const auto all = outbox.All();
    QVERIFY(all.size() >= 3 && all.size() < 6);
    QVERIFY(all.front()->has_checkpoint());  // it is older, and stays
    QCOMPARE(all.back()->metrics().tables(0).steps(0), int64_t{400});
    const uint64_t gone = 6 - all.size();
    QCOMPARE(outbox.TakeDropped(), 100 * gone);
    QCOMPARE(outbox.TakeDropped(), uint64_t{0});
    QCOMPARE(all[1]->metrics().tables(0).steps(0), static_cast<int64_t>(100 * gone));
    // One that an engine had, and stored late, was not lost.
    for (int i = 5; i < 10; ++i) {
      proto::WorkerMessage rows = Rows(100 * i, 100);
      outbox.Add(rows);
    }
    outbox.Forget(all.back()->number() + 5);
    QCOMPARE(outbox.TakeDropped(), uint64_t{0});
  }
};

CONCERTINA_TEST(OutboxTest)

}  // namespace concertina::outbox_test

#include "outbox_test.moc"
