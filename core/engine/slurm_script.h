// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_script.h: the batch script of one Slurm job, which is all workers of one entry of /workers.
// On the way of the data: an entry {"launcher": "slurm", …} -> here -> engine/slurm_job.h.
//
//   sbatch   reads the #SBATCH lines: nothing is in them but what was checked
//   script   runs on one node: loads modules, exports the environment, and calls srun
//   srun     starts one task a rank, which finds its rank (SLURM_PROCID), its token, and the way to the
//            engine: its Unix socket on the engine's own machine, else its port
// The files of a job, in its own 0700 folder, which all nodes must see (R: a rank):
//   job.sh, job.out   the script, and what it and srun say
//   token-R           0600; read and removed by the task of the rank
//   rank-T.out        what the worker of task T (rank: first rank + T) writes
//   exit-R            the exit code of a worker that ended by itself, 128 + the signal of one that was killed
//   end-R             made by the engine: the signal that the worker of this rank alone is to get
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"

namespace concertina {

// What an entry says, checked.
struct SlurmOptions {
  int64_t nodes = 0;               // 0: as Slurm places the tasks
  std::string partition, account;  // "": the user's default
  int64_t time_minutes = 60;       // 0: the partition's default
  std::vector<std::string> extra;  // "--constraint=avx2": more options of sbatch
  std::string folder;              // "": the engine's home
  std::string program;             // "": the engine's own concertina-worker
  std::string kit;                 // folder of a start-up kit, for nodes that are not this machine
  std::vector<std::string> modules;
  std::vector<std::string> environment;  // "NAME=VALUE"
  double wait_minutes = 0;
};
// kInvalidArgument: a value that cannot be meant; the message begins with the parameter's name.
absl::StatusOr<SlurmOptions> SlurmOptionsOf(const Params& params);

struct SlurmTask {
  std::string name;  // of the job, by which it can be found and cancelled
  std::string run;
  int first_rank = 0;
  int ranks = 1;
  int threads = 1;             // of each worker
  std::string folder;          // of the job's files
  std::string home;            // where workers keep their own
  std::string program;         // of the worker, on the nodes
  std::string engine_socket;   // path of the engine's Unix socket
  std::string boot_id;         // of the engine's machine, by which a node knows that it is the same
  std::string remote_address;  // "host:port"; "": the engine has no port for others
  std::vector<std::string> plugin_folders;
  bool is_mpi_world = false;  // the tasks are the ranks of one: Slurm serves them PMIx
};
// The script. It holds no secret. kInvalidArgument: a path that cannot stand in an #SBATCH line, or more
// nodes than ranks.
absl::StatusOr<std::string> SlurmScript(const SlurmOptions& options, const SlurmTask& task);

// "/…/token-3", "/…/exit-3", "/…/end-3" of a job's folder; of the output by task.
std::string SlurmTokenFile(const std::string& folder, int rank);
std::string SlurmExitFile(const std::string& folder, int rank);
std::string SlurmEndFile(const std::string& folder, int rank);
std::string SlurmOutputFile(const std::string& folder, int task);

}  // namespace concertina
