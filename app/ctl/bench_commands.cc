// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_commands.cc: benchmarks without an engine. What is measured stands in the core; here it is asked for
// and printed.
#include <memory>

#include "absl/strings/str_join.h"
#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/comm/bench_collective.h"
#include "core/comm/bench_transport.h"
#include "core/gradient/bench_codec.h"
#include "core/graph/bench_train.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/store/bench_store.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct BenchArguments {
  std::string model = "lenet-300-100", sample = "1x28x28", algorithm = "ring", folder;
  int64_t batch = 64, classes = 10, elements = 25'000'000, points = 5'000'000;
  int threads = 1, ranks = 2, group = 2;
  double seconds = 3;
  std::vector<int64_t> bytes;
};

Outcome ShowBench(const CommonOptions& options, const absl::StatusOr<concertina::Json>& result) {
  if (!result.ok()) return {result.status()};
  PrintJson(*result, options.json ? kOneLine : kForPeople);
  return {};
}

Outcome BenchTrain(const CommonOptions& options, const BenchArguments& arguments) {
  concertina::Json model = concertina::Json::parse(arguments.model, nullptr, false);
  if (!model.is_object()) model = {{"kind", arguments.model}};
  std::vector<Fault> faults;
  const Registry& registry = Registry::Global();
  const Params params = registry.Check("model", model, "--model", faults);
  if (!faults.empty()) return {FaultsToStatus(faults)};
  Shape sample;
  for (size_t at = 0; at <= arguments.sample.size();) {
    const size_t end = std::min(arguments.sample.find('x', at), arguments.sample.size());
    const int64_t length = std::strtoll(arguments.sample.substr(at, end - at).c_str(), nullptr, 10);
    if (length < 1 || length > 1 << 20)
      return {absl::InvalidArgumentError("--sample: found " + arguments.sample +
                                         ", expected lengths like 1x28x28")};
    sample.push_back(length);
    at = end + 1;
  }
  const auto built = registry.Create<Model>("model", params);
  if (!built.ok()) return {built.status()};
  const absl::StatusOr<Graph> graph = (*built)->Build(sample, arguments.classes);
  if (!graph.ok()) return {graph.status()};

  // The whole step counts: the optimiser too, as any trainer must run it.
  const Params sgd =
      registry.Check("optimizer", {{"kind", "sgd"}, {"learning_rate", 0.01}, {"momentum", 0.9}}, "", faults);
  const auto optimizer = registry.Create<Optimizer>("optimizer", sgd);
  if (!optimizer.ok()) return {optimizer.status()};
  (*optimizer)->Prepare(SlotsOf(*graph, graph->parameters()));
  const auto bench = BenchTrain(
      *graph, {.batch_size = arguments.batch, .threads = arguments.threads, .seed = 1}, arguments.seconds,
      [&optimizer](int64_t step, std::span<const float> gradients, std::span<float> parameters) {
        (*optimizer)->Update(step, 0.01, 0, gradients, parameters);
      });
  if (!bench.ok()) return {bench.status()};
  return ShowBench(options, concertina::Json{{"model", params.json()},
                                             {"batch", arguments.batch},
                                             {"threads", arguments.threads},
                                             {"parameters", graph->parameter_count()},
                                             {"samples_per_second", bench->samples_per_second},
                                             {"flops_per_second", bench->flops_per_second},
                                             {"gemm_flops_per_second", bench->gemm_flops_per_second},
                                             {"seconds_per_step", bench->seconds_per_step},
                                             {"memory_bytes", bench->memory_bytes}});
}

Outcome Collective(const CommonOptions& options, const BenchArguments& arguments) {
  const std::vector<int64_t> sizes =
      arguments.bytes.empty() ? std::vector<int64_t>{65536, 1 << 20, 16 << 20, 100 << 20} : arguments.bytes;
  // Beside it, in the same form: what ranks of one host take by themselves.
  absl::StatusOr<concertina::Json> bench =
      BenchCollective(arguments.ranks, arguments.algorithm, sizes, arguments.group);
  if (!bench.ok()) return ShowBench(options, bench);
  const absl::StatusOr<concertina::Json> shared =
      BenchCollective(arguments.ranks, arguments.algorithm, sizes, arguments.group, "shared-memory");
  if (!shared.ok()) return ShowBench(options, shared);
  (*bench)["shared_memory"] = *shared;
  return ShowBench(options, bench);
}

