// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_stream.h: a run that another home has exported, piece by piece from whoever sends it.
// On the way of the data: concertinactl import, the desktop -> here (engine/run_archive.h) -> store/store.h,
// RUN/, engine/run_table.h.
//
// The pieces go into a file without a name. Once it has come whole it is read through, with nothing done;
// only if all of it is good it is read again, and taken in. While that goes on the run stands in the store as
// one in the bin, so that an engine that dies leaves nothing that looks whole.
#pragma once

#include "core/engine/engine_service.h"

namespace concertina {

class ImportStream {
 public:
  static constexpr size_t kMostPieceBytes = size_t{1} << 20;
  static constexpr uint64_t kSpareBytes = uint64_t{64} << 20;  // of the disk, that no import may take
  static grpc::ServerReadReactor<proto::ImportChunk>* Open(const EngineParts& parts,
                                                           proto::ImportReply& reply);
};

}  // namespace concertina
