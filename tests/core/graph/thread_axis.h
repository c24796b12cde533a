// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// thread_axis.h: a tensor axis of threads of this process, for the tests of graphs, which know no transport.
// On the way of the data: graph/tensor_operator.cc -> here.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <vector>

#include "core/graph/tensor_axis.h"

namespace concertina {

// What the ranks share: whoever comes last adds up, in rank order, and all take the same sum.
class ThreadSums {
 public:
  explicit ThreadSums(int size) : size_(size), values_(static_cast<size_t>(size)) {}
  int size() const { return size_; }
  int sums() const { return sums_; }

  absl::Status Sum(int rank, std::span<float> values) {
    std::unique_lock lock(mutex_);
    values_[static_cast<size_t>(rank)] = values;
    const int round = sums_;
    if (++arrived_ < size_) {
      changed_.wait(lock, [&] { return sums_ != round || failed_; });
    } else {
      for (size_t i = 0; i < values.size(); ++i) {
        float sum = 0;
        for (const std::span<float>& each : values_) sum += each[i];
        for (const std::span<float>& each : values_) each[i] = sum;
      }
      arrived_ = 0;
      ++sums_;
      changed_.notify_all();
    }
    return sums_ == round ? absl::UnavailableError("a rank has left") : absl::OkStatus();
  }
  // Every sum that has not ended, and all later ones, fail.
  void Fail() {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    changed_.notify_all();
  }

 private:
  const int size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::span<float>> values_;
  int arrived_ = 0, sums_ = 0;
  bool failed_ = false;
};

class ThreadAxis final : public TensorAxis {
 public:
  ThreadAxis(ThreadSums& sums, int rank) : sums_(sums), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return sums_.size(); }
  absl::Status AllReduceSum(std::span<float> values) override { return sums_.Sum(rank_, values); }

 private:
  ThreadSums& sums_;
  int rank_;
};

}  // namespace concertina
