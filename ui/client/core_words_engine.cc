// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_engine.cc: what the engine marks in a run, and what goes wrong on machines.
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kMachineSentences[] = {
    {QT_TRANSLATE_NOOP("Core", "opening %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "reading %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "writing %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "making folder %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "making %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "looking at %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "starting %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "No such file or directory")},
    {QT_TRANSLATE_NOOP("Core", "Permission denied")},
    {QT_TRANSLATE_NOOP("Core", "No space left on device")},
    {QT_TRANSLATE_NOOP("Core", "Disk quota exceeded")},
    {QT_TRANSLATE_NOOP("Core", "Is a directory")},
    {QT_TRANSLATE_NOOP("Core", "Not a directory")},
    {QT_TRANSLATE_NOOP("Core", "Connection refused")},
    {QT_TRANSLATE_NOOP("Core", "Too many open files")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 shows another host key than the one that is known: it was installed anew, or somebody stands in "
        "between. Nothing was sent there. If you know that it is right, remove the old key (ssh-keygen -R "
        "%2) and connect once by hand to check the new one")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 is not known yet: connect to it once by hand (ssh %2) and check its key, or name "
                       "a file with its key as \"known_hosts\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "the host key of %1 could not be checked: connect to it once by hand (ssh %2)")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 does not let you in: the engine can give no password, so put a key there "
                       "(ssh-copy-id %2), name it as \"key\", and keep one with a passphrase in an agent "
                       "that the engine's environment knows (SSH_AUTH_SOCK)")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 was offered too many keys that it does not want: name the right one as \"key\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 did not answer in time: is it on, is the name or address right, and does a "
                       "firewall let ssh through (port %2)?")},
    {QT_TRANSLATE_NOOP("Core", "%1 runs no ssh server that answers on port %2")},
    {QT_TRANSLATE_NOOP("Core", "the name %1 means nothing here: check \"host\" (and \"jump\")")},
    {QT_TRANSLATE_NOOP("Core", "no way leads to %1 from here: is it on, and in the same network?")},
    {QT_TRANSLATE_NOOP("Core", "no way leads to %1 from here: is this machine connected?")},
    {QT_TRANSLATE_NOOP("Core", "the disk of %1 is full (%2)"), "2"},
    {QT_TRANSLATE_NOOP("Core", "%1 cannot be written to (%2): name another \"folder\"")},
    {QT_TRANSLATE_NOOP("Core", "the working folder cannot be made on %1 (%2): name another \"folder\"")},
    {QT_TRANSLATE_NOOP("Core", "%1 closed the connection (%2)"), "2"},
    {QT_TRANSLATE_NOOP("Core", "%1 fell silent; the connection was given up")},
    {QT_TRANSLATE_NOOP("Core", "the connection to %1 was lost; the last that was heard: %2")},
    {QT_TRANSLATE_NOOP("Core", "the connection to %1 was lost")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 has no program \"%2\"; install Concertina there, or leave \"program\" out: then "
                       "the engine's own is copied")},
    {QT_TRANSLATE_NOOP("Core",
                       "the concertina-worker of %1 is of version %2, the engine of %3: install the same "
                       "there, or leave \"program\" out: then the engine's own is copied")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 lacks a library that concertina-worker needs (%2): install Concertina there, or "
                       "its packages (packaging/setup)")},
    {QT_TRANSLATE_NOOP("Core",
                       "concertina-worker was built for another processor than that of %1: install it there "
                       "and name it as \"program\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "Rank %1 waits %2 s for you to start it, on a machine that has a kit. `concertinactl "
                       "workers lines %3` gives the line; it holds a token and is kept nowhere.")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "Rank %1 waits %2 s for you to start it on this machine (the engine has no port for others). "
        "`concertinactl workers lines %3` gives the line; it holds a token and is kept nowhere.")},
    {QT_TRANSLATE_NOOP("Core",
                       "Rank %1 waits %2 s for you to start it. `concertinactl workers lines %3` gives the "
                       "line; it holds a token and is kept nowhere.")},
    {QT_TRANSLATE_NOOP("Core",
                       "Ranks %1 to %2 wait %3 min for you to start them: %4. The file holds secrets. In the "
                       "end: kubectl delete -f \"%5\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "Rank %1's token came once more, from somebody with another certificate than the "
                       "worker that used it, and was refused. The line may have been copied.")},
    {QT_TRANSLATE_NOOP("Core",
                       "pods cannot reach the engine: it has no port for workers elsewhere (start it with "
                       "--listen and --kit)")},
    {QT_TRANSLATE_NOOP("Core", "kubectl refused: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "kubectl did not end within %1 s")},
    {QT_TRANSLATE_NOOP("Core", "sbatch did not answer in time: is slurmctld running?")},
    {QT_TRANSLATE_NOOP("Core", "sbatch did not answer within %1 s: is slurmctld running?")},
    {QT_TRANSLATE_NOOP("Core", "Slurm job %1: queued at Slurm")},
    {QT_TRANSLATE_NOOP("Core", "Slurm job %1: Slurm answers again")},
    {QT_TRANSLATE_NOOP("Core", "Slurm has not ended job %1 within %2 s; look at it with squeue --job %3")},
    {QT_TRANSLATE_NOOP("Core", "%1 has no concertina-worker that can be run where \"program\" says (%2)"),
     "2"},
    {QT_TRANSLATE_NOOP("Core", "%1 was not ready %2 s after the connection was begun")},
    {QT_TRANSLATE_NOOP("Core", "%1 did not answer within %2 s while it was made ready")},
};

constexpr Sentence kEventSentences[] = {
    {QT_TRANSLATE_NOOP("Core", "The run was paused.")},
    {QT_TRANSLATE_NOOP("Core", "The run goes on.")},
    {QT_TRANSLATE_NOOP("Core", "The run is %1."), "1"},
    {QT_TRANSLATE_NOOP("Core", "The run goes on from step %1: %2."), "2"},
    {QT_TRANSLATE_NOOP("Core", "the checkpoint before step %1 is passed over: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "This run goes on from step %1 of %2.")},
    {QT_TRANSLATE_NOOP("Core", "A checkpoint was written before step %1.")},
    {QT_TRANSLATE_NOOP("Core", "Measurements are stored again.")},
    {QT_TRANSLATE_NOOP("Core", "Measurements cannot be stored, and are kept until they can: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 could not be changed: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "%1 is %2 from step %3 on.")},
    {QT_TRANSLATE_NOOP("Core", "This exchange trains in rounds: there is no gradient of a step to count.")},
    {QT_TRANSLATE_NOOP("Core", "The gradient of step %1 was counted: %2 elements.")},
    {QT_TRANSLATE_NOOP("Core", "A timeline was recorded: %1 spans of %2 rank.")},
    {QT_TRANSLATE_NOOP("Core", "A timeline was recorded: %1 spans of %2 ranks.")},
    {QT_TRANSLATE_NOOP("Core", "A timeline could not be stored: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "Slow motion began: each message waits for its turn.")},
    {QT_TRANSLATE_NOOP("Core", "Slow motion ended, %1: %2 message had gone one at a time."), "1"},
    {QT_TRANSLATE_NOOP("Core", "Slow motion ended, %1: %2 messages had gone one at a time."), "1"},
    {QT_TRANSLATE_NOOP("Core", "since nobody let a message go for %1 s")},
    {QT_TRANSLATE_NOOP("Core", "since the group changes")},
    {QT_TRANSLATE_NOOP("Core", "since the run is to pause")},
    {QT_TRANSLATE_NOOP("Core", "since the run is to stop")},
    {QT_TRANSLATE_NOOP("Core", "It was taken in from another home.")},
    {QT_TRANSLATE_NOOP("Core", "By /faults/%1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "By hand: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "over: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "not so, %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is killed")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is frozen")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is frozen for %2 s")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is frozen until step %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "rank %1 is slow until step %2: computing takes %3 times as long, %4 ms more a step")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow until step %2: computing takes %3 times as long")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow until step %2: %3 ms more a step")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow for %2 s: computing takes %3 times as long")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow: computing takes %2 times as long, %3 ms more a step")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow: computing takes %2 times as long")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is slow: %2 ms more a step")},
    {QT_TRANSLATE_NOOP("Core", "%1 loses %2 % of its messages until step %3"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 loses %2 % of its messages for %3 s"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 loses %2 % of its messages"), "1"},
    {QT_TRANSLATE_NOOP("Core", "every link")},
    {QT_TRANSLATE_NOOP("Core", "every link of rank %1")},
    {QT_TRANSLATE_NOOP("Core", "the link of ranks %1 and %2")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is cut off from the others")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 is cut off from the others for %2 s")},
    {QT_TRANSLATE_NOOP("Core", "ranks %1 are cut off from the others")},
    {QT_TRANSLATE_NOOP("Core", "ranks %1 are cut off from the others for %2 s")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 goes on")},
};

}  // namespace

std::span<const Sentence> machineSentences() { return kMachineSentences; }
std::span<const Sentence> eventSentences() { return kEventSentences; }

}  // namespace concertina::ui
