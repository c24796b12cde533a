// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_judge.cc: see recipe_judge.h.
#include "core/worker/recipe_judge.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/edge/latency.h"
#include "core/edge/step_times.h"

namespace concertina {
namespace {

// Of one message of others that evaluate or time. While rank 0 waits for room on its disk it says so each
// second: so long as it does the others wait, and no longer than this for its next word.
constexpr double kJudgeDeadlineSeconds = 600;
constexpr int64_t kLatencyQueries = 1024;
constexpr int64_t kLatencySamples = 64;  // taken in turns
constexpr int64_t kTimedQueries = 256;   // layer by layer, once more
constexpr double kTellSeconds = 0.2;

// The first so many samples, as queries that are taken in turns.
class Queries {
 public:
  Queries(const Samples& test, size_t sample_floats)
      : floats_(sample_floats), count_(std::min<int64_t>(kLatencySamples, test.size())) {
    values_.resize(static_cast<size_t>(count_) * floats_);
    for (int64_t i = 0; i < count_; ++i) test.Read(i, &values_[static_cast<size_t>(i) * floats_]);
  }
  std::span<const float> operator()(int64_t i) const {
    return std::span(values_).subspan(static_cast<size_t>(i % count_) * floats_, floats_);
  }

 private:
  const size_t floats_;
  const int64_t count_;
  std::vector<float> values_;
};

}  // namespace

absl::StatusOr<RecipeJudge::Sums> RecipeJudge::Test(EdgeModel& edge, Communicator& everyone,
                                                    std::stop_token stop) {
  std::vector<float> sample(static_cast<size_t>(ElementCount(edge.sample())));
  double loss = 0, told = SteadyNow();
  int64_t correct = 0, count = 0;
  for (int64_t i = place_.rank; i < test_->size(); i += place_.ranks) {
    test_->Read(i, sample.data());
    const std::span<const float> logits = edge.Run(sample);
    const auto most = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - *most);
    loss += std::log(sum) + *most - logits[static_cast<size_t>(test_->label(i))];
    correct += most - logits.begin() == test_->label(i) ? 1 : 0;
    detail_.Add(i, test_->label(i), most - logits.begin());
    ++count;
    if (const double now = SteadyNow(); now - told > kTellSeconds) {
      if (stop.stop_requested()) return absl::CancelledError("the run was ended");
      place_.tell(count % 2 == 0 ? "evaluate" : "evaluating");
      told = now;
    }
  }
  float sums[4] = {static_cast<float>(loss), static_cast<float>(correct), static_cast<float>(count), 0};
  RETURN_IF_ERROR(everyone.AllReduceSum(sums, Deadline::After(kJudgeDeadlineSeconds)));
  RETURN_IF_ERROR(detail_.Sum(everyone, Deadline::After(kJudgeDeadlineSeconds)));
  return Sums{.loss = sums[0], .correct = sums[1], .count = sums[2]};
}

// Each layer alone, by every method: the ranks share the places among them.
absl::Status RecipeJudge::Scan(const Graph& graph, Communicator& everyone, std::stop_token stop) {
  double told = SteadyNow();
  bool is_even = false;
  const auto went_on = [&] {
    if (const double now = SteadyNow(); now - told > kTellSeconds) {
      place_.tell((is_even = !is_even) ? "evaluating" : "evaluate");
      told = now;
    }
    return !stop.stop_requested();
  };
  ASSIGN_OR_RETURN(SensitivityScan scan, ScanSensitivity(graph, *test_, place_.rank, place_.ranks, went_on));
  return detail_.SumSensitivity(std::move(scan), everyone, Deadline::After(kJudgeDeadlineSeconds));
}

