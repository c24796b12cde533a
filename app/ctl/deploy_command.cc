// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// deploy_command.cc: a run's model on its device: `deploy RUN --host pi@box` copies it there with the program
// that runs it, measures it there, and says how to use it.
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina::ctl {
namespace {

struct DeviceOptions {
  std::string run, host, key, jump, folder, known_hosts;
  int64_t port = 22, queries = 1024;
};

// As an entry of "workers": one way to name a machine.
std::string EntryOf(const DeviceOptions& device) {
  nlohmann::json entry = {{"launcher", "ssh"}, {"host", device.host}, {"port", device.port}};
  if (const size_t at = device.host.find('@'); at != std::string::npos) {
    entry["user"] = device.host.substr(0, at);
    entry["host"] = device.host.substr(at + 1);
  }
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) entry[name] = value;
  };
  put("key", device.key);
  put("jump", device.jump);
  put("folder", device.folder);
  put("known_hosts", device.known_hosts);
  return entry.dump();
}

Outcome ShowDevice(const CommonOptions& options, const proto::MeasureOnDeviceReply& reply) {
  const bool is_measured = reply.error().empty();
  const nlohmann::json bench = nlohmann::json::parse(reply.bench_json(), nullptr, false);
  if (options.json) {
    PrintJson({{"measured", is_measured},
               {"error", reply.error()},
               {"host", reply.host()},
               {"system", reply.system()},
               {"program", reply.program()},
               {"model", reply.model()},
               {"bench", bench.is_object() ? bench : nlohmann::json()},
               {"seconds", reply.seconds()}});
  } else if (is_measured && bench.is_object()) {
    const auto number = [&](const char* name) {
      return bench.contains(name) && bench[name].is_number() ? bench[name].get<double>() : 0.0;
    };
    PrintText(fmt::format(
        "{} ({}), one sample and one thread: median {:.1f} us, 90 % {:.1f} us, 99 % {:.1f} us\n"
        "  loaded in {:.2f} ms, peak memory {:.2f} MB, file {:.1f} kB\n"
        "  it stays there: {} classify {} FILE\n",
        reply.host(), reply.system(), 1e6 * number("p50_seconds"), 1e6 * number("p90_seconds"),
        1e6 * number("p99_seconds"), 1e3 * number("load_seconds"), number("peak_memory_bytes") / 1e6,
        number("file_bytes") / 1e3, reply.program(), reply.model()));
  }
  if (is_measured) return {};
  if (options.json) return {absl::OkStatus(), ExitCode::kRunFailed};
  return {absl::UnavailableError(reply.error())};
}

}  // namespace

void AddDeployCommand(CLI::App& app, Action& action) {
  auto device = std::make_shared<DeviceOptions>();
  CLI::App* deploy = app.add_subcommand(
      "deploy", "Copy a run's model to a device by ssh, with the program that runs it, and measure it there");
  deploy->add_option("RUN", device->run, "The run, or \"last\"")->required();
  deploy->add_option("--host", device->host, "The device, as ssh knows it: pi@raspberry")->required();
  deploy->add_option("--port", device->port, "Port of its ssh server");
  deploy->add_option("--key", device->key, "File of the private key");
  deploy->add_option("--jump", device->jump, "Machine to go through");
  deploy->add_option("--folder", device->folder, "Working folder there (~/.cache/concertina)");
  deploy->add_option("--known-hosts", device->known_hosts, "File with the device's host key");
  deploy->add_option("--queries", device->queries, "How often the model answers while it is measured (1024)");
  deploy->callback([device, &action] {
    action = [device](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      proto::MeasureOnDeviceRequest request;
      request.set_run(device->run);
      request.set_entry_json(EntryOf(*device));
      request.set_queries(device->queries);
      const auto reply = engine->Call(&proto::Engine::Stub::MeasureOnDevice, request, kDeviceDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (reply->faults_size() > 0) return ReportFaults(options, reply->faults());
      return ShowDevice(options, *reply);
    };
  });
}

}  // namespace concertina::ctl
