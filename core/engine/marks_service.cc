// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// marks_service.cc: the calls of the run table: marks, bin, small curves, import (see engine_service.h).
#include <algorithm>
#include <limits>

#include "core/engine/engine_service.h"
#include "core/engine/import_stream.h"
#include "core/proto/status_conversion.h"
#include "fmt/format.h"

namespace concertina {

EngineService::Reactor* EngineService::RestoreRun(Context* context, const proto::RunRequest* request,
                                                  proto::RestoreRunReply*) {
  return OnceAnswered(context, [this, request](RunTable::Done done) {
    const absl::StatusOr<std::string> id = parts_.table.ResolveInBin(request->run());
    id.ok() ? parts_.table.Restore(*id, std::move(done)) : done(id.status());
  });
}

EngineService::Reactor* EngineService::EmptyBin(Context* context, const proto::EmptyBinRequest* request,
                                                proto::EmptyBinReply* reply) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, request, reply] {
    std::vector<std::string> ids;
    for (const std::string& run : request->runs()) {
      absl::StatusOr<std::string> id = parts_.table.ResolveInBin(run);
      if (!id.ok()) return reactor->Finish(ToGrpc(id.status()));
      ids.push_back(*std::move(id));
    }
    parts_.table.EmptyBin(std::move(ids), [reactor, reply](const absl::StatusOr<int64_t>& gone) {
      if (gone.ok()) reply->set_runs(*gone);
      reactor->Finish(ToGrpc(gone.status()));
    });
  });
  return reactor;
}

EngineService::Reactor* EngineService::MarkRuns(Context* context, const proto::MarkRunsRequest* request,
                                                proto::MarkRunsReply*) {
  return OnceAnswered(context,
                      [this, request](RunTable::Done done) { parts_.table.Mark(*request, std::move(done)); });
}

EngineService::Reactor* EngineService::GetSparklines(Context* context,
                                                     const proto::SparklinesRequest* request,
                                                     proto::SparklinesReply* reply) {
  return InPool(context, [this, request, reply]() -> absl::Status {
    constexpr int kMostRuns = 256, kMostPoints = 64;
    if (request->runs_size() > kMostRuns)
      return absl::InvalidArgumentError(fmt::format("{} runs; small curves of at most {} are given at once",
                                                    request->runs_size(), kMostRuns));
    const int points = request->max_points() > 0 ? std::min(request->max_points(), kMostPoints) : kMostPoints;
    for (const std::string& run : request->runs()) {
      proto::Sparkline& put = *reply->add_sparklines();
      put.set_run(run);
      const auto series = parts_.store.ReadSeries(run, request->series(), kWholeRun, 0,
                                                  std::numeric_limits<int64_t>::max(), points);
      if (absl::IsNotFound(series.status())) continue;  // it has measured nothing yet, or is gone
      RETURN_IF_ERROR(series.status());
      for (const SeriesPoint& point : *series) put.add_values(static_cast<float>(point.mean));
    }
    return absl::OkStatus();
  });
}

grpc::ServerReadReactor<proto::ImportChunk>* EngineService::ImportRun(Context*, proto::ImportReply* reply) {
  Touch();
  return ImportStream::Open(parts_, *reply);
}

}  // namespace concertina
