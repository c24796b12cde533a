// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_stream.cc: see export_stream.h.
#include "core/engine/export_stream.h"

#include <fstream>
#include <optional>

#include "core/engine/run_export.h"
#include "core/proto/status_conversion.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Stream final : public grpc::ServerWriteReactor<proto::ExportChunk>,
                     public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(const EngineParts& parts) : parts_(parts) {}

  void Begin(const proto::ExportRequest& request) {
    self_ = shared_from_this();
    parts_.loop.Post([this, stream = self_, request] {
      const absl::StatusOr<std::string> id = parts_.table.Resolve(request.run());
      if (!id.ok()) return End(id.status());
      if (Run* live = parts_.table.Live(*id)) live->Flush();
      InPool([this, stream, request, summary = *parts_.table.Find(*id)] {
        absl::StatusOr<std::vector<ExportedFile>> files =
            ExportRun(parts_.store, parts_.home, summary, request.format());
        if (!files.ok()) return End(files.status());
        files_ = *std::move(files);
        Next();
      });
    });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the reader has gone"));
    InPool([this, stream = self_] { Next(); });
  }
  void OnCancel() override { End(absl::CancelledError("the export was cancelled")); }
  void OnDone() override { const std::shared_ptr<Stream> last = std::move(self_); }

 private:
  void InPool(std::function<void()> task) {
    if (const absl::Status posted = parts_.pool.Post(std::move(task)); !posted.ok()) End(posted);
  }

  void End(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (finished_) return;
    finished_ = true;
    Finish(ToGrpc(status));
  }

  // In the pool, and only while no write is in flight: the next piece.
  void Next() {
    if (file_ == files_.size()) return End(absl::OkStatus());
    const ExportedFile& file = files_[file_];
    const bool first = offset_ == 0;
    chunk_.Clear();
    if (first) chunk_.set_file_name(file.name);
    std::string& data = *chunk_.mutable_data();
    if (file.path.empty()) {
      data = file.content.substr(offset_, ExportStream::kPieceBytes);
    } else {
      if (first) input_.emplace(file.path, std::ios::binary);
      data.resize(ExportStream::kPieceBytes);
      input_->read(data.data(), static_cast<std::streamsize>(data.size()));
      if (!input_->is_open() || input_->bad())
        return End(absl::UnavailableError(fmt::format("{} cannot be read", file.path)));
      data.resize(static_cast<size_t>(input_->gcount()));
    }
    offset_ += data.size();
    if (data.size() < ExportStream::kPieceBytes) {  // the last piece, perhaps an empty one
      ++file_;
      offset_ = 0;
      input_.reset();
    }
    absl::MutexLock lock(&mutex_);
    if (!finished_) StartWrite(&chunk_);
  }

  const EngineParts& parts_;
  std::shared_ptr<Stream> self_;

  // Of the one task or write that is under way.
  std::vector<ExportedFile> files_;
  size_t file_ = 0, offset_ = 0;
  std::optional<std::ifstream> input_;
  proto::ExportChunk chunk_;

  absl::Mutex mutex_;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerWriteReactor<proto::ExportChunk>* ExportStream::Open(const EngineParts& parts,
                                                                 const proto::ExportRequest& request) {
  const auto stream = std::make_shared<Stream>(parts);
  stream->Begin(request);
  return stream.get();
}

}  // namespace concertina
