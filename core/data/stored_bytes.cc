// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_bytes.cc: mmap with an owner (see stored_bytes.h).
#include "core/data/stored_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "fmt/format.h"

namespace concertina {

absl::StatusOr<StoredBytes> MapFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  struct stat about = {};
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
    close(file);
    return absl::InvalidArgumentError(fmt::format("{}: expected a file, found a folder or a device", path));
  }
  const auto size = static_cast<size_t>(about.st_size);
  if (size == 0) {  // nothing to map
    close(file);
    return StoredBytes{};
  }
  void* address = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  const int error = errno;
  close(file);
  if (address == MAP_FAILED) return ErrnoStatus(error, "mapping " + path);
  return StoredBytes{{static_cast<const uint8_t*>(address), size},
                     std::shared_ptr<const void>(
                         address, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); })};
}

StoredBytes KeepInMemory(std::vector<uint8_t> bytes) {
  auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  return StoredBytes{{owner->data(), owner->size()}, owner};
}

}  // namespace concertina
