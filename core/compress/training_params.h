// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// training_params.h: the parameters of compressors after which the model trains: how long, and how fast.
// On the way of the data: the compressors of this folder -> here -> base/descriptor.h.
#pragma once

#include "core/base/descriptor.h"

namespace concertina {

ParamSpec EpochsParam();                                  // "epochs", 1 by default
ParamSpec LearningRateFactorParam(double default_value);  // "learning_rate_factor"

}  // namespace concertina
