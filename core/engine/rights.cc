// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rights.cc: see rights.h.
#include "core/engine/rights.h"

namespace concertina {
namespace {

// A new call gets its row here; without one nobody may make it, and tests/core/engine/rights_test.cc fails.
constexpr CallRight kRights[] = {
    // A person may all that the window and the command line can do.
    {.call = "/concertina.proto.Engine/Status", .person = true},
    {.call = "/concertina.proto.Engine/Shutdown", .person = true},
    {.call = "/concertina.proto.Engine/Describe", .person = true},
    {.call = "/concertina.proto.Engine/Validate", .person = true},
    {.call = "/concertina.proto.Engine/MakePlan", .person = true},
    {.call = "/concertina.proto.Engine/GetSamples", .person = true},
    {.call = "/concertina.proto.Engine/Submit", .person = true},
    {.call = "/concertina.proto.Engine/ListRuns", .person = true},
    {.call = "/concertina.proto.Engine/GetRun", .person = true},
    {.call = "/concertina.proto.Engine/Watch", .person = true},
    {.call = "/concertina.proto.Engine/WatchRuns", .person = true},
    {.call = "/concertina.proto.Engine/ControlRun", .person = true},
    {.call = "/concertina.proto.Engine/SetKnob", .person = true},
    {.call = "/concertina.proto.Engine/ChangeWorkers", .person = true},
    {.call = "/concertina.proto.Engine/HarmWorker", .person = true},
    {.call = "/concertina.proto.Engine/StartLines", .person = true},
    {.call = "/concertina.proto.Engine/DeleteRun", .person = true},
    {.call = "/concertina.proto.Engine/RestoreRun", .person = true},
    {.call = "/concertina.proto.Engine/EmptyBin", .person = true},
    {.call = "/concertina.proto.Engine/MarkRuns", .person = true},
    {.call = "/concertina.proto.Engine/GetSparklines", .person = true},
    {.call = "/concertina.proto.Engine/ListSeries", .person = true},
    {.call = "/concertina.proto.Engine/GetSeries", .person = true},
    {.call = "/concertina.proto.Engine/ListEvents", .person = true},
    {.call = "/concertina.proto.Engine/GetLog", .person = true},
    {.call = "/concertina.proto.Engine/Export", .person = true},
    {.call = "/concertina.proto.Engine/ImportRun", .person = true},
    {.call = "/concertina.proto.Engine/GetRecipeStep", .person = true},
    {.call = "/concertina.proto.Engine/GetTimeline", .person = true},
    {.call = "/concertina.proto.Engine/SlowMotion", .person = true},
    {.call = "/concertina.proto.Engine/GetTraffic", .person = true},
    {.call = "/concertina.proto.Engine/Fork", .person = true},
    {.call = "/concertina.proto.Engine/TestLauncher", .person = true},
    {.call = "/concertina.proto.Engine/MeasureOnDevice", .person = true},
    {.call = "/concertina.proto.Engine/ExpandSweep", .person = true},
    // A worker takes its place in a run, and shows a token for that besides.
    {.call = "/concertina.proto.Home/Join", .worker = true},
    // Engines do not call each other yet.
};

}  // namespace

std::span<const CallRight> Rights() { return kRights; }

}  // namespace concertina
