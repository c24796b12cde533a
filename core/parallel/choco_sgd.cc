// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// choco_sgd.cc: gossip with compressed messages: ranks send what changed since the others last heard of it,
// and mix what is known of everybody.
//   x_i <- x_i - lr g_i;   q_i = C(x_i - h_i);   h_j <- h_j + q_j for all heard;   x_i <- x_i + gamma sum_j
//   W_ij (h_j - h_i)
// h_i is what the others know of rank i. Only h_i and s_i = sum_j W_ij h_j are kept, not h_j of each
// neighbour [Koloskova, Stich, Jaggi. Decentralized Stochastic Optimization and Gossip Algorithms with
// Compressed Communication. ICML 2019, algorithm 2 in the form of its appendix]. On the way of the data:
// worker/step_loop.cc -> parallel/decentralised_exchange.h.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/parallel/decentralised_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class ChocoSgd final : public DecentralisedExchange {
 public:
  ChocoSgd(std::string graph, std::string edges, double gamma)
      : DecentralisedExchange(std::move(graph), std::move(edges)), gamma_(gamma) {}

  absl::Status Fits(const Circumstances& circumstances) const override {
    RETURN_IF_ERROR(DecentralisedExchange::Fits(circumstances));
    if (!circumstances.codec_remembers) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "/gradient/0/error_feedback: CHOCO-SGD remembers itself what was not sent; set it to false");
  }
  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    return 4.0 * sizeof(float) * static_cast<double>(circumstances.floats);
  }

  absl::Status Prepare(const ExchangeContext& context) override {
    RETURN_IF_ERROR(DecentralisedExchange::Prepare(context));
    if (context.make_codec) {
      ASSIGN_OR_RETURN(codec_, context.make_codec());
    }
    const size_t d = context.parameters.size();
    // All begin with the same parameters, which therefore need not be told.
    known_.assign(context.parameters.begin(), context.parameters.end());
    mixed_ = known_;
    change_.assign(d, 0);
    decoded_.assign(d, 0);
    return absl::OkStatus();
  }
  absl::Status Begin(int64_t) override { return absl::OkStatus(); }

  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override {
    const std::span<float> x = context_.parameters;
    apply(0, static_cast<int64_t>(x.size()));
    ExchangeCost cost;
    if (data().size() > 1) {
      const double begin = Clock::Real().SteadySeconds();
      for (size_t i = 0; i < x.size(); ++i) change_[i] = x[i] - known_[i];
      RETURN_IF_ERROR(Tell(step, cost));
      RETURN_IF_ERROR(Hear(step, cost));
      const auto gamma = static_cast<float>(gamma_);
      for (size_t i = 0; i < x.size(); ++i) x[i] += gamma * (mixed_[i] - known_[i]);
      cost.wait_seconds = Clock::Real().SteadySeconds() - begin;
    }
    RETURN_IF_ERROR(MeasureConsensus(step));
    return cost;
  }

  // h_i | s_i | the codec's own.
  void SaveState(std::vector<uint8_t>& state) const override {
    if (codec_ != nullptr)
      codec_->SaveState(state);
    else
      state.clear();
    std::vector<uint8_t> vectors(8 * known_.size());
    std::memcpy(vectors.data(), known_.data(), 4 * known_.size());
    std::memcpy(vectors.data() + 4 * known_.size(), mixed_.data(), 4 * mixed_.size());
    state.insert(state.begin(), vectors.begin(), vectors.end());
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    const size_t bytes = 4 * known_.size();
    if (state.size() < 2 * bytes)
      return absl::DataLossError(
          fmt::format("the exchange's state has {} bytes, expected {} at least", state.size(), 2 * bytes));
    std::memcpy(known_.data(), state.data(), bytes);
    std::memcpy(mixed_.data(), state.data() + bytes, bytes);
    state = state.subspan(2 * bytes);
    if (codec_ != nullptr) return codec_->LoadState(state);
    return state.empty() ? absl::OkStatus()
                         : absl::DataLossError("a codec's state was found, and there is no codec");
  }
  absl::Status ChangeCodec(const Params& params) override {
    return codec_ == nullptr ? absl::OkStatus() : codec_->Change(params);
  }
  absl::Status Change(const Params& params) override {
    gamma_ = params.Number("consensus_step");
    return absl::OkStatus();
  }

 private:
  // Sends q_i, and takes it into what is known of this rank.
  absl::Status Tell(int64_t step, ExchangeCost& cost) {
    const double begin = Clock::Real().SteadySeconds();
    std::span<const std::byte> message = std::as_bytes(std::span<const float>(change_));
    std::span<const float> told = change_;
    cost.dense_bytes = change_.size() * sizeof(float);
    if (codec_ != nullptr) {
      RETURN_IF_ERROR(codec_->Encode(change_, step, payload_));
      RETURN_IF_ERROR(codec_->Decode(payload_, decoded_));
      message = std::as_bytes(std::span<const uint8_t>(payload_));
      told = decoded_;
      double error = 0, norm = 0;
      for (size_t i = 0; i < change_.size(); ++i) {
        const double lost = static_cast<double>(change_[i]) - decoded_[i];
        error += lost * lost;
        norm += static_cast<double>(change_[i]) * change_[i];
      }
      cost.error_squared = error;
      cost.gradient_squared = norm;
      cost.error_measured = true;
      cost.encode_seconds = Clock::Real().SteadySeconds() - begin;
    }
    cost.encoded_bytes = message.size();
    for (const int to : graph().SpeaksTo(data().rank(), step))
      RETURN_IF_ERROR(data().Send(to, message, StepDeadline()));
    const float own = graph().OwnWeight(data().rank(), step);
    for (size_t i = 0; i < told.size(); ++i) {
      known_[i] += told[i];
      mixed_[i] += own * told[i];
    }
    return absl::OkStatus();
  }

  absl::Status Hear(int64_t step, ExchangeCost& cost) {
    const Deadline deadline = StepDeadline();
    for (const MixingGraph::Neighbour& neighbour : graph().Hears(data().rank(), step)) {
      const double begin = Clock::Real().SteadySeconds();
      if (codec_ != nullptr) {
        const auto limit = static_cast<size_t>(codec_->MaxPayloadBytes(static_cast<int64_t>(change_.size())));
        RETURN_IF_ERROR(data().ReceiveMessage(neighbour.rank, limit, received_, deadline));
      } else {
        RETURN_IF_ERROR(
            data().Receive(neighbour.rank, std::as_writable_bytes(std::span<float>(decoded_)), deadline));
      }
      const double came = Clock::Real().SteadySeconds();
      if (codec_ != nullptr)
        RETURN_IF_ERROR(Annotate(codec_->Decode(received_, decoded_),
                                 fmt::format("the payload of rank {}", data().global_rank(neighbour.rank))));
      for (size_t i = 0; i < decoded_.size(); ++i) mixed_[i] += neighbour.weight * decoded_[i];
      cost.exchange_seconds += came - begin;
      cost.decode_seconds += Clock::Real().SteadySeconds() - came;
    }
    return data().Flush(deadline);
  }

  double gamma_;
  std::unique_ptr<Codec> codec_;
  std::vector<float> known_, mixed_, change_, decoded_;  // h_i, s_i, x_i - h_i, q of one rank
  std::vector<uint8_t> payload_, received_;
};

std::vector<ParamSpec> AllParams() {
  std::vector<ParamSpec> params = DecentralisedExchange::GraphParams(/*may_vary=*/false);
  params.push_back({.name = "consensus_step",
                    .default_value = 0.3,
                    .minimum = 1e-6,
                    .maximum = 1,
                    .live = true,
                    .doc =
                        "gamma: how far each step goes towards the neighbours. The less a codec sends, the "
                        "smaller it must be: 1 for none, about 0.3 for top-k of a tenth, less for less."});
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "choco-sgd",
         .title = "CHOCO-SGD",
         .summary = "Gossip in which workers send only compressed changes of their parameters, with any "
                    "codec: for many workers on thin links.",
         .citation = "Koloskova, Stich, Jaggi. Decentralized Stochastic Optimization and Gossip Algorithms "
                     "with Compressed Communication. ICML 2019",
         .params = AllParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<ChocoSgd>(params.Text("graph"), params.Text("edges"),
                                        params.Number("consensus_step"));
    });

}  // namespace
}  // namespace concertina
