// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine_specs.cc: what the engine of tests says of experiments: components, plans, samples, sweeps,
// and a run of each that is submitted (see fake_engine.h).
#include "tests/ui/fake_engine.h"

#include <utility>

#include "nlohmann/json.hpp"

namespace concertina::ui {

grpc::Status FakeEngine::Describe(grpc::ServerContext*, const proto::DescribeRequest*,
                                  proto::DescribeReply* reply) {
  reply->set_json(describe);
  return answer("describe");
}

grpc::Status FakeEngine::TestLauncher(grpc::ServerContext* context, const proto::TestLauncherRequest* request,
                                      proto::TestLauncherReply* reply) {
  const grpc::Status status = answer("test " + request->entry_json());
  wait(context, host_is_slow);
  if (context->IsCancelled()) answer("test cancelled");
  *reply = host;
  return status;
}

grpc::Status FakeEngine::Validate(grpc::ServerContext*, const proto::SpecRequest* request,
                                  proto::ValidateReply* reply) {
  reply->set_spec_json(request->spec_json());
  reply->set_valid(request->spec_json().find("\"fault\"") == std::string::npos);
  if (!reply->valid()) {
    proto::SpecFault* fault = reply->add_faults();
    fault->set_pointer("/model/kind");
    fault->set_found("\"lenet-6\"");
    fault->set_expected("a model");
    fault->set_suggestion("lenet-5");
    fault->set_message("/model/kind: found \"lenet-6\", expected a model; did you mean \"lenet-5\"?");
  }
  return answer("validate");
}

grpc::Status FakeEngine::MakePlan(grpc::ServerContext*, const proto::SpecRequest*, proto::PlanReply* reply) {
  reply->set_json(plan);
  return answer("plan");
}

grpc::Status FakeEngine::GetSamples(grpc::ServerContext*, const proto::GetSamplesRequest* request,
                                    proto::GetSamplesReply* reply) {
  *reply = samples;
  return answer("samples " + std::to_string(request->has_worker() ? request->worker() : -1));
}

grpc::Status FakeEngine::ExpandSweep(grpc::ServerContext*, const proto::ExpandSweepRequest* request,
                                     proto::ExpandSweepReply* reply) {
  const auto sweep = nlohmann::json::parse(request->sweep_json());
  if (request->sweep_json().find("\"fault\"") != std::string::npos) {
    proto::SpecFault* fault = reply->add_faults();
    fault->set_pointer("/axes/0/values/0");
    fault->set_message("/axes/0/values/0: found \"fault\", expected none");
    return answer("expand");
  }
  std::vector<std::pair<std::string, nlohmann::json>> points = {{"", sweep.at("base")}};
  for (const auto& axis : sweep.at("axes")) {
    std::vector<std::pair<std::string, nlohmann::json>> longer;
    for (const auto& [label, spec] : points)
      for (const auto& value : axis.value("values", nlohmann::json::array({1, 2}))) {
        const bool has_label = value.is_object() && value.contains("label");
        auto changed = spec;
        changed[nlohmann::json::json_pointer(axis.at("pointer").get<std::string>())] =
            has_label ? value.at("value") : value;
        const std::string words = has_label ? value.at("label").get<std::string>() : value.dump();
        longer.emplace_back(label.empty() ? words : label + ", " + words, std::move(changed));
      }
    points = std::move(longer);
  }
  const std::string name = sweep.value("name", "sweep");
  const int64_t repeats = sweep.value("repeats", int64_t{1});
  reply->set_name(name);
  reply->set_point_count(int64_t(points.size()));
  reply->set_run_count(int64_t(points.size()) * repeats);
  reply->set_objective("test_accuracy");
  reply->set_more_is_better(true);
  reply->set_epochs(3);
  if (sweep.contains("search") && sweep.at("search").at("kind") == "successive-halving")
    for (size_t count = points.size(), epochs = 1; count > 0; count /= 2, ++epochs) {
      proto::SweepRung* rung = reply->add_rungs();
      rung->set_points(int64_t(count));
      rung->set_epochs(double(epochs));
    }
  for (size_t i = 0; i < points.size() && int(i) < request->max_points(); ++i) {
    proto::SweepPointSpecs* point = reply->add_points();
    point->set_label(points[i].first);
    for (int64_t repeat = 0; repeat < repeats; ++repeat) {
      auto spec = points[i].second;
      spec["name"] = name + " · " + points[i].first;
      if (repeat > 0) spec["seed"] = spec.value("seed", 1) + repeat;
      point->add_spec_json(spec.dump());
    }
  }
  return answer("expand");
}

grpc::Status FakeEngine::Submit(grpc::ServerContext*, const proto::SubmitRequest* request,
                                proto::SubmitReply* reply) {
  const int before = submitted_++;
  proto::RunSummary run =
      makeRun("20261124-031500-new" + (before == 0 ? "" : std::to_string(before + 1)), "new", proto::QUEUED);
  if (names_runs) run.set_name(nlohmann::json::parse(request->spec_json()).value("name", ""));
  run.set_spec_json(request->spec_json());
  put(run);
  reply->set_run(run.run());
  {
    absl::MutexLock lock(&mutex_);
    submitted_specs_.push_back(request->spec_json());
  }
  return answer("submit");
}

}  // namespace concertina::ui
