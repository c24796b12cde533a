// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucketed_exchange.cc: see bucketed_exchange.h.
#include "core/parallel/bucketed_exchange.h"

#include <algorithm>

#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/codec_state.h"
#include "core/parallel/measured_encode.h"
#include "core/parallel/not_finite.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr uint64_t kStopMark = UINT64_MAX;  // ready_ jumps here to end the thread

}  // namespace

BucketedExchange::~BucketedExchange() { EndThread(); }

void BucketedExchange::EndThread() {
  if (!thread_.joinable()) return;
  // A thread that still waits for a peer would wait out its deadline.
  if (done_.load() != ready_.load() && context_.data != nullptr)
    context_.data->transport().Abort(absl::CancelledError("this rank has ended its exchange"));
  stopping_ = true;
  ready_.store(kStopMark);
  ready_.notify_all();
  thread_.join();
}

absl::Status BucketedExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  buckets_ = CutIntoBuckets(*context.layout, *context.gradient_order, bucket_bytes_);
  bucket_of_.resize(context.layout->size());
  missing_.resize(buckets_.size());
  parts_.resize(buckets_.size());
  averaging_.resize(buckets_.size());
  jobs_.resize(3 * buckets_.size());  // of a step: each is gathered twice at most, and averaged
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (const int parameter : buckets_[b].parameters) bucket_of_[static_cast<size_t>(parameter)] = b;
    const int per_bucket = parts_per_bucket(buckets_[b].chain);
    for (int p = 0; p < per_bucket; ++p) {
      Part& part = parts_[b].emplace_back();
      const int64_t begin = buckets_[b].count * p / per_bucket;
      part.offset = buckets_[b].offset + begin;
      part.count = buckets_[b].count * (p + 1) / per_bucket - begin;
      if (!context.codec_of(buckets_[b].chain) || part.count == 0) continue;
      ASSIGN_OR_RETURN(part.codec, MakeBucketCodec(context, part.offset, part.count, buckets_[b].chain));
      auto* integrator = dynamic_cast<Integrator*>(part.codec.get());
      if (integrator != nullptr && integrator->integrates()) part.integrator = integrator;
      part.payload.reserve(static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)));
      part.before.resize(static_cast<size_t>(part.count));
    }
  }
  idle_ = context.data->size() == 1 && !context.has_codec();
  OpenArrivals();
  RETURN_IF_ERROR(Ready());
  if (buckets_.size() > 1 && !idle_ && context.may_overlap && buckets_under_way() > 0)
    thread_ = std::thread([this] { Communicate(); });
  return absl::OkStatus();
}

// Of many buckets those that lie evenly among them, the last one too: all ranks cut alike, and choose alike.
void BucketedExchange::OpenArrivals() {
  collectives_.assign(buckets_.size(), ArrivalBook::kNone);
  if (context_.arrivals == nullptr || context_.data->size() == 1) return;
  const std::vector<std::string> layers = LayerNamesOf(*context_.layout);
  constexpr size_t kLetters = 24;
  const size_t recorded = std::min<size_t>(buckets_.size(), ArrivalBook::kMostBuckets);
  for (size_t i = 1; i <= recorded; ++i) {
    const size_t b = i * buckets_.size() / recorded - 1;
    const std::vector<int>& parameters = buckets_[b].parameters;
    const std::string first = layers[static_cast<size_t>(parameters.front())].substr(0, kLetters);
    const std::string last = layers[static_cast<size_t>(parameters.back())].substr(0, kLetters);
    collectives_[b] = context_.arrivals->Open(fmt::format(
        "bucket{}-{}{}{}", b + 1, first, first == last ? "" : "-to-" + last, context_.arrivals_group));
  }
}

absl::Status BucketedExchange::Begin(int64_t step) {
  step_ = step;
  cost_ = {};
  averaged_ = 0;
  for (size_t b = 0; b < buckets_.size(); ++b) missing_[b] = buckets_[b].parameters.size();
  return absl::OkStatus();
}

void BucketedExchange::GradientReady(int parameter_index) {
  const size_t bucket = bucket_of_[static_cast<size_t>(parameter_index)];
  // Gradients come in the order that the buckets were cut in, so buckets are completed in their order.
  if (--missing_[bucket] > 0) return;
  if (context_.arrivals != nullptr) context_.arrivals->Ready(collectives_[bucket], SteadyNow());
  const auto under_way = static_cast<uint64_t>(buckets_under_way());
  if (thread_.joinable()) {
    averaging_[bucket] = Post({.kind = Job::Kind::kAverage, .bucket = bucket});
    if (bucket < under_way) return;
    const SpanTimer span(context_.spans, SpanKind::kWait);
    const double begin = Clock::Real().SteadySeconds();
    AwaitDone(averaging_[bucket - under_way]);
    const double end = Clock::Real().SteadySeconds();
    cost_.held_seconds += end - begin;
    if (context_.arrivals != nullptr) context_.arrivals->Hold(begin, end);
  } else if (under_way < buckets_.size() && !idle_ && !failed_) {
    const double held = cost_.held_seconds, begin = SteadyNow();
    status_ = Timed(cost_.held_seconds, [&] { return AverageBucket(bucket); });
    if (context_.arrivals != nullptr) context_.arrivals->Hold(begin, begin + cost_.held_seconds - held);
    if (!status_.ok()) failed_ = true;
    ++averaged_;
  }
}

uint64_t BucketedExchange::Post(Job job) {
  const uint64_t number = ready_.load(std::memory_order_relaxed);  // this thread alone raises it
  if (number >= jobs_.size()) AwaitDone(number - jobs_.size());    // its place in the ring is free
  jobs_[number % jobs_.size()] = job;
  ready_.store(number + 1, std::memory_order_release);
  ready_.notify_one();
  return number;
}

