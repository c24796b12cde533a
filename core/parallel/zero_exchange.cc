// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// zero_exchange.cc: data parallelism whose ranks keep a share each of what all of them would keep alike:
// optimiser state (stage 1), gradients too (2), parameters too (3) [cited below].
// On the way of the data: graph/executor.h says which gradient is ready -> here -> comm/reduce_scatter.cc ->
// nn/optimizer.h of this rank's share -> comm/reduce_scatter.cc -> the next step's parameters.
//
// With N ranks and n floats, sent by each rank a step:
//   reduce-scatter of the gradient, (N - 1)/N n, then of stages 1 and 2 the all-gather of the parameters,
//   (N - 1)/N n: what an all-reduce sends. Stage 3 gathers before the forward pass and again before the
//   backward pass reads them: (N - 1)/N 3 n, less what is still there.
// Each bucket is cut into N parts, part r is rank r's. The flat vectors keep their addresses; what a rank
// need not have goes back to the system page by page (tensor/pages.h), so what is saved can be seen from
// outside.
#include <algorithm>

#include "core/base/registry.h"
#include "core/parallel/bucketed_exchange.h"
#include "core/tensor/pages.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kBucketsUnderWay = 2;  // of stage 2: the next is made while one is sent

class ZeroExchange final : public BucketedExchange, private ParameterSource {
 public:
  ZeroExchange(int stage, double bucket_mib) : BucketedExchange(bucket_mib), stage_(stage) {}

  std::vector<ParameterRange> Updates(const std::vector<ParameterSlot>& layout,
                                      const std::vector<int>& gradient_order, int rank,
                                      int ranks) const override;
  std::vector<ParameterRange> Keeps(const std::vector<ParameterSlot>& layout,
                                    const std::vector<int>& gradient_order, int rank,
                                    int ranks) const override {
    return stage_ < 3 ? BucketedExchange::Keeps(layout, gradient_order, rank, ranks)
                      : Updates(layout, gradient_order, rank, ranks);
  }
  bool averages_on_every_rank() const override { return false; }
  ParameterSource* parameter_source() override { return stage_ < 3 ? nullptr : this; }

  double ExtraMemoryBytes(const Circumstances& circumstances) const override;
  Pattern PatternOf(const Traffic& traffic) const override;

 private:
  int parts_per_bucket() const override { return data().size(); }
  // In stage 3 the step thread talks to the others in the middle of a pass, and does it all.
  int64_t buckets_under_way() const override {
    return stage_ < 2 ? BucketedExchange::buckets_under_way() : stage_ == 2 ? kBucketsUnderWay : 0;
  }
  absl::Status Ready() override;
  absl::Status Average(std::span<Part> parts, int64_t step) override;
  absl::Status AverageEncoded(std::span<Part> parts, int64_t step);
  void ApplyBucket(std::span<const Part> parts, const Apply& apply) override {
    const Part& mine = parts[rank()];
    if (mine.count > 0) apply(mine.offset, mine.count);
  }
  absl::Status Applied() override;
  absl::Status Fetch(std::span<const int> parameters) override;

  size_t rank() const { return static_cast<size_t>(data().rank()); }
  // The bucket's floats of `flat`, and where its parts begin and end in them.
  std::span<float> Whole(std::span<float> flat, std::span<const Part> parts);
  absl::Status Gather(size_t bucket);
  // What of the bucket's floats is other ranks'.
  void GiveBackOthers(std::span<float> flat, std::span<const Part> parts) {
    for (size_t r = 0; r < parts.size(); ++r)
      if (r != rank())
        GiveBackPages(
            flat.subspan(static_cast<size_t>(parts[r].offset), static_cast<size_t>(parts[r].count)));
  }

  const int stage_;
  std::vector<size_t> bounds_;
  std::vector<uint8_t> received_;
  std::vector<bool> there_;   // by bucket: all parameters of it are in memory; stage 3
  std::vector<bool> wanted_;  // by bucket, of one Fetch
};

