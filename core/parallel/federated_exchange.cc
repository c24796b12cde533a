// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_exchange.cc: a round, from the draw of the clients to the server's step (see
// federated_exchange.h).
#include "core/parallel/federated_exchange.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/parallel/bucket_codec.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kErrorPeriodRounds = 16;  // measuring a codec's error costs a pass a client
// Workers whose clients are done wait for those whose are not. A dead one is known at once, and a hung one to
// the engine's watchdog long before; this is for when there is neither.
constexpr double kRoundDeadlineSeconds = 3600;
constexpr uint16_t kRoundRollCallChannel = 16;  // worker/step_loop_impl.h: kFirstFreeChannel
constexpr uint16_t kRoundSumChannel = 17;

// The series, in the order of series_.
enum Which { kClients, kDropped, kUpload, kDownload, kUpdateNorm };

void Subtract(std::span<const float> a, std::span<const float> b, std::span<float> difference) {
  float* const out = difference.data();
  for (size_t i = 0; i < difference.size(); ++i) out[i] = a[i] - b[i];
}

void AddScaled(float scale, std::span<const float> addend, std::span<float> sum) {
  float* const out = sum.data();
  for (size_t i = 0; i < sum.size(); ++i) out[i] += scale * addend[i];
}

// sum += scale (a - b): the client's change in one pass where no codec wants to see it.
void AddScaledDifference(float scale, std::span<const float> a, std::span<const float> b,
                         std::span<float> sum) {
  float* const out = sum.data();
  for (size_t i = 0; i < sum.size(); ++i) out[i] += scale * (a[i] - b[i]);
}

void Scale(float scale, std::span<float> values) {
  if (scale == 1) return;
  for (float& value : values) value *= scale;
}

double SquaredDistance(std::span<const float> a, std::span<const float> b) {
  double total = 0;
  constexpr size_t kBlock = 1024;
  for (size_t begin = 0; begin < a.size(); begin += kBlock) {
    // Eight sums: a single one would wait for each addition's latency.
    float sums[8] = {};
    const size_t end = std::min(a.size(), begin + kBlock);
    size_t i = begin;
    for (; i + 8 <= end; i += 8)
      for (size_t k = 0; k < 8; ++k) {
        const float difference = a[i + k] - b[i + k];
        sums[k] += difference * difference;
      }
    for (; i < end; ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
    for (const float sum : sums) total += sum;
  }
  return total;
}

double SquaredNorm(std::span<const float> values) {
  double total = 0;
  for (const float value : values) total += static_cast<double>(value) * value;
  return total;
}

}  // namespace

void FederatedExchange::Take(const Params& params) {
  clients_ = params.Integer("clients");
  rounds_ = params.Integer("rounds");
  local_epochs_ = params.Integer("local_epochs");
  fraction_ = params.Number("fraction");
  whole_batch_ = params.Boolean("whole_batch");
  goes_on_ = params.Boolean("goes_on_without_lost");
  dropout_ = params.Number("dropout");
  slow_share_ = params.Number("slow_share");
  slow_factor_ = params.Number("slow_factor");
  round_deadline_seconds_ = params.Number("round_deadline_seconds");
  server_learning_rate_ = params.Number("server_learning_rate");
}

absl::Status FederatedExchange::Change(const Params& params) {
  if (params.Integer("clients") != clients_ || params.Integer("rounds") != rounds_ ||
      params.Boolean("whole_batch") != whole_batch_ || params.Boolean("goes_on_without_lost") != goes_on_)
    return absl::FailedPreconditionError(
        "/exchange: clients, rounds, whole_batch and goes_on_without_lost cannot change while a run goes; "
        "start another run");
  Take(params);
  TakeOwn(params);
  cohort_.emplace(CohortOptions{.clients = clients_,
                                .fraction = fraction_,
                                .dropout = dropout_,
                                .slow_share = slow_share_,
                                .seed = context_.seed});
  return absl::OkStatus();
}

