// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// models_of_runs.h: an experiment may name the model of a run where a file is wanted: "teacher": "run:last".
// On the way of the data: a submitted experiment -> here -> engine/run_preparation.h, which sees files alone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"
#include "core/engine/home.h"
#include "core/proto/run.pb.h"
#include "core/store/store.h"

namespace concertina {

// The run that a person means by a name; kNotFound says which would be.
using FindRun = std::function<absl::StatusOr<proto::RunSummary>(const std::string& name)>;

// `spec_json` with each text "run:NAME" in /model and /recipe replaced by the path of that run's model, which
// is kept as HOME/models/RUN.edge, so that the run itself may go. A name that leads nowhere, or to a run
// without a model, is a fault with its pointer. What is not JSON comes back as it is. For the work pool.
absl::StatusOr<std::string> WithModelsOfRuns(const std::string& spec_json, const FindRun& find, Store& store,
                                             const Home& home, std::vector<Fault>& faults);

}  // namespace concertina
