// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: concertina-edge, a model on its device: what it is, what it answers, how fast, how right. One
// static program. Exit status as concertinactl's: 0 well, 2 bad input.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/edge/samples.h"
#include "core/base/file.h"
#include "core/base/rng.h"
#include "core/edge/class_scores.h"
#include "core/edge/latency.h"
#include "core/edge/model_file.h"
#include "core/edge/runtime.h"
#include "core/edge/step_times.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::edge {
namespace {

constexpr char kUsage[] =
    "concertina-edge: runs a compressed model on a device.\n"
    "\n"
    "  concertina-edge info MODEL                     its layers, kernels and bytes\n"
    "  concertina-edge classify MODEL [FILE|-]        the class of each sample, a line each\n"
    "  concertina-edge evaluate MODEL IMAGES LABELS   accuracy over IDX files\n"
    "  concertina-edge bench MODEL [FILE]             load time, latency and memory (random samples without "
    "FILE)\n"
    "\n"
    "  MODEL         a .edge file, of concertinactl export RUN --to edge, or compress … --out FILE.edge\n"
    "  FILE          IDX, PGM or PPM; or samples one after the other, a byte a pixel; - is standard input\n"
    "  --floats      such samples are 32-bit floats\n"
    "  --top N       of classify: the N likeliest classes and their probabilities\n"
    "  --logits      of classify: what the model gives, a number for each class, to its last bit\n"
    "  --queries N   of bench: how often the model answers (1024)\n"
    "  --operators   of bench: also what each step of an answer takes, and which only convert values\n"
    "  --json        JSON on standard output: one document, of classify one a line\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0 well, 2 bad input, 1 anything else.\n";

struct Arguments {
  std::vector<std::string> words;
  bool json = false, floats = false, logits = false, operators = false, help = false, version = false;
  int64_t queries = 1024, top = 0;
};

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&](int64_t& to) {
      char* end = nullptr;
      to = i + 1 < argc ? std::strtoll(argv[++i], &end, 10) : 0;
      return end != nullptr && *end == 0 && to >= 1 && to <= 100'000'000;
    };
    if (word == "--json") {
      arguments.json = true;
    } else if (word == "--floats") {
      arguments.floats = true;
    } else if (word == "--logits") {
      arguments.logits = true;
    } else if (word == "--operators") {
      arguments.operators = true;
    } else if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--version") {
      arguments.version = true;
    } else if (word == "--queries" || word == "--top") {
      if (!number(word == "--top" ? arguments.top : arguments.queries))
        return absl::InvalidArgumentError(word + ": expected a whole number of at least 1 behind it");
    } else if (word.size() > 1 && word[0] == '-') {
      const std::string nearest = NearestName(word, {"--json", "--floats", "--queries", "--top", "--logits",
                                                     "--operators", "--help", "--version"});
      return absl::InvalidArgumentError(fmt::format("{}: there is no such option{}", word,
                                                    nearest.empty() ? "" : "; is " + nearest + " meant?"));
    } else {
      arguments.words.push_back(word);
    }
  }
  return arguments;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int64_t PeakMemoryBytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

struct Loaded {
  ModelFile file;
  std::unique_ptr<EdgeModel> model;
  double load_seconds = 0;
};

absl::StatusOr<Loaded> Load(const std::string& path) {
  const double begin = Now();
  Loaded loaded;
  ASSIGN_OR_RETURN(loaded.file, ReadModel(path));
  ASSIGN_OR_RETURN(loaded.model, EdgeModel::Create(loaded.file.graph));
  loaded.load_seconds = Now() - begin;
  return loaded;
}