RecipeJudge::Figures RecipeJudge::FiguresOf(const ModelFile& file, const EdgeModel& edge, const Sums& sums) {
  int64_t nonzeros = 0, elements = 0;
  for (const StoredTensor& tensor : file.tensors) {
    nonzeros += tensor.nonzeros;
    elements += ElementCount(tensor.shape);
  }
  const auto file_bytes = static_cast<double>(file.bytes);
  const double accuracy = sums.count > 0 ? sums.correct / sums.count : 0;
  if (original_.bytes == 0) original_ = {.bytes = file_bytes, .accuracy = accuracy};
  return {{"test_loss", sums.count > 0 ? sums.loss / sums.count : 0},
          {"test_accuracy", accuracy},
          {"accuracy_lost", original_.accuracy - accuracy},
          {"file_bytes", file_bytes},
          {"ratio", original_.bytes / file_bytes},
          {"parameters", static_cast<double>(elements)},
          {"nonzeros", static_cast<double>(nonzeros)},
          {"macs", static_cast<double>(edge.macs())},
          {"memory_bytes", static_cast<double>(edge.weight_bytes() + edge.activation_bytes())}};
}

absl::StatusOr<bool> RecipeJudge::Write(const std::string& bytes, Communicator& everyone) {
  enum class Word : uint8_t { kWaits, kWritten, kStops, kFailed };
  const auto pass = [&everyone](Word& word) {  // rank 0's, to all
    return everyone.Broadcast(std::as_writable_bytes(std::span(&word, 1)), 0,
                              Deadline::After(kJudgeDeadlineSeconds));
  };
  if (place_.rank != 0) {
    Word word = Word::kWaits;
    while (word == Word::kWaits) {
      place_.tell("wait");
      RETURN_IF_ERROR(pass(word));
    }
    if (word == Word::kWritten || word == Word::kStops) return word == Word::kWritten;
    return absl::AbortedError("rank 0 could not write what the recipe has made of the model");
  }
  RoomWait wait = place_.room_wait();
  wait.meanwhile = [&] {
    place_.tell("paused");
    Word word = Word::kWaits;
    return pass(word);
  };
  const absl::Status written = KeepTrying(wait, [&]() -> absl::Status {
    const std::span<const std::byte> piece = std::as_bytes(std::span(bytes));
    RETURN_IF_ERROR(
        WriteFileAtomically(*place_.disk, place_.run_folder + "/model.edge", std::span(&piece, 1)));
    return detail_.Write(*place_.disk, place_.run_folder);
  });
  Word word = written.ok()                         ? Word::kWritten
              : absl::IsResourceExhausted(written) ? Word::kStops
                                                   : Word::kFailed;
  const absl::Status passed = pass(word);
  if (word == Word::kFailed) return written;
  RETURN_IF_ERROR(passed);
  return word == Word::kWritten;
}

absl::StatusOr<std::optional<RecipeJudge::Figures>> RecipeJudge::Judge(const Graph& model, const Step& step,
                                                                       Communicator& everyone,
                                                                       std::stop_token stop) {
  place_.tell("evaluate");
  detail_.Begin();
  ASSIGN_OR_RETURN(const std::string bytes, WriteModel(model, place_.metadata));
  ASSIGN_OR_RETURN(const ModelFile file,
                   ParseModel(place_.run_folder + "/model.edge", std::as_bytes(std::span(bytes))));
  ASSIGN_OR_RETURN(const std::unique_ptr<EdgeModel> edge, EdgeModel::Create(file.graph));
  ASSIGN_OR_RETURN(const Sums sums, Test(*edge, everyone, stop));
  if (step.scans_sensitivity) RETURN_IF_ERROR(Scan(file.graph, everyone, stop));
  Latency latency;
  if (place_.rank == 0) {
    const Queries query(*test_, static_cast<size_t>(ElementCount(edge->sample())));
    latency = MeasureLatency(kLatencyQueries, [&](int64_t i) { edge->Run(query(i)); });
    detail_.Describe(step.at, step.text, file, *test_,
                     TimesOfLayers(edge->steps(), MeasureSteps(*edge, kTimedQueries, std::cref(query))));
  }
  ASSIGN_OR_RETURN(const bool is_written, Write(bytes, everyone));
  if (!is_written) return std::nullopt;
  Figures figures;
  if (place_.rank == 0) {
    figures = FiguresOf(file, *edge, sums);
    figures["latency_p50_seconds"] = latency.p50_seconds;
    figures["latency_p90_seconds"] = latency.p90_seconds;
    figures["latency_p99_seconds"] = latency.p99_seconds;
  }
  return figures;
}

}  // namespace concertina
