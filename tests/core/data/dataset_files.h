// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dataset_files.h: small files of the formats that datasets are read from, whole or damaged on purpose.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>
#include <QTest>
#include <memory>
#include <string>
#include <vector>

#include <zlib.h>

#include "core/base/registry.h"
#include "core/data/dataset.h"
#include "core/data/idx_file.h"
#include "nlohmann/json.hpp"

namespace concertina {

inline void WriteBytes(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  QCOMPARE(file.write(bytes), bytes.size());
}

inline void WriteGzip(const QString& path, const QByteArray& bytes) {
  gzFile file = gzopen(qPrintable(path), "wb");
  QVERIFY(file != nullptr);
  QCOMPARE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
  QCOMPARE(gzclose(file), Z_OK);
}

inline QByteArray IdxBytes(IdxType type, const std::vector<int64_t>& dims, const QByteArray& data) {
  const std::vector<uint8_t> header = MakeIdxHeader(type, dims);
  return QByteArray(reinterpret_cast<const char*>(header.data()), static_cast<qsizetype>(header.size())) +
         data;
}

// Pixels 0, 1, 2, … modulo 251, so that no two rows are alike.
inline QByteArray CountingBytes(int64_t count) {
  QByteArray bytes;
  for (int64_t i = 0; i < count; ++i) bytes.append(static_cast<char>(i % 251));
  return bytes;
}

inline QByteArray CyclingLabels(int64_t count, int classes) {
  QByteArray bytes;
  for (int64_t i = 0; i < count; ++i) bytes.append(static_cast<char>(i % classes));
  return bytes;
}

// A dataset as a spec makes it: checked against its descriptor first.
inline absl::StatusOr<std::unique_ptr<Dataset>> MakeDataset(const Json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("dataset", spec, "/dataset", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<Dataset>("dataset", params);
}

inline QString Message(const absl::Status& status) {
  return QString::fromStdString(std::string(status.message()));
}

inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <class T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace concertina

#define VERIFY_OK(expression)                                                                       \
  do {                                                                                              \
    const auto& verified_ = (expression);                                                           \
    QVERIFY2(verified_.ok(), qPrintable(::concertina::Message(::concertina::StatusOf(verified_)))); \
  } while (false)
