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
// In stage 3 the parameters that come next, in either pass, are gathered while an operator computes with
// these, and a bucket's gradient is reduced while the next one's is made: one bucket ahead and one behind, so
// that beside its share a rank has two buckets' parameters and two buckets' gradients.
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

// The next is made while this many are sent. Stage 3, for the sake of memory, has one.
constexpr int64_t kBucketsUnderWay = 2, kBucketsUnderWayOfStage3 = 1;

class ZeroExchange final : public BucketedExchange, private ParameterSource {
 public:
  ZeroExchange(int stage, double bucket_mib) : BucketedExchange(bucket_mib), stage_(stage) {}
  ~ZeroExchange() override { EndThread(); }

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
  int parts_per_bucket(int /*chain*/) const override { return data().size(); }
  int64_t buckets_under_way() const override {
    return stage_ < 2    ? BucketedExchange::buckets_under_way()
           : stage_ == 2 ? kBucketsUnderWay
                         : kBucketsUnderWayOfStage3;
  }
  absl::Status Ready() override;
  absl::Status Average(std::span<Part> parts, int64_t step) override;
  absl::Status AverageEncoded(std::span<Part> parts, int64_t step);
  void ApplyBucket(std::span<const Part> parts, const Apply& apply) override {
    const Part& mine = parts[rank()];
    if (mine.count > 0) apply(mine.offset, mine.count);
  }
  absl::Status Applied() override;
  absl::Status Gather(size_t bucket) override;
  absl::Status Fetch(std::span<const int> parameters, std::span<const int> next) override;

  size_t rank() const { return static_cast<size_t>(data().rank()); }
  // The bucket's floats of `flat`, and where its parts begin and end in them.
  std::span<float> Whole(std::span<float> flat, std::span<const Part> parts);
  // The bucket's parameters of other ranks are no longer needed.
  absl::Status Leave(size_t bucket);
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
  // By bucket, of stage 3. Coming: the communication thread gathers it, or will.
  enum class Place { kAway, kComing, kThere };
  enum class Want { kNo, kNext, kNow };
  struct WholeBucket {
    Place place = Place::kAway;
    uint64_t job = 0;       // that brings it
    Want want = Want::kNo;  // of one Fetch
  };
  std::vector<WholeBucket> whole_;
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
  whole_.assign(bucket_count(), {.place = data().size() == 1 ? Place::kThere : Place::kAway});
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
      data().transport().Note(
          {.kind = MessageKind::kReduce, .part = static_cast<int>(to), .parts = static_cast<int>(n)});
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
  return Timed(cost().exchange_seconds,
               [&] { return data().AllGather(parameters, bounds_, StepDeadline()); });
}

absl::Status ZeroExchange::Leave(size_t bucket) {
  WholeBucket& whole = whole_[bucket];
  if (whole.place == Place::kComing) RETURN_IF_ERROR(AwaitJob(whole.job));
  if (whole.place != Place::kAway) GiveBackOthers(context().parameters, PartsOf(bucket));
  whole.place = Place::kAway;
  return absl::OkStatus();
}

absl::Status ZeroExchange::Applied() {
  if (data().size() == 1) return absl::OkStatus();
  for (size_t b = 0; b < bucket_count(); ++b) {
    // In stage 3 what is there is as it was before this step.
    RETURN_IF_ERROR(stage_ < 3 ? Gather(b) : Leave(b));
  }
  return absl::OkStatus();
}

absl::Status ZeroExchange::Fetch(std::span<const int> parameters, std::span<const int> next) {
  for (WholeBucket& whole : whole_) whole.want = Want::kNo;
  if (has_thread())
    for (const int parameter : next) whole_[BucketOf(parameter)].want = Want::kNext;
  bool is_there = true;
  for (const int parameter : parameters) {
    WholeBucket& whole = whole_[BucketOf(parameter)];
    whole.want = Want::kNow;
    is_there = is_there && whole.place == Place::kThere;
  }
  for (const WholeBucket& whole : whole_)
    is_there = is_there && (whole.want != Want::kNext || whole.place != Place::kAway);
  if (is_there) return absl::OkStatus();
  for (size_t b = 0; b < bucket_count(); ++b)
    if (whole_[b].want == Want::kNo) RETURN_IF_ERROR(Leave(b));

  if (!has_thread()) {
    for (size_t b = 0; b < bucket_count(); ++b) {
      if (whole_[b].want == Want::kNo || whole_[b].place == Place::kThere) continue;
      RETURN_IF_ERROR(Timed(cost().held_seconds, [&] { return Gather(b); }));
      whole_[b].place = Place::kThere;
    }
    return absl::OkStatus();
  }
  // What is needed now goes first; in the order of buckets, so that all ranks do the same.
  for (const Want want : {Want::kNow, Want::kNext})
    for (size_t b = 0; b < bucket_count(); ++b)
      if (whole_[b].want == want && whole_[b].place == Place::kAway)
        whole_[b] = {.place = Place::kComing, .job = PostGather(b), .want = want};
  for (WholeBucket& whole : whole_) {
    if (whole.want != Want::kNow || whole.place != Place::kComing) continue;
    RETURN_IF_ERROR(Timed(cost().held_seconds, [&] { return AwaitJob(whole.job); }));
    whole.place = Place::kThere;
  }
  return absl::OkStatus();
}

double ZeroExchange::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const auto floats = static_cast<double>(circumstances.floats);
  const double others = floats * (circumstances.ranks - 1) / std::max(1, circumstances.ranks);
  const auto bucket = std::min(floats, std::max(static_cast<double>(bucket_bytes()) / sizeof(float),
                                                static_cast<double>(circumstances.largest_parameter)));
  double saved = 0;
  const int64_t under_way = stage_ == 2 ? kBucketsUnderWay : kBucketsUnderWayOfStage3;
  if (stage_ >= 2) saved += std::max(0.0, others - static_cast<double>(under_way + 1) * bucket);
  if (stage_ >= 3) saved += std::max(0.0, others - 2 * bucket);  // these, and those that come next
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
  // What stages 1 and 2 gather, they gather after the step; stage 3 does all beside both passes.
  pattern.beside = stage_ < 3 ? Overlap{.share = up / (up + dense)} : Overlap{.passes = 1};
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
                   "sharded data parallelism; a bucket is gathered while the layer before computes, and "
                   "given "
                   "back after use: half as many bytes again. For models that do not fit."},
              BucketMibParam(
                  "Parameters are handled in groups of at least this size. A worker has up to two groups "
                  "whole in stage 3, so large groups save less memory, and small ones cost more "
                  "messages.")}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<ZeroExchange>(static_cast<int>(params.Integer("stage")),
                                            params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
