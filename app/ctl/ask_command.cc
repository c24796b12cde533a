// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ask_command.cc: ask: the classes of samples, told by a model that is served; bench served: how long that
// takes whoever asks, beside the time inside the model.
#include <algorithm>
#include <chrono>
#include <memory>

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

// Samples wait until they fill a call; how many that is follows from what the calls before took.
class Asker {
 public:
  Asker(const CommonOptions& options, const AskArguments& arguments, ModelClient& client)
      : options_(options), arguments_(arguments), client_(client) {}

  absl::Status Add(const std::string& file, int64_t index, const std::vector<float>& sample) {
    samples_.insert(samples_.end(), sample.begin(), sample.end());
    places_.emplace_back(file, index);
    return static_cast<int64_t>(places_.size()) >= batch_ ? Ask() : absl::OkStatus();
  }
  absl::Status Ask() {
    if (places_.empty()) return absl::OkStatus();
    const double begin = Clock::Real().SteadySeconds();
    ASSIGN_OR_RETURN(const proto::ClassifyReply reply,
                     client_.Classify(samples_, {.top = arguments_.top, .logits = arguments_.logits}));
    const double each = (Clock::Real().SteadySeconds() - begin) / static_cast<double>(places_.size());
    for (int i = 0; i < reply.samples_size(); ++i) {
      const auto& [file, index] = places_[static_cast<size_t>(i)];
      model_seconds_ += reply.samples(i).model_seconds();
      if (options_.json)
        answers_.push_back(AnswerJson(file, index, reply.samples(i), arguments_.logits));
      else
        PrintText(AnswerText(file, index, reply.samples(i), arguments_.logits));
    }
    batch_ = std::clamp<int64_t>(static_cast<int64_t>(kCallSeconds / std::max(each, 1e-9)), 1,
                                 client_.description().most_samples());
    samples_.clear();
    places_.clear();
    return absl::OkStatus();
  }
  Json TakeAnswers() { return std::move(answers_); }
  double model_seconds() const { return model_seconds_; }

 private:
  const CommonOptions& options_;
  const AskArguments& arguments_;
  ModelClient& client_;
  int64_t batch_ = 1;
  std::vector<float> samples_;
  std::vector<std::pair<std::string, int64_t>> places_;  // file, and which sample of it
  Json answers_ = Json::array();
  double model_seconds_ = 0;
};

Outcome Ask(const CommonOptions& options, const AskArguments& arguments) {
  absl::StatusOr<ModelClient> client = ModelClient::Open(arguments.endpoint, KitFolder(options.kit));
  if (!client.ok()) return {client.status()};
  const double begin = Clock::Real().SteadySeconds();
  Asker asker(options, arguments, *client);
  int64_t count = 0;
  for (const std::string& file : arguments.files) {
    absl::StatusOr<ModelSamples> samples = ModelSamples::Open(file, client->sample(), arguments.floats);
    if (!samples.ok()) return {samples.status()};
    std::vector<float> sample;
    for (int64_t index = 0;; ++index) {
      const absl::StatusOr<bool> has_more = samples->Next(sample);
      if (!has_more.ok()) {  // what was read whole before is answered
        const absl::Status asked = asker.Ask();
        return {asked.ok() ? has_more.status() : asked};
      }
      if (!*has_more) break;
      ++count;
      if (const absl::Status added = asker.Add(file, index, sample); !added.ok()) return {added};
    }
  }
  if (const absl::Status asked = asker.Ask(); !asked.ok()) return {asked};
  if (options.json)
    PrintJson({{"endpoint", arguments.endpoint},
               {"model", client->description().name()},
               {"samples", count},
               {"seconds", Clock::Real().SteadySeconds() - begin},
               {"model_seconds", asker.model_seconds()},
               {"answers", asker.TakeAnswers()}});
  return {};
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
