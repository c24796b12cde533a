// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_sender.cc: see import_sender.h.
#include "ui/client/import_sender.h"

#include <QCoreApplication>
#include <QFile>
#include <QMimeData>
#include <QUrl>

#include "core/proto/deadlines.h"
#include "ui/client/engine_connection.h"

namespace concertina::ui {
namespace {

class ImportWords {
  Q_DECLARE_TR_FUNCTIONS(ImportSender)
};

// Sends the whole file; "" or why it cannot be read. That the engine wants no more, Finish says.
QString send(grpc::ClientWriter<proto::ImportChunk>& writer, const QString& path) {
  constexpr qint64 kPieceBytes = 256 << 10;
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return ImportWords::tr("%1 cannot be read: %2").arg(path, file.errorString());
  proto::ImportChunk chunk;
  for (;;) {
    const QByteArray piece = file.read(kPieceBytes);
    if (piece.isEmpty()) break;
    chunk.set_data(piece.constData(), size_t(piece.size()));
    if (!writer.Write(chunk)) return {};
  }
  if (file.error() != QFileDevice::NoError)
    return ImportWords::tr("%1 cannot be read: %2").arg(path, file.errorString());
  writer.WritesDone();
  return {};
}

}  // namespace

bool isRunFile(const QString& path) {
  return path.endsWith(QLatin1String(".concertina-run"), Qt::CaseInsensitive);
}

QStringList runFilesOf(const QMimeData& data) {
  QStringList files;
  for (const QUrl& url : data.urls())
    if (url.isLocalFile() && isRunFile(url.toLocalFile())) files << url.toLocalFile();
  return files;
}

ImportSender::ImportSender(std::shared_ptr<Mailbox> mailbox, proto::Engine::Stub& stub, const QString& path,
                           Done done) {
  context_.set_deadline(WallDeadline(kExportDeadlineSeconds));
  writer_ = stub.ImportRun(&context_, &reply_);
  thread_ = std::thread([this, mailbox = std::move(mailbox), path, done = std::move(done)] {
    QString error = send(*writer_, path);
    if (!error.isEmpty()) context_.TryCancel();
    const grpc::Status status = writer_->Finish();
    if (error.isEmpty()) error = errorText(status);
    const QString run = QString::fromStdString(reply_.run());
    mailbox->Post([done, run, error] { done(error.isEmpty() ? run : QString(), error); });
  });
}

ImportSender::~ImportSender() {
  context_.TryCancel();
  thread_.join();
}

}  // namespace concertina::ui
