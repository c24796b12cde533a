// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameter_server_exchange.cc: workers send their gradients to servers, which average them and send the
// average back. Here is the synchronous mode; the others are async_server_exchange.h's.
//   The gradient is cut into S shards; the server of shard s is rank s mod N, beside its worker, or one of
//   the dedicated servers in turn. A worker sends each shard, encoded, to its server: n bytes in all, and a
//   server sends n / S back to each [Li et al. OSDI 2014]. The average goes back dense, or in half precision
//   when the codec is one: averages of sparse gradients are not sparse. Payloads of floats that sum are never
//   unpacked on the way: the server adds them, and their mean goes back as it is.
// With "compress_down" the average of shard s goes back encoded too, once for all, by a codec that only its
// server has, and that remembers what this second compression loses [Tang et al. DoubleSqueeze. ICML 2019]:
//   v = 1/N sum_i Decode(payload_i) + e,   answer = C(v),   e <- v - Decode(answer)
// and everyone decodes the answer, its server too. Where a codec combines what was gathered (a vote), the
// result goes back as its payload in any case.
#include <algorithm>
#include <map>

#include "core/base/registry.h"
#include "core/comm/reduce.h"
#include "core/gradient/half.h"
#include "core/gradient/momentum_average.h"
#include "core/parallel/async_server_exchange.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/bucketed_exchange.h"
#include "core/parallel/codec_state.h"

namespace concertina {
namespace {

class ParameterServerExchange final : public BucketedExchange {
 public:
  ParameterServerExchange(const ParameterServerSettings& settings, double bucket_mib)
      : BucketedExchange(bucket_mib), settings_(settings), shards_(settings.shards) {}

  int servers() const override { return settings_.dedicated_servers; }
  bool combines() const override { return true; }
  int PartsOfBucket(Codec& /*codec*/, int /*ranks*/) const override { return static_cast<int>(shards_); }
  absl::Status Fits(const Circumstances& circumstances) const override {
    return CheckSettings(settings_, circumstances);
  }

  // Up to the server of each shard, and down to every worker.
  Pattern PatternOf(const Traffic& traffic) const override {
    Pattern pattern;
    const int n = traffic.ranks;
    if (n < 2 && servers() == 0) return pattern;
    const double dense = traffic.element_bytes * static_cast<double>(traffic.floats);
    const double up = traffic.encoded_bytes >= 0 ? static_cast<double>(traffic.encoded_bytes) : dense;
    const bool is_answer_encoded =
        traffic.encoded_bytes >= 0 && (settings_.compress_down || traffic.combines);
    const double down = is_answer_encoded ? up : dense;
    const auto shards = static_cast<double>(shards_), buckets = static_cast<double>(traffic.buckets);
    const int places = settings_.dedicated_servers > 0 ? settings_.dedicated_servers : n;
    for (int first = 0; first < std::min<int64_t>(places, shards_); ++first) {
      const auto served = static_cast<double>((shards_ - first + places - 1) / places);  // shards there
      const int server = ServerOf(static_cast<size_t>(first), n);
      for (int worker = 0; worker < n; ++worker) {
        if (worker == server) continue;
        pattern.flows.push_back({worker, server, up * served / shards, served * buckets});
        pattern.flows.push_back({server, worker, down * served / shards, served * buckets});
      }
    }
    pattern.rounds = 2 * buckets;
    if (traffic.encoded_bytes < 0) return pattern;
    // The server of the most shards unpacks them of all workers; an answer it packs once, and all unpack it.
    const double busiest = static_cast<double>((shards_ + places - 1) / places) / shards;
    pattern.encodes = 1 + (is_answer_encoded ? busiest : 0);
    pattern.decodes = n * busiest + (is_answer_encoded ? 1 : 0);
    return pattern;
  }

  // Of the servers' own codecs: a residual, and room to work it out.
  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    if (!settings_.compress_down || !circumstances.has_codec) return 0;
    const int64_t places = servers() > 0 ? servers() : circumstances.ranks;
    const auto served = static_cast<double>((shards_ + places - 1) / places);
    return 8.0 * static_cast<double>(circumstances.floats) * served / static_cast<double>(shards_);
  }

