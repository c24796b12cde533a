// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_exchange_plan.cc: what a federated exchange takes, and says of itself before a run (see
// federated_exchange.h).
#include <utility>

#include "core/parallel/federated_exchange.h"
#include "fmt/format.h"

namespace concertina {

std::vector<ParamSpec> FederatedParams(double server_learning_rate, std::vector<ParamSpec> own) {
  std::vector<ParamSpec> params = {
      {.name = "clients",
       .type = ParamType::kInteger,
       .unit = "clients",
       .default_value = 100,
       .minimum = 1,
       .maximum = 1000000,
       .doc = "K, the virtual clients that the dataset's partition is made for, whatever the number of "
              "workers: each keeps its samples for the whole run, and the workers train them in turn."},
      {.name = "fraction",
       .default_value = 0.1,
       .minimum = 0,
       .maximum = 1,
       .live = true,
       .doc = "C, the share of the clients that is drawn for a round, by the seed; at least one client."},
      {.name = "rounds",
       .type = ParamType::kInteger,
       .unit = "rounds",
       .default_value = 20,
       .minimum = 1,
       .maximum = 1e9,
       .doc = "How long the run is, where /training/max_steps does not say. A step is a round, and so is an "
              "epoch: /training/epochs is not used, and /training/evaluate_every_epochs counts rounds."},
      {.name = "local_epochs",
       .type = ParamType::kInteger,
       .unit = "epochs",
       .default_value = 1,
       .minimum = 1,
       .maximum = 10000,
       .live = true,
       .doc = "E, a client's passes over its samples in a round, in batches of /training/batch_size (B); the "
              "last, smaller batch is used too. More save communication, and let clients drift apart where "
              "their samples differ."},
      {.name = "whole_batch",
       .type = ParamType::kBoolean,
       .default_value = false,
       .doc = "B = infinity: one step an epoch with the gradient of all of the client's samples, computed in "
              "pieces of /training/batch_size. With one local epoch and all clients this is gradient descent "
              "on the whole dataset (FedSGD)."},
      {.name = "dropout",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 1,
       .live = true,
       .doc = "Chance that a chosen client gets the parameters and never answers, by the seed. The mean is "
              "over those that do."},
      {.name = "slow_share",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 1,
       .live = true,
       .doc = "Chance that a client is a slow device, for the whole run, by the seed."},
      {.name = "slow_factor",
       .default_value = 2.0,
       .minimum = 1,
       .maximum = 1000,
       .live = true,
       .doc = "A slow client's local training takes so many times as long: its worker stands still for the "
              "rest."},
      {.name = "round_deadline_seconds",
       .unit = "s",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 3600,
       .live = true,
       .doc = "A client whose local training takes longer is left out of the round; 0 waits for all. Time is "
              "measured, so with a deadline the same seed need not give the same bits."},
      {.name = "goes_on_without_lost",
       .type = ParamType::kBoolean,
       .default_value = true,
       .doc = "When a worker is lost, its clients of that round count as dropped out, and the other workers "
              "train all clients from then on. false: the run ends, and can go on from its last checkpoint; "
              "then a knob may be held at a measured target, and messages watched one at a time. With "
              "scaffold it always ends: what its clients remember lies with their worker."},
      {.name = "server_learning_rate",
       .default_value = server_learning_rate,
       .minimum = 0,
       .maximum = 1000,
       .live = true,
       .doc = "Length of the server's step along the mean of the clients' changes. 1 is the plain mean of "
              "their parameters, but for the kinds that keep moments."}};
  for (ParamSpec& param : own) params.push_back(std::move(param));
  return params;
}

std::optional<Rounds> FederatedExchange::rounds() const {
  const double chosen =
      static_cast<double>(ChosenClients(clients_, fraction_)) / static_cast<double>(clients_);
  return Rounds{.count = rounds_,
                .clients = clients_,
                .epochs_a_round = chosen * (1 - dropout_) * static_cast<double>(local_epochs_)};
}

absl::Status FederatedExchange::Fits(const Circumstances& circumstances) const {
  if (clients_ <= circumstances.train_samples) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("/exchange/clients: {} clients cannot share {} training samples: each needs at least one; "
                  "take fewer clients",
                  clients_, circumstances.train_samples));
}

std::vector<std::string> FederatedExchange::Warnings(const Circumstances& circumstances) const {
  std::vector<std::string> warnings;
  const int64_t chosen = ChosenClients(clients_, fraction_);
  if (chosen < circumstances.ranks)
    warnings.push_back(fmt::format("a round has {} {} for {} workers: some have nothing to do", chosen,
                                   chosen == 1 ? "client" : "clients", circumstances.ranks));
  if (round_deadline_seconds_ > 0)
    warnings.push_back(
        "who meets the deadline of a round depends on measured time: the same seed need not give the same "
        "bits");
  if (circumstances.has_codec)
    warnings.push_back(
        "the codec acts on each client's change of the parameters, once a round and without memory of "
        "earlier "
        "rounds; federated/upload_bytes counts its payloads, and what the workers send one another stays "
        "uncompressed");
  return warnings;
}

double FederatedExchange::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const double change = circumstances.has_codec || vectors() > 1 ? 1 : 0;
  const double whole = whole_batch_ ? 1 : 0;
  const double agreed = survives_loss() && circumstances.ranks > 1 ? vectors() : 0;
  const double kept = 1 + vectors() + agreed + change + whole + OwnVectors(circumstances);
  // And which samples each client has.
  return 4 * kept * static_cast<double>(circumstances.floats) +
         8 * static_cast<double>(circumstances.train_samples);
}

// One sum a round that no codec has touched: everyone sends everyone its N-th, and the sum of that back, and
// a roll call follows. Where nobody can be spared, an all-reduce on a ring as
// parallel/all_reduce_exchange.cc.
Pattern FederatedExchange::PatternOf(const Traffic& traffic) const {
  Pattern pattern;
  const int n = traffic.ranks;
  // Of a worker's clients, one after the other.
  pattern.encodes = pattern.decodes =
      static_cast<double>(ChosenClients(clients_, fraction_)) * (1 - dropout_) * vectors() / n;
  if (n < 2) return pattern;
  const double floats =
      static_cast<double>(vectors() * traffic.floats + traffic.buffers) + static_cast<double>(kNumbers);
  if (survives_loss()) {
    const double called = 2.0 * static_cast<double>(RollCall::MessageBytesOf(static_cast<size_t>(n)));
    for (int from = 0; from < n; ++from)
      for (int to = 0; to < n; ++to)
        if (from != to) pattern.flows.push_back({from, to, 2.0 * 4 * floats / n + called, 4});
    pattern.rounds = 3;
    return pattern;
  }
  pattern.rounds = n == 2 ? 1 : 2.0 * (n - 1);
  for (int from = 0; from < n; ++from)
    pattern.flows.push_back({from, (from + 1) % n, 2.0 * (n - 1) / n * 4 * floats, pattern.rounds});
  return pattern;
}

}  // namespace concertina