std::vector<ParameterRange> ZeroExchange::Updates(const std::vector<ParameterSlot>& layout,
                                                  const std::vector<int>& gradient_order, int rank,
                                                  int ranks) const {
  std::vector<ParameterRange> ranges;
  for (const Bucket& bucket : CutIntoBuckets(layout, gradient_order, bucket_bytes())) {
    const int64_t begin = bucket.count * rank / ranks;
    const int64_t count = bucket.count * (rank + 1) / ranks - begin;
    if (count > 0) ranges.push_back({bucket.offset + begin, count});
  }
  std::sort(ranges.begin(), ranges.end(),  // buckets are in the order in which they are complete
            [](const ParameterRange& a, const ParameterRange& b) { return a.offset < b.offset; });
  return ranges;
}

absl::Status ZeroExchange::Ready() {
  there_.assign(bucket_count(), data().size() == 1);
  wanted_.assign(bucket_count(), false);
  if (data().size() == 1) return absl::OkStatus();
  if (stage_ >= 2) KeepInSmallPages(context().gradients);
  if (stage_ < 3) return absl::OkStatus();
  KeepInSmallPages(context().parameters);
  for (size_t b = 0; b < bucket_count(); ++b) GiveBackOthers(context().parameters, PartsOf(b));
  return absl::OkStatus();
}

std::span<float> ZeroExchange::Whole(std::span<float> flat, std::span<const Part> parts) {
  const int64_t begin = parts.front().offset, end = parts.back().offset + parts.back().count;
  bounds_.clear();
  for (const Part& part : parts) bounds_.push_back(static_cast<size_t>(part.offset - begin));
  bounds_.push_back(static_cast<size_t>(end - begin));
  return flat.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

absl::Status ZeroExchange::Average(std::span<Part> parts, int64_t step) {
  const bool is_encoded =
      std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.codec != nullptr; });
  if (is_encoded) {
    RETURN_IF_ERROR(AverageEncoded(parts, step));
  } else {
    const std::span<float> gradient = Whole(context().gradients, parts);
    cost().dense_bytes += gradient.size_bytes();
    cost().encoded_bytes += gradient.size_bytes();
    RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
      return data().ReduceScatterSum(gradient, bounds_, StepDeadline(),
                                     1.0f / static_cast<float>(data().size()));
    }));
  }
  if (stage_ >= 2) GiveBackOthers(context().gradients, parts);
  return absl::OkStatus();
}

// Each rank encodes every part for its owner, its own too: what the codec does to a gradient does not depend
// on whose it is. The owner adds its own first and then around the circle, whoever came first.
absl::Status ZeroExchange::AverageEncoded(std::span<Part> parts, int64_t step) {
  const Deadline deadline = StepDeadline();
  const size_t n = parts.size(), me = rank();
  for (size_t i = 0; i < n; ++i) {
    const size_t to = (me + 1 + i) % n;
    Part& part = parts[to];
    if (part.count == 0) continue;
    RETURN_IF_ERROR(Encode(part, step));
    if (to == me) continue;
    RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
      return data().Send(static_cast<int>(to), std::as_bytes(std::span<const uint8_t>(part.payload)),
                         deadline);
    }));
  }
  Part& mine = parts[me];
  if (mine.count > 0) {
    const std::span<float> gradient = GradientOf(mine);
    RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] { return mine.codec->Decode(mine.payload, gradient); }));
    for (size_t i = 1; i < n; ++i) {
      const size_t from = (me + i) % n;
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        return data().ReceiveMessage(static_cast<int>(from),
                                     static_cast<size_t>(mine.codec->MaxPayloadBytes(mine.count)), received_,
                                     deadline);
      }));
      RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
        return Annotate(mine.codec->DecodeAdd(received_, gradient),
                        fmt::format("the payload of rank {}", from));
      }));
    }
    const float share = 1.0f / static_cast<float>(n);
    for (float& g : gradient) g *= share;
  }
  return Timed(cost().exchange_seconds, [&] { return data().Flush(deadline); });
}

absl::Status ZeroExchange::Gather(size_t bucket) {
  const std::span<float> parameters = Whole(context().parameters, PartsOf(bucket));
  return data().AllGather(parameters, bounds_, StepDeadline());
}

absl::Status ZeroExchange::Applied() {
  if (data().size() == 1) return absl::OkStatus();
  for (size_t b = 0; b < bucket_count(); ++b) {
    if (stage_ < 3) {
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] { return Gather(b); }));
    } else if (there_[b]) {  // as they were before this step
      GiveBackOthers(context().parameters, PartsOf(b));
      there_[b] = false;
    }
  }
  return absl::OkStatus();
}

