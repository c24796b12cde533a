// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf.cc: see report_pdf.h.
#include "app/ctl/report_pdf.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "core/base/child_process.h"
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

absl::StatusOr<std::string> Print(const std::string& program, const std::string& html,
                                  const std::string& folder) {
  const std::string page = folder + "/report.html", pdf = folder + "/report.pdf";
  RETURN_IF_ERROR(WriteFileAtomically(page, html));
  // Qt's platform without a display, whatever the caller's is.
  const ChildAnswer answer = RunToEnd(
      {.arguments = {program, "--report", page, "--pdf", pdf}, .environment = {"QT_QPA_PLATFORM=offscreen"}},
      Deadline::After(kPrintDeadlineSeconds));
  if (absl::IsDeadlineExceeded(answer.status))
    return absl::DeadlineExceededError(fmt::format(
        "the PDF was not printed within {:.0f} s; try again, or write HTML", kPrintDeadlineSeconds));
  RETURN_IF_ERROR(answer.status);
  const int exit_code = answer.exit.exit_code, signal = answer.exit.signal;
  if (signal != 0 || exit_code != 0) {
    const std::string words(absl::StripTrailingAsciiWhitespace(answer.output));
    return absl::InternalError(fmt::format("{} did not print the report: {}", program,
                                           !words.empty() ? words
                                           : signal != 0  ? fmt::format("it was ended by signal {}", signal)
                                                          : fmt::format("it ended with {}", exit_code)));
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
