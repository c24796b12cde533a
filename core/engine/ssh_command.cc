// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_command.cc: see ssh_command.h.
#include "core/engine/ssh_command.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int kSshFailed = 255;  // ssh itself, not what it ran

bool IsPlain(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// A name or an address, as ssh takes it for a host or a user.
absl::Status CheckName(std::string_view param, const std::string& value, std::string_view allowed) {
  const bool is_good = !value.empty() && value.front() != '-' && value.size() <= 255 &&
                       std::all_of(value.begin(), value.end(), [&](char c) {
                         return IsPlain(c) || allowed.find(c) != std::string_view::npos;
                       });
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: found {}, expected letters, digits and {} that do not begin with \"-\"", param,
                  ShowJson(value), allowed));
}

absl::Status CheckPathText(std::string_view param, const std::string& value) {
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"'; };
  if (std::none_of(value.begin(), value.end(), is_bad) && !value.starts_with("-")) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{}: found {}, expected a path without quotes and control characters", param, ShowJson(value)));
}

// ssh replaces tokens like %h in the paths that it is given.
std::string WithoutTokens(std::string_view path) {
  std::string escaped;
  for (const char c : path) escaped += c == '%' ? "%%" : std::string(1, c);
  return escaped;
}

// In ssh's configuration a value with spaces stands in double quotes.
std::string Option(std::string_view name, std::string_view path) {
  return fmt::format("{}=\"{}\"", name, WithoutTokens(path));
}

struct Reason {
  std::string_view sign;  // in one of the lines
  std::string_view text;  // {0}: the host, {1}: the address to give to ssh and ssh-keygen by hand
};
// In this order: what says more comes first.
constexpr Reason kReasons[] = {
    {"REMOTE HOST IDENTIFICATION HAS CHANGED",
     "{0} shows another host key than the one that is known: it was installed anew, or somebody stands in "
     "between. "
     "Nothing was sent there. If you know that it is right, remove the old key (ssh-keygen -R {1}) and "
     "connect once "
     "by hand to check the new one"},
    {"host key is known for",
     "{0} is not known yet: connect to it once by hand (ssh {0}) and check its key, or name a file with its "
     "key as "
     "\"known_hosts\""},
    {"Host key verification failed",
     "the host key of {0} could not be checked: connect to it once by hand (ssh {0})"},
    {"Bad owner or permissions",
     "a file of ssh's configuration may be changed by others, and so is not used: {line}"},
    {"Permission denied (",
     "{0} does not let you in: the engine can give no password, so put a key there (ssh-copy-id {0}), name "
     "it as "
     "\"key\", and keep one with a passphrase in an agent that the engine's environment knows "
     "(SSH_AUTH_SOCK)"},
    {"Too many authentication failures",
     "{0} was offered too many keys that it does not want: name the right one as \"key\""},
    {"timed out",
     "{0} did not answer in time: is it on, is the name or address right, and does a firewall let ssh "
     "through (port "
     "{2})?"},
    {"Connection refused", "{0} runs no ssh server that answers on port {2}"},
    {"Could not resolve hostname", "the name {0} means nothing here: check \"host\" (and \"jump\")"},
    {"No route to host", "no way leads to {0} from here: is it on, and in the same network?"},
    {"Network is unreachable", "no way leads to {0} from here: is this machine connected?"},
    {"forwarding request failed",
     "the ssh server of {0} does not let a socket be forwarded: it needs AllowStreamLocalForwarding yes (or "
     "remote) "
     "and AllowTcpForwarding yes in its sshd_config"},
    {"administratively prohibited",
     "the ssh server of {0} does not let a socket be forwarded: it needs AllowStreamLocalForwarding yes (or "
     "remote) "
     "and AllowTcpForwarding yes in its sshd_config"},
    {"Session open refused by peer",
     "the ssh server of {0} allows no more sessions in one connection (MaxSessions in its sshd_config)"},
    {"error while loading shared libraries",
     "{0} lacks a library that concertina-worker needs ({line}): install Concertina there, or its packages "
     "(packaging/setup)"},
    {"Exec format error",
     "concertina-worker was built for another processor than that of {0}: install it there and "
     "name it as \"program\""},
    {"No space left on device", "the disk of {0} is full ({line})"},
    {"Read-only file system", "{0} cannot be written to ({line}): name another \"folder\""},
    {"mkdir: ", "the working folder cannot be made on {0} ({line}): name another \"folder\""},
    {"too long for Unix domain socket", "the run's folder has too long a path for a socket ({line})"},
    {"Connection closed by", "{0} closed the connection ({line})"},
    {"Connection reset by", "{0} closed the connection ({line})"},
    {"Broken pipe", "the connection to {0} was lost"},
    {"Timeout, server", "{0} fell silent; the connection was given up"},
};

