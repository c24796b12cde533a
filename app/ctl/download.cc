// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// download.cc: see download.h.
#include "app/ctl/download.h"

#include <filesystem>
#include <fstream>

#include "core/base/file.h"

namespace concertina::ctl {

absl::Status RefusedToReplace(const std::string& files) {
  return absl::AlreadyExistsError(files +
                                  ": there already, and nothing was written; --existing replace writes over "
                                  "it, --existing keep-both beside it");
}

absl::StatusOr<std::vector<std::string>> Download(Connection& engine, const std::string& run,
                                                  const std::string& format, const std::string& out,
                                                  const DownloadWatch& watch) {
  namespace fs = std::filesystem;
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kExportDeadlineSeconds));
  proto::ExportRequest request;
  request.set_run(run);
  request.set_format(format);
  if (watch.interrupts != nullptr) watch.interrupts->watched = &context;
  const auto stream = engine.stub().Export(&context, request);
  const bool into_folder = format == "tensorboard" || fs::is_directory(out);
  proto::ExportChunk chunk;
  uint64_t bytes = 0;
  std::ofstream file;
  std::vector<std::string> written;
  std::string aside, target;
  absl::Status status;
  const auto close = [&] {
    if (aside.empty() || !status.ok()) return;
    file.close();
    if (!file) {
      status = absl::ResourceExhaustedError("writing " + target + ": the disk is full or not writable");
      return;
    }
    std::error_code error;
    fs::rename(aside, target, error);
    if (error) status = absl::UnavailableError("renaming to " + target + ": " + error.message());
    written.push_back(target);
    aside.clear();
  };
  while (stream->Read(&chunk)) {
    if (!chunk.file_name().empty()) {
      close();
      if (!status.ok()) break;
      std::error_code error;
      if (into_folder) fs::create_directories(out, error);
      target = into_folder ? (fs::path(out) / fs::path(chunk.file_name()).filename()).string() : out;
      if (watch.existing == Existing::kKeepBoth) target = FreePath(target);
      if (watch.existing == Existing::kRefuse && fs::exists(target, error)) {
        status = RefusedToReplace(target);
        break;
      }
      aside = target + ".part";
      file = std::ofstream(aside, std::ios::binary | std::ios::trunc);
      if (!file) status = absl::PermissionDeniedError("cannot write " + aside);
    }
    if (!status.ok()) break;
    file.write(chunk.data().data(), static_cast<std::streamsize>(chunk.data().size()));
    bytes += chunk.data().size();
    if (watch.progress) watch.progress(bytes);
  }
  if (!status.ok()) context.TryCancel();
  const absl::Status finished = FromGrpc(stream->Finish());
  if (watch.interrupts != nullptr) watch.interrupts->watched = nullptr;
  // What ended before its end is not the file that was asked for.
  if (status.ok()) status = finished;
  if (status.ok()) close();
  if (!status.ok()) {
    std::error_code error;
    if (!aside.empty()) fs::remove(aside, error);
    return status;
  }
  return written;
}

}  // namespace concertina::ctl
