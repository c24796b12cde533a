// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cifar_10.cc: 60,000 colour images in the binary batches of their authors.
// On the way of the data: data_batch_1.bin … data_batch_5.bin, test_batch.bin -> here ->
// data/stored_samples.h.
//   record: label u8 | 1024 red | 1024 green | 1024 blue, 32 x 32, row-major. 3073 bytes.
#include <algorithm>
#include <filesystem>

#include "core/base/registry.h"
#include "core/data/partition.h"
#include "core/data/prepared.h"
#include "core/data/stored_samples.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kPixelBytes = 3 * 32 * 32;
constexpr int64_t kRecordBytes = 1 + kPixelBytes;
constexpr int64_t kClasses = 10;

class Cifar10 final : public Dataset {
 public:
  explicit Cifar10(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<DatasetInfo> Probe(const std::string& prepared) const override {
    // Opening gathers the labels, and checks them all.
    ASSIGN_OR_RETURN(const std::shared_ptr<const Samples> train, OpenTrain(prepared));
    ASSIGN_OR_RETURN(const std::shared_ptr<const Samples> test, OpenTest(prepared));
    return DatasetInfo{.sample = {3, 32, 32},
                       .classes = kClasses,
                       .class_names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                                       "horse", "ship", "truck"},
                       .train_samples = train->size(),
                       .test_samples = test->size()};
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& prepared) const override {
    return Open(
        {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
        prepared);
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& prepared) const override {
    return Open({"test_batch.bin"}, prepared);
  }

 private:
  absl::StatusOr<std::shared_ptr<const Samples>> Open(const std::vector<std::string>& names,
                                                      const std::string& prepared) const {
    // The archive unpacks to this folder; either it or its parent may be named.
    std::error_code ignored;
    std::string folder = path_ + "/cifar-10-batches-bin";
    if (!std::filesystem::is_directory(folder, ignored)) folder = path_;
    StoredSamplesLayout layout = {.kind = ElementKind::kPixel, .elements = kPixelBytes};
    std::vector<int32_t> labels;
    for (const std::string& name : names) {
      const std::string path = folder + "/" + name;
      absl::StatusOr<StoredBytes> file = MapFile(path);
      if (!file.ok() && !std::filesystem::exists(path, ignored))
        return Annotate(absl::NotFoundError(std::string(file.status().message())), WhatIsThere(folder));
      RETURN_IF_ERROR(file.status());
      RETURN_IF_ERROR(AddLabels(path, file->bytes, prepared, labels));
      layout.runs.push_back({.file = *file,
                             .samples = static_cast<int64_t>(file->bytes.size()) / kRecordBytes,
                             .first_byte = 1,
                             .stride_bytes = kRecordBytes});
    }
    return MakeStoredSamples(std::move(layout), std::move(labels));
  }

  std::string WhatIsThere(const std::string& folder) const {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder, ignored))
      return folder + " is a file: set /dataset/path to the folder that cifar-10-binary.tar.gz unpacks to";
    for (const char* python : {"/data_batch_1", "/cifar-10-batches-py/data_batch_1"})
      if (std::filesystem::exists(folder + python, ignored))
        return path_ +
               " holds CIFAR-10 for Python: unpack its binary version, cifar-10-binary.tar.gz, and set "
               "/dataset/path to that";
    return "CIFAR-10 is not in " + path_ + ": set /dataset/path to its binary version";
  }

  // They lie between the images, a label in nearly every page: who read them there would read the whole file.
  // So they are gathered and checked once, and workers read the gathered ones.
  static absl::Status AddLabels(const std::string& path, std::span<const uint8_t> bytes,
                                const std::string& prepared, std::vector<int32_t>& labels) {
    const auto size = static_cast<int64_t>(bytes.size());
    if (size == 0 || size % kRecordBytes != 0)
      return absl::DataLossError(fmt::format("{}: {} at byte {}: expected whole records of {} bytes", path,
                                             size == 0 ? "empty" : "cut short", size, kRecordBytes));
    std::error_code ignored;
    const std::filesystem::path absolute = std::filesystem::absolute(path, ignored).lexically_normal();
    ASSIGN_OR_RETURN(std::string version, FileVersion(path));
    const PreparedName name = {.title = absolute.stem().string() + "-labels",
                               .what = absolute.string() + " labels",
                               .version = std::move(version)};
    ASSIGN_OR_RETURN(const StoredBytes gathered, Prepare(prepared, name, [&](const ByteSink& sink) {
                       return Gather(path, bytes, sink);
                     }));
    const std::span<const uint8_t> found = gathered.bytes;
    if (static_cast<int64_t>(found.size()) != size / kRecordBytes ||
        std::any_of(found.begin(), found.end(), [](uint8_t label) { return label >= kClasses; }))
      return absl::DataLossError(
          fmt::format("{}: {} are not those of {}; remove them", prepared, name.title, path));
    labels.insert(labels.end(), found.begin(), found.end());
    return absl::OkStatus();
  }

  static absl::Status Gather(const std::string& path, std::span<const uint8_t> records,
                             const ByteSink& sink) {
    std::vector<uint8_t> labels;
    for (size_t byte = 0; byte < records.size(); byte += kRecordBytes) {
      const uint8_t label = records[byte];
      if (label >= kClasses)
        return absl::DataLossError(fmt::format("{}: at byte {}: sample {} has label {}, expected 0 to {}",
                                               path, byte, byte / kRecordBytes, label, kClasses - 1));
      labels.push_back(label);
    }
    return sink(labels);
  }

  const std::string path_;
};

REGISTER_COMPONENT(
    Dataset,
    Descriptor({.category = "dataset",
                .kind = "cifar-10",
                .title = "CIFAR-10",
                .summary = "50,000 + 10,000 colour images of 32x32 pixels in 10 classes.",
                .citation = "Krizhevsky. Learning Multiple Layers of Features from Tiny Images. 2009",
                .params = {{.name = "path",
                            .type = ParamType::kPath,
                            .doc = "Folder of the binary version: data_batch_1.bin to 5, test_batch.bin."},
                           PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      return std::make_unique<Cifar10>(params.Text("path"));
    });

}  // namespace
}  // namespace concertina
