// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_interval.cc: see checkpoint_interval.h.
#include "core/experiment/checkpoint_interval.h"

#include <algorithm>
#include <cmath>

namespace concertina {

double YoungInterval(double checkpoint_seconds, double mtbf_seconds) {
  return std::sqrt(2 * checkpoint_seconds * mtbf_seconds);
}

double DalyInterval(double checkpoint_seconds, double mtbf_seconds) {
  if (checkpoint_seconds >= 2 * mtbf_seconds) return mtbf_seconds;
  const double ratio = checkpoint_seconds / (2 * mtbf_seconds);
  return YoungInterval(checkpoint_seconds, mtbf_seconds) * (1 + std::sqrt(ratio) / 3 + ratio / 9) -
         checkpoint_seconds;
}

nlohmann::ordered_json CheckpointJson(const CheckpointCost& cost) {
  const double seconds = cost.bytes / cost.disk_bytes_per_second;
  const double mtbf_seconds = cost.worker_mtbf_hours * 3600 / std::max(1.0, cost.workers);
  return {{"bytes", cost.bytes},
          {"disk_bytes_per_second", cost.disk_bytes_per_second},
          {"measured", cost.is_measured},
          {"seconds", seconds},
          {"worker_mtbf_hours", cost.worker_mtbf_hours},
          {"mtbf_seconds", mtbf_seconds},
          {"young_seconds", YoungInterval(seconds, mtbf_seconds)},
          {"interval_seconds", DalyInterval(seconds, mtbf_seconds)}};
}

}  // namespace concertina
