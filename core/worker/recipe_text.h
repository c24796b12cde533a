// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_text.h: a step of a recipe in words, as charts, tables and recipe-K.json name it.
// On the way of the data: experiment/spec.h's recipe -> here -> worker/recipe_loop.cc.
#pragma once

#include <string>

#include "core/base/descriptor.h"

namespace concertina {

// "prune-l1: amount 0.9": the parameters that are not as they are when left out, or else the first of them.
std::string RecipeStepText(const Params& step);

}  // namespace concertina
