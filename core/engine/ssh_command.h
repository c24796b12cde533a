// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_command.h: what ssh is given, word for word, and what its complaints mean.
// On the way of the data: an entry {"launcher": "ssh", …} of /workers -> here -> engine/ssh_session.h.
//
// The client is started with a list of arguments, without a shell. But it joins the words of the remote
// command with spaces, and the user's shell on the other machine parses that: so every word of it is quoted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"

namespace concertina {

// A machine and the way to it, checked: nothing of it can be taken for an option, a token of ssh's
// configuration or the end of a line.
struct SshHost {
  std::string host, user;
  int64_t port = 22;  // 22: as ssh's own configuration says
  std::string key;    // "": the keys that ssh finds by itself
  std::string jump;
  std::string folder;
  std::string program;  // "": the engine's own, copied
  std::vector<std::string> environment;
  std::string advertise;  // "": as `host`
  std::string known_hosts;
  std::string Name() const { return user.empty() ? host : user + "@" + host; }
};
// kInvalidArgument: a value that cannot be meant; the message begins with the parameter's name.
absl::StatusOr<SshHost> SshHostOf(const Params& params);

// "A=1 B=\"two words\"": names of letters, digits and "_"; a value in double quotes may have spaces, and \"
// and \\.
absl::StatusOr<std::vector<std::string>> ParseEnvironment(std::string_view text);

// `word` for a POSIX shell: it comes out of the parsing as it went in, whatever it holds except NUL.
std::string QuoteForShell(std::string_view word);
// All words, quoted and joined.
std::string ShellCommand(std::span<const std::string> words);

// The words that have /bin/sh run `script` with `arguments` as $1, $2, …
std::vector<std::string> ScriptWords(const char* script, std::vector<std::string> arguments);

// The two ends of a forwarded Unix socket as one argument of -R; a path with a colon has no such form.
std::string SocketForwarding(const std::string& remote, const std::string& local);

enum class SshUse {
  kConnect,  // makes the connection, and holds it for the others: the control socket is its own
  kShare,    // goes through that connection, and fails at once where there is none
  kForward,  // a request to that connection: no command
};
// Arguments of the client up to and with the host; the remote command, of kConnect and kShare, comes behind.
// `control`: the path of the control socket.
std::vector<std::string> SshArguments(const SshHost& host, const std::string& program,
                                      const std::string& control, SshUse use,
                                      const std::vector<std::string>& more = {});
// ssh makes the control socket under this path and 17 characters more.
inline constexpr size_t kMaxControlPath = 107 - 17;

// Why ssh, or what it ran, ended with this exit code: in plain words, with the host's name and what to do.
// `lines`: what it wrote last.
std::string ExplainSsh(const SshHost& host, int exit_code, std::span<const std::string> lines);

}  // namespace concertina
