// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// status.h: the one error model, from the disk to the dialog, and the two macros Debian 12's Abseil lacks.
// A message names the place (JSON pointer, file and offset, rank), what was found, what was expected and
// what to do next. kInvalidArgument: can never work. kFailedPrecondition: not in this state.
// Debian's Abseil has a string_view of its own: give it std::string, and read messages through std::string.
// kUnavailable: try again. kDataLoss: the bytes are damaged. kInternal: our mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace concertina {

// The exit codes of the command-line contract.
enum class ExitCode { kWell = 0, kRunFailed = 1, kBadInput = 2, kNoEngine = 3, kInterrupted = 130 };

// kInvalidArgument, kNotFound, kOutOfRange, kFailedPrecondition, kAlreadyExists, kPermissionDenied and
// kDataLoss are the input's fault (2); kCancelled is 130; kUnavailable 3; anything else 1.
ExitCode ExitCodeOf(const absl::Status& status);

// The same code with "context: " put before the message; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// errno as a status: "writing /a/b: No space left on device", with the code that fits
// (ENOSPC kResourceExhausted, ENOENT kNotFound, EACCES and EROFS kPermissionDenied; kInvalidArgument where
// the path can never be what is wanted, such as a folder for a file; kUnknown where this machine does not do
// its work, above all a disk with EIO; else kUnavailable: nobody is at the other end, or not yet).
absl::Status ErrnoStatus(int error_number, std::string_view what);

// The candidate nearest to `name` by edit distance, if it is near enough to be meant; else "".
std::string NearestName(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace concertina

#define CONCERTINA_CONCAT_(a, b) a##b
#define CONCERTINA_CONCAT(a, b) CONCERTINA_CONCAT_(a, b)

#define RETURN_IF_ERROR(expression)                                                   \
  do {                                                                                \
    /* a name that no member has: the expression may be one */                        \
    if (absl::Status concertina_returned = (expression); !concertina_returned.ok()) { \
      return concertina_returned;                                                     \
    }                                                                                 \
  } while (false)

#define ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                              \
  if (!result.ok()) return result.status();                \
  declaration = *std::move(result)

// ASSIGN_OR_RETURN(const Mesh mesh, Mesh::Create(spec)); returns the error, or goes on with the value.
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_(CONCERTINA_CONCAT(result_, __LINE__), declaration, expression)
