// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// target.h: what a fuzz target is. It feeds one decoder of bytes from outside, and ends the program where the
// decoder does what it must not.
// On the way of the data: tests/fuzz/driver.cc, or libFuzzer -> a target -> the decoder.
//
// A target is one file, tests/fuzz/NAME_target.cc, and defines
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)     one execution
//   FuzzInputs InputsOfTarget()                                                 where the driver begins
// Whatever ends the process is a fault: a crash, a sanitizer's report, an exception, Require, an allocation
// beyond an AllocationBound, or a deadline that passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace concertina {

using FuzzBytes = std::vector<uint8_t>;

struct FuzzInputs {
  std::vector<FuzzBytes> seeds;    // good inputs: the driver requires that the decoder accepts each
  std::vector<std::string> words;  // of the format, to be put anywhere: "null", "IHDR"
  size_t most_bytes = 4096;        // no mutation is longer
};
FuzzInputs InputsOfTarget();

// What came of this execution. The driver counts what was accepted, and goes on from inputs that were refused
// with a message of a new form: they are a step deeper in the decoder. The last of several counts.
void Note(const absl::Status& outcome);
template <class T>
void Note(const absl::StatusOr<T>& outcome) {
  Note(outcome.status());
}
// OK if the target noted nothing. Forgets it.
absl::Status TakeNote();

// Ends the program with `what` unless it holds.
void Require(bool holds, std::string_view what);

// While it lives, what this thread asks of operator new must keep within: bytes of one allocation, and of all
// together, whether freed in between or not. A decoder that believes a length before it is checked is found
// at once, without gigabytes. malloc of libraries in C is not seen.
class AllocationBound {
 public:
  struct Bytes {
    uint64_t one, all;
  };
  explicit AllocationBound(const Bytes& most);
  // The usual: at most twice what the input claims at once, four times in all, and room for messages.
  static AllocationBound OfClaimed(uint64_t claimed_bytes);
  ~AllocationBound();
  AllocationBound(const AllocationBound&) = delete;
  AllocationBound& operator=(const AllocationBound&) = delete;
};

// The input as a file without a disk: decoders that take a path are given path(). Made once, written anew.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  void Write(std::span<const uint8_t> bytes);
  const std::string& path() const { return path_; }

 private:
  int file_ = -1;
  std::string path_;
};

// Takes numbers and bytes from the front of an input; zeros and nothing once it is used up.
class InputReader {
 public:
  explicit InputReader(std::span<const uint8_t> bytes) : rest_(bytes) {}
  uint8_t Byte();
  uint64_t Number(int bytes);  // little endian, up to 8
  std::span<const uint8_t> Bytes(size_t count);
  std::span<const uint8_t> rest() const { return rest_; }

 private:
  std::span<const uint8_t> rest_;
};

}  // namespace concertina
