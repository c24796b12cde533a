// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// provision.h: an authority of one's own in a folder, and the start-up kits that it signs.
// On the way of the data: concertinactl provision -> here -> kits, carried to the machines that need them.
//
//   OUT/authority/   authority.crt, authority.key (0600), crl.pem, issued/ROLE-NAME.SERIAL.crt
//   OUT/ROLE-NAME/   a kit (security/kit.h): engine-main, worker-pool-a, person-ada
// The authority's key never leaves its folder; keep that folder where no worker and no guest comes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/security/identity_name.h"

namespace concertina {

struct ProvisionRequest {
  std::string folder;
  std::string engine_name;     // "": "main", or the one that is there
  std::string engine_address;  // HOST:PORT; "": kDefaultEngineAddress, or that of the engine's kit
  std::vector<std::string> workers, persons;  // names
  double valid_days = 365;
  std::vector<std::string>
      renewed;  // "ROLE/NAME" or NAME: a new key and certificate into the kit that is there
};
inline constexpr const char* kDefaultEngineAddress = "localhost:7717";

struct ProvisionedKit {
  IdentityName identity;
  std::string folder;
  std::string engine_address;
  int64_t expires_unix = 0;
  std::string state;  // "made", "renewed", "kept"
};

// Makes what is missing and replaces nothing but what is to be renewed. All kits of the request, the engine's
// first. Errors: kInvalidArgument (a name, an address), kAlreadyExists (the address is not that of the kit
// that is there), kPermissionDenied (the folder is open to others), kUnavailable (another provision works in
// it now), and those of the disk.
absl::StatusOr<std::vector<ProvisionedKit>> Provision(const ProvisionRequest& request);

struct Revocation {
  IdentityName identity;
  std::vector<std::string> serials;  // every certificate that this identity ever got
  std::vector<std::string> lists;    // files that have the new list
};
// `name` as in ProvisionRequest::renewed. The list goes to the authority's folder and into every kit below
// the folder; kits elsewhere need the file copied. kNotFound names the nearest identity.
absl::StatusOr<Revocation> RevokeIdentity(const std::string& folder, const std::string& name);

}  // namespace concertina
