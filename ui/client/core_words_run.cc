// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_run.cc: how a run ends or pauses, and what ranks say of one another.
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kRunSentences[] = {
    {QT_TRANSLATE_NOOP("Core", "rank %1 (process %2 on %3) %4, at step %5; the last lines of its log:"), "4"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 (process %2 on %3) %4, at step %5"), "4"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 (process %2) %3, at step %4; the last lines of its log:"), "3"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 (process %2) %3, at step %4"), "3"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 %2, at step %3; the last lines of its log:"), "2"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 %2, at step %3"), "2"},
    {QT_TRANSLATE_NOOP("Core", "all workers are lost; the last one: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1; the run goes on from its last checkpoint (%2 of %3 times)"), "1"},
    {QT_TRANSLATE_NOOP("Core",
                       "%1; it has no checkpoint to go on from: set /training/checkpoint_every_steps"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "%1; it has no checkpoint to go on from: the first is behind its training"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "%1; it had not joined the others yet"), "1"},
    {QT_TRANSLATE_NOOP("Core", "its results are not all on the disk: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1 of %2 workers had finished")},
    {QT_TRANSLATE_NOOP("Core", "%1 of %2 workers go on")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 was lost")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 left the group: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "nobody is left who has the parameters")},
    {QT_TRANSLATE_NOOP("Core", "it was stopped while too few were left")},
    {QT_TRANSLATE_NOOP("Core", "%1 is left, and /elastic/min_workers is %2")},
    {QT_TRANSLATE_NOOP("Core", "%1 are left, and /elastic/min_workers is %2")},
    {QT_TRANSLATE_NOOP("Core", "%1 worker left, and /elastic/min_workers is %2")},
    {QT_TRANSLATE_NOOP("Core", "the group broke up %1 times at step %2, though no worker is lost")},
    {QT_TRANSLATE_NOOP("Core", "%1 worker from step %2 on, %3 before")},
    {QT_TRANSLATE_NOOP("Core", "%1 workers from step %2 on, %3 before")},
    {QT_TRANSLATE_NOOP("Core", "%1 worker from step %2 on, %3 before: %4"), "4"},
    {QT_TRANSLATE_NOOP("Core", "%1 workers from step %2 on, %3 before: %4"), "4"},
    {QT_TRANSLATE_NOOP("Core", "as was asked")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 could not be started: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "rank %1 could not be started")},
    {QT_TRANSLATE_NOOP("Core", "the engine ended while the run went on; it has no checkpoint to go on from")},
    {QT_TRANSLATE_NOOP("Core", "the engine ended while the run went on; it goes on from step %1")},
    {QT_TRANSLATE_NOOP("Core", "the engine ended while the run went on; it can be resumed from step %1")},
    {QT_TRANSLATE_NOOP("Core", "the engine was stopped while the run went on")},
    {QT_TRANSLATE_NOOP("Core", "it was ended at once, by request")},
    {QT_TRANSLATE_NOOP("Core", "the engine is ending")},
    {QT_TRANSLATE_NOOP("Core", "the run was ended")},
    {QT_TRANSLATE_NOOP("Core",
                       "the loss is %1 at step %2 (epoch %3); the last checkpoint is kept. Try a smaller "
                       "/optimizer/learning_rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "the loss is %1 in round %2, at local step %3 of client %4; the last checkpoint is "
                       "kept. Try a smaller /optimizer/learning_rate")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "what goes from stage to stage at step %1 is not finite, try a smaller /optimizer/learning_rate")},
    {QT_TRANSLATE_NOOP("Core", "all workers are lost; there is nobody left to serve")},
    {QT_TRANSLATE_NOOP("Core", "a worker was lost while the others waited for all to be ready")},
    {QT_TRANSLATE_NOOP("Core", "a worker was lost: the group forms anew")},
    {QT_TRANSLATE_NOOP("Core", "the other workers were not ready in time")},
    {QT_TRANSLATE_NOOP("Core", "the engine formed no other group in time")},
    {QT_TRANSLATE_NOOP("Core", "the engine did not take the results in time")},
    {QT_TRANSLATE_NOOP("Core", "the engine has hung up")},
    {QT_TRANSLATE_NOOP("Core", "the engine is gone: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "this worker was given up as lost")},
    {QT_TRANSLATE_NOOP("Core", "rank %1 could not write its part of the checkpoint")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: the run stops without the checkpoint before step %2: %3"), "3"},
    {QT_TRANSLATE_NOOP("Core", "no checkpoint before step %1: a rank is lost, and its part with it")},
    {QT_TRANSLATE_NOOP("Core", "the checkpoint before step %1 took more than %2 s")},
    {QT_TRANSLATE_NOOP("Core", "there is no room for the checkpoint before step %1")},
    {QT_TRANSLATE_NOOP("Core",
                       "the disk of %1 has %2 bytes left, too few for a checkpoint of %3 and %4 to spare")},
    {QT_TRANSLATE_NOOP("Core", "the disk of %1 has %2 bytes left, too few for %3 of %4 bytes")},
    {QT_TRANSLATE_NOOP("Core", "%1; the run goes on by itself once there is room"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1, and the run stops without it"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1; the run stops without it, and keeps the one before"), "1"},
    {QT_TRANSLATE_NOOP("Core",
                       "was written by another experiment (model, optimiser or number of workers differ)")},
    {QT_TRANSLATE_NOOP("Core", "the parameters are not kept: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core",
                       "rank 0: there is no room for the model behind \"%1\"; the run stops, and can go on "
                       "behind the last step of its recipe that was kept")},
    {QT_TRANSLATE_NOOP("Core", "the servers gave no parameters for %1 s")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: connection lost")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: nothing for %2 s")},
    {QT_TRANSLATE_NOOP("Core", "ranks %1: nothing for %2 s")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: has left the run")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: has not connected; nobody was refused")},
    {QT_TRANSLATE_NOOP("Core",
                       "rank %1: is lost, and with it shard %2 of the parameters, which nobody else has")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: gave no answer for shard %2 for %3 s")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: lost rank %2 (%3); goes on with the others")},
    {QT_TRANSLATE_NOOP("Core", "rank %1: not all have come to the last mean within %2 s; a rank hangs")},
    {QT_TRANSLATE_NOOP("Core", "%1 (told by rank %2)"), "1"},
    {QT_TRANSLATE_NOOP("Core", "rank %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "run %1: %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "the rank %1 of the MPI world had ended")},
    {QT_TRANSLATE_NOOP("Core", "mpirun ended all when rank %1 of the MPI world had ended")},
    {QT_TRANSLATE_NOOP("Core", "mpirun ended with exit code %1")},
    {QT_TRANSLATE_NOOP("Core",
                       "the program %1 is missing (looked in %2); install Concertina again, or set "
                       "CONCERTINA_PROGRAMS to the folder that holds it")},
    {QT_TRANSLATE_NOOP("Core", "there is no %1 in %2; install the package %3")},
    {QT_TRANSLATE_NOOP("Core", "the engine of %1 ended before it listened: %2"), "2"},
    {QT_TRANSLATE_NOOP(
        "Core",
        "another engine (process %1) has the home %2; use that one, or give this one another --home")},
    {QT_TRANSLATE_NOOP("Core", "the disk of %1 is as good as full; nothing was taken in")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "the module %1 of the transport \"%2\" is not there (looked in %3): Concertina was built without %4. "
        "Install %5 and build it again, or take another /network/transport")},
};

