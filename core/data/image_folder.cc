// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_folder.cc: images in one folder a class, decoded once to one size.
// On the way of the data: PATH/CLASS/…/*.png, *.jpg -> data/image_file.h -> here -> data/stored_samples.h.
#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "core/base/registry.h"
#include "core/data/idx_file.h"
#include "core/data/image_file.h"
#include "core/data/partition.h"
#include "core/data/prepared.h"
#include "core/data/stored_samples.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

namespace fs = std::filesystem;

struct Listing {  // in the order of the samples: by class, then by path
  std::vector<std::string> files;
  std::vector<int32_t> labels;
};

struct Options {
  std::string path;
  int64_t size = 0;
  int64_t channels = 0;
  double test_fraction = 0;
};

// What archives, file managers and notebooks leave beside the data.
bool IsOfTheSystem(const std::string& name) {
  return name.starts_with('.') || name.starts_with('@') || name == "__MACOSX" || name == "lost+found" ||
         name == "$RECYCLE.BIN";
}

absl::StatusOr<std::vector<std::string>> FoldersIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code gone;  // a link that leads nowhere is no folder
    if (!IsOfTheSystem(name) && entries->is_directory(gone)) names.push_back(name);
  }
  if (error) return ErrnoStatus(error.value(), "reading the folder " + folder);
  std::sort(names.begin(), names.end());
  return names;
}

enum class NameKind { kImage, kImageOfAnotherFormat, kOther };

