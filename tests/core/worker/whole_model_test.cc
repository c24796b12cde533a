// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// whole_model_test.cc: parts come together again, however they were cut; and what is no part is refused.
#include "core/worker/whole_model.h"

#include <QTest>
#include <cstring>
#include <functional>
#include <numeric>
#include <thread>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::whole_model_test {
namespace {

struct Held {
  std::vector<ParameterSlot> layout;
  std::vector<float> values;
  bool sends_whole = true;
};

std::vector<ParameterSlot> Laid(std::vector<ParameterSlot> layout) {
  int64_t offset = 0;
  for (ParameterSlot& slot : layout) {
    slot.offset = offset;
    slot.count = ElementCount(slot.shape);
    offset += slot.count;
  }
  return layout;
}

// The values that a rank would hold of `whole`, whose element i is i.
Held HoldingOf(const std::vector<ParameterSlot>& whole, std::vector<ParameterSlot> layout,
               bool sends_whole = true) {
  Held held{.layout = Laid(std::move(layout)), .sends_whole = sends_whole};
  for (const ParameterSlot& slot : held.layout) {
    const auto of =
        std::find_if(whole.begin(), whole.end(), [&](const auto& w) { return w.name == slot.name; });
    const int64_t offset = of == whole.end() ? 0 : of->offset;
    const Slice slice = slot.slice.value_or(Slice{.whole = slot.shape});
    const auto d = static_cast<size_t>(slice.dimension);
    int64_t inner = 1;
    for (size_t i = d + 1; i < slot.shape.size(); ++i) inner *= slot.shape[i];
    for (int64_t i = 0; i < slot.count; ++i) {
      const int64_t outer = i / (slot.shape[d] * inner), along = i / inner % slot.shape[d];
      held.values.push_back(
          static_cast<float>(offset + (outer * slice.whole[d] + slice.begin + along) * inner + i % inner));
    }
  }
  return held;
}

struct Gathered {
  absl::Status status;
  std::vector<float> values;
};

Gathered Gather(const std::vector<ParameterSlot>& whole, const std::vector<Held>& ranks) {
  auto transports = MakeInProcessTransports(static_cast<int>(ranks.size()));
  std::vector<int> members(ranks.size());
  std::iota(members.begin(), members.end(), 0);
  Gathered first;
  std::vector<std::thread> threads;
  for (size_t r = 0; r < ranks.size(); ++r)
    threads.emplace_back([&, r] {
      Communicator model(*transports[r], members, 5);
      std::vector<float> gathered;
      const absl::Status status =
          GatherWhole(model, whole, {&ranks[r].layout, ranks[r].values, ranks[r].sends_whole},
                      Deadline::After(5), gathered);
      if (r == 0) first = {status, std::move(gathered)};
    });
  for (std::thread& thread : threads) thread.join();
  return first;
}

ParameterSlot Whole(const char* name, Shape shape) { return {.name = name, .shape = std::move(shape)}; }
ParameterSlot Cut(const char* name, Shape shape, Shape whole, int64_t dimension, int64_t begin) {
  return {.name = name,
          .shape = std::move(shape),
          .slice = Slice{.whole = std::move(whole), .dimension = dimension, .begin = begin}};
}

}  // namespace

class WholeModelTest : public QObject {
  Q_OBJECT
  const std::vector<ParameterSlot> whole_ =
      Laid({Whole("conv", {4, 3, 2, 2}), Whole("rows", {5, 6}), Whole("bias", {5}), Whole("last", {2, 5})});

  std::vector<float> Expected() const {
    std::vector<float> expected(static_cast<size_t>(whole_.back().offset + whole_.back().count));
    std::iota(expected.begin(), expected.end(), 0.0F);
    return expected;
  }

 private slots:
  void partsOfTheTensorAxisComeTogether() {
    const auto part = [&](int64_t rank) {
      return HoldingOf(whole_,
                       {Cut("conv", {2, 3, 2, 2}, {4, 3, 2, 2}, 0, 2 * rank),
                        Cut("rows", {5, 3}, {5, 6}, 1, 3 * rank), Whole("bias", {5}), Whole("last", {2, 5})},
                       rank == 0);
    };
    const Gathered got = Gather(whole_, {part(0), part(1)});
    QVERIFY2(got.status.ok(), got.status.ToString().c_str());
    QCOMPARE(got.values, Expected());
  }

