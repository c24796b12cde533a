// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_meter.cc: see run_meter.h.
#include "core/engine/run_meter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace concertina {
namespace {

// Windows kept; 2,048 of 0.25 s are 8 minutes, and then they become 0.5 s long.
constexpr size_t kMaxWindows = 2048;
// A worker that measures payload but never the ratio must not make the meter remember every step.
constexpr size_t kMaxUnmatched = 65536;

double Sum(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

}  // namespace

RunMeter::RunMeter(int64_t global_batch_size, double steps_per_epoch, const RunTotals& before)
    : totals_(before) {
  groups_.push_back({.global_batch_size = global_batch_size, .steps_per_epoch = steps_per_epoch});
}

void RunMeter::SetGroup(int64_t step, double epochs, int64_t global_batch_size, double steps_per_epoch) {
  const Group& last = groups_.back();
  const Group next = {.step = step,
                      .samples = last.samples + (step - last.step) * last.global_batch_size,
                      .epochs = epochs,
                      .global_batch_size = global_batch_size,
                      .steps_per_epoch = steps_per_epoch};
  if (step <= last.step) groups_.pop_back();  // it has made no step
  groups_.push_back(next);
  rate_step_ = -2;  // the next step does not follow the last without a gap
}

const RunMeter::Group& RunMeter::GroupAt(int64_t step) const {
  size_t group = groups_.size() - 1;
  while (group > 0 && step < groups_[group].step) --group;
  return groups_[group];
}

double RunMeter::EpochsAt(int64_t step) const {
  const Group& group = GroupAt(step);
  if (group.steps_per_epoch <= 0) return 0;
  return group.epochs + static_cast<double>(step - group.step) / group.steps_per_epoch;
}

RunMeter::Figure RunMeter::FigureOf(std::string_view series) {
  static constexpr std::array<std::pair<std::string_view, Figure>, 17> kFigures = {{
      {"train/loss", Figure::kTrainLoss},
      {"test/loss", Figure::kTestLoss},
      {"test/accuracy", Figure::kTestAccuracy},
      {"train/samples_per_second", Figure::kRate},
      {"comm/bytes_sent", Figure::kBytesSent},
      {"comm/bytes_received", Figure::kBytesReceived},
      {"comm/payload_bytes_sent", Figure::kPayloadSent},
      {"comm/messages_sent", Figure::kMessages},
      {"comm/compression_ratio", Figure::kRatio},
      {"time/data", Figure::kData},
      {"time/compute", Figure::kCompute},
      {"time/encode", Figure::kEncode},
      {"time/exchange", Figure::kExchange},
      {"time/decode", Figure::kDecode},
      {"time/update", Figure::kUpdate},
      {"time/wait", Figure::kWait},
      {"memory/resident_bytes", Figure::kMemory},
  }};
  for (const auto& [name, figure] : kFigures)
    if (name == series) return figure;
  return Figure::kNone;
}

void RunMeter::Mean::Add(int64_t step, double value, int64_t first_warm_step) {
  all += value;
  ++all_count;
  if (step < first_warm_step) return;
  warm += value;
  ++warm_count;
}

double RunMeter::Mean::value() const {
  if (warm_count > 0) return warm / static_cast<double>(warm_count);
  return all_count > 0 ? all / static_cast<double>(all_count) : 0;
}

void RunMeter::Add(Figure figure, std::span<const int64_t> steps, std::span<const double> seconds,
                   std::span<const double> values) {
  if (steps.empty()) return;
  const auto mean = [&](Mean& of) {
    if (first_step_ < 0) first_step_ = steps.front();
    for (size_t i = 0; i < values.size(); ++i) of.Add(steps[i], values[i], first_step_ + kWarmUpSteps);
  };
  switch (figure) {
    case Figure::kNone:
      break;
    case Figure::kTrainLoss:
      train_loss_ = values.back();
      totals_.steps = std::max(totals_.steps, steps.back() + 1);
      totals_.seconds = std::max(totals_.seconds, seconds.back());
      if (totals_.seconds - mark_seconds_ >= 0.5) {
        last_mark_seconds_ = std::exchange(mark_seconds_, totals_.seconds);
        last_mark_steps_ = std::exchange(mark_steps_, totals_.steps);
      }
      break;
    case Figure::kTestLoss:
      test_loss_ = values.back();
      totals_.seconds = std::max(totals_.seconds, seconds.back());
      break;
    case Figure::kTestAccuracy:
      test_accuracy_ = values.back();
      break;
    case Figure::kRate:
      AddRates(steps, seconds, values);
      break;
    case Figure::kBytesSent:
      totals_.bytes_sent += Sum(values);
      break;
    case Figure::kBytesReceived:
      totals_.bytes_received += Sum(values);
      break;
    case Figure::kMessages:
      totals_.messages_sent += Sum(values);
      break;
    case Figure::kPayloadSent:
      totals_.payload_bytes_sent += Sum(values);
      payload_steps_.insert(payload_steps_.end(), steps.begin(), steps.end());
      payloads_.insert(payloads_.end(), values.begin(), values.end());
      MatchRatios();
      break;
    case Figure::kRatio:
      ratio_steps_.insert(ratio_steps_.end(), steps.begin(), steps.end());
      ratios_.insert(ratios_.end(), values.begin(), values.end());
      MatchRatios();
      break;
    case Figure::kData:
      mean(data_);
      break;
    case Figure::kCompute:
      mean(compute_);
      break;
    case Figure::kEncode:
      mean(encode_);
      break;
    case Figure::kExchange:
      mean(exchange_);
      break;
    case Figure::kDecode:
      mean(decode_);
      break;
    case Figure::kUpdate:
      mean(update_);
      break;
    case Figure::kWait:
      mean(wait_);
      break;
    case Figure::kMemory:
      peak_memory_ = std::max(peak_memory_, *std::max_element(values.begin(), values.end()));
      break;
  }
}

void RunMeter::AddRates(std::span<const int64_t> steps, std::span<const double> seconds,
                        std::span<const double> values) {
  // From step to step by the clock, so that what is done between steps counts too; but an evaluation, a
  // checkpoint or a pause between two steps does not.
  constexpr double kGapSeconds = 0.005;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > 0)) continue;
    const auto samples = static_cast<double>(GroupAt(steps[i]).global_batch_size);
    const double step_seconds = samples / values[i];
    const double passed = seconds[i] - std::exchange(rate_seconds_, seconds[i]);
    const bool follows = steps[i] == std::exchange(rate_step_, steps[i]) + 1;
    const bool counts = follows && passed > step_seconds && passed < 2 * step_seconds + kGapSeconds;
    open_samples_ += samples;
    open_seconds_ += counts ? passed : step_seconds;
    if (open_seconds_ < window_seconds_) continue;
    window_rates_.push_back(open_samples_ / open_seconds_);
    open_samples_ = open_seconds_ = 0;
    if (window_rates_.size() < kMaxWindows) continue;
    // Windows are about equally long: two make one with the harmonic mean of their rates.
    for (size_t i = 0; i + 1 < window_rates_.size(); i += 2)
      window_rates_[i / 2] = 2 / (1 / window_rates_[i] + 1 / window_rates_[i + 1]);
    window_rates_.resize(window_rates_.size() / 2);
    window_seconds_ *= 2;
  }
}

