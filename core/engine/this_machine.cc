// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// this_machine.cc: see this_machine.h.
#include "core/engine/this_machine.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_split.h"
#include "core/base/utf8.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Where data/mnist.cc and data/fashion_mnist.cc look too.
std::vector<std::string> SharedDatasetFolders() {
  std::vector<std::string> folders;
  if (const char* named = std::getenv("CONCERTINA_DATASETS"))
    folders = absl::StrSplit(named, ':', absl::SkipEmpty());
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
    folders.push_back(std::string(data) + "/concertina/datasets");
  else if (const char* home = std::getenv("HOME"))
    folders.push_back(std::string(home) + "/.local/share/concertina/datasets");
  folders.emplace_back("/usr/share/datasets");
  return folders;
}

}  // namespace

std::vector<int> UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(static_cast<size_t>(core), &set)) cores.push_back(core);
  if (cores.empty()) cores.push_back(0);  // a kernel of more cores than a set has
  return cores;
}

std::vector<std::string> DatasetsIn(const std::vector<std::string>& folders) {
  constexpr size_t kMostDatasets = 100;
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator() && names.size() < kMostDatasets;
         entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_directory(ignored)) names.insert(CutUtf8(entry->path().filename().string(), 255));
    }
  }
  return {names.begin(), names.end()};
}

HostReport ThisMachine() {
  HostReport report;
  utsname name = {};
  if (uname(&name) == 0) {
    report.host = CutUtf8(name.nodename, 255);
    report.system = fmt::format("{} {}", name.sysname, name.machine);
  }
  report.cores = static_cast<int64_t>(UsableCores().size());
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0)
    report.memory_bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
  report.datasets = DatasetsIn(SharedDatasetFolders());
  return report;
}

}  // namespace concertina
