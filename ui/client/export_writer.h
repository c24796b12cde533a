// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_writer.h: one export, from the engine's stream to files on the disk, on a thread of its own.
// On the way of the data: engine/ services -> here -> files.
#pragma once

#include <QString>
#include <functional>
#include <memory>
#include <thread>

#include "core/proto/engine.grpc.pb.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

// Where a file of an export goes. The first goes to `outPath`, or into it if that is a folder; those that
// follow go beside it. Only the last part of the engine's name is taken: an export never leaves the folder
// that was chosen.
QString exportFilePath(const QString& outPath, const QString& fileName, bool first);

// Files appear whole or not at all: each is written beside its place and renamed when its last byte is there.
class ExportWriter {
 public:
  using Done = std::function<void(const QString& path, const QString& error)>;  // on the Qt thread, once

  ExportWriter(std::shared_ptr<Mailbox> mailbox, proto::Engine::Stub& stub,
               const proto::ExportRequest& request, const QString& outPath, Done done);
  ~ExportWriter();  // cancels, and waits for the thread, which a cancelled call wakes at once

  std::weak_ptr<grpc::ClientContext> call() const { return context_; }  // to cancel it by

 private:
  const std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  std::unique_ptr<grpc::ClientReader<proto::ExportChunk>> reader_;
  std::thread thread_;
};

}  // namespace concertina::ui
