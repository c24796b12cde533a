// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// analysis_words.h: core/analysis knows no languages, and says why in English ("batch norm takes …"). Here
// its sentences are found again, figures and names in them or not, and said in the person's language. On the
// way of the data: BlameObstacle, EqualityPair -> here -> ui/pages.
#pragma once

#include <QString>

namespace concertina::ui {

// With a capital and a full stop; one that is not known stays English.
QString analysisSentence(const QString& sentence);

}  // namespace concertina::ui
