// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// analysis_words.cc: see analysis_words.h.
#include "ui/client/analysis_words.h"

#include <QCoreApplication>

#include "ui/client/sentence_table.h"

namespace concertina::ui {
namespace {

// As core/analysis/blame.cc, equality.cc and layer_table.cc write them; %1, %2, … stand in their order for
// what is filled in. tests/ui/shell/translation_test.cc holds this list to theirs.
constexpr Sentence kSentences[] = {
    {QT_TRANSLATE_NOOP("Analysis", "a single worker waits for nobody")},
    {QT_TRANSLATE_NOOP(
        "Analysis", "the workers are on several hosts, and arrivals on different clocks cannot be compared")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "the workers do not wait for one another: each takes its steps at its own pace")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "there is no gradient codec: gradients travel whole, and nothing is left behind")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "workers and their centre exchange differences of parameters, not gradients: what a "
                       "codec leaves of those is not measured by layer")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "neighbours exchange parameters, not gradients: what a codec leaves of those is not "
                       "measured by layer")},
    {QT_TRANSLATE_NOOP(
        "Analysis",
        "clients send how far they came in a round, not gradients: what a codec leaves of that "
        "is not measured by layer")},
    {QT_TRANSLATE_NOOP(
        "Analysis",
        "the exchange is asynchronous: gradients are of parameters that are some steps old, in "
        "an order that depends on who comes first")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "gossip averages with neighbours only: every rank has parameters of its own, which "
                       "agree in the limit")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "ranks take local steps between averages: each follows its own gradients for a while, "
                       "which is another training")},
    {QT_TRANSLATE_NOOP(
        "Analysis",
        "federated clients train on their own data for whole rounds, and only then are averaged")},
    {QT_TRANSLATE_NOOP("Analysis", "the exchange \"%1\" makes no promise to equal one worker")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "the gradient codec \"%1\" loses something of each gradient, as it is meant to")},
    {QT_TRANSLATE_NOOP(
        "Analysis",
        "under the partition \"%1\" a global batch does not hold the samples that one worker's "
        "would")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "batch norm takes mean and variance of each worker's own batch, one worker those of "
                       "the whole global batch: the two differ by design")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "dropout draws its masks by the place in a worker's own batch, which is another place "
                       "in the global batch")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "sums in another order round differently, and %1 divides by the root of the second "
                       "moment: %2 units of 2^-24 for each of %3 steps")},
    {QT_TRANSLATE_NOOP("Analysis",
                       "sums in another order round differently: %1 units of 2^-24, that of a 32-bit float, "
                       "for each of %2 steps")},
};

}  // namespace

QString analysisSentence(const QString& sentence) {
  static const SentenceTable table("Analysis", {kSentences});
  QString text = table.said(sentence).value_or(sentence);
  if (text.isEmpty()) return text;
  text[0] = text[0].toUpper();
  //: the end of a sentence
  return QCoreApplication::translate("Analysis", "%1.").arg(text);
}

}  // namespace concertina::ui
