// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// small_model.h: a model whose answers can be told beforehand, as a file: of 1x2x2, as many classes as
// pixels, and the class is the brightest pixel. On the way of the data: here -> the tests of core/serve.
#pragma once

#include <QString>
#include <QTest>
#include <memory>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/edge/model_file.h"
#include "core/nn/layers.h"

namespace concertina {

inline Graph BrightestPixel() {
  Layers net("brightest", {1, 2, 2});
  Graph graph = *net.Classify("pixels", 4);
  for (const ValueId id : graph.parameters()) {
    const Shape& shape = graph.value(id).shape;
    std::vector<float> values(static_cast<size_t>(ElementCount(shape)), 0.0F);
    if (shape.size() == 2)  // ten times the identity
      for (size_t i = 0; i < 4; ++i) values[5 * i] = 10;
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
  }
  return graph;
}

// Writes it to `path`; "" if it could not.
inline std::string WriteBrightestPixel(const QString& path) {
  const absl::StatusOr<std::string> bytes = WriteModel(BrightestPixel(), {{"name", "brightest"}});
  const std::string file = path.toStdString();
  return bytes.ok() && WriteFileAtomically(file, *bytes).ok() ? file : "";
}

inline QString MessageOf(const absl::Status& status) {
  return QString::fromStdString(std::string(status.message()));
}

// One pixel, and so many classes: nothing is in it.
inline std::string WriteWide(const QString& path, int64_t classes) {
  Layers net("wide", {1, 1, 1});
  Graph graph = *net.Classify("pixels", classes);
  for (const ValueId id : graph.parameters())
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(
        static_cast<size_t>(ElementCount(graph.value(id).shape)), 0.0F);
  const absl::StatusOr<std::string> bytes = WriteModel(graph, {{"name", "wide"}});
  const std::string file = path.toStdString();
  return bytes.ok() && WriteFileAtomically(file, *bytes).ok() ? file : "";
}

}  // namespace concertina
