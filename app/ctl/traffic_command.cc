// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_command.cc: traffic: how each worker of a run is now, and how fast it sends to whom.
#include <algorithm>
#include <string>
#include <vector>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr char kNotMeasured[] = "–";

Json TrafficJson(const proto::RunSummary& run, const proto::TrafficReply& reply) {
  Json ranks = Json::array();
  for (const proto::TrafficReply::Rank& rank : reply.ranks()) {
    Json links = Json::array();
    for (const proto::TrafficReply::Link& link : rank.links())
      links.push_back({{"to", link.to()},
                       {"bytes_sent", link.bytes_sent()},
                       {"bytes_per_second",
                        link.has_bytes_per_second() ? Json(link.bytes_per_second()) : Json(nullptr)}});
    const auto or_null = [](bool is_there, double value) { return is_there ? Json(value) : Json(nullptr); };
    ranks.push_back(
        {{"rank", rank.rank()},
         {"state", rank.state()},
         {"heard_seconds", or_null(rank.has_heard_seconds(), rank.heard_seconds())},
         {"samples_per_second", or_null(rank.has_samples_per_second(), rank.samples_per_second())},
         {"memory_bytes", or_null(rank.has_memory_bytes(), rank.memory_bytes())},
         {"links", std::move(links)}});
  }
  return {{"run", run.run()}, {"ranks", std::move(ranks)}};
}

std::string RanksTable(const proto::RunSummary& run, const proto::TrafficReply& reply) {
  std::vector<std::vector<std::string>> rows;
  for (const proto::TrafficReply::Rank& rank : reply.ranks()) {
    const auto at = static_cast<int>(rank.rank());
    const std::string host = at < run.workers_size() ? run.workers(at).host() : "";
    rows.push_back(
        {std::to_string(rank.rank()), host, rank.state(),
         rank.has_samples_per_second() ? fmt::format("{:.0f}", rank.samples_per_second())
                                       : std::string(kNotMeasured),
         rank.has_memory_bytes() ? BytesText(rank.memory_bytes()) : std::string(kNotMeasured),
         rank.has_heard_seconds() ? SecondsText(rank.heard_seconds()) + " ago" : std::string(kNotMeasured)});
  }
  return TableText({"rank", "host", "state", "samples/s", "memory", "last heard"}, rows);
}

std::string LinksTable(const proto::TrafficReply& reply) {
  struct Row {
    uint32_t from;
    const proto::TrafficReply::Link* link;
  };
  std::vector<Row> links;
  for (const proto::TrafficReply::Rank& rank : reply.ranks())
    for (const proto::TrafficReply::Link& link : rank.links()) links.push_back({rank.rank(), &link});
  std::stable_sort(links.begin(), links.end(), [](const Row& a, const Row& b) {
    return a.link->bytes_per_second() > b.link->bytes_per_second();
  });
  std::vector<std::vector<std::string>> rows;
  for (const Row& row : links)
    rows.push_back({fmt::format("{} → {}", row.from, row.link->to()),
                    row.link->has_bytes_per_second() ? BytesText(row.link->bytes_per_second()) + "/s"
                                                     : std::string(kNotMeasured),
                    BytesText(static_cast<double>(row.link->bytes_sent()))});
  return rows.empty() ? "" : TableText({"from → to", "now", "so far"}, rows);
}

Outcome ShowTraffic(const CommonOptions& options, Connection& engine, const proto::RunSummary& run) {
  proto::RunRequest request;
  request.set_run(run.run());
  const auto reply = engine.Call(&proto::Engine::Stub::GetTraffic, request);
  if (!reply.ok()) return {reply.status()};
  if (options.json) {
    PrintJson(TrafficJson(run, *reply));
    return {};
  }
  if (reply->ranks().empty()) {
    PrintText("the run has no workers now\n");
    return {};
  }
  const std::string links = LinksTable(*reply);
  PrintText(RanksTable(run, *reply) + (links.empty() ? "" : "\n" + links));
  return {};
}

}  // namespace

void AddTrafficCommand(CLI::App& app, Action& action) {
  AddRunCommand(app, action, "traffic", "How each worker of a run is now, and how fast it sends to whom",
                ShowTraffic);
}

}  // namespace concertina::ctl
