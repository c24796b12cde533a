// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cohort.h: who takes part in a round of federated learning, and which worker trains whom. Every rank works
// it out alike from the seed, so that nobody has to be told.
// On the way of the data: parallel/federated_exchange.cc -> here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

struct CohortOptions {
  int64_t clients = 1;
  double fraction = 1;    // C: of the clients, chosen for a round
  double dropout = 0;     // chance that a chosen client does not answer
  double slow_share = 0;  // chance that a client is slow, in every round
  uint64_t seed = 0;
};

// max(1, C K), to the nearest [McMahan et al. AISTATS 2017, algorithm 1].
int64_t ChosenClients(int64_t clients, double fraction);

class Cohort {
 public:
  explicit Cohort(const CohortOptions& options) : options_(options) {}

  // The clients of `round`: drawn without replacement, every subset as likely as another.
  void Draw(int64_t round);
  std::span<const int64_t> chosen() const { return chosen_; }      // ascending
  std::span<const int64_t> training() const { return training_; }  // ascending; those that do not drop out
  bool is_slow(int64_t client) const;

  // Which of training() `worker` trains, in that order. Balanced: the client with most to do goes to the
  // worker with least [Graham. Bounds on Multiprocessing Timing Anomalies. 1969]; `work` is by client.
  std::span<const int64_t> Deal(std::span<const double> work, int worker, int workers);
  // The same for clients whose state lies with one worker: client mod workers.
  std::span<const int64_t> DealFixed(int worker, int workers);

 private:
  CohortOptions options_;
  std::vector<int64_t> deck_, chosen_, training_, order_, dealt_;
  std::vector<double> load_;
};

}  // namespace concertina
