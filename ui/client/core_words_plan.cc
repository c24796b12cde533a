// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_plan.cc: what a plan warns of (core/experiment/plan_warnings.cc, layer_chains.cc, the exchanges'
// Warnings).
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kPlanSentences[] = {
    {QT_TRANSLATE_NOOP("Core",
                       "%1 sends gradients and parameters unencrypted, and lets in whoever reaches its "
                       "ports: between machines it is for a network that you trust; grpc encrypts")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "bytes are counted where they are handed to %1; what it adds to them on its way is not known")},
    {QT_TRANSLATE_NOOP("Core",
                       "mpirun ends all workers when one of them dies: a loss that the exchange would "
                       "survive ends the run; while it runs, its own port is open to the network of this "
                       "machine, which should be one that you trust")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 workers of %2 %3 share the %4 cores of this machine: they work one after the "
                       "other, and their times say little about a cluster"),
     "3"},
    {QT_TRANSLATE_NOOP("Core",
                       "payloads that do not sum are gathered: with %1 workers this sends more (%2 MB a step "
                       "and worker) than no compression would (%3 MB)")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "payloads of %1 do not sum and are gathered: on a tensor axis of %2 this sends more (%3 "
        "MB a step and worker) than no codec would (%4 MB)")},
    {QT_TRANSLATE_NOOP("Core",
                       "one copy of the model exchanges no gradient, so %1 saves nothing; its loss of "
                       "accuracy can be seen all the same")},
    {QT_TRANSLATE_NOOP("Core", "the workers here need about %1 GB, and this machine has %2 GB")},
    {QT_TRANSLATE_NOOP("Core",
                       "momentum acts twice: in %1, and in the optimiser after it; set /optimizer/%2 to 0")},
    {QT_TRANSLATE_NOOP("Core",
                       "the run ends within the warm-up of %1 steps, and nothing is compressed: take a "
                       "smaller /optimizer/warm_up_steps than %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "what %1 does not send of a gradient is lost for good, and it errs to one side: "
                       "training may stay behind, or go nowhere; set %2 to true, unless that is what you "
                       "want to see")},
    {QT_TRANSLATE_NOOP("Core", "the dataset has no test samples: there will be no test accuracy")},
    {QT_TRANSLATE_NOOP("Core", "the run ends after %1 of the %2 steps of its first epoch")},
    {QT_TRANSLATE_NOOP("Core",
                       "batch norm takes the statistics of each micro-batch of %1 samples: %2 micro-batches "
                       "do not give quite the parameters of one worker with the whole batch")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "micro-batches of %1 samples cost as much as of %2, in arithmetic and in bytes between stages: take "
        "a /training/batch_size of %3, or fewer /pipeline/micro_batches")},
    {QT_TRANSLATE_NOOP(
        "Core", "after a failure the run has nothing to go on from: set /training/checkpoint_every_steps")},
    {QT_TRANSLATE_NOOP("Core", "/faults/%1 comes at step %2, and the run ends after %3")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "the slowest of the %1 stages has %2 times the arithmetic of the mean: the others wait for it")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "batch norm: a client's last, smaller batch is filled up with its own samples over again for the "
        "statistics, and the clients' running statistics are averaged by their samples")},
    {QT_TRANSLATE_NOOP("Core",
                       "batch norm uses each worker's own batch: several workers do not give quite the "
                       "parameters of one worker with the same global batch")},
    {QT_TRANSLATE_NOOP("Core",
                       "bytes are foretold with %1 as it stands, and /knobs/%2 turns it while the run goes")},
    {QT_TRANSLATE_NOOP("Core",
                       "/layer_gradients/%1 (\"%2\") is used by no layer: all that it fits are taken by "
                       "patterns before it")},
    {QT_TRANSLATE_NOOP("Core", "the codecs of /gradient are used by no layer: /layer_gradients takes all")},
    {QT_TRANSLATE_NOOP("Core",
                       "one-shot sends the gradient to each of %1 other workers whole, %2 times as much as "
                       "two-shot: it is for small models")},
    {QT_TRANSLATE_NOOP("Core", "groups of %1 among %2 workers leave one level only: it goes as %3")},
    {QT_TRANSLATE_NOOP("Core",
                       "recompress: between 2 workers it sends as much as gathering does, and loses more; it "
                       "is for 3 and more")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 workers apply their gradients one by one, each with the whole learning rate of %2 and about %3 "
        "updates late: training may diverge, or stay at the accuracy of a guess (0.1 with ten classes). Set "
        "/exchange/damping to \"workers\" (the learning rate over %4) or \"inverse\" (over 1 + staleness), "
        "or take a smaller /optimizer/learning_rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "the parameters are spread over the workers themselves: if one of the first %1 is "
                       "lost, the run fails; with /exchange/dedicated_servers any worker can be")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 compresses differences of parameters, not gradients: the codec's momentum, and what it "
        "gathers, push the public copies beyond the parameters; take top-k without error_feedback")},
    {QT_TRANSLATE_NOOP("Core", "a round has %1 %2 for %3 workers: some have nothing to do"), "2"},
    {QT_TRANSLATE_NOOP("Core",
                       "who meets the deadline of a round depends on measured time: the same seed need not "
                       "give the same bits")},
    {QT_TRANSLATE_NOOP("Core",
                       "the codec acts on each client's change of the parameters, once a round and without "
                       "memory of earlier rounds; federated/upload_bytes counts its payloads, and what the "
                       "workers send one another stays uncompressed")},
    {QT_TRANSLATE_NOOP("Core",
                       "the workers average every %1 steps and the run has %2: they agree once, at its end")},
    {QT_TRANSLATE_NOOP("Core",
                       "one worker averages with nobody: only the outer step is left of this exchange")},
    {QT_TRANSLATE_NOOP("Core", "one worker has no neighbours to mix with: it trains alone")},
    {QT_TRANSLATE_NOOP("Core",
                       "exponential, %1 workers: spectral gap 1, differences between workers are gone after "
                       "%2 %3 of mixing"),
     "3"},
    {QT_TRANSLATE_NOOP("Core",
                       "%1, %2 workers: spectral gap %3, mixing alone takes %4 % of the differences between "
                       "workers away a step")},
    {QT_TRANSLATE_NOOP("Core",
                       "the spectral gap is small: workers will differ much. A graph with shorter ways, such "
                       "as torus, or a smaller learning rate helps")},
    {QT_TRANSLATE_NOOP("Core", "%1 is a prime number, so the torus is a ring")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1, %2 workers, of which %3 only answer: spectral gap %4 a step, when all step at one pace")},
    {QT_TRANSLATE_NOOP(
        "Core", "runs of the same seed differ: who averages with whom before what depends on who is sooner")},
};

}  // namespace

std::span<const Sentence> planSentences() { return kPlanSentences; }

}  // namespace concertina::ui