  // The answering codecs of the shards that are served here, then what all exchanges with buckets keep.
  void SaveState(std::vector<uint8_t>& state) const override {
    std::vector<uint8_t> of_buckets;
    BucketedExchange::SaveState(of_buckets);
    state.clear();
    for (const auto& [offset, answering] : answering_) AppendCodecState(*answering.codec, state);
    state.insert(state.end(), of_buckets.begin(), of_buckets.end());
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    for (const auto& [offset, answering] : answering_)
      RETURN_IF_ERROR(TakeCodecState(state, *answering.codec));
    return BucketedExchange::LoadState(state);
  }
  absl::Status ChangeLayerCodec(int chain, const Params& params) override {
    RETURN_IF_ERROR(BucketedExchange::ChangeLayerCodec(chain, params));
    for (const auto& [offset, answering] : answering_)
      if (answering.chain == chain) RETURN_IF_ERROR(answering.codec->Change(params));
    return absl::OkStatus();
  }

 private:
  int parts_per_bucket(int /*chain*/) const override { return static_cast<int>(shards_); }
  int workers() { return data().size() - settings_.dedicated_servers; }
  int ServerOf(size_t shard, int ranks) const {
    return settings_.dedicated_servers > 0 ? ranks + static_cast<int>(shard) % settings_.dedicated_servers
                                           : static_cast<int>(shard) % ranks;
  }
  int ServerOf(size_t shard) { return ServerOf(shard, workers()); }

  // Asked at every step: a codec may send the first steps as they are (gradient/momentum_average.h).
  bool IsAnswerEncoded(const Part& part) const {
    return HasSum(part, Codec::Sum::kGathered) && (settings_.compress_down || part.codec->combines());
  }

  absl::Status Ready() override {
    for (size_t b = 0; b < bucket_count(); ++b) {
      const std::span<const Part> parts = PartsOf(b);
      for (size_t shard = 0; shard < parts.size(); ++shard) {
        const Part& part = parts[shard];
        if (!IsAnswerEncoded(part) || ServerOf(shard) != data().rank()) continue;
        ASSIGN_OR_RETURN(auto codec, MakeBucketCodec(context(), part.offset, part.count, chain_of(b)));
        answering_[part.offset] = {chain_of(b), WithoutMomentum(std::move(codec))};
      }
    }
    return absl::OkStatus();
  }

