// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_spec.cc: what faults of an experiment found or expected (core/base, core/experiment).
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kFaultPhrases[] = {
    {QT_TRANSLATE_NOOP("Core", "nothing")},
    {QT_TRANSLATE_NOOP("Core", "the whole path, from \"/\" on, on the engine's machine")},
    {QT_TRANSLATE_NOOP("Core", "true or false")},
    {QT_TRANSLATE_NOOP("Core", "a number")},
    {QT_TRANSLATE_NOOP("Core", "a whole number")},
    {QT_TRANSLATE_NOOP("Core", "one")},
    {QT_TRANSLATE_NOOP("Core", "a number from %1 to %2")},
    {QT_TRANSLATE_NOOP("Core", "a number of at least %1")},
    {QT_TRANSLATE_NOOP("Core", "a number of at most %1")},
    {QT_TRANSLATE_NOOP("Core", "a whole number from %1 to %2")},
    {QT_TRANSLATE_NOOP("Core", "a whole number of at least %1")},
    {QT_TRANSLATE_NOOP("Core", "a whole number of at most %1")},
    {QT_TRANSLATE_NOOP("Core", "one from %1 to %2")},
    {QT_TRANSLATE_NOOP("Core", "one of at least %1")},
    {QT_TRANSLATE_NOOP("Core", "one of at most %1")},
    {QT_TRANSLATE_NOOP("Core", "a list of whole numbers, each one")},
    {QT_TRANSLATE_NOOP("Core", "a list of whole numbers, each %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "a text in quotes")},
    {QT_TRANSLATE_NOOP("Core", "one of %1")},
    {QT_TRANSLATE_NOOP("Core", "an object like {\"kind\": …}, kind one of %1")},
    {QT_TRANSLATE_NOOP("Core", "an object like %1")},
    {QT_TRANSLATE_NOOP("Core", "%1 takes no parameters")},
    {QT_TRANSLATE_NOOP("Core", "a parameter of %1: %2")},
    {QT_TRANSLATE_NOOP("Core", "a value: %1"), "1"},
    {QT_TRANSLATE_NOOP("Core", "each name once")},
    {QT_TRANSLATE_NOOP("Core", "%1 twice")},
    {QT_TRANSLATE_NOOP("Core", "more than %1 levels of brackets")},
    {QT_TRANSLATE_NOOP("Core", "at most %1")},
    {QT_TRANSLATE_NOOP("Core", "at most %1 bytes")},
    {QT_TRANSLATE_NOOP("Core", "a text of %1 bytes")},
    {QT_TRANSLATE_NOOP("Core", "%1 more faults")},
    {QT_TRANSLATE_NOOP("Core", "none")},
    {QT_TRANSLATE_NOOP("Core", "line %1, column %2")},
    {QT_TRANSLATE_NOOP("Core", "one line of at most %1 bytes")},
    {QT_TRANSLATE_NOOP("Core", "an object: {…}")},
    {QT_TRANSLATE_NOOP("Core", "%1 has none: leave it out")},
    {QT_TRANSLATE_NOOP("Core", "a list of codecs: put it in [ ]")},
    {QT_TRANSLATE_NOOP("Core", "a list of codecs, [] for none")},
    {QT_TRANSLATE_NOOP("Core", "a list of %1")},
    {QT_TRANSLATE_NOOP("Core", "a list of at most %1 like [%2]")},
    {QT_TRANSLATE_NOOP("Core", "a list of at least one like %1")},
    {QT_TRANSLATE_NOOP("Core", "a pattern of layers' names like \"conv*\"")},
    {QT_TRANSLATE_NOOP("Core", "a pattern that fits a layer with parameters: %1 and %2 more")},
    {QT_TRANSLATE_NOOP("Core", "a pattern that fits a layer with parameters: %1")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "[]: the exchange \"%1\" sends vectors of all layers together, which take the one chain of "
        "/gradient; or an exchange that averages gradients in buckets, like all-reduce")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 with this exchange (\"%2\"): nobody there adds up how gradients changed; or an "
                       "exchange in step that averages gradients, like all-reduce"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "another codec")},
    {QT_TRANSLATE_NOOP("Core",
                       "false with this exchange (\"%1\"): nobody there has what all workers sent; or "
                       "all-reduce, or a synchronous parameter-server without backup workers")},
    {QT_TRANSLATE_NOOP("Core", "%1 patterns")},
    {QT_TRANSLATE_NOOP("Core", "none with the optimiser %1: one chain takes all momentum")},
    {QT_TRANSLATE_NOOP("Core",
                       "\"adam\" with this exchange (\"%1\" with dedicated servers): momentum is averaged by "
                       "all-reduce, or by a parameter-server in step that lies with the workers")},
    {QT_TRANSLATE_NOOP("Core",
                       "\"adam\" with this exchange (\"%1\"): momentum is averaged by all-reduce, or by a "
                       "parameter-server in step that lies with the workers")},
    {QT_TRANSLATE_NOOP("Core", "no codec")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "[{\"kind\": \"onebit\"}], or another codec for the momentum that %1 averages; without, take adamw")},
    {QT_TRANSLATE_NOOP(
         "Core",
         "onebit, signsgd or another codec with error feedback that is gathered, with the optimiser %1: %2"),
     "2"},
    {QT_TRANSLATE_NOOP("Core", "the momentum would be there twice")},
    {QT_TRANSLATE_NOOP("Core", "two would add up what is sent")},
    {QT_TRANSLATE_NOOP("Core", "a vote has no size, and momentum needs one")},
    {QT_TRANSLATE_NOOP("Core", "what it sends is summed as gradients")},
    {QT_TRANSLATE_NOOP("Core", "a JSON pointer like \"/gradient/0/ratio\"")},
    {QT_TRANSLATE_NOOP("Core", "what can change while a run goes: one of %1")},
    {QT_TRANSLATE_NOOP("Core", "one policy a knob: /knobs/%1 turns it already")},
    {QT_TRANSLATE_NOOP("Core", "a setting of the type %1")},
    {QT_TRANSLATE_NOOP("Core", "a number: policies turn no others")},
    {QT_TRANSLATE_NOOP("Core", "a value of %1, from %2 to %3")},
    {QT_TRANSLATE_NOOP(
         "Core",
         "no policy with the exchange \"%1\": its workers %2; or an exchange in step, like all-reduce"),
     "2"},
    {QT_TRANSLATE_NOOP("Core",
                       "no policy with the exchange \"%1\": its workers %2; or "
                       "/exchange/goes_on_without_lost false"),
     "2"},
    {QT_TRANSLATE_NOOP("Core", "would add up their measurements, and wait in vain for one that is lost")},
    {QT_TRANSLATE_NOOP("Core",
                       "make steps of their own and would turn at different times, while a server reads "
                       "payloads by the setting that it has itself")},
    {QT_TRANSLATE_NOOP("Core", "a minimum below the maximum: found %1 and %2")},
    {QT_TRANSLATE_NOOP("Core", "an end_step of %1 or more, where it begins: found %2")},
    {QT_TRANSLATE_NOOP("Core", "a factor %1 1, which leads from %2 to %3: found %4"), "1"},
    {QT_TRANSLATE_NOOP("Core", "below")},
    {QT_TRANSLATE_NOOP("Core", "above")},
    {QT_TRANSLATE_NOOP("Core", "1 with the step \"%1\" of /recipe, which trains more than the model")},
    {QT_TRANSLATE_NOOP("Core", "more than 0, or a /recipe that begins at once")},
    {QT_TRANSLATE_NOOP("Core", "%1 steps")},
    {QT_TRANSLATE_NOOP("Core",
                       "[] with the exchange \"%1\", which trains in rounds; or an exchange that trains in "
                       "epochs, like all-reduce")},
    {QT_TRANSLATE_NOOP("Core",
                       "1 with a /recipe: layers that a step makes narrower cannot be divided any more")},
    {QT_TRANSLATE_NOOP("Core", "%1 workers")},
    {QT_TRANSLATE_NOOP("Core", "at most %1, the workers of /workers")},
    {QT_TRANSLATE_NOOP("Core", "at least %1, the workers of /workers; or 0")},
    {QT_TRANSLATE_NOOP("Core", "the name of a launcher")},
    {QT_TRANSLATE_NOOP("Core", "the launcher's name under \"launcher\"")},
    {QT_TRANSLATE_NOOP("Core", "%1, and %2 to serve"), "1"},
    {QT_TRANSLATE_NOOP("Core", "%1, the workers of /workers: change one of them, or leave /mesh/data out")},
    {QT_TRANSLATE_NOOP("Core", "an exchange between %1 workers, or one worker")},
    {QT_TRANSLATE_NOOP("Core", "auto: the launcher \"%1\" of /workers/%2 starts other processes")},
    {QT_TRANSLATE_NOOP("Core", "auto: the workers of the launcher \"%1\" of /workers/%2 are elsewhere")},
    {QT_TRANSLATE_NOOP("Core",
                       "auto, or one entry of /workers: the %1 there are would be as many MPI worlds")},
    {QT_TRANSLATE_NOOP("Core",
                       "auto: the launcher \"%1\" of /workers/%2 starts no MPI world; local and slurm do")},
    {QT_TRANSLATE_NOOP("Core",
                       "auto: between the pods of the launcher \"kubernetes\" of /workers/%1 only mutual TLS "
                       "is meant to pass")},
    {QT_TRANSLATE_NOOP("Core", "a number that divides the batch: %1; or a /training/batch_size of %2"), "12"},
    {QT_TRANSLATE_NOOP("Core", "%1 or %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "1: with %1 each worker trains the whole model of one client after another; or an "
                       "exchange that trains in epochs, like local-sgd")},
    {QT_TRANSLATE_NOOP("Core", "thread")},
    {QT_TRANSLATE_NOOP("Core", "threads")},
    {QT_TRANSLATE_NOOP("Core", "client")},
    {QT_TRANSLATE_NOOP("Core", "clients")},
    {QT_TRANSLATE_NOOP("Core", "step")},
    {QT_TRANSLATE_NOOP("Core", "steps")},
    {QT_TRANSLATE_NOOP("Core", "channels")},
    {QT_TRANSLATE_NOOP("Core", "features")},
    {QT_TRANSLATE_NOOP("Core", "a rank from 0 to %1, of /workers")},
    {QT_TRANSLATE_NOOP("Core", "more than from_step, which is %1; or 0")},
    {QT_TRANSLATE_NOOP("Core", "the rank at the link's first end")},
    {QT_TRANSLATE_NOOP("Core", "another rank than the first")},
    {QT_TRANSLATE_NOOP("Core", "ranks from 0 to %1, of /workers")},
    {QT_TRANSLATE_NOOP("Core", "one twice")},
    {QT_TRANSLATE_NOOP("Core", "each once")},
    {QT_TRANSLATE_NOOP("Core", "some of them: between nobody and all there is no link to cut")},
    {QT_TRANSLATE_NOOP("Core", "no kind of fault")},
    {QT_TRANSLATE_NOOP("Core", "one or more to be true")},
    {QT_TRANSLATE_NOOP("Core", "false with one worker")},
    {QT_TRANSLATE_NOOP("Core", "%1 of %2")},
};

}  // namespace

std::span<const Sentence> faultPhrases() { return kFaultPhrases; }

}  // namespace concertina::ui