absl::Status ZeroExchange::Fetch(std::span<const int> parameters) {
  bool is_there = true;
  std::fill(wanted_.begin(), wanted_.end(), false);
  for (const int parameter : parameters) {
    wanted_[BucketOf(parameter)] = true;
    is_there = is_there && there_[BucketOf(parameter)];
  }
  if (is_there) return absl::OkStatus();
  for (size_t b = 0; b < bucket_count(); ++b) {
    if (wanted_[b] || !there_[b]) continue;
    GiveBackOthers(context().parameters, PartsOf(b));
    there_[b] = false;
  }
  for (size_t b = 0; b < bucket_count(); ++b) {
    if (!wanted_[b] || there_[b]) continue;
    RETURN_IF_ERROR(Timed(cost().exchange_seconds,
                          [&] { return Timed(cost().held_seconds, [&] { return Gather(b); }); }));
    there_[b] = true;
  }
  return absl::OkStatus();
}

double ZeroExchange::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const auto floats = static_cast<double>(circumstances.floats);
  const double others = floats * (circumstances.ranks - 1) / std::max(1, circumstances.ranks);
  const auto bucket = std::min(floats, std::max(static_cast<double>(bucket_bytes()) / sizeof(float),
                                                static_cast<double>(circumstances.largest_parameter)));
  double saved = 0;
  if (stage_ >= 2) saved += std::max(0.0, others - (stage_ == 2 ? kBucketsUnderWay + 1 : 1) * bucket);
  if (stage_ >= 3) saved += std::max(0.0, others - bucket);
  return -saved * sizeof(float);
}

Pattern ZeroExchange::PatternOf(const Traffic& traffic) const {
  Pattern pattern;
  const int n = traffic.ranks;
  if (n < 2) return pattern;
  const double dense = sizeof(float) * static_cast<double>(traffic.floats);
  const auto buckets = static_cast<double>(traffic.buckets);
  const double up = traffic.encoded_bytes >= 0 ? static_cast<double>(traffic.encoded_bytes)
                                               : traffic.element_bytes * static_cast<double>(traffic.floats);
  // What the forward pass read last is still there for the backward pass.
  const double gathers = stage_ < 3 ? 1 : 2 - 1 / std::max(buckets, static_cast<double>(traffic.all_buckets));
  for (int from = 0; from < n; ++from)
    for (int to = 0; to < n; ++to)
      if (from != to)
        pattern.flows.push_back({from, to, (up + gathers * dense) / n, (1 + gathers) * buckets});
  pattern.rounds = (1 + gathers) * buckets;
  return pattern;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "zero",
         .title = "ZeRO (sharded data parallelism)",
         .summary = "Each worker keeps and updates its share of the optimiser state, gradients, parameters.",
         .citation = "Rajbhandari, Rasley, Ruwase, He. ZeRO: Memory Optimizations Toward Training Trillion "
                     "Parameter Models. SC 2020",
         .params =
             {{.name = "stage",
               .type = ParamType::kInteger,
               .default_value = 1,
               .minimum = 1,
               .maximum = 3,
               .doc =
                   "What of n parameters each of N workers keeps a share of only; the result is that of "
                   "all-reduce. 1: the optimiser's state (n floats with momentum, 2 n with Adam); gradients "
                   "are reduced to the worker that updates them, and the new parameters gathered, as many "
                   "bytes as an all-reduce. 2: gradients too; each bucket is given back once it is "
                   "reduced, for which the backward pass may have to wait. 3: parameters too, as in fully "
                   "sharded data parallelism; a bucket is gathered before a layer reads it and given back "
                   "after, half as many bytes again, in the way of the computation. For models that do "
                   "not fit."},
              {.name = "bucket_mib",
               .type = ParamType::kNumber,
               .unit = "MiB",
               .default_value = 1.0,
               .minimum = 0.001,
               .maximum = 1024,
               .doc = "Parameters are handled in groups of at least this size. A worker has at least one "
                      "group whole in stage 3, so large groups save less memory, and small ones cost more "
                      "messages."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<ZeroExchange>(static_cast<int>(params.Integer("stage")),
                                            params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
