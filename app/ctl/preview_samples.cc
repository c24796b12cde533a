// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// preview_samples.cc: pixels as PNG, rows as CSV (see preview_samples.h).
#include "app/ctl/preview_samples.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "app/ctl/output.h"
#include "core/base/file.h"
#include "core/data/image_file.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

std::string ClassText(const proto::GetSamplesReply& reply, int32_t label) {
  return label >= 0 && label < reply.class_names_size() ? reply.class_names(label) : std::to_string(label);
}

// A name of a class as part of a file's: "Ankle boot" becomes "ankle-boot".
std::string FileWord(const std::string& name) {
  std::string word;
  for (const char letter : name.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0)
      word += static_cast<char>(std::tolower(byte));
    else if (!word.empty() && word.back() != '-')
      word += '-';
  }
  return word;
}

absl::StatusOr<Image> ImageOf(const proto::GetSamplesReply& reply,
                              const proto::GetSamplesReply::Sample& sample) {
  Image image{.width = reply.width(), .height = reply.height(), .rgb = {}};
  const int64_t area = image.width * image.height;
  if (area < 1 || (reply.channels() != 1 && reply.channels() != 3) ||
      std::ssize(sample.pixels()) != reply.channels() * area)
    return absl::DataLossError(
        fmt::format("sample {}: found {} bytes for {} x {} x {} pixels; is the engine of another version?",
                    sample.index(), sample.pixels().size(), reply.channels(), reply.height(), reply.width()));
  image.rgb.reserve(static_cast<size_t>(3 * area));
  for (int64_t at = 0; at < area; ++at)
    for (int64_t channel = 0; channel < 3; ++channel)
      image.rgb.push_back(static_cast<uint8_t>(
          sample.pixels()[static_cast<size_t>((reply.channels() == 3 ? channel : 0) * area + at)]));
  return image;
}

absl::Status WriteImages(const proto::GetSamplesReply& reply, const std::string& folder,
                         std::vector<std::string>& files) {
  for (int i = 0; i < reply.samples_size(); ++i) {
    const proto::GetSamplesReply::Sample& sample = reply.samples(i);
    ASSIGN_OR_RETURN(const Image image, ImageOf(reply, sample));
    ASSIGN_OR_RETURN(const std::vector<uint8_t> png, EncodePng(image));
    const std::string path = fmt::format("{}/{:02}-{}-{}.png", folder, i,
                                         FileWord(ClassText(reply, sample.label())), sample.index());
    const std::span<const std::byte> bytes = std::as_bytes(std::span(png));
    RETURN_IF_ERROR(WriteFileAtomically(path, std::span(&bytes, 1)));
    files.push_back(path);
  }
  return absl::OkStatus();
}

std::string QuotedField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + '"';
}

struct RowsOfSamples {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

RowsOfSamples RowsOf(const proto::GetSamplesReply& reply) {
  RowsOfSamples table{.header = {"row", "class"}, .rows = {}};
  int columns = 0;
  for (const proto::GetSamplesReply::Sample& sample : reply.samples())
    columns = std::max(columns, sample.values_size());
  for (int i = 0; i < columns; ++i)
    table.header.push_back(i < reply.column_names_size() ? reply.column_names(i) : std::to_string(i));
  for (const proto::GetSamplesReply::Sample& sample : reply.samples()) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row = {std::to_string(sample.index()), ClassText(reply, sample.label())};
    for (const float value : sample.values()) row.push_back(fmt::format("{:.4g}", value));
    row.resize(table.header.size());
  }
  return table;
}

std::string CsvOf(const RowsOfSamples& table) {
  std::string text;
  const auto add = [&text](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + QuotedField(row[i]);
    text += "\r\n";
  };
  add(table.header);
  for (const std::vector<std::string>& row : table.rows) add(row);
  return text;
}

}  // namespace

void AddSamplesOptions(CLI::App& plan, SamplesWanted& wanted) {
  plan.add_option("--samples", wanted.folder,
                  "Instead of the plan: write a few samples as the model gets them into this folder (PNG, or "
                  "CSV of a table)");
  plan.add_option("--count", wanted.count, "So many samples")->check(CLI::Range(1, 32));
  plan.add_option("--worker", wanted.worker, "Samples of this worker's part alone")
      ->check(CLI::NonNegativeNumber);
}

Outcome ShowSamples(Connection& engine, const CommonOptions& options, const std::string& spec,
                    const SamplesWanted& wanted) {
  proto::GetSamplesRequest request;
  request.set_spec_json(spec);
  request.set_count(wanted.count);
  if (wanted.worker >= 0) request.set_worker(wanted.worker);
  const auto reply = engine.Call(&proto::Engine::Stub::GetSamples, request, kSpecDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  if (!reply->faults().empty()) return ReportFaults(options, reply->faults());
  const std::string folder = WithHomeFolder(wanted.folder);
  if (const absl::Status made = MakeFolder(folder); !made.ok()) return {made};
  std::vector<std::string> files;
  const bool is_table = reply->channels() == 0;
  const RowsOfSamples table = is_table ? RowsOf(*reply) : RowsOfSamples();
  if (is_table) {
    files = {folder + "/samples.csv"};
    if (const absl::Status written = WriteFileAtomically(files[0], CsvOf(table)); !written.ok())
      return {written};
  } else if (const absl::Status written = WriteImages(*reply, folder, files); !written.ok()) {
    return {
        Annotate(written, fmt::format("{} of {} samples were written", files.size(), reply->samples_size()))};
  }
  if (options.json) {
    Json samples = Json::array();
    for (int i = 0; i < reply->samples_size(); ++i)
      samples.push_back({{"index", reply->samples(i).index()},
                         {"label", reply->samples(i).label()},
                         {"class", ClassText(*reply, reply->samples(i).label())},
                         {"file", files[is_table ? 0 : static_cast<size_t>(i)]}});
    PrintJson({{"available", reply->available()}, {"samples", std::move(samples)}});
  } else if (is_table) {
    PrintText(TableText(table.header, table.rows));
    Tell("written: {}\n", files[0]);
  } else {
    for (const std::string& file : files) PrintText(file + "\n");
  }
  return {};
}

}  // namespace concertina::ctl
