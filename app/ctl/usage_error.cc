// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// usage_error.cc: CLI11 says of a command that there is none "A subcommand is required", and names a wrong
// option behind the words that follow it; so the words that it left over are looked at here (see
// usage_error.h).
#include "app/ctl/usage_error.h"

#include <limits>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

constexpr size_t kFewCommands = 10;

std::vector<std::string> CommandsOf(const CLI::App& parser) {
  std::vector<std::string> names;
  for (const CLI::App* command : parser.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// Its own, and those that hold everywhere.
std::vector<std::string> OptionsOf(const CLI::App& parser) {
  std::vector<std::string> names;
  for (const CLI::App* at = &parser; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string Meant(const std::string& word, const std::vector<std::string>& names) {
  const std::string nearest = NearestName(word, names);
  return nearest.empty() ? "" : fmt::format("; is \"{}\" meant?", nearest);
}

// CLI11 writes out the largest number that there is where a range has no end: 316 digits.
std::string WordsOf(const CLI::ParseError& error) {
  std::string words = error.what();
  const size_t range = words.find(" not in range ");
  const std::string no_end = " to " + std::to_string(std::numeric_limits<double>::max());
  if (range != std::string::npos && words.find(no_end, range) != std::string::npos)
    words.replace(range, std::string::npos, " is too small");
  return words;
}

}  // namespace

std::string UsageError(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* parser = &app;
  std::string place;  // "bench train: "
  std::string command = app.get_name();
  while (!parser->get_subcommands().empty()) {
    parser = parser->get_subcommands().back();
    command += ' ' + parser->get_name();
    place += (place.empty() ? "" : " ") + parser->get_name();
  }
  if (!place.empty()) place += ": ";
  const bool wants_command = parser->get_require_subcommand_min() > 0;
  const std::string next = fmt::format(" (`{} --help`)", command);

  if (const std::vector<std::string> left_over = app.remaining(/*recurse=*/true); !left_over.empty()) {
    const std::string word = left_over.front().substr(0, left_over.front().find('='));
    if (word.size() > 1 && word[0] == '-')
      return fmt::format("{}there is no option \"{}\"{}{}", place, Shortened(word),
                         Meant(word, OptionsOf(*parser)), next);
    if (wants_command)
      return fmt::format("{}there is no command \"{}\"{}{}", place, Shortened(word),
                         Meant(word, CommandsOf(*parser)), next);
    return fmt::format("{}\"{}\" is a word too many{}", place, Shortened(left_over.front()), next);
  }
  if (wants_command) {
    const std::vector<std::string> commands = CommandsOf(*parser);
    return fmt::format("{}a command is missing{}{}", place,
                       commands.size() <= kFewCommands ? fmt::format(": {}", fmt::join(commands, ", "))
                                                       : std::string(", such as run or list"),
                       next);
  }
  return fmt::format("{}{}{}", place, WordsOf(error), next);
}

}  // namespace concertina::ctl
