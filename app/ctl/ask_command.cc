// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ask_command.cc: ask: the classes of samples, told by a model that is served; bench served: how long that
// takes whoever asks, beside the time inside the model.
#include <algorithm>
#include <chrono>
#include <memory>
#include <span>

#include "app/ctl/commands.h"
#include "app/ctl/model_samples.h"
#include "app/ctl/output.h"
#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/proto/engine_channel.h"
#include "core/serve/bench_served.h"
#include "core/serve/model_client.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

// What one call is meant to take at most: a person sees something happen, and no deadline comes near.
constexpr double kCallSeconds = 0.5;
constexpr size_t kMostBenchSamples = 256;

struct AskArguments {
  std::string endpoint;
  std::vector<std::string> files;
  int64_t top = 1;
  bool floats = false, logits = false;
};

Json AnswerJson(const std::string& file, int64_t index, const proto::ClassifiedSample& answer, bool logits) {
  Json classes = Json::array();
  for (const proto::ClassScore& score : answer.scores())
    classes.push_back({{"class", score.class_index()}, {"probability", NumberOrNull(score.probability())}});
  Json json = {{"file", file},
               {"index", index},
               {"classes", std::move(classes)},
               {"model_seconds", answer.model_seconds()}};
  if (logits) json["logits"] = std::vector<float>(answer.logits().begin(), answer.logits().end());
  return json;
}

std::string AnswerText(const std::string& file, int64_t index, const proto::ClassifiedSample& answer,
                       bool logits) {
  std::string text = fmt::format("{}:{} ", file, index);
  if (logits)  // the shortest digits that give the same float again
    return text + fmt::format(" {}\n", fmt::join(answer.logits().begin(), answer.logits().end(), " "));
  for (const proto::ClassScore& score : answer.scores())
    text += fmt::format(" {} {:.4f} ", score.class_index(), score.probability());
  text.back() = '\n';
  return text;
}

// Samples of one file that found no answer.
struct Unanswered {
  std::string file;
  int64_t first = 0, count = 0;  // count 0: how many there would have been is not known
  absl::Status status;
};

Json UnansweredJson(const Unanswered& missing) {
  return {{"file", missing.file},
          {"index", missing.first},
          {"count", missing.count > 0 ? Json(missing.count) : Json(nullptr)},
          {"error", std::string(missing.status.message())}};
}

std::string UnansweredText(const Unanswered& missing) {
  std::string what = missing.count == 1 ? fmt::format(":{}", missing.first)
                     : missing.count > 1
                         ? fmt::format(":{} to {}", missing.first, missing.first + missing.count - 1)
                     : missing.first > 0 ? fmt::format(": from sample {} on", missing.first)
                                         : std::string(":");
  return fmt::format("{}{} not answered: {}", missing.file, what, std::string(missing.status.message()));
}

// Samples wait until they fill a call; how many that is follows from what the calls before took. What finds
// no answer is written down, and the others are asked all the same, unless there is nobody to answer any
// more.
class Asker {
 public:
  Asker(const CommonOptions& options, const AskArguments& arguments, ModelClient& client)
      : options_(options), arguments_(arguments), client_(client) {}

  void Add(const std::string& file, int64_t index, const std::vector<float>& sample) {
    ++count_;
    samples_.insert(samples_.end(), sample.begin(), sample.end());
    places_.emplace_back(file, index);
    if (static_cast<int64_t>(places_.size()) >= batch_) Ask();
  }
  void Ask() {
    if (places_.empty()) return;
    absl::Status asked = AskCall(0, places_.size());
    // One sample that the model has no finite answer to must not cost the others theirs.
    if (!asked.ok() && !SetLost(asked) && places_.size() > 1) {
      for (size_t i = 0; i < places_.size(); ++i) {
        if (!is_lost_) asked = AskCall(i, 1);
        if (!asked.ok() && !is_lost_) SetLost(asked);
        if (!asked.ok()) Miss(i, 1, asked);
      }
    } else if (!asked.ok()) {
      for (size_t i = 0; i < places_.size(); ++i) Miss(i, 1, asked);
    }
    samples_.clear();
    places_.clear();
  }
  // The rest of `file`, from sample `first` on, cannot be read, or is not asked for any more.
  void MissRest(const std::string& file, int64_t first, const absl::Status& status) {
    unanswered_.push_back({.file = file, .first = first, .count = 0, .status = status});
  }
  Json TakeAnswers() { return std::move(answers_); }
  const std::vector<Unanswered>& unanswered() const { return unanswered_; }
  int64_t count() const { return count_; }
  bool is_lost() const { return is_lost_; }  // nobody answers any more
  double model_seconds() const { return model_seconds_; }

