// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucketed_exchange.h: what the synchronous exchanges share: buckets, their codecs, the communication thread
// that works beside the backward pass, and the measurements. An exchange says only how one bucket is
// averaged. On the way of the data: worker/step_loop.cc -> parallel/bucket.h -> here -> comm/communicator.h
// -> worker/step_loop.cc.
//
// What the thread does are jobs, one after the other in the order in which the step thread posts them: that
// of the passes, which is the same on every rank, and so is the order of collectives.
//
// With one bucket there is nothing to overlap, so the step thread exchanges it itself in Finish: two thread
// hand-offs, about 20 µs of a step of 600, are saved. With several, the communication thread takes each as
// soon as it is ready.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/gradient/integrator.h"
#include "core/parallel/arrival_book.h"
#include "core/parallel/bucket.h"
#include "core/parallel/exchange.h"
#include "core/parallel/layer_meter.h"

namespace concertina {

class BucketedExchange : public Exchange {
 public:
  explicit BucketedExchange(double bucket_mib)
      : bucket_bytes_(static_cast<int64_t>(bucket_mib * 1024 * 1024)) {}
  ~BucketedExchange() override;

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int parameter_index) override;
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  absl::Status ChangeCodec(const Params& params) override { return ChangeLayerCodec(0, params); }
  absl::Status ChangeLayerCodec(int chain, const Params& params) override;
  bool averages_in_buckets() const override { return true; }
  bool averages_on_every_rank() const override { return true; }

 protected:
  // A part of a bucket with a codec of its own (null: dense), and the room that its messages need.
  struct Part {
    int64_t offset = 0;  // in the flat gradient
    int64_t count = 0;
    std::unique_ptr<Codec> codec;
    Integrator* integrator = nullptr;  // the codec, if receivers add up what it sends
    std::vector<uint8_t> payload;
    std::vector<float> before;  // a copy of the gradient, for the error
  };

  // How many parts a bucket has: parameter servers have one a shard. The bucket is cut evenly.
  virtual int parts_per_bucket(int /*chain*/) const { return 1; }
  // How many buckets may be ready and not yet averaged: where gradients are given back once they are, memory
  // is bounded by the backward pass waiting for room. 0: each is averaged by the step thread as soon as it is
  // ready.
  virtual int64_t buckets_under_way() const { return std::numeric_limits<int64_t>::max(); }
  // Called once, when the buckets and the communicator are there.
  virtual absl::Status Ready() { return absl::OkStatus(); }
  // Replaces the gradient of the bucket's parts by its average over the data axis, the same bits on every
  // rank. On the communication thread (or, with one bucket, the step thread); adds to cost().
  virtual absl::Status Average(std::span<Part> parts, int64_t step) = 0;
  // On the step thread, once a bucket is averaged: what of it this rank updates.
  virtual void ApplyBucket(std::span<const Part> parts, const Apply& apply) {
    const Part& last = parts.back();
    apply(parts.front().offset, last.offset + last.count - parts.front().offset);
  }
  // On the step thread, once all are applied; the communication thread has nothing to do.
  virtual absl::Status Applied() { return absl::OkStatus(); }
  // Brings what other ranks have of the bucket's parameters; where posted, on the communication thread.
  virtual absl::Status Gather(size_t /*bucket*/) { return absl::OkStatus(); }
  // Ends the thread. To be called by the destructor of whoever has members that its jobs use.
  void EndThread();

  Communicator& data() const { return *context_.data; }
  const ExchangeContext& context() const { return context_; }
  int64_t bucket_bytes() const { return bucket_bytes_; }
  size_t bucket_count() const { return buckets_.size(); }
  std::span<Part> PartsOf(size_t bucket) { return parts_[bucket]; }
  int chain_of(size_t bucket) const { return buckets_[bucket].chain; }
  size_t BucketOf(int parameter_index) const { return bucket_of_[static_cast<size_t>(parameter_index)]; }
  std::span<float> GradientOf(const Part& part) {
    return context_.gradients.subspan(static_cast<size_t>(part.offset), static_cast<size_t>(part.count));
  }
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  ExchangeCost& cost() { return cost_; }

