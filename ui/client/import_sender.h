// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_sender.h: one import, from a file on the disk into the engine's stream, on a thread of its own.
// On the way of the data: files -> here -> engine/import_stream.h.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <memory>
#include <thread>

#include "core/proto/engine.grpc.pb.h"
#include "ui/client/mailbox.h"

class QMimeData;

namespace concertina::ui {

// Whether a dropped file may be a run, by its name; what stands in it the engine checks.
bool isRunFile(const QString& path);
QStringList runFilesOf(const QMimeData& data);  // of what is dropped, those that may be runs

class ImportSender {
 public:
  using Done = std::function<void(const QString& run, const QString& error)>;  // on the Qt thread, once

  ImportSender(std::shared_ptr<Mailbox> mailbox, proto::Engine::Stub& stub, const QString& path, Done done);
  ~ImportSender();  // cancels, and waits for the thread, which a cancelled call wakes at once

 private:
  grpc::ClientContext context_;
  proto::ImportReply reply_;
  std::unique_ptr<grpc::ClientWriter<proto::ImportChunk>> writer_;
  std::thread thread_;
};

}  // namespace concertina::ui
