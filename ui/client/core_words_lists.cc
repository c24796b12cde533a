// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_lists.cc: the same of sweeps, forks, chains of codecs and entries of launchers.
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kListPhrases[] = {
    {QT_TRANSLATE_NOOP("Core", "what the run that is forked has, %1: its checkpoint fits no other")},
    {QT_TRANSLATE_NOOP("Core", "%1 workers, as many as wrote the checkpoint")},
    {QT_TRANSLATE_NOOP("Core", "%1 steps in all")},
    {QT_TRANSLATE_NOOP("Core", "more than the %1 that the checkpoint has behind it")},
    {QT_TRANSLATE_NOOP("Core", "a field of %1: %2"), "1"},
    {QT_TRANSLATE_NOOP("Core", "a sweep")},
    {QT_TRANSLATE_NOOP("Core", "an axis")},
    {QT_TRANSLATE_NOOP("Core", "how many points are drawn")},
    {QT_TRANSLATE_NOOP("Core", "whether a round trains from the beginning, or goes on from the last")},
    {QT_TRANSLATE_NOOP("Core", "the epochs of the first round, a number above 0")},
    {QT_TRANSLATE_NOOP("Core", "the field of the experiment that is varied")},
    {QT_TRANSLATE_NOOP("Core", "a file that can be read (%1)"), "1"},
    {QT_TRANSLATE_NOOP("Core", "an experiment {…}, or the path of its file")},
    {QT_TRANSLATE_NOOP("Core", "a list of 1 to %1 like %2")},
    {QT_TRANSLATE_NOOP("Core", "a list of 1 to %1 values, or of {\"label\", \"value\"}")},
    {QT_TRANSLATE_NOOP("Core", "%1 again")},
    {QT_TRANSLATE_NOOP("Core", "each field on one axis")},
    {QT_TRANSLATE_NOOP("Core", "an object with a \"kind\", one of %1")},
    {QT_TRANSLATE_NOOP("Core", "\"values\": a grid tries each; or the search \"random\"")},
    {QT_TRANSLATE_NOOP("Core", "\"values\", or /search/samples")},
    {QT_TRANSLATE_NOOP("Core", "another field: successive halving sets the epochs itself")},
    {QT_TRANSLATE_NOOP("Core", "a /target_accuracy beside it, or another figure")},
    {QT_TRANSLATE_NOOP("Core",
                       "test_accuracy, test_loss or train_loss, which a run has at every round; or "
                       "/search/rounds \"anew\"")},
    {QT_TRANSLATE_NOOP("Core", "more than %1 runs")},
    {QT_TRANSLATE_NOOP("Core", "%1 runs")},
    {QT_TRANSLATE_NOOP("Core", "at most %1: fewer values or repeats, or a random search")},
    {QT_TRANSLATE_NOOP("Core", "a JSON pointer into the experiment, like \"/optimizer/learning_rate\"")},
    {QT_TRANSLATE_NOOP("Core", "another field: each run is named after the sweep and its point")},
    {QT_TRANSLATE_NOOP("Core", "one line of 1 to %1 bytes")},
    {QT_TRANSLATE_NOOP("Core", "values and labels that differ: {\"label\": …, \"value\": …} names one")},
    {QT_TRANSLATE_NOOP("Core", "more than %1")},
    {QT_TRANSLATE_NOOP("Core", "a number above 0, or \"uniform\": zero has no logarithm")},
    {QT_TRANSLATE_NOOP("Core", "both values and a range")},
    {QT_TRANSLATE_NOOP("Core", "neither values nor a range")},
    {QT_TRANSLATE_NOOP("Core", "\"values\", or a \"distribution\" with \"minimum\" and \"maximum\"")},
    {QT_TRANSLATE_NOOP("Core", "a bound beside values")},
    {QT_TRANSLATE_NOOP("Core", "a \"distribution\" that is \"uniform\" or \"log-uniform\", or no bound")},
    {QT_TRANSLATE_NOOP("Core", "more than 0 and at most %1, so that the first round has a %2")},
    {QT_TRANSLATE_NOOP("Core", "at most %1, the experiment's /training/epochs")},
    {QT_TRANSLATE_NOOP("Core", "%1 bad points")},
    {QT_TRANSLATE_NOOP("Core", "nothing: %1 packs the bytes of all, and is the last")},
    {QT_TRANSLATE_NOOP("Core", "one that remembers: what is not sent is kept once; take one of them away")},
    {QT_TRANSLATE_NOOP("Core", "it as the first: it remembers what all others lose")},
    {QT_TRANSLATE_NOOP("Core", "one sparsifier: the places of the second would be lost; take one away")},
    {QT_TRANSLATE_NOOP("Core", "it before the codec, which carries the values that it chooses")},
    {QT_TRANSLATE_NOOP("Core",
                       "one codec of values, which what follows would have to take as numbers; a lossless "
                       "stage like zstd takes bytes")},
    {QT_TRANSLATE_NOOP("Core",
                       "a codec that loses less than it is given: the error of %1 may be %2 times the square "
                       "of what %3 remembers and adds again")},
    {QT_TRANSLATE_NOOP("Core",
                       "it without a sparsifier: all ranks take one of what each sent of an element, and "
                       "they would send different elements")},
    {QT_TRANSLATE_NOOP("Core", "false: %1 remembers already what is not sent")},
    {QT_TRANSLATE_NOOP("Core",
                       "false: the values of %1 change their places from step to step, and what is lost of "
                       "them waits in its error_feedback")},
    {QT_TRANSLATE_NOOP("Core", "%1 after %2")},
    {QT_TRANSLATE_NOOP("Core", "letters, digits and %1 that do not begin with \"-\"")},
    {QT_TRANSLATE_NOOP("Core", "a path without quotes and control characters")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "a path that begins with / or ~/, without quotes, \"\\\", \"%\", \"#\" and control characters")},
    {QT_TRANSLATE_NOOP("Core",
                       "options of sbatch in their long form, as --constraint=avx2, with values of letters, "
                       "digits and =-_.,:;/+*&|()[]@!<>")},
    {QT_TRANSLATE_NOOP("Core", "an option that the engine does not set itself")},
    {QT_TRANSLATE_NOOP("Core", "at most the number of workers, %1")},
    {QT_TRANSLATE_NOOP("Core", "the name of a container image, as registry.lab/concertina:1")},
    {QT_TRANSLATE_NOOP("Core", "lower-case letters, digits and \"-\", at most 63")},
    {QT_TRANSLATE_NOOP("Core", "a quantity like 2Gi or 500M")},
    {QT_TRANSLATE_NOOP("Core", "a program of the image")},
    {QT_TRANSLATE_NOOP("Core", "a path on the other machine")},
    {QT_TRANSLATE_NOOP("Core", "the folder of a start-up kit for workers")},
    {QT_TRANSLATE_NOOP("Core", "a closing \" and no NUL")},
    {QT_TRANSLATE_NOOP("Core", "numbers of cores and ranges of them, as 0-3,6")},
    {QT_TRANSLATE_NOOP("Core", "cores that the engine may use: %1")},
};

}  // namespace

std::span<const Sentence> listPhrases() { return kListPhrases; }

}  // namespace concertina::ui
