// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_stream.h: the files of an export, piece by piece to whoever asked.
// On the way of the data: engine/run_export.h -> here -> concertinactl export, the desktop's Export dialog.
#pragma once

#include "core/engine/engine_service.h"

namespace concertina {

// One Export call. Files are made and read in the work pool, one piece ahead of the wire, so memory is
// bounded whatever their size (the tables of a run aside, which are made whole).
class ExportStream {
 public:
  static constexpr size_t kPieceBytes = 256 << 10;
  static grpc::ServerWriteReactor<proto::ExportChunk>* Open(const EngineParts& parts,
                                                            const proto::ExportRequest& request);
};

}  // namespace concertina
