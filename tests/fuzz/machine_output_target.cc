// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// machine_output_target.cc: what ssh, and what runs behind it, and mpirun write, and the environment that a
// person enters for them.
// Input: what u8 (of three readers) | u8 (an exit code, a number of ranks) | the bytes.
#include <algorithm>
#include <vector>

#include "core/base/child_process.h"
#include "core/engine/mpi_world.h"
#include "core/engine/ssh_command.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const auto add = [&](uint8_t what, uint8_t number, std::string_view bytes) {
    FuzzBytes& seed = inputs.seeds.emplace_back(FuzzBytes{what, number});
    seed.insert(seed.end(), bytes.begin(), bytes.end());
  };
  add(0, 255, "ssh: connect to host box port 22: Connection refused\n");
  add(0, 255, "Warning: Permanently added\nuser@box: Permission denied (publickey).\n");
  add(0, 255, "@@@\nHost key verification failed.\n");
  add(0, 127, "sh: 1: concertina-worker: not found\n");
  add(0, 3, "");
  add(1, 4,
      "[1,3]<stderr>:what rank 3 wrote\n[1,0]<stdout>:0]<stdout>:\n"
      "mpirun noticed that process rank 1 with PID 0 on node box exited on signal 9 (Killed).\n");
  add(1, 2, "  Process name: [[17571,1],1]\n  Exit code:    3\n[1,");
  add(2, 0, "A=1 B_2=x,y C=");
  add(2, 0, "LD_LIBRARY_PATH=/opt/lib");
  inputs.words = {"[1,",
                  "]<stdout>:",
                  "]<stderr>:",
                  "process rank",
                  "exited on signal",
                  "Process name: [[",
                  ",1],",
                  "Exit code:",
                  "=",
                  "\n",
                  "Permission denied",
                  "%",
                  "-1",
                  "99999999999",
                  "'",
                  "\"",
                  "\\"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const int what = input.Byte() % 3, number = input.Byte();
  const std::string_view bytes(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  if (what == 0) {
    std::vector<std::string> lines(1);
    for (const char c : bytes) {
      if (c == '\n')
        lines.emplace_back();
      else
        lines.back().push_back(c);
    }
    const SshHost host{.host = "box", .user = "me"};
    const AllocationBound bound({.one = 8 * size + 4096, .all = 64 * size + 65536});
    const std::string words = ExplainSsh(host, number, lines);
    Require(!words.empty(), "no word of why");
  } else if (what == 1) {
    const int ranks = 1 + number % 8;
    MpirunOutput output(ranks, [&](int rank, std::string_view line) {
      Require(rank >= 0 && rank < ranks, "a line of a rank that is none");
      Require(line.size() <= MpirunOutput::kMostLineBytes, "a line that is too long");
    });
    {
      const AllocationBound bound({.one = 2 * MpirunOutput::kMostLineBytes + 4096, .all = 65536});
      // As pipes give them: in pieces.
      output.Add(bytes.substr(0, bytes.size() / 3));
      output.Add(bytes.substr(bytes.size() / 3));
      output.Finish();
    }
    Require(!output.culprit() || (*output.culprit() >= 0 && *output.culprit() < ranks), "nobody is to blame");
    for (int rank = 0; rank < ranks; ++rank) static_cast<void>(output.ExitOf(rank, {.exit_code = 1}));
  } else {
    absl::StatusOr<std::vector<std::string>> environment;
    {
      const AllocationBound bound({.one = 64 * size + 4096, .all = 512 * size + 65536});
      environment = ParseEnvironment(bytes);
    }
    Note(environment);
    if (environment.ok())
      for (const std::string& entry : *environment)
        Require(entry.find('=') != std::string::npos && entry.front() != '=' &&
                    entry.find('\0') == std::string::npos,
                "an entry that is none");
    else
      Require(absl::IsInvalidArgument(environment.status()), "neither OK nor kInvalidArgument");
  }
  return 0;
}
