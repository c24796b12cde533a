// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// folder_elsewhere.h: where one worker has its files on a machine that is not the engine's.
// On the way of the data: worker/worker.cc -> here -> parameters and checkpoints, until they are carried
// home.
#pragma once

#include <string>

#include "core/base/status.h"

namespace concertina {

// A folder below HOME/runs/RUN that is this worker's alone, and goes with it. Others may have theirs beside
// it: other ranks, one that came in its place, and one that was given up, stands still, and does not know. So
// it is not named by a rank alone, which changes when a group forms anew, and another worker never removes it
// while its owner lives (a lock says so, which the kernel takes back when a process ends).
class FolderElsewhere {
 public:
  FolderElsewhere() = default;  // none
  ~FolderElsewhere() { Remove(); }
  FolderElsewhere(FolderElsewhere&& other) noexcept { *this = std::move(other); }
  FolderElsewhere& operator=(FolderElsewhere&& other) noexcept;

  // Folders of this run whose workers have ended are removed by the way.
  static absl::StatusOr<FolderElsewhere> Claim(const std::string& home, const std::string& run, int rank);

  const std::string& path() const { return path_; }  // "": none

 private:
  void Remove();

  std::string path_;
  int lock_ = -1;
};

}  // namespace concertina