  absl::Status Average(std::span<Part> parts, int64_t step) override {
    const Deadline deadline = StepDeadline();
    const int me = data().rank();
    const bool is_worker = me < workers();
    for (size_t shard = 0; shard < parts.size() && is_worker; ++shard) {
      Part& part = parts[shard];
      if (part.count == 0) continue;
      if (part.codec != nullptr) {
        RETURN_IF_ERROR(Encode(part, step));
      } else {
        cost().dense_bytes += static_cast<uint64_t>(part.count) * sizeof(float);
        cost().encoded_bytes += static_cast<uint64_t>(part.count) * sizeof(float);
      }
      if (ServerOf(shard) == me) continue;
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        data().transport().Note({.kind = MessageKind::kPush,
                                 .part = static_cast<int>(shard),
                                 .parts = static_cast<int>(parts.size()),
                                 .version = static_cast<int32_t>(step)});
        return data().Send(ServerOf(shard),
                           part.codec != nullptr ? std::as_bytes(std::span<const uint8_t>(part.payload))
                                                 : std::as_bytes(std::span<const float>(GradientOf(part))),
                           deadline);
      }));
    }
    for (size_t shard = 0; shard < parts.size(); ++shard)
      if (parts[shard].count > 0 && ServerOf(shard) == me)
        RETURN_IF_ERROR(Serve(parts[shard], step, deadline));
    for (size_t shard = 0; shard < parts.size() && is_worker; ++shard)
      if (parts[shard].count > 0 && ServerOf(shard) != me)
        RETURN_IF_ERROR(TakeAverage(parts[shard], ServerOf(shard), deadline));
    return Timed(cost().exchange_seconds, [&] { return data().Flush(deadline); });
  }

  // Sums in rank order, whoever came first, so that the same bits come out every time.
  absl::Status Serve(Part& part, int64_t step, Deadline deadline) {
    const bool is_packed = HasSum(part, Codec::Sum::kFloat32);  // then it is payloads that are added
    sum_.assign(is_packed ? SummedFloats(part) : static_cast<size_t>(part.count), 0);
    const std::span<float> gradient = GradientOf(part);
    for (int rank = 0; rank < workers(); ++rank) {
      if (rank == data().rank()) {
        RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
          if (part.codec != nullptr && !is_packed) return part.codec->DecodeAdd(part.payload, sum_);
          AddFloats(sum_.data(), is_packed ? static_cast<const void*>(part.payload.data()) : gradient.data(),
                    sum_.size(), 1);
          return absl::OkStatus();
        }));
      } else if (part.codec != nullptr && !is_packed) {
        RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
          return data().ReceiveMessage(rank, static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)),
                                       received_, deadline);
        }));
        RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
          return Annotate(part.codec->DecodeAdd(received_, sum_),
                          "the payload of rank " + std::to_string(rank));
        }));
      } else {
        RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
          return data().Receive(rank, sum_.size() * sizeof(float), deadline,
                                PieceAdder(sum_.data(), FloatSum{}, /*is_last=*/false));
        }));
      }
    }
    const float share = 1.0f / static_cast<float>(workers());
    std::span<const std::byte> answer = std::as_bytes(std::span<const float>(gradient));
    if (is_packed) {
      ScaleFloats(sum_, share);
      answer = std::as_bytes(std::span<const float>(sum_));
      RETURN_IF_ERROR(DecodeMean(part, {reinterpret_cast<const uint8_t*>(answer.data()), answer.size()}));
    } else if (IsAnswerEncoded(part)) {
      RETURN_IF_ERROR(EncodeAnswer(part, step));
      answer = std::as_bytes(std::span<const uint8_t>(answer_));
    } else {
      for (size_t i = 0; i < sum_.size(); ++i) gradient[i] = sum_[i] * share;
    }
    if (HasSum(part, Codec::Sum::kFloat16)) {
      part.payload.resize(gradient.size() * 2);
      if (!FloatsToHalves(gradient, part.payload.data()))
        return absl::OutOfRangeError("the averaged gradient has an element that is not a number");
      answer = std::as_bytes(std::span<const uint8_t>(part.payload));
      HalvesToFloats(part.payload.data(), gradient);  // what the others will have, to the bit
    }
    return Timed(cost().exchange_seconds, [&] {
      for (int rank = 0; rank < workers(); ++rank) {
        if (rank == data().rank()) continue;
        data().transport().Note({.kind = MessageKind::kAnswer, .version = static_cast<int32_t>(step)});
        RETURN_IF_ERROR(data().Send(rank, answer, deadline));
      }
      // The next shard's sum must not overwrite what is still being sent.
      return data().Flush(deadline);
    });
  }

  // Of sum_. The bytes of the step's codecs (cost()) are those that went up.
  absl::Status EncodeAnswer(Part& part, int64_t step) {
    Codec& codec = *answering_.at(part.offset).codec;
    RETURN_IF_ERROR(Timed(cost().encode_seconds, [&] {
      part.codec->Combine(sum_, workers(), step);
      return Annotate(codec.Encode(sum_, step, answer_), "the average of the workers' gradients");
    }));
    cost().residual_squared += codec.ResidualNormSquared();
    return DecodeMean(part, answer_);  // what the others will have, to the bit
  }

  absl::Status TakeAverage(Part& part, int server, Deadline deadline) {
    const std::span<float> gradient = GradientOf(part);
    const bool is_packed = HasSum(part, Codec::Sum::kFloat32);
    if (IsAnswerEncoded(part)) {
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        return data().ReceiveMessage(server, static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)),
                                     received_, deadline);
      }));
      return Annotate(DecodeMean(part, received_), "the average from rank " + std::to_string(server));
    }
    if (!is_packed && !HasSum(part, Codec::Sum::kFloat16))
      return Timed(cost().exchange_seconds,
                   [&] { return data().Receive(server, std::as_writable_bytes(gradient), deadline); });
    received_.resize(is_packed ? SummedFloats(part) * sizeof(float) : gradient.size() * 2);
    RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
      return data().Receive(server, std::as_writable_bytes(std::span<uint8_t>(received_)), deadline);
    }));
    if (is_packed)
      return Annotate(DecodeMean(part, received_), "the average from rank " + std::to_string(server));
    if (!HalvesToFloats(received_.data(), gradient))
      return absl::DataLossError("the average from rank " + std::to_string(server) +
                                 " has an element that is not a number");
    return absl::OkStatus();
  }

  absl::Status DecodeMean(Part& part, std::span<const uint8_t> payload) {
    return Timed(cost().decode_seconds, [&] { return part.codec->Decode(payload, GradientOf(part)); });
  }

  static bool HasSum(const Part& part, Codec::Sum sum) {
    return part.codec != nullptr && part.codec->sum() == sum;
  }
  static size_t SummedFloats(const Part& part) {
    return static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)) / sizeof(float);
  }

  const ParameterServerSettings settings_;
  const int64_t shards_;
  std::vector<float> sum_;
  std::vector<uint8_t> received_, answer_;
  struct Answering {
    int chain = 0;
    std::unique_ptr<Codec> codec;
  };
  std::map<int64_t, Answering> answering_;  // by the offset of a shard that is served here
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "parameter-server",
         .title = "Parameter server",
         .summary = "Workers send gradients to servers and go on with what these answer, in step or not.",
         .citation = "Li et al. Scaling Distributed Machine Learning with the Parameter Server. OSDI 2014",
         .params =
             {{.name = "mode",
               .type = ParamType::kChoice,
               .default_value = "sync",
               .choices = {"sync", "async", "stale-synchronous"},
               .doc =
                   "sync: a step ends when every worker's gradient is in the average. async: the server "
                   "updates "
                   "its parameters with each gradient as it comes, with its own optimiser, and answers with "
                   "them; nobody waits, but a gradient was computed on parameters that others have changed "
                   "since "
                   "(its staleness, series async/staleness) [Recht et al. Hogwild. NIPS 2011; Dean et al. "
                   "NIPS "
                   "2012]. stale-synchronous: async, but no worker is more than staleness_bound steps ahead "
                   "of "
                   "the slowest [Ho et al. NIPS 2013]. A run that is not sync is never the same twice; each "
                   "worker evaluates its own part of the test samples, and the run shows the mean."},
              {.name = "shards",
               .type = ParamType::kInteger,
               .default_value = 1,
               .minimum = 1,
               .maximum = 256,
               .doc = "Into how many pieces the parameters are cut, each with a server. One shard makes its "
                      "server's link the bottleneck; N shards share the load."},
              {.name = "dedicated_servers",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 256,
               .doc = "Ranks that only serve, counted in /workers besides those that train; shard s lies "
                      "with the "
                      "s-th of them, in turn. 0: shard s lies with worker s mod N, which serves it while it "
                      "trains. With dedicated servers an asynchronous run outlives any lost worker. Of a "
                      "model that is divided over a pipeline or tensor axis each part has as many."},
              {.name = "staleness_bound",
               .type = ParamType::kInteger,
               .unit = "steps",
               .default_value = 3,
               .minimum = 0,
               .maximum = 1000000,
               .doc = "s of stale-synchronous: a worker begins step c only when every worker has made c - s "
                      "steps, and then sees all of these. 0 is as strict as sync; large is async."},
              {.name = "damping",
               .type = ParamType::kChoice,
               .default_value = "none",
               .choices = {"none", "inverse", "workers"},
               .doc =
                   "What becomes of the learning rate in async and stale-synchronous. workers: over N, so "
                   "that N "
                   "gradients move the parameters as far as their mean would. inverse: over 1 + staleness of "
                   "each gradient [Zhang et al. Staleness-aware Async-SGD. IJCAI 2016, arXiv:1511.05950]. "
                   "none: as it is; with several workers it must then be small."},
              {.name = "backup_workers",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 4095,
               .doc = "b of sync: the average is taken as soon as N - b gradients are there, by the server's "
                      "optimiser; later ones are dropped and counted (series async/dropped_gradients), and "
                      "their "
                      "workers go on from the newest parameters. Stragglers hold up nobody, for b / N of the "
                      "work "
                      "[Chen et al. Revisiting Distributed Synchronous SGD. 2016]."},
              {.name = "compress_down",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "Of sync, with a codec whose payloads do not sum (top-k, signsgd, …): the average goes "
                      "back through the codec too, not dense, so that both ways shrink alike [Tang et al. "
                      "DoubleSqueeze. ICML 2019]. The server compresses once for all its workers; with "
                      "error feedback it remembers what that loses, beside what each worker remembers, and "
                      "without it is lost twice. N times as sparse an average needs more steps: worth it "
                      "where the servers' links are the bottleneck. Other codecs go back as small as they "
                      "came in any case. Not for codecs with momentum, or ef21 and econtrol."},
              BucketMibParam(
                  "In sync, gradients are exchanged in groups of at least this size, the first while the "
                  "backward pass still computes the others.")}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      const std::string damping = params.Text("damping");
      const ParameterServerSettings settings{
          .mode = params.Text("mode"),
          .shards = params.Integer("shards"),
          .dedicated_servers = static_cast<int>(params.Integer("dedicated_servers")),
          .staleness_bound = params.Integer("staleness_bound"),
          .damping = damping == "inverse"   ? ServerRule::Damping::kInverse
                     : damping == "workers" ? ServerRule::Damping::kWorkers
                                            : ServerRule::Damping::kNone,
          .backup_workers = static_cast<int>(params.Integer("backup_workers")),
          .compress_down = params.Boolean("compress_down")};
      if (settings.mode != "sync" || settings.backup_workers > 0) return MakeAsyncServerExchange(settings);
      return std::make_unique<ParameterServerExchange>(settings, params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
