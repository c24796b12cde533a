// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// scaffold_exchange.cc: federated averaging that takes the clients' drift out of their steps [cited below].
//   local step:  w -= eta_l (g_k(w) - c_k + c)
//   after K of them:  c_k' = mean over the steps of g_k(w);  the client sends w_k - w_t and c_k' - c_k
//   server:  w += eta Delta;  c += sum_k (n_k / n) (c_k' - c_k), n being the samples of all clients there are
// c_k' is the paper's option II: for plain gradient descent c_k - c + (w_t - w_k) / (K eta_l) is the mean of
// the g_k. Written as that mean it also holds for a local optimiser with momentum or decay. The paper weighs
// clients alike; here they are weighed by their samples, as in FedAvg, and with equal n_k that is the same.
// So c stays sum_k (n_k / n) c_k, also with a lossy codec: a client keeps what of its c_k arrived. Each
// client's state lies with one worker, client mod workers, and cannot move to a less busy one.
#include <algorithm>
#include <cstring>
#include <memory>

#include "core/base/registry.h"
#include "core/parallel/client_vectors.h"
#include "core/parallel/federated_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Scaffold final : public FederatedExchange {
 public:
  explicit Scaffold(const Params& params)
      : FederatedExchange(params),
        memory_limit_bytes_(static_cast<int64_t>(params.Number("memory_mib") * 1024 * 1024)) {}

 private:
  absl::Status Ready(const ExchangeContext& context) override {
    rank_ = context.data->rank();
    ranks_ = context.data->size();
    AddServerVector(0);
    own_.assign(floats(), 0.0F);
    correction_.assign(floats(), 0.0F);
    gradient_sum_.assign(floats(), 0.0F);
    const std::string& folder = context.scratch_folder;
    variates_ = std::make_unique<ClientVectors>(
        static_cast<int64_t>(floats()), memory_limit_bytes_,
        folder.empty() ? "" : fmt::format("{}/control-variates-{}", folder, rank_));
    return absl::OkStatus();
  }

  int vectors() const override { return 2; }

  absl::Status BeginClient(LocalTraining& local) override {
    RETURN_IF_ERROR(variates_->Load(local.client, own_));
    const std::span<const float> c = ServerVector(0);
    for (size_t i = 0; i < own_.size(); ++i) correction_[i] = c[i] - own_[i];
    std::fill(gradient_sum_.begin(), gradient_sum_.end(), 0.0F);
    local.correction = correction_;
    local.gradient_sum = gradient_sum_;
    return absl::OkStatus();
  }

  void SecondOf(const LocalResult& result, std::span<float> second) override {
    const float share = 1 / static_cast<float>(result.steps);
    float* const out = second.data();
    for (size_t i = 0; i < own_.size(); ++i) out[i] = share * gradient_sum_[i] - own_[i];
  }

  absl::Status SecondArrived(int64_t client, std::span<const float> second) override {
    for (size_t i = 0; i < own_.size(); ++i) own_[i] += second[i];
    return variates_->Store(client, own_);
  }

  void ServerStep(const Answers& answers, std::span<float> parameters) override {
    FederatedExchange::ServerStep(answers, parameters);
    const std::span<float> c = ServerVector(0);
    for (size_t i = 0; i < c.size(); ++i) c[i] += answers.second[i];
  }

  // u64 clients | u64 client, d floats each, ascending.
  void SaveClients(std::vector<uint8_t>& state) const override {
    const auto append = [&state](const void* data, size_t bytes) {
      const auto* raw = static_cast<const uint8_t*>(data);
      state.insert(state.end(), raw, raw + bytes);
    };
    const std::vector<int64_t> stored = variates_->stored();
    const uint64_t count = stored.size();
    append(&count, sizeof count);
    std::vector<float> row(floats());
    for (const int64_t client : stored) {
      // A vector that cannot be read back now is missing when the checkpoint is read, which says so.
      if (!variates_->Load(client, row).ok()) return;
      append(&client, sizeof client);
      append(row.data(), row.size() * sizeof(float));
    }
  }

  absl::Status LoadClients(std::span<const uint8_t> state) override {
    uint64_t count = 0;
    const size_t row_bytes = sizeof(int64_t) + floats() * sizeof(float);
    if (state.size() < sizeof count) return absl::DataLossError("the control variates' state ends too early");
    std::memcpy(&count, state.data(), sizeof count);
    state = state.subspan(sizeof count);
    if (state.size() % row_bytes != 0 || state.size() / row_bytes != count)
      return absl::DataLossError(fmt::format("{} bytes of control variates, expected {} clients of {} bytes",
                                             state.size(), count, row_bytes));
    int64_t before = -1;
    for (; !state.empty(); state = state.subspan(row_bytes)) {
      int64_t client = 0;
      std::memcpy(&client, state.data(), sizeof client);
      if (client <= before || client >= clients() || client % ranks_ != rank_)
        return absl::DataLossError(
            fmt::format("control variates of client {} after client {}, of {} clients, at worker {} of {}",
                        client, before, clients(), rank_, ranks_));
      before = client;
      std::memcpy(own_.data(), state.data() + sizeof client, own_.size() * sizeof(float));
      RETURN_IF_ERROR(variates_->Store(client, own_));
    }
    return absl::OkStatus();
  }

  double OwnVectors(const Circumstances& circumstances) const override {
    const double mine = static_cast<double>((clients() + circumstances.ranks - 1) / circumstances.ranks);
    const double limit = static_cast<double>(memory_limit_bytes_) /
                         (4 * static_cast<double>(std::max<int64_t>(1, circumstances.floats)));
    return 4 + std::min(mine, limit);
  }

  const int64_t memory_limit_bytes_;
  int rank_ = 0, ranks_ = 1;
  std::unique_ptr<ClientVectors> variates_;             // c_k
  std::vector<float> own_, correction_, gradient_sum_;  // of the client that trains
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "scaffold",
         .title = "SCAFFOLD",
         .summary =
             "Federated averaging with control variates: each client remembers its own mean gradient c_k, "
             "the "
             "server that of all, c, and every local step goes along g_k - c_k + c. So a client with other "
             "samples than the rest still steps where all would, and many local epochs do not end in a bias. "
             "Costs twice FedAvg's bytes both ways (parameters and variates), a vector for each client that "
             "ever "
             "took part, and one more pass over the parameters a local step. It helps where clients differ "
             "and "
             "come back often; a client that comes once in a thousand rounds has a stale c_k.",
         .citation =
             "Karimireddy, Kale, Mohri, Reddi, Stich, Suresh. SCAFFOLD: Stochastic Controlled Averaging "
             "for Federated Learning. ICML 2020",
         .params = FederatedParams(
             1.0,
             {{.name = "memory_mib",
               .unit = "MiB",
               .default_value = 1024.0,
               .minimum = 0,
               .maximum = 1e7,
               .doc = "Up to so much of its clients' variates each worker keeps in memory; the rest goes to "
                      "a file in the run's folder, which is gone when the worker ends. A checkpoint holds "
                      "them all."}})}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<Scaffold>(params);
    });

}  // namespace
}  // namespace concertina
