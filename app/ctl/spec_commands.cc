// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_commands.cc: describe, validate, plan.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "app/ctl/pattern_text.h"
#include "app/ctl/preview_samples.h"
#include "app/ctl/stages_text.h"
#include "core/base/file.h"
#include "core/experiment/local_paths.h"
#include "core/experiment/spec.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr size_t kMaxSpecBytes = 1 << 20;

// A list has a line for each component: its first sentence. The whole stands where one of them is asked for.
std::string FirstSentence(const std::string& text) { return text.substr(0, text.find(". ")); }

std::string DescribeText(const Json& document, bool one_kind) {
  std::string text;
  for (const Json& category : document["categories"]) {
    if (!one_kind) text += fmt::format("{}\n", category["category"].get<std::string>());
    for (const Json& component : category["components"]) {
      if (!one_kind) {
        text += fmt::format("  {:<20}{}\n", component["kind"].get<std::string>(),
                            FirstSentence(component["summary"].get<std::string>()));
        continue;
      }
      text += fmt::format("{} – {}\n{}\n", component["kind"].get<std::string>(),
                          component["title"].get<std::string>(), component["summary"].get<std::string>());
      if (!component["citation"].get<std::string>().empty())
        text += fmt::format("[{}]\n", component["citation"].get<std::string>());
      if (component.contains("here")) text += "\nhere: " + component["here"].value("text", "") + "\n";
      std::vector<std::vector<std::string>> rows;
      for (const Json& parameter : component["parameters"]) {
        std::string range;
        if (!parameter["choices"].empty()) {
          for (const Json& choice : parameter["choices"])
            range += fmt::format("{}{}", range.empty() ? "" : "|", choice.get<std::string>());
        } else if (!parameter["minimum"].is_null() || !parameter["maximum"].is_null()) {
          range = fmt::format("{} .. {}", parameter["minimum"].is_null() ? "" : parameter["minimum"].dump(),
                              parameter["maximum"].is_null() ? "" : parameter["maximum"].dump());
        }
        rows.push_back({parameter["name"].get<std::string>(), parameter["type"].get<std::string>(),
                        parameter["default"].is_null() ? "" : parameter["default"].dump(),
                        parameter["unit"].get<std::string>(), range,
                        parameter["live"].get<bool>() ? "live" : "", parameter["doc"].get<std::string>()});
      }
      if (!rows.empty())
        text += "\n" + TableText({"parameter", "type", "default", "unit", "range", "", "what it is"}, rows);
    }
  }
  return text;
}

// "91 ms: 10 ms of computing, and 81 of 81 ms of communication not hidden behind it; most of it bandwidth".
std::string StepText(const Json& plan) {
  if (!plan.contains("step_seconds")) return "";
  const Json& step = plan["step_seconds"];
  const auto seconds = [&step](const char* name) { return step.value(name, 0.0); };
  if (seconds("communication") <= 0)
    return SecondsText(seconds("total")) +
           (seconds("codec") > 0 ? " of computing and codec" : " of computing");
  return fmt::format("{}: {} of computing, {} of communication{} of which {} is not hidden; most of it {}",
                     SecondsText(seconds("total")), SecondsText(seconds("compute")),
                     SecondsText(seconds("communication")), seconds("codec") > 0 ? " and codec" : "",
                     SecondsText(seconds("exposed")), step.value("dominated_by", ""));
}

// "3.1 ms of packing and unpacking; without it a step takes 91 ms instead of 12 ms; it pays on links below
// 640 Mbit/s".
std::string CodecText(const Json& plan) {
  const Json step = plan.value("step_seconds", Json::object());
  if (!step.contains("without_codec") || !step.contains("pays")) return "";
  const Json& pays = step["pays"];
  const std::string kind = pays.value("kind", "");
  const double bandwidth_mbit = pays.value("bandwidth_mbit", 0.0);
  const std::string where = kind == "always"  ? "; it pays on any link"
                            : kind == "never" ? "; it pays on no link"
                            : kind == "below" || kind == "above"
                                ? fmt::format("; it pays on links {} {:.3g} Mbit/s", kind, bandwidth_mbit)
                                : "";
  return fmt::format("{} of packing and unpacking; without it a step takes {} instead of {}{}",
                     SecondsText(step.value("codec", 0.0)), SecondsText(step.value("without_codec", 0.0)),
                     SecondsText(step.value("total", 0.0)), where);
}

