// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// output.cc: see output.h.
#include "app/ctl/output.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>

#include "absl/base/attributes.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/experiment/transport_choice.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

ABSL_CONST_INIT absl::Mutex printing(absl::kConstInit);
bool has_printed ABSL_GUARDED_BY(printing) = false;
int print_error ABSL_GUARDED_BY(printing) = 0;  // the first

void WriteToOutput(const std::string& text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(printing) {
  has_printed = true;
  errno = 0;
  const bool is_written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!is_written && print_error == 0) print_error = errno != 0 ? errno : EIO;
}

}  // namespace

std::string StateName(proto::RunState state) {
  if (state == proto::RUN_STATE_UNSPECIFIED) return "unknown";
  std::string name = proto::RunState_Name(state);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

bool Ended(proto::RunState state) {
  return state == proto::FINISHED || state == proto::FAILED || state == proto::STOPPED;
}

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// What carries, or carried, the tensors of a run with this spec; "" if it cannot be told.
std::string TransportOfSpec(const Json& spec) {
  if (!spec.is_object()) return "";
  const Json network = spec.value("network", Json::object());
  std::vector<std::string> launchers;
  for (const Json& group : spec.value("workers", Json::array()))
    if (group.is_object()) launchers.push_back(group.value("launcher", "local"));
  if (!network.is_object() || launchers.empty()) return "";
  return concertina::TransportOf(network.value("transport", "auto"), launchers);
}

Json SummaryJson(const proto::RunSummary& run) {
  Json workers = Json::array();
  for (const proto::Worker& worker : run.workers()) {
    Json axis = Json::object();
    const char* names[] = {"data", "pipeline", "tensor"};
    for (int i = 0; i < worker.axis_size() && i < 3; ++i) axis[names[i]] = worker.axis(i);
    workers.push_back({{"rank", worker.rank()},
                       {"pid", worker.pid()},
                       {"host", worker.host()},
                       {"axis", axis},
                       {"state", worker.state()},
                       {"step", worker.step()}});
  }
  const proto::TimeSplit& time = run.time();
  Json json = {
      {"run", run.run()},
      {"name", run.name()},
      {"state", StateName(run.state())},
      {"error", run.error()},
      {"pause_reason", run.pause_reason()},
      {"doing", run.doing()},
      {"seed", run.seed()},
      {"workers", std::move(workers)},
      {"steps", run.steps()},
      {"total_steps", run.total_steps()},
      {"epochs", NumberOrNull(run.epochs())},
      {"samples", run.samples()},
      {"seconds", NumberOrNull(run.seconds())},
      {"samples_per_second", NumberOrNull(run.samples_per_second())},
      {"train_loss", run.has_train_loss() ? NumberOrNull(run.train_loss()) : Json(nullptr)},
      {"test_loss", run.has_test() ? NumberOrNull(run.test_loss()) : Json(nullptr)},
      {"test_accuracy", run.has_test() ? NumberOrNull(run.test_accuracy()) : Json(nullptr)},
      {"bytes_sent", run.bytes_sent()},
      {"bytes_received", run.bytes_received()},
      {"payload_bytes_sent", run.payload_bytes_sent()},
      {"messages_sent", run.messages_sent()},
      {"compression_ratio", NumberOrNull(run.compression_ratio())},
      {"time",
       {{"data", time.data()},
        {"compute", time.compute()},
        {"encode", time.encode()},
        {"exchange", time.exchange()},
        {"decode", time.decode()},
        {"update", time.update()},
        {"wait", time.wait()}}},
      {"peak_memory_bytes", run.peak_memory_bytes()},
      {"parameters", run.parameters()},
      {"parameters_sha256", run.parameters_sha256()},
      {"created_unix_ms", run.created_unix_ms()},
      {"started_unix_ms", run.started_unix_ms()},
      {"ended_unix_ms", run.ended_unix_ms()},
      {"last_checkpoint_step", run.last_checkpoint_step()},
      {"parent", run.parent().empty() ? Json(nullptr) : Json(run.parent())},
      {"parent_step", run.parent().empty() ? Json(nullptr) : Json(run.parent_step())},
      {"attempt", run.attempt()},
      {"automatic_resumes", run.automatic_resumes()},
  };
  json["tags"] = std::vector<std::string>(run.marks().tags().begin(), run.marks().tags().end());
  json["note"] = run.marks().note();
  json["color"] = run.marks().color();
  json["pinned"] = run.marks().pinned();
  if (run.marks().deleted_unix_ms() != 0) json["deleted_unix_ms"] = run.marks().deleted_unix_ms();
  Json spec = Json::parse(run.spec_json(), nullptr, false);
  json["transport"] = TransportOfSpec(spec);
  json["spec"] = spec.is_discarded() ? Json(run.spec_json()) : std::move(spec);
  return json;
}

Json EventJson(const proto::RunEvent& event) {
  Json details = Json::parse(event.json().empty() ? "null" : event.json(), nullptr, false);
  return {{"step", event.step()},       {"seconds", event.seconds()},
          {"unix_ms", event.unix_ms()}, {"kind", event.kind()},
          {"message", event.message()}, {"details", details.is_discarded() ? Json(event.json()) : details}};
}

Json FaultsJson(const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults) {
  Json list = Json::array();
  for (const proto::SpecFault& fault : faults)
    list.push_back({{"pointer", fault.pointer()},
                    {"found", fault.found()},
                    {"expected", fault.expected()},
                    {"suggestion", fault.suggestion()},
                    {"message", fault.message()}});
  return list;
}

std::string BytesText(double bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  int unit = 0;
  while (std::abs(bytes) >= 1000 && unit < 4) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.3g} {}", bytes, units[unit]);
}

