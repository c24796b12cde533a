// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_exchange.h: what the federated exchanges share. A step of the run is a round: some of many
// virtual clients train on their own samples from the server's parameters w_t, and the server makes w_(t+1)
// of what they answer. A kind says what its server makes of the answers, and what its clients add to their
// gradients. On the way of the data: worker/step_loop_rounds.cc -> here -> parallel/round_trainer.h (local
// training) -> parallel/agreed_mean.h (one sum a round) -> the server's step, on every rank alike.
//   w_k = w_t after E epochs on client k's n_k samples;   Delta = sum_k n_k (w_k - w_t) / sum_k n_k
// over the clients k that took part. What is counted where:
//   federated/upload_bytes, federated/download_bytes: what the virtual clients would send and get, a round:
//     vectors of parameters as the run's codec really encoded them (each client's change alone, with a fresh
//     codec), and running statistics of batch norm in full; not the two numbers n_k and loss beside them.
//   comm/…: what really went between the worker processes: the workers' sums, in full.
// A round goes on without a worker that is lost: all that are left agree on the sum of what they have
// (parallel/agreed_mean.h), in which the lost one's clients are as if they had dropped out, and deal the next
// rounds' clients among themselves. Not where clients' state lies with one worker.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/comm/roll_call.h"
#include "core/parallel/agreed_mean.h"
#include "core/parallel/cohort.h"
#include "core/parallel/exchange.h"

namespace concertina {

// The parameters that every federated kind takes, with the server's learning rate as the kind has it, and
// then its own.
std::vector<ParamSpec> FederatedParams(double server_learning_rate, std::vector<ParamSpec> own = {});

class FederatedExchange : public Exchange {
 public:
  explicit FederatedExchange(const Params& params) { Take(params); }

  std::optional<Rounds> rounds() const final;
  bool survives_loss() const final { return goes_on_ && vectors() == 1; }
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(int64_t word,
                                                           absl::FunctionRef<absl::Status()> meanwhile) final;
  absl::Status Prepare(const ExchangeContext& context) final;
  absl::Status Begin(int64_t) final { return absl::OkStatus(); }
  void GradientReady(int) final {}
  absl::StatusOr<ExchangeCost> Finish(int64_t, const Apply&) final;
  absl::StatusOr<RoundResult> Round(int64_t round, RoundTrainer& trainer) final;

  void SaveState(std::vector<uint8_t>& state) const final;
  absl::Status LoadState(std::span<const uint8_t> state) final;
  absl::Status ChangeCodec(const Params& params) final;
  absl::Status Change(const Params& params) final;

  absl::Status Fits(const Circumstances& circumstances) const final;
  std::vector<std::string> Warnings(const Circumstances& circumstances) const final;
  double ExtraMemoryBytes(const Circumstances& circumstances) const final;
  Pattern PatternOf(const Traffic& traffic) const final;

 protected:
  // What the workers' sums came to; all of d floats, the same bits on every rank.
  struct Answers {
    std::span<const float> change;  // Delta
    std::span<const float> second;  // sum_k (n_k / n) second_k, n being the samples of all clients there are
  };

  // Hooks of the kinds. Sizes its state: d floats, and what `context` says.
  virtual absl::Status Ready(const ExchangeContext& /*context*/) { return absl::OkStatus(); }
  // Live parameters of its own.
  virtual void TakeOwn(const Params& /*params*/) {}
  // Whether what a client has done by the deadline counts.
  virtual bool takes_partial_work() const { return false; }
  // 2: a client gets and gives another vector of d floats besides the parameters, and keeps state at one
  // worker.
  virtual int vectors() const { return 1; }
  virtual absl::Status BeginClient(LocalTraining& /*local*/) { return absl::OkStatus(); }
  // The second vector that the client sends; then what of it arrived, which a lossy codec may have changed.
  virtual void SecondOf(const LocalResult& /*result*/, std::span<float> /*second*/) {}
  virtual absl::Status SecondArrived(int64_t /*client*/, std::span<const float> /*second*/) {
    return absl::OkStatus();
  }
  // w_t -> w_(t+1), in place.
  virtual void ServerStep(const Answers& answers, std::span<float> parameters);
  // State of the clients, for checkpoints.
  virtual void SaveClients(std::vector<uint8_t>& /*state*/) const {}
  virtual absl::Status LoadClients(std::span<const uint8_t> state);
  // Vectors of d floats that it keeps besides.
  virtual double OwnVectors(const Circumstances& /*circumstances*/) const { return 0; }

  // State of the server, kept in checkpoints: asked for in Ready, once each; d floats.
  void AddServerVector(float initial) { server_.emplace_back(floats_, initial); }
  std::span<float> ServerVector(size_t index) { return server_[index]; }

  double server_learning_rate() const { return server_learning_rate_; }
  int64_t clients() const { return clients_; }
  size_t floats() const { return floats_; }

 private:
  // Behind the vectors and the buffers in the sums.
  enum Number { kWeight, kLoss, kParticipants, kNumbers };

  void Take(const Params& params);
  absl::Status TrainClient(int64_t client, int64_t round, double weight, RoundTrainer& trainer,
                           RoundResult& result);
  absl::Status Send(int64_t client, int64_t round, double weight, const LocalResult& local,
                    ExchangeCost& cost);
  absl::Status Encode(int vector, int64_t round, ExchangeCost& cost);
  absl::Status Serve(double expected_samples, double all_samples, RoundResult& result);
  void Record(int64_t round, double participants);
  // sums_ of all ranks that are left.
  absl::Status SumOverRanks();
  // By the last roll call.
  void TakeNoteOfTheGone();

  int64_t clients_ = 1, rounds_ = 1, local_epochs_ = 1;
  double fraction_ = 1, dropout_ = 0, slow_share_ = 0, slow_factor_ = 1, round_deadline_seconds_ = 0;
  double server_learning_rate_ = 1;
  bool whole_batch_ = false, goes_on_ = true;

  ExchangeContext context_;
  std::optional<Cohort> cohort_;
  size_t floats_ = 0;                           // d
  std::vector<float> global_, global_buffers_;  // w_t
  std::vector<float> sums_;  // this rank's, then everyone's: the vectors, the buffers, a few numbers
  std::optional<RollCall> roll_call_;  // where ranks can be spared
  std::optional<AgreedMean> agreed_;
  std::vector<int> left_;           // ranks of the data axis, ascending
  std::vector<float> agreed_sums_;  // while they are agreed on
  std::vector<float> change_;       // of one client
  std::vector<double> work_;        // of each client, in samples and time factors
  std::vector<std::vector<float>> server_;
  std::array<std::unique_ptr<Codec>, 2> codecs_;  // one a vector
  std::vector<uint8_t> fresh_codec_, payload_;
  uint64_t upload_bytes_ = 0;  // of this rank's clients, this round
  double update_norm_ = 0;
  std::array<Recorder::Series, 5> series_{};
};

}  // namespace concertina
