// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_dataset.cc: four IDX files that must agree with each other (see idx_dataset.h).
#include "core/data/idx_dataset.h"

#include <algorithm>
#include <filesystem>

#include "core/data/idx_file.h"
#include "core/data/stored_samples.h"
#include "fmt/format.h"

namespace concertina {
namespace {

Shape SampleShape(const IdxHeader& header) {
  if (header.dims.size() == 1) return {1};
  if (header.dims.size() == 3) return {1, header.dims[1], header.dims[2]};
  return {header.dims.begin() + 1, header.dims.end()};
}

absl::Status CheckElements(const std::string& path, const IdxHeader& header) {
  // Square images with the colours last would be taken as 28 channels of 28 x 3.
  const std::vector<int64_t>& dims = header.dims;
  if (dims.size() == 4 && dims[1] == dims[2] && dims[1] > 4 && (dims[3] == 1 || dims[3] == 3 || dims[3] == 4))
    return absl::InvalidArgumentError(fmt::format(
        "{}: at byte 8: found samples of {}x{}x{}, expected channels x height x width; write the images "
        "with their channels first",
        path, dims[1], dims[2], dims[3]));
  if (header.type != IdxType::kInt32) return absl::OkStatus();
  return absl::DataLossError(
      path +
      ": at byte 2: found element type 0x0c, expected samples of bytes (0x08) or 32-bit floats (0x0d)");
}

absl::Status CheckCount(const std::string& images_path, const IdxHeader& images,
                        const std::string& labels_path, size_t labels) {
  if (images.dims[0] == static_cast<int64_t>(labels)) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}: at byte 4: found {} labels, expected {}, one for each sample of {}", labels_path,
                  labels, images.dims[0], images_path));
}

class IdxDataset final : public Dataset {
 public:
  IdxDataset(std::function<absl::StatusOr<IdxPaths>()> locate, IdxClasses classes)
      : locate_(std::move(locate)), classes_(std::move(classes)) {}

  absl::StatusOr<DatasetInfo> Probe(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const IdxPaths paths, locate_());
    ASSIGN_OR_RETURN(const IdxHeader train, Header(paths.train_images, prepared));
    ASSIGN_OR_RETURN(const std::vector<int32_t> labels, ReadIdxLabels(paths.train_labels, classes_.count));
    RETURN_IF_ERROR(CheckCount(paths.train_images, train, paths.train_labels, labels.size()));
    DatasetInfo info = {.sample = SampleShape(train),
                        .classes = Classes(labels),
                        .class_names = classes_.names,
                        .train_samples = train.dims[0]};
    if (paths.test_images.empty()) return info;

    ASSIGN_OR_RETURN(const IdxHeader test, Header(paths.test_images, prepared));
    if (SampleShape(test) != info.sample)
      return absl::DataLossError(fmt::format("{}: at byte 4: found samples of {}, expected {} as in {}",
                                             paths.test_images, ShapeText(SampleShape(test)),
                                             ShapeText(info.sample), paths.train_images));
    ASSIGN_OR_RETURN(const std::vector<int32_t> test_labels, ReadIdxLabels(paths.test_labels, info.classes));
    RETURN_IF_ERROR(CheckCount(paths.test_images, test, paths.test_labels, test_labels.size()));
    info.test_samples = test.dims[0];
    return info;
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const IdxPaths paths, locate_());
    return Open(paths.train_images, paths.train_labels, classes_.count, prepared);
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const IdxPaths paths, locate_());
    if (paths.test_images.empty()) return MakeStoredSamples({}, {});
    int64_t classes = classes_.count;
    if (classes == 0) {
      ASSIGN_OR_RETURN(const std::vector<int32_t> labels, ReadIdxLabels(paths.train_labels, 0));
      classes = Classes(labels);
    }
    return Open(paths.test_images, paths.test_labels, classes, prepared);
  }

 private:
  // With a folder to keep it in, a compressed file is decompressed here already: damage anywhere in it is
  // then found before a worker starts.
  static absl::StatusOr<IdxHeader> Header(const std::string& path, const std::string& prepared) {
    IdxHeader header;
    if (prepared.empty()) {
      ASSIGN_OR_RETURN(header, ProbeIdx(path));
    } else {
      ASSIGN_OR_RETURN(const IdxFile idx, OpenIdx(path, prepared));
      header = idx.header;
    }
    RETURN_IF_ERROR(CheckElements(path, header));
    return header;
  }

  static absl::StatusOr<std::shared_ptr<const Samples>> Open(const std::string& images_path,
                                                             const std::string& labels_path, int64_t classes,
                                                             const std::string& prepared) {
    ASSIGN_OR_RETURN(const IdxFile images, OpenIdx(images_path, prepared));
    RETURN_IF_ERROR(CheckElements(images_path, images.header));
    ASSIGN_OR_RETURN(std::vector<int32_t> labels, ReadIdxLabels(labels_path, classes));
    RETURN_IF_ERROR(CheckCount(images_path, images.header, labels_path, labels.size()));
    const int64_t samples = images.header.dims[0];
    const bool pixels = images.header.type == IdxType::kUint8;
    const int64_t stride_bytes = images.header.data_bytes / samples;
    return MakeStoredSamples({.kind = pixels ? ElementKind::kPixel : ElementKind::kBigEndianFloat,
                              .elements = pixels ? stride_bytes : stride_bytes / 4,
                              .runs = {{images.file, samples, images.header.header_bytes, stride_bytes}}},
                             std::move(labels));
  }

  int64_t Classes(const std::vector<int32_t>& train_labels) const {
    if (classes_.count > 0) return classes_.count;
    return int64_t{*std::max_element(train_labels.begin(), train_labels.end())} + 1;
  }

  const std::function<absl::StatusOr<IdxPaths>()> locate_;
  const IdxClasses classes_;
};

}  // namespace

std::unique_ptr<Dataset> MakeIdxDataset(std::function<absl::StatusOr<IdxPaths>()> locate,
                                        IdxClasses classes) {
  return std::make_unique<IdxDataset>(std::move(locate), std::move(classes));
}

absl::StatusOr<IdxPaths> FindMnistFiles(const std::string& path) {
  IdxPaths paths;
  // torchvision keeps them in folders of its own.
  std::string folder = path;
  for (const char* below : {"raw", "MNIST/raw", "FashionMNIST/raw"})
    if (std::error_code error; std::filesystem::is_directory(path + "/" + below, error)) {
      folder = path + "/" + below;
      break;
    }
  const std::pair<const char*, std::string*> files[] = {{"train-images-idx3-ubyte", &paths.train_images},
                                                        {"train-labels-idx1-ubyte", &paths.train_labels},
                                                        {"t10k-images-idx3-ubyte", &paths.test_images},
                                                        {"t10k-labels-idx1-ubyte", &paths.test_labels}};
  for (const auto& [name, file] : files) {
    // Some programs unpack train-images-idx3-ubyte.gz to train-images.idx3-ubyte.
    std::string dotted = name;
    dotted[dotted.rfind("-idx")] = '.';
    for (const std::string& candidate :
         {std::string(name), fmt::format("{}.gz", name), dotted, dotted + ".gz"}) {
      if (std::error_code error; !std::filesystem::exists(folder + "/" + candidate, error)) continue;
      *file = folder + "/" + candidate;
      break;
    }
    if (file->empty())
      return absl::NotFoundError(fmt::format("{}/{}: neither it nor {}.gz is there", folder, name, name));
  }
  return paths;
}

}  // namespace concertina