absl::Status FederatedExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  cohort_.emplace(CohortOptions{.clients = clients_,
                                .fraction = fraction_,
                                .dropout = dropout_,
                                .slow_share = slow_share_,
                                .seed = context.seed});
  floats_ = context.parameters.size();
  Transport& transport = context.data->transport();
  left_.resize(static_cast<size_t>(context.data->size()));
  std::iota(left_.begin(), left_.end(), 0);
  if (survives_loss() && left_.size() > 1 && transport.size() == context.data->size()) {
    transport.SurviveLoss();
    std::vector<int> members;
    for (const int rank : left_) members.push_back(context.data->global_rank(rank));
    roll_call_.emplace(transport, members, kRoundRollCallChannel);
    agreed_.emplace(transport, *roll_call_, std::move(members), kRoundSumChannel);
  }
  global_.assign(floats_, 0.0F);
  global_buffers_.assign(context.buffers.size(), 0.0F);
  sums_.assign(static_cast<size_t>(vectors()) * floats_ + context.buffers.size() + kNumbers, 0.0F);
  if (roll_call_) agreed_sums_.resize(sums_.size());
  if (context.make_codec || vectors() > 1) change_.assign(floats_, 0.0F);
  if (context.make_codec) {
    for (int vector = 0; vector < vectors(); ++vector) {
      ASSIGN_OR_RETURN(codecs_[static_cast<size_t>(vector)],
                       MakeBucketCodec(context, 0, static_cast<int64_t>(floats_)));
    }
    codecs_[0]->SaveState(fresh_codec_);
    payload_.reserve(static_cast<size_t>(codecs_[0]->MaxPayloadBytes(static_cast<int64_t>(floats_))));
  }
  if (context.recorder != nullptr) {
    Recorder& recorder = *context.recorder;
    series_[kClients] = recorder.Open("federated/clients", "", RankFold::kMean);
    series_[kDropped] = recorder.Open("federated/dropped", "", RankFold::kMean);
    series_[kUpload] = recorder.Open("federated/upload_bytes", "B", RankFold::kSum);
    series_[kDownload] = recorder.Open("federated/download_bytes", "B", RankFold::kMean);
    series_[kUpdateNorm] = recorder.Open("federated/update_norm", "", RankFold::kMean);
  }
  return Ready(context);
}

absl::StatusOr<ExchangeCost> FederatedExchange::Finish(int64_t, const Exchange::Apply&) {
  return absl::InternalError("a federated exchange trains in rounds, not in steps");
}

absl::StatusOr<RoundResult> FederatedExchange::Round(int64_t round, RoundTrainer& trainer) {
  const std::span<const int64_t> samples = trainer.client_samples();
  if (static_cast<int64_t>(samples.size()) != clients_)
    return absl::InternalError(
        fmt::format("the samples are shared among {} clients, expected {}", samples.size(), clients_));
  std::copy(context_.parameters.begin(), context_.parameters.end(), global_.begin());
  std::copy(context_.buffers.begin(), context_.buffers.end(), global_buffers_.begin());
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  upload_bytes_ = 0;
  update_norm_ = 0;

  cohort_->Draw(round);
  double expected = 0, all = 0;
  work_.resize(samples.size());
  for (size_t k = 0; k < samples.size(); ++k) {
    work_[k] = static_cast<double>(samples[k]);
    all += work_[k];
  }
  for (const int64_t client : cohort_->training()) {
    double& work = work_[static_cast<size_t>(client)];
    expected += work;
    if (cohort_->is_slow(client)) work *= slow_factor_;
  }
  const auto rank =
      static_cast<int>(std::find(left_.begin(), left_.end(), context_.data->rank()) - left_.begin());
  const auto ranks = static_cast<int>(left_.size());
  const std::span<const int64_t> mine =
      vectors() > 1 ? cohort_->DealFixed(rank, ranks) : cohort_->Deal(work_, rank, ranks);

  RoundResult result;
  for (const int64_t client : mine) {
    // Weights are shares of what is expected, known to all before: without deadline misses they need no
    // other scale, and one client's is exactly 1.
    const double weight = static_cast<double>(samples[static_cast<size_t>(client)]) / expected;
    RETURN_IF_ERROR(TrainClient(client, round, weight, trainer, result));
  }
  std::copy(global_.begin(), global_.end(), context_.parameters.begin());
  std::copy(global_buffers_.begin(), global_buffers_.end(), context_.buffers.begin());

  const double begin = SteadyNow();
  RETURN_IF_ERROR(SumOverRanks());
  result.cost.exchange_seconds = result.cost.wait_seconds = SteadyNow() - begin;
  const double participants = sums_[sums_.size() - kNumbers + kParticipants];
  if (participants > 0) RETURN_IF_ERROR(Serve(expected, all, result));
  Record(round, participants);
  return result;
}

absl::Status FederatedExchange::SumOverRanks() {
  const double deadline_seconds = std::max(context_.deadline_seconds, kRoundDeadlineSeconds);
  if (!roll_call_) return context_.data->AllReduceSum(sums_, Deadline::After(deadline_seconds));
  RETURN_IF_ERROR(agreed_->TakeSum(sums_, agreed_sums_, deadline_seconds));
  sums_.swap(agreed_sums_);
  TakeNoteOfTheGone();
  return absl::OkStatus();
}

