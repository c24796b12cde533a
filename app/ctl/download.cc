// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// download.cc: see download.h.
#include "app/ctl/download.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "core/base/taken_path.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

namespace fs = std::filesystem;

// Files one after the other, each written beside its place and renamed when its last byte is there.
class FileWriter {
 public:
  FileWriter(std::string out, bool into_folder, Existing existing)
      : out_(std::move(out)), into_folder_(into_folder), existing_(existing) {}
  ~FileWriter() {
    std::error_code error;
    if (!aside_.empty()) fs::remove(aside_, error);
  }
  FileWriter(const FileWriter&) = delete;

  // Only the last part of the engine's name is taken: an export never leaves its folder.
  absl::Status Begin(const std::string& told_name) {
    const std::string name = fs::path(told_name).filename().string();
    if (name.empty() || name == "." || name == "..")
      return absl::DataLossError(fmt::format("the engine named a file \"{}\"", told_name));
    if (!into_folder_ && !files_.empty())
      return absl::DataLossError(
          fmt::format("the engine sent a second file, {}, and --out {} is no folder", name, out_));
    if (into_folder_) {
      std::error_code error;
      fs::create_directories(out_, error);
      if (error) return ErrnoStatus(error.value(), "making the folder " + out_);
    }
    target_ = into_folder_ ? (fs::path(out_) / name).string() : out_;
    std::error_code error;
    // A device would be replaced by a file, not written to.
    if (fs::exists(target_, error) && !fs::is_regular_file(target_, error))
      return absl::InvalidArgumentError(target_ +
                                        ": is no regular file; name a file, or a folder that is there");
    if (existing_ == Existing::kKeepBoth) target_ = FreePath(target_);
    if (existing_ == Existing::kRefuse && IsTakenPath(target_)) return RefusedToReplace(target_);
    const std::string aside = target_ + ".part";
    errno = 0;
    file_ = std::ofstream(aside, std::ios::binary | std::ios::trunc);
    if (!file_) return ErrnoStatus(errno == 0 ? EIO : errno, "writing " + aside);
    aside_ = aside;
    return absl::OkStatus();
  }
  absl::Status Write(const std::string& data) {
    if (aside_.empty()) return absl::DataLossError("the engine sent data without the name of a file");
    errno = 0;
    if (file_.write(data.data(), static_cast<std::streamsize>(data.size()))) return absl::OkStatus();
    return ErrnoStatus(errno == 0 ? EIO : errno, "writing " + aside_);
  }
  // The file that was begun last, if there is one, goes to its place.
  absl::Status End() {
    if (aside_.empty()) return absl::OkStatus();
    errno = 0;
    file_.close();
    if (!file_) return ErrnoStatus(errno == 0 ? EIO : errno, "writing " + aside_);
    std::error_code error;
    fs::rename(aside_, target_, error);
    if (error) return ErrnoStatus(error.value(), "renaming " + aside_ + " to " + target_);
    aside_.clear();
    files_.push_back(target_);
    return absl::OkStatus();
  }
  std::vector<std::string> TakeFiles() { return std::move(files_); }

 private:
  const std::string out_;
  const bool into_folder_;
  const Existing existing_;
  std::ofstream file_;
  std::string aside_, target_;  // of the file that is being written; "": none
  std::vector<std::string> files_;
};

absl::Status WriteChunk(const proto::ExportChunk& chunk, FileWriter& writer) {
  if (!chunk.file_name().empty()) {
    RETURN_IF_ERROR(writer.End());
    RETURN_IF_ERROR(writer.Begin(chunk.file_name()));
  }
  return chunk.data().empty() ? absl::OkStatus() : writer.Write(chunk.data());
}

}  // namespace

absl::Status RefusedToReplace(const std::string& files) {
  return absl::AlreadyExistsError(files +
                                  ": there already, and nothing was written; --existing replace writes over "
                                  "it, --existing keep-both beside it");
}

Downloaded Download(Connection& engine, const std::string& run, const std::string& format,
                    const std::string& out, const DownloadWatch& watch) {
  proto::ExportRequest request;
  request.set_run(run);
  request.set_format(format);
  if (const absl::Status checked = CheckText(request); !checked.ok()) return {.files = {}, .status = checked};
  std::error_code error;  // what cannot be looked at is told when it cannot be written
  FileWriter writer(out, format == "tensorboard" || fs::is_directory(out, error), watch.existing);
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kExportDeadlineSeconds));
  if (watch.interrupts != nullptr) watch.interrupts->Watch(context);
  const auto stream = engine.stub().Export(&context, request);
  proto::ExportChunk chunk;
  uint64_t bytes = 0;
  absl::Status status;
  while (status.ok() && stream->Read(&chunk)) {
    status = WriteChunk(chunk, writer);
    bytes += chunk.data().size();
    if (watch.progress) watch.progress(bytes);
  }
  if (!status.ok()) context.TryCancel();
  const absl::Status finished = FromGrpc(stream->Finish());
  if (watch.interrupts != nullptr) watch.interrupts->Unwatch();
  // What ended before its end is not the file that was asked for.
  if (status.ok()) status = finished;
  if (status.ok()) status = writer.End();
  Downloaded downloaded{.files = writer.TakeFiles(), .status = status};
  if (!status.ok() && watch.interrupts != nullptr && watch.interrupts->interrupted())
    downloaded.status = absl::CancelledError("interrupted");
  else if (status.ok() && downloaded.files.empty())
    downloaded.status = absl::DataLossError("the engine sent no file");
  return downloaded;
}

std::string WrittenText(const std::vector<std::string>& files) {
  if (files.empty()) return "nothing was written";
  return fmt::format("{} {} there, whole: {}; the rest is missing", files.size(),
                     files.size() == 1 ? "file is" : "files are", fmt::join(files, ", "));
}

}  // namespace concertina::ctl
