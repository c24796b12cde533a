// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// choco_exchange.cc: gossip that any compressing codec may serve, CHOCO-SGD [cited below].
// Neighbours know a rank by its public copy h_i, which it brings nearer to its parameters x_i by what a
// codec Q lets through; the mixing is between copies, so what Q held back is not lost but comes later:
//   q_i = Q(x_i - h_i)                                    sent to all neighbours
//   h_j <- h_j + q_j                                      at j and at every neighbour of j
//   x_i <- x_i + gamma sum_j W_ij (h_j - h_i) - lr g_i
// Memory-efficient form: instead of each neighbour's h_j a rank keeps their sum, one for each weight that
// occurs (one in all on ring, torus, hypercube and complete), so a sparse payload is added where it has
// elements and nowhere else. The order is that of Koloskova et al., ICLR 2020, where the exchange goes beside
// the gradient; with Q the identity h_i is x_i, and with gamma 1 this is gossip.
// The sum cannot be rid of the copy of a rank that is lost. So once all agree that one is (MixingExchange),
// all begin with copies of zero again, as the method itself does; until then, about 0.1 s, its last copy
// stays in the sums of its neighbours.
// State: of each bucket its codec's, sized | h | the sums.
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/parallel/bucket.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/codec_state.h"
#include "core/parallel/measured_encode.h"
#include "core/parallel/mixing_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class ChocoExchange final : public MixingExchange {
 public:
  ChocoExchange(MixingGraphChoice choice, double gamma, double bucket_mib)
      : MixingExchange(std::move(choice)),
        gamma_(gamma),
        bucket_bytes_(static_cast<int64_t>(bucket_mib * 1024 * 1024)) {}

  bool keeps_what_is_not_sent() const override { return true; }
  absl::Status Fits(const Circumstances& circumstances) const override {
    if (circumstances.codec_remembers)
      return absl::InvalidArgumentError(
          "/gradient/0/error_feedback: choco-sgd is error feedback already: what the codec holds back stays "
          "in "
          "the difference to the public copy, and would be counted twice; make it false");
    return MixingExchange::Fits(circumstances);
  }

  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    std::vector<std::string> warnings = MixingExchange::Warnings(circumstances);
    if (circumstances.codec_has_momentum)
      warnings.push_back(
          "choco-sgd compresses differences of parameters, not gradients: the codec's momentum, and what it "
          "gathers, push the public copies beyond the parameters; take top-k without error_feedback");
    return warnings;
  }

  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    const double vector = MixingExchange::ExtraMemoryBytes(circumstances);
    return circumstances.has_codec ? 3 * vector : vector;  // and h and the sum; the difference is the codec's
  }

  Pattern PatternOf(const Traffic& traffic) const override {
    const bool encoded = traffic.encoded_bytes >= 0;
    const double bytes = encoded ? static_cast<double>(traffic.encoded_bytes)
                                 : traffic.element_bytes * static_cast<double>(traffic.floats);
    const bool has_codec = encoded || traffic.element_bytes != sizeof(float);
    return PatternOfMixing(traffic, bytes, has_codec ? static_cast<double>(traffic.buckets) : 1);
  }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    for (const Part& part : parts_) AppendCodecState(*part.codec, state);
    Append(BytesOf(copy_), state);
    for (const Sum& sum : sums_) Append(BytesOf(sum.copies), state);
  }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    for (Part& part : parts_) RETURN_IF_ERROR(TakeCodecState(state, *part.codec));
    const size_t expected = (1 + sums_.size()) * copy_.size() * sizeof(float);
    if (state.size() != expected)
      return absl::DataLossError(
          fmt::format("choco-sgd's copies take {} bytes, expected {}: of another model or graph?",
                      state.size(), expected));
    const auto take = [&state](std::vector<float>& into) {
      const size_t bytes = into.size() * sizeof(float);
      if (bytes > 0) std::memcpy(into.data(), state.data(), bytes);
      state = state.subspan(bytes);
    };
    take(copy_);
    for (Sum& sum : sums_) take(sum.copies);
    return absl::OkStatus();
  }

  absl::Status ChangeCodec(const Params& params) override {
    for (Part& part : parts_) RETURN_IF_ERROR(part.codec->Change(params));
    return absl::OkStatus();
  }

  absl::Status Change(const Params& params) override {
    gamma_ = params.Number("gamma");
    return absl::OkStatus();
  }

 private:
  struct Part {  // one bucket
    int64_t offset = 0;
    int64_t count = 0;
    std::unique_ptr<Codec> codec;
    std::vector<uint8_t> payload;
  };
  struct Sum {  // over the neighbours of this weight
    double weight = 0;
    int neighbours = 0;
    std::vector<float> copies;
  };

  static std::span<const uint8_t> BytesOf(const std::vector<float>& values) {
    return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(float)};
  }
  static void Append(std::span<const uint8_t> bytes, std::vector<uint8_t>& out) {
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  static std::span<float> PartOf(std::span<float> whole, const Part& part) {
    return whole.subspan(static_cast<size_t>(part.offset), static_cast<size_t>(part.count));
  }

  absl::Status Ready() override {
    if (!context().make_codec || graph().ranks() == 1) return absl::OkStatus();
    size_t longest = 0;
    for (const Bucket& bucket : CutIntoBuckets(*context().layout, *context().gradient_order, bucket_bytes_)) {
      if (bucket.count == 0) continue;
      Part& part = parts_.emplace_back(
          Part{.offset = bucket.offset, .count = bucket.count, .codec = {}, .payload = {}});
      ASSIGN_OR_RETURN(part.codec, MakeBucketCodec(context(), part.offset, part.count));
      part.payload.reserve(static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)));
      longest = std::max(longest, static_cast<size_t>(part.count));
    }
    difference_.resize(longest);
    copy_.resize(context().parameters.size());
    for (const MixingRow::Neighbour& neighbour : RowAt(0).from) {
      size_t which = 0;
      while (which < sums_.size() && sums_[which].weight != neighbour.weight) ++which;
      if (which == sums_.size())
        sums_.push_back({.weight = neighbour.weight, .copies = std::vector<float>(copy_.size())});
      ++sums_[which].neighbours;
      sum_of_.push_back(which);
    }
    return absl::OkStatus();
  }

  absl::Status Mix(int64_t step) override {
    if (parts_.empty()) return MixWhole(step, gamma_);
    const Deadline deadline = StepDeadline();
    const MixingRow& row = RowAt(step);
    for (Part& part : parts_) {
      RETURN_IF_ERROR(Encode(part, step));
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        for (const int to : row.to)
          if (!is_lost(to))
            RETURN_IF_ERROR(Survive(
                to,
                context().data->Send(to, std::as_bytes(std::span<const uint8_t>(part.payload)), deadline)));
        return absl::OkStatus();
      }));
    }
    for (Part& part : parts_)
      for (size_t i = 0; i < row.from.size(); ++i) {
        const int from = row.from[i].rank;
        if (is_lost(from)) continue;
        const auto limit = static_cast<size_t>(part.codec->MaxPayloadBytes(part.count));
        RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
          return Survive(from, context().data->ReceiveMessage(from, limit, received_, deadline));
        }));
        if (is_lost(from)) continue;
        RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
          return Annotate(part.codec->DecodeAdd(received_, PartOf(sums_[sum_of_[i]].copies, part)),
                          fmt::format("the payload of rank {}", from));
        }));
      }
    return Timed(cost().exchange_seconds, [&] { return context().data->Flush(deadline); });
  }

  void Remain() override {
    std::fill(copy_.begin(), copy_.end(), 0.0F);
    for (Sum& sum : sums_) {
      sum.neighbours = 0;
      std::fill(sum.copies.begin(), sum.copies.end(), 0.0F);
    }
    const MixingRow& row = RowAt(0);
    for (size_t i = 0; i < sum_of_.size(); ++i)
      if (!is_lost(row.from[i].rank)) ++sums_[sum_of_[i]].neighbours;
  }

  // The payload of x - h, which h is then brought nearer by.
  absl::Status Encode(Part& part, int64_t step) {
    const std::span<const float> x = PartOf(context().parameters, part);
    const std::span<float> h = PartOf(copy_, part);
    const std::span<float> difference = std::span(difference_).first(x.size());
    RETURN_IF_ERROR(Timed(cost().encode_seconds, [&] {
      for (size_t i = 0; i < x.size(); ++i) difference[i] = x[i] - h[i];
      RETURN_IF_ERROR(part.codec->Encode(difference, step, part.payload));
      return part.codec->DecodeAdd(part.payload, h);
    }));
    cost().dense_bytes += x.size_bytes();
    cost().encoded_bytes += part.payload.size();
    if (!MeasuresError(step, context().measures_every())) return absl::OkStatus();
    double error = 0, norm = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double left = static_cast<double>(x[i]) - h[i];
      error += left * left;
      norm += static_cast<double>(difference[i]) * difference[i];
    }
    cost().error_squared += error;
    cost().gradient_squared += norm;
    cost().error_measured = true;
    return absl::OkStatus();
  }

  void TakeMixed(int64_t offset, int64_t count) override {
    if (parts_.empty()) return TakeWhole(offset, count);
    float* x = context().parameters.data() + offset;
    const float* h = copy_.data() + offset;
    for (const Sum& sum : sums_) {
      const auto weight = static_cast<float>(gamma_ * sum.weight);
      const auto neighbours = static_cast<float>(sum.neighbours);
      const float* copies = sum.copies.data() + offset;
      for (int64_t i = 0; i < count; ++i) x[i] += weight * (copies[i] - neighbours * h[i]);
    }
  }

  double gamma_;
  const int64_t bucket_bytes_;
  std::vector<Part> parts_;  // none: no codec
  std::vector<float> copy_;  // h of this rank
  std::vector<Sum> sums_;
  std::vector<size_t> sum_of_;  // by place in the row
  std::vector<float> difference_;
  std::vector<uint8_t> received_;
};

std::vector<ParamSpec> ChocoParams() {
  std::vector<ParamSpec> params = MixingGraphChoice::ParamSpecs(/*with_exponential=*/false);
  params.push_back(
      {.name = "gamma",
       .default_value = 0.2,
       .minimum = 1e-6,
       .maximum = 1,
       .live = true,
       .doc = "The consensus step size: how far a step goes towards the neighbours. The coarser the "
              "codec, the smaller it must be, or differences grow instead of shrinking: 1 without a "
              "codec (that is gossip), 0.2 for top-k of 10 %, 0.02 for 1 %."});
  params.push_back(
      BucketMibParam("Parameters are compressed in groups of at least this size, each with a codec of its "
                     "own."));
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "choco-sgd",
         .title = "Compressed gossip (CHOCO-SGD)",
         .summary = "Gossip where workers send compressed changes of a public copy of their parameters; "
                    "what a codec holds back comes later.",
         .citation = "Koloskova, Stich, Jaggi. Decentralized Stochastic Optimization and Gossip Algorithms "
                     "with Compressed Communication. ICML 2019",
         .params = ChocoParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<ChocoExchange>(MixingGraphChoice::From(params), params.Number("gamma"),
                                             params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
