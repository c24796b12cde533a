// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_writer.cc: see export_writer.h.
#include "ui/client/export_writer.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>

#include "core/proto/deadlines.h"
#include "ui/client/engine_connection.h"

namespace concertina::ui {
namespace {

class ExportWords {
  Q_DECLARE_TR_FUNCTIONS(ExportWriter)
};

// Reads the stream to its end; the path of the first file, or an error, which names the files that are there
// all the same.
QString write(grpc::ClientContext& context, grpc::ClientReader<proto::ExportChunk>& reader,
              const QString& outPath, QString& error) {
  std::unique_ptr<QSaveFile> file;
  QString first_path;
  QStringList written;
  const auto commit = [&] {
    if (file != nullptr && file->commit())
      written << file->fileName();
    else if (file != nullptr)
      error = ExportWords::tr("%1 could not be written: %2").arg(file->fileName(), file->errorString());
    file.reset();
  };
  proto::ExportChunk chunk;
  while (error.isEmpty() && reader.Read(&chunk)) {
    if (!chunk.file_name().empty()) {
      commit();
      const QString path =
          exportFilePath(outPath, QString::fromStdString(chunk.file_name()), first_path.isEmpty());
      if (first_path.isEmpty()) first_path = path;
      file = std::make_unique<QSaveFile>(path);
      if (!file->open(QIODevice::WriteOnly))
        error = ExportWords::tr("%1 cannot be opened for writing: %2").arg(path, file->errorString());
    }
    const std::string& data = chunk.data();
    if (error.isEmpty() && file == nullptr && !data.empty())
      error = ExportWords::tr("The engine sent data without a file name.");
    if (error.isEmpty() && file != nullptr &&
        file->write(data.data(), static_cast<qint64>(data.size())) != static_cast<qint64>(data.size()))
      error = ExportWords::tr("%1 could not be written: %2").arg(file->fileName(), file->errorString());
  }
  if (!error.isEmpty()) context.TryCancel();
  const grpc::Status status = reader.Finish();
  if (error.isEmpty()) error = errorText(status);
  if (error.isEmpty()) commit();  // a stream that was cut off looks as if it had come to its end
  if (!error.isEmpty() && !written.isEmpty())
    error = ExportWords::tr("%1 Written before, and whole: %2. The rest is missing.")
                .arg(error, written.join(QStringLiteral(", ")));
  return first_path;
}

}  // namespace

QString exportFilePath(const QString& outPath, const QString& fileName, bool first) {
  const QFileInfo out(outPath);
  const QString name = QFileInfo(fileName).fileName();
  if (out.isDir()) return outPath + QLatin1Char('/') + name;
  return first ? outPath : out.path() + QLatin1Char('/') + out.completeBaseName() + QLatin1Char('-') + name;
}

ExportWriter::ExportWriter(std::shared_ptr<Mailbox> mailbox, proto::Engine::Stub& stub,
                           const proto::ExportRequest& request, const QString& outPath, Done done) {
  context_->set_deadline(WallDeadline(kExportDeadlineSeconds));
  reader_ = stub.Export(context_.get(), request);
  thread_ = std::thread([this, mailbox = std::move(mailbox), outPath, done = std::move(done)] {
    QString error;
    const QString path = write(*context_, *reader_, outPath, error);
    mailbox->Post([done, path, error] { done(error.isEmpty() ? path : QString(), error); });
  });
}

ExportWriter::~ExportWriter() {
  context_->TryCancel();
  thread_.join();
}

}  // namespace concertina::ui