absl::Status Info(const Arguments& arguments, const Loaded& loaded) {
  const EdgeModel& model = *loaded.model;
  int64_t elements = 0, nonzeros = 0;
  for (const StoredTensor& tensor : loaded.file.tensors) {
    elements += ElementCount(tensor.shape);
    nonzeros += tensor.nonzeros;
  }
  if (arguments.json) {
    std::string layers, tensors;
    for (const EdgeModel::Layer& layer : model.layers())
      layers +=
          fmt::format("{}{{\"name\": {}, \"kernel\": {}, \"macs\": {}, \"dense_macs\": {}, \"bytes\": {}}}",
                      layers.empty() ? "" : ", ", Quoted(layer.name), Quoted(layer.kernel), layer.macs,
                      layer.dense_macs, layer.bytes);
    for (const StoredTensor& tensor : loaded.file.tensors)
      tensors +=
          fmt::format("{}{{\"name\": {}, \"shape\": {}, \"nonzeros\": {}, \"coding\": {}, \"bytes\": {}}}",
                      tensors.empty() ? "" : ", ", Quoted(tensor.name), Quoted(ShapeText(tensor.shape)),
                      tensor.nonzeros, Quoted(tensor.coding), tensor.bytes);
    fmt::print(
        "{{\"sample\": {}, \"classes\": {}, \"parameters\": {}, \"nonzeros\": {}, \"file_bytes\": {}, "
        "\"macs\": {}, "
        "\"weight_bytes\": {}, \"activation_bytes\": {}, \"load_seconds\": {:.6g}, \"layers\": [{}], "
        "\"tensors\": "
        "[{}]}}\n",
        Quoted(ShapeText(model.sample())), model.outputs(), elements, nonzeros, loaded.file.bytes,
        model.macs(), model.weight_bytes(), model.activation_bytes(), loaded.load_seconds, layers, tensors);
    return absl::OkStatus();
  }
  fmt::print("takes {}, tells {} classes apart; {} parameters, {} not zero; {} bytes\n\n",
             ShapeText(model.sample()), model.outputs(), elements, nonzeros, loaded.file.bytes);
  fmt::print("{:<24} {:<14} {:>14} {:>14}\n", "layer", "kernel", "multiply-adds", "bytes");
  for (const EdgeModel::Layer& layer : model.layers())
    fmt::print("{:<24} {:<14} {:>14} {:>14}\n", layer.name, layer.kernel, layer.macs, layer.bytes);
  fmt::print("\n{:<28} {:<16} {:>10} {:>10}  {}\n", "tensor", "shape", "not zero", "bytes", "coding");
  for (const StoredTensor& tensor : loaded.file.tensors)
    fmt::print("{:<28} {:<16} {:>10} {:>10}  {}\n", tensor.name, ShapeText(tensor.shape), tensor.nonzeros,
               tensor.bytes, tensor.coding);
  return absl::OkStatus();
}

size_t Likeliest(std::span<const float> logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

absl::Status Classify(const Arguments& arguments, const Loaded& loaded) {
  const std::string path = arguments.words.size() > 2 ? arguments.words[2] : "-";
  ASSIGN_OR_RETURN(SampleStream stream,
                   SampleStream::Open(path, loaded.model->sample(),
                                      arguments.floats ? SampleFormat::kFloats : SampleFormat::kBytes));
  std::vector<float> sample;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_more, stream.Next(sample));
    if (!has_more) return absl::OkStatus();
    const std::span<const float> logits = loaded.model->Run(sample);
    if (arguments.logits) {  // the shortest digits that give the same float again
      const std::string numbers = fmt::format("{}", fmt::join(logits, arguments.json ? ", " : " "));
      fmt::print("{}\n", arguments.json ? "[" + numbers + "]" : numbers);
      continue;
    }
    if (arguments.top == 0 && !arguments.json) {
      fmt::print("{}\n", Likeliest(logits));
      continue;
    }
    std::string line;
    for (const auto& [number, probability] : LikeliestClasses(logits, arguments.top))
      line += arguments.json ? fmt::format("{}{{\"class\": {}, \"probability\": {:.6g}}}",
                                           line.empty() ? "" : ", ", number, probability)
                             : fmt::format("{}{} {:.4f}", line.empty() ? "" : "  ", number, probability);
    fmt::print("{}\n", arguments.json ? "[" + line + "]" : line);
  }
}

absl::Status Evaluate(const Arguments& arguments, const Loaded& loaded) {
  ASSIGN_OR_RETURN(const std::vector<uint8_t> labels, ReadLabels(arguments.words[3]));
  ASSIGN_OR_RETURN(SampleStream stream,
                   SampleStream::Open(arguments.words[2], loaded.model->sample(), SampleFormat::kBytes));
  std::vector<float> sample;
  int64_t correct = 0, count = 0;
  const double begin = Now();
  for (const uint8_t label : labels) {
    ASSIGN_OR_RETURN(const bool has_more, stream.Next(sample));
    if (!has_more)
      return absl::InvalidArgumentError(fmt::format("{}: has {} images, and {} has {} labels",
                                                    arguments.words[2], count, arguments.words[3],
                                                    labels.size()));
    correct += Likeliest(loaded.model->Run(sample)) == label ? 1 : 0;
    ++count;
  }
  const double accuracy = static_cast<double>(correct) / static_cast<double>(std::max<int64_t>(count, 1));
  if (arguments.json)
    fmt::print("{{\"samples\": {}, \"correct\": {}, \"accuracy\": {:.6g}, \"seconds\": {:.6g}}}\n", count,
               correct, accuracy, Now() - begin);
  else
    fmt::print("{} of {} right: {:.2f} %\n", correct, count, 100 * accuracy);
  return absl::OkStatus();
}

