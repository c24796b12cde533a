// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// future_plugin.cc: a module of the next plugin version, which this program must refuse without running it.
#include <cstdlib>

#include "core/base/registry.h"

extern "C" int concertina_plugin_abi() { return concertina::kPluginAbiVersion + 1; }
extern "C" void concertina_plugin_register() { std::abort(); }
