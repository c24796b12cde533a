// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log.cc: see log.h.
#include "core/base/log.h"

#include <cstdlib>

#include "spdlog/sinks/stdout_sinks.h"

namespace concertina {

void InitLogging(const std::string& program, spdlog::level::level_enum default_level) {
  auto logger = spdlog::stderr_logger_mt(program);
  logger->set_pattern("%H:%M:%S.%e %n %l: %v");
  const char* wanted = std::getenv("CONCERTINA_LOG");
  logger->set_level(wanted != nullptr ? spdlog::level::from_str(wanted) : default_level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

}  // namespace concertina
