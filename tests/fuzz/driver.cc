// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// driver.cc: runs one fuzz target where there is no libFuzzer: the corpus, the target's seeds, and so many
// seeded mutations of them.
// On the way of the data: tests/fuzz/corpus/TARGET, tests/fuzz/mutation.h -> here -> a target.
//
// Without a compiler's counters the decoder's own words are the guide: an input that is refused in a way not
// seen before (the message, but for numbers and what is quoted) becomes a seed, and so do some of those that
// are accepted. One seed gives the same executions on every machine. Exit status: 0 well; 1 a fault, whose
// input then stands in a file, and the command that replays it on standard error.
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <set>

#include "CLI/CLI.hpp"
#include "core/base/file.h"
#include "fmt/format.h"
#include "tests/fuzz/mutation.h"
#include "tests/fuzz/target.h"

// Sanitizers end in abort(), where the input is saved.
extern "C" {
const char* __asan_default_options();
const char* __asan_default_options() {
  return "abort_on_error=1:handle_abort=0:allocator_may_return_null=1:detect_stack_use_after_return=1";
}
const char* __ubsan_default_options();
const char* __ubsan_default_options() { return "halt_on_error=1:abort_on_error=1:print_stacktrace=1"; }
}

namespace concertina {
namespace {

constexpr size_t kMostSeeds = 1024;
constexpr size_t kMostFileBytes = size_t{64} << 20;
constexpr int kTicksASecond = 10;

// What the signal handlers read. The input is the caller's until the next begins.
struct Current {
  const uint8_t* data = nullptr;
  size_t size = 0;
  const char* program = "";
  const char* folder = ".";
  volatile sig_atomic_t execution = 0;  // wraps
  int deadline_ticks = 0;
};
Current current;

// In a signal handler: no allocation.
void SaveInput() {
  if (current.data == nullptr) return;
  uint32_t hash = 2166136261U;  // FNV-1a, for a name
  for (size_t i = 0; i < current.size; ++i) hash = (hash ^ current.data[i]) * 16777619U;
  static char path[4096], line[9000];
  const char* slash = std::strrchr(current.program, '/');
  std::snprintf(path, sizeof path, "%s/fault-%s-%08x", current.folder,
                slash == nullptr ? current.program : slash + 1, hash);
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool is_saved =
      file >= 0 && write(file, current.data, current.size) == static_cast<ssize_t>(current.size);
  if (file >= 0) close(file);
  const int count = std::snprintf(line, sizeof line,
                                  is_saved ? "replay it: %s --replay %s\n" : "%s: %s could not be written\n",
                                  current.program, path);
  [[maybe_unused]] const ssize_t told = write(STDERR_FILENO, line, static_cast<size_t>(count));
}

void OnFault(int signal) {
  SaveInput();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Counts the processor's time, not the clock's: a busy machine is no fault.
void OnTick(int) {
  static sig_atomic_t seen = 0;
  static int ticks = 0;
  if (current.execution != seen || current.data == nullptr) {
    seen = current.execution;
    ticks = 0;
  } else if (++ticks >= current.deadline_ticks) {
    constexpr char kSaid[] = "an input takes longer than the deadline\n";
    [[maybe_unused]] const ssize_t told = write(STDERR_FILENO, kSaid, sizeof kSaid - 1);
    std::abort();
  }
}

void WatchOver(int deadline_seconds) {
  current.deadline_ticks = deadline_seconds * kTicksASecond;
  for (const int fault : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct sigaction before = {};
    sigaction(fault, nullptr, &before);
    // A sanitizer that has taken a signal reports it, and then aborts.
    if (before.sa_handler == SIG_DFL) std::signal(fault, OnFault);
  }
  struct sigaction tick = {};
  tick.sa_handler = OnTick;
  tick.sa_flags = SA_RESTART;
  sigaction(SIGPROF, &tick, nullptr);
  const timeval every = {.tv_sec = 0, .tv_usec = 1000000 / kTicksASecond};
  const itimerval timer = {.it_interval = every, .it_value = every};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

absl::Status Execute(const FuzzBytes& input) {
  // An exact copy on the heap, so that a sanitizer sees a read beyond its end.
  static FuzzBytes exact;
  exact = FuzzBytes(input.begin(), input.end());
  current.data = exact.data();
  current.size = exact.size();
  current.execution = current.execution + 1;
  TakeNote().IgnoreError();
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  current.data = nullptr;
  return TakeNote();
}

// The message without numbers, decimal or not, and without what is quoted, cut off: names of a file's own say
// nothing.
std::string FormOf(const absl::Status& status) {
  std::string form;
  bool is_quoted = false, is_number = false;
  for (const char c : status.message().substr(0, 200)) {
    if (c == '"') is_quoted = !is_quoted;
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    is_number = is_digit || (is_number && is_letter);
    if (!is_quoted && is_letter && !is_number) form += c;
  }
  return fmt::format("{}{}", static_cast<int>(status.code()), form);
}

absl::StatusOr<FuzzBytes> ReadInput(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMostFileBytes);
  if (!text.ok()) return text.status();
  return FuzzBytes(text->begin(), text->end());
}

// In the order of their names; nothing if there is no such folder.
absl::StatusOr<std::vector<FuzzBytes>> ReadCorpus(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<FuzzBytes> corpus;
  for (const std::string& path : paths) {
    absl::StatusOr<FuzzBytes> input = ReadInput(path);
    if (!input.ok()) return input.status();
    corpus.push_back(*std::move(input));
  }
  return corpus;
}

struct Options {
  std::string corpus, write_seeds;
  std::vector<std::string> replay;
  int64_t executions = 2000;
  uint64_t seed = 1;
};

absl::Status WriteSeeds(const std::string& folder, const std::vector<FuzzBytes>& seeds) {
  RETURN_IF_ERROR(MakeFolder(folder));
  for (size_t i = 0; i < seeds.size(); ++i)
    RETURN_IF_ERROR(WriteFileAtomically(fmt::format("{}/seed-{}", folder, i),
                                        std::string(seeds[i].begin(), seeds[i].end())));
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  for (const std::string& path : options.replay) {
    ASSIGN_OR_RETURN(const FuzzBytes input, ReadInput(path));
    const absl::Status outcome = Execute(input);
    fmt::print("{}: {}\n", path, outcome.ok() ? "accepted" : std::string(outcome.message()));
  }
  if (!options.replay.empty()) return absl::OkStatus();

  FuzzInputs inputs = InputsOfTarget();
  std::vector<FuzzBytes>& seeds = inputs.seeds;
  if (!options.write_seeds.empty()) return WriteSeeds(options.write_seeds, seeds);
  std::set<std::string> forms;
  for (size_t i = 0; i < seeds.size(); ++i)
    if (const absl::Status outcome = Execute(seeds[i]); !outcome.ok())
      return Annotate(outcome, fmt::format("seed {} is good, and was refused", i));
  ASSIGN_OR_RETURN(std::vector<FuzzBytes> corpus, ReadCorpus(options.corpus));
  for (FuzzBytes& input : corpus) {
    if (const absl::Status outcome = Execute(input); !outcome.ok()) forms.insert(FormOf(outcome));
    seeds.push_back(std::move(input));
  }
  const size_t own = seeds.size();
  int64_t accepted = 0;
  for (int64_t i = 0; i < options.executions; ++i) {
    Rng rng(options.seed, "mutation", static_cast<uint64_t>(i));
    // One half from what was good, however many ways there are to be wrong.
    const FuzzBytes& from = seeds[rng.Below(rng.Below(2) == 0 ? own : seeds.size())];
    const FuzzBytes& other = seeds[rng.Below(seeds.size())];
    FuzzBytes input = Mutate(from, other, inputs.words, inputs.most_bytes, rng);
    const absl::Status outcome = Execute(input);
    accepted += outcome.ok() ? 1 : 0;
    const bool is_new = outcome.ok() ? rng.Below(16) == 0 : forms.insert(FormOf(outcome)).second;
    if (!is_new) continue;
    if (seeds.size() < std::max(kMostSeeds, own + 1))
      seeds.push_back(std::move(input));
    else
      seeds[own + rng.Below(seeds.size() - own)] = std::move(input);
  }
  fmt::print("{} seeds, {} executions: {} accepted, {} refused in {} ways\n", own, options.executions,
             accepted, options.executions - accepted, forms.size());
  if (options.executions >= 1000 && (accepted == 0 || accepted == options.executions))
    return absl::InternalError("all were accepted, or none: the mutations do not reach the decoder");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Feeds one decoder with good inputs, and with mutations of them.");
  Options options;
  int deadline_seconds = 10;
  std::string folder = ".";
  app.add_option("--executions", options.executions, "how many mutations");
  app.add_option("--seed", options.seed, "of the mutations");
  app.add_option("--corpus", options.corpus, "a folder of inputs that were once a fault");
  app.add_option("--replay", options.replay, "these inputs only");
  app.add_option("--deadline", deadline_seconds, "seconds of processor time that one input may take");
  app.add_option("--faults", folder, "the folder where the input of a fault is written");
  app.add_option("--write-seeds", options.write_seeds, "writes the seeds to a folder, for libFuzzer");
  CLI11_PARSE(app, argc, argv);
  current.program = argv[0];
  current.folder = folder.c_str();
  WatchOver(deadline_seconds);
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", std::string(status.message()));
  return 1;
}

}  // namespace
}  // namespace concertina

int main(int argc, char** argv) { return concertina::Main(argc, argv); }