std::string SecondsText(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  if (seconds < 1e-3) return fmt::format("{:.3g} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.3g} s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string CountText(double value) {
  if (!std::isfinite(value)) return "–";
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string SummaryText(const proto::RunSummary& run) {
  std::string text = fmt::format("{}  {}\n", run.run(), run.name());
  const auto line = [&text](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<16}{}\n", name, value);
  };
  line("state",
       StateName(run.state()) +
           (run.queue_position() > 0 ? fmt::format(", number {} in the queue", run.queue_position()) : ""));
  line("error", run.error());
  line("paused", run.pause_reason());
  line("now", run.doing());
  line("tags", fmt::format("{}", fmt::join(run.marks().tags(), ", ")));
  line("note", run.marks().note());
  if (run.marks().pinned()) line("baseline", "pinned");
  line("progress", fmt::format("step {} of {}, epoch {:.3g}", CountText(static_cast<double>(run.steps())),
                               CountText(static_cast<double>(run.total_steps())), run.epochs()));
  line("workers", CountText(run.workers_size()));
  line("transport", TransportOfSpec(Json::parse(run.spec_json(), nullptr, false)));
  line("time", SecondsText(run.seconds()));
  line("speed", CountText(run.samples_per_second()) + " samples/s");
  if (run.has_train_loss()) line("train loss", fmt::format("{:.4g}", run.train_loss()));
  if (run.has_test())
    line("test", fmt::format("accuracy {:.4f}, loss {:.4g}", run.test_accuracy(), run.test_loss()));
  line("sent",
       fmt::format("{} in {} messages, {} of it payload", BytesText(static_cast<double>(run.bytes_sent())),
                   CountText(static_cast<double>(run.messages_sent())),
                   BytesText(static_cast<double>(run.payload_bytes_sent()))));
  if (run.compression_ratio() > 0) line("compression", fmt::format("{:.3g} times", run.compression_ratio()));
  const proto::TimeSplit& time = run.time();
  line("step",
       fmt::format("data {}, compute {}, update {}, waiting for the exchange {}", SecondsText(time.data()),
                   SecondsText(time.compute()), SecondsText(time.update()), SecondsText(time.wait())));
  line("exchange",
       fmt::format("encode {}, exchange {}, decode {} (beside the backward pass)", SecondsText(time.encode()),
                   SecondsText(time.exchange()), SecondsText(time.decode())));
  line("memory", BytesText(static_cast<double>(run.peak_memory_bytes())) + " in the largest worker");
  line("parameters", CountText(static_cast<double>(run.parameters())));
  return text;
}

std::string TableText(const std::vector<std::string>& header,
                      const std::vector<std::vector<std::string>>& rows) {
  // Widths count characters, not bytes: "µs" and "–" are one and two columns.
  const auto width_of = [](const std::string& text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  };
  std::vector<size_t> widths(header.size());
  for (size_t i = 0; i < header.size(); ++i) {
    widths[i] = width_of(header[i]);
    for (const auto& row : rows) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  const auto add_row = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      const bool number =
          !row[i].empty() && (std::isdigit(static_cast<unsigned char>(row[i][0])) || row[i][0] == '-');
      text += number ? padding + row[i] : i + 1 == row.size() ? row[i] : row[i] + padding;
      text += i + 1 == row.size() ? "\n" : "  ";
    }
  };
  add_row(header);
  for (const auto& row : rows) add_row(row);
  return text;
}

void PrintJson(const Json& json, int indent) {
  PrintText(json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n");
}

void PrintText(const std::string& text) {
  absl::MutexLock lock(&printing);
  WriteToOutput(text);
}

absl::Status Printed() {
  absl::MutexLock lock(&printing);
  return print_error == 0 ? absl::OkStatus() : ErrnoStatus(print_error, "writing to standard output");
}

void TellText(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void EndInterrupted(bool json) {
  TellText("\nconcertinactl: interrupted\n");
  absl::MutexLock lock(&printing);
  if (json && !has_printed) WriteToOutput("{\"error\":\"interrupted\"}\n");
  ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace concertina::ctl