  void stagesWithPartsComeTogether() {  // ranks of pipeline x tensor, stages in any order of names
    const auto early = [&](int64_t rank) {
      return HoldingOf(whole_, {Cut("conv", {4, 3, 2, 1}, {4, 3, 2, 2}, 3, rank)}, rank == 0);
    };
    const auto late = [&](int64_t rank) {
      return HoldingOf(
          whole_,
          {Whole("last", {2, 5}), Cut("rows", {5, 2 + 2 * rank}, {5, 6}, 1, 2 * rank), Whole("bias", {5})},
          rank == 0);
    };
    const Gathered got = Gather(whole_, {early(0), early(1), late(0), late(1)});
    QVERIFY2(got.status.ok(), got.status.ToString().c_str());
    QCOMPARE(got.values, Expected());
  }

  void oneRankHoldsAll() { QCOMPARE(Gather(whole_, {HoldingOf(whole_, whole_)}).values, Expected()); }

  void aModelWithoutBuffersHasNone() {
    const Gathered got = Gather({}, {Held{}, Held{}});
    QVERIFY(got.status.ok() && got.values.empty());
  }

  void whatIsNoPartIsRefused_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<QString>("says");
    QTest::newRow("a name of another model") << 0 << "\"other\"";
    QTest::newRow("a slice beyond the end") << 1 << "in dimension 0 of rows";
    QTest::newRow("a dimension that is not there") << 2 << "along dimension 7";
    QTest::newRow("elements held twice") << 3 << "same elements of bias";
    QTest::newRow("elements held by nobody") << 4 << "bias: 5 of its 5";
    QTest::newRow("floats missing") << 5 << "ends within";
  }
  void whatIsNoPartIsRefused() {
    QFETCH(int, index);
    QFETCH(QString, says);
    const Held first = HoldingOf(whole_, {Whole("conv", {4, 3, 2, 2}), Whole("last", {2, 5})});
    const Held rest = HoldingOf(whole_, {Whole("rows", {5, 6}), Whole("bias", {5})});
    QVERIFY(Gather(whole_, {first, rest}).status.ok());
    Held wrong = rest;
    switch (index) {
      case 0:
        wrong.layout[0].name = "other";
        break;
      case 1:
        wrong.layout[0].slice = Slice{.whole = {5, 6}, .dimension = 0, .begin = 1};
        break;
      case 2:
        wrong = HoldingOf(whole_, {Whole("rows", {5, 6}),
                                   Cut("bias", {5, 1, 1, 1, 1, 1, 1, 1}, {5, 1, 1, 1, 1, 1, 1, 1}, 7, 0)});
        break;
      case 3:
        wrong = HoldingOf(whole_, {Whole("rows", {5, 6}), Whole("bias", {5}), Cut("bias", {2}, {5}, 0, 3)});
        break;
      case 4:
        wrong = HoldingOf(whole_, {Whole("rows", {5, 6})});
        break;
      default:
        wrong = HoldingOf(whole_, {Whole("bias", {5}), Cut("rows", {4, 6}, {5, 6}, 0, 0)});
        wrong.layout[1].shape = {5, 6};  // says five rows, and has four
        break;
    }
    const Gathered got = Gather(whole_, {first, wrong});
    QVERIFY(!got.status.ok());
    QVERIFY2(QString::fromStdString(std::string(got.status.message())).contains(says),
             got.status.ToString().c_str());
    QVERIFY(got.values.empty());
    if (index != 4) QVERIFY(std::string(got.status.message()).starts_with("rank 1"));
  }

  void bytesThatAreNoMessageAreRefused() {
    Rng rng(3, "bytes");
    for (int i = 0; i < 200; ++i) {
      auto transports = MakeInProcessTransports(2);
      std::vector<uint8_t> bytes(rng.Below(64));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.Below(256));
      if (bytes.size() >= 8 && i % 2 == 0) {  // a header of a length that fits
        const uint64_t length = rng.Below(bytes.size());
        std::memcpy(bytes.data(), &length, sizeof length);
      }
      Communicator sender(*transports[1], {0, 1}, 5), receiver(*transports[0], {0, 1}, 5);
      QVERIFY(sender.Send(0, std::as_bytes(std::span(bytes)), Deadline::After(5)).ok());
      const Held all = HoldingOf(whole_, whole_);
      std::vector<float> gathered;
      const absl::Status status =
          GatherWhole(receiver, whole_, {&all.layout, all.values, true}, Deadline::After(5), gathered);
      QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    }
  }
};

CONCERTINA_TEST(WholeModelTest)

}  // namespace concertina::whole_model_test

#include "whole_model_test.moc"
