// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared_table.h: a table as it is trained on, read from its text once and mapped by every worker, which
// touches the rows of its part alone.
// On the way of the data: data/csv.cc, data/prepared.h -> here -> data/stored_samples.h.
//   floats of the training rows, then of the test rows | labels i32 of both | names, as MessagePack | u64
//   bytes of the names. In this machine's byte order: it is never sent.
#pragma once

#include <memory>

#include "core/data/csv_table.h"
#include "core/data/dataset.h"
#include "core/data/prepared.h"

namespace concertina {

struct PreparedTable {
  DatasetInfo info;
  std::shared_ptr<const Samples> train, test;
};

// `info` fits both tables, whose values are all numbers.
absl::Status WritePreparedTable(const DatasetInfo& info, const CsvTable& train, const CsvTable& test,
                                const ByteSink& sink);

// Reads labels and names, and no row. kDataLoss if the bytes are not such a table.
absl::StatusOr<PreparedTable> ReadPreparedTable(const StoredBytes& stored);

}  // namespace concertina
