// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// training_params.cc: see training_params.h.
#include "core/compress/training_params.h"

namespace concertina {

ParamSpec EpochsParam() {
  return {.name = "epochs",
          .unit = "epochs",
          .default_value = 1.0,
          .minimum = 1e-6,
          .maximum = 100000,
          .doc =
              "Passes over the training samples, by the experiment's optimiser (begun anew), exchange and "
              "workers."};
}

ParamSpec LearningRateFactorParam(double default_value) {
  return {.name = "learning_rate_factor",
          .default_value = default_value,
          .minimum = 1e-6,
          .maximum = 1000,
          .doc = "Of the experiment's learning rate: a model that is nearly right needs smaller steps."};
}

}  // namespace concertina
