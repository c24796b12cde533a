// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cohort.cc: draws and deals the clients of a round (see cohort.h).
#include "core/parallel/cohort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/rng.h"

namespace concertina {

int64_t ChosenClients(int64_t clients, double fraction) {
  return std::clamp<int64_t>(std::llround(fraction * static_cast<double>(clients)), 1, clients);
}

void Cohort::Draw(int64_t round) {
  const auto clients = static_cast<size_t>(options_.clients);
  const auto wanted = static_cast<size_t>(ChosenClients(options_.clients, options_.fraction));
  deck_.resize(clients);
  std::iota(deck_.begin(), deck_.end(), int64_t{0});
  Rng draw(options_.seed, "federated-choice", static_cast<uint64_t>(round));
  for (size_t i = 0; i < wanted; ++i) std::swap(deck_[i], deck_[i + draw.Below(clients - i)]);
  chosen_.assign(deck_.begin(), deck_.begin() + static_cast<std::ptrdiff_t>(wanted));
  std::sort(chosen_.begin(), chosen_.end());

  training_.clear();
  Rng answers(options_.seed, "federated-dropout", static_cast<uint64_t>(round));
  for (const int64_t client : chosen_)
    if (!(answers.Uniform() < options_.dropout)) training_.push_back(client);
}

bool Cohort::is_slow(int64_t client) const {
  return Rng(options_.seed, "federated-slow", static_cast<uint64_t>(client)).Uniform() < options_.slow_share;
}

std::span<const int64_t> Cohort::Deal(std::span<const double> work, int worker, int workers) {
  const auto work_of = [&](int64_t client) { return work[static_cast<size_t>(client)]; };
  order_ = training_;
  std::sort(order_.begin(), order_.end(),
            [&](int64_t a, int64_t b) { return work_of(a) != work_of(b) ? work_of(a) > work_of(b) : a < b; });
  load_.assign(static_cast<size_t>(workers), 0.0);
  dealt_.clear();
  for (const int64_t client : order_) {
    const auto least = std::min_element(load_.begin(), load_.end());
    *least += work_of(client);
    if (least - load_.begin() == worker) dealt_.push_back(client);
  }
  return dealt_;
}

std::span<const int64_t> Cohort::DealFixed(int worker, int workers) {
  dealt_.clear();
  for (const int64_t client : training_)
    if (client % workers == worker) dealt_.push_back(client);
  return dealt_;
}

}  // namespace concertina
