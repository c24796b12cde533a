// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_judge.h: how good the model is that a step of a recipe ends with: the file that would be exported is
// written, read and run, and that is what the figures say. On the way of the data: worker/recipe_loop.cc ->
// here (edge/model_file.h, edge/runtime.h, worker/recipe_detail.h) -> model.edge and recipe-K.json in the
// run's folder, and figures.
//
// All ranks run their shares of the test samples; rank 0 alone times the model and writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "core/base/disk.h"
#include "core/comm/communicator.h"
#include "core/data/dataset.h"
#include "core/edge/model_file.h"
#include "core/edge/runtime.h"
#include "core/worker/recipe_detail.h"
#include "core/worker/room_wait.h"

namespace concertina {

class RecipeJudge {
 public:
  struct Place {
    int rank = 0, ranks = 1;
    Disk* disk = &Disk::Real();
    std::string run_folder;
    std::map<std::string, std::string> metadata;  // of the file
    std::function<void(const char* phase)> tell;  // on the step thread, from time to time
    std::function<RoomWait()> room_wait;          // rank 0's, of a disk that is full now
  };
  struct Step {
    int64_t at = 0;    // of the run
    std::string text;  // what was done before
    bool scans_sensitivity = false;
  };
  // By name, times in seconds: as worker/edge_series.h has series of them.
  using Figures = std::map<std::string, double>;
  // Of the first file, which the others are compared with.
  struct Original {
    double bytes = 0, accuracy = 0;
  };

  RecipeJudge(const DatasetInfo& dataset, std::shared_ptr<const Samples> test, Place place)
      : detail_(dataset), test_(std::move(test)), place_(std::move(place)) {}

  // All ranks together; rank 0 has the figures. None on any rank: the disk is full, and the run is to stop.
  // Errors: of a peer, of the disk; kCancelled.
  absl::StatusOr<std::optional<Figures>> Judge(const Graph& model, const Step& step, Communicator& everyone,
                                               std::stop_token stop);

  // What later steps are compared with; of a recipe that goes on.
  const Original& original() const { return original_; }
  RecipeDetail::Memory Remembered() const { return detail_.Remembered(); }
  void GoOnFrom(Original original, RecipeDetail::Memory memory) {
    original_ = original;
    detail_.GoOnFrom(std::move(memory));
  }

 private:
  struct Sums {  // over all ranks
    float loss = 0, correct = 0, count = 0;
  };
  absl::StatusOr<Sums> Test(EdgeModel& edge, Communicator& everyone, std::stop_token stop);
  absl::Status Scan(const Graph& graph, Communicator& everyone, std::stop_token stop);
  // Rank 0 writes both files, and the others wait. False: as Judge gives none.
  absl::StatusOr<bool> Write(const std::string& bytes, Communicator& everyone);
  Figures FiguresOf(const ModelFile& file, const EdgeModel& edge, const Sums& sums);

  RecipeDetail detail_;
  const std::shared_ptr<const Samples> test_;
  const Place place_;
  Original original_;
};

}  // namespace concertina
