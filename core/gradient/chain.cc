// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain.cc: a list of codecs as one codec (see chain.h).
// On the way of the data: experiment/spec.h -> here -> parallel/exchange.h.
#include "core/gradient/chain.h"

#include <algorithm>
#include <cassert>

#include "core/base/registry.h"
#include "core/gradient/sparse_values.h"
#include "core/gradient/sparsifier.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr const char* kCategory = "gradient-codec";
constexpr const char* kErrorFeedback = "error_feedback";
constexpr const char* kMomentum = "momentum";
// Of what the bounds of codecs are asked. An unbiased codec of many levels may err by a little more than what
// it is given and still serve; one that scales a few elements up to stand for all may not.
constexpr int64_t kProbeFloats = 1000;
constexpr double kMostError = 2;

enum class Role { kRemembers, kSparsifier, kCodec, kLossless };

Role RoleOf(const Codec& codec) {
  if (const auto* wrapper = dynamic_cast<const Wrapper*>(&codec))
    return wrapper->place() == Wrapper::Place::kFirst ? Role::kRemembers : Role::kLossless;
  return dynamic_cast<const Sparsifier*>(&codec) != nullptr ? Role::kSparsifier : Role::kCodec;
}

// The name by which the codecs have it; a codec without the switch has no residual.
bool HasOwnFeedback(const Params& params) { return params.json().value(kErrorFeedback, false); }

Params Defaults(const char* kind) {
  std::vector<Fault> faults;
  Params params = Registry::Global().Check(kCategory, Json{{"kind", kind}}, "", faults);
  assert(faults.empty());
  return params;
}

absl::StatusOr<std::unique_ptr<Codec>> MakeOne(const Params& params) {
  return Registry::Global().Create<Codec>(kCategory, params);
}

std::string Found(const Params& params, const Params* before) {
  return before == nullptr ? fmt::format("\"{}\"", params.kind())
                           : fmt::format("\"{}\" after \"{}\"", params.kind(), before->kind());
}

// What may not follow what has been so far; "" if it may. `so_far` holds the roles before it.
std::string WhyNotAfter(Role role, const std::vector<Role>& so_far, const Params& before) {
  const auto has = [&](Role r) { return std::find(so_far.begin(), so_far.end(), r) != so_far.end(); };
  if (has(Role::kLossless))
    return fmt::format("nothing: {} packs the bytes of all, and is the last", before.kind());
  switch (role) {
    case Role::kRemembers:
      if (so_far.size() == 1 && so_far[0] == Role::kRemembers)
        return "one that remembers: what is not sent is kept once; take one of them away";
      return "it as the first: it remembers what all others lose";
    case Role::kSparsifier:
      if (has(Role::kSparsifier))
        return "one sparsifier: the places of the second would be lost; take one away";
      if (has(Role::kCodec)) return "it before the codec, which carries the values that it chooses";
      return "";
    case Role::kCodec:
      if (has(Role::kCodec))
        return "one codec of values, which what follows would have to take as numbers; a lossless stage "
               "like zstd takes bytes";
      return "";
    case Role::kLossless:
      return "";
  }
  return "";
}

}  // namespace

void CheckChain(std::span<const Params> chain, std::span<const std::string> pointers,
                std::vector<Fault>& faults) {
  std::vector<Role> roles;
  for (size_t i = 0; i < chain.size(); ++i) {
    const absl::StatusOr<std::unique_ptr<Codec>> codec = MakeOne(chain[i]);
    if (!codec.ok()) {
      faults.push_back(
          MakeFault(pointers[i], Found(chain[i], nullptr), std::string(codec.status().message())));
      return;
    }
    const Role role = RoleOf(**codec);
    if (i > 0) {
      if (const std::string why = WhyNotAfter(role, roles, chain[i - 1]); !why.empty())
        return faults.push_back(MakeFault(pointers[i], Found(chain[i], &chain[i - 1]), why));
      // What is remembered would come back larger at every step.
      const bool remembers = roles[0] == Role::kRemembers || HasOwnFeedback(chain[0]);
      if (const double bound = (*codec)->ErrorBound(kProbeFloats); remembers && bound > kMostError)
        faults.push_back(MakeFault(
            pointers[i], Found(chain[i], nullptr),
            fmt::format("a codec that loses less than it is given: the error of {} may be {:.3g} times the "
                        "square of what {} remembers and adds again",
                        chain[i].kind(), bound, chain[0].kind())));
      if ((*codec)->combines() && roles.back() == Role::kSparsifier)
        faults.push_back(MakeFault(pointers[i], Found(chain[i], &chain[i - 1]),
                                   "it without a sparsifier: all ranks take one of what each sent of an "
                                   "element, and they would send different elements"));
      // A sparsifier's is the chain's; any other would remember besides, or of values that change places.
      const bool remembered = roles[0] == Role::kRemembers;
      if (HasOwnFeedback(chain[i]) && (remembered || roles.back() == Role::kSparsifier))
        faults.push_back(MakeFault(
            pointers[i] + "/" + kErrorFeedback, "true",
            remembered
                ? fmt::format("false: {} remembers already what is not sent", chain[0].kind())
                : fmt::format("false: the values of {} change their places from step to step, and what "
                              "is lost of them waits in its error_feedback",
                              chain[i - 1].kind()),
            "false"));
    }
    roles.push_back(role);
  }
}

