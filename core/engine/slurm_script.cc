// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_script.cc: see slurm_script.h.
#include "core/engine/slurm_script.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "core/base/file.h"
#include "core/engine/ssh_command.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// What every task runs, with its settings as arguments: nothing is put into its text.
// A worker that is killed leaves its exit code behind; where Slurm ends the job (SIGTERM to all of it) the
// job's state says why, and that is the better reason (the worker may hear of it a moment before its shell
// does: hence the second). A shell's read needs no other program on the node.
constexpr char kTask[] = R"(first=$1 folder=$2 socket=$3 boot=$4 remote=$5 kit=$6
shift 6
rank=$((first + SLURM_PROCID))
node=${SLURMD_NODENAME:-this node}
leave() {
  echo "$1" >"$folder/exit-$rank.new" && mv "$folder/exit-$rank.new" "$folder/exit-$rank"
  exit "$1"
}
if ! [ -d "$folder" ]; then
  echo "$folder is not there on $node: \"folder\" must name one that all nodes share" >&2
  exit 66
fi
if ! [ -x "$1" ]; then
  echo "$1 cannot be run on $node: install Concertina where all nodes see it, or name it as \"program\"" >&2
  leave 127
fi
here=
read -r here </proc/sys/kernel/random/boot_id
if [ -S "$socket" ] && [ "$here" = "$boot" ]; then
  set -- "$@" --engine "unix:$socket"
elif [ -z "$remote" ]; then
  echo "$node is not the engine's machine, and the engine has no port for workers elsewhere" >&2
  leave 69
elif [ -z "$kit" ]; then
  echo "$node is not the engine's machine: to reach $remote a start-up kit is needed, named as \"kit\"" >&2
  leave 69
else
  set -- "$@" --engine "$remote" --kit "$kit"
fi
token=
[ -r "$folder/token-$rank" ] && read -r token <"$folder/token-$rank"
rm -f "$folder/token-$rank"
if [ -z "$token" ]; then
  echo "$folder/token-$rank cannot be read on $node: it is good once, and Slurm may not start a job again" >&2
  leave 66
fi
asked=
trap 'asked=yes' TERM INT
CONCERTINA_TOKEN=$token "$@" --rank "$rank" </dev/null &
worker=$!
token=
(
  trap - TERM INT
  while sleep 1 && kill -0 "$worker" && [ -d "$folder" ]; do
    signal=
    [ -r "$folder/end-$rank" ] && read -r signal <"$folder/end-$rank"
    [ -n "$signal" ] && kill -s "$signal" "$worker"
  done
) >/dev/null 2>&1 &
watcher=$!
while :; do
  wait "$worker"
  code=$?
  kill -0 "$worker" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
case $code in
  0 | 137) ;;
  *) sleep 1 ;;
esac
[ -n "$asked" ] && exit "$code"
leave "$code")";

bool IsAscii(char c, std::string_view more) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != std::string_view::npos;
}

absl::Status Misfit(std::string_view param, const std::string& value, std::string_view expected) {
  return absl::InvalidArgumentError(
      fmt::format("{}: found {}, expected {}", param, ShowJson(value), expected));
}

absl::Status CheckSlurmName(std::string_view param, const std::string& value, std::string_view more) {
  const bool is_good = value.size() <= 255 && !value.starts_with("-") &&
                       std::all_of(value.begin(), value.end(), [&](char c) { return IsAscii(c, more); });
  if (is_good) return absl::OkStatus();
  return Misfit(param, value, fmt::format("letters, digits and {} that do not begin with \"-\"", more));
}

// Slurm's own reading of the line knows quotes, backslashes, comments and, in file names, patterns (%j).
absl::Status CheckSlurmPath(std::string_view param, const std::string& value) {
  const auto is_bad = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
           std::string_view("\"'\\%#").find(c) != std::string_view::npos;
  };
  const bool is_whole = value.empty() || value.starts_with('/');
  if (value.size() <= 4096 && is_whole && std::none_of(value.begin(), value.end(), is_bad))
    return absl::OkStatus();
  return Misfit(
      param, value,
      "a path that begins with / or ~/, without quotes, \"\\\", \"%\", \"#\" and control characters");
}