std::string Filled(std::string_view text, const SshHost& host, const std::string& line) {
  const std::string at_port = host.port == 22 ? host.host : fmt::format("\"[{}]:{}\"", host.host, host.port);
  const std::pair<std::string_view, std::string> values[] = {
      {"{0}", host.Name()}, {"{1}", at_port}, {"{2}", std::to_string(host.port)}, {"{line}", line}};
  std::string filled(text);
  for (const auto& [name, value] : values)
    for (size_t at = filled.find(name); at != std::string::npos; at = filled.find(name, at + value.size()))
      filled.replace(at, name.size(), value);
  return filled;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseEnvironment(std::string_view text) {
  std::vector<std::string> entries;
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  for (size_t i = 0;;) {
    while (i < text.size() && is_space(text[i])) ++i;
    if (i == text.size()) return entries;
    std::string entry;
    while (i < text.size() && (IsPlain(text[i]) || text[i] == '_')) entry += text[i++];
    if (entry.empty() || std::isdigit(static_cast<unsigned char>(entry[0])) != 0 || i == text.size() ||
        text[i] != '=')
      return absl::InvalidArgumentError(fmt::format(
          "environment: found {} at character {}, expected NAME=VALUE", ShowJson(std::string(text)), i));
    entry += text[i++];
    bool quoted = false;
    for (; i < text.size() && (quoted || !is_space(text[i])); ++i) {
      const bool escapes = quoted && text[i] == '\\' && i + 1 < text.size();
      if (text[i] == '"')
        quoted = !quoted;
      else
        entry += escapes ? text[++i] : text[i];
    }
    if (quoted || entry.find('\0') != std::string::npos)
      return absl::InvalidArgumentError(fmt::format("environment: found {}, expected a closing \" and no NUL",
                                                    ShowJson(std::string(text))));
    entries.push_back(std::move(entry));
  }
}

absl::StatusOr<SshHost> SshHostOf(const Params& params) {
  SshHost host{.host = params.Text("host"),
               .user = params.Text("user"),
               .port = params.Integer("port"),
               .key = params.Text("key"),
               .jump = params.Text("jump"),
               .folder = params.Text("folder"),
               .program = params.Text("program"),
               .environment = {},
               .advertise = params.Text("advertise"),
               .known_hosts = params.Text("known_hosts")};
  RETURN_IF_ERROR(CheckName("host", host.host, "._-:%"));
  if (!host.user.empty()) RETURN_IF_ERROR(CheckName("user", host.user, "._-"));
  if (!host.jump.empty()) RETURN_IF_ERROR(CheckName("jump", host.jump, "._-:%@,[]"));
  if (!host.advertise.empty()) RETURN_IF_ERROR(CheckName("advertise", host.advertise, "._-:%"));
  RETURN_IF_ERROR(CheckPathText("key", host.key));
  RETURN_IF_ERROR(CheckPathText("folder", host.folder));
  RETURN_IF_ERROR(CheckPathText("program", host.program));
  RETURN_IF_ERROR(CheckPathText("known_hosts", host.known_hosts));
  if (host.folder.empty())
    return absl::InvalidArgumentError("folder: found \"\", expected a path on the other machine");
  ASSIGN_OR_RETURN(host.environment, ParseEnvironment(params.Text("environment")));
  return host;
}

std::string QuoteForShell(std::string_view word) {
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";  // out of the quotes, a quote of its own, and in again
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string ShellCommand(std::span<const std::string> words) {
  std::string command;
  for (const std::string& word : words) command += (command.empty() ? "" : " ") + QuoteForShell(word);
  return command;
}

std::vector<std::string> ScriptWords(const char* script, std::vector<std::string> arguments) {
  std::vector<std::string> words = {"/bin/sh", "-c", script, "concertina"};
  words.insert(words.end(), std::make_move_iterator(arguments.begin()),
               std::make_move_iterator(arguments.end()));
  return words;
}

std::string SocketForwarding(const std::string& remote, const std::string& local) {
  return WithoutTokens(remote) + ":" + WithoutTokens(local);
}

std::vector<std::string> SshArguments(const SshHost& host, const std::string& program,
                                      const std::string& control, SshUse use,
                                      const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {program, "-T", "-x", "-a"};
  const auto add = [&](std::string option) {
    arguments.emplace_back("-o");
    arguments.push_back(std::move(option));
  };
  add("BatchMode=yes");  // it never asks: there is nobody to answer
  add("StrictHostKeyChecking=yes");
  add("LogLevel=INFO");  // its complaints are read
  add("RemoteCommand=none");
  add("PermitLocalCommand=no");
  add(Option("ControlPath", control));
  add("ControlPersist=no");  // the connection ends with the process that holds it
  if (!host.known_hosts.empty()) {
    add(Option("UserKnownHostsFile", host.known_hosts));
    add("GlobalKnownHostsFile=/dev/null");
  }
  if (use == SshUse::kConnect) {
    add("ControlMaster=yes");
    add("ConnectTimeout=10");
    add("ServerAliveInterval=5");
    add("ServerAliveCountMax=3");
    add("ClearAllForwardings=yes");  // of the user's configuration
    if (!host.key.empty()) {
      add("IdentitiesOnly=yes");
      arguments.insert(arguments.end(), {"-i", WithoutTokens(host.key)});
    }
    if (!host.jump.empty()) arguments.insert(arguments.end(), {"-J", host.jump});
  } else {
    add("ControlMaster=no");
    // Where the connection is gone the client would make one of its own; the way there is closed.
    add("ProxyCommand=/bin/false");
    if (use == SshUse::kShare) add("ClearAllForwardings=yes");
  }
  if (host.port != 22) arguments.insert(arguments.end(), {"-p", std::to_string(host.port)});
  if (!host.user.empty()) arguments.insert(arguments.end(), {"-l", host.user});
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.end(), {"--", host.host});
  return arguments;
}

std::string ExplainSsh(const SshHost& host, int exit_code, std::span<const std::string> lines) {
  for (const Reason& reason : kReasons)
    for (const std::string& line : lines)
      if (line.find(reason.sign) != std::string::npos) return Filled(reason.text, host, line);
  if (exit_code == 127 || exit_code == 126)
    return fmt::format("{} has no concertina-worker that can be run where \"program\" says ({})", host.Name(),
                       lines.empty() ? "no such file" : lines.back());
  const std::string words = lines.empty() ? "" : fmt::format("; the last that was heard: {}", lines.back());
  if (exit_code == kSshFailed) return fmt::format("the connection to {} was lost{}", host.Name(), words);
  return fmt::format("what was run on {} ended with exit code {}{}", host.Name(), exit_code, words);
}

}  // namespace concertina
