// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kernel_choice.cc: short measurements, and the file in which the first one counts.
// On the way of the data: graph/dense_operator.cc, graph/convolution_operator.cc -> here.
#include "core/graph/kernel_choice.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Json = nlohmann::json;

using Key = std::tuple<std::string, std::string, int>;  // operation, shape, threads

// Answers of this process, by file ("" for none). Measuring is done by one thread at a time: two that measure
// at once measure each other.
struct Memory {
  std::mutex mutex;
  std::map<std::pair<std::string, Key>, std::string> answers;  // guarded by mutex
  std::mutex measuring;
};
Memory& TheMemory() {
  static Memory* memory = new Memory;  // never destroyed: executors may outlive main's statics
  return *memory;
}

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The best of some runs of each candidate, in turns, so that a slow moment of the machine meets all of them.
// One thread is measured by its own time on the processor: others share the machine.
std::vector<double> Measure(const std::vector<KernelCandidate>& candidates, int threads) {
  constexpr double kBudgetSeconds = 0.06;  // a candidate; at least 3 and at most 200 runs
  const clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  std::vector<double> best(candidates.size(), std::numeric_limits<double>::max());
  for (const KernelCandidate& candidate : candidates) candidate.run();  // caches, pages, code
  double spent = 0;
  for (int round = 0; round < 200 && (round < 3 || spent < kBudgetSeconds * static_cast<double>(best.size()));
       ++round) {
    for (size_t i = 0; i < candidates.size(); ++i) {
      const double start = Seconds(clock);
      candidates[i].run();
      const double seconds = Seconds(clock) - start;
      best[i] = std::min(best[i], seconds);
      spent += seconds;
    }
  }
  return best;
}

// A file that is locked while this lives.
class LockedFile {
 public:
  static absl::StatusOr<LockedFile> Open(const std::string& path, int lock) {
    LockedFile file(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (file.descriptor_ < 0) return ErrnoStatus(errno, "opening the file of kernel choices " + path);
    while (flock(file.descriptor_, lock) != 0)
      if (errno != EINTR) return ErrnoStatus(errno, "locking the file of kernel choices " + path);
    return file;
  }
  LockedFile(LockedFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockedFile& operator=(LockedFile&&) = delete;
  ~LockedFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // The first line that answers the question with one of the names.
  absl::StatusOr<std::optional<std::string>> Find(const Key& key,
                                                  const std::vector<std::string>& names) const {
    std::string text;
    char block[4096];
    for (off_t offset = 0;;) {
      const ssize_t got = pread(descriptor_, block, sizeof block, offset);
      if (got < 0) return ErrnoStatus(errno, "reading the file of kernel choices");
      if (got == 0) break;
      text.append(block, static_cast<size_t>(got));
      offset += got;
    }
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      const Json line = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      begin = end + 1;
      const auto is = [&](const char* field, const Json& value) {
        return line.contains(field) && line[field] == value;
      };
      if (!line.is_object() || !is("cpu", ProcessorName()) || !is("operator", std::get<0>(key)) ||
          !is("shape", std::get<1>(key)) || !is("threads", std::get<2>(key)) || !line.contains("kernel") ||
          !line["kernel"].is_string())
        continue;
      const auto kernel = line["kernel"].get<std::string>();
      if (std::find(names.begin(), names.end(), kernel) != names.end()) return std::optional(kernel);
    }
    return std::optional<std::string>();
  }

  absl::Status Append(const std::string& line) const {
    const std::string text = "\n" + line + "\n";  // a torn last line of someone else stays a line of its own
    for (size_t written = 0; written < text.size();) {
      const ssize_t now = write(descriptor_, text.data() + written, text.size() - written);
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) return ErrnoStatus(errno, "writing the file of kernel choices");
      written += static_cast<size_t>(now);
    }
    return absl::OkStatus();
  }

 private:
  explicit LockedFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

struct Winner {
  std::string name;
  Json seconds;
};

Winner MeasureWinner(const KernelQuestion& question, const std::vector<KernelCandidate>& candidates) {
  constexpr double kWorthwhile = 0.97;
  const std::vector<double> seconds = Measure(candidates, question.threads);
  size_t winner = 0;
  Json all = Json::object();
  for (size_t i = 0; i < candidates.size(); ++i) {
    all[candidates[i].name] = seconds[i];
    if (seconds[i] < seconds[winner] * (winner == 0 ? kWorthwhile : 1.0)) winner = i;
  }
  return {candidates[winner].name, std::move(all)};
}

}  // namespace

const std::string& ProcessorName() {
  static const std::string name = [] {
    std::ifstream info("/proc/cpuinfo");
    std::string model, family, line;
    while (std::getline(info, line) && !line.empty()) {
      const size_t colon = line.find(": ");
      if (colon == std::string::npos) continue;
      if (line.starts_with("model name")) model = line.substr(colon + 2);
      if (line.starts_with("cpu family") || line.starts_with("model\t") || line.starts_with("stepping"))
        family += "." + line.substr(colon + 2);
    }
    return model + " " + (family.empty() ? family : family.substr(1));
  }();
  return name;
}

absl::StatusOr<std::string> KernelChoices::Choose(
    const KernelQuestion& question, const std::vector<std::string>& names,
    const std::function<std::vector<KernelCandidate>()>& candidates) {
  if (names.size() == 1) return names.front();
  const Key key{question.operation, question.shape, question.threads};
  Memory& memory = TheMemory();
  const auto remembered = [&]() -> std::optional<std::string> {
    const std::scoped_lock lock(memory.mutex);
    const auto found = memory.answers.find({file_, key});
    if (found == memory.answers.end()) return std::nullopt;
    return std::find(names.begin(), names.end(), found->second) != names.end() ? std::optional(found->second)
                                                                               : std::nullopt;
  };
  const auto remember = [&](const std::string& kernel) {
    const std::scoped_lock lock(memory.mutex);
    return memory.answers.insert_or_assign({file_, key}, kernel).first->second;
  };

  // With a file, the file decides: another process may have written, or a person removed it.
  if (file_.empty()) {
    if (auto kernel = remembered()) return *kernel;
    const std::scoped_lock measuring(memory.measuring);
    if (auto kernel = remembered()) return *kernel;
    return remember(MeasureWinner(question, candidates()).name);
  }
  const std::scoped_lock measuring(memory.measuring);
  {
    ASSIGN_OR_RETURN(const LockedFile file, LockedFile::Open(file_, LOCK_SH));
    ASSIGN_OR_RETURN(const std::optional<std::string> kernel, file.Find(key, names));
    if (kernel) return *kernel;
  }
  const Winner winner = MeasureWinner(question, candidates());  // unlocked: nobody waits for a slow machine
  ASSIGN_OR_RETURN(const LockedFile file, LockedFile::Open(file_, LOCK_EX));
  ASSIGN_OR_RETURN(const std::optional<std::string> earlier, file.Find(key, names));
  if (earlier) return *earlier;
  const Json line = {{"cpu", ProcessorName()},  {"operator", question.operation},
                     {"shape", question.shape}, {"threads", question.threads},
                     {"kernel", winner.name},   {"seconds", winner.seconds}};
  RETURN_IF_ERROR(file.Append(line.dump()));
  return winner.name;
}

}  // namespace concertina