// Those that the engine sets itself, or that would make another job of it than one with these tasks that it
// follows.
constexpr std::string_view kOwnOptions[] = {"account",
                                            "array",
                                            "chdir",
                                            "cluster",
                                            "clusters",
                                            "cpus-per-task",
                                            "error",
                                            "export",
                                            "export-file",
                                            "get-user-env",
                                            "help",
                                            "ignore-pbs",
                                            "input",
                                            "job-name",
                                            "kill-on-invalid-dep",
                                            "no-requeue",
                                            "nodes",
                                            "ntasks",
                                            "ntasks-per-node",
                                            "open-mode",
                                            "output",
                                            "parsable",
                                            "partition",
                                            "quiet",
                                            "requeue",
                                            "test-only",
                                            "time",
                                            "uid",
                                            "gid",
                                            "usage",
                                            "version",
                                            "wait",
                                            "wrap"};

absl::Status CheckExtra(const std::string& option) {
  const size_t equals = std::min(option.find('='), option.size());
  const std::string name = option.substr(0, equals);
  const bool is_option =
      name.size() > 3 && name.starts_with("--") && std::islower(static_cast<unsigned char>(name[2])) != 0 &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return IsAscii(c, "-") && std::isupper(static_cast<unsigned char>(c)) == 0; });
  const bool is_value = std::all_of(option.begin() + static_cast<ptrdiff_t>(equals), option.end(),
                                    [](char c) { return IsAscii(c, "=-_.,:;/+*&|()[]@!<> "); });
  if (!is_option || !is_value || option.size() > 1000)
    return Misfit(
        "extra", option,
        "options of sbatch in their long form, as --constraint=avx2, with values of letters, digits "
        "and =-_.,:;/+*&|()[]@!<>");
  const std::string bare = name.substr(2);
  // sbatch takes beginnings of names for the whole too.
  const bool is_own = std::any_of(std::begin(kOwnOptions), std::end(kOwnOptions),
                                  [&](std::string_view own) { return own.starts_with(bare); });
  if (!is_own) return absl::OkStatus();
  return Misfit("extra", option, "an option that the engine does not set itself");
}

// Words with spaces between them; one with spaces in it stands in double quotes.
absl::StatusOr<std::vector<std::string>> SplitWords(std::string_view param, std::string_view text) {
  std::vector<std::string> words;
  for (size_t i = 0;;) {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i == text.size()) return words;
    std::string word;
    bool is_quoted = false;
    for (; i < text.size() && (is_quoted || (text[i] != ' ' && text[i] != '\t')); ++i) {
      if (text[i] == '"')
        is_quoted = !is_quoted;
      else
        word += text[i];
    }
    if (is_quoted) return Misfit(param, std::string(text), "a closing \"");
    words.push_back(std::move(word));
  }
}

std::string InLine(const std::string& option) {
  return option.find(' ') == std::string::npos ? option : "\"" + option + "\"";
}

}  // namespace

std::string SlurmTokenFile(const std::string& folder, int rank) {
  return fmt::format("{}/token-{}", folder, rank);
}
std::string SlurmExitFile(const std::string& folder, int rank) {
  return fmt::format("{}/exit-{}", folder, rank);
}
std::string SlurmEndFile(const std::string& folder, int rank) {
  return fmt::format("{}/end-{}", folder, rank);
}
std::string SlurmOutputFile(const std::string& folder, int task) {
  return fmt::format("{}/rank-{}.out", folder, task);
}

absl::StatusOr<SlurmOptions> SlurmOptionsOf(const Params& params) {
  SlurmOptions options;
  options.nodes = params.Integer("nodes");
  options.partition = params.Text("partition");
  options.account = params.Text("account");
  options.time_minutes = params.Integer("time_minutes");
  options.folder = WithHomeFolder(params.Text("folder"));
  options.program = WithHomeFolder(params.Text("program"));
  options.kit = WithHomeFolder(params.Text("kit"));
  options.wait_minutes = params.Number("wait_minutes");
  RETURN_IF_ERROR(CheckSlurmName("partition", options.partition, "_-.,"));
  RETURN_IF_ERROR(CheckSlurmName("account", options.account, "_-.@"));
  RETURN_IF_ERROR(CheckSlurmPath("folder", options.folder));
  RETURN_IF_ERROR(CheckSlurmPath("program", options.program));
  RETURN_IF_ERROR(CheckSlurmPath("kit", options.kit));
  ASSIGN_OR_RETURN(options.extra, SplitWords("extra", params.Text("extra")));
  for (const std::string& option : options.extra) RETURN_IF_ERROR(CheckExtra(option));
  ASSIGN_OR_RETURN(options.modules, SplitWords("modules", params.Text("modules")));
  for (const std::string& module : options.modules)
    RETURN_IF_ERROR(CheckSlurmName("modules", module, "_-./+:"));
  ASSIGN_OR_RETURN(options.environment, ParseEnvironment(params.Text("environment")));
  return options;
}

