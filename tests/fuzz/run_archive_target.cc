// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_archive_target.cc: a run whole, as one file from another home.
// Input: form u8 | the file (odd), or its records, which are put together with their checksums and their end:
// kind u8 | bytes of the name u8 | bytes of the content u16 | name | content.
#include <fcntl.h>
#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <cstring>

#include "core/engine/run_archive.h"
#include "core/proto/run.pb.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

template <class Number>
void PutNumber(FuzzBytes& bytes, Number number) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof number);
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

void PutRecord(FuzzBytes& file, uint32_t kind, std::span<const uint8_t> name,
               std::span<const uint8_t> content) {
  FuzzBytes all;
  for (const size_t number : {size_t{kind}, name.size(), content.size()})
    PutNumber(all, static_cast<uint32_t>(number));
  FuzzBytes summed = all;
  summed.insert(summed.end(), name.begin(), name.end());
  summed.insert(summed.end(), content.begin(), content.end());
  PutNumber(all, Crc32c(summed));
  file.insert(file.end(), all.begin(), all.end());
  file.insert(file.end(), summed.begin() + 12, summed.end());
}

FuzzBytes FileOf(std::span<const uint8_t> records) {
  FuzzBytes file = {'C', 'N', 'C', 'T', 'R', 'U', 'N', '1'};
  InputReader input(records);
  uint64_t count = 0;
  while (!input.rest().empty()) {
    const uint8_t kind = input.Byte();
    const size_t name_bytes = input.Byte(), content_bytes = input.Number(2);
    const auto name = input.Bytes(name_bytes), content = input.Bytes(content_bytes);
    PutRecord(file, kind, name, content);
    ++count;
  }
  FuzzBytes end;
  PutNumber(end, count);
  PutRecord(file, 5, {}, end);
  return file;
}

void AddRecord(FuzzBytes& input, uint8_t kind, std::string_view name, std::string_view content) {
  input.push_back(kind);
  input.push_back(static_cast<uint8_t>(name.size()));
  PutNumber(input, static_cast<uint16_t>(content.size()));
  input.insert(input.end(), name.begin(), name.end());
  input.insert(input.end(), content.begin(), content.end());
}

}  // namespace

FuzzInputs InputsOfTarget() {
  google::protobuf::SetLogHandler(nullptr);  // a line for each string that is no UTF-8
  proto::RunSummary run;
  run.set_run("20261124-031500-a1b2c3");
  run.set_name("µ");
  run.set_state(proto::FINISHED);
  run.set_spec_json(R"({"name": "µ"})");
  run.set_steps(4);
  run.add_workers()->set_host("box");
  FuzzBytes records = {0};
  AddRecord(records, 1, "", run.SerializeAsString());
  FuzzInputs inputs;
  inputs.seeds.push_back(records);
  AddRecord(records, 2, "",
            R"({"step": 3, "seconds": 1.5, "unix_ms": 7, "kind": "knob", "message": "a", "json": "{}"})");
  const std::vector<int64_t> steps = {0, 1, 2, 4};
  const std::vector<double> seconds = {0.1, 0.2, 0.3, 0.5}, values = {3, 2, 1.5, 1.25};
  FuzzBytes points;
  EncodePoints(steps, seconds, values, points);
  AddRecord(records, 3, R"({"name": "train/loss", "unit": "", "rank": -1})",
            {reinterpret_cast<const char*>(points.data()), points.size()});
  AddRecord(records, 4, "rank-0.log", "begun\n");
  AddRecord(records, 4, "rank-0.log", "ended\n");
  inputs.seeds.push_back(records);
  FuzzBytes whole = FileOf(std::span(records).subspan(1));
  whole.insert(whole.begin(), 1);
  inputs.seeds.push_back(std::move(whole));
  inputs.words = {"rank-0.log", "../x", "parameters.safetensors", "\"rank\"", "\"name\"", "null",
                  "-1",         "[[",   "18446744073709551615",   "\"step\"", "{}",       "\"seconds\""};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static MemoryFile memory;
  InputReader input({data, size});
  const bool is_file = input.Byte() % 2 == 1;
  memory.Write(is_file ? FuzzBytes(input.rest().begin(), input.rest().end()) : FileOf(input.rest()));
  const int file = open(memory.path().c_str(), O_RDONLY | O_CLOEXEC);
  Require(file >= 0, "the archive cannot be opened");
  RunArchiveVisitor visitor;
  visitor.points = [](const SeriesDescription& series, std::span<const int64_t> steps,
                      std::span<const double> seconds, std::span<const double> values) {
    Require(steps.size() == seconds.size() && steps.size() == values.size(), "points that are not whole");
    Require(!series.name.empty() && series.rank >= -1 && series.rank < 4096, "a series that cannot be");
    for (const int64_t step : steps) Require(step >= 0, "a step below none");
    return absl::OkStatus();
  };
  visitor.file = [](const std::string& name, std::span<const uint8_t>) {
    Require(IsArchivedFile(name) && name.find('/') == std::string::npos, "a file where none may be");
    return absl::OkStatus();
  };
  absl::StatusOr<proto::RunSummary> run;
  {
    // A record claims its name and content, 1 MiB at most, before they are read; a row of points as many as
    // it says.
    const AllocationBound bound({.one = (2U << 20) + (16U << 20), .all = 512 * size + (256U << 20)});
    run = ReadRunArchive(file, visitor);
  }
  close(file);
  Note(run);
  if (!run.ok()) {
    Require(absl::IsDataLoss(run.status()) || absl::IsInvalidArgument(run.status()),
            "ReadRunArchive gave neither a run nor kDataLoss nor kInvalidArgument");
    Require(!run.status().message().empty(), "refused without a word");
    return 0;
  }
  Require(run->steps() >= 0 && run->workers_size() <= 4096 && run->run().size() == 22,
          "a run that cannot be");
  return 0;
}