// "every 12 min (about 4,200 steps): 610 MB in 1.2 s, if a worker fails every 1,000 h".
std::string CheckpointText(const Json& plan) {
  if (!plan.contains("checkpoint")) return "";
  const Json& checkpoint = plan["checkpoint"];
  const auto number = [&checkpoint](const char* name) { return checkpoint.value(name, 0.0); };
  const double interval = number("interval_seconds");
  const std::string often = interval < 120    ? fmt::format("{:.3g} s", interval)
                            : interval < 7200 ? fmt::format("{:.3g} min", interval / 60)
                                              : fmt::format("{:.3g} h", interval / 3600);
  return fmt::format(
      "every {}{}: {} in {} {}, if a worker fails every {} h", often,
      checkpoint.contains("interval_steps")
          ? fmt::format(" (about {} steps)", CountText(number("interval_steps")))
          : "",
      BytesText(number("bytes")), SecondsText(number("seconds")),
      checkpoint.value("measured", false) ? "on this disk" : "(the disk's rate is an estimate)",
      CountText(number("worker_mtbf_hours")));
}

std::string ShapeText(const Json& lengths) {
  std::string text;
  for (const Json& length : lengths) text += (text.empty() ? "" : "x") + length.dump();
  return text;
}

std::string PlanText(const Json& plan) {
  std::string text;
  const auto number = [&plan](const char* name) { return plan.value(name, 0.0); };
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("{:<22}{}\n", name, value);
  };
  if (plan.contains("dataset")) {
    const Json& dataset = plan["dataset"];
    line("dataset", fmt::format("{} samples of {} to train on, {} to test on, {} classes",
                                CountText(dataset.value("train_samples", 0.0)), ShapeText(dataset["sample"]),
                                CountText(dataset.value("test_samples", 0.0)),
                                CountText(dataset.value("classes", 0.0))));
  }
  line("workers", CountText(number("world_size")));
  line("global batch", CountText(number("global_batch_size")) + " samples");
  line("steps", fmt::format("{} in all, {} an epoch", CountText(number("total_steps")),
                            CountText(number("steps_per_epoch"))));
  line("parameters", CountText(number("parameters")));
  line("arithmetic",
       fmt::format("{:.3g} MFLOP a sample, forward and backward", number("training_flops_per_sample") / 1e6));
  line("sent a step and rank",
       fmt::format("{} in {:.4g} messages ({} dense)", BytesText(number("payload_bytes_per_step_and_rank")),
                   number("messages_per_step_and_rank"), BytesText(number("dense_bytes_per_step"))));
  if (plan.contains("tensor")) {
    const Json& sums = plan["tensor"];
    const std::string codec = sums.value("codec", "none");
    line("of that, tensor axis",
         fmt::format("{} in {:.4g} messages{}", BytesText(sums.value("bytes_per_step", 0.0)),
                     sums.value("messages_per_step", 0.0),
                     codec == "none" ? ""
                                     : fmt::format(" as {} ({} dense)", codec,
                                                   BytesText(sums.value("dense_bytes_per_step", 0.0)))));
  }
  line("transport", plan.value("transport", ""));
  line("memory a worker", BytesText(number("memory_bytes_per_worker")));
  if (const std::string step = StepText(plan); !step.empty()) line("a step, expected", step);
  if (const std::string codec = CodecText(plan); !codec.empty()) line("the codec", codec);
  if (const std::string kept = CheckpointText(plan); !kept.empty()) line("checkpoint", kept);
  if (const std::string pattern = PatternText(plan.dump()); !pattern.empty()) text += "\n" + pattern;
  if (const std::string stages = StagesText(plan); !stages.empty()) text += "\n" + stages;
  if (plan.contains("layers")) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> header = {"layer", "kind", "output", "parameters", "MFLOP"};
    // How the tensor axis divides the layers, where there is one.
    const bool divided = std::any_of(plan["layers"].begin(), plan["layers"].end(),
                                     [](const Json& layer) { return !layer.value("split", "").empty(); });
    if (divided) header.emplace_back("split");
    for (const Json& layer : plan["layers"]) {
      rows.push_back({layer.value("name", ""), layer.value("kind", ""), ShapeText(layer["output"]),
                      CountText(layer.value("parameters", 0.0)),
                      fmt::format("{:.3g}", layer.value("forward_flops", 0.0) / 1e6)});
      if (divided) rows.back().push_back(layer.value("split", ""));
    }
    text += "\n" + TableText(header, rows);
  }
  if (plan.contains("integer_products"))
    text += "\nint8 here: " + plan["integer_products"].value("text", "") + "\n";
  if (plan.contains("recovery")) text += "\n" + plan["recovery"].value("text", "") + "\n";
  if (plan.contains("warnings"))
    for (const Json& warning : plan["warnings"]) text += "\nnote: " + warning.get<std::string>() + "\n";
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadSpec(const std::string& path, const std::vector<std::string>& assignments) {
  absl::StatusOr<std::string> text = ReadFile(path == "-" ? "/dev/stdin" : path, kMaxSpecBytes);
  if (!text.ok()) return Annotate(text.status(), "the experiment file");
  for (const std::string& assignment : assignments) {
    text = SetInSpec(*text, assignment);
    if (!text.ok()) return Annotate(text.status(), "--set " + assignment);
  }
  return WithPathsFromHere(*text);
}

