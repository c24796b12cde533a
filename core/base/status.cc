// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// status.cc: exit codes, errno and near names (see status.h).
#include "core/base/status.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace concertina {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kWell;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
      return ExitCode::kBadInput;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kNoEngine;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kRunFailed;
  }
}

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return {status.code(), fmt::format("{}: {}", context, std::string(status.message()))};
}

absl::Status ErrnoStatus(int error_number, std::string_view what) {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      code = absl::StatusCode::kResourceExhausted;
      break;
    case ENOENT:
      code = absl::StatusCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = absl::StatusCode::kPermissionDenied;
      break;
    case EISDIR:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      code = absl::StatusCode::kInvalidArgument;
      break;
    case EEXIST:
      code = absl::StatusCode::kAlreadyExists;
      break;
    // A disk, or what stands for one, that does not do its work: nothing that is waited for comes back, and
    // no peer is lost.
    case EIO:
    case ENXIO:
    case ENODEV:
    case EREMOTEIO:
    case EUCLEAN:
    case EBADMSG:
    case ESTALE:
    case EFBIG:
      code = absl::StatusCode::kUnknown;
      break;
    default:
      break;
  }
  return {code, fmt::format("{}: {}", what, std::strerror(error_number))};
}

std::string NearestName(std::string_view name, const std::vector<std::string>& candidates) {
  // Levenshtein distance, two rows; near enough is at most a third of the longer name, and at least 2.
  const std::string wanted = absl::AsciiStrToLower(std::string(name));
  std::string best;
  size_t best_distance = SIZE_MAX;
  for (const std::string& candidate : candidates) {
    const std::string other = absl::AsciiStrToLower(candidate);
    std::vector<size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= wanted.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= other.size(); ++j) {
        const size_t substituted = diagonal + (wanted[i - 1] != other[j - 1]);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
      }
    }
    const size_t near_enough = std::max<size_t>(2, std::max(wanted.size(), other.size()) / 3);
    if (row.back() <= near_enough && row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace concertina
