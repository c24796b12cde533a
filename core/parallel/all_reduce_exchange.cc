// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_exchange.cc: every rank ends with the average, no rank is special.
//   dense gradients, and payloads that sum (halves, elements that all ranks drew alike, sketches): an
//   all-reduce of each bucket, along one of the ways of comm/all_reduce.h
//   payloads that are summed in rounds (gradient/codec.h, SummedRounds): an all-reduce each
//   payloads that do not sum: gathered, (N - 1) payloads sent a rank; each rank decodes all, in rank order,
//   so that every rank adds in the same order and ends with the same bits. The mean, or what their codec
//   makes of the sum (Codec::Combine)
//   payloads that do not sum, "recompress": on a ring, each bucket in N chunks with a codec each. In hop h =
//   0 … N - 2 rank r sends C(chunk r - h) and adds what it decodes to its chunk r - h - 1; then C(chunk r +
//   1), the sum of all, is gathered, and every rank decodes all N of these, its own too. A rank encodes each
//   chunk once a step, as the same hop of its way, so a codec of a chunk remembers what that hop lost:
//     sum_t (sum decoded at t) = sum_t sum_i g_i,t - what waits,   at every hop as in error feedback
#include <algorithm>

#include "core/base/registry.h"
#include "core/gradient/half.h"
#include "core/parallel/all_reduce_pattern.h"
#include "core/parallel/average_in_rounds.h"
#include "core/parallel/bucketed_exchange.h"
#include "core/parallel/payload_sum.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class AllReduceExchange final : public BucketedExchange {
 public:
  AllReduceExchange(double bucket_mib, AllReduceWay way, bool recompresses)
      : BucketedExchange(bucket_mib), way_(way), recompresses_(recompresses) {}

  bool combines() const override { return true; }
  // The chunks of the ring, where payloads are compressed again on the way.
  int PartsOfBucket(Codec& codec, int ranks) const override {
    return recompresses_ && codec.sum() == Codec::Sum::kGathered && codec.summed_rounds() == nullptr ? ranks
                                                                                                     : 1;
  }

  absl::Status Fits(const Circumstances& circumstances) const override {
    if (!recompresses_ || !circumstances.has_codec) return absl::OkStatus();
    const char* why = nullptr;
    if (circumstances.codec_has_momentum)
      why = "the codec's momentum would act again at every hop";
    else if (circumstances.codec_adds_up)
      why = "what the codec sends is to be added up over the steps by who receives it, and a hop passes on";
    else if (circumstances.codec_combines)
      why = "a vote is taken of all ranks' payloads, and a hop has but a sum of some";
    else if (circumstances.averages_momentum)
      why = "every hop would add the optimiser's momentum again";
    if (why == nullptr) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("/exchange/recompress: {}; false, or another codec", why));
  }

  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    std::vector<std::string> warnings;
    const int n = circumstances.ranks;
    if (way_.algorithm == AllReduceAlgorithm::kOneShot && n > 2 && circumstances.floats > kManyFloats)
      warnings.push_back(
          fmt::format("one-shot sends the gradient to each of {} other workers whole, {:.1f} times as much "
                      "as two-shot: it "
                      "is for small models",
                      n - 1, n / 2.0));
    if (way_.algorithm == AllReduceAlgorithm::kHierarchical && (way_.group == 1 || way_.group >= n) && n > 1)
      warnings.push_back(fmt::format("groups of {} among {} workers leave one level only: it goes as {}",
                                     way_.group, n, way_.group == 1 ? "ring" : "two-shot"));
    if (recompresses_ && circumstances.has_codec && n == 2)
      warnings.push_back(
          "recompress: between 2 workers it sends as much as gathering does, and loses more; it is for 3 and "
          "more");
    return warnings;
  }

  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    if (way_.algorithm != AllReduceAlgorithm::kOneShot || circumstances.ranks < 3) return 0;
    return std::min(4.0 * static_cast<double>(circumstances.floats), static_cast<double>(kOneShotBlockBytes));
  }

  Pattern PatternOf(const Traffic& traffic) const override {
    Pattern pattern;
    const int n = traffic.ranks;
    if (n < 2) return pattern;
    const auto buckets = static_cast<double>(traffic.buckets);
    if (!traffic.summed_rounds.empty()) {
      for (const SummedRound& round : traffic.summed_rounds) {
        const Pattern sum = AllReducePattern(way_, round.bytes, round.buckets, n);
        pattern.flows.insert(pattern.flows.end(), sum.flows.begin(), sum.flows.end());
        pattern.rounds += sum.rounds;
      }
      return pattern;
    }
    if (traffic.encoded_bytes >= 0 && recompresses_) {
      // The mean of a bucket's chunks: where they pack unequally, ranks send a little more or less.
      const double chunk = static_cast<double>(traffic.encoded_bytes) / n;
      for (int from = 0; from < n; ++from) {
        pattern.flows.push_back({from, (from + 1) % n, (n - 1) * chunk, (n - 1) * buckets});
        for (int to = 0; to < n; ++to)
          if (from != to) pattern.flows.push_back({from, to, chunk, buckets});
      }
      pattern.rounds = n * buckets;
      pattern.decodes = 2 - 1.0 / n;  // N - 1 chunks in the hops, and then all of them
      return pattern;
    }
    if (traffic.encoded_bytes >= 0) {
      for (int from = 0; from < n; ++from)
        for (int to = 0; to < n; ++to)
          if (from != to)
            pattern.flows.push_back({from, to, static_cast<double>(traffic.encoded_bytes), buckets});
      pattern.rounds = buckets;
      pattern.decodes = n;
      return pattern;
    }
    return AllReducePattern(way_, traffic.element_bytes * static_cast<double>(traffic.floats), buckets, n);
  }

  // With auto, the table too: whoever goes on from here, on whatever machine, takes the same ways.
  void SaveState(std::vector<uint8_t>& state) const override {
    BucketedExchange::SaveState(state);
    if (!is_auto()) return;
    const std::vector<uint8_t> table = data().table().ToBytes();
    state.insert(state.begin(), table.begin(), table.end());
    state.insert(state.begin(), static_cast<uint8_t>(table.size() / AllReduceTable::kRowBytes));
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    if (!is_auto()) return BucketedExchange::LoadState(state);
    const size_t table_bytes = state.empty() ? 0 : state[0] * AllReduceTable::kRowBytes;
    if (state.size() < 1 + table_bytes)
      return absl::DataLossError("the state of the all-reduce ends within its table");
    ASSIGN_OR_RETURN(AllReduceTable table, AllReduceTable::FromBytes(state.subspan(1, table_bytes)));
    if (!table.empty()) data().SetTable(std::move(table));
    return BucketedExchange::LoadState(state.subspan(1 + table_bytes));
  }

 private:
  static constexpr int64_t kManyFloats = 65536;  // 256 KiB: from there on bytes weigh more than rounds

  bool is_auto() const { return way_.algorithm == AllReduceAlgorithm::kAuto; }

  absl::Status Ready() override {
    return is_auto() ? data().PrepareAuto(way_.group, StepDeadline()) : absl::OkStatus();
  }

  int parts_per_bucket(int chain) const override {
    const ExchangeContext::MakeCodec& make_codec = context().codec_of(chain);
    if (!recompresses_ || !make_codec) return 1;
    const absl::StatusOr<std::unique_ptr<Codec>> codec = make_codec();
    return codec.ok() ? PartsOfBucket(**codec, data().size()) : 1;  // an error comes back with the first part
  }

  absl::Status Average(std::span<Part> parts, int64_t step) override {
    if (parts.size() > 1) return AverageInHops(parts, step);
    for (Part& part : parts)
      RETURN_IF_ERROR(part.codec == nullptr ? AverageDense(part) : AverageEncoded(part, step));
    return absl::OkStatus();
  }

  absl::Status AverageDense(Part& part) {
    const uint64_t bytes = static_cast<uint64_t>(part.count) * sizeof(float);
    cost().dense_bytes += bytes;
    cost().encoded_bytes += bytes;
    return Timed(cost().exchange_seconds, [&] {
      return data().AllReduceSum(GradientOf(part), StepDeadline(), 1.0f / static_cast<float>(data().size()),
                                 way_);
    });
  }

  absl::Status AverageEncoded(Part& part, int64_t step) {
    const std::span<float> gradient = GradientOf(part);
    if (part.codec->summed_rounds() != nullptr)
      return AverageInRounds(*part.codec, {.data = data(), .way = way_, .deadline = StepDeadline()}, gradient,
                             part.before, step, cost(), PlaceOf(part));
    const float share = 1.0f / static_cast<float>(data().size());
    if (part.codec->sum() == Codec::Sum::kFloat16) {
      for (float& g : gradient) g *= share;
      RETURN_IF_ERROR(Encode(part, step, share));
    } else {
      RETURN_IF_ERROR(Encode(part, step));
    }
    RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
      return SumPayloads(*part.codec, part.count,
                         {.ranks = data(), .way = way_, .deadline = StepDeadline(), .scale = share},
                         part.payload, gathered_);
    }));
    return Timed(cost().decode_seconds, [&] {
      RETURN_IF_ERROR(DecodeSum(*part.codec, part.payload, gathered_, gradient));
      if (part.codec->sum() == Codec::Sum::kGathered && data().size() > 1)
        part.codec->Combine(gradient, data().size(), step);
      return absl::OkStatus();
    });
  }

  absl::Status AverageInHops(std::span<Part> chunks, int64_t step) {
    const int n = data().size(), me = data().rank();
    const int right = (me + 1) % n, left = (me + n - 1) % n;
    const Deadline deadline = StepDeadline();
    const auto chunk_of = [&](int c) -> Part& { return chunks[static_cast<size_t>((c % n + n) % n)]; };
    for (int hop = 0; hop < n - 1; ++hop) {
      Part& outgoing = chunk_of(me - hop);
      if (outgoing.count > 0) {
        RETURN_IF_ERROR(Encode(outgoing, step));
        RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
          data().transport().Note(
              {.kind = MessageKind::kReduce, .part = ((me - hop) % n + n) % n, .parts = n});
          return data().Send(right, std::as_bytes(std::span<const uint8_t>(outgoing.payload)), deadline);
        }));
      }
      Part& incoming = chunk_of(me - hop - 1);
      if (incoming.count == 0) continue;
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        return data().ReceiveMessage(
            left, static_cast<size_t>(incoming.codec->MaxPayloadBytes(incoming.count)), received_, deadline);
      }));
      RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
        return Annotate(incoming.codec->DecodeAdd(received_, GradientOf(incoming)),
                        "the payload of rank " + std::to_string(left));
      }));
    }
    Part& mine = chunk_of(me + 1);
    if (mine.count > 0) RETURN_IF_ERROR(Encode(mine, step));
    size_t limit = 0;
    for (const Part& chunk : chunks)
      if (chunk.count > 0)
        limit = std::max(limit, static_cast<size_t>(chunk.codec->MaxPayloadBytes(chunk.count)));
    RETURN_IF_ERROR(Timed(cost().exchange_seconds,
                          [&] { return data().AllGather(mine.payload, limit, gathered_, deadline); }));
    return Timed(cost().decode_seconds, [&] {
      const float share = 1.0f / static_cast<float>(n);
      for (int rank = 0; rank < n; ++rank) {
        Part& chunk = chunk_of(rank + 1);
        if (chunk.count == 0) continue;
        const std::span<float> gradient = GradientOf(chunk);
        RETURN_IF_ERROR(Annotate(chunk.codec->Decode(gathered_[static_cast<size_t>(rank)], gradient),
                                 "the payload of rank " + std::to_string(rank)));
        for (float& g : gradient) g *= share;
      }
      return absl::OkStatus();
    });
  }

  const AllReduceWay way_;
  const bool recompresses_;
  std::vector<std::vector<uint8_t>> gathered_;
  std::vector<uint8_t> received_;
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
               .choices = AllReduceNames(),
               .doc =
                   "Which way the sum is made of n bytes at each of N workers, where a message costs alpha "
                   "seconds and a byte beta. "
                   "ring: each speaks to its neighbour only, 2 (N - 1) alpha + 2 (N - 1)/N n beta; fewest "
                   "bytes, for large gradients and any network. "
                   "halving-doubling: partners at distance 1, 2, 4, … swap halves of halves, 2 log2 N alpha "
                   "+ "
                   "as many bytes as the ring; for many workers, best where N is a power of two (else + 2 "
                   "alpha + 2 n beta) [Thakur et al. 2005]. "
                   "double-tree: two binary trees, each for half of the vector and each within where the "
                   "other has leaves, in chunks, about 2 log2 N alpha + 2 n beta; for many workers and "
                   "gradients of middling size [Sanders et al. 2009]. "
                   "hierarchical: reduce-scatter inside groups of workers, ring between the groups, "
                   "all-gather inside; for several machines, of whose network each worker then uses only a "
                   "1/g. "
                   "one-shot: everyone sends everyone everything, alpha + (N - 1) n beta; for tiny "
                   "gradients. "
                   "two-shot: everyone sends everyone its N-th to be summed, and the sum back, 2 alpha + 2 "
                   "(N "
                   "- 1)/N n beta; fewest bytes and few rounds, on a network that bears N - 1 at once. "
                   "auto: measures all of them once for this machine, link and N, and takes the quickest for "
                   "each bucket; the table is kept, so that the same seed gives the same bits."},
              {.name = "group",
               .type = ParamType::kInteger,
               .default_value = 2,
               .minimum = 1,
               .maximum = 4096,
               .doc =
                   "Of hierarchical: consecutive workers a group, best those of one machine. The last group "
                   "may be smaller."},
              {.name = "recompress",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc =
                   "Of codecs whose payloads do not sum (top-k, signsgd, qsgd, …): not gathered, N - 1 "
                   "payloads "
                   "a worker, but decoded, added to and encoded again at every hop of a ring, 2 (N - 1)/N "
                   "of a payload, whatever the algorithm. Encoding a sum of k gradients errs by about k "
                   "times as much as encoding one, so the noise of codecs that round at random grows with "
                   "N where gathering would average it out. With error feedback each hop remembers what it "
                   "lost and sends it a step later: nothing is lost for good, but more waits, and longer. "
                   "For many workers and slow networks. Not for codecs with momentum, a vote, or the "
                   "variants ef21 and econtrol."},
              BucketMibParam(
                  "Gradients are exchanged in groups of at least this size, the first while the backward "
                  "pass still computes the others.")}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<AllReduceExchange>(
          params.Number("bucket_mib"),
          AllReduceWay{.algorithm = *AllReduceAlgorithmNamed(params.Text("algorithm")),
                       .group = static_cast<int>(params.Integer("group"))},
          params.Boolean("recompress"));
    });

}  // namespace
}  // namespace concertina