void FederatedExchange::TakeNoteOfTheGone() {
  if (std::erase_if(left_, [this](int rank) { return roll_call_->is_gone(rank); }) == 0) return;
  if (left_.front() != context_.data->rank()) return;  // one says it for all
  spdlog::warn("rank {}: {} of {} workers are left, and train all clients from the next round on",
               context_.data->global_rank(context_.data->rank()), left_.size(), context_.data->size());
}

absl::StatusOr<std::vector<std::optional<int64_t>>> FederatedExchange::Meet(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  if (!roll_call_) return std::vector<std::optional<int64_t>>{word};
  ASSIGN_OR_RETURN(auto words, roll_call_->Call(word, meanwhile));
  TakeNoteOfTheGone();
  return words;
}

absl::Status FederatedExchange::TrainClient(int64_t client, int64_t round, double weight,
                                            RoundTrainer& trainer, RoundResult& result) {
  std::copy(global_.begin(), global_.end(), context_.parameters.begin());
  std::copy(global_buffers_.begin(), global_buffers_.end(), context_.buffers.begin());
  LocalTraining local{.client = client,
                      .round = round,
                      .epochs = local_epochs_,
                      .whole_batch = whole_batch_,
                      .learning_rate = context_.learning_rate(round),
                      .anchor = global_,
                      .time_factor = cohort_->is_slow(client) ? slow_factor_ : 1,
                      .deadline_seconds = round_deadline_seconds_};
  RETURN_IF_ERROR(BeginClient(local));
  ASSIGN_OR_RETURN(const LocalResult trained, trainer.Train(local));
  result.samples += trained.samples;
  result.data_seconds += trained.data_seconds;
  result.compute_seconds += trained.compute_seconds;
  result.update_seconds += trained.update_seconds;
  if (!trained.complete && (!takes_partial_work() || trained.steps == 0)) return absl::OkStatus();  // late

  RETURN_IF_ERROR(Annotate(Send(client, round, weight, trained, result.cost),
                           fmt::format("client {} in round {}", client, round)));
  const std::span<float> sums(sums_);
  const std::span<float> tail = sums.subspan(static_cast<size_t>(vectors()) * floats_);
  AddScaled(static_cast<float>(weight), context_.buffers, tail.first(context_.buffers.size()));
  upload_bytes_ += context_.buffers.size_bytes();
  const std::span<float> numbers = tail.last(kNumbers);
  numbers[kWeight] += static_cast<float>(weight);
  numbers[kLoss] += static_cast<float>(weight * trained.mean_loss);
  numbers[kParticipants] += 1;
  return absl::OkStatus();
}

// From the client's change to its part of the sums, through the codec where there is one.
absl::Status FederatedExchange::Send(int64_t client, int64_t round, double weight, const LocalResult& local,
                                     ExchangeCost& cost) {
  const std::span<float> sums(sums_);
  for (int vector = 0; vector < vectors(); ++vector) {
    const std::span<float> sum = sums.subspan(static_cast<size_t>(vector) * floats_, floats_);
    cost.dense_bytes += floats_ * sizeof(float);
    if (!context_.make_codec) {
      cost.encoded_bytes += floats_ * sizeof(float);
      upload_bytes_ += floats_ * sizeof(float);
      if (vector == 0) {
        AddScaledDifference(static_cast<float>(weight), context_.parameters, global_, sum);
        continue;
      }
      SecondOf(local, change_);
    } else {
      if (vector == 0)
        Subtract(context_.parameters, global_, change_);
      else
        SecondOf(local, change_);
      RETURN_IF_ERROR(Encode(vector, round, cost));
    }
    AddScaled(static_cast<float>(weight), change_, sum);
    if (vector > 0) RETURN_IF_ERROR(SecondArrived(client, change_));
  }
  return absl::OkStatus();
}

// change_ becomes what the server would decode. A client answers once in many rounds, so its codec has no
// past: what error feedback remembers is lost with the client.
absl::Status FederatedExchange::Encode(int vector, int64_t round, ExchangeCost& cost) {
  Codec& codec = *codecs_[static_cast<size_t>(vector)];
  const double begin = SteadyNow();
  RETURN_IF_ERROR(codec.LoadState(fresh_codec_));
  RETURN_IF_ERROR(codec.Encode(change_, round, payload_));
  cost.encode_seconds += SteadyNow() - begin;
  cost.encoded_bytes += payload_.size();
  upload_bytes_ += payload_.size();
  const bool measures = vector == 0 && round % kErrorPeriodRounds == 0;
  if (measures) cost.gradient_squared += SquaredNorm(change_);
  const double decoding = SteadyNow();
  RETURN_IF_ERROR(codec.Decode(payload_, change_));
  cost.decode_seconds += SteadyNow() - decoding;
  if (!measures) return absl::OkStatus();
  cost.error_measured = true;
  double error = 0;
  for (size_t i = 0; i < floats_; ++i) {
    const double difference = static_cast<double>(context_.parameters[i]) - global_[i] - change_[i];
    error += difference * difference;
  }
  cost.error_squared += error;
  return absl::OkStatus();
}

