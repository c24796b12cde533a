// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words.h: core knows no languages: what a plan warns of, what is wrong with an experiment, why a run
// has failed, comes in English, with figures and names in it. Here it is said in the person's language. On
// the way of the data: SpecFault, Plan, RunSummary, RunEvent, grpc::Status -> here -> ui.
//
// A sentence that core gains gets its line in one of the lists core_words_*.cc, and its translation in the
// catalogue (context "Core"). tests/ui/shell/core_words_test.cc tells which one is missing.
#pragma once

#include <QString>
#include <span>
#include <string>

#include "ui/client/sentence_table.h"

namespace concertina::ui {

// Line by line, and sentence by sentence where a line as a whole is not known. What is not known stays as it
// is, and so do lines of a log, which are indented.
QString coreText(const QString& text);
QString coreText(const std::string& text);

// What a fault found or expected, which is no whole sentence: "a number from 0 to 1". JSON that a person
// wrote stays as it is.
QString corePhrase(const QString& text);

// The lists. Sentences are looked for anywhere, phrases only where a sentence has one inside.
std::span<const Sentence> planSentences();
std::span<const Sentence> partSentences();
std::span<const Sentence> runSentences();
std::span<const Sentence> machineSentences();
std::span<const Sentence> eventSentences();
std::span<const Sentence> refusalSentences();
std::span<const Sentence> faultPhrases();
std::span<const Sentence> listPhrases();
std::span<const Sentence> runPhrases();

}  // namespace concertina::ui
