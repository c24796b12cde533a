// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_name.h: a field of the experiment file as a heading. On the way of the data:
// core/analysis/varied_fields.h gives the names, ui/client/sweep_model.h and the heat map show them.
#pragma once

#include <QString>

namespace concertina::ui {

// "Bandwidth (Mbit/s)" of "bandwidth_mbit": the unit that ends a name in the file stands in brackets.
QString fieldName(const QString& name);

}  // namespace concertina::ui
