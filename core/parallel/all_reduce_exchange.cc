// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_exchange.cc: every rank ends with the average, no rank is special.
//   dense and half precision: ring all-reduce, 2 (N - 1) / N n bytes sent a rank [Patarasuk, Yuan. JPDC 2009]
//   payloads that do not sum: gathered, (N - 1) payloads sent a rank; each rank decodes all, in rank order,
//   so that every rank adds in the same order and ends with the same bits.
#include "core/base/registry.h"
#include "core/gradient/half.h"
#include "core/parallel/bucketed_exchange.h"

namespace concertina {
namespace {

class AllReduceExchange final : public BucketedExchange {
 public:
  explicit AllReduceExchange(double bucket_mib) : BucketedExchange(bucket_mib) {}

  Pattern PatternOf(const Traffic& traffic) const override {
    Pattern pattern;
    const int n = traffic.ranks;
    if (n < 2) return pattern;
    const auto buckets = static_cast<double>(traffic.buckets);
    if (traffic.encoded_bytes >= 0) {
      for (int from = 0; from < n; ++from)
        for (int to = 0; to < n; ++to)
          if (from != to)
            pattern.flows.push_back({from, to, static_cast<double>(traffic.encoded_bytes), buckets});
      pattern.rounds = buckets;
      return pattern;
    }
    const double rounds = n == 2 ? 1 : 2.0 * (n - 1);
    const double bytes = 2.0 * (n - 1) / n * traffic.element_bytes * static_cast<double>(traffic.floats);
    for (int from = 0; from < n; ++from)
      pattern.flows.push_back({from, (from + 1) % n, bytes, rounds * buckets});
    pattern.rounds = rounds * buckets;
    return pattern;
  }

 private:
  absl::Status Average(std::span<Part> parts, int64_t step) override {
    for (Part& part : parts)
      RETURN_IF_ERROR(part.codec == nullptr ? AverageDense(part) : AverageEncoded(part, step));
    return absl::OkStatus();
  }

  absl::Status AverageDense(Part& part) {
    const uint64_t bytes = static_cast<uint64_t>(part.count) * sizeof(float);
    cost().dense_bytes += bytes;
    cost().encoded_bytes += bytes;
    return Timed(cost().exchange_seconds, [&] {
      return data().AllReduceSum(GradientOf(part), StepDeadline(), 1.0f / static_cast<float>(data().size()));
    });
  }

  absl::Status AverageEncoded(Part& part, int64_t step) {
    const std::span<float> gradient = GradientOf(part);
    const float share = 1.0f / static_cast<float>(data().size());
    if (part.codec->sum() == Codec::Sum::kFloat16) {
      // Scaled before, not after: the sum of N halves near the largest one would not be a half.
      for (float& g : gradient) g *= share;
      RETURN_IF_ERROR(Encode(part, step));
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        return data().AllReduceSumHalf(
            {reinterpret_cast<uint16_t*>(part.payload.data()), part.payload.size() / 2}, StepDeadline());
      }));
      return Timed(cost().decode_seconds, [&] { return part.codec->Decode(part.payload, gradient); });
    }
    RETURN_IF_ERROR(Encode(part, step));
    const auto limit = static_cast<size_t>(part.codec->MaxPayloadBytes(part.count));
    RETURN_IF_ERROR(Timed(cost().exchange_seconds,
                          [&] { return data().AllGather(part.payload, limit, gathered_, StepDeadline()); }));
    return Timed(cost().decode_seconds, [&] {
      RETURN_IF_ERROR(part.codec->Decode(gathered_[0], gradient));
      for (size_t rank = 1; rank < gathered_.size(); ++rank)
        RETURN_IF_ERROR(Annotate(part.codec->DecodeAdd(gathered_[rank], gradient),
                                 "the payload of rank " + std::to_string(rank)));
      if (data().size() > 1)
        for (float& g : gradient) g *= share;
      return absl::OkStatus();
    });
  }

  std::vector<std::vector<uint8_t>> gathered_;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "all-reduce",
         .title = "All-reduce",
         .summary = "Every worker ends with the average of all gradients; no worker is special.",
         .citation = "Patarasuk, Yuan. Bandwidth optimal all-reduce algorithms for clusters of workstations. "
                     "JPDC 2009",
         .params =
             {{.name = "algorithm",
               .type = ParamType::kChoice,
               .default_value = "ring",
               .choices = {"ring"},
               .doc =
                   "ring: 2 (N - 1) messages of a N-th each, so that each worker sends less than twice the "
                   "gradient whatever N."},
              {.name = "bucket_mib",
               .type = ParamType::kNumber,
               .unit = "MiB",
               .default_value = 1.0,
               .minimum = 0.001,
               .maximum = 1024,
               .doc = "Gradients are exchanged in groups of at least this size, the first while the backward "
                      "pass still computes the others."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<AllReduceExchange>(params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
