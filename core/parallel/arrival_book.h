// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_book.h: when this rank came to each collective of a step, how long it then stood, and what it had
// done before. On the way of the data: parallel/bucketed_exchange.h, tensor_group.h, pipeline_executor.h ->
// here -> worker/arrival_series.h -> analysis/collective_blame.h.
//
// A collective of a bucket:    filled + compute + queue + encode = arrival
//   compute: of the step thread from its batch to the last gradient of the bucket; queue: until whoever
//   exchanges takes the bucket up, that is while collectives before it are not over
// One on the step thread (a sum of a tensor axis, what crosses a cut of a pipeline): begin + compute =
// arrival, where begin is the end of the collective before it, or `filled` for the first.
//
// Cost: a bucket takes two looks at the clock that were not there before (when its gradient is complete and
// when it is taken up; the rest is known anyway), the others none: 30 ns each on an AMD EPYC. Written at
// every step, read at those that are recorded.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace concertina {

// Times are of the steady clock. What belongs to a bucket is written by the step thread up to Ready and by
// who exchanges from Take on; between the two lies the hand-over of the bucket. The rest is the step
// thread's.
class ArrivalBook {
 public:
  static constexpr int kMostCollectives = 48;
  static constexpr int kMostBuckets = 32;  // of a step; of more, so many that lie evenly among them
  static constexpr int kMostSums = 8;      // the first of a step
  static constexpr int kNone = -1;         // a collective that is not recorded
  static constexpr size_t kMostLetters = 80;

  // Before the first step. The same name on every rank that takes part, and on no other: "bucket1-fc3". What
  // cannot stand in a name of a series becomes a "_". kNone if there is no place left.
  int Open(std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

  // A step: begins to fill its batch, has filled it.
  void Begin(double begun, double filled);
  // Its pass is over.
  void Computed(double now) { computed_ = now; }
  // After its exchange: what decoding and updating took, of which as much as fits lies between the end of its
  // last collective and the begin of the next step.
  void End(double decode_seconds, double update_seconds);
  bool is_in_step() const { return is_in_step_; }

  // Of a bucket. Arrive counts once a step, Leave as often as it is called: what is sent in several rounds
  // begins with the first and ends with the last.
  void Ready(int collective, double now);
  void Take(int collective, double now);
  void Arrive(int collective, double now);
  void Leave(int collective, double now);
  bool has_arrived(int collective) const {
    return collective == kNone || !std::isnan(entry(collective).arrived);
  }
  bool any_arrived() const;  // in this step
  // The step thread stood still in its pass, for a collective of its own or for another thread's.
  void Pass(int collective, double begin, double end);
  void Hold(double begin, double end);

  // What is known of a step once its exchange is over; NaN: it did not take part.
  struct Arrival {
    double at, stood_seconds, compute_seconds, queue_seconds, encode_seconds;
  };
  Arrival ArrivalAt(int collective) const;
  // When the batch was filled, and what lies between the end of the last collective of the step before and
  // that; NaN but for filled and data in the first step.
  struct Way {
    double filled, data_seconds, update_seconds, decode_seconds, other_seconds, compute_seconds;
  };
  const Way& way() const { return way_; }

 private:
  static constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
  struct Entry {
    double base = kNotKnown;  // what computing began at, of the step thread's own
    double ready = kNotKnown, taken = kNotKnown, arrived = kNotKnown, left = kNotKnown;
    double held = 0;  // of the step thread, until ready
  };
  Entry& entry(int collective) { return entries_[static_cast<size_t>(collective)]; }
  const Entry& entry(int collective) const { return entries_[static_cast<size_t>(collective)]; }

  std::vector<std::string> names_;
  std::array<Entry, kMostCollectives> entries_;
  bool is_in_step_ = false;
  double mark_ = kNotKnown;  // the step thread has computed since
  double held_ = 0;          // of the step thread, in this step
  double last_out_ = kNotKnown;
  double last_decode_ = kNotKnown, last_update_ = kNotKnown;
  Way way_{kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown};
  double computed_ = kNotKnown;
};

}  // namespace concertina
