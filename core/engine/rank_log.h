// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_log.h: what a worker wrote to its standard output and error, line by line in a file of bounded size.
// On the way of the data: engine/local_launcher.cc -> here -> GetLog, and the error of a run that failed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// Cuts bytes into lines and appends them to a file. Owned by the launcher's thread. A disk that is full costs
// the log, never the run.
class RankLog {
 public:
  static constexpr size_t kMaxLineBytes = 4096;       // longer lines are cut in pieces
  static constexpr int64_t kMaxFileBytes = 16 << 20;  // then one line says so, and no more is kept

  RankLog(const std::string& path, std::function<void(const std::string&)> on_line);
  ~RankLog();
  RankLog(const RankLog&) = delete;
  RankLog& operator=(const RankLog&) = delete;

  void Add(std::string_view bytes);
  void Finish();  // the last line may lack its end

 private:
  void Line(const std::string& bytes);

  const std::function<void(const std::string&)> on_line_;
  int file_ = -1;
  int64_t file_bytes_ = 0;
  std::string partial_;
};

// The last `count` lines of a file; none if there is no such file. Reads at most 1 MiB from its end.
std::vector<std::string> LastLines(const std::string& path, int count);

}  // namespace concertina