// What each step of an answer takes, in the order in which they run.
struct OperatorTimes {
  std::span<const EdgeModel::Step> steps;
  std::vector<double> seconds;  // medians
  double sum = 0;
  std::map<std::string, double> converting;  // "quantize", "dequantize", "prepare"

  OperatorTimes(const EdgeModel& model, std::vector<double> medians)
      : steps(model.steps()), seconds(std::move(medians)) {
    for (size_t i = 0; i < steps.size(); ++i) {
      sum += seconds[i];
      if (steps[i].converts()) converting[steps[i].work] += seconds[i];
    }
  }
  double Share(double of) const { return sum > 0 ? of / sum : 0; }
  // A clock that has not moved on gives no rate.
  double MacsASecond(size_t i) const {
    return seconds[i] > 0 ? static_cast<double>(steps[i].macs) / seconds[i] : 0;
  }
};

std::string OperatorsJson(const OperatorTimes& times) {
  std::string rows, converting;
  for (size_t i = 0; i < times.steps.size(); ++i) {
    const EdgeModel::Step& step = times.steps[i];
    rows += fmt::format(
        "{}{{\"layer\": {}, \"work\": {}, \"kernel\": {}, \"converts\": {}, \"p50_seconds\": {:.6g}, "
        "\"share\": {:.6g}, \"macs\": {}, \"macs_per_second\": {:.6g}}}",
        rows.empty() ? "" : ", ", Quoted(step.layer), Quoted(step.work), Quoted(step.kernel), step.converts(),
        times.seconds[i], times.Share(times.seconds[i]), step.macs, times.MacsASecond(i));
  }
  for (const auto& [work, seconds] : times.converting)
    converting += fmt::format("{}{}: {:.6g}", converting.empty() ? "" : ", ", Quoted(work), seconds);
  return fmt::format("\"operators\": [{}], \"operators_seconds\": {:.6g}, \"converting_seconds\": {{{}}}",
                     rows, times.sum, converting);
}

std::string OperatorsText(const OperatorTimes& times) {
  std::string text = fmt::format("\n{:<24} {:<20} {:<13} {:>11} {:>8} {:>14} {:>10}\n", "layer", "step",
                                 "kernel", "median", "share", "multiply-adds", "a second");
  for (size_t i = 0; i < times.steps.size(); ++i) {
    const EdgeModel::Step& step = times.steps[i];
    text += fmt::format("{:<24} {:<20} {:<13} {:>8.2f} us {:>6.1f} % {:>14} {:>10}\n", step.layer, step.work,
                        step.converts() ? "-" : step.kernel, 1e6 * times.seconds[i],
                        100 * times.Share(times.seconds[i]), step.macs > 0 ? std::to_string(step.macs) : "",
                        step.macs > 0 ? fmt::format("{:.2f} G", times.MacsASecond(i) / 1e9) : "");
  }
  text += fmt::format("all steps, with the clock between them: {:.1f} us", 1e6 * times.sum);
  const char* separator = "; of it ";
  for (const auto& [work, seconds] : times.converting) {
    text +=
        fmt::format("{}{} {:.1f} us ({:.1f} %)", separator, work, 1e6 * seconds, 100 * times.Share(seconds));
    separator = ", ";
  }
  return text + (times.converting.empty() ? "; no value is converted on the way\n" : "\n");
}

