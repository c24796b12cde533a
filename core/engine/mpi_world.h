// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mpi_world.h: the workers of one entry as the ranks of one mpirun on this machine, and what that says of
// them. On the way of the data: engine/local_launcher.cc -> here -> mpirun -> app/worker.
//
// Open MPI's mpirun tags the lines of its ranks and says which of them ended it. It ends them all when one
// dies, as MPI has it. Between the ranks there is shared memory and no network. mpirun itself listens: Open
// MPI 4.1 takes loopback alone for its messages when told so, but binds the port to all addresses all the
// same.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/child_process.h"
#include "core/engine/launcher.h"

namespace concertina {

// The first rank of `orders` is told to all, and each finds its own from its place in the world. The tokens
// are in the environment, with commas between them. kNotFound: no mpirun; the message names what to install.
absl::StatusOr<ChildCommand> MpirunCommand(const std::string& worker_program,
                                           std::span<const LaunchOrder> orders);

class MpirunOutput {
 public:
  static constexpr size_t kMostLineBytes = 4096;

  // `on_line`: of the rank-th of the world, with its end of line; what mpirun itself says comes as rank 0's.
  MpirunOutput(int ranks, std::function<void(int rank, std::string_view line)> on_line)
      : ranks_(ranks), on_line_(std::move(on_line)) {}
  void Add(std::string_view bytes);
  void Finish();  // the last line may lack its end

  // How rank `rank` of the world ended, now that mpirun has: the one that it names as the first, and the
  // others that went with it.
  WorkerExit ExitOf(int rank, const ChildExit& ended) const;
  // The one named, as far as one was.
  std::optional<int> culprit() const { return culprit_; }

 private:
  void Line(std::string_view line);
  void HearMpirun(std::string_view line);

  const int ranks_;
  const std::function<void(int, std::string_view)> on_line_;
  std::string partial_;
  std::optional<int> culprit_;
  int signal_ = 0;
  int exit_code_ = 0;
};

}  // namespace concertina
