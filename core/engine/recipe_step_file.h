// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_step_file.h: the detail of one step of a run's recipe, as its worker has written it.
// On the way of the data: worker/recipe_detail.h's file -> here -> engine/engine_service.cc.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/status.h"
#include "core/proto/run.pb.h"

namespace concertina {

// The text of RUN/recipe-INDEX.json, which is as analysis/step_detail.h says. kInvalidArgument: an index
// below 0. kNotFound: the run has no recipe, or not so many steps, or has not come so far, or is of a version
// that kept none; the words say which. kDataLoss: the file is not such a one.
absl::StatusOr<std::string> ReadRecipeStep(const std::string& run_folder, const proto::RunSummary& run,
                                           int64_t index);

}  // namespace concertina
