// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// synthetic_run.h: the curves of a run that was never made, like those of LeNet-5 on Fashion-MNIST.
// On the way of the data: here -> tests/ui/fake_engine.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/proto/engine.pb.h"
#include "core/proto/run.pb.h"
namespace concertina::ui {

// A run that could have been: every value follows from the seed and the step, so that stream and store agree.
struct SyntheticRun {
  uint64_t seed = 7;
  int64_t steps_per_epoch = 235;  // 60,000 images, 4 workers, batch 64
  int workers = 4;
  double step_seconds = 0.085;
  double dense_bytes = 4.0 * 431080;
  double ratio = 46;  // of top-k 1 %: eight bytes an element, and the small ones dense

  double noise(int64_t step, int salt) const {  // about N(0, 1), from a hash
    double sum = 0;
    for (int i = 0; i < 6; ++i) {
      uint64_t z =
          seed * 0x9E3779B97F4A7C15ull + uint64_t(step) * 0xBF58476D1CE4E5B9ull + uint64_t(salt * 16 + i + 1);
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
      sum += double((z ^ (z >> 31)) >> 11) / double(1ull << 53) - 0.5;
    }
    return sum * 1.414;
  }
  double epoch(int64_t step) const { return double(step) / double(steps_per_epoch); }
  double seconds(int64_t step) const {
    return double(step) * step_seconds + 0.004 * std::abs(noise(step, 9));
  }
  double bytesOfStep(int64_t step) const {
    return 3 * workers * dense_bytes / ratio * (1 + 0.01 * noise(step, 2));
  }
  double bytes(int64_t step) const { return 3 * workers * dense_bytes / ratio * double(step); }
  double at(const std::string& axis, int64_t step) const {
    return axis == "seconds" ? seconds(step)
           : axis == "epoch" ? epoch(step)
           : axis == "bytes" ? bytes(step)
                             : double(step);
  }
  double loss(int64_t step) const {
    const double t = double(step);
    const double level = 0.24 + 1.3 * std::exp(-t / 60) + 0.76 * std::exp(-t / 330);
    return std::max(0.02, level * (1 + 0.11 * noise(step, 1)));
  }
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  // Beside what every run measures: what a strategy would. Name -> value.
  std::map<std::string, double> strategy;
  // One rank's: `slow_rank` computes longer by `slow_seconds`, and all leave the exchange together.
  int slow_rank = -1;
  double slow_seconds = 0;
  double valueOfRank(const std::string& name, int rank, int64_t step) const {
    const double more = rank == slow_rank ? slow_seconds : 0;
    if (name == "time/arrival") return double(step) * 0.1 + 0.05 + more;
    if (name == "time/data") return 0.001;
    if (name == "time/compute") return 0.049 + more;
    if (name == "time/decode") return 0;
    if (name == "time/update") return 0.002;
    if (name == "time/step") return 0.1;
    // Of one collective, at every 16th step; for ListSeries they must be of `strategy`, too.
    if (name.starts_with("arrival/") && step % 16 != 0) return kNone;
    if (name.ends_with("/at")) return double(step) * 0.1 + 0.05 + more;
    if (name.ends_with("/stood")) return 0.05 - more;
    if (name.ends_with("/compute")) return 0.049 + more;
    return kNone;
  }
  double value(const std::string& series, int64_t step) const {
    const bool evaluated = step > 0 && step % (steps_per_epoch / 5) == 0;
    const auto jitter = [&](double level, int salt) {
      return level * (1 + 0.07 * std::abs(noise(step, salt)));
    };
    if (series == "train/loss") return loss(step);
    if (series == "test/loss") return evaluated ? 0.29 + 1.1 * std::exp(-double(step) / 190) : kNone;
    if (series == "test/accuracy") return evaluated ? 0.906 - 0.42 * std::exp(-double(step) / 150) : kNone;
    if (series == "train/samples_per_second") return 3010 * (1 + 0.04 * noise(step, 3));
    if (series == "train/learning_rate") return 0.05;
    if (series == "comm/bytes_sent") return bytesOfStep(step);
    if (series == "comm/payload_bytes_sent") return 0.985 * bytesOfStep(step);
    if (series == "comm/messages_sent") return 24;
    if (series == "comm/compression_ratio") return ratio * (1 + 0.012 * noise(step, 4));
    if (series == "comm/relative_error")
      return 0.62 + 0.24 * std::exp(-double(step) / 90) + 0.02 * noise(step, 5);
    if (series == "comm/residual_norm")
      return 2.1 * (1 - std::exp(-double(step) / 120)) + 0.05 * noise(step, 6);
    if (series == "norm/gradient") return 0.9 * std::exp(-double(step) / 400) + 0.35 + 0.06 * noise(step, 7);
    if (series == "time/data") return jitter(0.0011, 10);
    if (series == "time/compute") return jitter(0.047, 11);
    if (series == "time/encode") return jitter(0.0052, 12);
    if (series == "time/exchange") return jitter(0.0114, 13);
    if (series == "time/decode") return jitter(0.0021, 14);
    if (series == "time/update") return jitter(0.0032, 15);
    if (series == "time/wait") return jitter(0.0085, 16);
    if (series == "time/step") return jitter(step_seconds, 17);
    if (const auto found = strategy.find(series); found != strategy.end()) return jitter(found->second, 18);
    return kNone;
  }
  static const std::vector<std::pair<std::string, std::string>>& series() {  // name, unit
    static const std::vector<std::pair<std::string, std::string>> kSeries = {
        {"train/loss", ""},
        {"test/loss", ""},
        {"test/accuracy", ""},
        {"train/samples_per_second", "samples/s"},
        {"train/learning_rate", ""},
        {"comm/bytes_sent", "B"},
        {"comm/payload_bytes_sent", "B"},
        {"comm/messages_sent", ""},
        {"comm/compression_ratio", ""},
        {"comm/relative_error", ""},
        {"comm/residual_norm", ""},
        {"norm/gradient", ""},
        {"time/data", "s"},
        {"time/compute", "s"},
        {"time/encode", "s"},
        {"time/exchange", "s"},
        {"time/decode", "s"},
        {"time/update", "s"},
        {"time/wait", "s"},
        {"time/step", "s"}};
    return kSeries;
  }
  std::vector<std::pair<std::string, std::string>> allSeries() const {
    auto all = series();
    for (const auto& [name, level] : strategy) all.emplace_back(name, "");
    return all;
  }
  proto::MetricUpdate rows(int64_t from, int64_t to) const {  // steps from+1 .. to
    proto::MetricUpdate update;
    for (const auto& [name, unit] : allSeries()) {
      proto::MetricUpdate::Column* column = update.add_columns();
      column->set_series(name);
      column->set_unit(unit);
      column->set_rank(-1);
      for (int64_t step = from + 1; step <= to; ++step) column->add_values(value(name, step));
    }
    for (int64_t step = from + 1; step <= to; ++step) {
      update.add_steps(step);
      update.add_seconds(seconds(step));
      update.add_epochs(epoch(step));
      update.add_bytes(bytes(step));
    }
    return update;
  }
  void summarise(proto::RunSummary& run, int64_t step) const {
    run.set_steps(step);
    run.set_epochs(epoch(step));
    run.set_samples(step * workers * 64);
    run.set_seconds(seconds(step));
    run.set_bytes_sent(uint64_t(bytes(step)));
    run.set_bytes_received(run.bytes_sent());
    run.set_payload_bytes_sent(uint64_t(0.985 * bytes(step)));
    run.set_messages_sent(uint64_t(24 * step));
    run.set_compression_ratio(ratio);
    run.set_samples_per_second(3010);
    if (step > 0) {
      run.set_has_train_loss(true);
      run.set_train_loss(loss(step));
    }
    const int64_t every = steps_per_epoch / 5;
    if (const int64_t evaluated = step / every * every; evaluated > 0) {
      run.set_has_test(true);
      run.set_test_loss(value("test/loss", evaluated));
      run.set_test_accuracy(value("test/accuracy", evaluated));
    }
    for (proto::Worker& worker : *run.mutable_workers()) worker.set_step(step);
  }
};

}  // namespace concertina::ui
