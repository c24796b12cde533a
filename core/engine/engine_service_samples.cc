// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_service_samples.cc: samples of a dataset for eyes (see engine_service.h). On the way of the data:
// experiment/sample_preview.h -> here -> the Design page, `concertinactl plan --samples`.
#include <algorithm>

#include "core/base/utf8.h"
#include "core/engine/engine_service.h"
#include "core/experiment/sample_preview.h"
#include "core/proto/spec_faults.h"

namespace concertina {
namespace {

constexpr size_t kMostShownNameBytes = 200;  // of a class or a column; what is longer is cut

}  // namespace

EngineService::Reactor* EngineService::GetSamples(Context* context, const proto::GetSamplesRequest* request,
                                                  proto::GetSamplesReply* reply) {
  return InPool(context, [this, request, reply]() -> absl::Status {
    std::vector<Fault> faults;
    ASSIGN_OR_RETURN(const std::string spec, Resolved(request->spec_json(), faults));
    const SpecCheck check = CheckSpec(spec);
    faults.insert(faults.end(), check.faults.begin(), check.faults.end());
    *reply->mutable_faults() = ToMessages(faults);
    if (!faults.empty()) return absl::OkStatus();
    PreviewChoice choice;
    if (request->count() != 0) choice.count = request->count();
    if (request->has_worker()) choice.worker = std::max(0, request->worker());
    ASSIGN_OR_RETURN(const SamplePreview preview, PreviewOf(check.spec, parts_.home.datasets(), choice));
    reply->mutable_shape()->Add(preview.shape.begin(), preview.shape.end());
    reply->set_channels(static_cast<int32_t>(preview.channels));
    reply->set_height(static_cast<int32_t>(preview.height));
    reply->set_width(static_cast<int32_t>(preview.width));
    reply->set_available(preview.available);
    // Names come from files, and need not be text.
    for (const std::string& name : preview.class_names)
      reply->add_class_names(CutUtf8(name, kMostShownNameBytes));
    for (const std::string& name : preview.column_names)
      reply->add_column_names(CutUtf8(name, kMostShownNameBytes));
    for (const SamplePreview::Sample& sample : preview.samples) {
      proto::GetSamplesReply::Sample* out = reply->add_samples();
      out->set_index(sample.index);
      out->set_label(sample.label);
      out->set_pixels(sample.pixels.data(), sample.pixels.size());
      out->mutable_values()->Add(sample.values.begin(), sample.values.end());
    }
    return absl::OkStatus();
  });
}

}  // namespace concertina