Outcome TransportEcho(const CommonOptions& options, const BenchArguments& arguments) {
  const std::vector<int64_t> sizes =
      arguments.bytes.empty() ? std::vector<int64_t>{1024, 65536, 1 << 20, 16 << 20} : arguments.bytes;
  absl::StatusOr<concertina::Json> bench = BenchTransport(sizes);
  if (!bench.ok()) return ShowBench(options, bench);
  // Beside it, in the same form: what ranks of different hosts take, and what those of one host by
  // themselves.
  const absl::StatusOr<concertina::Json> with_tls = BenchTransport(sizes, 1, "grpc", /*with_tls=*/true);
  if (!with_tls.ok()) return ShowBench(options, with_tls);
  (*bench)["grpc_with_tls"] = *with_tls;
  const absl::StatusOr<concertina::Json> shared = BenchTransport(sizes, 1, "shared-memory");
  if (!shared.ok()) return ShowBench(options, shared);
  (*bench)["shared_memory"] = *shared;
  // Where its module is built. MPI's ranks would have to be started by mpirun.
  if (const absl::StatusOr<concertina::Json> gloo = BenchTransport(sizes, 1, "gloo"); gloo.ok())
    (*bench)["gloo"] = *gloo;
  else
    (*bench)["gloo"] = {{"skipped", std::string(gloo.status().message())}};
  return ShowBench(options, bench);
}

Outcome Codecs(const CommonOptions& options, const BenchArguments& arguments) {
  return ShowBench(options, BenchCodecs(arguments.elements));
}

Outcome StoreRate(const CommonOptions& options, const BenchArguments& arguments) {
  const absl::StatusOr<std::string> folder =
      arguments.folder.empty() ? TemporaryFolder() : absl::StatusOr<std::string>(arguments.folder);
  if (!folder.ok()) return {folder.status()};
  return ShowBench(options, BenchStore(*folder, arguments.points));
}

}  // namespace

void AddBenchCommands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<BenchArguments>();
  const auto bind = [arguments, &action](CLI::App* command,
                                         Outcome (*function)(const CommonOptions&, const BenchArguments&)) {
    command->callback([arguments, &action, function] {
      action = [arguments, function](const CommonOptions& options) { return function(options, *arguments); };
    });
  };
  CLI::App* bench = app.add_subcommand("bench", "Benchmarks of this machine, without an engine");
  bench->require_subcommand(1);
  bench->option_defaults()->always_capture_default();  // for help

  CLI::App* train = bench->add_subcommand("train", "Steps of one model beside this core's matrix product");
  train->add_option("--model", arguments->model,
                    "A kind, or an object: {\"kind\":\"mlp\",\"hidden\":[4096,4096,1024]}");
  train->add_option("--batch", arguments->batch, "Samples a step")->check(CLI::Range(1, 65536));
  train->add_option("--threads", arguments->threads, "Threads")->check(CLI::Range(1, 256));
  train->add_option("--sample", arguments->sample, "Shape of a sample: 1x28x28, 1024, …");
  train->add_option("--classes", arguments->classes, "Classes")->check(CLI::Range(2, 100000));
  train->add_option("--seconds", arguments->seconds, "How long to measure")->check(CLI::Range(0.1, 600.0));
  bind(train, BenchTrain);

  CLI::App* collective = bench->add_subcommand("collective", "All-reduce between real processes");
  collective->add_option("--ranks", arguments->ranks, "Processes")->check(CLI::Range(1, 64));
  collective->add_option("--algorithm", arguments->algorithm,
                         absl::StrJoin(BenchCollectiveAlgorithms(), ", "));
  collective->add_option("--group", arguments->group, "Ranks a group, of hierarchical")
      ->check(CLI::Range(1, 64));
  collective->add_option("--bytes", arguments->bytes, "Sizes, e.g. 65536,1048576")
      ->delimiter(',')
      ->default_str("");
  bind(collective, Collective);

  CLI::App* transport = bench->add_subcommand(
      "transport", "Echo between two processes, over gRPC, shared memory and Gloo, beside bare sockets");
  transport->add_option("--bytes", arguments->bytes, "Sizes, e.g. 1024,1048576")
      ->delimiter(',')
      ->default_str("");
  bind(transport, TransportEcho);

  CLI::App* codec = bench->add_subcommand("codec", "Every gradient codec beside memcpy");
  codec->add_option("--elements", arguments->elements, "Floats")->check(CLI::Range(1, 1'000'000'000));
  bind(codec, Codecs);

  CLI::App* store = bench->add_subcommand("store", "Points a second into the store, and back at any zoom");
  store->add_option("--points", arguments->points, "Points")->check(CLI::Range(1000, 1'000'000'000));
  store->add_option("--folder", arguments->folder,
                    "Where the database is made (the system's temporary folder)");
  bind(store, StoreRate);

  bench->option_defaults()->always_capture_default(false);  // what follows says them in words
  AddServedBench(*bench, action);
}

}  // namespace concertina::ctl
