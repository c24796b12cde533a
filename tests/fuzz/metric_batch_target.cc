// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_batch_target.cc: measurements as workers send them, folded for the charts: a rank may break every
// rule. Input: batches, each: rank u8 | bytes u16 | a serialised MetricBatch.
#include <google/protobuf/stubs/logging.h>

#include "core/engine/metric_hub.h"
#include "core/engine/run_meter.h"
#include "core/proto/run.pb.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

void AddBatch(FuzzBytes& input, uint8_t rank, const proto::MetricBatch& batch) {
  const std::string bytes = batch.SerializeAsString();
  input.push_back(rank);
  input.push_back(static_cast<uint8_t>(bytes.size()));
  input.push_back(static_cast<uint8_t>(bytes.size() >> 8));
  input.insert(input.end(), bytes.begin(), bytes.end());
}

proto::MetricBatch BatchOf(int64_t first_step, bool declares) {
  proto::MetricBatch batch;
  const char* names[] = {"train/loss", "comm/bytes_sent"};
  for (uint32_t id = 0; declares && id < 2; ++id) {
    proto::SeriesDeclaration& series = *batch.add_declared();
    series.set_id(id);
    series.set_name(names[id]);
    series.set_fold(id == 1 ? proto::SUM : proto::MEAN);
  }
  proto::MetricTable& table = *batch.add_tables();
  for (uint32_t id = 0; id < 2; ++id) table.add_columns()->set_series(id);
  for (int64_t step = first_step; step < first_step + 3; ++step) {
    table.add_steps(step);
    table.add_seconds(0.01 * static_cast<double>(step + 1));
    for (int column = 0; column < 2; ++column) table.mutable_columns(column)->add_values(1.5);
  }
  return batch;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  google::protobuf::SetLogHandler(nullptr);  // a line for each string that is no UTF-8
  FuzzInputs inputs;
  FuzzBytes input;
  AddBatch(input, 0, BatchOf(0, true));
  inputs.seeds.push_back(input);
  AddBatch(input, 1, BatchOf(0, true));
  AddBatch(input, 0, BatchOf(3, false));
  inputs.seeds.push_back(input);
  inputs.words = {"train/loss", "test/accuracy", std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10),
                  std::string("\0\0\0\0\0\0\xf8\x7f", 8), std::string("\x7f\xff\xff\xff\xff\xff\xff\xff", 8)};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  constexpr int kRanks = 2;
  RunMeter meter(16, 100);
  MetricHub hub(kRanks, meter);
  InputReader input({data, size});
  absl::Status status;
  while (!input.rest().empty() && status.ok()) {
    const int rank = input.Byte() % kRanks;
    const auto bytes = input.Bytes(input.Number(2));
    proto::MetricBatch batch;
    if (!batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      status = absl::InvalidArgumentError("no message");
      break;
    }
    const size_t held = hub.held_values();
    status = hub.Add(rank, batch);
    if (!status.ok()) {
      Require(absl::IsInvalidArgument(status), "Add gave neither OK nor kInvalidArgument");
      Require(hub.held_values() == held, "something of a batch that was refused is kept");
    }
    hub.TakeUpdate(true).reset();
  }
  Note(status);
  hub.RankEnded(0);
  hub.RankEnded(1);
  size_t rows = 0;
  for (const MetricHub::Rows& each : hub.TakeRows()) {
    Require(each.steps.size() == each.seconds.size() && each.steps.size() == each.values.size(),
            "rows that are not whole");
    for (size_t i = 1; i < each.steps.size(); ++i)
      Require(each.steps[i] > each.steps[i - 1], "steps that do not ascend");
    rows += each.steps.size();
  }
  Require(rows <= 4 * size, "more rows than bytes");
  return 0;
}
