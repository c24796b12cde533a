// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf.cc: see report_pdf.h.
#include "app/ctl/report_pdf.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr double kPrintDeadlineSeconds = 120;  // forty runs take a second or two
constexpr size_t kMaxPdfBytes = size_t{1} << 30;

absl::StatusOr<std::string> FindDesktop() {
  const auto program = FindProgram("concertina");
  if (program.ok()) return *program;
  return absl::FailedPreconditionError(
      "PDF is written by the desktop's program, concertina, which is not installed here; install it, or "
      "write "
      "HTML and print that from a browser");
}

// Qt's platform without a display, whatever the caller's is.
std::vector<std::string> OffscreenEnvironment() {
  constexpr std::string_view kPlatform = "QT_QPA_PLATFORM=";
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view(*entry).starts_with(kPlatform)) environment.emplace_back(*entry);
  environment.push_back(std::string(kPlatform) + "offscreen");
  return environment;
}

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Start(const std::vector<std::string>& arguments, const std::string& words_path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, words_path.c_str(), O_WRONLY | O_CREAT, 0600);
  const std::vector<std::string> environment = OffscreenEnvironment();
  pid_t pid = 0;
  const int error = posix_spawn(&pid, arguments[0].c_str(), &actions, nullptr, PointersTo(arguments).data(),
                                PointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, "starting " + arguments[0]);
  return pid;
}

// How it ended, as wait(2) has it; it is no more in any case.
absl::StatusOr<int> WaitFor(pid_t pid, Deadline deadline) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  bool has_ended = false;
  while (pidfd >= 0 && !has_ended && !deadline.Passed()) {
    pollfd waiting = {pidfd, POLLIN, 0};
    has_ended = poll(&waiting, 1, static_cast<int>(std::min(1e6, deadline.SecondsLeft() * 1e3)) + 1) > 0;
  }
  if (pidfd >= 0) close(pidfd);
  if (!has_ended) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!has_ended)
    return absl::DeadlineExceededError(
        fmt::format("the PDF was not printed within {} s; try again, or write HTML",
                    static_cast<int>(kPrintDeadlineSeconds)));
  return status;
}

absl::StatusOr<std::string> Print(const std::string& program, const std::string& html,
                                  const std::string& folder) {
  const std::string page = folder + "/report.html", pdf = folder + "/report.pdf", words = folder + "/words";
  RETURN_IF_ERROR(WriteFileAtomically(page, html));
  ASSIGN_OR_RETURN(const pid_t pid, Start({program, "--report", page, "--pdf", pdf}, words));
  ASSIGN_OR_RETURN(const int status, WaitFor(pid, Deadline::After(kPrintDeadlineSeconds)));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::string said = ReadFile(words, 64 << 10).value_or("");
    while (!said.empty() && said.back() == '\n') said.pop_back();
    return absl::InternalError(fmt::format("{} did not print the report: {}", program,
                                           !said.empty() ? said
                                           : WIFSIGNALED(status)
                                               ? fmt::format("it was ended by signal {}", WTERMSIG(status))
                                               : fmt::format("it ended with {}", WEXITSTATUS(status))));
  }
  return ReadFile(pdf, kMaxPdfBytes);
}

}  // namespace

absl::Status CanWriteReportPdf() { return FindDesktop().status(); }

absl::Status WriteReportPdf(const std::string& html, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string program, FindDesktop());
  ASSIGN_OR_RETURN(const std::string temporary, TemporaryFolder());
  ASSIGN_OR_RETURN(const std::string folder, MakePrivateFolder(temporary));
  const auto printed = Print(program, html, folder);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  RETURN_IF_ERROR(printed.status());
  // Here, as every other export: a full disk and an unwritable folder end alike.
  return WriteFileAtomically(path, *printed);
}

}  // namespace concertina::ctl
