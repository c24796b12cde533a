// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// this_machine.h: what the engine's own machine has for workers: cores, memory, datasets.
// On the way of the data: the kernel -> here -> engine/local_launcher.cc, engine/engine_service_machines.cc.
#pragma once

#include <string>
#include <vector>

#include "core/engine/launcher.h"

namespace concertina {

// Numbers of the cores that this process may use, ascending: fewer than the machine has in a container or
// under taskset. Never empty.
std::vector<int> UsableCores();
// The machine as a launcher reports it, without a version of the worker.
HostReport ThisMachine();
// Names of the folders below each of `folders`, sorted, each once.
std::vector<std::string> DatasetsIn(const std::vector<std::string>& folders);

}  // namespace concertina