constexpr Sentence kRunPhrases[] = {
    {QT_TRANSLATE_NOOP("Core", "was killed by signal %1 (%2)"), "2"},
    {QT_TRANSLATE_NOOP("Core", "could not be started: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "ended: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "ended with exit code 127 (its program could not be started)")},
    {QT_TRANSLATE_NOOP("Core", "ended with exit code %1")},
    {QT_TRANSLATE_NOOP("Core", "hung up, although it still runs")},
    {QT_TRANSLATE_NOOP("Core", "hung up, or its machine is gone")},
    {QT_TRANSLATE_NOOP("Core", "was not ready within %1 s")},
    {QT_TRANSLATE_NOOP("Core", "did not call home within %1 s")},
    {QT_TRANSLATE_NOOP("Core", "said nothing for %1 s")},
    {QT_TRANSLATE_NOOP("Core", "made no step for %1 s in phase \"%2\", and neither did any other")},
    {QT_TRANSLATE_NOOP("Core", "made no step for %1 s in phase \"%2\"")},
    {QT_TRANSLATE_NOOP("Core", "failed: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "left its group: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "did not leave its group within %1 s")},
    {QT_TRANSLATE_NOOP("Core", "broke the protocol: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "built a model of %1 parameters and %2 steps, rank 0 one of %3 and %4")},
    {QT_TRANSLATE_NOOP("Core", "is of version %1, the engine of %2: install both anew")},
    {QT_TRANSLATE_NOOP("Core", "sent a file that was refused: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "cannot be given its checkpoint: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "it has ended already")},
    {QT_TRANSLATE_NOOP("Core", "queued")},
    {QT_TRANSLATE_NOOP("Core", "starting")},
    {QT_TRANSLATE_NOOP("Core", "running")},
    {QT_TRANSLATE_NOOP("Core", "paused")},
    {QT_TRANSLATE_NOOP("Core", "stopping")},
    {QT_TRANSLATE_NOOP("Core", "finished")},
    {QT_TRANSLATE_NOOP("Core", "failed")},
    {QT_TRANSLATE_NOOP("Core", "stopped")},
};

}  // namespace

std::span<const Sentence> runSentences() { return kRunSentences; }
std::span<const Sentence> runPhrases() { return kRunPhrases; }

}  // namespace concertina::ui
