// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_samples.h: plans over a small dataset of noise, in the format of MNIST.
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <string>
#include <utility>
#include <vector>

#include "core/base/rng.h"
#include "core/experiment/plan.h"
#include "nlohmann/json.hpp"

namespace concertina::plan_samples {

inline void PutBigEndian(QByteArray& bytes, quint32 value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.append(static_cast<char>(value >> shift));
}

// `count` images of 28 x 28 noise in the format of MNIST, labels 0 to 9 in turn.
inline void WriteIdx(const QString& folder, const QString& name, quint32 count) {
  Rng rng(count);
  QByteArray images, labels;
  for (const quint32 field : {0x803U, count, 28U, 28U}) PutBigEndian(images, field);
  for (const quint32 field : {0x801U, count}) PutBigEndian(labels, field);
  for (quint32 i = 0; i < count * 784; ++i) images.append(static_cast<char>(rng.Below(256)));
  for (quint32 i = 0; i < count; ++i) labels.append(static_cast<char>(i % 10));
  for (const auto& [suffix, bytes] : {std::pair("images", images), std::pair("labels", labels)}) {
    QFile file(folder + "/" + name + "_" + suffix);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
  }
}

class PlanSamples {
 protected:
  void WriteSamples() {
    WriteIdx(folder_.path(), "train", 1003);
    WriteIdx(folder_.path(), "test", 100);
  }

  Spec SpecOf(Json json) {
    if (!json.contains("dataset")) json["dataset"] = Json::object();
    json["dataset"]["kind"] = "idx";
    for (const char* part : {"train_images", "train_labels", "test_images", "test_labels"})
      if (!json["dataset"].contains(part)) json["dataset"][part] = folder_.filePath(part).toStdString();
    SpecCheck check = CheckSpec(json.dump());
    for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
    return check.spec;
  }
  Plan Good(const Json& json) {
    std::vector<Fault> faults;
    auto plan = PlanOf(SpecOf(json), "", faults);
    for (const Fault& fault : faults) qWarning("%s", fault.message.c_str());
    return plan.ok() && faults.empty() ? *plan : Plan{};
  }
  // Of the flow between two ranks, in the plan's JSON.
  static std::pair<double, double> LinkOf(const Plan& plan, int from, int to) {
    const Json json = Json::parse(plan.json);
    for (const Json& flow : json["pattern"]["flows"])
      if (flow["from"] == from && flow["to"] == to)
        return {flow["bandwidth_mbit"].get<double>(), flow["latency_ms"].get<double>()};
    return {-1, -1};
  }
  std::vector<Fault> FaultsOf(const Json& json) {
    std::vector<Fault> faults;
    const auto plan = PlanOf(SpecOf(json), "", faults);
    if (!plan.ok()) qWarning("%s", plan.status().ToString().c_str());
    return faults;
  }

  QTemporaryDir folder_;
};

}  // namespace concertina::plan_samples
