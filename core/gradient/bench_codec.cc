// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_codec.cc: how fast every gradient codec packs and unpacks here (see bench_codec.h).
// On the way of the data: beside it; `concertinactl bench codec` prints what it gives.
#include "core/gradient/bench_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <limits>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/chain.h"
#include "core/gradient/codec.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int kRounds = 7;
constexpr double kLeastSeconds = 0.002;  // a round repeats short work until it lasts this long

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Seconds of one call, best of several rounds: what a busy machine adds is not the codec's.
absl::StatusOr<double> BestSeconds(absl::FunctionRef<absl::Status()> work) {
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const double start = ThreadSeconds();
    int calls = 0;
    double seconds = 0;
    do {
      RETURN_IF_ERROR(work());
      ++calls;
      seconds = ThreadSeconds() - start;
    } while (seconds < kLeastSeconds);
    best = std::min(best, seconds / calls);
  }
  return best;
}

std::vector<float> NormalFloats(int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  Rng rng(1, "bench codec");
  for (float& value : values) value = static_cast<float>(1e-3 * rng.Normal());
  return values;
}

// After a first call of each.
absl::StatusOr<CodecSeconds> TimeCodec(Codec& codec, const std::vector<float>& gradient,
                                       std::vector<uint8_t>& payload, std::vector<float>& decoded) {
  int64_t step = 0;
  CodecSeconds seconds;
  ASSIGN_OR_RETURN(seconds.encode, BestSeconds([&] { return codec.Encode(gradient, ++step, payload); }));
  ASSIGN_OR_RETURN(seconds.decode, BestSeconds([&] { return codec.Decode(payload, decoded); }));
  return seconds;
}

// What people put one behind the other.
constexpr const char* kChains[] = {
    R"([{"kind": "top-k", "error_feedback": false}, {"kind": "fp16"}])",
    R"([{"kind": "top-k"}, {"kind": "fp16"}])",
    R"([{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "zstd"}])",
    R"([{"kind": "error-feedback"}, {"kind": "fp16"}])",
};

// `specs`: a list of elements like {"kind": "top-k"}.
absl::StatusOr<Json> BenchOne(const Json& specs, const std::vector<float>& gradient,
                              std::vector<float>& decoded) {
  std::vector<Fault> faults;
  std::vector<Params> chain;
  for (const Json& spec : specs)
    chain.push_back(Registry::Global().Check("gradient-codec", spec, "", faults));
  RETURN_IF_ERROR(FaultsToStatus(faults));
  ASSIGN_OR_RETURN(const std::unique_ptr<Codec> codec, MakeChain(chain));
  std::vector<uint8_t> payload;
  RETURN_IF_ERROR(
      codec->Encode(gradient, 0, payload));  // touches its memory, and gives the error of one step
  RETURN_IF_ERROR(codec->Decode(payload, decoded));
  double error = 0;
  double norm = 0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    const double x = gradient[i];
    error += (x - decoded[i]) * (x - decoded[i]);
    norm += x * x;
  }
  ASSIGN_OR_RETURN(const CodecSeconds seconds, TimeCodec(*codec, gradient, payload, decoded));
  const auto dense_bytes = static_cast<double>(4 * gradient.size());
  return Json{{"kind", ChainText(chain)},
              {"encode_bytes_per_second", dense_bytes / seconds.encode},
              {"decode_bytes_per_second", dense_bytes / seconds.decode},
              {"ratio", dense_bytes / static_cast<double>(payload.size())},
              {"relative_error", norm > 0 ? std::sqrt(error / norm) : 0.0}};
}

}  // namespace

absl::StatusOr<Json> BenchCodecs(int64_t elements) {
  if (elements < 1 || elements > std::numeric_limits<int32_t>::max())
    return absl::InvalidArgumentError(fmt::format("elements: found {}, expected a whole number from 1 to {}",
                                                  elements, std::numeric_limits<int32_t>::max()));
  const std::vector<float> gradient = NormalFloats(elements);
  std::vector<float> decoded(gradient.size());
  ASSIGN_OR_RETURN(const double copy_seconds, BestSeconds([&] {
                     std::memcpy(decoded.data(), gradient.data(), 4 * gradient.size());
                     return absl::OkStatus();
                   }));
  Json results = Json::array();
  for (const Descriptor* descriptor : Registry::Global().InCategory("gradient-codec")) {
    absl::StatusOr<Json> result = BenchOne(Json::array({{{"kind", descriptor->kind}}}), gradient, decoded);
    if (!result.ok()) return Annotate(result.status(), descriptor->kind);
    results.push_back(*std::move(result));
  }
  Json chains = Json::array();
  for (const char* text : kChains) {
    const Json specs = Json::parse(text);
    absl::StatusOr<Json> result = BenchOne(specs, gradient, decoded);
    if (!result.ok()) return Annotate(result.status(), text);
    (*result)["codecs"] = specs;
    chains.push_back(*std::move(result));
  }
  return Json{{"elements", elements},
              {"memcpy_bytes_per_second", static_cast<double>(4 * elements) / copy_seconds},
              {"results", std::move(results)},
              {"chains", std::move(chains)}};
}

absl::StatusOr<CodecSeconds> TimeChain(std::span<const Params> chain, int64_t floats) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Codec> codec, MakeChain(chain));
  const auto rows = static_cast<int64_t>(std::sqrt(static_cast<double>(floats)));
  const Matrix whole{.offset = 0, .rows = rows, .columns = floats / rows};
  codec->Describe({&whole, 1});
  const std::vector<float> gradient = NormalFloats(floats);
  std::vector<float> decoded(gradient.size());
  std::vector<uint8_t> payload;
  RETURN_IF_ERROR(codec->Encode(gradient, 0, payload));
  RETURN_IF_ERROR(codec->Decode(payload, decoded));
  return TimeCodec(*codec, gradient, payload, decoded);
}

}  // namespace concertina