absl::StatusOr<std::string> SlurmScript(const SlurmOptions& options, const SlurmTask& task) {
  if (options.nodes > task.ranks)
    return absl::InvalidArgumentError(fmt::format(
        "nodes: found {}, expected at most the number of workers, {}", options.nodes, task.ranks));
  RETURN_IF_ERROR(CheckSlurmName("the name of the job", task.name, "_-."));
  RETURN_IF_ERROR(Annotate(CheckSlurmPath("the job's folder", task.folder),
                           "another \"folder\", or another home of the engine, is needed"));
  std::string script = "#!/bin/sh\n";
  const auto option = [&](const std::string& text) { script += "#SBATCH " + InLine(text) + "\n"; };
  option("--job-name=" + task.name);
  option("--no-requeue");  // workers that the engine does not expect would train beside those it does
  option(fmt::format("--ntasks={}", task.ranks));
  if (options.nodes > 0) {
    option(fmt::format("--nodes={}", options.nodes));
    option(fmt::format("--ntasks-per-node={}", (task.ranks + options.nodes - 1) / options.nodes));
  }
  option(fmt::format("--cpus-per-task={}", task.threads));
  if (options.time_minutes > 0) option(fmt::format("--time={}", options.time_minutes));
  if (!options.partition.empty()) option("--partition=" + options.partition);
  if (!options.account.empty()) option("--account=" + options.account);
  option("--chdir=" + task.folder);
  option("--output=" + task.folder + "/job.out");
  for (const std::string& extra : options.extra) option(extra);

  script += fmt::format(
      "\n# Ranks {} to {} of a run of Concertina, for its engine alone to submit: their tokens are good "
      "once.\n"
      "if [ \"${{SLURM_RESTART_COUNT:-0}}\" -gt 0 ]; then\n"
      "  echo 'Slurm started this job again, and the engine does not know its workers any more' >&2\n"
      "  exit 75\n"
      "fi\n",
      task.first_rank, task.first_rank + task.ranks - 1);
  if (!options.modules.empty())
    script += "command -v module >/dev/null 2>&1 || . /etc/profile\n";  // where it is a function of the login
  for (const std::string& module : options.modules)
    script += fmt::format("module load {} || exit 78\n", QuoteForShell(module));
  for (const std::string& entry : options.environment) {
    const size_t equals = entry.find('=');
    script += fmt::format("export {}={}\n", entry.substr(0, equals), QuoteForShell(entry.substr(equals + 1)));
  }
  // Debian's Open MPI leaves UCX out (pml = ^ucx in openmpi-mca-params.conf, for programs that fork), and
  // with it all RDMA. A worker forks nothing that touches MPI: Open MPI shall choose, which without such
  // hardware comes to the same as before. What the entry or the node says stays.
  if (task.is_mpi_world) script += "export OMPI_MCA_pml=\"${OMPI_MCA_pml-}\"\n";
  // A rank that ends does not end the others: that is the engine's to say. Since 22.05 srun does not take
  // over
  // --cpus-per-task by itself.
  std::vector<std::string> srun = {"srun",
                                   fmt::format("--ntasks={}", task.ranks),
                                   fmt::format("--cpus-per-task={}", task.threads),
                                   "--kill-on-bad-exit=0",
                                   "--wait=0",
                                   "--input=none",
                                   task.is_mpi_world ? "--mpi=pmix" : "--mpi=none",
                                   "--output=" + task.folder + "/rank-%t.out",
                                   "/bin/sh",
                                   "-c",
                                   kTask,
                                   "concertina-task",
                                   std::to_string(task.first_rank),
                                   task.folder,
                                   task.engine_socket,
                                   task.boot_id,
                                   task.remote_address,
                                   options.kit,
                                   task.program,
                                   "--run",
                                   task.run,
                                   "--home",
                                   task.home};
  for (const std::string& folder : task.plugin_folders) srun.insert(srun.end(), {"--plugins", folder});
  script += "exec " + ShellCommand(srun) + "\n";
  return script;
}

}  // namespace concertina
