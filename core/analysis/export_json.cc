// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_json.cc: see export_json.h.
#include "core/analysis/export_json.h"

#include "nlohmann/json.hpp"

namespace concertina {

std::string ExportJson(const RunRecord& run) {
  using Ordered = nlohmann::ordered_json;
  Ordered summary = Ordered::object();
  for (const auto& [name, value] : run.summary) summary[name] = value;
  Ordered spec = Ordered::parse(run.spec_json, nullptr, /*allow_exceptions=*/false);
  if (spec.is_discarded()) spec = run.spec_json;
  Ordered series = Ordered::array();
  for (const SeriesRecord& record : run.series) {
    Ordered steps = Ordered::array(), seconds = Ordered::array(), values = Ordered::array();
    for (const size_t row : RowsByStep(record)) {
      steps.push_back(record.steps[row]);
      seconds.push_back(record.seconds[row]);
      values.push_back(record.values[row]);  // NaN and infinity become null when written
    }
    series.push_back({{"name", record.name},
                      {"unit", record.unit},
                      {"rank", record.rank < 0 ? Ordered(nullptr) : Ordered(record.rank)},
                      {"steps", std::move(steps)},
                      {"seconds", std::move(seconds)},
                      {"values", std::move(values)}});
  }
  Ordered events = Ordered::array();
  for (const EventRecord& event : run.events)
    events.push_back(
        {{"step", event.step}, {"seconds", event.seconds}, {"kind", event.kind}, {"message", event.message}});
  const Ordered document = {{"run", run.id},
                            {"name", run.name},
                            {"state", run.state},
                            {"error", run.error},
                            {"started_unix_ms", run.started_unix_ms},
                            {"summary", std::move(summary)},
                            {"spec", std::move(spec)},
                            {"series", std::move(series)},
                            {"events", std::move(events)}};
  return document.dump(-1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

}  // namespace concertina
