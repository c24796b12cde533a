// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_refusals.cc: what the engine refuses, and why.
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kRefusalSentences[] = {
    {QT_TRANSLATE_NOOP("Core", "it does not train yet, or not any more")},
    {QT_TRANSLATE_NOOP("Core", "it does not train now")},
    {QT_TRANSLATE_NOOP("Core", "it does not train now: messages are held back while a run trains")},
    {QT_TRANSLATE_NOOP("Core", "it does not train now, and there is nothing to record")},
    {QT_TRANSLATE_NOOP("Core", "it has one rank, which sends nothing")},
    {QT_TRANSLATE_NOOP("Core",
                       "it has a recipe, whose stretches of training begin and end by themselves; its "
                       "messages can be recorded and replayed")},
    {QT_TRANSLATE_NOOP("Core",
                       "ranks of the exchange \"%1\" do not keep step, and would give each other up as lost "
                       "while a message waits for a person; its messages can be recorded and replayed")},
    {QT_TRANSLATE_NOOP("Core",
                       "ranks of the exchange \"%1\" do not keep step, and would give each other up as lost "
                       "while a message waits for a person; its messages can be recorded and replayed, or "
                       "one at a time with /exchange/goes_on_without_lost false")},
    {QT_TRANSLATE_NOOP("Core", "it is not in slow motion; begin it first")},
    {QT_TRANSLATE_NOOP("Core", "it is not paused")},
    {QT_TRANSLATE_NOOP("Core", "it is ending")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2: steps are recorded while it trains"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2: knobs turn while a run goes on"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2: workers join and leave while a run goes on"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2: messages are held back while it trains"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2 already"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2; stop it before it is deleted"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2; it is exported whole once it has ended"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 is finished; start a new one with more epochs")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is being resumed or deleted")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is being resumed")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is in the bin; bring it back, or delete it for good first")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is here already")},
    {QT_TRANSLATE_NOOP("Core", "run %1 has no parameters: they are kept when a run finishes or is stopped")},
    {QT_TRANSLATE_NOOP("Core",
                       "run %1 has a recipe, and is not forked: `concertinactl compress %2` gives its model "
                       "to another recipe")},
    {QT_TRANSLATE_NOOP("Core",
                       "run %1 has no checkpoint at or before step %2 to go on from; the newest %3 are kept "
                       "(/training/checkpoint_every_steps, or `concertinactl checkpoint %4` while it goes)")},
    {QT_TRANSLATE_NOOP("Core",
                       "run %1 has no checkpoint to go on from; the newest %2 are kept "
                       "(/training/checkpoint_every_steps, or `concertinactl checkpoint %3` while it goes)")},
    {QT_TRANSLATE_NOOP(
         "Core",
         "run %1 has no checkpoint to go on from; start it anew (and set /training/checkpoint_every_steps; "
         "with a recipe there is one behind each of its steps): %2"),
     "2"},
    {QT_TRANSLATE_NOOP("Core",
                       "run %1 wrote no checkpoint within %2 s; --step %3 forks it from the one it has")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1: is turned by the policy \"%2\" of /knobs/%3; turn what is live of that policy, "
                       "or leave it out of the experiment")},
    {QT_TRANSLATE_NOOP("Core", "%1: cannot change while a run goes; what can is %2; did you mean %3?")},
    {QT_TRANSLATE_NOOP("Core", "%1: cannot change while a run goes; what can is %2")},
    {QT_TRANSLATE_NOOP("Core", "with %1 workers the experiment is none: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "the run was not started, since nothing can be stored")},
    {QT_TRANSLATE_NOOP("Core", "the run was not begun, since nothing can be stored: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "the run does not go on, since nothing can be stored: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "the run was not forked, since nothing can be stored: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "there is no run \"%1\"")},
    {QT_TRANSLATE_NOOP("Core", "there is no run yet")},
    {QT_TRANSLATE_NOOP("Core",
                       "nothing was recorded of this run; while it goes, `concertinactl timeline RUN "
                       "--record 20` records 20 steps")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected %2; did you mean \"%3\"?"), "12"},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected %2"), "12"},
    {QT_TRANSLATE_NOOP("Core", "and %1 more faults")},
    {QT_TRANSLATE_NOOP("Core", "line %1, column %2: this is not JSON: %3"), "3"},
    {QT_TRANSLATE_NOOP("Core", "the run was not begun, since nothing can be stored")},
    {QT_TRANSLATE_NOOP("Core", "the run does not go on, since nothing can be stored")},
    {QT_TRANSLATE_NOOP("Core",
                       "it is done, but not on the disk yet, and is written when that is possible again; "
                       "until then it is lost if the engine ends: %1"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "run %1 cannot go on yet: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1 cannot go on: the engine is ending")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is being deleted for good")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is being taken in already")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "run %1 has no recipe, and so no steps of one; `concertinactl compress %2` gives its model to one")},
    {QT_TRANSLATE_NOOP("Core", "run %1 is %2 and has not come to step %3 of its recipe yet"), "2"},
    {QT_TRANSLATE_NOOP("Core", "recordings are on their way; try again")},
    {QT_TRANSLATE_NOOP("Core", "%1 run goes on; stop it first, or ask for runs to be stopped too")},
    {QT_TRANSLATE_NOOP("Core", "%1 runs go on; stop them first, or ask for runs to be stopped too")},
    {QT_TRANSLATE_NOOP("Core", "the run has %1 workers; there is no rank %2")},
    {QT_TRANSLATE_NOOP("Core", "several machines are being tested already; try again")},
    {QT_TRANSLATE_NOOP("Core",
                       "workers join and leave where an experiment has \"elastic\", and each of its workers "
                       "the whole model, whose gradient it averages with all others in step (all-reduce)")},
    {QT_TRANSLATE_NOOP("Core",
                       "found %1 to %2, expected %3 to %4 of them (/elastic/min_workers and max_workers)"),
     "2"},
    {QT_TRANSLATE_NOOP("Core", "a note of %1 bytes; at most %2 are kept")},
    {QT_TRANSLATE_NOOP("Core", "a tag needs at least one letter")},
    {QT_TRANSLATE_NOOP("Core", "tag \"%1\" stands twice, or has spaces around it")},
    {QT_TRANSLATE_NOOP(
        "Core", "tag \"%1\" holds a comma, a quotation mark or a control character, which separate tags")},
    {QT_TRANSLATE_NOOP("Core", "%1 tags; a run has at most %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "this is no run: a file was expected that was exported in the format \"run\" (its "
                       "first bytes are CNCTRUN1)")},
    {QT_TRANSLATE_NOOP("Core", "the file is damaged at byte %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "its checksum is another")},
    {QT_TRANSLATE_NOOP("Core", "it ends at byte %1, in the middle of a record")},
    {QT_TRANSLATE_NOOP("Core", "%1 is there, though no run of this engine is in it; move it away first")},
    {QT_TRANSLATE_NOOP("Core", "its run is %1; only one that has ended can be taken in"), "1"},
    {QT_TRANSLATE_NOOP("Core", "the export was cancelled")},
    {QT_TRANSLATE_NOOP("Core", "runs have no field \"%1\"; a JSON pointer into the spec begins with /")},
    {QT_TRANSLATE_NOOP("Core", "how many steps an epoch has is not known of this run; use another x")},
    {QT_TRANSLATE_NOOP("Core", "%1: expected POINTER=JSON like /optimizer/learning_rate=0.1")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\": expected a JSON pointer like /optimizer/learning_rate")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\": expected a JSON pointer; is %2 meant?")},
    {QT_TRANSLATE_NOOP("Core", "/axes: %1 points are bad, and %2 more were not looked at")},
    {QT_TRANSLATE_NOOP("Core", "%1 (in the point \"%2\")"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 (in the point \"%2\" and %3 other)"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 (in the point \"%2\" and %3 others)"), "1"},
    {QT_TRANSLATE_NOOP("Core", "/base: %1: %2"), "2"},
};

}  // namespace

std::span<const Sentence> refusalSentences() { return kRefusalSentences; }

}  // namespace concertina::ui
