// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange_keeping.cc: what is saved and changed of a served exchange, and what it costs (see
// served_exchange.h).
#include <algorithm>
#include <cstring>

#include "core/parallel/codec_state.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {

// By shard: what this rank's encoder keeps (u64 bytes | bytes); where differences are pushed, whether the
// server knows this worker, u8, and what it knows, f32; then what this rank serves, and its pulls' encoder.
void ServedExchange::SaveState(std::vector<uint8_t>& state) const {
  absl::MutexLock lock(&mutex_);
  state.clear();
  for (const std::unique_ptr<Shard>& shard : shards_) {
    if (shard->codec != nullptr && is_worker()) AppendCodecState(*shard->codec, state);
    if (!shard->known.empty()) {
      state.push_back(shard->is_known ? 1 : 0);
      const auto* raw = reinterpret_cast<const uint8_t*>(shard->known.data());
      state.insert(state.end(), raw, raw + shard->known.size() * sizeof(float));
    }
    if (shard->served != nullptr) shard->served->SaveState(state);
    if (shard->pull_codec != nullptr) AppendCodecState(*shard->pull_codec, state);
  }
}

absl::Status ServedExchange::LoadState(std::span<const uint8_t> state) {
  absl::MutexLock lock(&mutex_);
  for (const std::unique_ptr<Shard>& shard : shards_) {
    if (shard->codec != nullptr && is_worker()) RETURN_IF_ERROR(TakeCodecState(state, *shard->codec));
    if (!shard->known.empty()) {
      const size_t bytes = shard->known.size() * sizeof(float);
      if (state.size() < 1 + bytes || state[0] > 1)
        return absl::DataLossError(fmt::format(
            "what the server of shard {} knows of this worker takes {} bytes, {} are left: another "
            "exchange's, or damaged",
            shard->index, 1 + bytes, state.size()));
      shard->is_known = state[0] == 1;
      std::memcpy(shard->known.data(), state.data() + 1, bytes);
      state = state.subspan(1 + bytes);
    }
    if (shard->served != nullptr) RETURN_IF_ERROR(shard->served->LoadState(state));
    if (shard->pull_codec != nullptr) RETURN_IF_ERROR(TakeCodecState(state, *shard->pull_codec));
  }
  if (!state.empty())
    return absl::DataLossError(
        fmt::format("{} bytes of the servers' state are left over: another exchange's?", state.size()));
  must_fetch_ = is_worker() && !is_elastic();
  return absl::OkStatus();
}

absl::Status ServedExchange::ChangeCodec(const Params& params) {
  absl::MutexLock lock(&mutex_);
  for (const std::unique_ptr<Shard>& shard : shards_)
    for (Codec* codec : {shard->codec.get(), shard->pull_codec.get()})
      if (codec != nullptr) RETURN_IF_ERROR(codec->Change(params));
  return absl::OkStatus();
}

absl::Status ServedExchange::ChangeOptimizer(const Params& params) {
  absl::MutexLock lock(&mutex_);
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (shard->served != nullptr) RETURN_IF_ERROR(shard->served->Change(params));
  return absl::OkStatus();
}

int64_t ServedExchange::served_steps() const {
  absl::MutexLock lock(&mutex_);
  int64_t steps = -1;
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (shard->served != nullptr)
      steps = steps < 0 ? shard->served->slowest_clock() : std::min(steps, shard->served->slowest_clock());
  return std::max<int64_t>(0, steps);
}

// A server keeps its shards, and an answer to each worker; a worker keeps an answer that came late.
double ServedExchange::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const int servers = options_.dedicated_servers > 0 ? options_.dedicated_servers : circumstances.ranks;
  const int64_t served = (options_.shards + servers - 1) / servers;
  const double share = static_cast<double>(served) / static_cast<double>(options_.shards);
  const double bytes = 4 * static_cast<double>(circumstances.floats);
  const double late = options_.dedicated_servers > 0 ? 0 : bytes;
  // What is known of each worker, at both ends.
  const double known =
      is_elastic() && circumstances.has_codec ? bytes * share * circumstances.ranks + 2 * bytes : 0;
  return bytes * share * (1 + circumstances.ranks) + late + known;
}

Pattern ServedExchange::PushPattern(const Traffic& traffic, double share) const {
  Pattern pattern;
  const int n = traffic.ranks;
  const double dense = sizeof(float) * static_cast<double>(traffic.floats);
  const double up = traffic.encoded_bytes >= 0 ? static_cast<double>(traffic.encoded_bytes)
                                               : traffic.element_bytes * static_cast<double>(traffic.floats);
  const double down = is_elastic() ? up : dense;  // but for the first visit, which goes whole
  const auto shards = static_cast<double>(options_.shards);
  const int servers = static_cast<int>(
      std::min<int64_t>(options_.shards, options_.dedicated_servers > 0 ? options_.dedicated_servers : n));
  for (int s = 0; s < servers; ++s) {
    const int server = ServerOf(s, n);
    // Shards s, s + the number of places, s + twice that, …
    const int places = options_.dedicated_servers > 0 ? options_.dedicated_servers : n;
    const auto served = static_cast<double>((options_.shards - s + places - 1) / places);
    for (int worker = 0; worker < n; ++worker) {
      if (worker == server) continue;
      pattern.flows.push_back(
          {worker, server, share * served * (up / shards + kHeaderBytes), 2 * share * served});
      pattern.flows.push_back(
          {server, worker, share * served * (down / shards + kHeaderBytes), 2 * share * served});
    }
  }
  if (!pattern.flows.empty()) pattern.rounds = 2 * share;
  // While a worker makes a step, the busiest server unpacks what all workers push.
  const double served = static_cast<double>((options_.shards + servers - 1) / servers);
  pattern.encodes = share;
  pattern.decodes = share * n * served / shards;
  if (is_elastic()) {  // and pulls go the same way back, and each end reads what it has sent itself
    pattern.encodes += pattern.decodes;
    pattern.decodes = 2 * (share + pattern.decodes);
  }
  return pattern;
}

}  // namespace concertina