absl::Status BucketedExchange::AwaitJob(uint64_t number) const {
  AwaitDone(number);
  return failed_ ? status_ : absl::OkStatus();
}

void BucketedExchange::AwaitDone(uint64_t number) const {
  uint64_t done = done_.load(std::memory_order_acquire);
  while (done <= number) {
    done_.wait(done, std::memory_order_acquire);
    done = done_.load(std::memory_order_acquire);
  }
}

void BucketedExchange::Communicate() {
  const FlushDenormals flushed;
  for (uint64_t number = 0;; ++number) {
    uint64_t ready = ready_.load(std::memory_order_acquire);
    while (ready <= number) {
      ready_.wait(ready, std::memory_order_acquire);
      ready = ready_.load(std::memory_order_acquire);
    }
    if (stopping_) return;
    if (!failed_) {
      const Job job = jobs_[number % jobs_.size()];
      bucket_at_work_ = static_cast<int32_t>(job.bucket);
      status_ = job.kind == Job::Kind::kGather ? Gather(job.bucket) : AverageBucket(job.bucket);
      if (!status_.ok()) failed_ = true;
    }
    done_.store(number + 1, std::memory_order_release);
    done_.notify_one();
  }
}

absl::Status BucketedExchange::AverageBucket(size_t bucket) {
  bucket_at_work_ = static_cast<int32_t>(bucket);
  const double encode = cost_.encode_seconds, decode = cost_.decode_seconds;
  const int collective = collectives_[bucket];
  const double begin = collective == ArrivalBook::kNone ? 0 : SteadyNow();
  if (collective != ArrivalBook::kNone) context_.arrivals->Take(collective, begin);
  arriving_ = collective;
  const absl::Status averaged = Average(parts_[bucket], step_);
  arriving_ = ArrivalBook::kNone;
  if (collective != ArrivalBook::kNone && !context_.arrivals->has_arrived(collective)) {
    // Sums in rounds keep their own time (average_in_rounds.cc): that of all rounds' encoding came before.
    context_.arrivals->Arrive(collective, begin + cost_.encode_seconds - encode);
    context_.arrivals->Leave(collective, SteadyNow() - (cost_.decode_seconds - decode));
  }
  RETURN_IF_ERROR(NameNotFinite(averaged,
                                context_.gradients.subspan(static_cast<size_t>(buckets_[bucket].offset),
                                                           static_cast<size_t>(buckets_[bucket].count)),
                                buckets_[bucket].offset, *context_.layout, step_));
  for (Part& part : parts_[bucket])
    if (part.integrator != nullptr)
      RETURN_IF_ERROR(Timed(cost_.decode_seconds, [&] {
        part.integrator->Integrate(GradientOf(part));
        return absl::OkStatus();
      }));
  if (context_.layers != nullptr && context_.has_codec() && MeasuresError(step_, context_.measures_every()))
    context_.layers->AddSeconds(buckets_[bucket].offset, buckets_[bucket].count,
                                cost_.encode_seconds - encode, cost_.decode_seconds - decode);
  return absl::OkStatus();
}

absl::StatusOr<ExchangeCost> BucketedExchange::Finish(int64_t /*step*/, const Apply& apply) {
  double wait_seconds = 0, finishing = 0;
  for (size_t b = 0; b < buckets_.size(); ++b) {
    const double begin = Clock::Real().SteadySeconds();
    if (b == 0) finishing = begin;
    // Who exchanges himself computes first: a bucket that was complete before did not wait for another.
    if (!thread_.joinable() && !idle_ && b >= averaged_ && context_.arrivals != nullptr)
      context_.arrivals->Ready(collectives_[b], finishing);
    if (thread_.joinable()) {
      const SpanTimer span(context_.spans, SpanKind::kWait, SpanRow::kStep, static_cast<int32_t>(b));
      AwaitDone(averaging_[b]);
    }
    if (failed_) return status_;
    if (!thread_.joinable() && !idle_ && b >= averaged_) RETURN_IF_ERROR(AverageBucket(b));
    wait_seconds += Clock::Real().SteadySeconds() - begin;
    ApplyBucket(parts_[b], apply);
  }
  const double begin = Clock::Real().SteadySeconds();
  RETURN_IF_ERROR(Applied());
  cost_.wait_seconds = wait_seconds + Clock::Real().SteadySeconds() - begin;
  return cost_;
}

absl::Status BucketedExchange::Encode(Part& part, int64_t step, double scaled_by) {
  SpanTimer span = SpanOfBucket(SpanKind::kEncode);
  return MeasuredEncode(*part.codec, GradientOf(part), part.before, step, part.payload, cost_,
                        PlaceOf(part, scaled_by));
}

void BucketedExchange::SaveState(std::vector<uint8_t>& state) const {
  state.clear();
  for (const auto& parts : parts_)
    for (const Part& part : parts)
      if (part.codec != nullptr) AppendCodecState(*part.codec, state);
}

absl::Status BucketedExchange::LoadState(std::span<const uint8_t> state) {
  for (auto& parts : parts_)
    for (Part& part : parts)
      if (part.codec != nullptr) RETURN_IF_ERROR(TakeCodecState(state, *part.codec));
  if (!state.empty())
    return absl::DataLossError(
        fmt::format("{} bytes of codecs' state are left over: another codec's?", state.size()));
  return absl::OkStatus();
}

absl::Status BucketedExchange::ChangeLayerCodec(int chain, const Params& params) {
  for (size_t b = 0; b < buckets_.size(); ++b)
    for (Part& part : parts_[b])
      if (buckets_[b].chain == chain && part.codec != nullptr) RETURN_IF_ERROR(part.codec->Change(params));
  return absl::OkStatus();
}

}  // namespace concertina
