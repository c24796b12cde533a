// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// revocation_list.h: certificates that are believed no longer (RFC 5280, 5), made, added to and looked up;
// and the file of one, read again when it changes. On the way of the data: concertinactl provision --revoke
// -> here -> proto/tls_port.h.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"
#include "core/security/authority.h"

namespace concertina {

// A new list, empty, in PEM. It names no day on which it ends soon (ten years): it is a file that is
// replaced, not one that is fetched, and a list that nobody refreshed must not open the door again.
absl::StatusOr<std::string> MakeRevocationList(const Authority& authority);

// The list and one certificate more, signed anew under the next number. One that stands there stays there
// once. kInvalidArgument: no list, or no certificate; kPermissionDenied: of another authority.
absl::StatusOr<std::string> AddToRevocationList(const Authority& authority, const std::string& list_pem,
                                                const std::string& certificate_pem);

// Serial numbers, hexadecimal. kPermissionDenied: not signed by that authority.
absl::StatusOr<std::set<std::string>> ReadRevocationList(const std::string& list_pem,
                                                         const std::string& authority_pem);

// The list of a kit that is in use. Any thread.
class RevocationWatch {
 public:
  // kNotFound and the errors of ReadRevocationList: a door is not opened without its list.
  static absl::StatusOr<std::unique_ptr<RevocationWatch>> Open(const std::string& list_file,
                                                               const std::string& authority_file);

  bool IsRevoked(const std::string& serial) const;
  // Reads the file again, a few kB. True if the list is another now. A file that cannot be read or believed
  // leaves the list as it was, and says so in the log, once for each change.
  bool Refresh();

 private:
  RevocationWatch(std::string list_file, std::string authority_file)
      : list_file_(std::move(list_file)), authority_file_(std::move(authority_file)) {}
  absl::StatusOr<std::set<std::string>> Read() const;

  const std::string list_file_, authority_file_;
  mutable absl::Mutex mutex_;
  std::set<std::string> serials_ ABSL_GUARDED_BY(mutex_);
  std::string complaint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace concertina