absl::Status FederatedExchange::Serve(double expected_samples, double all_samples, RoundResult& result) {
  const std::span<float> sums(sums_);
  const std::span<float> numbers = sums.last(kNumbers);
  const std::span<float> buffers =
      sums.subspan(static_cast<size_t>(vectors()) * floats_, global_buffers_.size());
  const bool all_came = static_cast<size_t>(numbers[kParticipants]) == cohort_->training().size();
  // Exactly 1 where all came, and not the rounded sum of their shares.
  const float scale = all_came ? 1 : 1 / numbers[kWeight];
  const std::span<float> change = sums.first(floats_);
  Scale(scale, change);
  Scale(scale, buffers);
  result.loss = static_cast<double>(numbers[kLoss]) * scale;
  Answers answers{.change = change, .second = {}};
  if (vectors() > 1) {
    const std::span<float> second = sums.subspan(floats_, floats_);
    Scale(static_cast<float>(expected_samples / all_samples), second);
    answers.second = second;
  }
  const double begin = SteadyNow();
  ServerStep(answers, context_.parameters);
  std::copy(buffers.begin(), buffers.end(), context_.buffers.begin());
  result.update_seconds += SteadyNow() - begin;
  update_norm_ = std::sqrt(SquaredDistance(context_.parameters, global_));
  return absl::OkStatus();
}

void FederatedExchange::ServerStep(const Answers& answers, std::span<float> parameters) {
  AddScaled(static_cast<float>(server_learning_rate_), answers.change, parameters);
}

void FederatedExchange::Record(int64_t round, double participants) {
  if (context_.recorder == nullptr) return;
  const auto chosen = static_cast<double>(cohort_->chosen().size());
  const size_t download = static_cast<size_t>(vectors()) * floats_ + global_buffers_.size();
  const auto record = [&](Which which, double value) {
    context_.recorder->Record(series_[which], round, value);
  };
  record(kClients, participants);
  record(kDropped, chosen - participants);
  record(kUpload, static_cast<double>(upload_bytes_));
  record(kDownload, chosen * static_cast<double>(download * sizeof(float)));
  record(kUpdateNorm, update_norm_);
}

// u64 floats | floats, for each vector of the server; then the clients' as the kind has them.
void FederatedExchange::SaveState(std::vector<uint8_t>& state) const {
  state.clear();
  for (const std::vector<float>& vector : server_) {
    const uint64_t count = vector.size();
    const auto* head = reinterpret_cast<const uint8_t*>(&count);
    const auto* body = reinterpret_cast<const uint8_t*>(vector.data());
    state.insert(state.end(), head, head + sizeof count);
    state.insert(state.end(), body, body + count * sizeof(float));
  }
  SaveClients(state);
}

absl::Status FederatedExchange::LoadState(std::span<const uint8_t> state) {
  for (std::vector<float>& vector : server_) {
    const size_t bytes = vector.size() * sizeof(float);
    uint64_t count = 0;
    if (state.size() < sizeof count) return absl::DataLossError("the server's state ends too early");
    std::memcpy(&count, state.data(), sizeof count);
    state = state.subspan(sizeof count);
    if (count != vector.size() || state.size() < bytes)
      return absl::DataLossError(
          fmt::format("the server's state claims a vector of {} floats in {} bytes, expected {}", count,
                      state.size(), vector.size()));
    std::memcpy(vector.data(), state.data(), bytes);
    state = state.subspan(bytes);
  }
  return LoadClients(state);
}

absl::Status FederatedExchange::LoadClients(std::span<const uint8_t> state) {
  if (state.empty()) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{} bytes of the exchange's state are left over: another kind's?", state.size()));
}

absl::Status FederatedExchange::ChangeCodec(const Params& params) {
  for (const std::unique_ptr<Codec>& codec : codecs_)
    if (codec != nullptr) RETURN_IF_ERROR(codec->Change(params));
  return absl::OkStatus();
}

}  // namespace concertina
