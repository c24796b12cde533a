// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_meetings.h: two ranks meet and take the average of their parameters, while all others go on.
// On the way of the data: parallel/ad_psgd_exchange.cc -> here -> comm/transport.h -> the other rank's here.
//
//   x_i, x_j <- (x_i + x_j) / 2 at both, the same bits: the asked one works them out
//   asks:    x_i, 4 d bytes  ->  the average, 4 d bytes            (kAskTag, kAnswerTag)
//   others:  one byte, kAlive or kDone, or kMeet and a word, to everyone   (kAskTag)
//
// Threads. The communication thread owns the transport from the first step to Settle: it asks when the step
// thread wants it, and else answers. `live_` are the parameters of this rank; those that a gradient is
// computed on are the step thread's copy. While a rank has asked it answers nobody, and its step thread
// writes nothing: both ends replace x by the same average, and the sum over the ranks stays what it was. Who
// asks whom has no circles (asking_graph.h), so waits end.
//
// Where the model is divided there is no such thread: the step thread asks when its gradient is done, and
// answers whenever it waits for the ranks that have the other parts (comm/serving_transport.h). Ranks of one
// copy pick the same neighbour's in the same step; parts need not meet in the same order.
//
// A lost rank is asked no more. Who has made all its steps goes on answering until everyone has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"
#include "core/comm/communicator.h"
#include "core/comm/roll_call.h"
#include "core/parallel/asking_graph.h"

namespace concertina {

class PairMeetings {
 public:
  struct Options {
    Communicator* data = nullptr;  // more than one rank; outlives this
    uint64_t seed = 0;             // of whom is asked
    double deadline_seconds = 60;  // of one message
    bool has_thread = true;        // else the step thread communicates
  };
  PairMeetings(const Options& options, const AskingGraph& graph, std::span<const float> parameters);
  ~PairMeetings();

  // What follows is for the step thread, in the order of Exchange's calls.
  // Wants a meeting, if this rank asks any; `parameters` are this rank's as of now. The first call takes them
  // instead: before it, the step thread owns the transport.
  absl::Status Begin(int64_t step, std::span<float> parameters);
  struct Meeting {
    double wait_seconds = 0;      // here, in Await
    double exchange_seconds = 0;  // of asking; 0: this rank only answers
    double distance = -1;         // estimated between ranks, every 16th step; -1: not measured
  };
  absl::StatusOr<Meeting> Await();  // until the meeting of this step is over, or nobody is left to meet
  bool asks() const { return !asked_.empty(); }
  // Without a thread: answers who has come, and waits for nobody.
  absl::Status Serve();
  // Nobody takes or changes the rank's parameters meanwhile.
  void Update(absl::FunctionRef<void(std::span<float> live)> update);

  // As Exchange::Meet; `parameters` are this rank's when all have come.
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(int64_t word,
                                                           absl::FunctionRef<absl::Status()> meanwhile,
                                                           std::span<float> parameters);
  // Goes on answering until all ranks have settled or are lost, then makes `parameters` and `buffers` the
  // average of those that are left, whoever is lost in that last mean too (agreed_mean.h).
  absl::Status Settle(std::span<float> parameters, std::span<float> buffers);

 private:
  // A channel of those that the step loop leaves to exchanges (worker/step_loop_impl.h: kFirstFreeChannel).
  static constexpr uint32_t kAskTag = uint32_t{17} << 16, kAnswerTag = kAskTag | 1;
  static constexpr size_t kMeetBytes = 1 + sizeof(int64_t);  // no number of floats has as many

  size_t size() const { return lost_.size(); }
  int rank() const { return options_.data->rank(); }
  Transport& transport() { return options_.data->transport(); }
  int GlobalRank(size_t group_rank) const { return options_.data->global_rank(static_cast<int>(group_rank)); }
  Deadline MessageDeadline() const { return Deadline::After(options_.deadline_seconds); }
  size_t Bytes() const { return live_.size() * sizeof(float); }
  void Start(std::span<const float> parameters);

  // The communication thread, and what only it calls (pair_meetings_thread.cc).
  void Communicate();
  absl::StatusOr<bool> CommunicateOnce(double seconds);  // waits so long at most; false: it is over
  absl::Status Ask();
  // The neighbour's answer is in incoming_. False: it is lost.
  absl::StatusOr<bool> AskOf(size_t whom);
  double DistanceOfAnswer() const;
  absl::StatusOr<bool> AnswerWhoComes(bool finishing, double seconds);  // whether anyone came
  absl::Status SayAlive();
  absl::Status HandleMessageOf(size_t who);
  absl::Status Answer(size_t who);
  absl::Status TellWord(int64_t word);
  absl::Status TellAll(std::span<const std::byte> what);
  void LoseWhoIsGone();
  // OK if `status` is no more than the loss of `who`, who then counts as lost.
  absl::Status Survive(size_t who, const absl::Status& status);
  bool IsAwaited(size_t who) const {
    return who != static_cast<size_t>(rank()) && !lost_[who] && !done_[who];
  }

  const Options options_;
  const std::vector<int> asked_;  // whom this rank asks
  std::vector<char> may_ask_;     // by rank: who asks this one
  std::thread thread_;
  bool is_started_ = false;            // the step thread's
  std::optional<RollCall> roll_call_;  // of those that have settled

  // Communication thread; once it has ended, the step thread.
  std::vector<char> lost_, done_;      // by rank
  std::vector<double> heard_seconds_;  // when last of each
  std::vector<int> awaited_;           // of WaitAny, global ranks
  std::vector<uint8_t> incoming_;      // a neighbour's parameters, or the average
  double told_seconds_ = 0;            // when all heard of this rank last
  bool has_told_done_ = false;
  std::array<std::byte, kMeetBytes> meeting_;  // what is under way

  absl::Mutex mutex_;
  absl::CondVar changed_;
  // While `asking_` only the communication thread touches it, and reads it without the lock.
  std::vector<float> live_;
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<int64_t> word_ ABSL_GUARDED_BY(mutex_);             // to be told to all
  std::vector<std::deque<int64_t>> words_ ABSL_GUARDED_BY(mutex_);  // heard, by rank
  int64_t step_ ABSL_GUARDED_BY(mutex_) = 0;
  double ask_seconds_ ABSL_GUARDED_BY(mutex_) = 0;  // of the last asking
  double distance_ ABSL_GUARDED_BY(mutex_) = -1;    // to whom was asked last; -1: not measured
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);    // why the communication thread has ended
};

}  // namespace concertina
