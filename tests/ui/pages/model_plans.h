// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_plans.h: the layers of some models as a plan tells them.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

namespace concertina::ui {

class ModelPlan {
 public:
  // Gives its number.
  int add(const QString& name, const QString& kind, const QJsonArray& inputs, int stage = 0) {
    layers_ << QJsonObject{{QStringLiteral("name"), name},
                           {QStringLiteral("kind"), kind},
                           {QStringLiteral("output"), QJsonArray{16, 28, 28}},
                           {QStringLiteral("parameters"), kind == QLatin1String("conv2d") ? 144 : 0},
                           {QStringLiteral("forward_flops"), kind == QLatin1String("conv2d") ? 2e5 : 1e3},
                           {QStringLiteral("stage"), stage},
                           {QStringLiteral("inputs"), inputs}};
    return int(layers_.size()) - 1;
  }
  QJsonObject plan() const {
    return {{QStringLiteral("layers"), layers_},
            {QStringLiteral("dataset"), QJsonObject{{QStringLiteral("sample"), QJsonArray{1, 28, 28}}}}};
  }

 private:
  QJsonArray layers_;
};

inline QJsonObject chainPlan(int layers, int stages = 1) {
  ModelPlan model;
  for (int i = 0; i < layers; ++i)
    model.add(QStringLiteral("layer%1").arg(i), QStringLiteral("conv2d"), {i - 1}, i * stages / layers);
  return model.plan();
}

// As core/nn/resnet.cc builds them: 8 layers with 1 block for each of three stages of channels, 20 with 3.
inline QJsonObject resNetPlan(int blocks) {
  ModelPlan model;
  int here = model.add(QStringLiteral("conv"), QStringLiteral("conv2d"), {-1});
  const auto then = [&](const QString& name, const char* kind) {
    here = model.add(name, QLatin1String(kind), {here});
  };
  then(QStringLiteral("norm"), "batch-norm");
  then(QStringLiteral("relu1"), "relu");
  int unnamed = 1;
  for (int stage = 1; stage <= 3; ++stage)
    for (int block = 1; block <= blocks; ++block) {
      const QString name = QStringLiteral("stage%1.block%2").arg(stage).arg(block);
      const int start = here;
      then(name + QStringLiteral(".conv1"), "conv2d");
      then(name + QStringLiteral(".norm1"), "batch-norm");
      then(QStringLiteral("relu%1").arg(++unnamed), "relu");
      then(name + QStringLiteral(".conv2"), "conv2d");
      then(name + QStringLiteral(".norm2"), "batch-norm");
      const int residual = here;
      here = start;
      if (stage > 1 && block == 1) {
        then(name + QStringLiteral(".shortcut"), "conv2d");
        then(name + QStringLiteral(".shortcut_norm"), "batch-norm");
      }
      here = model.add(QStringLiteral("add%1").arg(++unnamed), QStringLiteral("add"), {here, residual});
      then(QStringLiteral("relu%1").arg(++unnamed), "relu");
    }
  then(QStringLiteral("pool"), "global-average-pool");
  then(QStringLiteral("dense"), "dense");
  return model.plan();
}

}  // namespace concertina::ui