  // Step thread. Whether there is a communication thread; its jobs are numbered as they are posted.
  bool has_thread() const { return thread_.joinable(); }
  uint64_t PostGather(size_t bucket) { return Post({.kind = Job::Kind::kGather, .bucket = bucket}); }
  // Until job `number` is done; the first error of any job so far.
  absl::Status AwaitJob(uint64_t number) const;

  // Encodes the part's gradient into its payload: time, bytes, residual and now and then the error are added
  // to cost(). `scaled_by`: what the gradient was multiplied by before.
  absl::Status Encode(Part& part, int64_t step, double scaled_by = 1);
  MeteredPlace PlaceOf(const Part& part, double scaled_by = 1) const {
    return {.meter = context_.layers,
            .offset = part.offset,
            .scaled_by = scaled_by,
            .every_steps = context_.measures_every()};
  }
  // Times one kind of work: Timed(cost().exchange_seconds, [&] { … }).
  template <class Work>
  absl::Status Timed(double& seconds, Work work) {
    SpanTimer span = SpanOf(seconds);
    const uint64_t sent = span.is_on() ? data().transport().counts().payload_sent : 0;
    const double begin = Clock::Real().SteadySeconds();
    const bool exchanges = context_.arrivals != nullptr && &seconds == &cost_.exchange_seconds;
    if (exchanges) context_.arrivals->Arrive(arriving_, begin);
    absl::Status status = work();
    const double end = Clock::Real().SteadySeconds();
    seconds += end - begin;
    if (exchanges) context_.arrivals->Leave(arriving_, end);
    if (span.is_on()) span.SetBytes(data().transport().counts().payload_sent - sent);
    return status;
  }

 private:
  struct Job {
    enum class Kind { kAverage, kGather } kind = Kind::kAverage;
    size_t bucket = 0;
  };
  // What kind of work it is says the figure of the cost that its seconds are added to.
  SpanTimer SpanOf(const double& seconds) const {
    if (&seconds == &cost_.held_seconds) return {context_.spans, SpanKind::kWait};
    return SpanOfBucket(&seconds == &cost_.encode_seconds   ? SpanKind::kEncode
                        : &seconds == &cost_.decode_seconds ? SpanKind::kDecode
                                                            : SpanKind::kExchange);
  }
  SpanTimer SpanOfBucket(SpanKind kind) const {
    return {context_.spans, kind, thread_.joinable() ? SpanRow::kCommunication : SpanRow::kStep,
            bucket_at_work_};
  }
  uint64_t Post(Job job);
  void Communicate();
  absl::Status AverageBucket(size_t bucket);
  void OpenArrivals();
  void AwaitDone(uint64_t number) const;

  const int64_t bucket_bytes_;
  ExchangeContext context_;
  std::vector<Bucket> buckets_;
  std::vector<std::vector<Part>> parts_;  // by bucket
  std::vector<size_t> bucket_of_;         // by parameter
  std::vector<size_t> missing_;           // gradients still to come, by bucket; step thread
  bool idle_ = false;                     // one rank and no codec: there is nothing to do

  // Jobs over all steps, so that neither count needs a reset. Job n lies at place n of the ring, in a circle.
  // The step thread writes it and raises ready_; the communication thread follows with done_, and leaves
  // step_ and cost_ alone once the last job is done.
  std::vector<Job> jobs_;
  std::atomic<uint64_t> ready_{0};
  std::atomic<uint64_t> done_{0};
  std::vector<uint64_t> averaging_;  // by bucket: the job of this step
  size_t averaged_ = 0;              // buckets of this step that the step thread has averaged
  int64_t step_ = 0;
  int32_t bucket_at_work_ = -1;        // of whoever does the jobs
  int arriving_ = ArrivalBook::kNone;  // the collective that is done, of buckets that are averaged
  std::vector<int> collectives_;       // of the book of arrivals, by bucket
  ExchangeCost cost_;
  absl::Status status_;  // the communication thread's, read once done_ has passed
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace concertina