 private:
  bool SetLost(const absl::Status& status) {
    is_lost_ = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    return is_lost_;
  }
  // Neighbours that the same befell are told together.
  void Miss(size_t at, int64_t count, const absl::Status& status) {
    const auto& [file, index] = places_[at];
    if (!unanswered_.empty()) {
      Unanswered& last = unanswered_.back();
      if (last.file == file && last.count > 0 && last.first + last.count == index && last.status == status) {
        last.count += count;
        return;
      }
    }
    unanswered_.push_back({.file = file, .first = index, .count = count, .status = status});
  }
  absl::Status AskCall(size_t first, size_t count) {
    const size_t elements = samples_.size() / places_.size();
    const double begin = Clock::Real().SteadySeconds();
    ASSIGN_OR_RETURN(const proto::ClassifyReply reply,
                     client_.Classify(std::span(samples_).subspan(first * elements, count * elements),
                                      {.top = arguments_.top, .logits = arguments_.logits}));
    const double each = (Clock::Real().SteadySeconds() - begin) / static_cast<double>(count);
    for (int i = 0; i < reply.samples_size(); ++i) {
      const auto& [file, index] = places_[first + static_cast<size_t>(i)];
      model_seconds_ += reply.samples(i).model_seconds();
      if (options_.json)
        answers_.push_back(AnswerJson(file, index, reply.samples(i), arguments_.logits));
      else
        PrintText(AnswerText(file, index, reply.samples(i), arguments_.logits));
    }
    batch_ = std::clamp<int64_t>(static_cast<int64_t>(kCallSeconds / std::max(each, 1e-9)), 1,
                                 client_.description().most_samples());
    return absl::OkStatus();
  }

  const CommonOptions& options_;
  const AskArguments& arguments_;
  ModelClient& client_;
  int64_t batch_ = 1, count_ = 0;
  std::vector<float> samples_;
  std::vector<std::pair<std::string, int64_t>> places_;  // file, and which sample of it
  Json answers_ = Json::array();
  std::vector<Unanswered> unanswered_;
  bool is_lost_ = false;
  double model_seconds_ = 0;
};

void AskFile(const AskArguments& arguments, const Shape& shape, const std::string& file, Asker& asker) {
  absl::StatusOr<ModelSamples> samples = ModelSamples::Open(file, shape, arguments.floats);
  if (!samples.ok()) return asker.MissRest(file, 0, samples.status());
  std::vector<float> sample;
  for (int64_t index = 0;; ++index) {
    const absl::StatusOr<bool> has_more = samples->Next(sample);
    if (!has_more.ok()) return asker.MissRest(file, index, has_more.status());
    if (!*has_more) return;
    if (asker.is_lost())
      return asker.MissRest(file, index, absl::UnavailableError("the model does not answer any more"));
    asker.Add(file, index, sample);
  }
}

Outcome Ask(const CommonOptions& options, const AskArguments& arguments) {
  absl::StatusOr<ModelClient> client = ModelClient::Open(arguments.endpoint, KitFolder(options.kit));
  if (!client.ok()) return {client.status()};
  const double begin = Clock::Real().SteadySeconds();
  Asker asker(options, arguments, *client);
  for (const std::string& file : arguments.files) {
    if (asker.is_lost())
      asker.MissRest(file, 0, absl::UnavailableError("the model does not answer any more"));
    else
      AskFile(arguments, client->sample(), file, asker);
  }
  asker.Ask();
  const std::vector<Unanswered>& missing = asker.unanswered();
  for (const Unanswered& each : missing) Tell("concertinactl: {}\n", UnansweredText(each));
  if (options.json) {
    Json json = {{"endpoint", arguments.endpoint},
                 {"model", client->description().name()},
                 {"samples", asker.count()},
                 {"seconds", Clock::Real().SteadySeconds() - begin},
                 {"model_seconds", asker.model_seconds()},
                 {"answers", asker.TakeAnswers()}};
    if (!missing.empty()) {
      json["error"] = UnansweredText(missing.front());
      for (const Unanswered& each : missing) json["unanswered"].push_back(UnansweredJson(each));
    }
    PrintJson(json);
  }
  return {absl::OkStatus(), missing.empty() ? ExitCode::kWell : ExitCodeOf(missing.front().status)};
}

