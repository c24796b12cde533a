// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// preview_samples.h: `plan SPEC --samples FOLDER`: a few samples as the model gets them, as PNG files; of a
// table its first rows. On the way of the data: the engine's GetSamples -> here -> a folder, the terminal.
#pragma once

#include <string>

#include "app/ctl/commands.h"

namespace concertina::ctl {

struct SamplesWanted {
  std::string folder;
  int count = 16;
  int worker = -1;  // -1: all data

  bool is_wanted() const { return !folder.empty(); }
};

void AddSamplesOptions(CLI::App& plan, SamplesWanted& wanted);
Outcome ShowSamples(Connection& engine, const CommonOptions& options, const std::string& spec,
                    const SamplesWanted& wanted);

}  // namespace concertina::ctl