void RunMeter::MatchRatios() {
  size_t p = 0, r = 0;
  while (p < payload_steps_.size() && r < ratio_steps_.size()) {
    if (payload_steps_[p] == ratio_steps_[r]) {
      totals_.dense_bytes += ratios_[r] * payloads_[p];
      totals_.encoded_bytes += payloads_[p];
      ++p, ++r;
    } else if (payload_steps_[p] < ratio_steps_[r]) {
      ++p;
    } else {
      ++r;
    }
  }
  const auto forget = [](size_t count, std::vector<int64_t>& steps, std::vector<double>& values) {
    if (steps.size() - count > kMaxUnmatched) count = steps.size();
    steps.erase(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(count));
    values.erase(values.begin(), values.begin() + static_cast<ptrdiff_t>(count));
  };
  forget(p, payload_steps_, payloads_);
  forget(r, ratio_steps_, ratios_);
}

double RunMeter::steps_per_second() const {
  const double passed = mark_seconds_ - last_mark_seconds_;
  return passed > 0 ? static_cast<double>(mark_steps_ - last_mark_steps_) / passed : 0;
}

void RunMeter::Fill(proto::RunSummary& summary) const {
  summary.set_steps(totals_.steps);
  summary.set_epochs(EpochsAt(totals_.steps));
  const Group& group = GroupAt(totals_.steps);
  summary.set_samples(group.samples + (totals_.steps - group.step) * group.global_batch_size);
  summary.set_seconds(totals_.seconds);
  if (train_loss_) summary.set_train_loss(*train_loss_);
  if (train_loss_) summary.set_has_train_loss(true);
  if (test_loss_) summary.set_test_loss(*test_loss_);
  if (test_accuracy_) summary.set_test_accuracy(*test_accuracy_);
  if (test_loss_ || test_accuracy_) summary.set_has_test(true);
  summary.set_bytes_sent(static_cast<uint64_t>(std::llround(std::max(0.0, totals_.bytes_sent))));
  summary.set_bytes_received(static_cast<uint64_t>(std::llround(std::max(0.0, totals_.bytes_received))));
  summary.set_payload_bytes_sent(
      static_cast<uint64_t>(std::llround(std::max(0.0, totals_.payload_bytes_sent))));
  summary.set_messages_sent(static_cast<uint64_t>(std::llround(std::max(0.0, totals_.messages_sent))));
  summary.set_compression_ratio(totals_.encoded_bytes > 0 ? totals_.dense_bytes / totals_.encoded_bytes : 1);
  proto::TimeSplit& time = *summary.mutable_time();
  time.set_data(data_.value());
  time.set_compute(compute_.value());
  time.set_encode(encode_.value());
  time.set_exchange(exchange_.value());
  time.set_decode(decode_.value());
  time.set_update(update_.value());
  time.set_wait(wait_.value());
  summary.set_peak_memory_bytes(
      std::max(summary.peak_memory_bytes(), static_cast<uint64_t>(std::max(0.0, peak_memory_))));

  std::vector<double> rates(
      window_rates_.begin() + static_cast<ptrdiff_t>(std::min(kWarmUpWindows, window_rates_.size() / 10)),
      window_rates_.end());
  // A run of less than a window, or with no window yet, has the rate of what there is.
  if (rates.empty() && open_seconds_ > 0) rates.push_back(open_samples_ / open_seconds_);
  if (rates.empty()) return;
  const auto middle = rates.begin() + static_cast<ptrdiff_t>(rates.size() / 2);
  std::nth_element(rates.begin(), middle, rates.end());
  double median = *middle;
  if (rates.size() % 2 == 0) median = (median + *std::max_element(rates.begin(), middle)) / 2;
  summary.set_samples_per_second(median);
}

}  // namespace concertina
