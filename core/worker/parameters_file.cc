// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameters_file.cc: see parameters_file.h.
#include "core/worker/parameters_file.h"

#include "core/base/log.h"

namespace concertina {

absl::Status KeepParametersFile(const RoomWait& wait, Disk& disk, const std::string& run_folder,
                                std::span<const NamedTensor> tensors,
                                const std::map<std::string, std::string>& metadata, StepLoopResult& result) {
  result.parameters_path = run_folder + "/parameters.safetensors";
  const absl::Status written = KeepTrying(
      wait, [&] { return WriteSafetensors(disk, result.parameters_path, tensors, metadata).status(); });
  if (!absl::IsResourceExhausted(written)) return written;
  spdlog::warn("the parameters are not kept: {}", std::string(written.message()));
  result.stopped = true;
  result.parameters_path.clear();
  return absl::OkStatus();
}

}  // namespace concertina