absl::Status Bench(const Arguments& arguments, const Loaded& loaded) {
  constexpr size_t kMostSamples = 256;
  std::vector<std::vector<float>> samples;
  const auto elements = static_cast<size_t>(ElementCount(loaded.model->sample()));
  if (arguments.words.size() > 2) {
    ASSIGN_OR_RETURN(SampleStream stream,
                     SampleStream::Open(arguments.words[2], loaded.model->sample(),
                                        arguments.floats ? SampleFormat::kFloats : SampleFormat::kBytes));
    std::vector<float> sample;
    while (samples.size() < kMostSamples) {
      ASSIGN_OR_RETURN(const bool has_more, stream.Next(sample));
      if (!has_more) break;
      samples.push_back(sample);
    }
    if (samples.empty()) return absl::InvalidArgumentError(arguments.words[2] + ": has no samples");
  } else {
    Rng rng(1, "bench");
    samples.resize(16);
    for (std::vector<float>& sample : samples)
      for (size_t i = 0; i < elements; ++i) sample.push_back(static_cast<float>(rng.Uniform()));
  }
  const auto sample_of = [&](int64_t i) -> std::span<const float> {
    return samples[static_cast<size_t>(i) % samples.size()];
  };
  const Latency latency =
      MeasureLatency(arguments.queries, [&](int64_t i) { loaded.model->Run(sample_of(i)); });
  const int64_t peak = PeakMemoryBytes();
  std::optional<OperatorTimes> operators;
  if (arguments.operators)
    operators.emplace(*loaded.model, MeasureSteps(*loaded.model, arguments.queries, sample_of));
  if (arguments.json)
    fmt::print(
        "{{\"queries\": {}, \"p50_seconds\": {:.6g}, \"p90_seconds\": {:.6g}, \"p99_seconds\": {:.6g}, "
        "\"mean_seconds\": {:.6g}, \"load_seconds\": {:.6g}, \"peak_memory_bytes\": {}, \"file_bytes\": "
        "{}{}}}\n",
        latency.queries, latency.p50_seconds, latency.p90_seconds, latency.p99_seconds, latency.mean_seconds,
        loaded.load_seconds, peak, loaded.file.bytes, operators ? ", " + OperatorsJson(*operators) : "");
  else
    fmt::print(
        "{} queries, one at a time: median {:.1f} us, 90 % {:.1f} us, 99 % {:.1f} us\nloaded in {:.2f} ms; "
        "peak memory {:.2f} MB, {} of it the file\n{}",
        latency.queries, 1e6 * latency.p50_seconds, 1e6 * latency.p90_seconds, 1e6 * latency.p99_seconds,
        1e3 * loaded.load_seconds, static_cast<double>(peak) / 1e6, loaded.file.bytes,
        operators ? OperatorsText(*operators) : "");
  return absl::OkStatus();
}

absl::Status Main(int argc, char** argv) {
  ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(argc, argv));
  if (arguments.version) {
    std::puts(CONCERTINA_VERSION);
    return absl::OkStatus();
  }
  if (arguments.help || arguments.words.empty()) {
    std::fputs(kUsage, arguments.help ? stdout : stderr);
    return arguments.help ? absl::OkStatus() : absl::InvalidArgumentError("expected a command");
  }
  using Command = absl::Status (*)(const Arguments&, const Loaded&);
  struct Known {
    Command command;
    size_t least, most;  // words
  };
  const std::map<std::string, Known> commands = {{"info", {Info, 2, 2}},
                                                 {"classify", {Classify, 2, 3}},
                                                 {"evaluate", {Evaluate, 4, 4}},
                                                 {"bench", {Bench, 2, 3}}};
  const auto known = commands.find(arguments.words[0]);
  if (known == commands.end()) {
    const std::string nearest = NearestName(arguments.words[0], {"info", "classify", "evaluate", "bench"});
    return absl::InvalidArgumentError(fmt::format("{}: expected info, classify, evaluate or bench{}",
                                                  arguments.words[0],
                                                  nearest.empty() ? "" : "; is " + nearest + " meant?"));
  }
  if (arguments.words.size() < known->second.least || arguments.words.size() > known->second.most)
    return absl::InvalidArgumentError(fmt::format("{}: has {} arguments; see concertina-edge --help",
                                                  arguments.words[0], arguments.words.size() - 1));
  ASSIGN_OR_RETURN(const Loaded loaded, Load(arguments.words[1]));
  return known->second.command(arguments, loaded);
}

}  // namespace
}  // namespace concertina::edge

int main(int argc, char** argv) {
  const absl::Status status = concertina::edge::Main(argc, argv);
  if (status.ok()) return 0;
  fmt::print(stderr, "concertina-edge: {}\n", std::string(status.message()));
  return static_cast<int>(concertina::ExitCodeOf(status));
}