NameKind KindOfName(const std::string& name) {
  const std::string extension = absl::AsciiStrToLower(fs::path(name).extension().string());
  const auto is_any = [&](std::initializer_list<std::string_view> of) {
    return std::find(of.begin(), of.end(), extension) != of.end();
  };
  if (is_any({".png", ".jpg", ".jpeg", ".jpe", ".jfif"})) return NameKind::kImage;
  if (is_any({".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".heic", ".avif"}))
    return NameKind::kImageOfAnotherFormat;
  return NameKind::kOther;
}

// The images in a class's folder and the folders within, by path. Links to folders within are not followed:
// they may lead in a circle.
absl::StatusOr<std::vector<std::string>> ImagesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code gone;
    const bool is_folder = entries->is_directory(gone);
    if (IsOfTheSystem(name)) {
      if (is_folder) entries.disable_recursion_pending();
      continue;
    }
    const NameKind kind = KindOfName(name);
    if (is_folder || kind == NameKind::kOther) continue;
    const std::string path = entries->path().string();
    if (kind == NameKind::kImageOfAnotherFormat)
      return absl::InvalidArgumentError(path + ": expected PNG or JPEG images; convert it, or move it away");
    if (!entries->is_regular_file(gone))
      return absl::NotFoundError(path + ": expected an image, found a link that leads nowhere, or no file");
    files.push_back(path);
  }
  if (error) return ErrnoStatus(error.value(), "reading the folder " + folder);
  std::sort(files.begin(), files.end());
  return files;
}

// The first of `names` that is a folder, in small letters or not; "" if none is.
std::string SplitFolder(const std::string& path, const std::vector<std::string>& folders,
                        std::initializer_list<std::string_view> names, bool must_hold_folders) {
  for (const std::string_view name : names)
    for (const std::string& folder : folders) {
      if (absl::AsciiStrToLower(folder) != name) continue;
      const auto within = FoldersIn(path + "/" + folder);
      if (!must_hold_folders || (within.ok() && !within->empty())) return path + "/" + folder;
    }
  return "";
}

class ImageFolder final : public Dataset {
 public:
  explicit ImageFolder(Options options) : options_(std::move(options)) {}

  absl::StatusOr<DatasetInfo> Probe(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const Splits splits, List());
    // With a folder to keep them in, all images are decoded now, and a damaged one is found before a worker
    // starts.
    if (!prepared.empty()) {
      RETURN_IF_ERROR(Open(splits.train, "train", prepared).status());
      RETURN_IF_ERROR(Open(splits.test, "test", prepared).status());
    }
    return DatasetInfo{.sample = {options_.channels, options_.size, options_.size},
                       .classes = static_cast<int64_t>(splits.classes.size()),
                       .class_names = splits.classes,
                       .train_samples = static_cast<int64_t>(splits.train.files.size()),
                       .test_samples = static_cast<int64_t>(splits.test.files.size())};
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const Splits splits, List());
    return Open(splits.train, "train", prepared);
  }

  absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(const Splits splits, List());
    return Open(splits.test, "test", prepared);
  }

 private:
  struct Splits {
    std::vector<std::string> classes;
    Listing train, test;
  };

  absl::StatusOr<Splits> List() const {
    ASSIGN_OR_RETURN(const std::vector<std::string> top, FoldersIn(options_.path));
    const std::initializer_list<std::string_view> held_out = {"test", "testing", "val", "valid", "validation"};
    const std::string train_folder = SplitFolder(options_.path, top, {"train", "training"}, false);
    if (const std::string alone = SplitFolder(options_.path, top, held_out, false);
        train_folder.empty() && !alone.empty())
      return absl::NotFoundError(
          fmt::format("{}: found {}, but no folder train beside it; name the folder of the training images so",
                      options_.path, alone));
    // A test/ without folders is not labelled, as in competitions: then val/ is as good.
    const std::string test_folder = SplitFolder(options_.path, top, held_out, true);
    const bool has_test = !test_folder.empty();
    const std::string root = train_folder.empty() ? options_.path : train_folder;
    Splits splits;
    ASSIGN_OR_RETURN(splits.classes, FoldersIn(root));
    ASSIGN_OR_RETURN(Listing all, ListClasses(root, splits.classes));
    if (all.files.empty())
      return absl::NotFoundError(fmt::format(
          "{}: found no images, expected folders named by class with .png, .jpg or .jpeg files", root));
    for (size_t label = 0; label < splits.classes.size(); ++label)
      if (!std::binary_search(all.labels.begin(), all.labels.end(), static_cast<int32_t>(label)))
        return absl::DataLossError(
            fmt::format("{}/{}: found no .png, .jpg or .jpeg files, expected the images of a class; fill the "
                        "folder, or remove it",
                        root, splits.classes[label]));
    if (has_test) {
      ASSIGN_OR_RETURN(const std::vector<std::string> test_classes, FoldersIn(test_folder));
      for (const std::string& name : test_classes)
        if (!std::binary_search(splits.classes.begin(), splits.classes.end(), name))
          return absl::DataLossError(fmt::format("{}/{}: found a class that {} does not have: {}",
                                                 test_folder, name, root, fmt::join(splits.classes, ", ")));
      splits.train = std::move(all);
      ASSIGN_OR_RETURN(splits.test, ListClasses(test_folder, splits.classes));
      return splits;
    }
    for (size_t i = 0; i < all.files.size(); ++i) {
      Listing& split =
          IsTestRow(static_cast<int64_t>(i), options_.test_fraction) ? splits.test : splits.train;
      split.files.push_back(all.files[i]);
      split.labels.push_back(all.labels[i]);
    }
    if (splits.train.files.empty())
      return absl::DataLossError(fmt::format("{}: found {} images, too few to split off a test share of {}",
                                             root, all.files.size(), options_.test_fraction));
    return splits;
  }

  static absl::StatusOr<Listing> ListClasses(const std::string& root,
                                             const std::vector<std::string>& classes) {
    Listing listing;
    for (size_t label = 0; label < classes.size(); ++label) {
      const std::string folder = root + "/" + classes[label];
      if (std::error_code ignored; !fs::is_directory(folder, ignored))
        continue;  // a class without test images
      ASSIGN_OR_RETURN(const std::vector<std::string> files, ImagesIn(folder));
      listing.files.insert(listing.files.end(), files.begin(), files.end());
      listing.labels.resize(listing.files.size(), static_cast<int32_t>(label));
    }
    return listing;
  }

  absl::StatusOr<std::shared_ptr<const Samples>> Open(const Listing& listing, const std::string& split,
                                                      const std::string& prepared) const {
    const auto samples = static_cast<int64_t>(listing.files.size());
    if (samples == 0) return MakeStoredSamples({}, {});
    const int64_t sample_bytes = options_.channels * options_.size * options_.size;
    PreparedName name = {.title = "images-" + split};
    std::error_code ignored;
    name.what = fmt::format("{} {} {}x{}x{} upright",
                            fs::absolute(options_.path, ignored).lexically_normal().string(), split,
                            options_.channels, options_.size, options_.size);
    for (const std::string& file : listing.files) {
      ASSIGN_OR_RETURN(const std::string version, FileVersion(file));
      name.version += fmt::format("{}: {}\n", file, version);
    }
    const std::vector<uint8_t> header =
        MakeIdxHeader(IdxType::kUint8, {samples, options_.channels, options_.size, options_.size});
    ASSIGN_OR_RETURN(const StoredBytes stored,
                     Prepare(prepared, name, [&](const ByteSink& sink) -> absl::Status {
                       RETURN_IF_ERROR(sink(header));
                       for (const std::string& file : listing.files) {
                         ASSIGN_OR_RETURN(const Image image, ReadImage(file));
                         RETURN_IF_ERROR(sink(Resize(image, options_.size, options_.channels)));
                       }
                       return absl::OkStatus();
                     }));
    const auto first_byte = static_cast<int64_t>(header.size());
    if (static_cast<int64_t>(stored.bytes.size()) != first_byte + samples * sample_bytes ||
        !std::equal(header.begin(), header.end(), stored.bytes.begin()))
      return absl::DataLossError(fmt::format("{}: the prepared images ({}) are not those of {}; remove them",
                                             prepared, name.title, options_.path));
    return MakeStoredSamples({.kind = ElementKind::kPixel,
                              .elements = sample_bytes,
                              .runs = {{stored, samples, first_byte, sample_bytes}}},
                             listing.labels);
  }

  const Options options_;
};

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "image-folder",
         .title = "Image folder",
         .summary = "PNG and JPEG images in one folder a class, resized to one size.",
         .citation = "",
         .params = {{.name = "path",
                     .type = ParamType::kPath,
                     .doc =
                         "Folder of the classes' folders, or of train/ and test/ (or val/) that hold them."},
                    {.name = "size",
                     .type = ParamType::kInteger,
                     .unit = "px",
                     .default_value = 32,
                     .minimum = 1,
                     .maximum = 1024,
                     .doc = "Width and height of a sample; images are stretched to it."},
                    {.name = "channels",
                     .type = ParamType::kInteger,
                     .default_value = 3,
                     .minimum = 1,
                     .maximum = 3,
                     .doc = "3 for colour, 1 for grey."},
                    {.name = "test_fraction",
                     .default_value = 0.2,
                     .minimum = 0,
                     .maximum = 0.9,
                     .doc = "Share of the images, evenly spaced, that is kept to test on if there is neither "
                            "test/ nor val/."},
                    PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      if (params.Integer("channels") == 2)
        return absl::InvalidArgumentError("/dataset/channels: found 2, expected 1 (grey) or 3 (colour)");
      return std::make_unique<ImageFolder>(Options{.path = params.Text("path"),
                                                   .size = params.Integer("size"),
                                                   .channels = params.Integer("channels"),
                                                   .test_fraction = params.Number("test_fraction")});
    });

}  // namespace
}  // namespace concertina