struct ServedArguments {
  std::string endpoint, file;
  int64_t queries = 1024, batch = 1;
  bool floats = false;
};

absl::StatusOr<std::vector<float>> BenchSamples(const ModelClient& client, const ServedArguments& arguments) {
  std::vector<float> all, sample;
  if (arguments.file.empty()) {  // as concertina-edge bench has them
    Rng rng(1, "bench");
    for (int64_t i = 0; i < 16 * client.elements(); ++i) all.push_back(static_cast<float>(rng.Uniform()));
    return all;
  }
  ASSIGN_OR_RETURN(ModelSamples samples,
                   ModelSamples::Open(arguments.file, client.sample(), arguments.floats));
  for (size_t i = 0; i < kMostBenchSamples; ++i) {
    ASSIGN_OR_RETURN(const bool has_more, samples.Next(sample));
    if (!has_more) break;
    all.insert(all.end(), sample.begin(), sample.end());
  }
  if (all.empty()) return absl::InvalidArgumentError(arguments.file + ": has no samples");
  return all;
}

Outcome Served(const CommonOptions& options, const ServedArguments& arguments) {
  absl::StatusOr<ModelClient> client = ModelClient::Open(arguments.endpoint, KitFolder(options.kit));
  if (!client.ok()) return {client.status()};
  const auto samples = BenchSamples(*client, arguments);
  if (!samples.ok()) return {samples.status()};
  const auto latency =
      BenchServed(*client, {.queries = arguments.queries, .batch = arguments.batch}, *samples);
  if (!latency.ok()) return {latency.status()};
  const Latency &call = latency->call, &model = latency->model;
  PrintJson({{"endpoint", arguments.endpoint},
             {"model", client->description().name()},
             {"file_bytes", client->description().file_bytes()},
             {"queries", call.queries},
             {"batch", arguments.batch},
             {"p50_seconds", call.p50_seconds},
             {"p90_seconds", call.p90_seconds},
             {"p99_seconds", call.p99_seconds},
             {"mean_seconds", call.mean_seconds},
             {"model_p50_seconds", model.p50_seconds},
             {"model_p90_seconds", model.p90_seconds},
             {"model_p99_seconds", model.p99_seconds},
             {"model_mean_seconds", model.mean_seconds},
             {"samples_per_second", latency->samples_per_second}},
            options.json ? kOneLine : kForPeople);
  return {};
}

}  // namespace

void AddAskCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App* ask = app.add_subcommand("ask", "The class of each sample, told by a model that is served");
  ask->add_option("ENDPOINT", arguments->endpoint, "As `serve` prints it: unix:PATH, or HOST:PORT with --kit")
      ->required();
  ask->add_option("FILE", arguments->files,
                  "IDX, PGM, PPM, PNG or JPEG; or samples one after the other, a byte a pixel; - for "
                  "standard input")
      ->required()
      ->expected(1, -1);
  ask->add_option("--top", arguments->top, "The so many likeliest classes (1)")->check(CLI::PositiveNumber);
  ask->add_flag("--floats", arguments->floats, "Samples without a header are floats, little endian");
  ask->add_flag("--logits", arguments->logits,
                "What the model gives, a number for each class, to its last bit");
  ask->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Ask(options, *arguments); };
  });
}

void AddServedBench(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<ServedArguments>();
  CLI::App* served = bench.add_subcommand(
      "served", "Latency of a served model as its caller sees it, beside the time inside the model");
  served
      ->add_option("ENDPOINT", arguments->endpoint,
                   "As `serve` prints it: unix:PATH, or HOST:PORT with --kit")
      ->required();
  served->add_option("FILE", arguments->file, "Samples as for `ask` (random ones)");
  served->add_option("--queries", arguments->queries, "Calls, one after the other (1024)")
      ->check(CLI::Range(1, 100'000'000));
  served->add_option("--batch", arguments->batch, "Samples of a call (1)")->check(CLI::Range(1, 256));
  served->add_flag("--floats", arguments->floats, "Samples without a header are floats, little endian");
  served->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Served(options, *arguments); };
  });
}

}  // namespace concertina::ctl