absl::StatusOr<std::string> WithPathsFromHere(const std::string& spec) {
  std::error_code error;  // a folder that is gone has no path, and its files are gone too
  const std::filesystem::path here = std::filesystem::current_path(error);
  if (error) return spec;
  return WithLocalPaths(spec, here.string());
}

Outcome ReportFaults(const CommonOptions& options,
                     const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults) {
  if (options.json) PrintJson({{"valid", false}, {"faults", FaultsJson(faults)}});
  for (const proto::SpecFault& fault : faults) Tell("{}\n", fault.message());
  return {absl::OkStatus(), ExitCode::kBadInput};
}

void AddSpecCommands(CLI::App& app, Action& action) {
  struct Arguments {
    std::string category, kind, spec;
    std::vector<std::string> set;
    bool calibrate = false;
    SamplesWanted samples;
  };
  auto arguments = std::make_shared<Arguments>();

  CLI::App* describe =
      app.add_subcommand("describe", "The components: what they are, their parameters, their sources");
  describe->add_option("category", arguments->category, "dataset, model, gradient-codec, …");
  describe->add_option("kind", arguments->kind, "One component of it");
  describe->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      proto::DescribeRequest request;
      request.set_category(arguments->category);
      request.set_kind(arguments->kind);
      const auto reply = engine->Call(&proto::Engine::Stub::Describe, request);
      if (!reply.ok()) return {reply.status()};
      const Json document = Json::parse(reply->json(), nullptr, false);
      if (!document.is_object() || !document.contains("categories"))
        return {absl::DataLossError("what the engine describes is no JSON; is it of another version?")};
      if (options.json) {
        PrintJson(document);
      } else {
        PrintText(DescribeText(document, !arguments->kind.empty()));
      }
      return {};
    };
  });

  CLI::App* validate = app.add_subcommand("validate", "The faults of an experiment file, all in one go");
  validate->add_option("spec", arguments->spec, "Experiment file, or - for standard input")->required();
  validate->add_option("--set", arguments->set, "POINTER=JSON: change a field first");
  validate->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) -> Outcome {
      const auto spec = ReadSpec(arguments->spec, arguments->set);
      if (!spec.ok()) return {spec.status()};
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      proto::SpecRequest request;
      request.set_spec_json(*spec);
      const auto reply = engine->Call(&proto::Engine::Stub::Validate, request, kSpecDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (!reply->valid()) return ReportFaults(options, reply->faults());
      if (options.json) {
        PrintJson({{"valid", true}, {"faults", Json::array()}});
      } else {
        PrintText("valid\n");
      }
      return {};
    };
  });

  CLI::App* plan =
      app.add_subcommand("plan", "What an experiment comes to: mesh, memory, bytes, time of a step, layers");
  plan->add_option("spec", arguments->spec, "Experiment file, or - for standard input")->required();
  plan->add_option("--set", arguments->set, "POINTER=JSON: change a field first");
  plan->add_flag("--calibrate", arguments->calibrate,
                 "Measure this machine again for the expected time of a step");
  AddSamplesOptions(*plan, arguments->samples);
  plan->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) -> Outcome {
      const auto spec = ReadSpec(arguments->spec, arguments->set);
      if (!spec.ok()) return {spec.status()};
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      if (arguments->samples.is_wanted()) return ShowSamples(*engine, options, *spec, arguments->samples);
      proto::SpecRequest request;
      request.set_spec_json(*spec);
      request.set_calibrate(arguments->calibrate);
      const auto reply = engine->Call(&proto::Engine::Stub::MakePlan, request, kSpecDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (!reply->faults().empty()) return ReportFaults(options, reply->faults());
      const Json document = Json::parse(reply->json(), nullptr, false);
      if (!document.is_object())
        return {absl::DataLossError("the engine's plan is no JSON; is it of another version?")};
      if (options.json) {
        PrintJson(document);
      } else {
        PrintText(PlanText(document));
      }
      return {};
    };
  });
}

}  // namespace concertina::ctl
