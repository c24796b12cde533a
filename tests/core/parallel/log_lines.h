// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log_lines.h: what is logged while it lives, for tests of what a person is told. Make it before the threads
// that log, and let it outlive them.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "spdlog/sinks/ostream_sink.h"

namespace concertina {

class LogLines {
 public:
  LogLines() : sink_(std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)) {
    before_.swap(spdlog::default_logger()->sinks());
    spdlog::default_logger()->sinks() = {sink_};
  }
  ~LogLines() { spdlog::default_logger()->sinks().swap(before_); }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  std::string text() const { return text_.str(); }
  int Count(const std::string& words) const {
    const std::string all = text();
    int count = 0;
    for (size_t at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++count;
    return count;
  }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_;
  std::vector<spdlog::sink_ptr> before_;
};

}  // namespace concertina
