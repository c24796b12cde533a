// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// trained_table.h: the small table that tests train on, and what came of it. On the way of the data: here ->
// core/worker/step_loop.h -> here.
#pragma once

#include <QFile>
#include <QString>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/edge/safetensors.h"

namespace concertina {

// Two classes that a line separates, with some noise.
inline void WriteTable(const std::string& path) {
  Rng rng(5, "table");
  QFile file(QString::fromStdString(path));
  if (!file.open(QIODevice::WriteOnly)) return;
  file.write("a,b,c,label\n");
  for (int i = 0; i < 600; ++i) {
    const double a = rng.Normal(), b = rng.Normal(), c = rng.Normal();
    file.write(QByteArray::number(a) + "," + QByteArray::number(b) + "," + QByteArray::number(c) + "," +
               (a + 2 * b - c + 0.3 * rng.Normal() > 0 ? "yes" : "no") + "\n");
  }
}

// Of the run's file, at its end; none: there is no such file.
inline std::vector<float> ParametersOf(const QString& run_folder) {
  std::vector<float> all;
  const auto file = ReadSafetensors((run_folder + "/parameters.safetensors").toStdString());
  if (file.ok())
    for (const auto& tensor : file->tensors)
      all.insert(all.end(), tensor.values.begin(), tensor.values.end());
  return all;
}

// Which parameter is another in the two runs; "": none is, but by the order of sums. Eighty steps of sums in
// another order: each rounds at 2^-24 of a gradient of about 1, momentum 0.9 multiplies by ten.
inline QString Unlike(const std::vector<float>& got, const std::vector<float>& expected) {
  if (expected.empty() || got.size() != expected.size())
    return QStringLiteral("%1 parameters, expected %2").arg(got.size()).arg(expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    if (!(std::abs(got[i] - expected[i]) < 5e-5f))
      return QStringLiteral("%1: %2, %3").arg(i).arg(double{got[i]}).arg(double{expected[i]});
  return {};
}

}  // namespace concertina
