// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kernel_choice.h: which of several kernels is the fastest for a shape on this processor: measured once,
// kept. On the way of the data: graph/dense_operator.cc and graph/convolution_operator.cc ask here when they
// are made.
//
// Kernels add in different orders, so their last bits differ. Choices therefore go through one file: all
// ranks and all later runs take what was written first, and the same experiment gives the same bits. The file
// has one JSON object a line: cpu, operator, shape, threads, kernel, and the seconds of each candidate. A
// line that cannot be read, or names a kernel that does not exist any more, is passed over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// The processor's name as the system tells it; vector units are part of the model. What was measured on
// another one does not hold.
const std::string& ProcessorName();

struct KernelCandidate {
  std::string name;
  std::function<void()> run;
};

struct KernelQuestion {
  std::string operation;  // "dense-forward"
  std::string shape;      // "784x300x64"
  int threads = 1;
};

// Any thread may ask. With no file, the answers live as long as the process, for all its executors.
class KernelChoices {
 public:
  explicit KernelChoices(std::string file) : file_(std::move(file)) {}

  // The name of the kernel to take. `candidates` is called only if nothing is known yet; its first candidate
  // wins unless another is at least 3 % faster, so that a draw is decided alike everywhere. With a single
  // name there is nothing to measure. Errors: those of opening, locking or writing the file.
  absl::StatusOr<std::string> Choose(const KernelQuestion& question, const std::vector<std::string>& names,
                                     const std::function<std::vector<KernelCandidate>()>& candidates);

 private:
  std::string file_;
};

}  // namespace concertina