namespace {

absl::StatusOr<std::unique_ptr<Codec>> MakeChainAnywhere(std::span<const Params> chain) {
  if (chain.empty()) return CodecThatSendsAll();
  if (chain.size() == 1) return MakeOne(chain[0]);
  std::vector<std::string> pointers;
  for (size_t i = 0; i < chain.size(); ++i) pointers.push_back(fmt::format("/gradient/{}", i));
  std::vector<Fault> faults;
  CheckChain(chain, pointers, faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));

  std::unique_ptr<Codec> first, sparsifier, whole, last;
  const Params* sparsifier_params = nullptr;
  Params value_params = Defaults("none");
  for (const Params& params : chain) {
    ASSIGN_OR_RETURN(std::unique_ptr<Codec> codec, MakeOne(params));
    switch (RoleOf(*codec)) {
      case Role::kRemembers:
        first = std::move(codec);
        break;
      case Role::kSparsifier:
        sparsifier = std::move(codec);
        sparsifier_params = &params;
        break;
      case Role::kCodec:
        whole = std::move(codec);
        value_params = params;
        break;
      case Role::kLossless:
        last = std::move(codec);
        break;
    }
  }
  if (sparsifier != nullptr) {
    if (first == nullptr && HasOwnFeedback(*sparsifier_params)) {
      ASSIGN_OR_RETURN(first, MakeOne(Defaults("error-feedback")));
    }
    ASSIGN_OR_RETURN(whole,
                     SparseValues::Create(std::move(sparsifier), *sparsifier_params, value_params, MakeOne));
  }
  for (std::unique_ptr<Codec>* wrapper : {&last, &first}) {
    if (*wrapper == nullptr) continue;
    if (whole != nullptr) dynamic_cast<Wrapper&>(**wrapper).Wrap(std::move(whole));
    whole = std::move(*wrapper);
  }
  return whole;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Codec>> MakeChain(std::span<const Params> chain,
                                                 std::optional<ChainPlace> place) {
  ASSIGN_OR_RETURN(std::unique_ptr<Codec> whole, MakeChainAnywhere(chain));
  if (place) whole->SeedDraws(place->run_seed, place->rank);
  return whole;
}

bool IsEmptyChain(std::span<const Params> chain) {
  return std::all_of(chain.begin(), chain.end(),
                     [](const Params& params) { return params.kind() == "none"; });
}

std::optional<std::string> RememberingPointer(std::span<const Params> chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    if (HasOwnFeedback(chain[i])) return fmt::format("/gradient/{}/{}", i, kErrorFeedback);
    const absl::StatusOr<std::unique_ptr<Codec>> codec = MakeOne(chain[i]);
    if (codec.ok() && RoleOf(**codec) == Role::kRemembers) return fmt::format("/gradient/{}", i);
  }
  return std::nullopt;
}

std::optional<std::string> ForgettingPointer(std::span<const Params> chain) {
  if (RememberingPointer(chain)) return std::nullopt;
  for (size_t i = 0; i < chain.size(); ++i) {
    const Json& json = chain[i].json();
    if (json.contains(kErrorFeedback) && !json.value("unbiased", false) && !json.value("vote", false))
      return fmt::format("/gradient/{}/{}", i, kErrorFeedback);
  }
  return std::nullopt;
}

std::optional<std::string> MomentumPointer(std::span<const Params> chain) {
  for (size_t i = 0; i < chain.size(); ++i)
    if (chain[i].json().value(kMomentum, 0.0) > 0) return fmt::format("/gradient/{}/{}", i, kMomentum);
  return std::nullopt;
}

std::optional<std::string> CombiningPointer(std::span<const Params> chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    const absl::StatusOr<std::unique_ptr<Codec>> codec = MakeOne(chain[i]);
    if (codec.ok() && (*codec)->combines())
      return fmt::format("/gradient/{}{}", i, chain[i].Has("vote") ? "/vote" : "");
  }
  return std::nullopt;
}

std::string ChainText(std::span<const Params> chain) {
  std::string text;
  for (const Params& params : chain) text += (text.empty() ? "" : ", ") + params.kind();
  return text;
}

}  // namespace concertina
