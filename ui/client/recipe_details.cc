// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_details.cc: see recipe_details.h.
#include "ui/client/recipe_details.h"

namespace concertina::ui {

void RecipeDetails::setRun(const QString& run) {
  if (run == run_) return;
  run_ = run;
  steps_.clear();
  errors_.clear();
  asked_.clear();
  emit changed();
}

void RecipeDetails::want(int index) {
  if (run_.isEmpty() || index < 0) return;
  ask(0);
  if (index != 0) ask(index);
}

const StepDetail* RecipeDetails::step(int index) const {
  const auto found = steps_.constFind(index);
  return found == steps_.cend() ? nullptr : &*found;
}

QString RecipeDetails::error(int index) const { return errors_.value(index); }

void RecipeDetails::ask(int index) {
  if (steps_.contains(index) || asked_.contains(index)) return;
  asked_.insert(index);
  client_.recipeStep(this, run_, index,
                     [this, run = run_, index](const std::string& json, const QString& error) {
                       if (run == run_) take(index, json, error);  // else an answer that came late
                     });
}

void RecipeDetails::take(int index, const std::string& json, const QString& error) {
  asked_.remove(index);
  errors_.remove(index);
  if (!error.isEmpty()) {
    errors_[index] = error;
  } else if (absl::StatusOr<StepDetail> detail = ReadStepDetail(json); detail.ok()) {
    steps_[index] = *std::move(detail);
  } else {
    errors_[index] = QString::fromStdString(std::string(detail.status().message()));
  }
  emit changed();
}

}  // namespace concertina::ui
